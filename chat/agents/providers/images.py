"""Images that a provider draws: what it is told, what of it goes on, and what counts when it says nothing.

Providers draw in the middle of an answer, by a tool of their own (`chat.tools.image_generation`) in OpenAI's Responses API.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from agents import ImageGenerationTool, ModelSettings, TResponseInputItem
from agents.tool import Tool
from openai.types.responses import ResponseOutputMessage, ResponseOutputText

from chat.agents.providers.registry import Provider
from chat.tools.image_generation import NAME

#: Images in one answer of a model, and how often an image is shown before it is finished.
MOST_IMAGES, PARTIAL_IMAGES = 4, 2
_CALL = "image_generation_call"
_EVENTS = f"response.{_CALL}."


def drawing_tool(provider: Provider, options: dict[str, Any]) -> ImageGenerationTool | None:
    """How a provider draws for a version with these options; None where it does not."""
    if not provider.image_model:
        return None
    return ImageGenerationTool(
        tool_config={
            "type": "image_generation",
            "model": options.get("image_model") or provider.image_model,
            "quality": options.get("image_quality") or "auto",
            "partial_images": PARTIAL_IMAGES,
        }
    )


def with_drawing(
    settings: ModelSettings, tools: list[Tool], drawing: ImageGenerationTool | None
) -> tuple[ModelSettings, list[Tool]]:
    """Settings and tools of one call: a provider gets its own way to draw in the place of the wish for it, or none."""
    if not any(isinstance(tool, ImageGenerationTool) for tool in tools):
        return settings, tools
    others: list[Tool] = [tool for tool in tools if not isinstance(tool, ImageGenerationTool)]
    if drawing is None:
        return replace(settings, tool_choice=None) if settings.tool_choice == NAME else settings, others
    return settings.resolve(ModelSettings(extra_args={"max_tool_calls": MOST_IMAGES})), [*others, drawing]


def without_images(given: str | list[TResponseInputItem]) -> str | list[TResponseInputItem]:
    """What a model reads, without the images that another one has drawn in the same answer."""
    return given if isinstance(given, str) else [item for item in given if item.get("type") != _CALL]


async def without_unasked(events: AsyncIterator[Any], tools: list[Tool]) -> AsyncIterator[Any]:
    """What a call that was offered these tools is told, without images where it was not to draw: no provider decides that."""
    draws = any(isinstance(tool, ImageGenerationTool) for tool in tools)
    async for event in events:
        if draws:
            yield event
            continue
        if event.type == "response.completed":
            let_images_speak(event.response)
            event.response.output = [item for item in event.response.output if item.type != _CALL]
        if not event.type.startswith(_EVENTS) and getattr(getattr(event, "item", None), "type", "") != _CALL:
            yield event


def let_images_speak(response: Any) -> None:
    """Let an answer of images alone be an answer: the SDK would ask the model again, and send it what it has drawn."""
    kinds = {item.type for item in response.output if item.type != "reasoning"}
    if kinds == {_CALL}:
        words = ResponseOutputText(type="output_text", text="", annotations=[])
        response.output.append(
            ResponseOutputMessage(
                id=f"{response.id}-images", type="message", role="assistant", status="completed", content=[words]
            )
        )


def image_of(event: Any) -> str | None:
    """The image that a raw event is about, by the provider's id; None for other events."""
    if event.type.startswith(_EVENTS):
        return str(event.item_id)
    return event.item.id if event.type == "response.output_item.done" and event.item.type == _CALL else None
