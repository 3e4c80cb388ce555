"""The host of OpenAI's client, as far as a page can tell: a server on this machine that does well or badly."""

from __future__ import annotations

import socket
import threading

from tests.support.loopback import Handler, LoopbackServer

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


class Cdn(LoopbackServer):
    """Serves ``script`` at `url`; an empty one is not found, and None is never answered."""

    def __init__(self) -> None:
        self.script: str | None = GOOD
        self.asked = 0
        self._stopping = threading.Event()
        self.listen(_Handler)

    @property
    def url(self) -> str:
        return f"{self.origin}/chatkit.js"

    def reset(self) -> None:
        self.script, self.asked = GOOD, 0

    def stop(self) -> None:
        self._stopping.set()
        super().stop()


class _Handler(Handler):
    owner: Cdn

    def do_GET(self) -> None:
        self.owner.asked += 1
        if self.owner.script is None:
            self.owner._stopping.wait()
            return
        body = self.owner.script.encode()
        self.answer(200 if body else 404, body, "text/javascript")


def closed_url() -> str:
    """An address on which nobody listens, nor ever will while the returned port stays taken."""
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))  # bound, but not listening
    _TAKEN.append(taken)
    return f"http://127.0.0.1:{taken.getsockname()[1]}/chatkit.js"


_TAKEN: list[socket.socket] = []
