import { css } from "lit";

export const questions = css`
  .questions {
    display: flex;
    flex-direction: column;
    gap: 18px;
    padding: 20px;
    border: 1px solid var(--ck-border);
    border-radius: var(--ck-radius-card);
  }
  .questions fieldset {
    display: flex;
    flex-direction: column;
    gap: 8px;
    min-inline-size: 0;
    margin: 0;
    padding: 0;
    border: 0;
  }
  .questions legend {
    padding: 0 0 8px;
    font-weight: 500;
  }
  .questions p,
  .questions small {
    font-size: 0.875em;
    color: var(--ck-muted);
  }
  .questions footer {
    display: flex;
    gap: 8px;
  }
`;
