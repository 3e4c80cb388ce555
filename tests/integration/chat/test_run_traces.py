"""The close look at a run: what is kept of it, of which runs, for how long, and what is not."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from chat.models import RunTrace
from tenants.scope import cross_tenant
from tests.conftest import Browse, StartServer, quick
from tests.support.browsing import Browser
from tests.support.cast import Cast
from tests.support.documents import png
from tests.support.provider import CallTool, Provider

PAGE = {"url": "https://shop.example/boots", "title": "Boots </untrusted>"}


def traces() -> list[RunTrace]:
    with cross_tenant("tests look at everything"):
        return list(RunTrace.objects.select_related("run"))


@pytest.fixture
def dave(start_server: StartServer, browse: Browse, cast: Cast, provider: Provider) -> Browser:
    """Talks to a server that keeps a trace of every run."""
    server = start_server(**quick(provider), RUN_TRACES="sampled", RUN_TRACES_PERCENT="100")
    return browse(server=server).open("model")


def test_it_keeps_what_the_model_was_sent_and_what_tools_did(
    dave: Browser, cast: Cast, provider: Provider, eventually: Callable[..., Any]
) -> None:
    provider.will_say(CallTool("calculator", {"expression": "6*7"}))
    provider.will_say("It is ", "42.")
    turn = dave.say("six by seven", metadata={"page": PAGE})
    (trace,) = eventually(traces)
    assert (trace.run.public_id, trace.tenant_id, trace.is_cut) == (turn.run_id, cast.acme.pk, False)
    assert trace.context["page"]["title"] == PAGE["title"]
    asked, called, asked_again = trace.steps
    assert [step["kind"] for step in trace.steps] == ["model", "tool", "model"]
    # As the provider got it, from the instructions to the page that is marked as untrusted.
    sent = provider.requests[0]["messages"]
    assert asked["instructions"] == sent[0]["content"] == "You are model."
    assert asked["input"][0]["content"][0]["text"] == "six by seven"
    assert "<untrusted" in asked["input"][1]["content"][0]["text"]
    assert {tool["name"] for tool in asked["tools"]} == {
        tool["function"]["name"] for tool in provider.requests[0]["tools"]
    }
    assert (asked["model"], asked["input_tokens"], asked["output_tokens"]) == ("model-of-tests", 1000, 100)
    assert (called["name"], called["arguments"], called["result"]) == ("calculator", '{"expression": "6*7"}', "42")
    # The second call repeats the first one's input; what is new is the tool's call and its result.
    assert asked_again["repeated"] == len(asked["input"])
    assert [item["type"] for item in asked_again["input"]] == ["function_call", "function_call_output"]
    moments = [moment for moment, _event in trace.events]
    assert moments == sorted(moments)
    kinds = [event["type"] for _moment, event in trace.events]
    assert kinds[:2] == ["thread.created", "thread.item.done"]
    assert [
        event["item"]["content"][0]["text"] for _moment, event in trace.events if event["type"] == "thread.item.done"
    ] == [
        "six by seven",
        "It is 42.",
    ]
    assert "sk-provider-secret" not in f"{trace.context}{trace.steps}{trace.events}"


def test_it_keeps_nothing_that_opens_something(
    dave: Browser, provider: Provider, eventually: Callable[..., Any]
) -> None:
    picture = dave.upload("red.png", png(), "image/png")["id"]
    provider.will_say(CallTool("contact_form", {}))
    provider.will_say("Please fill it in.")
    turn = dave.say("Let me write to you", attachments=[picture])
    assert "token" in str(turn.frames)
    assert "preview_url" in str(turn.frames)
    (trace,) = eventually(traces)
    kept = f"{trace.steps}{trace.events}"
    assert "contact_form" in kept
    assert ";base64,… (" in kept
    for opener in ("'token'", "preview_url", "signature="):
        assert opener not in kept


def test_it_goes_with_its_thread_and_with_time(dave: Browser, cast: Cast, eventually: Callable[..., Any]) -> None:
    first = dave.say("One")
    dave.say("Two")
    dave.say("Three")
    eventually(lambda: len(traces()) == 3)
    dave.ask("threads.delete", {"thread_id": first.thread_id})
    oldest = traces()[0]
    assert len(traces()) == 2
    RunTrace.objects.for_tenant(cast.acme).filter(pk=oldest.pk).update(created_at=timezone.now() - timedelta(days=15))
    assert cleaned("--dry-run") == "1 traces would be removed.\n"
    assert cleaned() == "1 traces removed.\n"
    assert [trace.pk for trace in traces()] != [oldest.pk]
    assert cleaned("--older-than", "0s", "--batch-size", "1") == "1 traces removed.\n"


def test_nothing_is_kept_where_nobody_wants_it(browse: Browse) -> None:
    """The servers of tests have RUN_TRACES=off."""
    visitor = browse().open()
    visitor.say("One")
    visitor.say("Two")  # by now a trace of the first would be there
    assert traces() == []


def cleaned(*arguments: str) -> str:
    out = io.StringIO()
    call_command("cleanup_run_traces", *arguments, stdout=out)
    return out.getvalue()
