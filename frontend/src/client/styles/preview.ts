import { css } from "lit";

export const preview = css`
  .preview {
    position: fixed;
    inset: auto;
    margin: 0;
    inline-size: max-content;
    max-inline-size: min(340px, calc(100vw - 16px));
    max-block-size: min(420px, 60vh);
    padding: 0;
    border: 1px solid var(--ck-border);
    border-radius: var(--ck-radius-menu);
    overflow: auto;
    background: var(--ck-raised);
    color: var(--ck-fg);
    box-shadow: var(--ck-shadow-menu);
    font: 400 calc(var(--ck-size) * 0.9375) / 1.4 var(--ck-sans);
  }
  .preview:popover-open {
    animation: ck-fade 0.12s;
  }
`;
