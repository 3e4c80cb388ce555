"""The size limits of ChatKit requests, which the SDK leaves to the application."""

from __future__ import annotations

from typing import Any

import orjson
from chatkit.types import (
    ItemsFeedbackReq,
    ThreadsAddClientToolOutputReq,
    ThreadsAddStructuredInputReq,
    ThreadsAddUserMessageReq,
    ThreadsCreateReq,
    ThreadsCustomActionReq,
    ThreadsSyncCustomActionReq,
    ThreadsUpdateReq,
    UserMessageInput,
    UserMessageTextContent,
)
from django.conf import settings

from chatplatform.lib.errors import PlatformError

MAX_PARTS = 50
MAX_ITEM_IDS = 100
MAX_ATTACHMENTS = 10
MAX_TAG_BYTES = 8_000
MAX_RESULT_BYTES = 256_000


#: What the browser may say about the page around the chat, and how many characters of it are kept.
PAGE_FIELDS = {"url": 2_000, "title": 300, "description": 1_000, "selection": 4_000}
PAGE_HEADINGS, PAGE_HEADING_CHARS = 20, 200


def check(request: Any) -> None:
    """Refuse what is too large or empty.

    Raises:
        PlatformError: ``too_large``, ``invalid_request``.
    """
    match request:
        case ThreadsCreateReq() | ThreadsAddUserMessageReq():
            _check_message(request.params.input)
        case ThreadsUpdateReq():
            title = request.params.title.strip()
            if not title or "\0" in title:
                raise PlatformError("invalid_request", hint="A title needs at least one letter.")
            if len(title) > settings.CHAT_MAX_TITLE_CHARS:
                raise PlatformError("too_large")
        case ItemsFeedbackReq():
            if not request.params.item_ids:
                raise PlatformError("invalid_request", hint="Name at least one item.")
            if len(request.params.item_ids) > MAX_ITEM_IDS:
                raise PlatformError("too_large")
        case ThreadsAddClientToolOutputReq():
            _check_json(request.params.result)
        case ThreadsAddStructuredInputReq():
            values = [value for answer in request.params.input.answers.values() for value in answer.values]
            if sum(len(value) for value in values) > settings.CHAT_MAX_MESSAGE_CHARS:
                raise PlatformError("too_large")
        case ThreadsCustomActionReq() | ThreadsSyncCustomActionReq():
            _check_json(request.params.action.payload)


def page_of(metadata: dict[str, Any] | None) -> dict[str, Any]:
    """The page context in a request's metadata, cut to size; empty when there is none or it makes no sense."""
    given = (metadata or {}).get("page")
    if not isinstance(given, dict):
        return {}
    page: dict[str, Any] = {
        name: given[name][:limit]
        for name, limit in PAGE_FIELDS.items()
        if given.get(name) and isinstance(given[name], str)
    }
    if headings := given.get("headings"):
        texts = [heading for heading in headings if isinstance(heading, str)] if isinstance(headings, list) else []
        page["headings"] = [text[:PAGE_HEADING_CHARS] for text in texts[:PAGE_HEADINGS]]
    return page


def _check_message(given: UserMessageInput) -> None:
    if len(given.content) > MAX_PARTS or len(given.attachments) > MAX_ATTACHMENTS:
        raise PlatformError("too_large")
    texts = [part.text for part in given.content]
    length = sum(len(text) for text in texts) + len(given.quoted_text or "")
    if length > settings.CHAT_MAX_MESSAGE_CHARS:
        raise PlatformError("too_large")
    if not any(text.strip() for text in texts) and not given.attachments:
        raise PlatformError("invalid_request", hint="A message needs a text or an attachment.")
    for part in given.content:
        if not isinstance(part, UserMessageTextContent):
            _check_json(part.data, MAX_TAG_BYTES)


def _check_json(value: Any, limit: int = MAX_RESULT_BYTES) -> None:
    try:
        size = len(orjson.dumps(value))
    except TypeError:  # an integer of more than 64 bits
        raise PlatformError("invalid_request", hint="A number is too large.") from None
    if size > limit:
        raise PlatformError("too_large")
