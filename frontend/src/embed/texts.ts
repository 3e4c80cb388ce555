import { type Lines, wordsFor } from "../lines";

const KEYS = ["open", "close", "dismiss", "unread", "resize"] as const;

/** What the launcher says; {name} is what it opens, {count} how many answers came while it was closed. */
export type Texts = Record<(typeof KEYS)[number], string>;

const LINES: Lines = {
  en: "Open chat: {name}|Close chat|Dismiss|New answers: {count}|Resize chat",
  de: "Chat öffnen: {name}|Chat schließen|Ausblenden|Neue Antworten: {count}|Chatgröße ändern",
  fr: "Ouvrir le chat : {name}|Fermer le chat|Masquer|Nouvelles réponses : {count}|Redimensionner le chat",
  es: "Abrir el chat: {name}|Cerrar el chat|Descartar|Respuestas nuevas: {count}|Cambiar el tamaño del chat",
  it: "Apri la chat: {name}|Chiudi la chat|Nascondi|Nuove risposte: {count}|Ridimensiona la chat",
  pt: "Abrir o chat: {name}|Fechar o chat|Dispensar|Novas respostas: {count}|Redimensionar o chat",
  nl: "Chat openen: {name}|Chat sluiten|Verbergen|Nieuwe antwoorden: {count}|Chatgrootte wijzigen",
  pl: "Otwórz czat: {name}|Zamknij czat|Ukryj|Nowe odpowiedzi: {count}|Zmień rozmiar czatu",
  sv: "Öppna chatten: {name}|Stäng chatten|Dölj|Nya svar: {count}|Ändra chattens storlek",
  tr: "Sohbeti aç: {name}|Sohbeti kapat|Gizle|Yeni yanıtlar: {count}|Sohbeti yeniden boyutlandır",
  uk: "Відкрити чат: {name}|Закрити чат|Сховати|Нові відповіді: {count}|Змінити розмір чату",
  ja: "チャットを開く：{name}|チャットを閉じる|非表示にする|新しい回答：{count}|チャットのサイズを変更",
  ko: "채팅 열기: {name}|채팅 닫기|숨기기|새 답변: {count}|채팅 크기 조절",
  zh: "打开聊天：{name}|关闭聊天|隐藏|新回答：{count}|调整聊天窗口大小",
  "zh-tw": "開啟聊天：{name}|關閉聊天|隱藏|新回答：{count}|調整聊天視窗大小",
  ar: "فتح المحادثة: {name}|إغلاق المحادثة|إخفاء|إجابات جديدة: {count}|تغيير حجم المحادثة",
  he: "פתיחת הצ'אט: {name}|סגירת הצ'אט|הסתרה|תשובות חדשות: {count}|שינוי גודל הצ'אט",
};

export const textsFor = (locale: string): Texts => wordsFor(KEYS, LINES, locale);
