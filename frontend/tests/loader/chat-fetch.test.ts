import { describe, expect, it, vi } from "vitest";
import { createChatFetch } from "../../src/loader/chat-fetch";

const PAGE = { url: "https://shop.example/boots", title: "Boots" };
const refusal = (code: string) => Response.json({ error: { code, message: "", hint: "" } }, { status: 401 });

function setUp(...answers: Response[]) {
  const sent: { input: RequestInfo | URL; init: RequestInit }[] = [];
  const session = { start: vi.fn(async () => {}), renew: vi.fn(async () => true), signInUrl: null as string | null, refusal: null as Response | null };
  const onLoginRequired = vi.fn();
  const chatFetch = createChatFetch({
    fetch: async (input, init = {}) => {
      sent.push({ input, init });
      return answers.shift() ?? Response.json({});
    },
    session,
    context: () => PAGE,
    locale: () => "de-DE",
    now: () => 7,
    onLoginRequired,
  });
  return { chatFetch, sent, session, onLoginRequired };
}

const post = (type: string, fields: object = {}): RequestInit => ({
  method: "POST",
  headers: { "Content-Type": "application/json", "chatkit-frame-instance-id": "frame" },
  body: JSON.stringify({ type, params: {}, ...fields }),
});

describe("the chat's fetch", () => {
  it("keeps ChatKit's headers, sends the cookie and names the language", async () => {
    const { chatFetch, sent } = setUp();
    await chatFetch("/api/chatkit", post("threads.list"));
    const headers = new Headers(sent[0]?.init.headers);
    expect(Object.fromEntries(headers)).toEqual({
      "accept-language": "de-DE",
      "chatkit-frame-instance-id": "frame",
      "content-type": "application/json",
    });
    expect(sent[0]?.init).toMatchObject({ method: "POST", credentials: "same-origin" });
  });

  it("leaves a language that ChatKit chose", async () => {
    const { chatFetch, sent } = setUp();
    await chatFetch("/api/chatkit", { headers: { "Accept-Language": "fr" } });
    expect(new Headers(sent[0]?.init.headers).get("accept-language")).toBe("fr");
  });

  it("describes the page to the assistant, beside what is there already", async () => {
    const { chatFetch, sent } = setUp();
    await chatFetch("/api/chatkit", post("threads.create", { metadata: { mine: 1 } }));
    expect(JSON.parse(String(sent[0]?.init.body))).toEqual({
      type: "threads.create",
      params: {},
      metadata: { mine: 1, page: PAGE },
    });
  });

  it("does not describe the page where nobody reads it", async () => {
    const { chatFetch, sent } = setUp();
    const list = post("threads.list");
    await chatFetch("/api/chatkit", list);
    const form = new FormData();
    await chatFetch("/upload", { method: "POST", body: form });
    await chatFetch("/api/chatkit", { method: "POST", body: "no json" });
    expect(sent.map(({ init }) => init.body)).toEqual([list.body, form, "no json"]);
  });

  it("waits for the session of the page", async () => {
    const { chatFetch, sent, session } = setUp();
    let open = () => {};
    session.start.mockReturnValue(new Promise((resolve) => (open = resolve)));
    const answer = chatFetch("/api/chatkit", post("threads.list"));
    await Promise.resolve();
    expect(sent).toEqual([]);
    open();
    await answer;
    expect(sent).toHaveLength(1);
  });

  it("repeats a refused request once, with its body", async () => {
    const { chatFetch, sent, session } = setUp(refusal("session_expired"));
    const response = await chatFetch("/api/chatkit", post("threads.create"));
    expect(response.status).toBe(200);
    expect(session.renew).toHaveBeenCalledExactlyOnceWith("session_expired", 7);
    expect(sent[1]?.init.body).toBe(sent[0]?.init.body);
  });

  it("gives up after the third refusal, and hands it on readable", async () => {
    const { chatFetch, sent } = setUp(refusal("session_expired"), refusal("session_expired"), refusal("session_invalid"));
    const response = await chatFetch("/api/chatkit", post("threads.create"));
    expect(sent).toHaveLength(3);
    expect(await response.json()).toMatchObject({ error: { code: "session_invalid" } });
  });

  it("does not repeat what renewing cannot help", async () => {
    const { chatFetch, sent, session } = setUp(refusal("login_required"));
    session.renew.mockResolvedValue(false);
    expect((await chatFetch("/api/chatkit", post("threads.create"))).status).toBe(401);
    expect(sent).toHaveLength(1);
  });

  it("says where to sign in, with the way back", async () => {
    const { chatFetch, session, onLoginRequired } = setUp(refusal("session_invalid"));
    session.renew.mockResolvedValue(false);
    session.signInUrl = "/login/?next=%2F";
    const response = await chatFetch("/api/chatkit", post("threads.create"));
    expect(await response.json()).toMatchObject({ error: { code: "login_required", hint: "/login/?next=%2F" } });
    expect(onLoginRequired).toHaveBeenCalledExactlyOnceWith("/login/?next=%2F");
  });

  it("says why there is no session, as often as it is asked", async () => {
    const { chatFetch, session } = setUp(refusal("session_missing"), refusal("session_missing"));
    session.renew.mockResolvedValue(false);
    session.refusal = refusal("identity_invalid");
    for (let times = 0; times < 2; times++) {
      const response = await chatFetch("/api/chatkit", post("threads.create"));
      expect(await response.json()).toMatchObject({ error: { code: "identity_invalid" } });
    }
  });

  it("passes the signal on", async () => {
    const { chatFetch, sent } = setUp();
    const { signal } = new AbortController();
    await chatFetch("/api/chatkit", { ...post("threads.create"), signal });
    expect(sent[0]?.init.signal).toBe(signal);
  });
});
