interface Texts {
  open: (name: string) => string;
  close: string;
  dismiss: string;
  unread: (count: number) => string;
}

const en: Texts = {
  open: (name) => `Open chat: ${name}`,
  close: "Close chat",
  dismiss: "Dismiss",
  unread: (count) => (count === 1 ? "1 new answer" : `${count} new answers`),
};

const de: Texts = {
  open: (name) => `Chat öffnen: ${name}`,
  close: "Chat schließen",
  dismiss: "Ausblenden",
  unread: (count) => (count === 1 ? "1 neue Antwort" : `${count} neue Antworten`),
};

export const textsFor = (locale: string): Texts => (locale.toLowerCase().startsWith("de") ? de : en);
export type { Texts };
