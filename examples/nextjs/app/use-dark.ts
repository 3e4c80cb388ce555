import { useSyncExternalStore } from "react";

const query = () => matchMedia("(prefers-color-scheme: dark)");

function subscribe(changed: () => void) {
  const dark = query();
  dark.addEventListener("change", changed);
  return () => dark.removeEventListener("change", changed);
}

/** Whether the reader wants it dark. The server does not know, and says no. */
export const useDark = () => useSyncExternalStore(subscribe, () => query().matches, () => false);
