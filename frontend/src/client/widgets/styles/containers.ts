import { css } from "lit";

/** Cards, lists, boxes, and the table. */
export const containers = css`
  ck-widget {
    display: block;
    min-inline-size: 0;
  }
  /* What a widget draws stays within it: none can lie over what belongs to the chat. */
  .widget {
    overflow: clip;
    overflow-clip-margin: 8px;
    transition: opacity 0.2s;
  }
  .widget[inert] {
    opacity: 0.55;
  }
  .w-still {
    margin: 0;
    padding: 0;
    border: 0;
    min-inline-size: 0;
  }
  .w-card {
    --w-pad: 20px;
    display: flex;
    flex-direction: column;
    gap: 16px;
    inline-size: 100%;
    max-inline-size: 420px;
    padding: var(--w-pad);
    border: 1px solid var(--ck-border);
    border-radius: var(--ck-radius-card);
    background: var(--ck-raised);
    box-shadow: 0 1px 3px rgb(0 0 0 / 0.04);
    overflow: hidden;
  }
  .w-card.sm {
    --w-pad: 16px;
    max-inline-size: 340px;
  }
  .w-card.lg {
    --w-pad: 24px;
    max-inline-size: 560px;
  }
  .w-card.full {
    max-inline-size: none;
  }
  .w-card-body {
    display: flex;
    flex-direction: column;
    gap: 12px;
    min-inline-size: 0;
  }
  .w-card-body > * {
    min-inline-size: 0;
  }
  .w-footer {
    display: flex;
    flex-wrap: wrap;
    justify-content: flex-end;
    gap: 8px;
  }
  .w-status {
    display: flex;
    align-items: center;
    gap: 8px;
    min-inline-size: 0;
    font-size: 0.8125em;
    color: var(--ck-muted);
  }
  .w-status > span,
  .w-disclosure > span {
    min-inline-size: 0;
    overflow-wrap: anywhere;
  }
  .w-status ck-icon,
  .w-disclosure ck-icon {
    inline-size: 16px;
    block-size: 16px;
  }
  .w-favicon {
    flex: none;
    inline-size: 16px;
    block-size: 16px;
    border-radius: 3px;
    object-fit: contain;
  }
  .w-favicon.frame {
    inline-size: 22px;
    block-size: 22px;
    padding: 3px;
    border: 1px solid var(--ck-border);
    border-radius: 6px;
    background: #fff;
  }
  .w-disclosure {
    display: flex;
    align-items: center;
    gap: 8px;
    margin: -6px;
    padding: 6px;
    border-radius: var(--ck-radius-item);
    font-size: 0.9375em;
    font-weight: 500;
    outline-offset: -2px;
  }
  .w-disclosure:hover {
    background: var(--ck-hover);
  }
  .w-chevron {
    margin-inline-start: auto;
    color: var(--ck-muted);
    transition: transform 0.2s;
  }
  [aria-expanded="true"] > .w-chevron {
    transform: rotate(180deg);
  }
  .w-list {
    max-inline-size: 520px;
    padding: 6px;
    border: 1px solid var(--ck-border);
    border-radius: var(--ck-radius-card);
    background: var(--ck-raised);
    overflow: hidden;
  }
  .w-list > .w-status {
    padding: 8px 12px;
  }
  .w-item {
    min-inline-size: 0;
  }
  .w-item + .w-item {
    border-block-start: 1px solid var(--ck-border);
  }
  .w-item > .w-box,
  .w-item-button {
    inline-size: 100%;
    padding: 10px 12px;
  }
  .w-item-button {
    border-radius: var(--ck-radius-item);
    transition: background-color 0.15s;
    outline-offset: -2px;
  }
  .w-item-button > .w-box {
    inline-size: 100%;
  }
  .w-item-button:hover:not(:disabled) {
    background: var(--ck-hover);
  }
  .w-item-button[aria-busy="true"] {
    opacity: 0.55;
  }
  .w-more {
    inline-size: 100%;
    padding: 10px 12px;
    border-radius: var(--ck-radius-item);
    font-size: 0.875em;
    font-weight: 500;
    text-align: center;
    color: var(--ck-muted);
    outline-offset: -2px;
  }
  .w-more:hover {
    background: var(--ck-hover);
    color: var(--ck-fg);
  }
  .w-count {
    margin-inline-start: 2px;
    padding: 1px 7px;
    border-radius: 9999px;
    background: var(--ck-hover);
    font-size: 0.9em;
  }
  .w-box {
    display: flex;
    flex-direction: column;
    min-inline-size: 0;
    max-inline-size: 100%;
  }
  .w-box.row {
    flex-direction: row;
    align-items: center;
  }
  .w-box > * {
    min-inline-size: 0;
  }
  .w-basic {
    gap: 12px;
  }
  .w-form {
    gap: 12px;
  }
  .w-spacer {
    flex: 1;
  }
  .w-divider {
    align-self: stretch;
    inline-size: auto;
    margin: 0;
    border: 0;
    border-block-start: 1px solid var(--ck-border);
  }
  .w-divider.flush {
    margin-inline: calc(-1 * var(--w-pad, 0px));
  }
  .w-transition {
    animation: w-appear 0.35s cubic-bezier(0.2, 0.8, 0.2, 1);
  }
  @keyframes w-appear {
    from {
      opacity: 0;
      transform: translateY(6px);
    }
  }

  .w-table {
    margin: 0;
  }
  .w-table table {
    inline-size: 100%;
    border-collapse: collapse;
    font-size: 0.9375em;
  }
  .w-table :is(th, td) {
    padding: 8px;
    border-block-end: 1px solid var(--ck-border);
    text-align: start;
    vertical-align: middle;
    font-weight: inherit;
  }
  /* Words that may break anywhere would leave a column no width of its own. */
  .w-cell * {
    overflow-wrap: break-word;
  }
  .w-table tbody tr:last-child > * {
    border-block-end: 0;
  }
  .w-table tr > :first-child {
    padding-inline-start: 0;
  }
  .w-table tr > :last-child {
    padding-inline-end: 0;
  }
  .w-table tr.heads > th,
  .w-table thead th {
    border-block-end-color: var(--ck-border-strong);
    font-size: 0.875em;
    font-weight: 500;
    color: var(--ck-muted);
  }
  .w-cell.center > .w-box {
    align-items: center;
    text-align: center;
  }
  .w-cell.end > .w-box {
    align-items: flex-end;
    text-align: end;
  }
  .w-cell.col-xs {
    inline-size: 48px;
  }
  .w-cell.col-sm {
    inline-size: 80px;
  }
  .w-cell.col-md {
    inline-size: 120px;
  }
  .w-cell.col-lg {
    inline-size: 180px;
  }
  .w-cell.col-xl {
    inline-size: 260px;
  }
  @media (prefers-reduced-motion: reduce) {
    .w-transition {
      animation: none;
    }
  }
`;
