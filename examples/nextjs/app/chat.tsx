"use client";

import { ChatKit, useChatKit } from "@openai/chatkit-react";
import Script from "next/script";
import { useCallback, useState } from "react";
import { AskSelection } from "./ask-selection";
import { clientTools, withPage } from "./page-context";
import { useDark } from "./use-dark";

export function Chat() {
  const [problem, setProblem] = useState("");
  const isDark = useDark();
  const chat = useChatKit({
    api: {
      url: "/api/chatkit",
      domainKey: "local",
      fetch: (input, init) => fetch(input, { ...init, body: withPage(init?.body) }),
    },
    theme: { colorScheme: isDark ? "dark" : "light", radius: "round", color: { accent: { primary: "#1f6f4a", level: 1 } } },
    header: { title: { text: "Trail guide" } },
    startScreen: {
      greeting: "Where do you want to go?",
      prompts: [{ label: "Which page am I on?", prompt: "Which page am I on?", icon: "compass" }],
    },
    composer: {
      placeholder: "Ask about boots and tents",
      tools: [{ id: "packing_list", label: "Packing list", icon: "suitcase", pinned: true }],
    },
    threadItemActions: { feedback: true, retry: true },
    onClientTool: ({ name, params }) => clientTools[name]?.(params) ?? { error: `This page has no tool "${name}".` },
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
    <aside>
      {/* Modules are asked for as `anonymous` asks: what Next.js loads ahead is then what the browser takes. */}
      <Script
        type="module"
        crossOrigin="anonymous"
        src="/chatkit-client/client.js"
        onError={() => setProblem("The chat could not be loaded.")}
      />
      <ChatKit control={chat.control} className="chat" />
      <p role="status">{problem}</p>
      <AskSelection onAsk={(text) => void ask(text)} />
    </aside>
  );
}
