interface Texts {
  waiting: (seconds: number) => string;
  failed: string;
  failedHelp: string;
  retry: string;
  /** At what is selected on the page. */
  ask: string;
  /** Before a tool runs: the question, and its answers. */
  mayIt: string;
  once: string;
  always: string;
  denied: string;
}

const en: Texts = {
  waiting: (seconds) => `Waiting for OpenAI’s ChatKit. If it has not answered in ${seconds} seconds, the chat opens without it.`,
  failed: "The chat could not be loaded",
  failedHelp: "Check your connection and try again.",
  retry: "Try again",
  ask: "Ask about this",
  mayIt: "The assistant would like to do something on this page",
  once: "Allow once",
  always: "Allow on this page",
  denied: "Do not allow",
};

const de: Texts = {
  waiting: (seconds) => `OpenAIs ChatKit antwortet noch nicht. Nach ${seconds} Sekunden öffnet sich der Chat ohne es.`,
  failed: "Der Chat konnte nicht geladen werden",
  failedHelp: "Prüfen Sie die Verbindung und versuchen Sie es noch einmal.",
  retry: "Noch einmal versuchen",
  ask: "Dazu fragen",
  mayIt: "Der Assistent möchte auf dieser Seite etwas tun",
  once: "Einmal erlauben",
  always: "Auf dieser Seite erlauben",
  denied: "Nicht erlauben",
};

export const textsFor = (locale: string): Texts => (locale.toLowerCase().startsWith("de") ? de : en);
export type { Texts };
