"""An answer that fails after its headers: the server must hear of it, or the connection stays open for ever."""

import logging
from typing import Any

import pytest
from chatkit.store import NotFoundError

from chat import routing
from chat.views.http import STREAM_HEADERS, Request
from chatplatform.lib.errors import PlatformError


@pytest.mark.parametrize("error", [ValueError("what a user wrote"), PlatformError("unavailable"), NotFoundError()])
async def test_a_stream_that_breaks_is_cut_off(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    async def breaks(request: Request) -> None:
        await request.start(200, STREAM_HEADERS)
        raise error

    sent: list[dict[str, Any]] = []

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)

    scope = {"type": "http", "method": "GET", "path": "/x", "headers": []}
    with caplog.at_level(logging.ERROR), pytest.raises(routing.BrokenStreamError) as broken:
        await routing._serve(Request(scope, None, send), breaks, ())  # type: ignore[arg-type]
    assert [event["type"] for event in sent] == ["http.response.start"]
    assert "what a user wrote" not in caplog.text
    assert broken.value.__suppress_context__
