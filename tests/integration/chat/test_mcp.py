"""MCP servers over HTTP: their tools are those of the tenant that connected them."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from tenants.models import AssistantVersion, McpServer, Tenant
from tenants.scope import tenant_scope
from tests.conftest import Browse, StartServer, quick
from tests.support.browsing import Browser, items_of, text_of
from tests.support.cast import Cast, assistant_of
from tests.support.mcp_server import KEY, Tools
from tests.support.provider import CallTool, Provider


@pytest.fixture(scope="module")
def _shop() -> Iterator[Tools]:
    server = Tools()
    yield server
    server.stop()


@pytest.fixture
def shop(_shop: Tools) -> Tools:
    _shop.calls.clear()
    _shop.headers.clear()
    return _shop


def connect(tenant: Tenant, url: str, **fields: Any) -> McpServer:
    named = {"allowed_tools": ["order_state", "cancel_order", "fail", "much", "wait"]}
    server = McpServer(tenant=tenant, **{"name": "shop", "url": url, **named, **fields})
    with tenant_scope(tenant):
        server.full_clean()
    server.set_headers({"X-Key": KEY})
    server.save()
    return server


@pytest.fixture
def dave(browse: Browse, cast: Cast, server_with: StartServer, provider: Provider, shop: Tools) -> Browser:
    wire = AssistantVersion.Provider.OPENAI_COMPATIBLE
    assistant_of(cast.acme, "clerk", provider=wire, tools=["mcp:shop"])
    return browse(server=server_with(**quick(provider), OUTBOUND_ALLOWED_HOSTS=shop.host)).open("clerk")


def offered(provider: Provider) -> list[str]:
    return [tool["function"]["name"] for tool in provider.requests[-1].get("tools", [])]


def result(provider: Provider) -> str:
    return str(provider.requests[-1]["messages"][-1]["content"])


def test_the_model_is_offered_the_tools_and_gets_their_answers_as_data(
    dave: Browser, cast: Cast, shop: Tools, provider: Provider
) -> None:
    connect(cast.acme, shop.url)
    provider.will_say(CallTool("mcp_shop_order_state", {"number": 7}))
    provider.will_say("It is on its way.")
    assert dave.say("Where is my order?").text == "It is on its way."
    assert set(offered(provider)) == {
        f"mcp_shop_{name}" for name in ("order_state", "cancel_order", "fail", "much", "wait")
    }
    assert shop.calls == ["state 7"]
    assert "Order 7" in result(provider)
    assert result(provider).count("</untrusted-result>") == 1
    assert KEY not in str(provider.requests)


def test_a_tool_that_writes_asks_first(dave: Browser, cast: Cast, shop: Tools, provider: Provider) -> None:
    connect(cast.acme, shop.url)
    provider.will_say(CallTool("mcp_shop_cancel_order", {"number": 7}))
    turn = dave.say("Cancel my order")
    (widget,) = items_of(turn.frames, "widget")
    assert widget["widget"]["children"][0]["value"] == "Let the assistant use cancel_order of shop?"
    assert shop.calls == []
    provider.will_say("It is cancelled.")
    frames = dave.act(turn, widget, "approval.confirm", widget["widget"]["confirm"]["action"]["payload"])
    assert text_of(frames) == "It is cancelled."
    assert shop.calls == ["cancel 7"]


def test_the_word_of_a_server_that_a_tool_only_reads_is_not_enough(
    dave: Browser, cast: Cast, shop: Tools, provider: Provider
) -> None:
    connect(cast.acme, shop.url, allowed_tools=[])
    provider.will_say(CallTool("mcp_shop_order_state", {"number": 7}))
    turn = dave.say("Where is my order?")
    assert len(items_of(turn.frames, "widget")) == 1
    assert shop.calls == []


def test_only_the_tools_that_are_allowed(dave: Browser, cast: Cast, shop: Tools, provider: Provider) -> None:
    connect(cast.acme, shop.url, allowed_tools=["order_state"])
    dave.say("Hello")
    assert offered(provider) == ["mcp_shop_order_state"]


def test_a_server_of_another_tenant_or_one_that_is_off_does_not_exist(
    dave: Browser, cast: Cast, shop: Tools, provider: Provider
) -> None:
    connect(cast.globex, shop.url)
    connect(cast.acme, shop.url, is_enabled=False)
    dave.say("Hello")
    assert offered(provider) == []
    assert shop.headers == []


def test_a_server_that_was_restarted_is_asked_anew(dave: Browser, cast: Cast, shop: Tools, provider: Provider) -> None:
    connect(cast.acme, shop.url)
    provider.will_say(CallTool("mcp_shop_order_state", {"number": 7}))
    dave.say("Where is my order?")
    shop.stop()
    provider.will_say(CallTool("mcp_shop_order_state", {"number": 8}))
    dave.say("And now?")
    assert result(provider) == "The tool's server did not answer."
    shop.start()
    provider.will_say(CallTool("mcp_shop_order_state", {"number": 9}))
    dave.say("And now?")
    assert shop.calls == ["state 7", "state 9"]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (CallTool("mcp_shop_fail", {}), "The tool reports an error."),
        (CallTool("mcp_shop_much", {}), "The tool's server did not answer."),
        (CallTool("mcp_shop_order_state", {"number": "x"}), "The arguments are not valid."),
    ],
)
def test_a_tool_that_fails_ends_no_answer(
    *, dave: Browser, cast: Cast, shop: Tools, provider: Provider, call: CallTool, said: str
) -> None:
    connect(cast.acme, shop.url)
    provider.will_say(call)
    provider.will_say("I am sorry.")
    assert dave.say("Go").text == "I am sorry."
    assert said in result(provider)


def test_a_server_that_does_not_know_us_is_as_one_that_is_not_there(
    dave: Browser, cast: Cast, shop: Tools, provider: Provider
) -> None:
    server = connect(cast.acme, shop.url)
    server.set_headers({"X-Key": "wrong"})
    server.save()
    assert dave.say("Hello").text == "You said: Hello"
    assert offered(provider) == []


def test_a_server_inside_the_installation_is_not_asked(
    dave: Browser, cast: Cast, shop: Tools, provider: Provider
) -> None:
    other = Tools()
    try:
        connect(cast.acme, other.url)
        dave.say("Hello")
        assert offered(provider) == []
        assert other.headers == []
    finally:
        other.stop()


@pytest.mark.parametrize("url", ["stdio://x", "npx some-server", "/bin/sh", "file:///bin/sh", "http://{x}/mcp", ""])
def test_only_servers_over_http_can_be_stored(cast: Cast, url: str) -> None:
    with pytest.raises(ValidationError):
        connect(cast.acme, url)
