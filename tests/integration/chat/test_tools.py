"""Tools see what their user sees, and show what they do."""

import threading

import pytest
from agents import FunctionTool

from chat.tools import REGISTRY
from tests.conftest import Browse
from tests.support.browsing import Browser, Turn, items_of
from tests.support.cast import Cast


@pytest.fixture
def dave(browse: Browse) -> Browser:
    return browse().open()


def test_each_tool_says_what_it_is_for() -> None:
    assert all(tool.name == name for name, tool in REGISTRY.items())
    ours = [tool.offered for tool in REGISTRY.values() if isinstance(tool.offered, FunctionTool)]
    assert all(tool.description for tool in ours)
    assert all(field.get("description") for tool in ours for field in tool.params_json_schema["properties"].values())


def test_it_searches_the_users_other_conversations_and_shows_that_it_does(dave: Browser) -> None:
    dave.say("My boots are blue and too small")
    turn = dave.say("Search my chats for boots")
    assert "My boots are blue" in turn.text
    (workflow,) = items_of(turn.frames, "workflow")
    assert [task["status_indicator"] for task in workflow["workflow"]["tasks"]] == ["complete"]
    assert "interrupted" not in workflow
    kinds = [frame["type"] for frame in turn.frames if frame.get("item", {}).get("type") == "workflow"]
    assert kinds == ["thread.item.added", "thread.item.done"]


def test_it_finds_nothing_of_anybody_else(dave: Browser, browse: Browse, cast: Cast) -> None:
    """Another visitor, a member, the same person at another assistant, and another tenant."""
    for other in (
        browse().open(),
        browse(cast.bob).open(),
        browse(cast.carol, tenant="globex").open(),
    ):
        other.say("My boots are SECRET")
    second = browse(cast.alice)
    second.open("second").say("My boots are SECRET")
    second.open()
    for browser in (dave, second):
        turn = browser.say("Search my chats for boots")
        assert turn.text == "Nothing was found."


@pytest.mark.parametrize("query", ["' OR 1=1 --", "%", "&|!", "x" * 5_000, "\\", "NOT boots"])
def test_any_words_can_be_searched_for(dave: Browser, query: str) -> None:
    dave.say("My boots are blue")
    assert dave.say(f"Search my chats for {query}").answer["content"][0]["text"]


def test_an_assistant_has_the_tools_of_its_version_and_no_other(browse: Browse, cast: Cast) -> None:
    from tests.support.cast import assistant_of

    assistant_of(cast.acme, "bare", tools=["calculator", "no_longer_there"])
    bare = browse().open("bare")
    assert "**84**" in bare.say("Compute 12 * (3 + 4)").text
    turn = bare.say("Rename this chat to Boots")
    assert items_of(turn.frames, "widget") == []


def test_a_widget_grows_and_is_kept_whole(dave: Browser) -> None:
    turn = dave.say("Make a packing list for the mountains, 3 days.")
    (widget,) = items_of(turn.frames, "widget")
    updates = [frame["update"] for frame in turn.frames if frame.get("item_id") == widget["id"]]
    *deltas, last = updates
    assert {update["type"] for update in deltas} == {"widget.streaming_text.value_delta"}
    assert last == {"type": "widget.root.updated", "widget": widget["widget"]}
    text = widget["widget"]["children"][1]
    assert text["value"].startswith("".join(update["delta"] for update in deltas))
    assert "3 pairs of socks" in text["value"]
    assert text["streaming"] is False
    assert widget in dave.items(turn.thread_id)


def test_a_tool_says_what_it_does_and_has_the_page_do_something(dave: Browser) -> None:
    turn = dave.say("Make a packing list for the coast")
    assert {"type": "progress_update", "icon": "suitcase", "text": "Packing"} in turn.frames
    assert {"type": "client_effect", "name": "packed", "data": {"place": "coast"}} in turn.frames


def test_trap_38_what_a_tool_shows_reaches_its_own_thread(browse: Browse) -> None:
    """Several answers at once, in one process: the SDK's queue of events looks as if it were shared."""
    places = ["mountains", "forest", "coast"] * 2
    turns: dict[int, Turn] = {}

    def ask(number: int) -> None:
        turns[number] = browsers[number].say(f"Make a packing list for the {places[number]}")

    browsers = [browse().open() for _ in places]
    asking = [threading.Thread(target=ask, args=(number,)) for number in range(len(places))]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    for number, place in enumerate(places):
        (widget,) = items_of(turns[number].frames, "widget")
        assert widget["widget"]["children"][0]["value"] == f"Packing for the {place}"
        assert widget["thread_id"] == turns[number].thread_id
