"""The life of an assistant's versions: one draft that is edited, then published for good, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django.db import transaction
from django.utils import timezone

from tenants.models import Assistant, AssistantVersion

#: What a version is made of; the rest says which one it is.
CONTENT = (
    "instructions",
    "provider",
    "model",
    "model_options",
    "guardrails",
    "knowledge",
    "fallbacks",
    "tools",
    "workflow",
    "client_options",
)


def versions_of(assistant: Assistant) -> list[AssistantVersion]:
    """The newest hundred, newest first.  One query."""
    rows = AssistantVersion.objects.for_tenant(assistant.tenant_id).filter(assistant=assistant)
    return list(rows.order_by("-number")[:100])


def draft_or_next(assistant: Assistant) -> AssistantVersion:
    """The version that is being edited.  Where there is none, the one that would be begun, which is not stored."""
    rows = AssistantVersion.objects.for_tenant(assistant.tenant_id).filter(assistant=assistant).order_by("-number")
    newest = rows.first()
    if newest is not None and newest.state == AssistantVersion.State.DRAFT:
        return newest
    source = rows.filter(pk=assistant.published_version_id or 0).first() or newest
    draft = AssistantVersion(
        tenant_id=assistant.tenant_id, assistant=assistant, number=newest.number + 1 if newest is not None else 1
    )
    for name in CONTENT if source is not None else ():
        setattr(draft, name, getattr(source, name))
    return draft


@transaction.atomic
def draft_of(assistant: Assistant) -> AssistantVersion:
    """The version that is being edited; begun with what is published where there is none."""
    _lock(assistant)
    draft = draft_or_next(assistant)
    if draft.pk is None:
        draft.save()
    return draft


def publish_first(assistant: Assistant, **content: Any) -> AssistantVersion:
    """Let an assistant that has no version yet answer with this one.  Two queries."""
    version = AssistantVersion.objects.create(  # type: ignore[misc]
        tenant_id=assistant.tenant_id,
        assistant=assistant,
        number=1,
        state=AssistantVersion.State.PUBLISHED,
        published_at=timezone.now(),
        **content,
    )
    _answer_with(assistant, version)
    return version


@transaction.atomic
def publish(assistant: Assistant) -> AssistantVersion:
    """Let the draft answer from now on.  It never changes any more."""
    draft = draft_of(assistant)
    draft.state, draft.published_at = AssistantVersion.State.PUBLISHED, timezone.now()
    draft.save(update_fields=["state", "published_at"])
    _answer_with(assistant, draft)
    return draft


@transaction.atomic
def roll_back(assistant: Assistant, number: int) -> AssistantVersion | None:
    """Let an earlier version answer again; None when it was never published.  The draft stays as it is."""
    _lock(assistant)
    rows = AssistantVersion.objects.for_tenant(assistant.tenant_id).filter(assistant=assistant)
    version = rows.filter(number=number, state=AssistantVersion.State.PUBLISHED).first()
    if version is not None:
        _answer_with(assistant, version)
    return version


@dataclass(frozen=True)
class Line:
    """One line of a setting, and whether the other version has it, too."""

    text: str
    is_common: bool


@dataclass(frozen=True)
class Difference:
    """A setting that two versions have otherwise, nested ones by their path.  No lines: it is not set."""

    name: str
    old: list[Line]
    new: list[Line]


def differences(old: AssistantVersion, new: AssistantVersion) -> list[Difference]:
    """What differs, in words, in the order of `CONTENT`."""
    before, after = _flat(old), _flat(new)
    names = [name for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name)]
    return [_difference(name, before.get(name, []), after.get(name, [])) for name in names]


def _difference(name: str, old: list[str], new: list[str]) -> Difference:
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return Difference(
        name,
        _lines(old, {block.a + step for block in blocks for step in range(block.size)}),
        _lines(new, {block.b + step for block in blocks for step in range(block.size)}),
    )


def _lines(texts: list[str], common: set[int]) -> list[Line]:
    return [Line(text, at in common) for at, text in enumerate(texts)]


def _flat(version: AssistantVersion) -> dict[str, list[str]]:
    """Path of a setting -> its lines.  Lists of words have no order that means anything."""
    found: dict[str, list[str]] = {}

    def walk(path: str, value: object) -> None:
        if isinstance(value, dict):
            for name, child in value.items():
                walk(f"{path}.{name}", child)
        elif isinstance(value, list) and any(isinstance(child, dict | list) for child in value):
            for number, child in enumerate(value, 1):
                walk(f"{path} {number}", child)
        elif isinstance(value, list):
            found[path] = sorted(str(child) for child in value)
        elif isinstance(value, bool):
            found[path] = ["yes" if value else "no"]
        elif value not in (None, ""):
            found[path] = str(value).splitlines()

    for name in CONTENT:
        walk(name, getattr(version, name))
    return {path: lines for path, lines in found.items() if lines}


def _lock(assistant: Assistant) -> None:
    """One change at a time."""
    list(
        Assistant.objects.for_tenant(assistant.tenant_id)
        .select_for_update(of=("self",))
        .filter(pk=assistant.pk)
        .values_list("pk")
    )


def _answer_with(assistant: Assistant, version: AssistantVersion) -> None:
    assistant.published_version = version
    assistant.save(update_fields=["published_version"])
