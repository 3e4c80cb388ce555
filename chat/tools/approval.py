"""Tools that write ask first: a card with what is to be done, and the work only when the user agrees.

What is to be done stands in a one-use token on the server; the card carries nothing but the token's name.  The token binds the
exact arguments, the tool as it is defined now, and a digest of what the card shows: nothing of it can change between the question
and the work, and a second click finds the token used.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from typing import Any

from agents import FunctionTool
from agents.tool_context import ToolContext

from chat.stores import token_queries as tokens
from chat.tools.agent_context import PlatformAgentContext
from chat.widgets.approval_card import approval_card, digest_of, texts_of
from chatplatform.lib.db_pool import in_tenant

PURPOSE = "approval"
#: Nobody reads more than this before they agree; it is not cut, but refused.
MAX_CHARS = 8_000
#: What the model hears when the user was not asked; it goes on then.
INVALID = "The arguments are not valid."
TOO_LONG = "The arguments are too long to be shown to the user."
NOT_SHOWN = "The arguments hold what may not be shown to the user, who can therefore not agree to them."
NOT_ASKED = frozenset({INVALID, TOO_LONG, NOT_SHOWN})


def with_approval(
    tool: FunctionTool, question_of: Callable[[dict[str, Any]], str], definition: str = ""
) -> FunctionTool:
    """The tool as the model is given it: calling it asks the user.

    Args:
        question_of: what the user is asked; raises ValueError, KeyError, TypeError or AttributeError for arguments that the tool
            does not take.  The arguments stand below it on the card.
        definition: what the tool does, where that can change: a changed tool needs a new approval.
    """

    async def ask(call: ToolContext[PlatformAgentContext], arguments: str) -> str:
        try:
            given = _parsed(arguments)
            # In a thread: the check of large arguments takes long.
            texts = await asyncio.to_thread(lambda: texts_of(question_of(given), given))
            exact = json.dumps(given, allow_nan=False)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return INVALID
        context = call.context
        if sum(len(name) + len(text) for name, text in texts) > MAX_CHARS:
            return TOO_LONG
        if not all(context.is_shown_whole(part) for text in texts for part in text):
            return NOT_SHOWN
        caller = context.request_context
        data = {
            "tool": tool.name,
            "definition": fingerprint(definition),
            "arguments": exact,
            "texts": texts,
            "shown": digest_of(approval_card(texts, "")),
        }
        token = await in_tenant(caller.tenant.id, tokens.issue, PURPOSE, data, context.thread.id, caller)
        lines = [texts[0][1], *(f"{name}: {text}" for name, text in texts[1:])]
        await context.stream_widget(approval_card(texts, token), copy_text="\n".join(lines))
        return "The user is being asked and has not decided yet."

    return FunctionTool(
        name=tool.name,
        description=tool.description,
        params_json_schema=tool.params_json_schema,
        on_invoke_tool=ask,
        strict_json_schema=tool.strict_json_schema,
    )


def fingerprint(definition: str) -> str:
    """A short name for what a tool does."""
    return hashlib.sha256(definition.encode()).hexdigest()


def _parsed(arguments: str) -> dict[str, Any]:
    """The arguments as everybody reads them: of two with one name, some would take the first and some the last."""
    given = json.loads(arguments or "{}", object_pairs_hook=_distinct)
    if not isinstance(given, dict):
        raise TypeError("not an object")
    return given


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found
