"""PlatformAgentContext: through which tools show things while they work."""

from __future__ import annotations

from chatkit.agents import AgentContext
from chatkit.types import ThreadStreamEvent

from chat.context import ChatContext


class PlatformAgentContext(AgentContext[ChatContext]):
    """The SDK's, with events that stay what they were when they were sent."""

    async def stream(self, event: ThreadStreamEvent) -> None:
        # The SDK sends its own workflow, and adds tasks to it before anybody has read the event: those would be shown twice.
        await super().stream(event.model_copy(deep=True))
