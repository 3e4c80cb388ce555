"""Every operation of ChatKit's protocol: what it answers, or the documented refusal."""

from typing import get_args

import pytest
from chatkit.types import NonStreamingReq, StreamingReq

from chat.models import Thread
from tests.conftest import Browse
from tests.support.browsing import Browser, items_of, message, refusal, text_of
from tests.support.cast import Cast

TESTED_HERE = {
    "threads.create",
    "threads.add_user_message",
    "threads.add_client_tool_output",
    "threads.retry_after_item",
    "threads.get_by_id",
    "threads.list",
    "threads.update",
    "threads.delete",
    "items.list",
    "items.feedback",
    "attachments.create",  # in test_attachments.py
    "attachments.delete",
    "input.transcribe",  # in test_dictation.py
}
#: In test_actions.py.
TESTED_ELSEWHERE = {"threads.add_structured_input", "threads.custom_action", "threads.sync_custom_action"}


def operations() -> set[str]:
    """The operations that this version of the SDK knows."""
    return {kind.model_fields["type"].default for kind in (*get_args(StreamingReq), *get_args(NonStreamingReq))}


def test_every_operation_is_tested() -> None:
    assert operations() == TESTED_HERE | TESTED_ELSEWHERE


@pytest.fixture
def dave(browse: Browse) -> Browser:
    return browse().open()


def test_it_lists_threads(dave: Browser) -> None:
    ids = [dave.say(f"Number {number}").thread_id for number in range(3)]
    page = dave.ask("threads.list", {"limit": 2})
    assert [thread["id"] for thread in page["data"]] == [ids[2], ids[1]]
    assert (page["has_more"], page["after"]) == (True, ids[1])
    thread = page["data"][0]
    assert (thread["title"], thread["status"], thread["metadata"]) == ("Number 2", {"type": "active"}, {})
    assert thread["items"] == {"data": [], "has_more": False}
    assert thread["created_at"].endswith("Z")
    rest = dave.ask("threads.list", {"limit": 2, "after": page["after"]})
    assert ([thread["id"] for thread in rest["data"]], rest["has_more"]) == ([ids[0]], False)


def test_trap_20_a_thread_comes_with_its_oldest_items_first(dave: Browser) -> None:
    turn = dave.say("Number 0")
    for number in range(1, 11):
        dave.say(f"Number {number}", turn.thread_id)
    thread = dave.ask("threads.get_by_id", {"thread_id": turn.thread_id})
    assert len(thread["items"]["data"]) == 20
    assert thread["items"]["data"][0] == turn.question
    assert thread["items"]["has_more"] is True
    rest = dave.ask("items.list", {"thread_id": turn.thread_id, "order": "asc", "after": thread["items"]["after"]})
    assert [item["type"] for item in rest["data"]] == ["user_message", "assistant_message"]
    newest = dave.ask("items.list", {"thread_id": turn.thread_id, "limit": 1})
    assert newest["data"] == rest["data"][-1:]


@pytest.mark.parametrize("limit", [-1, 0, 10**9, 10**30])
@pytest.mark.parametrize("kind", ["threads.list", "items.list"])
def test_trap_18_any_limit_is_answered_with_a_page(dave: Browser, kind: str, limit: int) -> None:
    turn = dave.say("hello")
    assert dave.ask(kind, {"thread_id": turn.thread_id, "limit": limit})["data"]


def test_it_renames_a_thread(dave: Browser) -> None:
    turn = dave.say("hello")
    answered = dave.ask("threads.update", {"thread_id": turn.thread_id, "title": "  Boots & tents  "})
    assert answered["title"] == "Boots & tents"
    assert dave.ask("threads.get_by_id", {"thread_id": turn.thread_id})["title"] == "Boots & tents"


@pytest.mark.parametrize(
    ("title", "code"),
    [("", "invalid_request"), (" \n", "invalid_request"), ("a\0", "invalid_request"), ("x" * 201, "too_large")],
)
def test_trap_29_a_title_has_limits(dave: Browser, title: str, code: str) -> None:
    turn = dave.say("hello")
    assert refusal(dave.post("threads.update", {"thread_id": turn.thread_id, "title": title}))[1] == code
    assert dave.ask("threads.get_by_id", {"thread_id": turn.thread_id})["title"] == "hello"


def test_it_deletes_a_thread(dave: Browser) -> None:
    turn = dave.say("hello")
    assert dave.ask("threads.delete", {"thread_id": turn.thread_id}) == {}
    assert dave.ask("threads.list")["data"] == []
    for kind in ("threads.get_by_id", "threads.delete", "items.list"):
        assert refusal(dave.post(kind, {"thread_id": turn.thread_id})) == (404, "not_found")


def test_it_takes_a_verdict(dave: Browser) -> None:
    turn = dave.say("hello")
    params = {"thread_id": turn.thread_id, "item_ids": [turn.answer["id"]], "kind": "positive"}
    assert dave.ask("items.feedback", params) == {}
    for spoilt, code in (
        ({"item_ids": []}, "invalid_request"),
        ({"item_ids": ["msg_x"] * 101}, "too_large"),
        ({"item_ids": ["msg_x"]}, "not_found"),
        ({"kind": "meh"}, "invalid_request"),
    ):
        assert refusal(dave.post("items.feedback", params | spoilt))[1] == code


def test_it_tries_again(dave: Browser) -> None:
    turn = dave.say("My boots are blue")
    later = dave.say("And red", turn.thread_id)
    params = {"thread_id": turn.thread_id, "item_id": turn.question["id"]}
    with dave.stream("threads.retry_after_item", params) as stream:
        frames = stream.rest()
    assert "My boots are blue" in text_of(frames)
    items = dave.items(turn.thread_id)
    assert items == [turn.question, items_of(frames, "assistant_message")[0]]
    assert later.answer["id"] not in [item["id"] for item in items]
    wrong = {"thread_id": turn.thread_id, "item_id": items[1]["id"]}
    assert refusal(dave.post("threads.retry_after_item", wrong)) == (409, "not_a_user_message")
    assert dave.items(turn.thread_id) == items


def test_trap_10_what_is_not_there_is_a_404_and_no_empty_stream(dave: Browser) -> None:
    turn = dave.say("hello")
    for kind, params in (
        ("threads.add_user_message", {"thread_id": "thr_unknown", "input": message("hello")}),
        ("threads.add_client_tool_output", {"thread_id": "thr_unknown", "result": {}}),
        ("threads.retry_after_item", {"thread_id": turn.thread_id, "item_id": "msg_unknown"}),
        ("threads.custom_action", {"thread_id": turn.thread_id, "item_id": "msg_unknown", "action": {"type": "x"}}),
        ("threads.add_structured_input", {"thread_id": turn.thread_id, "item_id": "sin_unknown", "input": {}}),
    ):
        assert refusal(dave.post(kind, params)) == (404, "not_found"), kind


def test_trap_25_a_result_that_nobody_waits_for_is_a_409(dave: Browser) -> None:
    turn = dave.say("hello")
    params = {"thread_id": turn.thread_id, "result": {}}
    assert refusal(dave.post("threads.add_client_tool_output", params)) == (409, "no_pending_tool_call")


@pytest.mark.parametrize("status", ["locked", "closed"])
def test_trap_15_a_locked_thread_takes_no_message(dave: Browser, cast: Cast, status: str) -> None:
    turn = dave.say("hello")
    Thread.objects.for_tenant(cast.acme).update(status=status, status_reason="Paid")
    params = {"thread_id": turn.thread_id, "input": message("hello")}
    assert refusal(dave.post("threads.add_user_message", params)) == (409, f"thread_{status}")
    retry = {"thread_id": turn.thread_id, "item_id": turn.question["id"]}
    assert refusal(dave.post("threads.retry_after_item", retry)) == (409, f"thread_{status}")
    thread = dave.ask("threads.get_by_id", {"thread_id": turn.thread_id})
    assert thread["status"] == {"type": status, "reason": "Paid"}
    assert len(thread["items"]["data"]) == 2


def test_trap_12_a_thread_that_could_not_begin_leaves_nothing_behind(dave: Browser, cast: Cast) -> None:
    for spoilt in (message(""), message("x" * 32_001), message("hello", attachments=["atc_x"])):
        assert dave.post("threads.create", {"input": spoilt}).status_code >= 400
    assert dave.ask("threads.list")["data"] == []
    assert not Thread.objects.for_tenant(cast.acme).exists()


def test_only_the_content_of_a_message_is_taken_from_the_browser(dave: Browser) -> None:
    """Ids, owners, times and roles that a browser claims change nothing."""
    claims = {"id": "msg_mine", "created_at": "1999-01-01T00:00:00Z", "type": "assistant_message", "thread_id": "thr_x"}
    turn = dave.say("first")
    params = {"thread_id": turn.thread_id, "input": message("hello", **claims), "tenant": "globex", "owner": "eu_x"}
    with dave.stream("threads.add_user_message", params) as stream:
        stored = items_of(stream.rest(), "user_message")[0]
    assert stored["id"] != "msg_mine"
    assert (stored["thread_id"], stored["type"]) == (turn.thread_id, "user_message")
    assert not stored["created_at"].startswith("1999")


@pytest.mark.parametrize("kind", ["threads.update", "threads.create"])
def test_a_thread_cannot_be_made_with_a_chosen_id(dave: Browser, kind: str) -> None:
    dave.post(kind, {"thread_id": "thr_mine", "id": "thr_mine", "title": "x", "input": message("hello")})
    assert "thr_mine" not in [thread["id"] for thread in dave.ask("threads.list")["data"]]
