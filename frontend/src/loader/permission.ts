import type { Texts } from "./texts";

const CSS = `
.chatplatform-permission {
  box-sizing: border-box; max-width: min(26em, calc(100vw - 32px)); padding: 20px 24px; border: 1px solid color-mix(in srgb, CanvasText 20%, Canvas); border-radius: 16px;
  background: Canvas; color: CanvasText; font: 15px/1.5 system-ui, sans-serif;
}
.chatplatform-permission::backdrop { background: rgb(0 0 0 / 0.4); }
.chatplatform-permission h2 { margin: 0 0 6px; font-size: 17px; }
.chatplatform-permission p { margin: 0 0 18px; overflow-wrap: anywhere; }
.chatplatform-permission form { display: flex; flex-wrap: wrap; gap: 8px; justify-content: flex-end; }
.chatplatform-permission button {
  min-height: 44px; padding: 0 16px; border: 1px solid color-mix(in srgb, CanvasText 35%, Canvas); border-radius: 10px;
  background: none; color: inherit; font: inherit; cursor: pointer;
}
.chatplatform-permission button[value="once"] { border-color: transparent; background: CanvasText; color: Canvas; }
.chatplatform-permission button:focus-visible { outline: 2px solid Highlight; outline-offset: 2px; }
`;

export type Permission = "once" | "always" | "denied";

let styled = false;

/** Asks the reader whether the assistant may do something on this page. Escape, and saying nothing until `signal`, is a no. */
export function askPermission(what: string, texts: Texts, signal: AbortSignal): Promise<Permission> {
  if (!styled) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    styled = true;
  }
  const dialog = document.createElement("dialog");
  dialog.className = "chatplatform-permission";
  // That of its own first words: the page may be written the other way.
  dialog.dir = "auto";
  const title = document.createElement("h2");
  title.id = "chatplatform-permission";
  title.textContent = texts.mayIt;
  const text = document.createElement("p");
  text.dir = "auto";
  text.textContent = what;
  const form = document.createElement("form");
  form.method = "dialog";
  form.append(
    ...(["denied", "once", "always"] as const).map((value) => {
      const button = document.createElement("button");
      button.value = value;
      button.textContent = texts[value];
      return button;
    }),
  );
  dialog.setAttribute("aria-labelledby", title.id);
  dialog.append(title, text, form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => dialog.close("denied"), { once: true });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "once" || dialog.returnValue === "always" ? dialog.returnValue : "denied");
    });
  });
}
