"""An ASGI application that sends more than anybody reads: ``/flood``; ``/sent`` says how many pieces it has got rid of."""

from typing import Any

from chatplatform.lib.daphne import improve_daphne

PIECES, PIECE = 1_000, b"x" * 65_536
_sent = 0


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    global _sent  # noqa: PLW0603 - one process, one test
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if scope["path"] == "/flood":
        for _ in range(PIECES):
            await send({"type": "http.response.body", "body": PIECE, "more_body": True})
            _sent += 1
    await send({"type": "http.response.body", "body": str(_sent).encode()})


improve_daphne()
