/*
 * The theme and the menus of pages. Loaded before the page is drawn, so that it never flashes in the wrong theme.
 * Others may listen for `chatplatform:theme` on the document; the theme is `data-theme` of the root: light or dark.
 */
(() => {
  "use strict";
  const KEY = "chatplatform.theme";
  const CHOICES = ["system", "light", "dark"];
  const root = document.documentElement;
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");
  // Storage may be forbidden; the choice then lasts as long as the page.
  let chosen = null;
  try {
    chosen = localStorage.getItem(KEY);
  } catch {}

  const choice = () => (CHOICES.includes(chosen) ? chosen : root.dataset.scheme || "system");

  function apply() {
    const current = choice();
    root.dataset.themeChoice = current;
    root.dataset.theme = current === "system" ? (prefersDark.matches ? "dark" : "light") : current;
    for (const button of document.querySelectorAll("[data-theme-button]")) {
      const next = CHOICES[(CHOICES.indexOf(current) + 1) % CHOICES.length];
      button.hidden = false;
      button.setAttribute("aria-label", `Theme: ${current}. Change to ${next}`);
      button.title = `Theme: ${current}`;
    }
    document.dispatchEvent(new CustomEvent("chatplatform:theme", { detail: root.dataset.theme }));
  }

  function cycle() {
    chosen = CHOICES[(CHOICES.indexOf(choice()) + 1) % CHOICES.length];
    try {
      localStorage.setItem(KEY, chosen);
    } catch {}
    apply();
  }

  function closeMenus(except) {
    for (const menu of document.querySelectorAll("[data-menu][open]")) {
      if (menu !== except) menu.open = false;
    }
  }

  apply();
  prefersDark.addEventListener("change", apply);
  addEventListener("storage", (event) => {
    if (event.key !== KEY) return;
    chosen = event.newValue;
    apply();
  });
  document.addEventListener("DOMContentLoaded", apply);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-theme-button]")) cycle();
    closeMenus(event.target.closest("[data-menu]"));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = event.target.closest?.("[data-menu][open]");
    closeMenus(null);
    menu?.querySelector("summary").focus();
  });
})();
