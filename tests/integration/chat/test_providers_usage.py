"""What an answer used is kept: tokens, price, time and outcome."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from chat.agents.providers.meter import MOST_TOKENS
from chat.models import Run
from tenants.models import Usage, UsageDay
from tests.conftest import Browse, StartServer, quick
from tests.support.browsing import Browser
from tests.support.cast import Cast, assistant_of
from tests.support.provider import Bill, CallTool, Cut, Hold, Provider, Refuse


@pytest.fixture
def erin(server_with: StartServer, browse: Browse, cast: Cast, provider: Provider) -> Browser:
    """Talks to an assistant whose model has a price."""
    assistant_of(cast.acme, "priced", provider="openai", model="gpt-4o")
    server = server_with(**quick(provider), OPENAI_BASE_URL=provider.url, OPENAI_API_KEY="sk-x")
    return browse(server=server).open("priced")


def usage_of(cast: Cast) -> Usage:
    (row,) = Usage.objects.for_tenant(cast.acme)
    return row


def test_an_answer_has_a_price(erin: Browser, cast: Cast) -> None:
    turn = erin.say("hello")
    row = usage_of(cast)
    assert (row.run, row.outcome, row.error_code) == (turn.run_id, "completed", "")
    assert row.end_user.startswith("eu_")
    assert row.assistant is not None
    assert row.assistant.slug == "priced"
    assert (row.provider, row.model, row.requests) == ("openai", "gpt-4o", 1)
    tokens = (row.input_tokens, row.cached_tokens, row.output_tokens, row.reasoning_tokens)
    assert tokens == (1000, 400, 100, 60)
    # 600 and 400 cached tokens of input, 100 of output.
    assert row.prices == {"input_mtok": "2.5", "cache_read_mtok": "1.25", "output_mtok": "10"}
    assert row.cost == Decimal("0.003")
    assert not row.is_estimated
    assert row.first_token_ms is not None
    assert 0 <= row.first_token_ms <= row.total_ms


def test_the_calls_of_one_answer_are_added_up(browse: Browse, cast: Cast, provider: Provider) -> None:
    provider.will_say(CallTool("calculator", {"expression": "6*7"}))
    provider.will_say("42")
    browse().open("model").say("six by seven")
    row = usage_of(cast)
    assert (row.requests, row.input_tokens, row.output_tokens) == (2, 2000, 200)
    assert (row.cost, row.prices) == (None, {})  # nobody knows what this endpoint costs


def test_a_model_without_a_known_price_has_none(erin: Browser, browse: Browse, cast: Cast) -> None:
    assistant_of(cast.acme, "odd", provider="openai", model="a-model-of-tomorrow")
    browse(server=erin.server).open("odd").say("hello")
    assert usage_of(cast).cost is None
    assert usage_of(cast).input_tokens == 1000


def test_tokens_that_an_endpoint_invents_are_bounded(
    erin: Browser, browse: Browse, cast: Cast, provider: Provider
) -> None:
    """Neither does a tenant win tokens back, nor is an answer lost, and so not counted, for a number that no column takes."""
    most = (MOST_TOKENS, MOST_TOKENS, MOST_TOKENS, MOST_TOKENS)
    for speaker in (erin, browse().open("model")):  # two dialects
        for told, kept in (((-5, -5, -(10**19), -5), (0, 0, 0, 0)), ((10**19, 10**30, 10**19, 10**30), most)):
            provider.will_say(Bill(told), "One")
            turn = speaker.say("count")
            row = Usage.objects.for_tenant(cast.acme).get(run=turn.run_id)
            assert (row.input_tokens, row.cached_tokens, row.output_tokens, row.reasoning_tokens) == kept
            assert row.outcome == "completed"


def test_a_sum_that_is_full_does_not_keep_a_run_open(erin: Browser, cast: Cast, provider: Provider) -> None:
    for slot in range(4):
        UsageDay.objects.create(
            tenant=cast.acme,
            day=datetime.now(UTC).date(),
            outcome="completed",
            slot=slot,
            answers=0,
            input_tokens=2**63 - 1,
            output_tokens=0,
            cost=0,
            first_token_ms=0,
            first_tokens=0,
        )
    run_id = erin.say("hello").run_id
    assert Run.objects.for_tenant(cast.acme).get(public_id=run_id).state == "completed"
    row = usage_of(cast)
    assert (row.input_tokens, row.is_estimated, row.outcome) == (0, True, "completed")
    assert sum(UsageDay.objects.for_tenant(cast.acme).values_list("answers", flat=True)) == 1


def test_an_answer_that_failed_counts_too(browse: Browse, cast: Cast, provider: Provider) -> None:
    provider.will_say("One", Cut())
    browse().open("model").say("count")
    row = usage_of(cast)
    assert (row.outcome, row.error_code, row.requests) == ("failed", "provider_unreachable", 1)
    assert row.first_token_ms is not None
    assert row.is_estimated  # its provider could not tell
    assert row.output_tokens == 1
    assert 5 < row.input_tokens < 200


def test_an_answer_that_never_began_has_no_first_token(browse: Browse, cast: Cast, provider: Provider) -> None:
    provider.will_say(Refuse(401))
    browse().open("model").say("hello")
    row = usage_of(cast)
    assert (row.outcome, row.error_code, row.first_token_ms) == ("failed", "provider_refused", None)


def test_an_answer_that_was_stopped_counts_too(browse: Browse, cast: Cast, provider: Provider) -> None:
    dave = browse().open("model")
    provider.will_say("One", Hold(), "never")
    with dave.saying("count") as stream:
        stream.until_text("One")
        assert dave.cancel(stream.run_id).status_code == 202
        stream.rest()
    row = usage_of(cast)
    assert (row.outcome, row.requests, row.is_estimated, row.output_tokens) == ("cancelled", 1, True, 1)
    assert row.input_tokens > 5


def test_the_offline_assistant_uses_nothing(browse: Browse, cast: Cast) -> None:
    browse().open().say("hello")
    row = usage_of(cast)
    assert (row.provider, row.requests, row.input_tokens, row.cost) == ("offline", 0, 0, None)


def test_usage_outlives_the_conversation(browse: Browse, cast: Cast) -> None:
    dave = browse().open()
    turn = dave.say("hello")
    dave.ask("threads.delete", {"thread_id": turn.thread_id})
    assert usage_of(cast).run == turn.run_id
