"""A web server of somebody else on this machine, which keeps what it was asked."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.loopback import Handler, LoopbackServer


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Web(LoopbackServer):
    """The server.

    ``/to?url=<address>`` redirects; ``/large``, ``/slow``, ``/drip`` and ``/packed`` misbehave; the rest answers
    ``page`` with ``status``.
    """

    def __init__(self) -> None:
        self.reset()
        self.listen(_Handler)

    def reset(self) -> None:
        """Forget what was asked, and answer as at first."""
        self.asked: list[Asked] = []
        self.page: Any = {"state": "on its way"}
        self.status = 200

    @property
    def url(self) -> str:
        return self.origin


class _Handler(Handler):
    owner: Web

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.owner.asked.append(Asked(self.command, self.path, headers, body))
        parts = urlsplit(self.path)
        match parts.path:
            case "/to":
                self.send_response(302)
                self.send_header("Location", parse_qs(parts.query)["url"][0])
                self.end_headers()
            case "/large":
                self._answer(b"x" * 5_000_000)
            case "/slow":
                time.sleep(3)
                self._answer(b"late")
            case "/drip":
                self.send_response(200)
                self.end_headers()
                for _ in range(100):
                    self.wfile.write(b"x")
                    time.sleep(0.05)
            case "/packed":
                self._answer(b"\x1f\x8b", ("Content-Encoding", "gzip"))
            case _:
                page = json.dumps(self.owner.page).encode()
                self._answer(page, ("Content-Type", "application/json"), status=self.owner.status)

    do_GET = _serve  # noqa: N815 - the names that http.server looks for
    do_POST = _serve  # noqa: N815

    def _answer(self, body: bytes, *headers: tuple[str, str], status: int = 200) -> None:
        self.send_response(status)
        for name, value in (("Content-Length", str(len(body))), *headers):
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True
