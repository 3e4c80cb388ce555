"""Every string of an object, filtered: what an event says is looked at wherever it stands.

The default is the rule.  What is left as it is stands in the tables below, each with its reason; a field that the SDK adds later is
in none of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any, Literal, get_args, get_origin

import ada_url
from chatkit import actions, types, widgets
from pydantic import BaseModel

from chat.widgets.approval_card import LABELS
from chatplatform.lib.ids import is_public_id

#: The assistant is silent while a person is to answer.
WAITING = "A person will answer here.  What you write is kept for them."

# ---- what is left as it is

#: Fields that name things of the server, while they hold an id of its shape: nothing could refer to a filtered one.
ID_FIELDS = frozenset({"id", "thread_id", "item_id", "call_id"})
#: Texts of the server that a list of words must not turn into a refusal.
SERVER_TEXTS = LABELS | {WAITING}
#: The field of a widget's action that carries a one-use token, and its shape.
TOKEN_FIELD, _TOKEN = "token", re.compile(r"[A-Za-z0-9_-]{43}")
#: Bytes of an image, which `chat.runs.images` takes out before anything is sent or stored.
_EMBEDDED_IMAGE = re.compile(r"data:image/[a-z0-9.+-]{1,20};base64,[A-Za-z0-9+/=\s]*")
#: Fields that no browser gets, and that the server writes for itself: by model.
UNSENT_FIELDS = {"ThreadMetadata": frozenset({"metadata"}), "Thread": frozenset({"metadata"})}
#: Components and actions that the browser's packages know and the SDK has no class for.
_CLIENT_VOCABULARY = frozenset({("type", "Table"), ("type", "Table.Row"), ("type", "Table.Cell")})

# ---- what is an address as a whole

URL_FIELDS = frozenset({"url", "src", "href", "preview_url", "image", "poster"})
#: Those of them that a browser fetches without a click.
IMAGE_FIELDS = frozenset({"src", "preview_url", "image", "poster"})
NOWHERE = "about:blank"
_ATTACHMENT_LINK = re.compile(r"/api/chatkit/attachments/[a-z]{2,4}_[0-9A-Za-z_-]+/content")


def _models() -> Iterator[type[BaseModel]]:
    for module in (types, widgets, actions):
        for found in vars(module).values():
            if isinstance(found, type) and issubclass(found, BaseModel) and found is not BaseModel:
                found.model_rebuild(raise_errors=False)  # annotations that name later classes
                yield found


def _literals(annotation: Any) -> Iterator[str]:
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        yield from (each.value for each in annotation if isinstance(each.value, str))
    elif get_origin(annotation) is Literal:
        yield from (value for value in get_args(annotation) if isinstance(value, str))
    else:
        for part in get_args(annotation):
            yield from _literals(part)
        if hasattr(annotation, "__value__"):
            yield from _literals(annotation.__value__)


#: Words that the protocol itself defines: a field with a closed list can say nothing else.
VOCABULARY = _CLIENT_VOCABULARY | {
    (name, word)
    for model in _models()
    for name, field in model.model_fields.items()
    for word in _literals(field.annotation)
}
FIELD_NAMES = frozenset(name for model in _models() for name in model.model_fields)


class ObjectFilter:
    """Filters what is in an object, and leaves the object itself as it is.

    Args:
        text: filters a text; raises what it likes.
        own_text: the same without a look at where addresses lead.
        origin: of this server, as ``https://chat.example``.
        has_hosts: whether addresses may lead to some hosts only.
    """

    def __init__(
        self, text: Callable[[str], str], own_text: Callable[[str], str], *, origin: str, has_hosts: bool
    ) -> None:
        self._text = text
        self._own_text = own_text
        self._origin = origin
        self._has_hosts = has_hosts

    def filtered(self, value: Any, name: str = "") -> Any:
        """The value, or a copy where something in it may not be seen.

        Args:
            name: of the field that it stands in.
        """
        match value:
            case Enum() | None | bool() | int() | float():
                return value
            case str():
                return self._string(value, name)
            case BaseModel():
                return self._model(value)
            case dict():
                return {self._key(key): self.filtered(each, str(key)) for key, each in value.items()}
            case list() | tuple() | set() | frozenset():
                return type(value)(self.filtered(each, name) for each in value)
        text = str(value)
        shown = self._string(text, name)
        return value if shown == text else shown

    def _model(self, model: BaseModel) -> BaseModel:
        unsent = UNSENT_FIELDS.get(type(model).__name__, frozenset())
        changes: dict[str, Any] = {}
        # Not by attribute: that of a deprecated field warns.
        for name, value in (model.__dict__ | (model.__pydantic_extra__ or {})).items():
            if name in unsent:
                continue
            place = "src" if isinstance(model, types.GeneratedImage) and name == "url" else name
            shown = self.filtered(value, place)
            if shown != value:
                changes[name] = shown
        return model.model_copy(update=changes) if changes else model

    def _key(self, key: Any) -> Any:
        return key if not isinstance(key, str) or key in FIELD_NAMES else self._text(key)

    def _string(self, text: str, name: str) -> str:
        if (name, text) in VOCABULARY or text in SERVER_TEXTS or (name in ID_FIELDS and is_public_id(text)):
            return text
        if name == TOKEN_FIELD and _TOKEN.fullmatch(text):
            return text
        if name in IMAGE_FIELDS and _EMBEDDED_IMAGE.fullmatch(text):
            return text
        return self._url(text, name) if name in URL_FIELDS else self._text(text)

    def _url(self, url: str, name: str) -> str:
        """An address as a whole: half of one leads nowhere."""
        path = self._own_path(url) if self._has_hosts else None
        if path is None:
            return url if self._text(url) == url else NOWHERE
        if name in IMAGE_FIELDS and not _ATTACHMENT_LINK.fullmatch(path):
            return NOWHERE
        return url if self._own_text(url) == url else NOWHERE

    def _own_path(self, url: str) -> str | None:
        """The path of an address of this server; None for any other."""
        base = self._origin or "http://localhost"
        try:
            read, own = ada_url.URL(url, base=f"{base}/"), ada_url.URL(base)
        except ValueError:
            return None
        return read.pathname if read.origin == own.origin and read.protocol in ("http:", "https:") else None
