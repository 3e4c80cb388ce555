"""What a model tells beside its words: thoughts, sources, refusals."""

from typing import Any

import pytest

from tests.conftest import Browse, StartServer, quick
from tests.support.browsing import Browser, items_of
from tests.support.cast import Cast, assistant_of
from tests.support.provider import CallTool, Cite, Cut, Decline, Provider, Think

LONG = tuple(f"Step {number} of a thought that goes on for a while. " for number in range(20))


@pytest.fixture(params=["chat_completions", "responses"])
def dave(
    request: pytest.FixtureRequest, server_with: StartServer, browse: Browse, cast: Cast, provider: Provider
) -> Browser:
    return browse(server=server_with(**quick(provider), PROVIDER_WIRE_API=request.param)).open("model")


def tasks_of(frames: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    updates = [frame["update"] for frame in frames if frame["type"] == "thread.item.updated"]
    return [update["task"] for update in updates if update["type"] == f"workflow.task.{kind}"]


def test_thoughts_are_a_workflow_before_the_answer(dave: Browser, provider: Provider) -> None:
    provider.will_say(Think(("**Looking at the map**\n\n", "North is ", "up.")), "Go north.")
    turn = dave.say("Where?")
    thinking, answer = dave.items(turn.thread_id)[1:]
    assert thinking["type"] == "workflow"
    workflow = thinking["workflow"]
    assert (workflow["type"], workflow["expanded"]) == ("reasoning", False)
    (task,) = workflow["tasks"]
    assert (task["type"], task["title"], task["content"]) == ("thought", "Looking at the map", "North is up.")
    assert workflow["summary"]["duration"] >= 0
    assert answer["content"][0]["text"] == "Go north."
    kinds = [frame["type"] for frame in turn.frames if frame["type"] in ("thread.item.added", "thread.item.done")]
    # The question, then the thoughts as a whole, then the answer.
    assert kinds == ["thread.item.done", *["thread.item.added", "thread.item.done"] * 2]
    assert items_of(turn.frames, "workflow") == [thinking]


def test_a_long_thought_is_shown_in_steps(dave: Browser, provider: Provider) -> None:
    provider.will_say(Think(LONG), "Done.")
    turn = dave.say("Think")
    assert len(tasks_of(turn.frames, "added")) == 1
    shown = [task["content"] for task in tasks_of(turn.frames, "updated")]
    assert 2 <= len(shown) < len(LONG)
    assert shown == sorted(shown, key=len)
    assert shown[-1] == "".join(LONG)


def test_a_model_that_thinks_without_telling_shows_nothing(dave: Browser, provider: Provider) -> None:
    provider.will_say(Think(("", " ")), "Done.")
    turn = dave.say("Think")
    assert [item["type"] for item in dave.items(turn.thread_id)] == ["user_message", "assistant_message"]


def test_thoughts_are_kept_when_the_line_breaks(dave: Browser, provider: Provider) -> None:
    provider.will_say(Think(("North is up.",)), Cut())
    turn = dave.say("Where?")
    _, thinking = dave.items(turn.thread_id)
    assert thinking["workflow"]["tasks"][0]["content"] == "North is up."
    assert thinking["interrupted"] == "error"


def test_thoughts_of_each_step_are_told(browse: Browse, provider: Provider) -> None:
    dave = browse().open("model")
    provider.will_say(Think(("I should compute.",)), CallTool("calculator", {"expression": "6*7"}))
    provider.will_say(Think(("That was easy.",)), "42")
    turn = dave.say("six by seven")
    _, thinking, answer = dave.items(turn.thread_id)
    assert [task["content"] for task in thinking["workflow"]["tasks"]] == ["I should compute.", "That was easy."]
    assert answer["content"][0]["text"] == "42"


def test_thoughts_and_the_work_of_a_tool_are_shown_apart(browse: Browse, cast: Cast, provider: Provider) -> None:
    assistant_of(cast.acme, "searcher", provider="openai_compatible", tools=["search_threads"])
    dave = browse().open("searcher")
    provider.will_say(Think(("I should search.",)), CallTool("search_threads", {"query": "boots"}))
    provider.will_say(Think(("Nothing there.",)), "Nothing was found.")
    turn = dave.say("What did we say?")
    kinds = [item["type"] for item in dave.items(turn.thread_id)]
    assert kinds == ["user_message", "workflow", "workflow", "workflow", "assistant_message"]
    workflows = [item["workflow"] for item in items_of(turn.frames, "workflow")]
    assert [len(workflow["tasks"]) for workflow in workflows] == [1, 1, 1]
    assert [workflow["tasks"][0].get("content") for workflow in workflows] == [
        "I should search.",
        None,
        "Nothing there.",
    ]
    assert workflows[1]["summary"]["title"] == "0 found"


def test_thoughts_are_not_told_to_the_model_again(dave: Browser, provider: Provider) -> None:
    provider.will_say(Think(("SECRET-thought",)), "Go north.")
    turn = dave.say("Where?")
    dave.say("Really?", turn.thread_id)
    assert "SECRET-thought" not in str(provider.requests[-1])


def test_sources_are_annotations(dave: Browser, provider: Provider) -> None:
    provider.will_say(
        "Tents", Cite("javascript:alert(1)"), Cite("https://acme.example/tents", "All tents"), Cite("https://[::bad")
    )
    turn = dave.say("What do you sell?")
    (annotation,) = turn.answer["content"][0]["annotations"]
    assert annotation["source"]["url"] == "https://acme.example/tents"
    assert annotation["source"]["title"] == "All tents"
    assert annotation["index"] == 3
    assert dave.items(turn.thread_id)[-1] == turn.answer


def test_a_source_is_told_as_soon_as_it_is_known(
    server_with: StartServer, browse: Browse, cast: Cast, provider: Provider
) -> None:
    dave = browse(server=server_with(**quick(provider), PROVIDER_WIRE_API="responses")).open("model")
    provider.will_say("Tents", Cite("ftp://acme.example"), Cite("https://acme.example/tents"), Cut())
    turn = dave.say("What do you sell?")
    (update,) = [
        frame["update"]
        for frame in turn.frames
        if frame["type"] == "thread.item.updated" and frame["update"]["type"].endswith("annotation_added")
    ]
    assert (update["content_index"], update["annotation_index"]) == (0, 0)
    assert dave.items(turn.thread_id)[-1]["content"][0]["annotations"] == [update["annotation"]]


def test_a_refusal_streams_and_stays(dave: Browser, provider: Provider) -> None:
    provider.will_say(Decline(("I cannot ", "help with that.")))
    turn = dave.say("How do I pick a lock?")
    deltas = [frame for frame in turn.frames if frame.get("update", {}).get("type", "").endswith("text_delta")]
    assert [frame["update"]["delta"] for frame in deltas] == ["I cannot ", "help with that."]
    assert turn.text == "I cannot help with that."
    assert turn.frames[-1] == {"type": "thread.item.done", "item": turn.answer}
    assert "interrupted" not in turn.answer
