import { Chat } from "./chat";
import { Trail } from "./trail";

/** Rendered on the server; only the chat runs in the browser. */
export default function Page() {
  return (
    <div className="page">
      <main>
        <h1>Trail shop</h1>
        <Trail>
          <p>Select some words and ask about them.</p>
        </Trail>
      </main>
      <Chat />
    </div>
  );
}
