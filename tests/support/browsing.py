"""A person's browser as far as HTTP goes: cookies, an origin, and server-sent events."""

from __future__ import annotations

import contextlib
import json
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from accounts.middleware import LOGIN_HOST
from accounts.models import User
from tests.support.servers import ServerProcess

JSON = {"Content-Type": "application/json"}
RUN_HEADER = "x-chatkit-run-id"
#: Servers of tests speak no TLS, and each client would read all certificates of the machine, which takes as long as ten requests.
_NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def message(text: str, **fields: Any) -> dict[str, Any]:
    """ChatKit's user message input."""
    return {
        "content": [{"type": "input_text", "text": text}],
        "attachments": [],
        "inference_options": {},
        **fields,
    }


def sign_in(user: User) -> str:
    """The cookie that Django's login would give."""
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store[LOGIN_HOST] = ""
    store.save()
    return str(store.session_key)


class Stream:
    """Server-sent events as they come in."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.pings = 0
        self.ids: list[int] = []
        #: By which to attach again.
        self.position = "0"
        self.seen: list[dict[str, Any]] = []
        self._frames = self._read()

    @property
    def run_id(self) -> str:
        return self.response.headers[RUN_HEADER]

    def until(self, condition: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """Read up to the first frame for which it holds."""
        for frame in self._frames:
            if condition(frame):
                return frame
        raise AssertionError(f"The stream ended before. It was: {self.seen}")

    def until_text(self, text: str) -> None:
        """Read until the answer's streamed text ends so."""
        self.until(lambda _frame: text_of(self.seen).endswith(text))

    def rest(self) -> list[dict[str, Any]]:
        """Read to the end; everything that this stream brought."""
        for _ in self._frames:
            pass
        return self.seen

    def _read(self) -> Iterator[dict[str, Any]]:
        buffer = ""
        for piece in self.response.iter_text():
            buffer += piece
            while "\n\n" in buffer:
                block, buffer = buffer.split("\n\n", 1)
                if block.startswith(":"):
                    self.pings += 1
                    yield {"type": ": ping"}
                else:
                    yield self._frame(block)
        assert buffer == "", f"The stream ended within a frame: {buffer!r}"

    def _frame(self, block: str) -> dict[str, Any]:
        frame: dict[str, Any] = {}
        for line in block.split("\n"):
            name, _, value = line.partition(": ")
            if name == "data":
                frame = json.loads(value)
            elif name == "id":
                self.position = value
                if value.isdigit():  # not so for items as they are stored
                    self.ids.append(int(value))
            else:
                raise AssertionError(f"Not a line of ChatKit's streams: {line!r}")
        self.seen.append(frame)
        return frame


def text_of(frames: list[dict[str, Any]]) -> str:
    """The assistant's text that frames brought by deltas."""
    updates = [frame["update"] for frame in frames if frame["type"] == "thread.item.updated"]
    return "".join(update["delta"] for update in updates if update["type"].endswith("text_delta"))


def shown_by(frames: list[dict[str, Any]]) -> dict[str, str]:
    """The assistant's messages as a client shows them after these frames: their texts by their ids."""
    shown: dict[str, str] = {}
    for frame in frames:
        item = frame.get("item", {})
        if item.get("type") == "assistant_message":
            shown[item["id"]] = "".join(part["text"] for part in item["content"])
        elif frame["type"] == "thread.item.removed":
            shown.pop(frame["item_id"], None)
        elif frame.get("update", {}).get("type", "").endswith("text_delta"):
            shown[frame["item_id"]] += frame["update"]["delta"]
    return shown


def items_of(frames: list[dict[str, Any]], kind: str = "") -> list[dict[str, Any]]:
    """The finished items that frames brought."""
    done = [frame["item"] for frame in frames if frame["type"] in ("thread.item.done", "thread.item.replaced")]
    return [item for item in done if not kind or item["type"] == kind]


@dataclass
class Turn:
    """A message and its whole answer."""

    thread_id: str
    run_id: str
    frames: list[dict[str, Any]]

    @property
    def text(self) -> str:
        return "".join(part["text"] for item in items_of(self.frames, "assistant_message") for part in item["content"])

    @property
    def question(self) -> dict[str, Any]:
        return items_of(self.frames, "user_message")[0]

    @property
    def answer(self) -> dict[str, Any]:
        return items_of(self.frames, "assistant_message")[-1]


def action_of(turn_or_thread: Turn | str, widget: dict[str, Any], kind: str, payload: Any) -> dict[str, Any]:
    """The parameters of an action that a widget sends."""
    thread_id = turn_or_thread if isinstance(turn_or_thread, str) else turn_or_thread.thread_id
    return {"thread_id": thread_id, "item_id": widget["id"], "action": {"type": kind, "payload": payload}}


@dataclass
class Browser:
    """One browser.  ``host`` is the name in the address bar; the shared host by default."""

    server: ServerProcess
    tenant: str = "acme"
    host: str = "127.0.0.1"
    bearer: str = ""
    origin: str = field(default="", init=False)

    def __post_init__(self) -> None:
        self.origin = f"http://{self.host}:{self.server.port}"
        self.http = httpx.Client(
            base_url=self.server.url,
            headers={"Host": f"{self.host}:{self.server.port}", "Origin": self.origin},
            timeout=15,
            trust_env=False,
            verify=_NO_CERTIFICATES,
        )

    def close(self) -> None:
        self.http.close()

    # ---- sessions

    def sign_in(self, user: User) -> Browser:
        self.http.cookies.set("sessionid", sign_in(user))
        return self

    def mint(self, **body: Any) -> httpx.Response:
        return self.http.post("/api/chatkit/session", json={"tenant": self.tenant, **body})

    def open(self, assistant: str | None = None) -> Browser:
        """Open a chat session by cookie."""
        response = self.mint(**({"assistant": assistant} if assistant else {}))
        assert response.status_code == 201, response.text
        return self

    def refresh(self, **headers: str) -> httpx.Response:
        return self.http.post(f"/api/chatkit/refresh?tenant={self.tenant}", json={}, headers=headers)

    @property
    def token(self) -> str:
        return self.http.cookies[f"chatkit_session_{self.tenant}"]

    @token.setter
    def token(self, token: str) -> None:
        self.http.cookies.clear()
        self.http.cookies.set(f"chatkit_session_{self.tenant}", token)

    # ---- ChatKit

    @property
    def url(self) -> str:
        return f"/api/chatkit?tenant={self.tenant}"

    def post(self, kind: str, params: Mapping[str, Any] | None = None, **fields: Any) -> httpx.Response:
        return self.http.post(self.url, json={"type": kind, "params": params or {}, **fields}, headers=self._headers())

    def ask(self, kind: str, params: Mapping[str, Any] | None = None) -> Any:
        """An operation that answers JSON, and works."""
        response = self.post(kind, params)
        assert response.status_code == 200, response.text
        return response.json()

    @contextlib.contextmanager
    def stream(self, kind: str, params: Mapping[str, Any], **fields: Any) -> Iterator[Stream]:
        """An operation that streams, and works."""
        body = {"type": kind, "params": params, **fields}
        with self.http.stream("POST", self.url, json=body, headers=self._headers()) as response:
            if response.status_code != 200:
                response.read()
                raise AssertionError(f"{response.status_code}: {response.text}")
            yield Stream(response)

    def say(self, text: str, thread_id: str | None = None, *, attachments: Sequence[str] = (), **fields: Any) -> Turn:
        """Send a message and read its answer to the end."""
        with self.saying(text, thread_id, attachments=attachments, **fields) as stream:
            frames = stream.rest()
        created = [frame["thread"]["id"] for frame in frames if frame["type"] == "thread.created"]
        return Turn(thread_id or created[0], stream.run_id, frames)

    def saying(
        self, text: str, thread_id: str | None = None, *, attachments: Sequence[str] = (), **fields: Any
    ) -> contextlib.AbstractContextManager[Stream]:
        """Send a message; the answer is read by the caller."""
        params: dict[str, Any] = {"input": message(text, attachments=list(attachments))}
        if thread_id is None:
            return self.stream("threads.create", params, **fields)
        return self.stream("threads.add_user_message", {"thread_id": thread_id, **params}, **fields)

    def act(self, turn_or_thread: Turn | str, widget: dict[str, Any], kind: str, payload: Any) -> list[dict[str, Any]]:
        """Press a button of a widget, and read everything that comes of it."""
        with self.stream("threads.custom_action", action_of(turn_or_thread, widget, kind, payload)) as stream:
            return stream.rest()

    def items(self, thread_id: str) -> list[dict[str, Any]]:
        """The visible items, oldest first."""
        page = self.ask("items.list", {"thread_id": thread_id, "order": "asc", "limit": 100})
        return list(page["data"])

    # ---- attachments

    def upload_response(self, name: str, content: bytes, mime: str = "text/plain") -> httpx.Response:
        """Direct upload."""
        url = f"/api/chatkit/attachments?tenant={self.tenant}"
        return self.http.post(url, files={"file": (name, content, mime)}, headers=self._headers())

    def upload(self, name: str, content: bytes, mime: str = "text/plain") -> dict[str, Any]:
        """Direct upload that works; the attachment."""
        response = self.upload_response(name, content, mime)
        assert response.status_code == 201, response.text
        return dict(response.json())

    # ---- runs

    @contextlib.contextmanager
    def attach(self, run_id: str, after: int | str = 0) -> Iterator[Stream]:
        url = f"/api/chatkit/runs/{run_id}/events?after={after}&tenant={self.tenant}"
        with self.http.stream("GET", url, headers=self._headers()) as response:
            assert response.status_code == 200, response.read()
            yield Stream(response)

    def cancel(self, run_id: str) -> httpx.Response:
        return self.http.post(
            f"/api/chatkit/runs/{run_id}/cancel?tenant={self.tenant}", json={}, headers=self._headers()
        )

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.bearer}"} if self.bearer else {}


def refusal(response: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal, which has to be the documented envelope and nothing else."""
    from chatplatform.lib.problems.api import ERRORS

    assert response.headers["content-type"] == "application/json", response.text
    body = response.json()
    assert set(body) == {"error"}, body
    assert set(body["error"]) == {"code", "message", "hint", "request_id"}, body
    spec = ERRORS[body["error"]["code"]]
    assert body["error"]["message"] == spec.message
    assert response.status_code == spec.status
    assert response.headers["x-request-id"] == body["error"]["request_id"]
    return response.status_code, body["error"]["code"]
