/** Serves the client from this site, so that the browser asks nobody else. */
import { platform } from "../../platform";

export async function GET(_request: Request, { params }: { params: Promise<{ path: string[] }> }): Promise<Response> {
  const { path } = await params;
  const address = new URL(["/static/chatkit", ...path.map(encodeURIComponent)].join("/"), platform());
  const response = await fetch(address, { cache: "no-store" });
  return new Response(response.body, {
    status: response.status,
    headers: {
      "content-type": response.headers.get("content-type") ?? "text/plain",
      "cache-control": response.headers.get("cache-control") ?? "no-cache",
    },
  });
}
