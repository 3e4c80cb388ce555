import { css } from "lit";

export const composer = css`
  .composer {
    position: relative;
    display: grid;
    grid-template: auto auto / minmax(0, 1fr) auto;
    padding: 10px;
    border: 1px solid var(--ck-border);
    border-radius: var(--ck-radius-composer);
    background: var(--ck-raised);
    box-shadow: var(--ck-shadow);
    cursor: text;
    transition: border-color 0.15s;
  }
  .composer:focus-within {
    border-color: var(--ck-border-strong);
  }
  .composer[data-target] {
    border-color: var(--ck-link-color);
    background: color-mix(in srgb, var(--ck-link-color) 8%, var(--ck-raised));
    outline: 2px solid var(--ck-link-color);
    outline-offset: -2px;
  }
  .composer textarea {
    grid-column: 1;
    min-block-size: 36px;
    max-block-size: min(40vh, 300px);
    padding: 6px 8px 6px 12px;
    border: 0;
    outline: 0;
    background: none;
    line-height: 1.5;
    resize: none;
    overflow-y: auto;
    scrollbar-width: thin;
  }
  .composer textarea::placeholder {
    color: var(--ck-muted);
    opacity: 1;
  }
  .composer-bar {
    display: flex;
    align-items: center;
    gap: 6px;
    align-self: end;
    min-inline-size: 0;
  }
  .composer[data-bar] textarea {
    grid-column: 1 / -1;
    padding-inline: 12px;
  }
  .composer[data-bar] .composer-bar {
    grid-column: 1 / -1;
    margin-block-start: 6px;
  }
  .composer-space {
    flex: 1;
  }
  .composer .icon-button {
    border-radius: var(--ck-radius-control);
  }
  .send {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    flex: none;
    inline-size: 36px;
    block-size: 36px;
    border-radius: var(--ck-radius-control);
    background: var(--ck-accent);
    color: var(--ck-on-accent);
    transition:
      background-color 0.15s,
      color 0.15s,
      transform 0.15s;
  }
  .send:hover:not(:disabled) {
    background: var(--ck-accent-hover);
  }
  .send:active:not(:disabled) {
    transform: scale(0.94);
  }
  .send:disabled {
    background: var(--ck-pressed);
    color: var(--ck-muted);
  }
  .send.stop ck-icon {
    inline-size: 15px;
    block-size: 15px;
  }
  .tool-chip,
  .model-button {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    min-inline-size: 0;
    min-block-size: 36px;
    padding-inline: 10px 12px;
    border-radius: var(--ck-radius-control);
    font-size: 0.875em;
    font-weight: 500;
    color: var(--ck-muted);
    white-space: nowrap;
    transition:
      background-color 0.15s,
      color 0.15s;
  }
  .tool-chip span,
  .model-button span {
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .tool-chip:hover,
  .model-button:hover,
  .model-button[aria-expanded="true"] {
    background: var(--ck-hover);
    color: var(--ck-fg);
  }
  .tool-chip[aria-pressed="true"] {
    background: color-mix(in srgb, var(--ck-link-color) 13%, transparent);
    color: var(--ck-link-color);
  }
  .tool-chip ck-icon,
  .model-button ck-icon {
    inline-size: 16px;
    block-size: 16px;
  }
  .model-button ck-icon {
    inline-size: 14px;
    block-size: 14px;
  }
  .composer-attached {
    grid-column: 1 / -1;
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    padding: 2px 4px 8px;
  }
  .attached {
    display: inline-flex;
    align-items: center;
    gap: 8px;
    max-inline-size: 100%;
    padding: 4px 4px 4px 12px;
    border-radius: 14px;
    background: var(--ck-hover);
    font-size: 0.875em;
  }
  .attached > span {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .attached.failed {
    color: var(--ck-danger);
  }
  .attached.failed > span {
    white-space: normal;
  }
  .composer-note {
    display: flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    padding: 14px;
    border-radius: var(--ck-radius-card);
    background: var(--ck-subtle);
    font-size: 0.875em;
    color: var(--ck-muted);
  }
  .composer-note ck-icon {
    inline-size: 16px;
    block-size: 16px;
  }

  .menu {
    position: fixed;
    inset: auto;
    margin: 0;
    min-inline-size: 200px;
    max-inline-size: min(340px, calc(100vw - 16px));
    max-block-size: min(420px, 70vh);
    padding: 6px;
    border: 1px solid var(--ck-border);
    border-radius: var(--ck-radius-menu);
    overflow: auto;
    background: var(--ck-raised);
    color: var(--ck-fg);
    box-shadow: var(--ck-shadow-menu);
    font: 400 calc(var(--ck-size) * 0.9375) / 1.4 var(--ck-sans);
  }
  .menu:popover-open {
    animation: ck-fade 0.12s;
  }
  .menu-item {
    display: flex;
    align-items: center;
    gap: 10px;
    inline-size: 100%;
    min-block-size: 40px;
    padding: 8px 10px;
    border-radius: var(--ck-radius-item);
    outline-offset: -2px;
  }
  .menu-item:hover:not([aria-disabled="true"]),
  .menu-item:focus-visible,
  .menu-item[aria-selected="true"] {
    background: var(--ck-hover);
  }
  .menu-item[aria-disabled="true"] {
    color: var(--ck-muted);
    cursor: default;
  }
  .menu-item.danger {
    color: var(--ck-danger);
  }
  .menu-item ck-icon {
    inline-size: 18px;
    block-size: 18px;
    color: var(--ck-muted);
  }
  .menu-item.danger ck-icon {
    color: inherit;
  }
  .suggestions .menu-item {
    cursor: pointer;
  }
  .mention {
    font-weight: 600;
  }
  .menu-item > span {
    flex: 1;
    min-inline-size: 0;
  }
  .menu-item small {
    display: block;
    font-size: 0.8667em;
    color: var(--ck-muted);
  }
  @media (pointer: coarse) {
    .send,
    .tool-chip,
    .model-button,
    .menu-item {
      min-block-size: 44px;
      min-inline-size: 44px;
    }
    .composer textarea {
      min-block-size: 44px;
      padding-block: 10px;
    }
  }
`;
