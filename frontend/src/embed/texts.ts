import { type Lines, wordsFor } from "../lines";

const KEYS = ["open", "close", "dismiss", "unread"] as const;

/** What the launcher says; {name} is what it opens, {count} how many answers came while it was closed. */
export type Texts = Record<(typeof KEYS)[number], string>;

const LINES: Lines = {
  en: "Open chat: {name}|Close chat|Dismiss|New answers: {count}",
  de: "Chat öffnen: {name}|Chat schließen|Ausblenden|Neue Antworten: {count}",
  fr: "Ouvrir le chat : {name}|Fermer le chat|Masquer|Nouvelles réponses : {count}",
  es: "Abrir el chat: {name}|Cerrar el chat|Descartar|Respuestas nuevas: {count}",
  it: "Apri la chat: {name}|Chiudi la chat|Nascondi|Nuove risposte: {count}",
  pt: "Abrir o chat: {name}|Fechar o chat|Dispensar|Novas respostas: {count}",
  nl: "Chat openen: {name}|Chat sluiten|Verbergen|Nieuwe antwoorden: {count}",
  pl: "Otwórz czat: {name}|Zamknij czat|Ukryj|Nowe odpowiedzi: {count}",
  sv: "Öppna chatten: {name}|Stäng chatten|Dölj|Nya svar: {count}",
  tr: "Sohbeti aç: {name}|Sohbeti kapat|Gizle|Yeni yanıtlar: {count}",
  uk: "Відкрити чат: {name}|Закрити чат|Сховати|Нові відповіді: {count}",
  ja: "チャットを開く：{name}|チャットを閉じる|非表示にする|新しい回答：{count}",
  ko: "채팅 열기: {name}|채팅 닫기|숨기기|새 답변: {count}",
  zh: "打开聊天：{name}|关闭聊天|隐藏|新回答：{count}",
  "zh-tw": "開啟聊天：{name}|關閉聊天|隱藏|新回答：{count}",
  ar: "فتح المحادثة: {name}|إغلاق المحادثة|إخفاء|إجابات جديدة: {count}",
  he: "פתיחת הצ'אט: {name}|סגירת הצ'אט|הסתרה|תשובות חדשות: {count}",
};

export const textsFor = (locale: string): Texts => wordsFor(KEYS, LINES, locale);
