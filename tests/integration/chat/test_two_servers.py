"""Two servers and Redis are one installation: each hears the other, however long it has been answering."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import Browse, StartServer, quick
from tests.integration.chat.test_processes import twin
from tests.support import redis
from tests.support.browsing import items_of, text_of
from tests.support.cast import Cast
from tests.support.provider import Hold, Provider
from tests.support.servers import ServerProcess

pytestmark = pytest.mark.skipif(redis.PROGRAM is None, reason="There is no redis-server on this machine.")


@pytest.fixture
def servers(
    start_server: StartServer, cast: Cast, provider: Provider, tmp_path: Path
) -> Iterator[tuple[ServerProcess, ServerProcess]]:
    with redis.running_redis(tmp_path) as address:
        # Nothing may come from the store, or in time by it: checkpoints are rare, and leases long.
        shared = quick(provider) | {"REDIS_URL": address, "CHAT_RUN_CHECKPOINT_SECONDS": "600"}
        yield start_server(**shared), start_server(**shared)


def readiness(server: ServerProcess) -> tuple[int, str]:
    response = httpx.get(f"{server.url}/readyz", trust_env=False)
    return response.status_code, response.json()["checks"]["channel_layer"]["status"]


def test_each_server_hears_the_other_after_any_number_of_answers(
    servers: tuple[ServerProcess, ServerProcess], browse: Browse, provider: Provider
) -> None:
    dave = browse(server=servers[0]).open("model")
    at_each = [twin(browse, dave, server) for server in servers]
    for here, there in (at_each, at_each[::-1], at_each):
        hold = Hold()
        provider.will_say("One", hold, " two")
        with here.saying("count") as stream:
            stream.until_text("One")
            assert [readiness(server) for server in servers] == [(200, "ok")] * 2
            with there.attach(stream.run_id) as again:
                again.until_text("One")
                hold.release()
                frames = again.rest()
            assert frames == stream.rest()
        # The producer's own frames have numbers; what is stored has none.
        assert again.ids == list(range(1, len(frames) + 1))
        assert [readiness(server) for server in servers] == [(200, "ok")] * 2


def test_a_reader_that_leaves_is_forgotten_and_comes_back(
    servers: tuple[ServerProcess, ServerProcess], browse: Browse, provider: Provider
) -> None:
    dave = browse(server=servers[0]).open("model")
    there = twin(browse, dave, servers[1])
    hold, second = Hold(), Hold()
    provider.will_say("One", hold, " two", second, " three")
    with dave.saying("count") as stream:
        stream.until_text("One")
        for _ in range(3):
            with there.attach(stream.run_id) as again:
                again.until_text("One")
        hold.release()
        with there.attach(stream.run_id, after=len(stream.seen)) as again:
            again.until_text(" two")
            second.release()
            assert text_of(again.rest()) == " two three"
        assert items_of(stream.rest())[-1] == items_of(again.seen)[-1]
