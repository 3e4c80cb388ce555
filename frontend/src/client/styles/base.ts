import { css } from "lit";

/** The surface, its type, and what every control shares. */
export const base = css`
  :host {
    --ck-inset-top: env(safe-area-inset-top, 0px);
    display: block;
    position: relative;
    min-inline-size: 0;
    block-size: 100%;
    overflow: hidden;
    container: chatkit / inline-size;
    background: var(--ck-bg);
    color: var(--ck-fg);
    font: 400 var(--ck-size) / 1.5 var(--ck-sans);
    text-align: start;
    -webkit-font-smoothing: antialiased;
    -webkit-text-size-adjust: 100%;
  }
  :host([hidden]) {
    display: none;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  h2,
  h3,
  p,
  ol,
  ul {
    margin: 0;
    padding: 0;
    font: inherit;
  }
  ul,
  ol {
    list-style: none;
  }
  button,
  input,
  select,
  textarea {
    margin: 0;
    font: inherit;
    color: inherit;
    letter-spacing: inherit;
  }
  /* What is written has its own direction, and where there is nothing, its placeholder has. */
  input,
  textarea {
    unicode-bidi: plaintext;
  }
  button {
    padding: 0;
    border: 0;
    background: none;
    cursor: pointer;
    text-align: inherit;
    -webkit-tap-highlight-color: transparent;
  }
  button:disabled {
    cursor: default;
  }
  :focus-visible {
    outline: 2px solid var(--ck-focus);
    outline-offset: 2px;
  }
  ck-icon {
    display: inline-flex;
    flex: none;
    inline-size: 20px;
    block-size: 20px;
  }
  ck-icon svg {
    inline-size: 100%;
    block-size: 100%;
  }
  .sr-only {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  .icon-button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    flex: none;
    inline-size: 36px;
    block-size: 36px;
    border-radius: min(var(--ck-radius-control), 10px);
    color: var(--ck-muted);
    transition:
      background-color 0.15s,
      color 0.15s;
  }
  .icon-button:hover:not(:disabled),
  .icon-button[aria-expanded="true"] {
    background: var(--ck-hover);
    color: var(--ck-fg);
  }
  .icon-button:active:not(:disabled) {
    background: var(--ck-pressed);
  }
  .icon-button.small {
    inline-size: 32px;
    block-size: 32px;
  }
  .icon-button.small ck-icon {
    inline-size: 17px;
    block-size: 17px;
  }

  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 6px;
    min-block-size: 36px;
    padding: 6px 16px;
    border: 1px solid var(--ck-border-strong);
    border-radius: var(--ck-radius-control);
    font-size: 0.875em;
    font-weight: 500;
    line-height: 1.4;
    text-decoration: none;
    color: var(--ck-fg);
    background: transparent;
    transition: background-color 0.15s;
  }
  .button:hover:not(:disabled) {
    background: var(--ck-hover);
  }
  .button.primary {
    border-color: transparent;
    background: var(--ck-accent);
    color: var(--ck-on-accent);
  }
  .button.primary:hover:not(:disabled) {
    background: var(--ck-accent-hover);
  }
  .button.danger {
    color: var(--ck-danger);
  }
  .button ck-icon {
    inline-size: 16px;
    block-size: 16px;
  }

  @media (pointer: coarse) {
    .icon-button,
    .icon-button.small {
      inline-size: 44px;
      block-size: 44px;
    }
    .button {
      min-block-size: 44px;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation-duration: 0.001ms !important;
      animation-iteration-count: 1 !important;
      transition-duration: 0.001ms !important;
      scroll-behavior: auto !important;
    }
  }
  /* Where the system chooses the colours there are no backgrounds: lines show what is a thing, and what is chosen. */
  @media (forced-colors: active) {
    .bubble,
    .card,
    .composer,
    .send,
    .attached,
    .w-badge {
      border: 1px solid CanvasText;
    }
    .composer:focus-within {
      outline: 2px solid Highlight;
    }
    .entry.current,
    .menu-item[aria-selected="true"],
    [aria-pressed="true"] {
      outline: 2px solid Highlight;
      outline-offset: -2px;
    }
    :focus-visible {
      outline-color: Highlight;
    }
  }
`;
