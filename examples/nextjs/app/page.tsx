import { Chat } from "./chat";

/** Rendered on the server; only the chat runs in the browser. */
export default function Page() {
  return (
    <div className="page">
      <main>
        <h1>Trail shop</h1>
        <article>
          <h2>Three days in the Karwendel</h2>
          <p>
            The way leads from Scharnitz over the Falken Hut to the Eng: forty-two kilometres, and almost three thousand metres up.
            Snow lies on the north side until June, so that boots with a stiff sole are worth their weight.
          </p>
          <p>Select some words and ask about them.</p>
        </article>
      </main>
      <Chat />
    </div>
  );
}
