import { useEffect, useState } from "react";

interface Selected {
  text: string;
  left: number;
  top: number;
}

/** A button at what is selected on the page. It comes after the selection in no tab order, so that it has a key as well. */
export function AskSelection({ onAsk }: { onAsk: (text: string) => void }) {
  const [selected, setSelected] = useState<Selected | null>(null);

  useEffect(() => {
    const look = () => {
      const selection = getSelection();
      const text = selection?.toString().trim() ?? "";
      const inPage = selection?.anchorNode?.parentElement?.closest("article");
      if (!text || !inPage || !selection?.rangeCount) return setSelected(null);
      const { left, bottom } = selection.getRangeAt(0).getBoundingClientRect();
      setSelected({ text, left, top: bottom + 8 });
    };
    document.addEventListener("selectionchange", look);
    return () => document.removeEventListener("selectionchange", look);
  }, []);

  useEffect(() => {
    if (!selected) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.altKey && event.key === "Enter") onAsk(selected.text);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [selected, onAsk]);

  if (!selected) return null;
  return (
    <button
      type="button"
      className="ask"
      style={{ left: selected.left, top: selected.top }}
      title="Alt+Enter"
      // A press would end the selection before the click.
      onPointerDown={(event) => event.preventDefault()}
      onClick={() => onAsk(selected.text)}
    >
      Ask about this
    </button>
  );
}
