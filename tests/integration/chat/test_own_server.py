"""A company's own server class: whatever its agent emits is kept, shown or hidden as the protocol wants it."""

import pytest

from chat.models import Thread, ThreadItem
from tests.conftest import Browse
from tests.support.browsing import Browser, items_of, refusal, text_of
from tests.support.cast import Cast
from tests.support.own_servers import SECRET
from tests.support.servers import ServerProcess


@pytest.fixture
def dave(own_chat_server: ServerProcess, browse: Browse) -> Browser:
    return browse(server=own_chat_server).open()


def test_trap_22_hidden_items_reach_no_browser(dave: Browser, cast: Cast) -> None:
    """Neither by added, done nor replaced."""
    turn = dave.say("hides")
    assert turn.text == "Nothing to see."
    seen = [turn.frames, dave.items(turn.thread_id), dave.ask("threads.get_by_id", {"thread_id": turn.thread_id})]
    with dave.attach(turn.run_id) as late:
        seen.append(late.rest())
    assert SECRET not in str(seen)
    assert ThreadItem.objects.for_tenant(cast.acme).filter(is_hidden=True).count() == 2


def test_an_agent_may_name_a_thread(dave: Browser, cast: Cast) -> None:
    turn = dave.say("names")
    (updated,) = [frame["thread"] for frame in turn.frames if frame["type"] == "thread.updated"]
    assert updated["title"] == "Named by the agent"
    assert dave.ask("threads.get_by_id", {"thread_id": turn.thread_id})["title"] == "Named by the agent"
    assert SECRET not in str(turn.frames)
    assert Thread.objects.for_tenant(cast.acme).get(public_id=turn.thread_id).metadata == {"secret": SECRET}


def test_trap_16_a_rename_stays_when_the_agent_changes_something_else(
    dave: Browser, browse: Browse, cast: Cast
) -> None:
    with dave.saying("notes_after_a_rename") as stream:
        thread_id = stream.until(lambda frame: frame["type"] == "thread.created")["thread"]["id"]
        tab = browse(server=dave.server)
        tab.token = dave.token
        tab.ask("threads.update", {"thread_id": thread_id, "title": "Renamed"})
        stream.rest()
    thread = Thread.objects.for_tenant(cast.acme).get(public_id=thread_id)
    assert (thread.title, thread.metadata) == ("Renamed", {"note": "mine"})


def test_trap_02_an_item_done_twice_keeps_its_place(dave: Browser) -> None:
    first = dave.say("works")
    second = dave.say("works", first.thread_id)
    assert [frame for frame in second.frames if frame["type"] == "error"] == []
    items = dave.items(first.thread_id)
    kinds = [item["type"] for item in items]
    assert kinds == ["user_message", "workflow", "assistant_message", "user_message", "assistant_message"]
    assert items[1]["workflow"]["expanded"] is True


def test_trap_09_an_unfinished_widget_is_kept_as_it_stood(dave: Browser) -> None:
    """And the error is told in the agent's own words."""
    turn = dave.say("shows")
    error = {"type": "error", "code": "custom", "message": "The kitchen is closed.", "allow_retry": False}
    assert turn.frames[-1] == error
    widget = dave.items(turn.thread_id)[-1]
    assert widget["interrupted"] == "error"
    assert widget["widget"]["children"][0]["value"] == "One two"
    assert items_of(turn.frames, "widget") == [widget]


def test_an_action_of_a_widget_is_answered(dave: Browser) -> None:
    turn = dave.say("card")
    (widget,) = items_of(turn.frames, "widget")
    assert widget["widget"]["border"] == {"size": 1}
    action = {"type": "buy", "payload": {"boots": 2, "nothing": None}}
    params = {"thread_id": turn.thread_id, "item_id": widget["id"], "action": action}
    with dave.stream("threads.custom_action", params) as stream:
        frames = stream.rest()
    assert items_of(frames)[-1]["content"][0]["text"] == 'buy {"boots":2,"nothing":null}'
    wrong = {**params, "item_id": turn.question["id"]}
    assert refusal(dave.post("threads.custom_action", wrong)) == (409, "not_a_widget")


def test_what_is_taken_back_is_gone(dave: Browser) -> None:
    turn = dave.say("withdraws")
    assert [frame["type"] for frame in turn.frames].count("thread.item.removed") == 2
    assert [item["type"] for item in dave.items(turn.thread_id)] == ["user_message"]


def test_signals_pass_and_leave_nothing(dave: Browser) -> None:
    turn = dave.say("signals")
    assert {"type": "notice", "level": "warning", "message": "Careful"} in turn.frames
    assert {"type": "client_effect", "name": "confetti", "data": {"colour": None}} in turn.frames
    assert len(dave.items(turn.thread_id)) == 1
    assert text_of(turn.frames) == ""


def test_trap_30_an_answer_is_produced_in_one_context(dave: Browser) -> None:
    turn = dave.say("remembers")
    assert [item["content"][0]["text"] for item in items_of(turn.frames, "assistant_message")] == [
        "One: mine",
        "Two: mine",
    ]
    assert [frame for frame in turn.frames if frame["type"] == "error"] == []


def test_trap_32_an_answer_that_fails_leaves_no_headers_to_the_next(dave: Browser) -> None:
    before = dave.say("shows_headers")
    assert [frame["type"] for frame in dave.say("shows", before.thread_id).frames][-1] == "error"
    assert dave.say("shows_headers", before.thread_id).text == before.text
