"""A Redis primary that Sentinel names: what happens when it is gone and another one takes its place."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.exceptions import ImproperlyConfigured

from chatplatform.lib import redis_settings
from tests.conftest import Browse, StartServer, quick
from tests.integration.chat.test_processes import twin
from tests.support import redis
from tests.support.browsing import message, refusal
from tests.support.cast import Cast
from tests.support.provider import Hold, Provider
from tests.support.servers import ServerProcess


def layers_of(servers: list[ServerProcess]) -> set[str]:
    """What the servers say of their way to Redis."""
    reports = [httpx.get(f"{server.url}/readyz").json()["checks"] for server in servers]
    return {report["channel_layer"]["status"] for report in reports}


@pytest.mark.skipif(redis.PROGRAM is None, reason="There is no redis-server on this machine.")
def test_servers_follow_sentinel_to_the_new_primary(
    start_server: StartServer,
    browse: Browse,
    provider: Provider,
    *,
    cast: Cast,
    tmp_path: Path,
    eventually: Callable[..., Any],
) -> None:
    with redis.guarded_redis(tmp_path) as guarded:
        settings = quick(provider) | {"REDIS_URL": guarded.address, "CHAT_RATE_LIMIT": "5/hour"}
        servers = [start_server(may_log_tracebacks=True, **settings) for _ in range(2)]
        eventually(lambda: layers_of(servers) == {"ok"}, seconds=20)
        dave = browse(server=servers[0]).open("model")
        provider.will_say("Before")
        dave.say("Hello")

        guarded.kill_primary()
        eventually(lambda: layers_of(servers) == {"ok"}, seconds=60)
        hold = Hold()
        provider.will_say("One", hold, " two")
        with dave.saying("Go on") as stream:
            stream.until_text("One")
            with twin(browse, dave, servers[1]).attach(stream.run_id) as elsewhere:
                elsewhere.until_text("One")
                hold.release()
                elsewhere.until_text(" two")
        # They count together again, in the new primary: five in an hour, whichever server is asked.
        people = [dave, twin(browse, dave, servers[1])]
        answers = [people[number % 2].post("threads.create", {"input": message("Hi")}) for number in range(5)]
        assert answers[0].status_code == 200
        assert refusal(answers[-1]) == (429, "rate_limited")


@pytest.mark.parametrize(
    ("url", "sentinels", "name", "login"),
    [
        ("redis+sentinel://a:1,b:2/chat", [("a", 1), ("b", 2)], "chat", {}),
        ("redis+sentinel://a/chat", [("a", 26379)], "chat", {}),
        ("redis+sentinel://:p%40ss@[::1]:1,b/chat", [("::1", 1), ("b", 26379)], "chat", {"password": "p@ss"}),
        ("redis+sentinel://u:p@a/chat", [("a", 26379)], "chat", {"username": "u", "password": "p"}),
    ],
)
def test_an_address_names_sentinels_and_the_primary(
    url: str, sentinels: list[tuple[str, int]], name: str, login: dict[str, str]
) -> None:
    host = redis_settings.channel_host(url)
    assert (host["sentinels"], host["master_name"]) == (sentinels, name)
    assert login.items() <= host.items()
    assert redis_settings.cache(url)["OPTIONS"]["pool_class"] is redis_settings.SentinelPool


@pytest.mark.parametrize(
    "url", ["redis+sentinel://a", "redis+sentinel:///chat", "redis+sentinel://a:x/chat", "redis+sentinel://a,/chat"]
)
def test_an_address_that_names_none_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="REDIS_URL must look like"):
        redis_settings.channel_host(url)
