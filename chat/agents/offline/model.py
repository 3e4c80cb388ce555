"""OfflineModel: a model of the Agents SDK that needs no network.

It lets the whole product be seen and tested without a provider: it streams word by word, remembers the conversation, and
calls tools, through the same SDK as every other model.  What it says is decided in `chat.agents.offline.replies`.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from itertools import count
from typing import Any

from agents import Model, ModelResponse, Tool, TResponseInputItem, Usage
from agents.items import TResponseStreamEvent
from django.conf import settings
from openai.types.responses import (
    Response,
    ResponseCompletedEvent,
    ResponseContentPartAddedEvent,
    ResponseContentPartDoneEvent,
    ResponseCreatedEvent,
    ResponseFunctionToolCall,
    ResponseOutputItemAddedEvent,
    ResponseOutputItemDoneEvent,
    ResponseOutputMessage,
    ResponseOutputText,
    ResponseTextDeltaEvent,
)
from openai.types.responses.response_output_text import Annotation, AnnotationFileCitation

from chat.agents.offline.files import Answer
from chat.agents.offline.replies import CallTool, decide
from chatplatform.lib.ids import new_id

NAME = "offline"
_WORDS = re.compile(r"\s*\S+|\s+$")


class OfflineModel(Model):
    """Answers from a handful of rules, and says so."""

    async def get_response(
        self, system_instructions: str | None, input: str | list[TResponseInputItem], *args: Any, **kwargs: Any
    ) -> ModelResponse:
        output = await asyncio.to_thread(_output, input, *_given(args, kwargs))
        return ModelResponse(output=[output], usage=Usage(), response_id=None)

    async def stream_response(
        self, system_instructions: str | None, input: str | list[TResponseInputItem], *args: Any, **kwargs: Any
    ) -> AsyncIterator[TResponseStreamEvent]:
        # In a thread: to look through attached files takes half a second.
        output = await asyncio.to_thread(_output, input, *_given(args, kwargs))
        number = count()
        yield ResponseCreatedEvent(type="response.created", sequence_number=next(number), response=_response([]))
        opened = output.model_copy(update={"content": []}) if isinstance(output, ResponseOutputMessage) else output
        yield ResponseOutputItemAddedEvent(
            type="response.output_item.added", sequence_number=next(number), output_index=0, item=opened
        )
        if isinstance(output, ResponseOutputMessage):
            part = output.content[0]
            place: dict[str, Any] = {"item_id": output.id, "output_index": 0, "content_index": 0}
            yield ResponseContentPartAddedEvent(
                type="response.content_part.added",
                sequence_number=next(number),
                part=part.model_copy(update={"text": ""}),
                **place,
            )
            for word in _WORDS.findall(part.text):  # type: ignore[union-attr]
                await asyncio.sleep(settings.OFFLINE_WORD_DELAY_MS / 1000)
                yield ResponseTextDeltaEvent(
                    type="response.output_text.delta", sequence_number=next(number), delta=word, logprobs=[], **place
                )
            yield ResponseContentPartDoneEvent(
                type="response.content_part.done", sequence_number=next(number), part=part, **place
            )
        yield ResponseOutputItemDoneEvent(
            type="response.output_item.done", sequence_number=next(number), output_index=0, item=output
        )
        yield ResponseCompletedEvent(
            type="response.completed", sequence_number=next(number), response=_response([output])
        )


def _given(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[list[Tool], str | None]:
    """The tools, and the name of the one that must be called."""
    settings_of_model = kwargs.get("model_settings") or args[0]
    return kwargs.get("tools") or args[1], settings_of_model.tool_choice


def _output(
    conversation: str | list[TResponseInputItem], tools: list[Tool], chosen: str | None
) -> ResponseOutputMessage | ResponseFunctionToolCall:
    items: list[Any] = (
        [{"role": "user", "content": conversation}] if isinstance(conversation, str) else list(conversation)
    )
    decision = decide(items, {tool.name: getattr(tool, "params_json_schema", {}) for tool in tools}, chosen)
    if isinstance(decision, CallTool):
        return ResponseFunctionToolCall(
            type="function_call",
            id=new_id("tool_call"),
            call_id=new_id("tool_call"),
            name=decision.name,
            arguments=json.dumps(decision.arguments),
        )
    said = Answer(decision, {}) if isinstance(decision, str) else decision
    cited: list[Annotation] = [
        AnnotationFileCitation(type="file_citation", file_id=name, filename=name, index=index)
        for name, index in said.sources.items()
    ]
    text = ResponseOutputText(type="output_text", text=said.words, annotations=cited)
    return ResponseOutputMessage(
        id=new_id("message"), type="message", role="assistant", status="completed", content=[text]
    )


def _response(output: list[Any]) -> Response:
    return Response(
        id=new_id("message"),
        created_at=time.time(),
        model=NAME,
        object="response",
        output=output,
        parallel_tool_calls=False,
        tool_choice="auto",
        tools=[],
    )
