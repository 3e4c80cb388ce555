"""ask_questions: asks the user by ChatKit's structured input; the answers come with a request of their own."""

from __future__ import annotations

from chatkit.types import (
    StructuredInput,
    StructuredInputFreeform,
    StructuredInputItem,
    StructuredInputMultipleChoice,
    StructuredInputMultipleChoiceOption,
    ThreadItemDoneEvent,
)
from pydantic import BaseModel

from chat.stores.base import now
from chat.tools.base import ToolCall, tool
from chatplatform.lib.ids import new_id

MAX_QUESTIONS = 10
MAX_OPTIONS = 12


class Question(BaseModel):
    """One question.  Without options the user writes; with options they choose, and may write all the same."""

    question: str
    options: list[str]
    may_choose_several: bool


@tool(ends_turn=True)
async def ask_questions(call: ToolCall, questions: list[Question]) -> str:
    """Ask the user up to ten questions, and wait for the answers.

    Args:
        questions: What to ask, in order.
    """
    context = call.context
    inputs = [_input(f"q{number}", asked) for number, asked in enumerate(questions[:MAX_QUESTIONS], 1)]
    if not inputs:
        return "There is nothing to ask."
    item = StructuredInputItem(
        id=new_id("structured_input"), thread_id=context.thread.id, created_at=now(), inputs=inputs
    )
    await context.stream(ThreadItemDoneEvent(item=item))
    return "The user is being asked."


def _input(name: str, asked: Question) -> StructuredInput:
    if not asked.options:
        return StructuredInputFreeform(id=name, question=asked.question)
    options = [StructuredInputMultipleChoiceOption(value=value) for value in asked.options[:MAX_OPTIONS]]
    return StructuredInputMultipleChoice(
        id=name, question=asked.question, options=options, multiple=asked.may_choose_several
    )
