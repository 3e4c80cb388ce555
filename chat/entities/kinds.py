"""Kinds of entities over querysets: search, preview, and what the model is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from chatkit.types import UserMessageTagContent
from chatkit.widgets import DynamicWidgetRoot
from django.db import models

from chat.context import ChatContext
from chatplatform.lib.errors import PlatformError

#: Entities of one kind in an answer, and characters of a query that count.
MOST = 8
QUERY_CHARS = 100


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing that can be mentioned.  ``facts`` are shown in the preview and told to the model, as untrusted data."""

    kind: EntityKind
    id: str
    title: str
    url: str = ""
    facts: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """ChatKit's entity; its ``data`` says how to find it again, and where a click leads."""
        data = {"kind": self.kind.name, **({"url": self.url} if self.url else {})}
        return {
            "id": self.id,
            "title": self.title,
            "icon": self.kind.icon,
            "group": self.kind.group,
            "interactive": True,
            "data": data,
        }

    def preview(self) -> DynamicWidgetRoot:
        """A small card about it."""
        rows = [
            {"type": "Caption", "value": f"{name}: {value}", "truncate": True}
            for name, value in [("Kind", self.kind.group), *self.facts.items()]
        ]
        title = {"type": "Title", "value": self.title, "size": "sm"}
        return DynamicWidgetRoot.model_validate({"type": "Basic", "gap": 2, "padding": 3, "children": [title, *rows]})


def _no_facts(_row: Any) -> dict[str, str]:
    return {}


def _no_url(_row: Any, _context: ChatContext) -> str:
    return ""


@dataclass(frozen=True, slots=True, eq=False)
class EntityKind:
    """A kind of entities: rows of one model.

    Args:
        name: in addresses, as ``conversation``.
        group: the heading above them in the composer's menu.
        rows: the rows that the caller may see, in the order of the menu.
        search_fields: lookups in which each word of a query is searched.
        title: how a row is called.
        facts: what else there is to say of a row; may query.
        url: where a click leads: an address on this host.
        id_field: the public id of a row.
    """

    name: str
    group: str
    icon: str
    rows: Callable[[ChatContext], models.QuerySet[Any]]
    search_fields: tuple[str, ...]
    title: Callable[[Any], str]
    facts: Callable[[Any], dict[str, str]] = _no_facts
    url: Callable[[Any, ChatContext], str] = _no_url
    id_field: str = "public_id"

    def search(self, query: str, context: ChatContext) -> list[Entity]:
        """The first few rows with all words of the query.  One query."""
        rows = self.rows(context)
        for word in query[:QUERY_CHARS].replace("\0", " ").split():
            conditions = [models.Q(**{f"{name}__icontains": word}) for name in self.search_fields]
            rows = rows.filter(models.Q(*conditions, _connector=models.Q.OR))
        return [self._entity(row, context, {}) for row in rows[:MOST]]

    def get(self, entity_id: str, context: ChatContext) -> Entity | None:
        """One of them with its facts; None for what the caller may not see."""
        row = self.rows(context).filter(**{self.id_field: entity_id}).first()
        return None if row is None else self._entity(row, context, self.facts(row))

    def _entity(self, row: Any, context: ChatContext, facts: dict[str, str]) -> Entity:
        return Entity(self, str(getattr(row, self.id_field)), self.title(row), self.url(row, context), facts)


#: The registered kinds by name.
KINDS: dict[str, EntityKind] = {}


def register(kind: EntityKind) -> EntityKind:
    """Let people mention entities of a kind."""
    KINDS[kind.name] = kind
    return kind


def find(query: str, context: ChatContext) -> list[Entity]:
    """What a query finds among everything that the caller may mention.  One query for each kind."""
    return [entity for kind in KINDS.values() for entity in kind.search(query, context)]


def get(kind: str, entity_id: str, context: ChatContext) -> Entity | None:
    """One entity; None for what is unknown or not for the caller."""
    known = KINDS.get(kind)
    return None if known is None or "\0" in entity_id else known.get(entity_id, context)


def resolve(tags: list[UserMessageTagContent], context: ChatContext) -> None:
    """Put our own title and facts into tags of registered kinds, in the place of what the browser says; others stay.

    Raises:
        PlatformError: ``not_found``, for what is unknown or not for the caller.
    """
    for tag in tags:
        kind = tag.data.get("kind")
        if not isinstance(kind, str) or kind not in KINDS:
            continue
        entity = get(kind, tag.id, context)
        if entity is None:
            raise PlatformError("not_found")
        tag.text, tag.data = entity.title, {**entity.to_json()["data"], **entity.facts}
