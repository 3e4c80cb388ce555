"""A model provider of our own on this machine: it speaks OpenAI's API over real HTTP, and says what a test tells it to."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import time
from collections import deque
from collections.abc import Iterator
from typing import Any

from tests.support import vectors
from tests.support.answers import Bill, CallTool, Cite, Cut, Decline, Draw, Hold, Refuse, Step, Think, Vanish
from tests.support.dialects import DRAWN, TOKENS, Completions, Responses, whole
from tests.support.loopback import Handler, LoopbackServer
from tests.support.speech import hear

__all__ = [
    "DRAWN",
    "TOKENS",
    "Bill",
    "CallTool",
    "Cite",
    "Cut",
    "Decline",
    "Draw",
    "Hold",
    "Provider",
    "Refuse",
    "Step",
    "Think",
    "Vanish",
]

_PATIENCE = 30.0


class Provider(LoopbackServer):
    """The server.  Each request takes the next answer that was told; without one, it repeats the last words it was sent."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        #: Multipart bodies of requests to turn speech into text.
        self.recordings: list[bytes] = []
        #: Texts that were to become vectors, and how that went.
        self.embedded: list[str] = []
        self.embeddings_status = 200
        self._answers: deque[tuple[Step, ...]] = deque()
        self._holds: list[Hold] = []
        self.listen(_Handler)

    @property
    def url(self) -> str:
        return f"{self.origin}/v1"

    def will_say(self, *steps: Step) -> None:
        """Queue an answer."""
        self._holds += [step for step in steps if isinstance(step, Hold)]
        self._answers.append(steps)

    def reset(self) -> None:
        """Forget everything, and let go of what waits."""
        for hold in self._holds:
            hold.release()
        self._holds.clear()
        self._answers.clear()
        self.requests.clear()
        self.keys.clear()
        self.recordings.clear()
        self.embedded.clear()
        self.embeddings_status = 200

    @contextlib.contextmanager
    def down(self) -> Iterator[None]:
        """Nobody listens meanwhile."""
        self.stop()
        try:
            yield
        finally:
            self.listen(_Handler, self.port)

    def next_answer(self, said: str) -> tuple[Step, ...]:
        return self._answers.popleft() if self._answers else (f"You said: {said}",)


class _Hangup(Exception):  # noqa: N818 - not an error: the other side left.
    pass


class _Handler(Handler):
    owner: Provider
    protocol_version = "HTTP/1.1"  # In chunks, so that a broken line differs from the end.

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.endswith("/audio/transcriptions"):
            hear(self, content)
            return
        body = json.loads(content)
        if self.path.endswith("/embeddings"):
            self._embed(body)
            return
        self.owner.requests.append(body)
        self.owner.keys.append(self.headers.get("Authorization", ""))
        dialect = Responses(body) if self.path.endswith("/responses") else Completions(body)
        steps = self.owner.next_answer(dialect.last_words())
        if steps and isinstance(steps[0], Refuse):
            self._refuse(steps[0].status, steps[0].code)
            return
        if not body.get("stream"):
            with contextlib.suppress(_Hangup, OSError):
                for step in steps:
                    if isinstance(step, Hold):
                        self._hold(step)
                self._answer(200, whole(body, "".join(step for step in steps if isinstance(step, str))))
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Connection", "close")
        self.end_headers()
        with contextlib.suppress(_Hangup, OSError):
            self._stream(dialect, steps)

    def _embed(self, body: dict[str, Any]) -> None:
        self.owner.embedded += body["input"]
        answer = json.dumps(vectors.embed(body)).encode()
        self.send_response(self.owner.embeddings_status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _stream(self, dialect: Completions | Responses, steps: tuple[Step, ...]) -> None:
        self._send(dialect.begin())
        for step in steps:
            match step:
                case str():
                    self._send(dialect.text(step))
                case CallTool():
                    self._send(dialect.call(step))
                case Think():
                    self._send(dialect.think(step))
                case Cite():
                    self._send(dialect.cite(step))
                case Decline():
                    self._send(dialect.decline(step))
                case Draw():
                    self._send(dialect.draw(step))
                case Bill():
                    dialect.tokens = step.tokens
                case Hold():
                    self._hold(step)
                case Cut():
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                case Vanish():
                    self.wfile.write(b"0\r\n\r\n")
                    return
                case Refuse():
                    raise AssertionError("A refusal comes first.")
        self._send(dialect.end())
        self.wfile.write(b"0\r\n\r\n")

    def _send(self, events: list[str]) -> None:
        data = "".join(f"{event}\n\n" for event in events).encode()
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
        self.wfile.flush()

    def _hold(self, hold: Hold) -> None:
        hold.reached.set()
        deadline = time.monotonic() + _PATIENCE
        while not hold.released.wait(0.01):
            readable, _, _ = select.select([self.connection], [], [], 0)
            if readable or time.monotonic() > deadline:
                hold.hung_up.set()
                raise _Hangup

    def _refuse(self, status: int, code: str) -> None:
        self._answer(status, {"error": {"message": "sk-provider-secret was refused", "type": "x", "code": code}})

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.send_header("retry-after-ms", "1")
        self.end_headers()
        self.wfile.write(body)
