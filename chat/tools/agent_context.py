"""PlatformAgentContext: through which tools show things while they work."""

from __future__ import annotations

from collections.abc import Callable

from chatkit.agents import AgentContext
from chatkit.types import ThreadStreamEvent
from pydantic import Field

from chat.context import ChatContext
from chat.knowledge.search_queries import Found


class PlatformAgentContext(AgentContext[ChatContext]):
    """The SDK's, with events that stay what they were when they were sent, and with what the answer may cite."""

    #: The public ids of the sources that the assistant uses; empty: all of the tenant's.
    knowledge_sources: tuple[str, ...] = ()
    #: Whether what is found for it is ranked again, by sentences.
    reranks: bool = False
    #: The passages that the model was shown in this answer: the first is cited as [1].
    passages: list[Found] = Field(default_factory=list)
    #: Whether the output rules leave a text as it is: what a person has to agree to is shown whole, or not at all.
    is_shown_whole: Callable[[str], bool] = Field(default=lambda _text: True)

    async def stream(self, event: ThreadStreamEvent) -> None:
        # The SDK sends its own workflow, and adds tasks to it before anybody has read the event: those would be shown twice.
        await super().stream(event.model_copy(deep=True))

    def number_of(self, passage: Found) -> int:
        """Under which number a passage is cited, from now on."""
        known = [each.chunk_id for each in self.passages]
        if passage.chunk_id not in known:
            self.passages.append(passage)
            return len(self.passages)
        return known.index(passage.chunk_id) + 1
