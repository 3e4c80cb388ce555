import type { Translator } from "../i18n";

/** A button in place of an image: the image loads when the reader asks for it. */
export function imageGate(url: URL, alt: string, t: Translator["t"]): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "image-gate";
  const icon = document.createElement("ck-icon");
  icon.setAttribute("name", "image");
  const label = document.createElement("span");
  label.textContent = [alt, t("image.load", { host: url.hostname })].filter(Boolean).join(" · ");
  button.append(icon, label);
  button.addEventListener("click", () => {
    const image = document.createElement("img");
    image.alt = alt;
    image.referrerPolicy = "no-referrer";
    image.src = url.href;
    button.replaceWith(image);
  });
  return button;
}
