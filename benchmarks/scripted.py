"""The model of the benchmarks: it says as many words, at such a pace, as the user's message asks for.

``"200,50"`` means 200 deltas, 50 milliseconds apart.  Each carries ``@<monotonic ns>``, the moment at which it was due.
"""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections.abc import AsyncIterator
from itertools import count
from typing import Any

from agents import Model, ModelResponse, TResponseInputItem
from agents.items import TResponseStreamEvent
from openai.types.responses import (
    Response,
    ResponseCompletedEvent,
    ResponseContentPartAddedEvent,
    ResponseContentPartDoneEvent,
    ResponseCreatedEvent,
    ResponseOutputItemAddedEvent,
    ResponseOutputItemDoneEvent,
    ResponseOutputMessage,
    ResponseOutputText,
    ResponseTextDeltaEvent,
)

_ORDER = re.compile(r"(\d+),(\d+)")


async def words(order: str) -> AsyncIterator[str]:
    """The deltas that a message orders; 200 without a pause when it orders nothing."""
    found = _ORDER.search(order)
    amount, pause_ms = (int(found[1]), int(found[2])) if found else (200, 0)
    due = time.monotonic_ns()
    for _ in range(amount):
        if pause_ms:
            due += pause_ms * 1_000_000
            await asyncio.sleep(max(0.0, (due - time.monotonic_ns()) / 1e9))
        else:
            due = time.monotonic_ns()
        yield f"word @{due} "


class ScriptedModel(Model):
    """The same words through the Agents SDK."""

    async def get_response(self, *args: Any, **kwargs: Any) -> ModelResponse:
        raise NotImplementedError("the benchmarks only stream")

    async def stream_response(
        self, system_instructions: str | None, input: str | list[TResponseInputItem], *args: Any, **kwargs: Any
    ) -> AsyncIterator[TResponseStreamEvent]:
        number, said = count(), []
        message_id = f"msg_{uuid.uuid4().hex}"
        place: dict[str, Any] = {"item_id": message_id, "output_index": 0, "content_index": 0}
        yield ResponseCreatedEvent(type="response.created", sequence_number=next(number), response=_response([]))
        yield ResponseOutputItemAddedEvent(
            type="response.output_item.added",
            sequence_number=next(number),
            output_index=0,
            item=_message(message_id, [], "in_progress"),
        )
        yield ResponseContentPartAddedEvent(
            type="response.content_part.added", sequence_number=next(number), part=_text(""), **place
        )
        async for word in words(_last_message(input)):
            said.append(word)
            yield ResponseTextDeltaEvent(
                type="response.output_text.delta", sequence_number=next(number), delta=word, logprobs=[], **place
            )
        part = _text("".join(said))
        yield ResponseContentPartDoneEvent(
            type="response.content_part.done", sequence_number=next(number), part=part, **place
        )
        done = _message(message_id, [part], "completed")
        yield ResponseOutputItemDoneEvent(
            type="response.output_item.done", sequence_number=next(number), output_index=0, item=done
        )
        yield ResponseCompletedEvent(
            type="response.completed", sequence_number=next(number), response=_response([done])
        )


def _last_message(given: str | list[Any]) -> str:
    """The text of the user's newest message."""
    if isinstance(given, str):
        return given
    content = next(item["content"] for item in reversed(given) if item.get("role") == "user")
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def _text(text: str) -> ResponseOutputText:
    return ResponseOutputText(type="output_text", text=text, annotations=[])


def _message(message_id: str, content: list[Any], status: Any) -> ResponseOutputMessage:
    return ResponseOutputMessage(id=message_id, type="message", role="assistant", status=status, content=content)


def _response(output: list[Any]) -> Response:
    return Response(
        id="resp_scripted",
        created_at=time.time(),
        model="scripted",
        object="response",
        output=output,
        parallel_tool_calls=False,
        tool_choice="auto",
        tools=[],
    )
