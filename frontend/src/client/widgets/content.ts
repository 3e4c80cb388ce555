import { html, nothing } from "lit";
import type { WidgetNode } from "../protocol/types";
import { asAction } from "./action";
import type { WidgetView } from "./context";
import { styles } from "./style";
import { blockStyles, color, cssValue, length, text } from "./values";

const WEIGHTS: Record<string, string> = { normal: "400", medium: "500", semibold: "600", bold: "700" };

const TEXT_SIZES: Record<string, string> = { xs: "0.75em", sm: "0.875em", md: "1em", lg: "1.125em", xl: "1.25em" };
const TITLE_SIZES: Record<string, string> = {
  sm: "1em", md: "1.125em", lg: "1.25em", xl: "1.5em", "2xl": "1.75em", "3xl": "2em", "4xl": "2.5em", "5xl": "3em",
};
const CAPTION_SIZES: Record<string, string> = { sm: "0.75em", md: "0.8125em", lg: "0.875em" };
const ICON_SIZES: Record<string, string> = {
  xs: "12px", sm: "14px", md: "16px", lg: "20px", xl: "24px", "2xl": "28px", "3xl": "32px",
};

function textStyles(node: WidgetNode, sizes: Record<string, string>) {
  const lines = Number(node["maxLines"]) || 0;
  return {
    color: color(node["color"]),
    "font-weight": WEIGHTS[text(node["weight"])],
    "font-size": sizes[text(node["size"])],
    "font-style": node["italic"] ? "italic" : undefined,
    "text-decoration": node["lineThrough"] ? "line-through" : undefined,
    "text-align": cssValue(node["textAlign"]),
    width: length(node["width"]),
    "-webkit-line-clamp": lines ? String(lines) : undefined,
    "min-height": Number(node["minLines"]) ? `${Number(node["minLines"]) * 1.5}em` : undefined,
  };
}

const clamp = (node: WidgetNode) => (node["truncate"] ? "truncate" : Number(node["maxLines"]) ? "clamp" : "");

export const title: WidgetView = (node) =>
  html`<div class="w-title ${clamp(node)}" role="heading" aria-level="3" dir="auto" ${styles(textStyles(node, TITLE_SIZES))}>${text(node["value"])}</div>`;

export const caption: WidgetView = (node) =>
  html`<div class="w-caption ${clamp(node)}" dir="auto" ${styles(textStyles(node, CAPTION_SIZES))}>${text(node["value"])}</div>`;

export const plainText: WidgetView = (node) => {
  const editable = node["editable"] as Record<string, unknown> | false | undefined;
  if (editable) {
    return html`<input
      class="input"
      name=${text(editable["name"])}
      .defaultValue=${text(node["value"])}
      placeholder=${text(editable["placeholder"])}
      aria-label=${text(editable["placeholder"]) || text(editable["name"])}
      pattern=${text(editable["pattern"]) || nothing}
      ?required=${editable["required"] === true}
    />`;
  }
  return html`<div class="w-text ${clamp(node)}" dir="auto" ${styles(textStyles(node, TEXT_SIZES))}>${text(node["value"])}</div>`;
};

export const markdown: WidgetView = (node, { ui }) =>
  html`<ck-markdown dir="auto" .ui=${ui} .text=${text(node["value"])} .streaming=${node["streaming"] === true}></ck-markdown>`;

export const badge: WidgetView = (node) =>
  html`<span class="w-badge ${text(node["color"]) || "secondary"} ${text(node["variant"]) || "soft"} ${text(node["size"]) || "sm"} ${node["pill"] === false ? "" : "pill"}">${text(node["label"])}</span>`;

export const icon: WidgetView = (node) => {
  const size = ICON_SIZES[text(node["size"]) || "md"];
  return html`<ck-icon name=${text(node["name"])} ${styles({ color: color(node["color"]), width: size, height: size })}></ck-icon>`;
};

export const image: WidgetView = (node, { ui }) => {
  let url: URL;
  try {
    url = new URL(text(node["src"]), document.baseURI);
  } catch {
    return nothing;
  }
  if (!/^(?:https?|data):$/.test(url.protocol)) return nothing;
  const alt = text(node["alt"]);
  if (!ui.policy.isImageAllowed(url)) return html`${ui.policy.imageGate(url, alt)}`;
  return html`<img
    class="w-image ${node["frame"] ? "frame" : ""} ${node["flush"] ? "flush" : ""}"
    src=${url.href}
    alt=${alt}
    loading="lazy"
    referrerpolicy="no-referrer"
    ${styles({
      ...blockStyles(node),
      "object-fit": cssValue(node["fit"]),
      "object-position": cssValue(node["position"]),
    })}
  />`;
};

export const button: WidgetView = (node, context) => {
  const action = asAction(node["onClickAction"]);
  const submit = node["submit"] === true;
  const label = text(node["label"]);
  const tone = text(node["color"]);
  const style = text(node["style"]);
  const variant = text(node["variant"]) || (style === "primary" || tone === "primary" ? "solid" : "outline");
  const busy = context.pending === node;
  const onClick = (event: Event) => {
    if (action && !submit) context.run(node, action, event.currentTarget as HTMLElement);
  };
  return html`<button
    type=${submit ? "submit" : "button"}
    class="button w-button ${variant} ${tone} ${text(node["size"])} ${node["block"] ? "block" : ""} ${node["uniform"] ? "uniform" : ""}"
    ?disabled=${node["disabled"] === true || busy}
    aria-busy=${busy}
    aria-label=${label ? nothing : text(node["iconStart"]) || text(node["iconEnd"])}
    @click=${onClick}
  >
    ${node["iconStart"] ? html`<ck-icon name=${text(node["iconStart"])}></ck-icon>` : nothing}
    ${label ? html`<span>${label}</span>` : nothing}
    ${node["iconEnd"] ? html`<ck-icon name=${text(node["iconEnd"])}></ck-icon>` : nothing}
  </button>`;
};
