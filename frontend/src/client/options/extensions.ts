/**
 * What this client offers beyond ChatKit's own options. All of it sits in one property,
 * `element.openOptions`, so that `setOptions` stays exactly ChatKit's contract.
 */
export interface OpenOptions {
  /** Where runs can be attached to and cancelled. Default: `runs/` below `api.url`. */
  runsUrl?: string;
  /** `system` follows the reader's setting; without it the theme option decides. */
  colorScheme?: "light" | "dark" | "system";
  /** Hides the copy button under answers. */
  hideCopy?: boolean;
  /** Nothing can be written, and nothing in the conversation does anything: for conversations that are looked at. */
  readOnly?: boolean;
}
