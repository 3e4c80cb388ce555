import { css } from "lit";

export const messages = css`
  ck-messages {
    position: absolute;
    inset: 0;
    display: block;
  }
  .scroll {
    block-size: 100%;
    overflow-y: auto;
    overscroll-behavior: contain;
    scrollbar-width: thin;
    scrollbar-color: var(--ck-border-strong) transparent;
    outline-offset: -3px;
  }
  .turns {
    padding-block: 12px 36px;
  }
  ck-turn {
    display: block;
  }
  .block + .block,
  ck-turn + ck-turn {
    margin-block-start: calc(28px * var(--ck-space));
  }
  .older,
  .loading {
    display: flex;
    flex-direction: column;
    gap: 14px;
    padding-block: 24px;
  }
  .skeleton {
    block-size: 14px;
    border-radius: 7px;
    background: var(--ck-hover);
    animation: ck-pulse 1.4s ease-in-out infinite alternate;
  }
  .skeleton.bubble-like {
    align-self: end;
    inline-size: 38%;
    block-size: 44px;
    margin-block-end: 12px;
    border-radius: var(--ck-radius-bubble);
  }
  .skeleton.short {
    inline-size: 62%;
  }
  .skeleton.mid {
    inline-size: 86%;
  }

  .user {
    display: flex;
    flex-direction: column;
    align-items: flex-end;
    gap: 6px;
    margin-block-end: calc(22px * var(--ck-space));
  }
  .bubble {
    max-inline-size: min(82%, 620px);
    padding: 10px 18px;
    border-radius: var(--ck-radius-bubble);
    background: var(--ck-bubble);
    color: var(--ck-on-bubble);
    line-height: 1.5;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  .local .bubble {
    animation: ck-rise 0.28s cubic-bezier(0.2, 0.7, 0.2, 1);
  }
  .quoted {
    display: flex;
    gap: 8px;
    max-inline-size: min(82%, 620px);
    font-size: 0.875em;
    color: var(--ck-muted);
  }
  .quoted ck-icon {
    inline-size: 16px;
    block-size: 16px;
    margin-block-start: 2px;
  }
  .quoted > span {
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 3;
    overflow: hidden;
  }
  button.tag:hover {
    text-decoration: underline;
  }
  .tag {
    padding: 1px 6px;
    border-radius: 6px;
    background: var(--ck-tag);
    color: inherit;
    font-weight: 500;
  }
  .files {
    align-items: flex-start;
    display: flex;
    flex-wrap: wrap;
    justify-content: flex-end;
    gap: 8px;
  }
  .file {
    display: inline-flex;
    align-items: center;
    gap: 10px;
    max-inline-size: 280px;
    padding: 10px 14px;
    border: 1px solid var(--ck-border);
    border-radius: var(--ck-radius-card);
    font-size: 0.875em;
  }
  .file > span {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .file-image {
    display: block;
    max-inline-size: 240px;
    max-block-size: 240px;
    border-radius: var(--ck-radius-card);
    object-fit: cover;
  }

  .answer {
    display: flex;
    flex-direction: column;
    gap: calc(14px * var(--ck-space));
  }
  .note {
    display: flex;
    align-items: center;
    gap: 8px;
    font-size: 0.875em;
    color: var(--ck-muted);
  }
  .note ck-icon {
    inline-size: 16px;
    block-size: 16px;
  }
  .actions {
    display: flex;
    margin-inline-start: -8px;
    margin-block-start: -6px;
    transition: opacity 0.15s;
  }
  .actions [aria-pressed="true"] {
    color: var(--ck-fg);
  }
  .actions [aria-pressed="true"] svg {
    fill: var(--ck-pressed);
  }
  @media (hover: hover) {
    ck-turn:not(.last) .actions {
      opacity: 0;
    }
    ck-turn:hover .actions,
    ck-turn:focus-within .actions {
      opacity: 1;
    }
  }
  .sources {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    margin-block-start: 12px;
  }
  .source {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    max-inline-size: min(100%, 260px);
    min-block-size: 32px;
    padding: 4px 12px;
    border: 1px solid var(--ck-border);
    border-radius: var(--ck-radius-control);
    font-size: 0.8125em;
    text-decoration: none;
    color: var(--ck-muted);
    transition:
      background-color 0.15s,
      color 0.15s;
  }
  a.source:hover,
  button.source:hover {
    background: var(--ck-hover);
    color: var(--ck-fg);
  }
  .source > :is(span, bdi) {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .source ck-icon {
    inline-size: 14px;
    block-size: 14px;
  }

  .thinking {
    display: flex;
    align-items: center;
    gap: 10px;
    min-block-size: 26px;
    animation: ck-fade 0.3s;
  }
  .thinking-dot {
    inline-size: 12px;
    block-size: 12px;
    border: 6px solid var(--ck-fg);
    border-radius: 50%;
    animation: ck-breathe 1.3s ease-in-out infinite;
  }
  .thinking ck-icon {
    inline-size: 18px;
    block-size: 18px;
    color: var(--ck-muted);
  }
  .shimmer {
    color: var(--ck-muted);
  }
  @media (prefers-reduced-motion: no-preference) {
    .shimmer {
      background: linear-gradient(
          100deg,
          var(--ck-muted) 40%,
          color-mix(in srgb, var(--ck-muted) 35%, var(--ck-bg)) 50%,
          var(--ck-muted) 60%
        )
        120% 0 / 250% 100%;
      background-clip: text;
      -webkit-text-fill-color: transparent;
      animation: ck-shimmer 2s linear infinite;
    }
  }

  .latest {
    position: absolute;
    inset-block-end: 12px;
    inset-inline: 0;
    z-index: 1;
    margin-inline: auto;
    display: flex;
    align-items: center;
    justify-content: center;
    inline-size: 36px;
    block-size: 36px;
    border: 1px solid var(--ck-border);
    border-radius: 50%;
    background: var(--ck-raised);
    box-shadow: var(--ck-shadow);
    transition:
      opacity 0.2s,
      transform 0.2s,
      visibility 0.2s;
  }
  .latest[data-hidden] {
    visibility: hidden;
    opacity: 0;
    transform: translateY(6px);
  }
  .latest ck-icon {
    inline-size: 18px;
    block-size: 18px;
  }

  .gen-image {
    inline-size: min(100%, 400px);
    border-radius: var(--ck-radius-card);
    display: block;
  }
  .gen-image.pending {
    aspect-ratio: 1;
    background: var(--ck-hover);
    animation: ck-pulse 1.4s ease-in-out infinite alternate;
  }
  @keyframes ck-pulse {
    from {
      opacity: 0.55;
    }
  }
  @keyframes ck-breathe {
    50% {
      transform: scale(0.72);
      opacity: 0.7;
    }
  }
  @keyframes ck-shimmer {
    to {
      background-position: -60% 0;
    }
  }
  @media (pointer: coarse) {
    .latest {
      inline-size: 44px;
      block-size: 44px;
    }
  }
`;
