import { css } from "lit";

/** Fields, as questions and widgets use them. */
export const forms = css`
  .input {
    inline-size: 100%;
    min-block-size: 40px;
    padding: 8px 12px;
    border: 1px solid var(--ck-border-strong);
    border-radius: var(--ck-radius-item);
    background: var(--ck-bg);
    font-size: 0.9375em;
    line-height: 1.4;
    transition: border-color 0.15s;
  }
  .input::placeholder {
    color: var(--ck-muted);
    opacity: 1;
  }
  .input:focus-visible {
    outline-offset: -1px;
  }
  .input.soft {
    border-color: transparent;
    background: var(--ck-subtle);
  }
  .input.pill {
    border-radius: 9999px;
    padding-inline: 16px;
  }
  textarea.input {
    resize: vertical;
  }
  .select {
    position: relative;
    display: inline-flex;
    align-items: center;
    max-inline-size: 100%;
  }
  .select.block,
  .w-card-body > .select,
  form > .select {
    display: flex;
  }
  .select select {
    appearance: none;
    padding-inline-end: 36px;
  }
  .select ck-icon {
    position: absolute;
    inset-inline-end: 12px;
    inline-size: 16px;
    block-size: 16px;
    color: var(--ck-muted);
    pointer-events: none;
  }
  .choices {
    display: flex;
    flex-direction: column;
    gap: 4px;
  }
  .choices.row {
    flex-flow: row wrap;
    gap: 4px 18px;
  }
  .choice {
    display: inline-flex;
    align-items: center;
    gap: 10px;
    min-block-size: 28px;
    font-size: 0.9375em;
    cursor: pointer;
  }
  .choice input {
    flex: none;
    inline-size: 18px;
    block-size: 18px;
    accent-color: var(--ck-accent);
  }
  @media (pointer: coarse) {
    .choice {
      min-block-size: 44px;
    }
  }
`;
