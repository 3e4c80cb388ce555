"""Output rules hold for every string and address of every event: what an answer can say is found in the SDK's own models."""

from typing import Any

import pytest
from chatkit.types import NoticeEvent, ThreadStreamEvent
from pydantic import BaseModel

from chat.agents.deltas import TextDelta
from chat.agents.filters.blocklist import Blocked
from chat.agents.guardrails import Guardrails
from chat.agents.output_rules import OutputRules
from chat.models import Thread, ThreadItem
from chat.runs.frames import event_frame
from tenants.guardrail_options import GuardrailOptions
from tenants.models import AssistantVersion
from tests.conftest import Browse, StartServer, quick
from tests.support import canaries
from tests.support.browsing import Browser, items_of, text_of
from tests.support.cast import Cast, assistant_of
from tests.support.provider import CallTool, Cite, Provider
from tests.support.servers import ServerProcess

RULES = {"redact": ["email"], "hosts": ["acme.example"]}
KINDS = sorted({type(event).__name__ for _place, event in canaries.events()})


def sent(rules: dict[str, Any], event: ThreadStreamEvent) -> bytes:
    """What goes over the wire for an event."""
    flow = OutputRules(Guardrails(GuardrailOptions.model_validate({"output": rules})), "https://chat.example")
    frames = [
        event_frame(each.to_chatkit() if isinstance(each, TextDelta) else each) or b"" for each in flow.take(event)
    ]
    return b"".join(frames)


def leaks(frame: bytes | str) -> list[str]:
    return [sign for sign in canaries.SIGNS if sign in (frame if isinstance(frame, str) else frame.decode())]


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
def test_no_place_of_any_event_escapes() -> None:
    found = list(canaries.events())
    assert {type(event) for _place, event in found} >= set(canaries.event_kinds()) - {canaries.event_kinds()[7]}
    assert sum(bool(leaks(event_frame(event) or b"")) for _place, event in found) > 2_000  # they would all be seen
    assert [place for place, event in found if leaks(sent(RULES, event))] == []


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
def test_no_place_of_any_event_holds_a_word_on_the_list() -> None:
    escaped = []
    for place, event in canaries.events("a forbidden word."):
        try:
            frame = sent({"blocklist": ["forbidden"]}, event)
        except Blocked:
            continue
        if b"forbidden" in frame:
            escaped.append(place)
    assert escaped == []


def test_a_field_that_the_sdk_adds_later_is_filtered() -> None:
    class Footnote(BaseModel):
        text: str
        links: dict[str, list[str]]

    class LaterEvent(NoticeEvent):
        footnote: Footnote

    footnote = Footnote(text=canaries.CANARY, links={canaries.CANARY: [canaries.CANARY]})
    assert leaks(sent(RULES, LaterEvent(level="info", message="Hello", footnote=footnote))) == []


@pytest.fixture
def server(server_with: StartServer, cast: Cast, provider: Provider) -> ServerProcess:
    return server_with(**quick(provider), CHATKIT_SERVER="tests.support.canaries.Canaries")


@pytest.fixture
def eve(browse: Browse, cast: Cast, server: ServerProcess) -> Browser:
    assistant_of(cast.acme, "guarded", guardrails={"output": RULES})
    return browse(server=server).open("guarded")


def stored(cast: Cast) -> str:
    rows = ThreadItem.objects.for_tenant(cast.acme).filter(is_hidden=False)
    return str(
        [*rows.values_list("data", flat=True), *Thread.objects.for_tenant(cast.acme).values_list("title", flat=True)]
    )


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_reaches_the_wire_or_the_store_unfiltered(eve: Browser, cast: Cast, kind: str) -> None:
    turn = eve.say(kind)
    assert "The end" in [frame.get("text") for frame in turn.frames]
    assert [frame for frame in turn.frames if leaks(str(frame))] == []
    assert leaks(stored(cast)) == []
    thread = eve.ask("threads.get_by_id", {"thread_id": turn.thread_id})
    assert thread["title"] == "[email] (link removed)"
    assert thread["allowed_image_domains"] == []
    assert leaks(str([thread, eve.items(turn.thread_id)])) == []


def test_actions_are_filtered_too(eve: Browser, cast: Cast) -> None:
    turn = eve.say("nothing")
    params = {"thread_id": turn.thread_id, "action": {"type": "any", "payload": {}}}
    assert leaks(eve.post("threads.sync_custom_action", params).text) == []
    with eve.stream("threads.custom_action", params) as stream:
        frames = stream.rest()
    assert [frame["type"] for frame in frames] == ["stream_options", "notice", "error"]
    assert frames[-1]["message"] == "[email] (link removed)"
    assert leaks(str(frames) + stored(cast)) == []


# ---- as a model would try it


@pytest.fixture
def guarded(browse: Browse, cast: Cast) -> Any:
    def open_at(tools: list[str], **output: Any) -> Browser:
        wire = AssistantVersion.Provider.OPENAI_COMPATIBLE
        assistant_of(cast.acme, "guarded", provider=wire, tools=tools, guardrails={"output": output})
        return browse().open("guarded")

    return open_at


def test_questions_are_filtered(guarded: Any, provider: Provider, cast: Cast) -> None:
    question = {"question": canaries.CANARY, "options": ["yes", canaries.CANARY], "may_choose_several": False}
    provider.will_say(CallTool("ask_questions", {"questions": [question]}))
    turn = guarded(["ask_questions"], **RULES).say("Ask me")
    (asked,) = items_of(turn.frames, "structured_input")
    assert asked["inputs"][0]["options"][1]["value"] == "[email] (link removed)"
    assert leaks(str(turn.frames) + stored(cast)) == []


def test_a_citation_that_leads_away_keeps_its_name(guarded: Any, provider: Provider, cast: Cast) -> None:
    away, ours = Cite("https://evil.example/?d=CANARY", "A source"), Cite("https://acme.example/", "Ours")
    provider.will_say("So it is. ", away, ours, "Yes.")
    turn = guarded([], **RULES).say("Is it?")
    first, second = turn.answer["content"][0]["annotations"]
    assert first["source"] == {"type": "file", "filename": "A source", "title": "A source"}
    assert second["source"]["url"] == "https://acme.example/"
    assert leaks(str(turn.frames) + stored(cast)) == []


def test_a_word_is_found_across_the_mark_of_a_passage(guarded: Any, provider: Provider) -> None:
    """Marks of passages are taken out of the text: what stands before and after them is one word then."""
    dave = guarded([], blocklist=["forbidden"])
    provider.will_say("The for", "bidden city")
    assert dave.say("Where to?").text == "I cannot help with that here."


def test_an_approved_card_and_what_follows_it_are_filtered(guarded: Any, provider: Provider, cast: Cast) -> None:
    dave = guarded(["rename_thread"], **RULES)
    provider.will_say(CallTool("rename_thread", {"title": "Boots"}))
    turn = dave.say("Rename it")
    (widget,) = items_of(turn.frames, "widget")
    provider.will_say(f"It is done: {canaries.CANARY}")
    frames = dave.act(turn, widget, "approval.confirm", widget["widget"]["confirm"]["action"]["payload"])
    assert text_of(frames) == "It is done: [email] (link removed)"
    assert leaks(str(frames) + stored(cast)) == []
    assert dave.ask("threads.get_by_id", {"thread_id": turn.thread_id})["title"] == "Boots"
