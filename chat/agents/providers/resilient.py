"""ResilientModel: asks one model after another until one begins to answer.

Requests that are refused with 408, 409, 429 or 5xx, and connections that cannot be made, are tried again by the OpenAI client
(backoff with jitter, `Retry-After`).  What is left for us: limits of time, streams that break before their first token, and the
next provider.  Once a token is out, nothing is tried again: the reader has seen it.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from agents import ImageGenerationTool, Model, ModelResponse, ModelSettings, TResponseInputItem
from agents.items import TResponseStreamEvent
from agents.tool import Tool
from django.conf import settings

from chat.agents.providers.errors import FAILED, explain, failure_of
from chat.agents.providers.images import image_of, let_images_speak, with_drawing, without_images, without_unasked
from chat.agents.providers.meter import Meter
from chat.stores import codec
from chatplatform.lib.errors import PlatformError

logger = logging.getLogger(__name__)

#: Events that a provider sends before its model has said anything.
_PREAMBLE = frozenset(
    {
        "response.created",
        "response.queued",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.reasoning_summary_part.added",
    }
)
_ENDS = FAILED | {"response.completed"}
#: Failures of a stream that had begun which may pass.
_PASSING = frozenset({"provider_busy", "provider_unreachable", "provider_incomplete"})
_LONGEST_PAUSE = 8.0
#: An image in its own address, whose bytes are no words.
_IMAGE = re.compile(r'"data:[^"]*"')


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that may answer, with the settings that its provider needs."""

    provider: str
    model_name: str
    model: Model
    settings: ModelSettings
    #: Its way to draw, where it has one.
    drawing: ImageGenerationTool | None = None

    def asked(
        self, given: str | list[TResponseInputItem], wanted: ModelSettings, tools: list[Tool]
    ) -> tuple[str | list[TResponseInputItem], ModelSettings, list[Tool]]:
        """What it is asked: input, settings and tools of a call."""
        used, offered = with_drawing(wanted.resolve(self.settings), tools, self.drawing)
        return given if self.drawing is not None else without_images(given), used, offered


class _NoStartError(Exception):
    """A stream ended before its first token.  ``had_begun``: the provider had accepted the request."""

    def __init__(self, failure: PlatformError, *, had_begun: bool) -> None:
        super().__init__(failure.code)
        self.failure, self.had_begun = failure, had_begun


class ResilientModel(Model):
    """The candidates in their order; at least one.  The meter counts what they use."""

    def __init__(self, candidates: list[Candidate], meter: Meter) -> None:
        self._candidates = candidates
        self._meter = meter

    async def get_response(
        self,
        system_instructions: str | None,
        input: str | list[TResponseInputItem],  # noqa: A002 - the SDK's name
        model_settings: ModelSettings,
        tools: list[Tool],
        *args: Any,
        **kwargs: Any,
    ) -> ModelResponse:
        failure: PlatformError | None = None
        for candidate in self._candidates:
            asked = candidate.asked(input, model_settings, tools)
            try:
                async with asyncio.timeout(settings.PROVIDER_TOTAL_SECONDS):
                    response = await candidate.model.get_response(system_instructions, *asked, *args, **kwargs)
            except Exception as error:  # every failure that is not the provider's goes on
                if (failure := explain(error)) is None:
                    raise
                _log(candidate, failure)
            else:
                self._meter.first_token(candidate.provider, candidate.model_name)
                self._meter.count(response.usage)
                return response
        raise failure or PlatformError("assistant_unavailable")

    async def stream_response(
        self,
        system_instructions: str | None,
        input: str | list[TResponseInputItem],  # noqa: A002 - the SDK's name
        model_settings: ModelSettings,
        tools: list[Tool],
        *args: Any,
        **kwargs: Any,
    ) -> AsyncIterator[TResponseStreamEvent]:
        give_up_at = time.monotonic() + settings.PROVIDER_TOTAL_SECONDS
        failure = PlatformError("assistant_unavailable")
        for candidate in self._candidates:
            asked = candidate.asked(input, model_settings, tools)
            for attempt in range(settings.PROVIDER_RETRIES + 1):
                told: Any = candidate.model.stream_response(system_instructions, *asked, *args, **kwargs)
                events: Any = without_unasked(told, asked[2])
                async with aclosing(told), aclosing(events):
                    try:
                        begun = await _begin(events)
                    except _NoStartError as problem:
                        failure = problem.failure
                        _log(candidate, failure)
                        if not (problem.had_begun and failure.code in _PASSING):
                            break
                    else:
                        self._meter.first_token(candidate.provider, candidate.model_name)
                        call = _Call(candidate, self._meter, system_instructions, input)
                        try:
                            for event in begun[:-1]:
                                yield event
                            is_whole = call.ends_with(begun[-1])
                            yield begun[-1]
                            async for event in events:
                                is_whole = call.ends_with(event)
                                if time.monotonic() > give_up_at and not is_whole:
                                    raise PlatformError("provider_timeout")
                                yield event
                            if not is_whole:
                                raise PlatformError("provider_incomplete")
                        finally:
                            call.close()
                        return
                if attempt < settings.PROVIDER_RETRIES:
                    await asyncio.sleep(_pause(attempt))
        raise failure


class _Call:
    """A call that has begun: its tokens are counted, or estimated when nobody tells them."""

    def __init__(
        self, candidate: Candidate, meter: Meter, instructions: str | None, given: str | list[TResponseInputItem]
    ) -> None:
        self._candidate, self._meter = candidate, meter
        self._instructions, self._given = instructions or "", given
        self._written = 0
        #: Those that it has begun to draw: who stops an answer in the middle of one has used it.
        self._images: set[str] = set()
        self._is_counted = False
        meter.opened(self.close)

    def ends_with(self, event: Any) -> bool:
        """Whether an event ends an answer that is whole.

        Raises:
            PlatformError: it ends an answer that is not.
        """
        kind = event.type
        if kind not in _ENDS:
            if (image := image_of(event)) is not None:
                self._images.add(image)
            delta = getattr(event, "delta", None)
            self._written += len(delta) if isinstance(delta, str) else 0
            return False
        response = getattr(event, "response", None)
        if response is not None and response.usage is not None:
            self._meter.count(response.usage)
            self._is_counted = True
            self._count_images(response)
        if kind in FAILED:
            raise failure_of(event)
        # Some providers call an answer completed that is not.
        if getattr(self._candidate.model, "was_cut_off", False) or (
            response is not None and response.status == "incomplete"
        ):
            raise PlatformError("answer_cut_off")
        if self._images and response is not None:
            let_images_speak(response)
        return True

    def close(self) -> None:
        """The call is over, one way or another."""
        if not self._is_counted:
            self._is_counted = True
            seen = without_images(self._given)
            given = seen if isinstance(seen, str) else _IMAGE.sub('""', codec.to_text(seen))
            self._meter.estimate(self._instructions + given, self._written)
            self._count_images(None)

    def _count_images(self, response: Any) -> None:
        """What was drawn costs tokens of its own, of another model."""
        tool = self._candidate.drawing
        if self._images and tool is not None:
            used = getattr(response, "tool_usage", None)
            self._meter.count_images(str(tool.tool_config.get("model")), len(self._images), used and used.image_gen)


async def _begin(events: AsyncIterator[TResponseStreamEvent]) -> list[TResponseStreamEvent]:
    """Everything up to the first token.

    Raises:
        _NoStartError: there came none.
    """
    begun: list[TResponseStreamEvent] = []
    try:
        async with asyncio.timeout(settings.PROVIDER_FIRST_TOKEN_SECONDS):
            async for event in events:
                if event.type in FAILED:
                    raise failure_of(event)
                begun.append(event)
                if event.type not in _PREAMBLE:
                    return begun
        raise PlatformError("provider_incomplete")
    except Exception as error:
        if (failure := explain(error)) is None:
            raise
        raise _NoStartError(failure, had_begun=bool(begun)) from error


def _pause(attempt: int) -> float:
    """Seconds before the next attempt: doubled each time, and spread so that many do not come back at once."""
    longest: float = min(0.5 * 2**attempt, _LONGEST_PAUSE)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - no secret


def _log(candidate: Candidate, failure: PlatformError) -> None:
    logger.warning("provider %s did not answer: %s", candidate.provider, failure.code)
