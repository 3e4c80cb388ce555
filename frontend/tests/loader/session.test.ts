import { beforeEach, describe, expect, it, vi } from "vitest";
import { ChatSession, signInPage } from "../../src/loader/session";

const CONFIG = { url: "/api/chatkit/session", refreshUrl: "/api/chatkit/refresh", tenant: "acme", assistant: "guide" };

/** A server that answers each address with what is queued for it, and otherwise with 201. */
function server(answers: Record<string, Response[]> = {}) {
  const calls: { url: string; body: Record<string, unknown> }[] = [];
  const doFetch = vi.fn(async (input: RequestInfo | URL, init?: RequestInit) => {
    const url = String(input);
    calls.push({ url, body: JSON.parse(String(init?.body)) as Record<string, unknown> });
    return answers[url]?.shift() ?? Response.json({ session_id: "cs_1" }, { status: 201 });
  });
  return { calls, fetch: doFetch as unknown as typeof fetch, paths: () => calls.map(({ url }) => url) };
}

const refusal = (code: string, hint = "") => Response.json({ error: { code, hint, message: "" } }, { status: 401 });

/** Locks as browsers have them: shared by all tabs, one holder at a time. */
function sharedLocks(): LockManager {
  let last: Promise<unknown> = Promise.resolve();
  let holders = 0;
  type Work = (lock: object | null) => unknown;
  const request = (_name: string, ...rest: [Work] | [LockOptions, Work]) => {
    const work = rest.at(-1) as Work;
    if (rest.length > 1 && holders) return Promise.resolve(work(null));
    holders++;
    const turn = last.then(() => work({}));
    last = turn.then(
      () => holders--,
      () => holders--,
    );
    return turn;
  };
  return { request } as unknown as LockManager;
}

let time = 1000;
const now = () => ++time;
const noLogin = () => expect.unreachable("nobody has to sign in");

beforeEach(() => localStorage.clear());

describe("ChatSession", () => {
  it("opens one session for a page, however often it is asked", async () => {
    const { calls, fetch } = server();
    const session = new ChatSession(CONFIG, { fetch, now }, noLogin);
    await Promise.all([session.start(), session.start()]);
    await session.start();
    expect(calls).toEqual([{ url: CONFIG.url, body: { tenant: "acme", assistant: "guide" } }]);
  });

  it("opens one session for tabs that start together", async () => {
    const { paths, fetch } = server();
    const locks = sharedLocks();
    const tabs = [1, 2, 3].map(() => new ChatSession(CONFIG, { fetch, locks, storage: localStorage, now }, noLogin));
    await Promise.all(tabs.map((tab) => tab.start()));
    expect(paths()).toEqual([CONFIG.url]);
  });

  it("hands out OpenAI's secret, and a new one when that has run out", async () => {
    const secret = (text: string) => [Response.json({ session_id: "cs_1", client_secret: text })];
    const { paths, fetch } = server({ [CONFIG.url]: secret("ek_1"), [CONFIG.refreshUrl]: secret("ek_2") });
    const session = new ChatSession(CONFIG, { fetch, now }, noLogin);
    expect(await session.clientSecret(null)).toBe("ek_1");
    expect(await session.clientSecret("ek_1")).toBe("ek_2");
    expect(paths()).toEqual([CONFIG.url, CONFIG.refreshUrl]);
  });

  it("opens another session when OpenAI's secret cannot be renewed, and fails when there is none at all", async () => {
    const { paths, fetch } = server({ [CONFIG.refreshUrl]: [refusal("session_invalid")] });
    const session = new ChatSession(CONFIG, { fetch, now }, noLogin);
    await expect(session.clientSecret("ek_1")).rejects.toThrow("could not be opened");
    expect(paths()).toEqual([CONFIG.url, CONFIG.refreshUrl, CONFIG.url]);
  });

  it("survives a server that is away", async () => {
    const fetch = () => Promise.reject(new TypeError("away"));
    const session = new ChatSession(CONFIG, { fetch, now }, noLogin);
    await session.start();
    expect(await session.renew("session_expired", now())).toBe(false);
  });

  it("refreshes an expired token, and opens a session when there is nothing to refresh", async () => {
    const { paths, fetch } = server();
    const session = new ChatSession(CONFIG, { fetch, now }, noLogin);
    expect(await session.renew("session_expired", now())).toBe(true);
    expect(await session.renew("session_invalid", now())).toBe(true);
    expect(await session.renew("session_missing", now())).toBe(true);
    expect(paths()).toEqual([CONFIG.refreshUrl, CONFIG.url, CONFIG.url]);
  });

  it("opens a new session when the refresh is refused", async () => {
    const { paths, fetch } = server({ [CONFIG.refreshUrl]: [refusal("session_invalid")] });
    const session = new ChatSession(CONFIG, { fetch, now }, noLogin);
    expect(await session.renew("session_expired", now())).toBe(true);
    expect(paths()).toEqual([CONFIG.refreshUrl, CONFIG.url]);
  });

  it("renews once for all that were refused together, in this tab and in others", async () => {
    const { paths, fetch } = server();
    const locks = sharedLocks();
    const tab = () => new ChatSession(CONFIG, { fetch, locks, storage: localStorage, now }, noLogin);
    const sentAt = now();
    const [first, second] = [tab(), tab()];
    const results = await Promise.all([
      first.renew("session_expired", sentAt),
      first.renew("session_expired", sentAt),
      second.renew("session_expired", sentAt),
    ]);
    expect(results).toEqual([true, true, true]);
    expect(paths()).toEqual([CONFIG.refreshUrl]);
  });

  it("renews once although what another tab has stored is not seen yet", async () => {
    const { paths, fetch } = server();
    const locks = sharedLocks();
    const tab = () => new ChatSession(CONFIG, { fetch, locks, now }, noLogin);
    const sentAt = now();
    const results = await Promise.all([tab(), tab()].map((each) => each.renew("session_expired", sentAt)));
    expect(results).toEqual([true, true]);
    expect(paths()).toEqual([CONFIG.refreshUrl]);
  });

  it("does not renew for other refusals", async () => {
    const { calls, fetch } = server();
    const session = new ChatSession(CONFIG, { fetch, now }, noLogin);
    expect(await session.renew("origin_refused", now())).toBe(false);
    expect(calls).toEqual([]);
  });

  it("leads to the sign-in page when the page opens, and only then", async () => {
    const refused = () => refusal("login_required", "/login/");
    const { fetch } = server({ [CONFIG.url]: [refused(), refused()] });
    const onLogin = vi.fn();
    const session = new ChatSession(CONFIG, { fetch, now }, onLogin);
    await session.start();
    expect(onLogin).toHaveBeenCalledExactlyOnceWith("/login/?next=%2F");
    expect(await session.renew("session_missing", now())).toBe(false);
    expect(session.signInUrl).toBe("/login/?next=%2F");
    expect(onLogin).toHaveBeenCalledOnce();
  });

  it("stores nothing but a moment", async () => {
    const { fetch } = server();
    await new ChatSession(CONFIG, { fetch, storage: localStorage, now }, noLogin).start();
    expect(Object.values({ ...localStorage })).toEqual([String(time)]);
  });
});

describe("signInPage", () => {
  const here = { pathname: "/t/acme/", search: "?thread=thr_1" };
  it.each([
    ["/login/", "/login/?next=%2Ft%2Facme%2F%3Fthread%3Dthr_1"],
    ["https://evil.example/", "/login/?next=%2Ft%2Facme%2F%3Fthread%3Dthr_1"],
    ["//evil.example/", "/login/?next=%2Ft%2Facme%2F%3Fthread%3Dthr_1"],
    ["/\\evil.example/", "/login/?next=%2Ft%2Facme%2F%3Fthread%3Dthr_1"],
    ["", "/login/?next=%2Ft%2Facme%2F%3Fthread%3Dthr_1"],
  ])("goes from %j to a page of this host", (hint, expected) => expect(signInPage(hint, here)).toBe(expected));
});
