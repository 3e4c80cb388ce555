"""The conversation.  Outside code imports models from this package only.

Direction inside: thread < run < item < feedback; run < run_trace; thread < attachment, action_token, review_note; knowledge by
itself.
"""

from chat.models.action_token import ActionToken
from chat.models.attachment import Attachment
from chat.models.feedback import Feedback
from chat.models.item import ThreadItem
from chat.models.knowledge import Chunk, Document, Embedding, EmbeddingIndex, KnowledgeBase, KnowledgeSource
from chat.models.review_note import ReviewNote
from chat.models.run import Run
from chat.models.run_trace import RunTrace
from chat.models.thread import Thread

__all__ = [
    "ActionToken",
    "Attachment",
    "Chunk",
    "Document",
    "Embedding",
    "EmbeddingIndex",
    "Feedback",
    "KnowledgeBase",
    "KnowledgeSource",
    "ReviewNote",
    "Run",
    "RunTrace",
    "Thread",
    "ThreadItem",
]
