"""Assistants answer from documents, say where it stands, and say when it stands nowhere."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from chat.knowledge import documents
from chat.models import KnowledgeSource
from tenants.models import AssistantVersion
from tests.conftest import Browse
from tests.support.browsing import Browser, items_of
from tests.support.cast import Cast, assistant_of
from tests.support.knowledge import source_of, teach
from tests.support.provider import CallTool, Provider

RETURNS = "# Returns\n\nYou can return boots within thirty days, unused and in their box."
CARE = "# Care\n\nLet wet boots dry slowly, away from the stove."
TOOL = ["search_documents"]
MODEL = AssistantVersion.Provider.OPENAI_COMPATIBLE


def annotations_of(frames: list[dict[str, Any]]) -> list[dict[str, Any]]:
    (message,) = items_of(frames, "assistant_message")
    found: list[dict[str, Any]] = message["content"][0]["annotations"]
    return found


def path_of(annotation: dict[str, Any]) -> str:
    parts = urlsplit(annotation["source"]["url"])
    return f"{parts.path}?{parts.query}"


@pytest.fixture
def handbook(cast: Cast) -> KnowledgeSource:
    source = source_of(cast.acme)
    teach(source, returns=RETURNS, care=CARE)
    return source


@pytest.fixture
def dave(cast: Cast, handbook: KnowledgeSource, browse: Browse) -> Browser:
    assistant_of(cast.acme, "librarian", tools=TOOL)
    return browse().open("librarian")


def test_the_offline_assistant_answers_from_documents_and_the_citation_opens_the_place(dave: Browser) -> None:
    turn = dave.say("How long can I return boots?")
    assert "within thirty days" in turn.text
    assert "[1]" not in turn.text
    (annotation,) = annotations_of(turn.frames)
    assert annotation["source"]["title"] == "Returns"
    page = dave.http.get(path_of(annotation))
    assert page.status_code == 200
    assert '<p class="cited" id="passage">You can return boots within thirty days' in page.text
    # It is stored so, too.
    (stored,) = [item for item in dave.items(turn.thread_id) if item["type"] == "assistant_message"]
    assert stored["content"][0]["annotations"] == [annotation]


def test_what_is_not_in_the_documents_is_said_plainly(dave: Browser) -> None:
    turn = dave.say("Where is the treasure of the pirates?")
    assert turn.text == "That is not in my documents."
    assert annotations_of(turn.frames) == []


def test_deleted_is_not_answered_from_any_more(dave: Browser, cast: Cast, handbook: KnowledgeSource) -> None:
    (annotation,) = annotations_of(dave.say("How long can I return boots?").frames)
    documents.remove_source(handbook)
    assert dave.say("How long can I return boots?").text == "That is not in my documents."
    assert dave.http.get(path_of(annotation)).status_code == 404


def test_a_model_is_shown_passages_as_data_and_its_numbers_become_citations(
    cast: Cast, handbook: KnowledgeSource, browse: Browse, provider: Provider
) -> None:
    assistant_of(cast.acme, "reader", provider=MODEL, tools=[], knowledge={"before_each_turn": True})
    provider.will_say("Thirty days ", "[", "1]", ".")
    turn = browse().open("reader").say("How long can I return boots?")
    assert turn.text == "Thirty days."
    (annotation,) = annotations_of(turn.frames)
    assert annotation["index"] == len("Thirty days")
    (request,) = provider.requests
    shown = [each for each in request["messages"] if "untrusted-passages" in str(each)]
    assert [each["role"] for each in shown] == ["user"]
    assert "within thirty days" in str(shown)


def test_a_model_looks_things_up_by_its_tool(
    cast: Cast, handbook: KnowledgeSource, browse: Browse, provider: Provider
) -> None:
    assistant_of(cast.acme, "reader", provider=MODEL, tools=TOOL)
    provider.will_say(CallTool("search_documents", {"query": "returning boots"}))
    provider.will_say("Thirty days [1].")
    turn = browse().open("reader").say("And boots?")
    assert turn.text == "Thirty days."
    assert len(annotations_of(turn.frames)) == 1
    assert "within thirty days" in str(provider.requests[1]["messages"])


def test_an_approved_answer_comes_without_a_model(cast: Cast, browse: Browse, provider: Provider) -> None:
    answers = source_of(cast.acme, "Answers", kind=KnowledgeSource.Kind.ANSWERS)
    teach(answers, **{"May I bring my dog?": "Yes, on a **leash**."})
    assistant_of(cast.acme, "reader", provider=MODEL, tools=TOOL)
    dave = browse().open("reader")
    turn = dave.say("Hi, may I brign my dog please?")
    (message,) = items_of(turn.frames, "assistant_message")
    assert message["content"][0]["text"] == "Yes, on a **leash**."
    assert message["content"][0]["annotations"][0]["source"]["attribution"] == "May I bring my dog?"
    assert provider.requests == []
    assert dave.say("May I bring my horse?").text == "You said: May I bring my horse?"


def test_an_assistant_sees_its_sources_and_a_person_what_is_meant_for_them(
    cast: Cast, browse: Browse, handbook: KnowledgeSource
) -> None:
    team = source_of(cast.acme, "Team", audience=KnowledgeSource.Audience.TEAM)
    teach(team, secret="# Discount\n\nThe staff discount is forty percent.")
    assistant_of(cast.acme, "librarian", tools=TOOL)
    assistant_of(cast.acme, "limited", tools=TOOL, knowledge={"sources": [handbook.public_id]})
    question = "What is the staff discount?"
    assert "forty" in browse(cast.bob).open("librarian").say(question).text
    assert "forty" not in browse().open("librarian").say(question).text
    assert "forty" not in browse(cast.bob).open("limited").say(question).text
    KnowledgeSource.objects.for_tenant(cast.acme).filter(pk=team.pk).update(is_enabled=False)
    assert "forty" not in browse(cast.bob).open("librarian").say(question).text
