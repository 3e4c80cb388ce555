import { css } from "lit";

export const widgets = css`
  ck-widget {
    display: block;
    min-inline-size: 0;
  }
  .widget {
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
    display: flex;
    flex-direction: column;
    gap: 16px;
    inline-size: 100%;
    max-inline-size: 420px;
    padding: 20px;
    border: 1px solid var(--ck-border);
    border-radius: var(--ck-radius-card);
    background: var(--ck-raised);
    box-shadow: 0 1px 3px rgb(0 0 0 / 0.04);
    overflow: hidden;
  }
  .w-card.sm {
    max-inline-size: 340px;
  }
  .w-card.lg {
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
  .w-footer {
    display: flex;
    justify-content: flex-end;
    gap: 8px;
  }
  .w-status {
    display: flex;
    align-items: center;
    gap: 8px;
    font-size: 0.8125em;
    color: var(--ck-muted);
  }
  .w-status ck-icon {
    inline-size: 16px;
    block-size: 16px;
  }
  .w-list {
    max-inline-size: 520px;
    padding: 8px;
    border: 1px solid var(--ck-border);
    border-radius: var(--ck-radius-card);
    background: var(--ck-raised);
    overflow: hidden;
  }
  .w-list > .w-status {
    padding: 6px 10px 8px;
  }
  .w-item {
    min-inline-size: 0;
  }
  .w-item > .w-box,
  .w-item-button {
    inline-size: 100%;
    padding: 10px 12px;
    border-radius: var(--ck-radius-item);
  }
  .w-item-button {
    transition: background-color 0.15s;
    outline-offset: -2px;
  }
  .w-item-button:hover {
    background: var(--ck-hover);
  }
  .w-item-button[aria-busy="true"] {
    opacity: 0.55;
  }
  .w-more summary {
    padding: 10px 12px;
    border-radius: var(--ck-radius-item);
    font-size: 0.875em;
    color: var(--ck-muted);
    cursor: pointer;
  }
  .w-more[open] summary {
    display: none;
  }
  .w-box {
    display: flex;
    flex-direction: column;
    min-inline-size: 0;
  }
  .w-box.row {
    flex-direction: row;
    align-items: center;
  }
  .w-box > * {
    min-inline-size: 0;
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
    margin-inline: -20px;
  }
  .w-title {
    font-size: 1.125em;
    font-weight: 600;
    line-height: 1.3;
    letter-spacing: -0.01em;
  }
  .w-text {
    line-height: 1.5;
    white-space: pre-line;
    overflow-wrap: break-word;
  }
  .w-caption {
    font-size: 0.8125em;
    line-height: 1.4;
    color: var(--ck-muted);
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
    border-radius: 0;
  }
  .w-badge {
    --ck-tone: var(--ck-muted);
    align-self: flex-start;
    padding: 2px 8px;
    border: 1px solid transparent;
    border-radius: 6px;
    font-size: 0.75em;
    font-weight: 500;
    line-height: 1.5;
    white-space: nowrap;
    color: var(--ck-tone);
    background: color-mix(in srgb, var(--ck-tone) 11%, var(--ck-bg));
  }
  .w-box.row > .w-badge {
    align-self: center;
  }
  .w-badge.pill {
    border-radius: 9999px;
  }
  .w-badge.md {
    font-size: 0.8125em;
  }
  .w-badge.lg {
    font-size: 0.875em;
  }
  .w-badge.outline {
    border-color: color-mix(in srgb, var(--ck-tone) 45%, var(--ck-bg));
    background: none;
  }
  .w-badge.solid {
    background: var(--ck-tone);
    color: var(--ck-bg);
  }
  :is(.w-badge, .w-button).success {
    --ck-tone: var(--ck-success);
  }
  :is(.w-badge, .w-button).danger {
    --ck-tone: var(--ck-danger);
  }
  :is(.w-badge, .w-button):is(.warning, .caution) {
    --ck-tone: var(--ck-warning);
  }
  :is(.w-badge, .w-button).info {
    --ck-tone: var(--ck-info);
  }
  :is(.w-badge, .w-button).discovery {
    --ck-tone: var(--ck-discovery);
  }
  .w-button {
    --ck-tone: var(--ck-fg);
    color: var(--ck-tone);
  }
  .w-button.solid {
    border-color: transparent;
    background: var(--ck-tone);
    color: var(--ck-bg);
  }
  .w-button.solid:is(.primary, .button:not(.success, .danger, .warning, .caution, .info, .discovery, .secondary)) {
    background: var(--ck-accent);
    color: var(--ck-on-accent);
  }
  .w-button.solid:hover:not(:disabled) {
    background: color-mix(in srgb, var(--ck-tone) 86%, var(--ck-bg));
  }
  .w-button.soft {
    border-color: transparent;
    background: color-mix(in srgb, var(--ck-tone) 9%, var(--ck-bg));
  }
  .w-button.ghost {
    border-color: transparent;
  }
  .w-button.block {
    inline-size: 100%;
  }
  .w-button.uniform {
    padding-inline: 9px;
  }
  .w-button:is(.sm, .xs, .\\32xs, .\\33xs) {
    min-block-size: 30px;
    padding: 3px 12px;
  }
  .w-button:is(.xl, .\\32xl, .\\33xl) {
    min-block-size: 44px;
    padding-inline: 20px;
  }
  .w-button:disabled {
    opacity: 0.55;
  }
  .w-unknown {
    padding: 10px 14px;
    border: 1px dashed var(--ck-border-strong);
    border-radius: var(--ck-radius-item);
    font-size: 0.875em;
    color: var(--ck-muted);
  }
  .w-label {
    font-size: 0.875em;
    font-weight: 500;
  }
`;
