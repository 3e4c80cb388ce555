/** What of the window's width and height is around the largest panel: the margins, and the button below it. */
export const AROUND = { width: 40, height: 112 };

/** The panel of somebody who never resized it. */
export const STANDARD = { width: 400, height: 680 };

/**
 * The launcher and the panel, in a shadow root. What `:host` says with `!important` no rule of the page outweighs, and
 * `all: initial` keeps out what would be inherited.
 */
export const CSS = `
:host {
  all: initial !important;
  color-scheme: light dark !important;
}
:host([data-place="left"]), :host([data-place="right"]) {
  position: fixed !important;
  z-index: 2147483000 !important;
  bottom: max(20px, env(safe-area-inset-bottom)) !important;
  width: 0 !important;
  height: 0 !important;
}
:host([data-place="right"]) { right: max(20px, env(safe-area-inset-right)) !important; }
:host([data-place="left"]) { left: max(20px, env(safe-area-inset-left)) !important; }
:host([data-place="inline"]) { display: block !important; width: 100% !important; height: 100% !important; min-height: 420px !important; }

* { box-sizing: border-box; }
[hidden] { display: none !important; }
.root {
  --surface: light-dark(#ffffff, #1f2120);
  --fg: light-dark(#151816, #eceeec);
  --line: light-dark(#e3e5e1, #3a3d3b);
  font: 15px/1.45 ui-sans-serif, -apple-system, BlinkMacSystemFont, "Segoe UI", Inter, Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
  color: var(--fg);
  -webkit-font-smoothing: antialiased;
}
button { font: inherit; cursor: pointer; border: 0; margin: 0; }
button:focus-visible { outline: 3px solid color-mix(in srgb, var(--accent) 55%, white); outline-offset: 2px; }

.launcher {
  position: absolute; bottom: 0; display: inline-flex; align-items: center; justify-content: center; gap: 10px;
  min-width: 56px; height: 56px; padding: 0 16px; border-radius: 28px; white-space: nowrap; font-weight: 600;
  background: var(--accent); color: var(--on-accent);
  box-shadow: 0 1px 2px rgb(0 0 0 / 16%), 0 8px 28px rgb(0 0 0 / 22%);
  transition: transform 0.15s ease, box-shadow 0.15s ease;
}
.launcher:hover { transform: translateY(-1px); box-shadow: 0 1px 2px rgb(0 0 0 / 16%), 0 12px 34px rgb(0 0 0 / 26%); }
.launcher svg { width: 24px; height: 24px; flex: none; }
.launcher .text:not(:empty) { padding-right: 4px; }
.right .launcher, .right .panel, .right .bubble { right: 0; }
.left .launcher, .left .panel, .left .bubble { left: 0; }
.when-open, .is-open .when-closed { display: none; }
.is-open .when-open { display: block; }
.is-open .text { display: none; }
.badge {
  position: absolute; top: -4px; right: -4px; min-width: 22px; height: 22px; padding: 0 6px; border-radius: 11px;
  background: #c62828; color: #fff; font-size: 13px; font-weight: 650; line-height: 22px; text-align: center;
  box-shadow: 0 0 0 2px var(--surface);
}

.bubble {
  position: absolute; bottom: 72px; width: max-content; max-width: min(300px, calc(100vw - 40px)); display: flex; align-items: flex-start;
  background: var(--surface); border: 1px solid var(--line); border-radius: 18px; box-shadow: 0 10px 36px rgb(0 0 0 / 16%);
}
.bubble-text { background: none; color: inherit; text-align: start; padding: 14px 4px 14px 18px; border-radius: 18px; overflow-wrap: anywhere; }
.icon { flex: none; display: grid; place-items: center; width: 44px; height: 44px; border-radius: 14px; background: none; color: inherit; }
.icon svg { width: 18px; height: 18px; }

.panel {
  --width: ${STANDARD.width}px;
  --height: ${STANDARD.height}px;
  position: absolute; bottom: 72px; display: flex; flex-direction: column;
  width: min(var(--width), calc(100vw - ${AROUND.width}px)); height: min(var(--height), calc(100dvh - ${AROUND.height}px));
  background: var(--surface); border: 1px solid var(--line); border-radius: 18px; box-shadow: 0 16px 60px rgb(0 0 0 / 24%);
}
.panel iframe { flex: 1; width: 100%; min-height: 0; border: 0; border-radius: inherit; display: block; }
.bar { display: none; align-items: center; justify-content: space-between; flex: none; height: 44px; padding: 0 0 0 16px; background: var(--accent); color: var(--on-accent); font-weight: 600; }
.bar span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }

.grip { position: absolute; padding: 0; background: none; touch-action: none; user-select: none; -webkit-user-select: none; }
.grip.top { top: -5px; left: 18px; right: 18px; height: 9px; cursor: ns-resize; }
.grip.side { top: 18px; bottom: 18px; width: 9px; cursor: ew-resize; }
.grip.corner { top: -9px; width: 27px; height: 27px; border-radius: 10px; color: var(--fg); cursor: nwse-resize; }
.right .grip.side { left: -5px; }
.left .grip.side { right: -5px; }
.right .grip.corner { left: -9px; }
.left .grip.corner { right: -9px; cursor: nesw-resize; }
.grip.corner::before {
  content: ""; position: absolute; inset: 13px 0 0 13px; border: solid currentColor; border-width: 2px 0 0 2px;
  border-top-left-radius: 14px; opacity: 0.55; filter: drop-shadow(0 0 1px var(--surface));
}
.left .grip.corner::before { inset: 13px 13px 0 0; border-width: 2px 2px 0 0; border-radius: 0 14px 0 0; }
.grip.corner:hover::before, .grip.corner:focus-visible::before, .is-resizing .grip.corner::before { opacity: 1; }
/* While an edge is held, the frame takes no move of the pointer for itself. */
.is-resizing iframe { pointer-events: none; }

.inline .panel { position: static; width: 100%; height: 100%; min-height: inherit; border-radius: 14px; box-shadow: none; }

@media (max-width: 480px), (max-height: 420px) {
  .left .panel, .right .panel { position: fixed; inset: 0; width: auto; height: auto; border: 0; border-radius: 0; }
  .left .bar, .right .bar { display: flex; }
  .grip { display: none; }
  .is-open .launcher { visibility: hidden; }
}
@media (prefers-reduced-motion: no-preference) {
  .left .panel, .right .panel, .bubble { animation: arrive 0.18s ease-out; }
  @keyframes arrive { from { opacity: 0; transform: translateY(8px); } }
}
@media (forced-colors: active) { .launcher, .bubble, .panel { border: 1px solid CanvasText; } }
`;
