"""Numbers of passages become citations, however the text is cut into pieces."""

from collections.abc import AsyncGenerator
from types import SimpleNamespace
from typing import Any

import pytest
from chatkit.types import AssistantMessageContent, AssistantMessageItem, ThreadItemDoneEvent, ThreadItemUpdatedEvent

from chat.agents.cited import cited
from chat.agents.deltas import AnswerEvent, TextDelta
from chat.knowledge.answers import is_same_question
from chat.knowledge.search_queries import Found
from chat.stores.base import now

PASSAGES = [
    Found(number, f"doc_{number}", f"Doc {number}", "", "files", "Guide › Part", "text", 3, 70, 90, 1.0)
    for number in (1, 2)
]


def context(passages: list[Found]) -> Any:
    asked = SimpleNamespace(tenant=SimpleNamespace(slug="acme"), origin="https://chat.example")
    return SimpleNamespace(passages=passages, request_context=asked)


async def events_of(*pieces: str) -> AsyncGenerator[AnswerEvent, None]:
    for piece in pieces:
        yield TextDelta("msg_1", 0, piece)
    content = [AssistantMessageContent(text="".join(pieces), annotations=[])]
    yield ThreadItemDoneEvent(
        item=AssistantMessageItem(id="msg_1", thread_id="thr_1", created_at=now(), content=content)
    )


async def said(passages: list[Found], *pieces: str) -> tuple[str, list[tuple[int, str]]]:
    """The text, and at which places which documents are cited; the stream and the finished item say the same."""
    found = [event async for event in cited(events_of(*pieces), context(passages))]
    done = found[-1]
    assert isinstance(done, ThreadItemDoneEvent)
    assert isinstance(done.item, AssistantMessageItem)
    (part,) = done.item.content
    assert "".join(event.delta for event in found if isinstance(event, TextDelta)) == part.text
    added = [event.update.annotation for event in found if isinstance(event, ThreadItemUpdatedEvent)]  # type: ignore[union-attr]
    assert added == part.annotations
    return part.text, [(each.index or 0, each.source.url) for each in part.annotations]  # type: ignore[union-attr]


ONE, TWO = (f"https://chat.example/t/acme/documents/doc_{number}/?at=70#passage" for number in (1, 2))


@pytest.mark.parametrize(
    ("pieces", "text", "places"),
    [
        (["Tents are green [1]. Boots [2] are blue."], "Tents are green. Boots are blue.", [(15, ONE), (22, TWO)]),
        (["Both", " ", "[", "1", ",", " 2", "]", "."], "Both.", [(4, ONE), (4, TWO)]),
        (["Not one of ours [3], nor [0]."], "Not one of ours [3], nor [0].", []),
        (["A [1](https://x.example) link and a ", "[", "list]"], "A [1](https://x.example) link and a [list]", []),
        (["It ends with [", "1"], "It ends with [1", []),
        (["It ends with a mark [2]"], "It ends with a mark", [(19, TWO)]),
    ],
)
async def test_a_number_becomes_a_citation(pieces: list[str], text: str, places: list[tuple[int, str]]) -> None:
    assert await said(PASSAGES, *pieces) == (text, places)


async def test_without_passages_nothing_changes() -> None:
    assert await said([], "As in [1]", ".") == ("As in [1].", [])


@pytest.mark.parametrize(
    ("asked", "known", "same"),
    [
        ("how long can i return boots", "How long can I return boots?", True),
        ("Hello, how long can I retrun the boots please?", "How long can I return boots?", True),
        ("How long can I return tents?", "How long can I return boots?", False),
        ("How long can I not return boots?", "How long can I return boots?", False),
        ("Is it impossible to return boots?", "Is it possible to return boots?", False),
        ("What did it cost in 2025?", "What did it cost in 2024?", False),
        ("From Bern to Rome?", "From Rome to Bern?", False),
        ("?", "?", False),
    ],
)
def test_only_the_same_question_is_the_same(asked: str, known: str, same: bool) -> None:
    assert is_same_question(asked, known) is same
