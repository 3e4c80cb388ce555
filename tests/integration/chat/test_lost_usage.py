"""What a killed process used is counted, once, as far as it is stored."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from chat.models import Run
from chat.runs.lost_usage import keep_lost_usage
from tenants.models import Usage
from tests.conftest import Browse, StartServer, quick
from tests.integration.chat.test_processes import LEASE, twin
from tests.support.browsing import message
from tests.support.cast import Cast
from tests.support.provider import Hold, Provider

Eventually = Callable[..., Any]


def test_what_a_killed_process_used_is_estimated_once(
    start_server: StartServer,
    browse: Browse,
    provider: Provider,
    settings: Settings,
    *,
    cast: Cast,
    eventually: Eventually,
) -> None:
    settings.PROVIDER_DEFAULT_MODEL = "model-of-tests"
    short = quick(provider) | LEASE
    dying, living = start_server(**short), start_server(**short)
    dave = browse(server=dying).open("model")
    survivor = twin(browse, dave, living)
    hold = Hold()
    provider.will_say("Our tents are green.", hold)
    with dave.saying("Which colour have your tents?") as stream:
        stream.until_text("green.")
        thread_id = stream.seen[0]["thread"]["id"]
        eventually(lambda: len(survivor.items(thread_id)) == 2)
        dying.kill()
    assert keep_lost_usage() == 0  # it may be alive
    eventually(lambda: survivor.post("threads.get_by_id", {"thread_id": thread_id}).status_code == 200)
    runs = Run.objects.for_tenant(cast.acme).filter(public_id=stream.run_id)
    # Whoever finds it first gives it up: the next message, at the latest.
    eventually(lambda: runs.get().state == "lost" or _may_write(survivor, thread_id), seconds=30)
    assert runs.get().state == "lost"
    runs.update(finished_at=timezone.now() - timedelta(minutes=5))
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda _: _kept(), range(4))) >= 1
    row = Usage.objects.for_tenant(cast.acme).get(run=stream.run_id)
    assert (row.outcome, row.error_code, row.is_estimated, row.requests) == ("lost", "run_lost", True, 1)
    assert row.output_tokens == -(-len("Our tents are green.") // 3)
    assert row.input_tokens > len("Which colour have your tents?") // 3
    assert row.model == "model-of-tests"
    assert keep_lost_usage() == 0


def test_a_run_of_which_nothing_is_stored_counts_no_call(
    start_server: StartServer, browse: Browse, provider: Provider, cast: Cast
) -> None:
    """Nobody knows whether a model had begun."""
    server = start_server(**quick(provider) | LEASE)
    hold = Hold()
    provider.will_say(hold)
    with browse(server=server).open("model").saying("Which tent?") as stream:
        hold.wait_until_reached()
        server.kill()
    Run.objects.for_tenant(cast.acme).update(state="lost", finished_at=timezone.now() - timedelta(minutes=5))
    assert keep_lost_usage() == 1
    row = Usage.objects.for_tenant(cast.acme).get(run=stream.run_id)
    assert (row.requests, row.input_tokens, row.output_tokens, row.cost) == (0, 0, 0, None)


def _may_write(browser: Any, thread_id: str) -> bool:
    params = {"thread_id": thread_id, "input": message("Again?")}
    return bool(browser.post("threads.add_user_message", params).status_code == 200)


def _kept() -> int:
    try:
        return keep_lost_usage()
    finally:
        connection.close()
