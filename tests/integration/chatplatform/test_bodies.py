"""What a request to a page may carry."""

from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import StartServer

FORM = {"content-type": "application/x-www-form-urlencoded"}


def pieces(size: int) -> Iterator[bytes]:
    """A body whose length nobody announces."""
    for _ in range(size // 1_000):
        yield b"x" * 1_000


@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
def test_a_body_has_an_end(start_server: StartServer, kind: str) -> None:
    server = start_server(kind=kind, PAGE_MAX_BODY_BYTES="50000")
    for path in ("/admin/chat/knowledgesource/add/", "/login/"):
        for body in (b"x" * 60_000, pieces(60_000)):
            answer = httpx.post(f"{server.url}{path}", content=body, headers=FORM)
            assert answer.status_code == 413
            assert answer.text == "The request is larger than allowed. Shorten it and send it again.\n"
        for body in (b"x" * 40_000, pieces(40_000)):
            assert httpx.post(f"{server.url}{path}", content=body, headers=FORM).status_code in (302, 403)
