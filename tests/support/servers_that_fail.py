"""ChatKit servers for `CHATKIT_SERVER`, as a company might bring them: with faults."""

from collections.abc import AsyncGenerator
from typing import Any

from chat.agents.deltas import AnswerEvent
from chat.context import ChatContext
from chat.server import PlatformChatKitServer, Reply
from chat.stores.base import OpenedRun


class Broken(PlatformChatKitServer):
    """Nothing works, and its errors speak of secrets."""

    async def reply(self, request: Any, context: ChatContext) -> Reply:
        raise RuntimeError("SENTINEL-a8f3")

    async def answer(self, opened: OpenedRun) -> AsyncGenerator[AnswerEvent, None]:
        if opened.history:
            raise RuntimeError("SENTINEL-a8f3")
        yield
