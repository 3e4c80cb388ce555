import { css } from "lit";

export const history = css`
  ck-history {
    position: absolute;
    inset: 0;
    z-index: 10;
    visibility: hidden;
    transition: visibility 0.24s;
  }
  ck-history[open] {
    visibility: visible;
    /* At once: what is still hidden cannot take the focus. */
    transition: none;
  }
  .scrim {
    position: absolute;
    inset: 0;
    background: rgb(0 0 0 / 0.32);
    opacity: 0;
    transition: opacity 0.24s;
  }
  ck-history[open] .scrim {
    opacity: 1;
  }
  .drawer {
    --drawer-inset: env(safe-area-inset-left, 0px);
    position: absolute;
    inset-block: 0;
    inset-inline-start: 0;
    display: flex;
    flex-direction: column;
    inline-size: calc(min(320px, 88%) + var(--drawer-inset));
    padding-inline-start: var(--drawer-inset);
    background: var(--ck-bg);
    border-inline-end: 1px solid var(--ck-border);
    box-shadow: var(--ck-shadow-menu);
    transform: translateX(-102%);
    transition: transform 0.24s cubic-bezier(0.2, 0.8, 0.2, 1);
    padding-block: var(--ck-inset-top) env(safe-area-inset-bottom);
    outline: 0;
  }
  .drawer:dir(rtl) {
    --drawer-inset: env(safe-area-inset-right, 0px);
    transform: translateX(102%);
  }
  ck-history[open] .drawer {
    transform: none;
  }
  .drawer-head {
    display: flex;
    align-items: center;
    justify-content: space-between;
    padding: 8px 10px 4px 18px;
  }
  .drawer-head h2 {
    font-size: 1em;
    font-weight: 600;
  }
  .drawer-search {
    margin: 4px 8px;
    min-block-size: 40px;
    padding: 6px 12px;
    border: 1px solid var(--ck-border-strong);
    border-radius: var(--ck-radius-item);
    background: var(--ck-bg);
    font-size: 0.9375em;
  }
  .drawer-search::placeholder {
    color: var(--ck-muted);
    opacity: 1;
  }
  .drawer-list {
    flex: 1;
    overflow-y: auto;
    padding: 4px 8px 16px;
    scrollbar-width: thin;
  }
  .drawer-list h3 {
    padding: 16px 10px 6px;
    font-size: 0.75em;
    font-weight: 500;
    color: var(--ck-muted);
  }
  .drawer-new {
    display: flex;
    align-items: center;
    gap: 10px;
    inline-size: calc(100% - 16px);
    margin: 4px 8px;
    min-block-size: 40px;
    padding: 8px 10px;
    border-radius: var(--ck-radius-item);
    font-size: 0.9375em;
  }
  .drawer-new:hover {
    background: var(--ck-hover);
  }
  .drawer-new ck-icon {
    inline-size: 18px;
    block-size: 18px;
  }
  .entry {
    position: relative;
    display: flex;
    align-items: center;
    border-radius: var(--ck-radius-item);
    transition: background-color 0.12s;
  }
  .entry:hover,
  .entry:focus-within {
    background: var(--ck-hover);
  }
  .entry.current {
    background: var(--ck-pressed);
  }
  .entry-open {
    flex: 1;
    min-inline-size: 0;
    min-block-size: 40px;
    padding: 8px 10px;
    border-radius: inherit;
    overflow: hidden;
    font-size: 0.9375em;
    line-height: 1.4;
    text-overflow: ellipsis;
    white-space: nowrap;
    outline-offset: -2px;
  }
  .entry .icon-button {
    opacity: 0;
  }
  .entry:hover .icon-button,
  .entry:focus-within .icon-button,
  .entry .icon-button[aria-expanded="true"] {
    opacity: 1;
  }
  @media (hover: none) {
    .entry .icon-button {
      opacity: 1;
    }
  }
  @media (pointer: coarse) {
    .entry-open,
    .drawer-new {
      min-block-size: 44px;
    }
  }
  .entry-edit {
    display: flex;
    inline-size: 100%;
    padding: 2px;
  }
  .entry-edit input {
    flex: 1;
    min-inline-size: 0;
    min-block-size: 36px;
    padding: 4px 8px;
    border: 1px solid var(--ck-border-strong);
    border-radius: var(--ck-radius-item);
    background: var(--ck-bg);
    font-size: 0.9375em;
  }
  .entry-confirm {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px;
    inline-size: 100%;
    padding: 8px 10px;
    font-size: 0.9375em;
  }
  .entry-confirm p {
    flex: 1 1 100%;
  }
  .drawer-empty {
    padding: 40px 24px;
    text-align: center;
    font-size: 0.9375em;
    color: var(--ck-muted);
  }
`;
