"""The endpoint of `tests.support.provider` that turns speech into text: it hears what the test tells it to."""

from __future__ import annotations

import json
from typing import Any

from tests.support.answers import Bill


def hear(handler: Any, content: bytes) -> None:
    """Answer a recording (multipart) with the next words that were told, a `Bill`'s tokens, or the refusal in their place."""
    handler.owner.recordings.append(content)
    handler.owner.keys.append(handler.headers.get("Authorization", ""))
    *before, said = handler.owner.next_answer("nothing")
    if not isinstance(said, str):
        handler._refuse(said.status, said.code)
        return
    told = [_usage(step.tokens) for step in before if isinstance(step, Bill)]
    answer = json.dumps({"text": said} | ({"usage": told[0]} if told else {})).encode()
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(answer)))
    handler.end_headers()
    handler.wfile.write(answer)


def _usage(tokens: tuple[int, int, int, int]) -> dict[str, Any]:
    heard, _cached, written, _thought = tokens
    details = {"audio_tokens": heard, "text_tokens": 0}
    return {
        "type": "tokens",
        "input_tokens": heard,
        "input_token_details": details,
        "output_tokens": written,
        "total_tokens": heard + written,
    }
