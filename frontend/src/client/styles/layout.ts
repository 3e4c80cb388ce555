import { css } from "lit";

/** The frame of the surface: header, conversation or start screen, dock with the composer. */
export const layout = css`
  .app {
    position: absolute;
    inset: 0;
    display: grid;
    grid-template: auto minmax(0, 1fr) auto auto / minmax(0, 1fr);
    grid-template-areas: "header" "main" "dock" "foot";
    /* What is below a notch or a bar of the system cannot be read, in whichever direction one reads. */
    padding: 0 env(safe-area-inset-right) env(safe-area-inset-bottom) env(safe-area-inset-left);
  }
  .app[data-view="start"] {
    grid-template: auto minmax(80px, 1fr) minmax(0, auto) auto auto / minmax(0, 1fr);
    grid-template-areas: "header" "main" "prompts" "dock" "foot";
  }
  .column {
    inline-size: 100%;
    max-inline-size: 800px;
    margin-inline: auto;
    padding-inline: 16px;
  }

  .header-slot {
    grid-area: header;
  }
  .header {
    display: flex;
    align-items: center;
    gap: 4px;
    min-block-size: 52px;
    padding: max(8px, var(--ck-inset-top)) 10px 8px;
  }
  .header .title {
    flex: 1;
    min-inline-size: 0;
    padding-inline: 6px;
    overflow: hidden;
    font-size: 1em;
    font-weight: 500;
    line-height: 1.4;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  /* The words have their own direction; their place is the surface's. */
  [dir="rtl"] > * .title,
  [dir="rtl"] > * .entry-open {
    text-align: right;
  }

  .main {
    grid-area: main;
    position: relative;
    min-block-size: 0;
  }
  .dock {
    grid-area: dock;
    position: relative;
    z-index: 1;
    padding-block-end: calc(14px * var(--ck-space));
  }
  .app[data-view="thread"] .dock::before {
    content: "";
    position: absolute;
    inset-inline: 0;
    inset-block-end: 100%;
    block-size: 28px;
    background: linear-gradient(to top, var(--ck-bg), transparent);
    pointer-events: none;
  }
  .foot {
    grid-area: foot;
    padding-block: 0 10px;
    margin-block-start: -4px;
    font-size: 0.75em;
    line-height: 1.4;
    text-align: center;
    color: var(--ck-muted);
  }
  .foot.contrast {
    color: var(--ck-fg);
  }
  .foot a {
    color: inherit;
  }

  .greeting {
    position: absolute;
    inset: 0;
    display: flex;
    align-items: center;
    justify-content: center;
    padding: 16px 24px;
    overflow: auto;
    text-align: center;
  }
  .greeting h2 {
    max-inline-size: 22em;
    font-size: clamp(1.5em, 1.2em + 1.2cqi, 1.875em);
    font-weight: 500;
    line-height: 1.25;
    letter-spacing: -0.015em;
    text-wrap: balance;
    animation: ck-rise 0.5s cubic-bezier(0.2, 0.7, 0.2, 1) backwards;
  }
  .prompts {
    grid-area: prompts;
    min-block-size: 0;
    overflow: auto;
    scrollbar-width: thin;
    padding-block-end: calc(12px * var(--ck-space));
  }
  .prompts ul {
    display: flex;
    flex-direction: column;
  }
  .prompts li {
    animation: ck-rise 0.45s cubic-bezier(0.2, 0.7, 0.2, 1) backwards;
  }
  .prompts li:nth-child(2) {
    animation-delay: 0.04s;
  }
  .prompts li:nth-child(3) {
    animation-delay: 0.08s;
  }
  .prompts li:nth-child(n + 4) {
    animation-delay: 0.12s;
  }
  .prompt {
    display: flex;
    align-items: center;
    gap: 12px;
    inline-size: 100%;
    min-block-size: 46px;
    padding: 10px 14px;
    border-radius: var(--ck-radius-item);
    font-size: 0.9375em;
    color: var(--ck-muted);
    transition:
      background-color 0.15s,
      color 0.15s;
  }
  .prompt:hover {
    background: var(--ck-hover);
    color: var(--ck-fg);
  }
  .prompt ck-icon {
    inline-size: 18px;
    block-size: 18px;
  }

  /* With room to spare, the composer stands in the middle of the start screen. */
  @container chatkit (min-width: 640px) {
    .app[data-view="start"] {
      grid-template: auto minmax(96px, 0.82fr) auto minmax(0, 1fr) auto / minmax(0, 1fr);
      grid-template-areas: "header" "main" "dock" "prompts" "foot";
    }
    .greeting {
      align-items: flex-end;
      padding-block-end: 28px;
    }
    .prompts {
      padding-block-start: 6px;
    }
    .prompts li + li .prompt {
      position: relative;
    }
    .prompts li + li .prompt::before {
      content: "";
      position: absolute;
      inset-inline: 14px;
      inset-block-start: 0;
      border-block-start: 1px solid var(--ck-border);
    }
    .prompt {
      min-block-size: 52px;
    }
    .column {
      padding-inline: 24px;
    }
  }

  @keyframes ck-rise {
    from {
      opacity: 0;
      transform: translateY(8px);
    }
  }
  @keyframes ck-fade {
    from {
      opacity: 0;
    }
  }
`;
