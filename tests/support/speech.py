"""The endpoint of `tests.support.provider` that turns speech into text: it hears what the test tells it to."""

from __future__ import annotations

import json
from typing import Any


def hear(handler: Any, content: bytes) -> None:
    """Answer a recording (multipart) with the next words that were told, or the refusal in their place."""
    handler.owner.recordings.append(content)
    handler.owner.keys.append(handler.headers.get("Authorization", ""))
    (said,) = handler.owner.next_answer("nothing")
    if not isinstance(said, str):
        handler._refuse(said.status, said.code)
        return
    answer = json.dumps({"text": said}).encode()
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(answer)))
    handler.end_headers()
    handler.wfile.write(answer)
