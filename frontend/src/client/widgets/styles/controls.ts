import { css, unsafeCSS } from "lit";

/** Height in pixels, size of the type in em, and space at the sides in pixels. */
const SIZES: Record<string, [number, number, number]> = {
  "3xs": [24, 0.75, 7],
  "2xs": [26, 0.75, 8],
  xs: [28, 0.8125, 9],
  sm: [30, 0.8125, 10],
  md: [34, 0.875, 12],
  lg: [38, 0.875, 14],
  xl: [42, 0.9375, 16],
  "2xl": [46, 1, 18],
  "3xl": [50, 1, 20],
};
const GUTTERS: Record<string, number> = { "2xs": 6, xs: 8, sm: 10, md: 12, lg: 14, xl: 18 };

const rules = <T>(table: Record<string, T>, rule: (name: string, value: T) => string) =>
  unsafeCSS(Object.entries(table).map(([name, value]) => rule(name, value)).join(""));

const sizes = rules(SIZES, (name, [height, type, gutter]) => `.size-${name}{--w-h:${height}px;--w-font:${type}em;--w-gutter:${gutter}px}`);
const gutters = rules(GUTTERS, (name, gutter) => `.gutter-${name}{--w-gutter:${gutter}px}`);

/** Buttons and fields. */
export const controls = css`
  :is(.w-button, .w-control) {
    --w-h: 36px;
    --w-font: 0.875em;
    --w-gutter: 14px;
  }
  .w-control {
    --w-h: 40px;
    --w-font: 0.9375em;
    --w-gutter: 12px;
    min-block-size: var(--w-h);
    padding: 2px var(--w-gutter);
    font-size: var(--w-font);
  }
  ${sizes}
  ${gutters}

  .w-button {
    --w-tone: var(--ck-fg);
    flex: none;
    max-inline-size: 100%;
    min-block-size: var(--w-h);
    padding: 3px var(--w-gutter);
    font-size: var(--w-font);
    color: var(--w-tone);
  }
  .w-button > span {
    min-inline-size: 0;
    overflow-wrap: anywhere;
    text-align: center;
  }
  .w-button.solid {
    border-color: transparent;
    background: var(--w-tone);
    color: var(--ck-bg);
  }
  .w-button.solid.primary {
    background: var(--ck-accent);
    color: var(--ck-on-accent);
  }
  .w-button.solid.secondary {
    background: var(--ck-pressed);
    color: var(--ck-fg);
  }
  .w-button.solid:hover:not(:disabled) {
    background: color-mix(in srgb, var(--w-tone) 86%, var(--ck-bg));
  }
  .w-button.solid.primary:hover:not(:disabled) {
    background: color-mix(in srgb, var(--ck-accent) 86%, var(--ck-bg));
  }
  .w-button.solid.secondary:hover:not(:disabled) {
    background: var(--ck-border-strong);
  }
  .w-button.soft {
    border-color: transparent;
    background: color-mix(in srgb, var(--w-tone) 10%, transparent);
  }
  .w-button.soft:hover:not(:disabled) {
    background: color-mix(in srgb, var(--w-tone) 17%, transparent);
  }
  .w-button.outline:not(.secondary, .primary) {
    border-color: color-mix(in srgb, var(--w-tone) 45%, transparent);
  }
  .w-button.ghost {
    border-color: transparent;
  }
  .w-button.pill {
    border-radius: 9999px;
  }
  .w-button.block {
    flex: 0 1 auto;
    inline-size: 100%;
    min-inline-size: 0;
  }
  .w-button.uniform {
    inline-size: var(--w-h);
    padding-inline: 0;
  }
  .w-button ck-icon {
    inline-size: var(--w-icon, 16px);
    block-size: var(--w-icon, 16px);
  }
  .w-button:disabled {
    opacity: 0.5;
  }
  .w-button[aria-busy="true"] {
    position: relative;
    opacity: 1;
  }
  .w-button[aria-busy="true"] > * {
    visibility: hidden;
  }
  .w-button[aria-busy="true"]:not(:has(> *)) {
    color: transparent;
  }
  .w-button[aria-busy="true"]::after {
    content: "";
    position: absolute;
    inline-size: 14px;
    block-size: 14px;
    border: 2px solid var(--w-tone);
    border-inline-end-color: transparent;
    border-radius: 50%;
    animation: w-spin 0.7s linear infinite;
  }
  .w-button.solid[aria-busy="true"]::after {
    border-color: var(--ck-bg) transparent var(--ck-bg) var(--ck-bg);
  }
  @keyframes w-spin {
    to {
      transform: rotate(1turn);
    }
  }

  .w-control.pill {
    border-radius: 9999px;
    padding-inline: max(var(--w-gutter), 14px);
  }
  .w-control.look-soft,
  .w-control.look-solid {
    border-color: transparent;
    background: color-mix(in srgb, var(--ck-fg) 7%, transparent);
  }
  .w-control.look-solid {
    background: color-mix(in srgb, var(--ck-fg) 13%, transparent);
  }
  .w-control.look-ghost {
    border-color: transparent;
    background: none;
  }
  .w-control.look-ghost:hover:not(:disabled) {
    background: var(--ck-hover);
  }
  .w-control:disabled,
  .choice:has(:disabled) {
    opacity: 0.55;
  }
  .w-control:user-invalid,
  .w-editable:user-invalid,
  .w-carrier:user-invalid + .w-control {
    border-color: var(--ck-danger);
  }
  .w-area {
    padding-block: 8px;
    line-height: 1.45;
  }
  .w-area.grows {
    field-sizing: content;
    min-block-size: calc(var(--w-rows) * 1lh + 18px);
    max-block-size: calc(var(--w-most-rows) * 1lh + 18px);
    resize: none;
  }
  .w-editable {
    inline-size: calc(100% + 16px);
    margin: -4px -8px;
    padding: 4px 8px;
    border: 1px dashed transparent;
    border-radius: var(--ck-radius-item);
    background: none;
    line-height: 1.5;
    field-sizing: content;
    min-inline-size: 8em;
    max-inline-size: calc(100% + 16px);
    resize: none;
    text-decoration: inherit;
    transition:
      background-color 0.15s,
      border-color 0.15s;
  }
  .w-editable:hover,
  .w-editable:placeholder-shown {
    border-color: var(--ck-border-strong);
  }
  .w-editable:focus-visible {
    border-style: solid;
    background: var(--ck-bg);
    outline-offset: -1px;
  }
  .w-editable::placeholder {
    color: var(--ck-muted);
    opacity: 1;
  }
  @media (pointer: coarse) {
    .w-control,
    .w-button:not(.uniform) {
      min-block-size: max(var(--w-h), 44px);
    }
    .w-button.uniform {
      inline-size: max(var(--w-h), 44px);
      min-block-size: max(var(--w-h), 44px);
    }
  }
`;
