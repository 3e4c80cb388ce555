import { css } from "lit";

/** Fields whose value is picked from what opens beside them. */
export const pickers = css`
  .w-picker {
    position: relative;
    display: inline-flex;
    align-items: center;
    max-inline-size: 100%;
    min-inline-size: min(180px, 100%);
  }
  .w-picker.block,
  :is(.w-card-body, .w-form:not(.row), form) > :is(ck-select, ck-date) > .w-picker {
    display: flex;
  }
  ck-select,
  ck-date {
    display: contents;
  }
  .w-carrier {
    position: absolute;
    inset-block-end: 0;
    inset-inline-start: 50%;
    inline-size: 1px;
    block-size: 1px;
    padding: 0;
    border: 0;
    opacity: 0;
    pointer-events: none;
  }
  .w-trigger {
    display: flex;
    align-items: center;
    gap: 10px;
    cursor: pointer;
  }
  .w-trigger ck-icon {
    inline-size: 16px;
    block-size: 16px;
    margin-inline-start: auto;
    color: var(--ck-muted);
  }
  .w-picker.clears .w-trigger {
    padding-inline-end: 38px;
  }
  .w-picker.clears .w-trigger ck-icon {
    display: none;
  }
  .w-value {
    min-inline-size: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .w-trigger.empty .w-value {
    color: var(--ck-muted);
  }
  .w-clear {
    position: absolute;
    inset-inline-end: 4px;
    inline-size: 28px;
    block-size: 28px;
  }
  .w-popup {
    min-inline-size: min(max(var(--w-anchor, 0px), 200px), calc(100vw - 16px));
    max-inline-size: min(360px, calc(100vw - 16px));
    overflow: hidden;
  }
  .w-popup:popover-open {
    display: flex;
    flex-direction: column;
    gap: 4px;
  }
  .w-search {
    inline-size: 100%;
    min-block-size: 36px;
    padding: 4px 10px;
    border: 1px solid var(--ck-border);
    border-radius: var(--ck-radius-item);
    background: var(--ck-bg);
    font-size: 0.9375em;
  }
  .w-search:focus-visible,
  .w-options:focus-visible {
    outline-offset: -1px;
  }
  .w-search::placeholder {
    color: var(--ck-muted);
    opacity: 1;
  }
  .w-options {
    max-block-size: min(300px, 40vh);
    overflow-y: auto;
    border-radius: var(--ck-radius-item);
  }
  .w-option {
    cursor: pointer;
  }
  .w-option.active:not([aria-disabled]) {
    background: var(--ck-hover);
  }
  .w-none {
    padding: 10px 12px;
    font-size: 0.875em;
    color: var(--ck-muted);
  }

  calendar-date {
    display: block;
    inline-size: fit-content;
    margin-inline: auto;
    padding: 8px;
    --color-accent: var(--ck-accent);
    --color-text-on-accent: var(--ck-on-accent);
    font-size: 0.9375em;
  }
  calendar-date::part(header) {
    align-items: center;
    margin-block-end: 6px;
  }
  calendar-date::part(heading) {
    font-weight: 600;
  }
  calendar-date::part(button) {
    inline-size: 36px;
    block-size: 36px;
    display: grid;
    place-items: center;
    padding: 0;
    border: 0;
    border-radius: var(--ck-radius-item);
    background: none;
    color: var(--ck-fg);
  }
  calendar-date::part(button):hover {
    background: var(--ck-hover);
  }
  calendar-date ck-icon {
    inline-size: 18px;
    block-size: 18px;
  }
  calendar-month {
    --color-accent: var(--ck-accent);
    --color-text-on-accent: var(--ck-on-accent);
  }
  calendar-month::part(heading) {
    display: none;
  }
  calendar-month::part(th) {
    block-size: 32px;
    font-size: 0.8125em;
    font-weight: 500;
    color: var(--ck-muted);
  }
  calendar-month::part(button) {
    inline-size: 38px;
    block-size: 38px;
    border-radius: var(--ck-radius-item);
    font-variant-numeric: tabular-nums;
  }
  calendar-month::part(today) {
    box-shadow: inset 0 0 0 1px var(--ck-border-strong);
  }
  @media (pointer: coarse) {
    .w-search {
      min-block-size: 44px;
    }
    calendar-month::part(button) {
      inline-size: 42px;
      block-size: 42px;
    }
  }
`;
