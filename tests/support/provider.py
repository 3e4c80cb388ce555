"""A model provider of our own on this machine: it speaks OpenAI's API over real HTTP, and says what a test tells it to."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support import vectors
from tests.support.answers import CallTool, Cite, Cut, Decline, Hold, Refuse, Step, Think, Vanish
from tests.support.speech import hear

__all__ = ["TOKENS", "CallTool", "Cite", "Cut", "Decline", "Hold", "Provider", "Refuse", "Step", "Think", "Vanish"]

_PATIENCE = 30.0
#: What each answer costs: tokens of input, those of them that were cached, of output, and those of them that were thoughts.
TOKENS = (1000, 400, 100, 60)


class Provider:
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
        self._server = self._listen(0)
        self.port: int = self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

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
            self._server = self._listen(self.port)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def next_answer(self, said: str) -> tuple[Step, ...]:
        return self._answers.popleft() if self._answers else (f"You said: {said}",)

    def _listen(self, port: int) -> ThreadingHTTPServer:
        provider = self

        class Handler(_Handler):
            owner = provider

        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        server.daemon_threads = True
        server.block_on_close = False
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return server


class _Hangup(Exception):  # noqa: N818 - not an error: the other side left.
    pass


class _Handler(BaseHTTPRequestHandler):
    owner: Provider
    protocol_version = "HTTP/1.1"  # In chunks, so that a broken line differs from the end.

    def log_message(self, *args: Any) -> None:
        """Silence: tests ask `Provider.requests`."""

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
        dialect = _Responses(body) if self.path.endswith("/responses") else _Completions(body)
        steps = self.owner.next_answer(dialect.last_words())
        if steps and isinstance(steps[0], Refuse):
            self._refuse(steps[0].status, steps[0].code)
            return
        if not body.get("stream"):
            self._answer(200, _whole(body, "".join(step for step in steps if isinstance(step, str))))
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

    def _stream(self, dialect: _Completions | _Responses, steps: tuple[Step, ...]) -> None:
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


def _whole(request: dict[str, Any], text: str) -> dict[str, Any]:
    """A chat completion that does not stream."""
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1_700_000_000, "model": request["model"]}
    return {**head, "choices": [choice]}


class _Completions:
    """Chat Completions, as most providers speak it."""

    def __init__(self, request: dict[str, Any]) -> None:
        self._request = request
        self._finish = "stop"

    def last_words(self) -> str:
        content = self._request["messages"][-1].get("content") or ""
        return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)

    def begin(self) -> list[str]:
        return [self._chunk({"role": "assistant", "content": ""})]

    def text(self, text: str) -> list[str]:
        return [self._chunk({"content": text})]

    def think(self, thought: Think) -> list[str]:
        return [self._chunk({"reasoning_content": piece}) for piece in thought.pieces]

    def cite(self, source: Cite) -> list[str]:
        place = {"url": source.url, "title": source.title, "start_index": 0, "end_index": 3}
        return [self._chunk({"annotations": [{"type": "url_citation", "url_citation": place}]})]

    def decline(self, refusal: Decline) -> list[str]:
        return [self._chunk({"refusal": piece}) for piece in refusal.pieces]

    def call(self, call: CallTool) -> list[str]:
        self._finish = "tool_calls"
        function = {"name": call.name, "arguments": json.dumps(call.arguments)}
        return [self._chunk({"tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": function}]})]

    def end(self) -> list[str]:
        wants_usage = (self._request.get("stream_options") or {}).get("include_usage")
        return [self._chunk({}, self._finish), *([self._usage()] if wants_usage else []), "data: [DONE]"]

    def _usage(self) -> str:
        given, cached, written, thought = TOKENS
        usage = {
            "prompt_tokens": given,
            "prompt_tokens_details": {"cached_tokens": cached},
            "completion_tokens": written,
            "completion_tokens_details": {"reasoning_tokens": thought},
            "total_tokens": given + written,
        }
        chunk = json.loads(self._chunk({}).removeprefix("data: ")) | {"choices": [], "usage": usage}
        return f"data: {json.dumps(chunk)}"

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> str:
        # Every answer has the same id: some providers do that.
        chunk = {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1_700_000_000,
            "model": self._request["model"],
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        }
        return f"data: {json.dumps(chunk)}"


class _Responses:
    """The Responses API."""

    def __init__(self, request: dict[str, Any]) -> None:
        self._request = request
        self._text = ""
        self._number = 0
        self._is_open = False
        self._citations: list[dict[str, Any]] = []
        self._refusal = ""

    def last_words(self) -> str:
        content = self._request["input"][-1].get("content") or ""
        return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)

    def begin(self) -> list[str]:
        return [self._event("response.created", response=self._response([]))]

    def text(self, text: str) -> list[str]:
        self._text += text
        return [
            *self._open(self._part("")),
            self._event("response.output_text.delta", **self._place, delta=text, logprobs=[]),
        ]

    def think(self, thought: Think) -> list[str]:
        place = {"item_id": "rs_1", "output_index": 0, "summary_index": 0}
        whole = "".join(thought.pieces)
        item = {"type": "reasoning", "id": "rs_1", "summary": []}
        part = {"type": "summary_text", "text": ""}
        return [
            self._event("response.output_item.added", output_index=0, item=item),
            self._event("response.reasoning_summary_part.added", **place, part=part),
            *(self._event("response.reasoning_summary_text.delta", **place, delta=piece) for piece in thought.pieces),
            self._event("response.reasoning_summary_text.done", **place, text=whole),
            self._event("response.reasoning_summary_part.done", **place, part=part | {"text": whole}),
            self._event("response.output_item.done", output_index=0, item=item | {"summary": [part | {"text": whole}]}),
        ]

    def cite(self, source: Cite) -> list[str]:
        citation = {"type": "url_citation", "url": source.url, "title": source.title, "start_index": 0, "end_index": 3}
        self._citations.append(citation)
        number = len(self._citations) - 1
        kind = "response.output_text.annotation.added"
        return [self._event(kind, **self._place, annotation_index=number, annotation=citation)]

    def decline(self, refusal: Decline) -> list[str]:
        self._refusal = "".join(refusal.pieces)
        return [
            *self._open({"type": "refusal", "refusal": ""}),
            *(self._event("response.refusal.delta", **self._place, delta=piece) for piece in refusal.pieces),
        ]

    def _open(self, part: dict[str, Any]) -> list[str]:
        """Begin the message, if that was not done."""
        if self._is_open:
            return []
        self._is_open = True
        return [
            self._event("response.output_item.added", output_index=0, item=self._message("in_progress", [])),
            self._event("response.content_part.added", **self._place, part=part),
        ]

    def call(self, call: CallTool) -> list[str]:
        raise NotImplementedError

    def end(self) -> list[str]:
        part = {"type": "refusal", "refusal": self._refusal} if self._refusal else self._part(self._text)
        message = self._message("completed", [part])
        return [
            *self._open(self._part("")),
            self._event("response.content_part.done", **self._place, part=part),
            self._event("response.output_item.done", output_index=0, item=message),
            self._event("response.completed", response=self._response([message])),
        ]

    @property
    def _place(self) -> dict[str, Any]:
        return {"item_id": "msg_1", "output_index": 0, "content_index": 0}

    def _part(self, text: str) -> dict[str, Any]:
        return {"type": "output_text", "text": text, "annotations": self._citations, "logprobs": []}

    def _message(self, status: str, content: list[dict[str, Any]]) -> dict[str, Any]:
        return {"type": "message", "id": "msg_1", "role": "assistant", "status": status, "content": content}

    def _response(self, output: list[dict[str, Any]]) -> dict[str, Any]:
        given, cached, written, thought = TOKENS
        usage = {
            "input_tokens": given,
            "input_tokens_details": {"cached_tokens": cached, "cache_write_tokens": 0},
            "output_tokens": written,
            "output_tokens_details": {"reasoning_tokens": thought},
            "total_tokens": given + written,
        }
        return {
            "usage": usage if output else None,
            "id": "resp_1",
            "object": "response",
            "created_at": 1_700_000_000,
            "model": self._request["model"],
            "status": "completed" if output else "in_progress",
            "output": output,
            "parallel_tool_calls": False,
            "tool_choice": "auto",
            "tools": [],
        }

    def _event(self, kind: str, **fields: Any) -> str:
        self._number += 1
        return f"event: {kind}\ndata: {json.dumps({'type': kind, 'sequence_number': self._number, **fields})}"
