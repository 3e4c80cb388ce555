import { ChatKit, useChatKit } from "@openai/chatkit-react";
import { useCallback, useEffect, useState } from "react";
import { AskSelection } from "./AskSelection";
import { Trail } from "./Trail";
import { chatFetch, clientTools, loadClient } from "./platform";

export function App() {
  const [problem, setProblem] = useState("");
  const [isDark, setIsDark] = useState(() => matchMedia("(prefers-color-scheme: dark)").matches);
  const [isAnswering, setIsAnswering] = useState(false);
  const [diary, setDiary] = useState<string[]>([]);
  const note = (entry: string) => setDiary((entries) => [...entries, entry].slice(-40));

  useEffect(() => {
    loadClient().catch((error: Error) => setProblem(error.message));
  }, []);

  const chat = useChatKit({
    api: { url: "/api/chatkit", domainKey: "local", fetch: chatFetch },
    theme: { colorScheme: isDark ? "dark" : "light", radius: "round", color: { accent: { primary: "#1f6f4a", level: 1 } } },
    header: { title: { text: "Trail guide" } },
    startScreen: {
      greeting: "Where do you want to go?",
      prompts: [
        { label: "Which page am I on?", prompt: "Which page am I on?", icon: "compass" },
        { label: "Pack for me", prompt: "Make a packing list for the mountains, 3 days.", icon: "suitcase" },
      ],
    },
    composer: {
      placeholder: "Ask about boots and tents",
      tools: [{ id: "packing_list", label: "Packing list", icon: "suitcase", pinned: true }],
    },
    threadItemActions: { feedback: true, retry: true },
    widgets: {
      // Of actions that a widget leaves to the page; what is the server's part of it goes on to there.
      onAction: async (action, { id }) => {
        note(`action: ${action.type}`);
        await chat.sendCustomAction(action, id);
      },
    },
    onClientTool: ({ name, params }) => clientTools[name]?.(params) ?? { error: `This page has no tool "${name}".` },
    onReady: () => note("ready"),
    onError: ({ error }) => note(`error: ${error.message}`),
    onLog: ({ name }) => note(`log: ${name}`),
    onEffect: ({ name }) => note(`effect: ${name}`),
    onDeeplink: ({ name }) => note(`deeplink: ${name}`),
    onResponseStart: () => setIsAnswering(true),
    onResponseEnd: () => setIsAnswering(false),
    onThreadChange: ({ threadId }) => note(`thread: ${threadId ?? "new"}`),
    onThreadLoadStart: () => note("loading"),
    onThreadLoadEnd: () => note("loaded"),
    onToolChange: ({ toolId }) => note(`tool: ${toolId ?? "none"}`),
    onHistoryOpen: () => note("history open"),
    onHistoryClose: () => note("history closed"),
  });

  const { setComposerValue, focusComposer } = chat;
  const ask = useCallback(
    async (text: string) => {
      await setComposerValue({ reply: text });
      await focusComposer();
    },
    [setComposerValue, focusComposer],
  );

  return (
    <div className={isDark ? "page dark" : "page"}>
      <main>
        <h1>Trail shop</h1>
        <Trail>
          <p>Select some words and ask about them, or use one of these:</p>
        </Trail>
        <div className="buttons">
          <button type="button" onClick={() => void chat.sendUserMessage({ text: "Which page am I on?" })} disabled={isAnswering}>
            Where am I?
          </button>
          <button type="button" onClick={() => void chat.setThreadId(null)}>New chat</button>
          <button type="button" onClick={() => void chat.showHistory()}>Chats</button>
          <button type="button" onClick={() => void chat.hideHistory()}>Hide chats</button>
          <button type="button" onClick={() => void chat.fetchUpdates()}>Look for news</button>
          <button type="button" aria-pressed={isDark} onClick={() => setIsDark(!isDark)}>Dark</button>
        </div>
        <p role="status">{isAnswering ? "The guide is answering …" : problem}</p>
        <details>
          <summary>What the chat has told this page</summary>
          <ol aria-label="Events">{diary.map((entry, index) => <li key={index}>{entry}</li>)}</ol>
        </details>
      </main>
      <ChatKit control={chat.control} className="chat" />
      <AskSelection onAsk={(text) => void ask(text)} />
    </div>
  );
}
