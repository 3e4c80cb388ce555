import type { Entity } from "@openai/chatkit";
import { html } from "lit";
import type { EntityActions, Ui } from "./ui";

/** What listens where an entity is shown. */
export function entityListeners(entity: Entity, actions: EntityActions) {
  const point = (event: Event) => actions.point(entity, event.currentTarget as HTMLElement, event.type === "focus" ? "at once" : "soon");
  return {
    click: (event: Event) => actions.press(entity, event.currentTarget as HTMLElement, event),
    // A finger has no pointer to rest: its press decides.
    pointerenter: (event: PointerEvent) => event.pointerType !== "touch" && point(event),
    pointerleave: () => actions.leave(),
    focus: (event: Event) => (event.currentTarget as HTMLElement).matches(":focus-visible") && point(event),
    blur: () => actions.leave(),
  };
}

/** An entity within the conversation: something to look at and to press where the page has a use for that. */
export function entityView(entity: Entity, look: "tag" | "source", body: unknown, ui: Ui) {
  if (!ui.entities || entity.interactive === false) return html`<span class=${look}>${body}</span>`;
  const on = entityListeners(entity, ui.entities);
  return html`<button
    type="button"
    class=${look}
    @click=${on.click}
    @pointerenter=${on.pointerenter}
    @pointerleave=${on.pointerleave}
    @focus=${on.focus}
    @blur=${on.blur}
    >${body}</button
  >`;
}
