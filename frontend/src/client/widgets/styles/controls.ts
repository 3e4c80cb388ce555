import { css } from "lit";

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
  .size-3xs {
    --w-h: 24px;
    --w-font: 0.75em;
    --w-gutter: 7px;
  }
  .size-2xs {
    --w-h: 26px;
    --w-font: 0.75em;
    --w-gutter: 8px;
  }
  .size-xs {
    --w-h: 28px;
    --w-font: 0.8125em;
    --w-gutter: 9px;
  }
  .size-sm {
    --w-h: 30px;
    --w-font: 0.8125em;
    --w-gutter: 10px;
  }
  .size-md {
    --w-h: 34px;
    --w-font: 0.875em;
    --w-gutter: 12px;
  }
  .size-lg {
    --w-h: 38px;
    --w-font: 0.875em;
    --w-gutter: 14px;
  }
  .size-xl {
    --w-h: 42px;
    --w-font: 0.9375em;
    --w-gutter: 16px;
  }
  .size-2xl {
    --w-h: 46px;
    --w-font: 1em;
    --w-gutter: 18px;
  }
  .size-3xl {
    --w-h: 50px;
    --w-font: 1em;
    --w-gutter: 20px;
  }
  .gutter-2xs {
    --w-gutter: 6px;
  }
  .gutter-xs {
    --w-gutter: 8px;
  }
  .gutter-sm {
    --w-gutter: 10px;
  }
  .gutter-md {
    --w-gutter: 12px;
  }
  .gutter-lg {
    --w-gutter: 14px;
  }
  .gutter-xl {
    --w-gutter: 18px;
  }

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
  .w-button.secondary {
    --w-tone: var(--ck-fg);
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
