import { css } from "lit";

export const markdown = css`
  ck-markdown {
    display: block;
    line-height: 1.65;
    overflow-wrap: break-word;
    min-inline-size: 0;
  }
  ck-markdown > :first-child {
    margin-block-start: 0;
  }
  ck-markdown > :last-child {
    margin-block-end: 0;
  }
  ck-markdown p {
    margin-block: 0 calc(1em * var(--ck-space));
  }
  ck-markdown :is(h1, h2, h3, h4, h5, h6) {
    margin-block: 1.5em 0.5em;
    font-weight: 600;
    line-height: 1.3;
    letter-spacing: -0.01em;
    text-wrap: balance;
  }
  ck-markdown h1 {
    font-size: 1.5em;
  }
  ck-markdown h2 {
    font-size: 1.25em;
  }
  ck-markdown h3 {
    font-size: 1.125em;
  }
  ck-markdown :is(h4, h5, h6) {
    font-size: 1em;
  }
  ck-markdown :is(ul, ol) {
    margin-block: 0 calc(1em * var(--ck-space));
    padding-inline-start: 1.6em;
  }
  ck-markdown ul {
    list-style: disc;
  }
  ck-markdown ol {
    list-style: decimal;
  }
  ck-markdown li {
    margin-block: 0.35em;
    padding-inline-start: 0.25em;
  }
  ck-markdown li::marker {
    color: var(--ck-muted);
  }
  ck-markdown li > :is(ul, ol) {
    margin-block: 0.35em;
  }
  ck-markdown li > p {
    margin-block: 0.35em;
  }
  ck-markdown strong {
    font-weight: 600;
  }
  ck-markdown a[href] {
    color: var(--ck-link-color);
    text-decoration: underline;
    text-decoration-color: color-mix(in srgb, currentcolor 45%, transparent);
    text-underline-offset: 0.18em;
  }
  ck-markdown a[href]:hover {
    text-decoration-color: currentcolor;
  }
  ck-markdown blockquote {
    margin: 0 0 1em;
    padding-inline-start: 1em;
    border-inline-start: 3px solid var(--ck-border-strong);
    color: var(--ck-muted);
  }
  ck-markdown blockquote > :last-child {
    margin-block-end: 0;
  }
  ck-markdown hr {
    margin-block: 1.75em;
    border: 0;
    border-block-start: 1px solid var(--ck-border);
  }
  ck-markdown img {
    max-inline-size: 100%;
    block-size: auto;
    border-radius: var(--ck-radius-card);
  }
  ck-markdown :not(pre) > code,
  ck-markdown kbd {
    padding: 0.15em 0.35em;
    border-radius: 5px;
    background: var(--ck-hover);
    font-family: var(--ck-mono);
    font-size: 0.875em;
    overflow-wrap: anywhere;
  }

  .table-scroll {
    margin-block: 0 calc(1.25em * var(--ck-space));
    overflow-x: auto;
    scrollbar-width: thin;
  }
  .table-scroll table {
    min-inline-size: 100%;
    border-collapse: collapse;
    font-size: 0.9375em;
    line-height: 1.45;
  }
  .table-scroll :is(th, td) {
    padding: 9px 20px 9px 0;
    border-block-end: 1px solid var(--ck-border);
    text-align: start;
    vertical-align: top;
    min-inline-size: 5em;
    overflow-wrap: normal;
  }
  .table-scroll :is(th, td):last-child {
    padding-inline-end: 4px;
  }
  .table-scroll th {
    border-block-end-color: var(--ck-border-strong);
    font-weight: 600;
    white-space: nowrap;
  }
  .table-scroll tbody tr:last-child td {
    border-block-end-color: transparent;
  }
  .table-scroll [align="right"] {
    text-align: end;
    font-variant-numeric: tabular-nums;
  }
  .table-scroll [align="center"] {
    text-align: center;
  }

  .cite {
    display: inline-block;
    max-inline-size: 14em;
    margin-inline: 0.2em;
    padding: 0.05em 0.6em;
    border-radius: 9999px;
    overflow: hidden;
    background: var(--ck-hover);
    font-size: 0.75em;
    font-weight: 500;
    line-height: 1.6;
    text-overflow: ellipsis;
    white-space: nowrap;
    vertical-align: -0.32em;
    color: var(--ck-muted);
  }
  /* The baseline of a button is that of its words, of a clipped box its lower edge. */
  button.cite {
    vertical-align: baseline;
  }
  ck-markdown a.cite[href] {
    color: var(--ck-muted);
    text-decoration: none;
    transition:
      background-color 0.15s,
      color 0.15s;
  }
  ck-markdown a.cite[href]:hover {
    background: var(--ck-fg);
    color: var(--ck-bg);
  }
  .image-gate {
    display: inline-flex;
    align-items: center;
    gap: 8px;
    max-inline-size: 100%;
    min-block-size: 40px;
    padding: 8px 14px;
    border: 1px dashed var(--ck-border-strong);
    border-radius: var(--ck-radius-item);
    font-size: 0.875em;
    color: var(--ck-muted);
  }
  .image-gate:hover {
    background: var(--ck-hover);
    color: var(--ck-fg);
  }

  /* The caret of an answer that is being written: after the last words, wherever those are. */
  ck-markdown[streaming] > :is(p, h1, h2, h3, h4, h5, h6):last-child::after,
  ck-markdown[streaming] > :is(ul, ol):last-child > li:last-child:not(:has(ul, ol))::after,
  ck-markdown[streaming] > :is(ul, ol):last-child > li:last-child :is(ul, ol):last-child > li:last-child:not(:has(ul, ol))::after {
    content: "";
    display: inline-block;
    inline-size: 0.7em;
    block-size: 0.7em;
    margin-inline-start: 0.3em;
    /* Not by its background alone: there is none where the system chooses the colours. */
    border: 0.35em solid var(--ck-fg);
    background: var(--ck-fg);
    border-radius: 50%;
    vertical-align: -0.02em;
    animation: ck-breathe 1.3s ease-in-out infinite;
  }

  .code {
    margin-block: 0 calc(1.25em * var(--ck-space));
    border-radius: var(--ck-radius-card);
    overflow: hidden;
    background: var(--ck-subtle);
    direction: ltr;
    text-align: left;
  }
  .code-bar {
    display: flex;
    align-items: center;
    justify-content: space-between;
    padding: 6px 8px 0 16px;
    font-size: 0.75em;
    line-height: 1.4;
    color: var(--ck-muted);
  }
  .code-copy {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    min-block-size: 30px;
    padding-inline: 8px;
    border-radius: 8px;
    transition:
      background-color 0.15s,
      color 0.15s;
  }
  .code-copy:hover {
    background: var(--ck-hover);
    color: var(--ck-fg);
  }
  .code-copy ck-icon {
    inline-size: 14px;
    block-size: 14px;
  }
  .code pre {
    margin: 0;
    padding: 6px 16px 16px;
    overflow-x: auto;
    scrollbar-width: thin;
    outline-offset: -3px;
    border-radius: inherit;
  }
  .code code {
    font-family: var(--ck-mono);
    font-size: 0.875em;
    line-height: 1.6;
    tab-size: 2;
  }
  .hljs-comment,
  .hljs-quote,
  .hljs-meta {
    color: var(--ck-muted);
  }
  .hljs-keyword,
  .hljs-selector-tag,
  .hljs-literal,
  .hljs-type,
  .hljs-tag {
    color: var(--ck-discovery);
  }
  .hljs-string,
  .hljs-regexp,
  .hljs-addition,
  .hljs-selector-attr,
  .hljs-template-tag {
    color: var(--ck-success);
  }
  .hljs-number,
  .hljs-symbol,
  .hljs-bullet,
  .hljs-deletion,
  .hljs-built_in,
  .hljs-variable,
  .hljs-template-variable {
    color: var(--ck-danger);
  }
  .hljs-title,
  .hljs-section,
  .hljs-name,
  .hljs-attr,
  .hljs-attribute,
  .hljs-selector-class,
  .hljs-selector-id,
  .hljs-link,
  .hljs-property {
    color: var(--ck-info);
  }
  .hljs-emphasis {
    font-style: italic;
  }
  .hljs-strong {
    font-weight: 600;
  }
`;
