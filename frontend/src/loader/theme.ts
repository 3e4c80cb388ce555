import type { ColorScheme, ThemeOption } from "@openai/chatkit";

type Theme = ColorScheme | ThemeOption | undefined;

const isScheme = (value: unknown): value is ColorScheme => value === "light" || value === "dark";
const prefersDark = () => matchMedia("(prefers-color-scheme: dark)");

/** The page's own choice, else the tenant's, else the reader's system. */
export function currentScheme(theme: Theme): ColorScheme {
  const ofPage = document.documentElement.dataset["theme"];
  if (isScheme(ofPage)) return ofPage;
  const ofTenant = typeof theme === "string" ? theme : theme?.colorScheme;
  if (isScheme(ofTenant)) return ofTenant;
  return prefersDark().matches ? "dark" : "light";
}

export function withScheme(theme: Theme): ThemeOption {
  return { ...(typeof theme === "object" ? theme : {}), colorScheme: currentScheme(theme) };
}

export function onSchemeChange(changed: () => void): void {
  document.addEventListener("chatplatform:theme", changed);
  prefersDark().addEventListener("change", changed);
}
