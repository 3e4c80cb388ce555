"""A reader that goes from what is stored to the producer's log, and back, shows each word once."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Browse, StartServer, quick
from tests.integration.chat.test_processes import twin
from tests.integration.chat.test_waiting_writes import held
from tests.support import redis
from tests.support.browsing import items_of, refusal, shown_by
from tests.support.cast import Cast
from tests.support.provider import Hold, Provider
from tests.support.servers import ServerProcess

Eventually = Callable[..., Any]


@pytest.mark.parametrize("is_finished", [False, True])
def test_the_log_goes_on_where_stored_items_end(
    browse: Browse, other_chat_server: ServerProcess, provider: Provider, *, is_finished: bool
) -> None:
    """The processes cannot talk, so that a reader elsewhere gets stored items only; then it comes to the producer."""
    dave = browse().open("model")
    there = twin(browse, dave, other_chat_server)
    first, second = Hold(), Hold()
    provider.will_say("One", first, " two", second, " three")
    with dave.saying("count") as stream:
        stream.until_text("One")
        with there.attach(stream.run_id) as stored:
            stored.until(lambda _frame: list(shown_by(stored.seen).values()) == ["One"])
        assert (stored.position, stored.ids) == ("0s", [])
        first.release()
        stream.until_text(" two")
        here = twin(browse, dave, dave.server)
        with here.attach(stream.run_id, after=stored.position) as log:
            log.until(lambda _frame: list(shown_by(stored.seen + log.seen).values()) == ["One two"])
            assert log.position == str(len(stream.seen))
            if is_finished:
                second.release()
                log.rest()
        # And once more, from a position in the log.
        if not is_finished:
            with here.attach(stream.run_id, after=log.position) as rest:
                second.release()
                rest.rest()
            assert list(shown_by(stored.seen + log.seen + rest.seen).values()) == ["One two three"]
        else:
            assert list(shown_by(stored.seen + log.seen).values()) == ["One two three"]
        stream.rest()


@pytest.mark.skipif(redis.PROGRAM is None, reason="There is no redis-server on this machine.")
def test_a_reader_whose_redis_went_away_goes_on_at_the_producer(
    start_server: StartServer, browse: Browse, provider: Provider, cast: Cast, tmp_path: Path
) -> None:
    with contextlib.ExitStack() as until_it_goes:
        shared = quick(provider) | {"REDIS_URL": until_it_goes.enter_context(redis.running_redis(tmp_path))}
        here, there = (start_server(**shared, may_log_tracebacks=True) for _ in range(2))
        dave = browse(server=here).open("model")
        first, second = Hold(), Hold()
        provider.will_say("One", first, " two", second, " three", " four")
        with dave.saying("count") as stream:
            stream.until_text("One")
            with twin(browse, dave, there).attach(stream.run_id) as again:
                again.until(lambda _frame: list(shown_by(again.seen).values()) == ["One"])
                numbers = len(again.ids)
                until_it_goes.close()
                first.release()
                again.until(lambda _frame: list(shown_by(again.seen).values()) == ["One two"])
            assert again.position == f"{numbers}s"
            with twin(browse, dave, here).attach(stream.run_id, after=again.position) as log:
                log.until(lambda frame: "item" in frame)
                second.release()
                frames = again.seen + log.rest()
            whole = stream.rest()
    assert list(shown_by(frames).values()) == ["One two three four"] == list(shown_by(whole).values())
    assert items_of(frames)[-1] == items_of(whole)[-1]


def test_a_reader_of_what_is_stored_hears_that_it_lives_while_the_database_hangs(
    browse: Browse, other_chat_server: ServerProcess, provider: Provider
) -> None:
    dave = browse().open("model")
    there = twin(browse, dave, other_chat_server)
    hold = Hold()
    provider.will_say("One", hold, " two")
    with dave.saying("count") as stream:
        stream.until_text("One")
        with there.attach(stream.run_id) as stored:
            stored.until(lambda _frame: list(shown_by(stored.seen).values()) == ["One"])
            with held("chat_run"):
                before = len(stored.seen)
                for _ in range(8):
                    stored.until(lambda frame: frame["type"] == ": ping")
                assert stored.seen[before:] == []
            hold.release()
            frames = stored.rest()
        assert items_of(frames)[-1] == items_of(stream.rest())[-1]
    assert list(shown_by(frames).values()) == ["One two"]


def test_no_other_position_is_taken(browse: Browse, chat_server: ServerProcess, cast: Cast) -> None:
    dave = browse().open()
    run_id = dave.say("help").run_id
    for wrong in ("-1", "s", "1x", "1ss", "1234567890", "١"):
        url = f"/api/chatkit/runs/{run_id}/events?after={wrong}&tenant={dave.tenant}"
        assert refusal(dave.http.get(url)) == (400, "invalid_request")
