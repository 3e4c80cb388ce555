import type { Texts } from "./texts";

const CSS = `
.chatplatform-skeleton, .chatplatform-failure {
  height: 100%; box-sizing: border-box; padding: 24px; display: flex; flex-direction: column; align-items: center;
  justify-content: center; gap: 20px; text-align: center; font-size: 15px; line-height: 1.5;
}
.chatplatform-skeleton i {
  display: block; border-radius: 12px; background: color-mix(in srgb, currentColor 7%, transparent);
  animation: chatplatform-breathe 1.6s ease-in-out infinite alternate;
}
.chatplatform-skeleton i:nth-child(1) { width: min(300px, 70%); height: 30px; }
.chatplatform-skeleton i:nth-child(2) { width: min(720px, 100%); height: 104px; border-radius: 18px; }
.chatplatform-skeleton i:nth-child(3) { width: min(420px, 80%); height: 36px; border-radius: 18px; }
.chatplatform-skeleton p { margin: 0; min-height: 3em; max-width: 28em; opacity: 0.75; text-wrap: balance; }
.chatplatform-failure { flex: 1; gap: 6px; }
.chatplatform-failure p { margin: 0; }
.chatplatform-failure p:first-child { font-size: 18px; font-weight: 600; }
.chatplatform-failure button {
  margin-top: 14px; min-height: 44px; padding: 0 20px; border: 1px solid currentColor; border-radius: 10px;
  background: none; color: inherit; font: inherit; cursor: pointer;
}
@keyframes chatplatform-breathe { from { opacity: 1 } to { opacity: 0.55 } }
@media (prefers-reduced-motion: reduce) { .chatplatform-skeleton i { animation: none } }
`;

/** What stands in the chat's place until it is there, or when it cannot come. */
export class Placeholder {
  private readonly skeleton = document.createElement("div");
  private readonly status = document.createElement("p");

  constructor(
    private readonly element: HTMLElement,
    private readonly texts: Texts,
  ) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    this.skeleton.className = "chatplatform-skeleton";
    this.skeleton.append(...[1, 2, 3].map(() => document.createElement("i")), this.status);
    this.status.dir = "auto";
    this.status.setAttribute("role", "status");
  }

  /** Inside the element: a client that draws into a shadow root covers it by itself. */
  showSkeleton(): void {
    this.element.setAttribute("aria-busy", "true");
    this.element.replaceChildren(this.skeleton);
  }

  say(text: string): void {
    this.status.textContent = text;
  }

  clear(): void {
    this.element.removeAttribute("aria-busy");
    this.skeleton.remove();
  }

  /** A message in place of `element`, which may be another one by now. */
  showFailure(element: HTMLElement, retry: () => void): void {
    const failure = document.createElement("div");
    failure.className = "chatplatform-failure";
    failure.setAttribute("role", "alert");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = this.texts.retry;
    button.addEventListener("click", retry);
    failure.append(paragraph(this.texts.failed), paragraph(this.texts.failedHelp), button);
    element.replaceWith(failure);
  }
}

function paragraph(text: string): HTMLParagraphElement {
  const element = document.createElement("p");
  element.dir = "auto";
  element.textContent = text;
  return element;
}
