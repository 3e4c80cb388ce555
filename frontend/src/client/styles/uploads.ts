import { css } from "lit";

export const uploads = css`
  .attached progress {
    inline-size: 64px;
    block-size: 4px;
    accent-color: var(--ck-accent);
  }
  .attached-image {
    inline-size: 28px;
    block-size: 28px;
    margin-inline-start: -6px;
    border-radius: 8px;
    object-fit: cover;
  }
`;
