"""Approved answers: a question that somebody has answered before gets that answer, word for word, and no model is asked."""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass

from chat.context import ChatContext
from chat.knowledge import search_queries as queries
from chat.knowledge.scope import scope_of
from chat.knowledge.search_queries import Found
from chat.models import Document, KnowledgeSource

#: Longer questions are none that somebody would have written down.
MOST_CHARACTERS = 300
#: Words that change nothing about what is asked.
_FILLERS = frozenset(["please", "hi", "hello", "hey", "the", "a", "an", "bitte", "hallo"])
#: How similar a mistyped word is to the right one.
_TYPO = 0.8


@dataclass(frozen=True, slots=True)
class Approved:
    """An answer, and where it stands."""

    text: str
    passage: Found


def approved_answer(question: str, context: ChatContext, sources: tuple[str, ...]) -> Approved | None:
    """The approved answer to a question; None when nobody has answered exactly that.  One query, and four where there are any."""
    if not question.strip() or len(question) > MOST_CHARACTERS:
        return None
    scope = scope_of(context, sources, kind=KnowledgeSource.Kind.ANSWERS)
    base = queries.base_of(scope.tenant_id) if scope.source_ids else None
    if base is None:
        return None
    asked = queries.words_of(question, base.language, scope.tenant_id)
    for found in queries.shown(queries.by_words(asked, scope, 10), asked, scope):
        if is_same_question(question, found.document_title):
            text = Document.objects.for_tenant(scope.tenant_id).filter(public_id=found.document_id)
            return Approved(text.values_list("text", flat=True).get(), found)
    return None


def is_same_question(asked: str, known: str) -> bool:
    """Whether two questions ask the same: the same words in the same order, but for fillers and one mistyped word.

    A word that begins differently is another word (`possible` and `impossible`), and so is another number.
    """
    ours, theirs = _words(asked), _words(known)
    if not ours or len(ours) != len(theirs):
        return False
    different = [(one, other) for one, other in zip(ours, theirs, strict=True) if one != other]
    return not different or (len(different) == 1 and _is_mistyped(*different[0]))


def _is_mistyped(one: str, other: str) -> bool:
    if min(len(one), len(other)) < 4 or one[0] != other[0] or any(letter.isdigit() for letter in one + other):
        return False
    return difflib.SequenceMatcher(None, one, other).ratio() >= _TYPO


def _words(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return [word for word in re.findall(r"\w+(?:'\w+)?", folded) if word not in _FILLERS]
