/** Components to look at and to press. */
import { html, nothing } from "lit";
import { guard } from "lit/directives/guard.js";
import type { WidgetNode } from "../protocol/types";
import { asAction } from "./action";
import { blockStyles } from "./box";
import { color, SURFACE, TEXT } from "./colors";
import type { WidgetView } from "./context";
import { controlClasses } from "./field";
import { styles } from "./style";
import { classes, cssValue, text } from "./values";

const ICON_SIZES: Record<string, string> = {
  xs: "12px", sm: "14px", md: "16px", lg: "20px", xl: "24px", "2xl": "28px", "3xl": "32px",
};

export const badge: WidgetView = (node) =>
  html`<span
    class=${classes("w-badge", text(node["color"]) || "secondary", text(node["variant"]) || "soft", text(node["size"]) || "sm", node["pill"] !== false && "pill")}
    dir="auto"
  >${text(node["label"])}</span>`;

export const icon: WidgetView = (node) => {
  const size = ICON_SIZES[text(node["size"]) || "md"];
  return html`<ck-icon name=${text(node["name"])} ${styles({ color: color(node["color"], TEXT), width: size, height: size })}></ck-icon>`;
};

export const image: WidgetView = (node, { ui }) => {
  const address = text(node["src"]);
  const url = URL.canParse(address, document.baseURI) ? new URL(address, document.baseURI) : null;
  if (!url || !/^(?:https?|data):$/.test(url.protocol)) return nothing;
  const alt = text(node["alt"]);
  // Made once: it turns into its image where it stands.
  if (!ui.policy.isImageAllowed(url)) return html`${guard([url.href, alt], () => ui.policy.imageGate(url, alt))}`;
  return html`<img
    class=${classes("w-image", node["frame"] === true && "frame", node["flush"] === true && "flush")}
    src=${url.href}
    alt=${alt}
    loading="lazy"
    referrerpolicy="no-referrer"
    ${styles({
      ...blockStyles(node),
      background: color(node["background"], SURFACE),
      "object-fit": cssValue(node["fit"]),
      "object-position": cssValue(node["position"]),
    })}
  />`;
};

/** `style` is short for a colour and a variant; either, where it is given, has its way. */
function look(node: WidgetNode) {
  const preset = text(node["style"]) || "secondary";
  return {
    tone: text(node["color"]) || preset,
    variant: text(node["variant"]) || (preset === "primary" || text(node["color"]) === "primary" ? "solid" : "outline"),
  };
}

export const button: WidgetView = (node, context) => {
  const action = asAction(node["onClickAction"]);
  const submits = node["submit"] === true;
  const label = text(node["label"]);
  const { tone, variant } = look(node);
  const busy = context.isBusy(node);
  const onClick = (event: Event) => {
    const element = event.currentTarget as HTMLElement;
    if (action && !submits) void context.run({ action, part: node, element, auto: "self" });
  };
  const size = styles({ "--w-icon": ICON_SIZES[text(node["iconSize"])] });
  const named = (name: unknown) => (text(name) ? html`<ck-icon name=${text(name)}></ck-icon>` : nothing);
  return html`<button
    type=${submits ? "submit" : "button"}
    class=${classes(controlClasses("button w-button", { ...node, variant: "" }), variant, tone, node["uniform"] === true && "uniform")}
    ?disabled=${node["disabled"] === true || busy}
    aria-busy=${busy}
    aria-label=${label ? nothing : text(node["iconStart"]) || text(node["iconEnd"]) || nothing}
    ${size}
    @click=${onClick}
  >${named(node["iconStart"])}${label ? html`<span dir="auto">${label}</span>` : nothing}${named(node["iconEnd"])}</button>`;
};
