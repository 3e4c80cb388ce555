import { css } from "lit";

/** What went wrong and what the server wants to be known, above the composer. */
export const problems = css`
  .problem,
  .notice {
    display: flex;
    align-items: flex-start;
    gap: 10px;
    margin-block-end: 10px;
    padding: 12px 14px;
    border: 1px solid color-mix(in srgb, var(--ck-tone) 28%, var(--ck-bg));
    border-radius: var(--ck-radius-card);
    background: color-mix(in srgb, var(--ck-tone) 6%, var(--ck-bg));
    font-size: 0.9375em;
    line-height: 1.45;
    animation: ck-rise 0.25s;
  }
  .problem,
  .notice.danger {
    --ck-tone: var(--ck-danger);
  }
  .notice.warning {
    --ck-tone: var(--ck-warning);
  }
  .notice.info {
    --ck-tone: var(--ck-info);
  }
  .problem > ck-icon,
  .notice > ck-icon {
    margin-block-start: 1px;
    color: var(--ck-tone);
  }
  .problem-text {
    flex: 1;
    min-inline-size: 0;
  }
  /* The words have their own direction; their place is the surface's. */
  .problem-text ck-markdown {
    text-align: -webkit-match-parent;
    text-align: match-parent;
  }
  .problem-text strong {
    font-weight: 500;
  }
  .problem-text small {
    display: block;
    font-size: 0.9333em;
    color: var(--ck-muted);
  }
  .problem .button {
    margin-block: -2px;
    min-block-size: 32px;
    padding-block: 4px;
    white-space: nowrap;
  }
  @container chatkit (max-width: 480px) {
    .problem {
      flex-wrap: wrap;
    }
    .problem .problem-text {
      flex-basis: calc(100% - 90px);
    }
    .problem .button {
      order: 1;
      margin-inline-start: 30px;
    }
  }
  .problem .icon-button,
  .notice .icon-button {
    margin: -6px -6px -6px 0;
  }
`;
