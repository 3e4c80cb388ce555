import type { ColorScheme, ThemeOption } from "@openai/chatkit";
import { addFonts } from "./fonts";
import { themeVariables } from "./variables";

export type SchemeChoice = ColorScheme | "system";

/** Keeps one constructable stylesheet in step with the theme, and with the reader's scheme under `system`. */
export class ThemeSheet {
  readonly sheet = new CSSStyleSheet();
  private readonly prefersDark = matchMedia("(prefers-color-scheme: dark)");
  private theme: ThemeOption = {};
  private choice: SchemeChoice = "light";
  private readonly refresh = () => this.write();

  set(theme: ColorScheme | ThemeOption | undefined, choice: SchemeChoice | undefined) {
    this.theme = typeof theme === "object" ? theme : {};
    this.choice = choice ?? (typeof theme === "string" ? theme : theme?.colorScheme) ?? "light";
    addFonts(this.theme.typography?.fontSources);
    this.write();
  }

  connect() {
    this.prefersDark.addEventListener("change", this.refresh);
  }

  disconnect() {
    this.prefersDark.removeEventListener("change", this.refresh);
  }

  private write() {
    const system = this.prefersDark.matches ? "dark" : "light";
    const scheme = this.choice === "system" ? system : this.choice;
    const own = (other: ColorScheme) => rule(`.scheme-${other}`, other === scheme ? this.theme : withoutSurface(this.theme), other);
    this.sheet.replaceSync([rule(":host", this.theme, scheme), own("light"), own("dark")].join(" "));
  }
}

/** The theme for what is in one scheme; a widget may ask for another than the surface around it has. */
function rule(selector: string, theme: ThemeOption, scheme: ColorScheme): string {
  const lines = Object.entries(themeVariables(theme, scheme)).map(([name, value]) => `${name}: ${inert(value)};`);
  return `${selector} { ${lines.join(" ")} color: var(--ck-fg); }`;
}

/** The colours of the surface were chosen for one scheme. */
function withoutSurface(theme: ThemeOption): ThemeOption {
  const { surface, ...color } = theme.color ?? {};
  return surface ? { ...theme, color } : theme;
}

/** Values come from configuration; none may close its declaration and begin another. */
const inert = (value: string) => value.replace(/[;{}<>\\]/g, "");
