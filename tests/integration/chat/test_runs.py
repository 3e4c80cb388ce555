"""A run is not a connection: attach to it, stop it, follow it from elsewhere."""

import pytest

from chat.models import ThreadItem
from chat.runs.live import CANCELLED_NOTE
from tests.conftest import Browse
from tests.support.browsing import Browser, items_of, refusal, text_of
from tests.support.cast import Cast
from tests.support.provider import Hold, Provider


@pytest.fixture
def dave(browse: Browse) -> Browser:
    return browse().open("model")


@pytest.fixture
def tab(browse: Browse, dave: Browser) -> Browser:
    """Another tab of dave's browser."""
    tab = browse()
    tab.token = dave.token
    return tab


def test_a_reload_shows_the_same_answer_from_its_beginning(dave: Browser, tab: Browser, provider: Provider) -> None:
    hold = Hold()
    provider.will_say("One", hold, " two")
    with dave.saying("count") as stream:
        stream.until_text("One")
        thread_id = stream.seen[0]["thread"]["id"]
        shown = tab.post("threads.get_by_id", {"thread_id": thread_id})
        assert shown.headers["x-chatkit-run-id"] == stream.run_id
        with tab.attach(stream.run_id) as again:
            assert again.response.headers["content-type"] == "text/event-stream"
            again.until_text("One")
            hold.release()
            assert again.rest() == stream.rest()
            assert again.ids == list(range(1, len(again.seen) + 1))
    assert "x-chatkit-run-id" not in tab.post("threads.get_by_id", {"thread_id": thread_id}).headers


def test_a_lost_connection_goes_on_where_it_broke(dave: Browser, tab: Browser, provider: Provider) -> None:
    hold = Hold()
    provider.will_say("One", " two", hold, " three", " four")
    with dave.saying("count") as stream:
        stream.until_text(" two")
        before = list(stream.seen)
    hold.wait_until_reached()
    with tab.attach(stream.run_id, after=len(before)) as again:
        hold.release()
        frames = again.rest()
    assert again.ids == list(range(len(before) + 1, len(before) + len(frames) + 1))
    assert text_of(before) == "One two"
    assert text_of(frames) == " three four"
    assert frames[-1]["type"] == "thread.item.done"


def test_a_position_ahead_of_the_answer_waits_for_it(dave: Browser, tab: Browser, provider: Provider) -> None:
    hold = Hold()
    provider.will_say("One", hold, " two")
    with dave.saying("count") as stream:
        stream.until_text("One")
        with tab.attach(stream.run_id, after=999_999) as again:
            hold.release()
            assert again.rest() == []
        stream.rest()


def test_a_reader_that_comes_late_gets_the_finished_items(dave: Browser) -> None:
    turn = dave.say("count")
    with dave.attach(turn.run_id, after=3) as stream:
        frames = stream.rest()
    assert stream.ids == []
    assert [frame["type"] for frame in frames] == ["thread.item.done"] * 2
    assert items_of(frames) == [turn.question, turn.answer]


def test_a_silent_run_says_to_all_its_readers_that_it_lives(dave: Browser, tab: Browser, provider: Provider) -> None:
    hold = Hold()
    provider.will_say("One", hold)
    with dave.saying("count") as stream:
        stream.until_text("One")
        with tab.attach(stream.run_id, after=len(stream.seen)) as again:
            again.until(lambda frame: frame["type"] == ": ping")
            hold.release()
            again.rest()


def test_trap_08_stop_keeps_what_was_written_and_marks_it(
    dave: Browser, tab: Browser, provider: Provider, cast: Cast
) -> None:
    hold = Hold()
    provider.will_say("One", hold, " two")
    with dave.saying("count") as stream:
        stream.until_text("One")
        thread_id = stream.seen[0]["thread"]["id"]
        response = tab.cancel(stream.run_id)
        assert (response.status_code, response.json()) == (202, {})
        hold.wait_until_hung_up()  # the provider is not paid for words that nobody reads
        frames = stream.rest()
    assert frames[-1]["type"] == "thread.item.done"
    answer = frames[-1]["item"]
    assert answer["content"][0]["text"] == "One"
    assert answer["interrupted"] == "cancelled"
    assert dave.items(thread_id)[-1] == answer
    # The model is told; no browser is.
    hidden = ThreadItem.objects.for_tenant(cast.acme).get(is_hidden=True)
    assert hidden.data["content"] == CANCELLED_NOTE
    assert CANCELLED_NOTE not in str(frames) + tab.post("threads.get_by_id", {"thread_id": thread_id}).text
    assert len(dave.items(thread_id)) == 2
    dave.say("go on", thread_id)
    assert CANCELLED_NOTE in str(provider.requests[-1]["messages"])
    assert {"role": "assistant", "content": "One"} in provider.requests[-1]["messages"]


def test_stop_before_the_first_word_leaves_no_empty_answer(dave: Browser, tab: Browser, provider: Provider) -> None:
    hold = Hold()
    provider.will_say(hold, "One")
    with dave.saying("count") as stream:
        stream.until(lambda frame: frame["type"] == "stream_options")
        hold.wait_until_reached()
        assert tab.cancel(stream.run_id).status_code == 202
        frames = stream.rest()
    thread_id = frames[0]["thread"]["id"]
    assert [item["type"] for item in dave.items(thread_id)] == ["user_message"]
    assert items_of(frames, "assistant_message") == []
    added = [frame["item"]["id"] for frame in frames if frame["type"] == "thread.item.added"]
    assert added == [frame["item_id"] for frame in frames if frame["type"] == "thread.item.removed"]
    assert dave.say("again", thread_id).text == "You said: again"


def test_stop_may_be_pressed_twice_and_late(dave: Browser, tab: Browser, provider: Provider) -> None:
    hold = Hold()
    provider.will_say("One", hold)
    with dave.saying("count") as stream:
        stream.until_text("One")
        assert [tab.cancel(stream.run_id).status_code for _ in range(3)] == [202] * 3
        stream.rest()
    assert tab.cancel(stream.run_id).status_code == 202
    answers = items_of(stream.seen, "assistant_message")
    assert [answer["interrupted"] for answer in answers] == ["cancelled"]


def test_a_finished_answer_is_not_stopped(dave: Browser) -> None:
    turn = dave.say("count")
    assert dave.cancel(turn.run_id).status_code == 202
    assert dave.items(turn.thread_id)[-1] == turn.answer
    assert "interrupted" not in turn.answer


def test_the_run_of_somebody_else_is_unknown(dave: Browser, browse: Browse, cast: Cast, provider: Provider) -> None:
    hold = Hold()
    provider.will_say("One", hold, " two")
    others = [browse().open("model"), browse(cast.alice).open("model"), browse(cast.carol, tenant="globex").open()]
    with dave.saying("count") as stream:
        stream.until_text("One")
        for other in others:
            url = f"/api/chatkit/runs/{stream.run_id}/events?tenant={other.tenant}"
            assert refusal(other.http.get(url)) == (404, "not_found")
            assert refusal(other.cancel(stream.run_id)) == (404, "not_found")
        hold.release()
        assert text_of(stream.rest()) == "One two"


def test_a_retry_can_be_stopped_and_followed_too(dave: Browser, tab: Browser, provider: Provider) -> None:
    turn = dave.say("count")
    hold = Hold()
    provider.will_say("Better", hold)
    params = {"thread_id": turn.thread_id, "item_id": turn.question["id"]}
    with dave.stream("threads.retry_after_item", params) as stream:
        stream.until_text("Better")
        with tab.attach(stream.run_id) as again:
            assert tab.cancel(stream.run_id).status_code == 202
            assert again.rest() == stream.rest()
    assert [item.get("interrupted") for item in dave.items(turn.thread_id)] == [None, "cancelled"]
