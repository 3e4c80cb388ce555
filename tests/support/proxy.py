"""A proxy in front of a server, set up well until a test spoils it."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx

from tests.support.loopback import Handler, LoopbackServer


@dataclass
class Proxy(LoopbackServer):
    """Passes everything on as it comes."""

    target: str
    #: Holds answers back until they are whole.
    is_buffering: bool = False
    #: Headers that it puts in the place of what came: on the way in, and on the way out. None takes one away.
    asks_with: dict[str, str | None] = field(default_factory=dict)
    answers_with: dict[str, str | None] = field(default_factory=dict)
    #: What begins so is not there.
    lacks: str = "/no-such"

    def __post_init__(self) -> None:
        self.listen(_Handler)

    @property
    def url(self) -> str:
        return self.origin


class _Handler(Handler):
    owner: Proxy

    def do_GET(self) -> None:
        if self.path.startswith(self.owner.lacks):
            self.send_error(404)
            return
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = _changed(list(self.headers.items()), self.owner.asks_with)
        url = self.owner.target + self.path
        with httpx.stream(self.command, url, headers=headers, content=body, timeout=30, trust_env=False) as answer:
            if self.owner.is_buffering:
                answer.read()
            self.send_response_only(answer.status_code)
            for name, value in _changed(answer.headers.multi_items(), self.owner.answers_with):
                if name.lower() not in {"transfer-encoding", "content-length", "content-encoding"}:
                    self.send_header(name, value)
            self.send_header("Connection", "close")
            self.end_headers()
            for piece in answer.iter_bytes():
                self.wfile.write(piece)
                self.wfile.flush()

    do_POST = do_DELETE = do_GET  # noqa: N815 - the names of the base class


def _changed(headers: list[tuple[str, str]], changes: dict[str, str | None]) -> list[tuple[str, str]]:
    kept = [(name, value) for name, value in headers if name.lower() not in changes]
    return kept + [(name, value) for name, value in changes.items() if value is not None]
