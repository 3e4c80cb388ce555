/** Undefined where the reader forbids it: then even asking for it throws. */
export function storageOf(kind: "localStorage" | "sessionStorage"): Storage | undefined {
  try {
    return window[kind];
  } catch {
    return undefined;
  }
}
