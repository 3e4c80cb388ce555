import { css } from "lit";

/** Words, badges, icons, images and charts. */
export const display = css`
  .w-title {
    font-size: 1.125em;
    font-weight: 600;
    line-height: 1.3;
    letter-spacing: -0.01em;
    overflow-wrap: anywhere;
  }
  .w-text {
    line-height: 1.5;
    white-space: pre-line;
    overflow-wrap: anywhere;
  }
  .w-text.streaming:not(:empty)::after {
    content: "";
    display: inline-block;
    inline-size: 0.5em;
    block-size: 0.5em;
    margin-inline-start: 0.3em;
    border-radius: 50%;
    background: currentColor;
    animation: w-pulse 1s ease-in-out infinite alternate;
  }
  @keyframes w-pulse {
    to {
      opacity: 0.15;
    }
  }
  .w-caption {
    font-size: 0.8125em;
    line-height: 1.4;
    color: var(--ck-muted);
    overflow-wrap: anywhere;
  }
  .w-label {
    font-size: 0.875em;
    font-weight: 500;
  }
  .w-card-body > .w-label:has(+ *) {
    margin-block-end: -6px;
  }
  .truncate {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .clamp {
    display: -webkit-box;
    -webkit-box-orient: vertical;
    overflow: hidden;
  }
  .w-markdown {
    font-size: 0.9375em;
  }
  .w-image {
    display: block;
    max-inline-size: 100%;
    border-radius: var(--ck-radius-item);
    object-fit: cover;
  }
  .w-image.frame {
    border: 1px solid var(--ck-border);
  }
  .w-image.flush {
    inline-size: calc(100% + 2 * var(--w-pad, 0px));
    max-inline-size: none;
    margin-inline: calc(-1 * var(--w-pad, 0px));
    border-radius: 0;
  }
  .w-card-body > .w-image.flush:first-child {
    margin-block-start: calc(-1 * var(--w-pad, 0px));
  }
  .w-badge {
    --w-tone: var(--ck-muted);
    flex: none;
    max-inline-size: 100%;
    padding: 2px 8px;
    border: 1px solid transparent;
    border-radius: 6px;
    font-size: 0.75em;
    font-weight: 500;
    line-height: 1.5;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    color: var(--w-tone);
    background: color-mix(in srgb, var(--w-tone) 12%, transparent);
  }
  :is(.w-card-body, .w-box:not(.row)) > .w-badge {
    align-self: flex-start;
  }
  .w-cell > .w-box > .w-badge {
    align-self: auto;
  }
  .w-badge.pill {
    border-radius: 9999px;
  }
  .w-badge.md {
    padding: 3px 10px;
    font-size: 0.8125em;
  }
  .w-badge.lg {
    padding: 4px 12px;
    font-size: 0.875em;
  }
  .w-badge.outline {
    border-color: color-mix(in srgb, var(--w-tone) 45%, transparent);
    background: none;
  }
  .w-badge.solid {
    background: var(--w-tone);
    color: var(--ck-bg);
  }
  :is(.w-badge, .w-button).success {
    --w-tone: var(--ck-success);
  }
  :is(.w-badge, .w-button).danger {
    --w-tone: var(--ck-danger);
  }
  :is(.w-badge, .w-button):is(.warning, .caution) {
    --w-tone: var(--ck-warning);
  }
  :is(.w-badge, .w-button).info {
    --w-tone: var(--ck-info);
  }
  :is(.w-badge, .w-button).discovery {
    --w-tone: var(--ck-discovery);
  }
  .w-unknown {
    padding: 10px 14px;
    border: 1px dashed var(--ck-border-strong);
    border-radius: var(--ck-radius-item);
    font-size: 0.875em;
    color: var(--ck-muted);
  }
  .w-chart {
    display: flex;
    flex-direction: column;
    inline-size: 100%;
    min-block-size: 0;
    margin: 0;
  }
  ck-chart {
    position: relative;
    display: flex;
    flex: 1;
    flex-direction: column;
    gap: 10px;
    min-block-size: 0;
  }
  .w-canvas {
    position: relative;
    flex: 1;
    block-size: 220px;
    min-block-size: 60px;
    min-inline-size: 0;
  }
  .w-canvas canvas {
    position: absolute;
    inset: 0;
  }
  .w-legend {
    display: flex;
    flex-wrap: wrap;
    justify-content: center;
    gap: 4px 16px;
    font-size: 0.8125em;
    color: var(--ck-muted);
  }
  .w-legend li {
    display: inline-flex;
    align-items: center;
    gap: 6px;
  }
  .w-swatch {
    inline-size: 10px;
    block-size: 10px;
    border-radius: 3px;
  }
  .w-swatch.line {
    inline-size: 14px;
    block-size: 3px;
  }
`;
