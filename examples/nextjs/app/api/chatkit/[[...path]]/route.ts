/** Passes the chat on to chatplatform, with the reader's session, and streams the answer back as it comes. */
import { cookies } from "next/headers";
import type { NextRequest } from "next/server";
import { COOKIE, openSession, platform } from "../../../platform";

const MOST_BYTES = 1_000_000;
const PASSED_ON = ["accept", "accept-language", "content-type"];
const PASSED_BACK = ["content-type", "retry-after", "x-accel-buffering", "x-chatkit-run-id", "x-request-id"];

type Context = { params: Promise<{ path?: string[] }> };

async function handle(request: NextRequest, { params }: Context): Promise<Response> {
  const { path = [] } = await params;
  // Sessions are opened here and nowhere else, and no other site may send anything with our cookie.
  if (path[0] === "session" || path[0] === "refresh") return Response.json({ error: { code: "not_found" } }, { status: 404 });
  const site = request.headers.get("sec-fetch-site");
  if (request.method !== "GET" && site !== "same-origin") return Response.json({ error: { code: "origin_refused" } }, { status: 403 });
  const body = request.method === "GET" ? undefined : await request.text();
  if (body && body.length > MOST_BYTES) return Response.json({ error: { code: "too_large" } }, { status: 413 });

  const jar = await cookies();
  const send = (secret: string) => {
    const headers = new Headers({ authorization: `Bearer ${secret}` });
    for (const name of PASSED_ON) {
      const value = request.headers.get(name);
      if (value) headers.set(name, value);
    }
    const address = new URL(["/api/chatkit", ...path.map(encodeURIComponent)].join("/"), platform());
    address.search = request.nextUrl.search;
    return fetch(address, { method: request.method, headers, body, cache: "no-store", signal: request.signal });
  };

  const known = jar.get(COOKIE)?.value;
  let response = known ? await send(known) : null;
  if (!response || response.status === 401) {
    const secret = await openSession();
    const secure = process.env.NODE_ENV === "production" && request.nextUrl.protocol === "https:";
    jar.set(COOKIE, secret, { httpOnly: true, sameSite: "lax", secure, path: "/" });
    response = await send(secret);
  }
  const headers = new Headers({ "cache-control": "no-store, no-transform" });
  for (const name of PASSED_BACK) {
    const value = response.headers.get(name);
    if (value) headers.set(name, value);
  }
  return new Response(response.body, { status: response.status, headers });
}

export { handle as DELETE, handle as GET, handle as POST };
