interface Texts {
  waiting: (seconds: number) => string;
  failed: string;
  failedHelp: string;
  retry: string;
}

const en: Texts = {
  waiting: (seconds) => `Waiting for OpenAI’s ChatKit. If it has not answered in ${seconds} seconds, the chat opens without it.`,
  failed: "The chat could not be loaded",
  failedHelp: "Check your connection and try again.",
  retry: "Try again",
};

const de: Texts = {
  waiting: (seconds) => `OpenAIs ChatKit antwortet noch nicht. Nach ${seconds} Sekunden öffnet sich der Chat ohne es.`,
  failed: "Der Chat konnte nicht geladen werden",
  failedHelp: "Prüfen Sie die Verbindung und versuchen Sie es noch einmal.",
  retry: "Noch einmal versuchen",
};

export const textsFor = (locale: string): Texts => (locale.toLowerCase().startsWith("de") ? de : en);
export type { Texts };
