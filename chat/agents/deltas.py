"""TextDelta: one piece of an assistant's text on its way to the browser."""

from __future__ import annotations

from typing import NamedTuple

from chatkit.types import AssistantMessageContentPartTextDelta, ThreadItemUpdatedEvent, ThreadStreamEvent


class TextDelta(NamedTuple):
    """The same as ChatKit's ``assistant_message.content_part.text_delta``, without a pydantic object for each token.

    An answer has hundreds of these; building and dumping the SDK's objects for them costs more than everything else in a turn.
    """

    item_id: str
    content_index: int
    delta: str

    def to_chatkit(self) -> ThreadItemUpdatedEvent:
        """The SDK's object, for code that expects one."""
        update = AssistantMessageContentPartTextDelta(content_index=self.content_index, delta=self.delta)
        return ThreadItemUpdatedEvent(item_id=self.item_id, update=update)


#: What an answer consists of.
AnswerEvent = ThreadStreamEvent | TextDelta
