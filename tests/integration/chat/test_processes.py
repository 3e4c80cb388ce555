"""Several processes are one installation, and the death of one of them costs at most a second of an answer."""

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import EndUser, User
from chat.models import Run, ThreadItem
from tenants.models import Embed, Membership, Tenant
from tests.conftest import Browse, StartServer, quick
from tests.support import redis
from tests.support.browsing import Browser, items_of, message, refusal, text_of
from tests.support.cast import Cast
from tests.support.hosts import Site, site_of
from tests.support.provider import Hold, Provider
from tests.support.servers import ServerProcess

Eventually = Callable[..., Any]
#: The same for all that it does for: a process costs more than a second of waiting.
LEASE = {"CHAT_RUN_LEASE_SECONDS": "2"}


@contextlib.contextmanager
def _away(table: str) -> Iterator[None]:
    """Statements that name this table fail meanwhile, as in the middle of a migration."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO {table}_away")
        try:
            yield
        finally:
            cursor.execute(f"ALTER TABLE {table}_away RENAME TO {table}")


def twin(browse: Browse, browser: Browser, server: ServerProcess) -> Browser:
    """The same browser, whose next request comes to another process."""
    other = browse(server=server)
    other.token = browser.token
    return other


def test_an_answer_whose_process_is_killed_is_kept_up_to_its_last_second(
    start_server: StartServer,
    server_with: StartServer,
    browse: Browse,
    provider: Provider,
    *,
    cast: Cast,
    eventually: Eventually,
) -> None:
    short = quick(provider) | LEASE
    dying, living = start_server(**short), server_with(**short)
    dave = browse(server=dying).open("model")
    survivor = twin(browse, dave, living)
    hold = Hold()
    provider.will_say("One", " two", hold, " three")
    with dave.saying("count") as stream:
        stream.until_text("One two")
        thread_id = stream.seen[0]["thread"]["id"]
        eventually(lambda: len(survivor.items(thread_id)) == 2)  # its checkpoint is stored
        dying.kill()
    question, answer = survivor.items(thread_id)
    assert question["content"][0]["text"] == "count"
    assert answer["content"][0]["text"] == "One two"
    assert answer["interrupted"] == "lost"
    # Nobody can tell a dead process from a silent one before its lease has run out.
    eventually(lambda: "x-chatkit-run-id" not in survivor.post("threads.get_by_id", {"thread_id": thread_id}).headers)
    with survivor.attach(stream.run_id) as late:
        frames = late.rest()
    assert items_of(frames) == [question, answer]
    assert frames[-1]["platform_code"] == "run_lost"
    assert survivor.say("go on", thread_id).text == "You said: go on"
    assert {"role": "assistant", "content": "One two"} in provider.requests[-1]["messages"]
    run = Run.objects.for_tenant(cast.acme).get(public_id=stream.run_id)
    assert (run.state, run.error_code) == ("lost", "run_lost")
    dying.start()
    assert twin(browse, dave, dying).items(thread_id)[1] == answer


def test_a_thread_of_a_dead_process_stays_locked_only_as_long_as_its_lease(
    start_server: StartServer,
    server_with: StartServer,
    browse: Browse,
    provider: Provider,
    *,
    cast: Cast,
    eventually: Eventually,
) -> None:
    short = quick(provider) | LEASE
    dying, living = start_server(**short), server_with(**short)
    dave = browse(server=dying).open("model")
    survivor = twin(browse, dave, living)
    provider.will_say(Hold())
    with dave.saying("count") as stream:
        stream.until(lambda frame: frame["type"] == "stream_options")
        thread_id = stream.seen[0]["thread"]["id"]
        dying.kill()
    params = {"thread_id": thread_id, "input": message("and now?")}
    assert refusal(survivor.post("threads.add_user_message", params)) == (409, "run_in_progress")
    eventually(lambda: survivor.post("threads.add_user_message", params).status_code == 200)


def test_a_living_run_keeps_its_lease_much_longer_than_one(
    start_server: StartServer, browse: Browse, provider: Provider, cast: Cast
) -> None:
    dave = browse(server=start_server(**quick(provider) | {"CHAT_RUN_LEASE_SECONDS": "0.5"})).open("model")
    hold = Hold()
    provider.will_say("One", hold, " two")
    with dave.saying("count") as stream:
        stream.until_text("One")
        thread_id = stream.seen[0]["thread"]["id"]
        for _ in range(8):  # of 0.2 seconds: the lease is renewed three times at least
            stream.until(lambda frame: frame["type"] == ": ping")
        params = {"thread_id": thread_id, "input": message("me too")}
        tab = twin(browse, dave, dave.server)
        assert refusal(tab.post("threads.add_user_message", params)) == (409, "run_in_progress")
        hold.release()
        assert text_of(stream.rest()) == "One two"


def test_a_reader_at_another_process_lives_from_what_is_stored(
    browse: Browse, other_chat_server: ServerProcess, provider: Provider
) -> None:
    """The processes cannot talk: the answer comes in larger pieces, and it comes whole."""
    dave = browse().open("model")
    there = twin(browse, dave, other_chat_server)
    hold = Hold()
    provider.will_say("One", hold, " two")
    with dave.saying("count") as stream:
        stream.until_text("One")
        thread_id = stream.seen[0]["thread"]["id"]
        shown = there.post("threads.get_by_id", {"thread_id": thread_id})
        assert shown.headers["x-chatkit-run-id"] == stream.run_id
        with there.attach(stream.run_id) as again:
            part = again.until(lambda frame: frame.get("item", {}).get("type") == "assistant_message")
            assert part["item"]["content"][0]["text"] == "One"
            assert "interrupted" not in part["item"]
            hold.release()
            frames = again.rest()
        stream.rest()
    assert again.ids == []
    assert items_of(frames)[-1] == items_of(stream.seen)[-1]
    assert items_of(frames)[-1]["content"][0]["text"] == "One two"


def test_stop_at_another_process_stops(
    server_with: StartServer, browse: Browse, other_chat_server: ServerProcess, provider: Provider, cast: Cast
) -> None:
    producer = server_with(**quick(provider) | LEASE)
    dave = browse(server=producer).open("model")
    there = twin(browse, dave, other_chat_server)
    hold = Hold()
    provider.will_say("One", hold)
    with dave.saying("count") as stream:
        stream.until_text("One")
        assert there.cancel(stream.run_id).status_code == 202
        (answer,) = items_of(stream.rest(), "assistant_message")
    assert answer["interrupted"] == "cancelled"
    assert there.items(stream.seen[0]["thread"]["id"])[-1] == answer


def test_whoever_is_suspended_or_removed_is_not_answered_to_the_end(
    server_with: StartServer, browse: Browse, provider: Provider, cast: Cast
) -> None:
    server = server_with(**quick(provider) | LEASE)
    acme, off, removed = cast.acme, site_of(cast.model, key_id="off"), site_of(cast.model, key_id="removed")

    def at(site: Site) -> Browser:
        """A visitor of a site, whose browser keeps no cookies."""
        visitor = browse(server=server)
        secret = visitor.http.post("/api/chatkit/session", json={"embed": site.id, "credential": "client_secret"})
        visitor.bearer = secret.json()["client_secret"]
        return visitor

    def here(*who: Any) -> Browser:
        return browse(*who, server=server).open("model")

    ways: list[tuple[Callable[[], Browser], Callable[[], Any]]] = [
        (here, lambda: EndUser.objects.for_tenant(acme).update(suspended_at=timezone.now())),
        (partial(here, cast.bob), lambda: Membership.objects.for_tenant(acme).filter(user=cast.bob).delete()),
        (partial(here, cast.alice), lambda: User.objects.filter(pk=cast.alice.pk).update(is_active=False)),
        (partial(at, off), lambda: Embed.objects.for_tenant(acme).filter(pk=off.embed.pk).update(is_enabled=False)),
        (partial(at, removed), lambda: Embed.objects.for_tenant(acme).filter(pk=removed.embed.pk).delete()),
        (here, lambda: Tenant.objects.filter(pk=acme.pk).update(status="suspended")),
    ]
    for enter, end in ways:
        browser, hold = enter(), Hold()
        provider.will_say("One", hold, " two")
        with browser.saying("count") as stream:
            stream.until_text("One")
            end()
            hold.wait_until_hung_up()
            (answer,) = items_of(stream.rest(), "assistant_message")
        assert answer["interrupted"] == "cancelled"


def test_a_round_of_checkpoints_that_fails_does_not_end_them(
    browse: Browse, chat_server: ServerProcess, provider: Provider, cast: Cast, eventually: Eventually
) -> None:
    dave, hold, broken = browse().open("model"), Hold(), Hold()
    began = len(chat_server.log)
    provider.will_say("One", hold, " two", broken, " three", Hold())

    def kept() -> str | None:
        answers = ThreadItem.objects.for_tenant(cast.acme).filter(type="assistant_message")
        return answers.values_list("data__content__0__text", flat=True).first()

    with dave.saying("count") as stream:
        stream.until_text("One")
        with _away("chat_threaditem"):
            hold.release()
            stream.until_text(" two")
            eventually(lambda: "a round of checkpoints and leases failed" in chat_server.log[began:])
        eventually(lambda: kept() == "One two")  # without another word: what was not stored is tried again
        broken.release()
        stream.until_text(" three")
        eventually(lambda: kept() == "One two three")
        dave.cancel(stream.run_id)
        stream.rest()


@pytest.mark.skipif(redis.PROGRAM is None, reason="There is no redis-server on this machine.")
def test_with_redis_a_reader_at_another_process_sees_each_word(
    start_server: StartServer, browse: Browse, provider: Provider, cast: Cast, tmp_path: Path
) -> None:
    with redis.running_redis(tmp_path) as address:
        shared = quick(provider) | {"REDIS_URL": address}
        here, there = start_server(**shared), start_server(**shared)
        dave = browse(server=here).open("model")
        reader = twin(browse, dave, there)
        hold, second = Hold(), Hold()
        provider.will_say("One", hold, " two", second, " three")
        with dave.saying("count") as stream:
            stream.until_text("One")
            with reader.attach(stream.run_id, after=len(stream.seen)) as again:
                hold.release()
                again.until_text(" two")
                assert again.ids[0] == len(stream.seen) + 1
                second.release()
                frames = again.rest()
            whole = stream.rest()
        assert frames == whole[again.ids[0] - 1 :]
        third = Hold()
        provider.will_say("Again", third)
        with dave.saying("count") as stream:
            stream.until_text("Again")
            assert reader.cancel(stream.run_id).status_code == 202
            third.wait_until_hung_up()  # at once: the lease lasts 15 seconds
            assert items_of(stream.rest(), "assistant_message")[0]["interrupted"] == "cancelled"
        assert reader.say("still there?").text == "You said: still there?"


@pytest.mark.skipif(redis.PROGRAM is None, reason="There is no redis-server on this machine.")
def test_without_its_redis_a_process_goes_on_answering(
    start_server: StartServer, browse: Browse, provider: Provider, cast: Cast, tmp_path: Path
) -> None:
    with redis.running_redis(tmp_path) as address:
        server = start_server(**quick(provider) | {"REDIS_URL": address}, may_log_tracebacks=True)
        dave = browse(server=server).open("model")
        first = dave.say("One")
    assert dave.say("Two", first.thread_id).text == "You said: Two"
    assert dave.refresh().status_code == 200


@pytest.mark.skipif(redis.PROGRAM is None, reason="There is no redis-server on this machine.")
def test_a_reader_whose_redis_goes_away_lives_from_what_is_stored(
    start_server: StartServer, browse: Browse, provider: Provider, cast: Cast, tmp_path: Path
) -> None:
    with contextlib.ExitStack() as until_it_goes:
        shared = quick(provider) | {"REDIS_URL": until_it_goes.enter_context(redis.running_redis(tmp_path))}
        here, there = (start_server(**shared, may_log_tracebacks=True) for _ in range(2))
        dave = browse(server=here).open("model")
        reader = twin(browse, dave, there)
        hold = Hold()
        provider.will_say("One", hold, " two")
        with dave.saying("count") as stream:
            stream.until_text("One")
            with reader.attach(stream.run_id) as again:
                again.until_text("One")
                until_it_goes.close()
                hold.release()
                whole = stream.rest()
                frames = again.rest()
    assert text_of(whole) == "One two"
    assert items_of(frames)[-1] == items_of(whole)[-1]
