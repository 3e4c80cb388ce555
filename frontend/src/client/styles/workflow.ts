import { css } from "lit";

export const workflow = css`
  .workflow-head {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    min-block-size: 32px;
    max-inline-size: 100%;
    border-radius: 8px;
    font-size: 0.9375em;
    color: var(--ck-muted);
    transition: color 0.15s;
  }
  .workflow-head:hover:not(:disabled) {
    color: var(--ck-fg);
  }
  .workflow-head ck-icon {
    inline-size: 16px;
    block-size: 16px;
    transition: transform 0.2s;
  }
  .workflow-head:dir(rtl) ck-icon {
    transform: scaleX(-1);
  }
  .workflow-head[aria-expanded="true"] ck-icon {
    transform: rotate(90deg);
  }
  .steps {
    margin-block-start: 6px;
    font-size: 0.9375em;
    animation: ck-fade 0.2s;
  }
  .step {
    position: relative;
    display: flex;
    gap: 12px;
    padding-block-end: 14px;
    color: var(--ck-muted);
  }
  .step:not(:last-child)::before {
    content: "";
    position: absolute;
    inset-block: 24px 0;
    inset-inline-start: 9px;
    border-inline-start: 1px solid var(--ck-border-strong);
  }
  .step > div {
    min-inline-size: 0;
  }
  .step-icon {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    flex: none;
    inline-size: 19px;
    block-size: 1.5em;
  }
  .step-icon ck-icon {
    inline-size: 16px;
    block-size: 16px;
  }
  .step-icon ck-icon.dot {
    inline-size: 7px;
    block-size: 7px;
  }
  .step ck-markdown {
    text-align: -webkit-match-parent;
    text-align: match-parent;
    font-size: 0.9667em;
    line-height: 1.55;
  }
  .queries {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    margin-block-start: 8px;
  }
`;
