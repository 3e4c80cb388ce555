"""The host of OpenAI's client, as far as a page can tell: a server on this machine that does well or badly."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

#: As much of the client's contract as the page relies on; it keeps what it is given for the test to see.
OFFICIAL = """
customElements.define("openai-chatkit", class extends HTMLElement {
  setOptions(options) {
    this.options = options;
    this.textContent = "The official client";
    if (%s) queueMicrotask(() => this.dispatchEvent(new CustomEvent("chatkit.ready")));
  }
  async fetchUpdates() {}
});
"""
GOOD = OFFICIAL % "true"
NEVER_READY = OFFICIAL % "false"
OF_SOMETHING_ELSE = "window.somethingElse = true;"


class Cdn:
    """Serves ``script`` at `url`; an empty one is not found, and None is never answered."""

    def __init__(self) -> None:
        self.script: str | None = GOOD
        self.asked = 0
        self._stopping = threading.Event()
        cdn = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args: object) -> None:
                """Silence."""

            def do_GET(self) -> None:
                cdn.asked += 1
                if cdn.script is None:
                    cdn._stopping.wait()
                    return
                body = cdn.script.encode()
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "text/javascript")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/chatkit.js"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def reset(self) -> None:
        self.script, self.asked = GOOD, 0

    def stop(self) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()


def closed_url() -> str:
    """An address on which nobody listens, nor ever will while the returned port stays taken."""
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))  # bound, but not listening
    _TAKEN.append(taken)
    return f"http://127.0.0.1:{taken.getsockname()[1]}/chatkit.js"


_TAKEN: list[socket.socket] = []
