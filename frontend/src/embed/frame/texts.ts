const IDENTITY_REQUIRED = {
  en: "Sign in on this site to start a chat.",
  de: "Melden Sie sich auf dieser Seite an, um zu chatten.",
};

/** Said in the place of a chat that waits for somebody whom the site knows. */
export const identityRequired = (locale: string) => IDENTITY_REQUIRED[locale.toLowerCase().startsWith("de") ? "de" : "en"];
