"""Answers to a structured input: what the SDK writes into the item unchecked."""

from __future__ import annotations

from typing import Any

from chatkit.types import StructuredInputAnswerSubmission, StructuredInputSubmission

from chatplatform.lib.errors import PlatformError

#: Values that one question of several answers may have, and the characters of one of them.
MAX_VALUES = 50
MAX_VALUE_CHARS = 4_000


def answered(item: dict[str, Any], given: StructuredInputSubmission) -> dict[str, Any]:
    """The item's JSON with the answers in it.

    A value need not be one of the options: the reader may always write an answer of their own.

    Raises:
        PlatformError: ``not_a_question``; ``question_answered``, for the second of two answers; ``invalid_request``, when an
            answer belongs to no question, or has more values than its question takes; ``too_large``.
    """
    if item["type"] != "structured_input":
        raise PlatformError("not_a_question")
    if item["status"] != "pending":
        raise PlatformError("question_answered")
    questions = {question["id"]: question for question in item["inputs"]}
    if not given.answers.keys() <= questions.keys():
        raise PlatformError("invalid_request", hint="An answer belongs to no question of this item.")
    skips_all = given.status == "skipped"
    inputs = [
        question | {"answer": _answer(question, None if skips_all else given.answers.get(name))}
        for name, question in questions.items()
    ]
    return item | {"status": given.status, "inputs": inputs}


def _answer(question: dict[str, Any], given: StructuredInputAnswerSubmission | None) -> dict[str, Any]:
    values = [] if given is None or given.skipped else [value for value in given.values if value.strip()]
    if len(values) > MAX_VALUES or any(len(value) > MAX_VALUE_CHARS for value in values):
        raise PlatformError("too_large")
    if len(values) > 1 and not question.get("multiple"):
        raise PlatformError("invalid_request", hint="This question takes one answer.")
    return {"values": values, "skipped": not values}
