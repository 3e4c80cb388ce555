import { css } from "lit";

export const dictation = css`
  ck-dictation {
    display: inline-flex;
    align-items: center;
    gap: 2px;
    min-inline-size: 36px;
  }
  .dictation {
    padding-inline: 6px;
    font-size: 0.875em;
    font-variant-numeric: tabular-nums;
    color: var(--ck-muted);
    white-space: nowrap;
  }
  .icon-button.dictate[data-phase="recording"] {
    background: color-mix(in srgb, var(--ck-danger) 14%, transparent);
    color: var(--ck-danger);
    animation: ck-listen 1.6s ease-in-out infinite;
  }
  .dictate[aria-disabled="true"] {
    cursor: default;
    opacity: 0.6;
  }
  @keyframes ck-listen {
    50% {
      box-shadow: 0 0 0 4px color-mix(in srgb, var(--ck-danger) 12%, transparent);
    }
  }
`;
