"""What a person approves is what is done: the card shows all of it, and nothing changes between the question and the work."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from chat.models import ThreadItem
from tenants.models import AssistantVersion, HttpTool, Tenant
from tests.conftest import Browse, StartServer, quick
from tests.support.browsing import Browser, Turn, items_of
from tests.support.cast import Cast, assistant_of
from tests.support.provider import CallTool, Provider
from tests.support.servers import ServerProcess
from tests.support.web import Web

SCHEMA = {
    "type": "object",
    "properties": {"to": {"type": "string"}, "text": {"type": "string"}, "amount": {"type": "number"}},
    "additionalProperties": True,
}


@pytest.fixture(scope="module")
def _web() -> Iterator[Web]:
    server = Web()
    yield server
    server.stop()


@pytest.fixture
def web(_web: Web) -> Web:
    _web.reset()
    return _web


@pytest.fixture
def server(server_with: StartServer, cast: Cast, provider: Provider, web: Web) -> ServerProcess:
    return server_with(**quick(provider), OUTBOUND_ALLOWED_HOSTS=web.host)


@pytest.fixture
def at(browse: Browse, cast: Cast, server: ServerProcess, web: Web) -> Any:
    """``at(output={…})``: somebody at an assistant with these rules, which may pay once they agree."""

    def open_at(**rules: Any) -> Browser:
        pay(cast.acme, web)
        wire = AssistantVersion.Provider.OPENAI_COMPATIBLE
        assistant_of(cast.acme, "clerk", provider=wire, tools=["http:pay"], guardrails=rules)
        return browse(server=server).open("clerk")

    return open_at


def pay(tenant: Tenant, web: Web) -> None:
    HttpTool.objects.create(
        tenant=tenant,
        name="pay",
        description="Pay.",
        method="POST",
        url_template=f"{web.url}/pay",
        parameters=SCHEMA,
        needs_approval=True,
    )


def asked(browser: Browser, provider: Provider, arguments: dict[str, Any] | str) -> tuple[Turn, dict[str, Any]]:
    provider.will_say(CallTool("http_pay", arguments))
    turn = browser.say("Pay")
    (widget,) = items_of(turn.frames, "widget")
    return turn, widget


def confirm(browser: Browser, turn: Turn, widget: dict[str, Any]) -> list[dict[str, Any]]:
    return browser.act(turn, widget, "approval.confirm", widget["widget"]["confirm"]["action"]["payload"])


def shown(widget: dict[str, Any]) -> dict[str, str]:
    """The arguments as the card shows them."""
    _question, *rows = widget["widget"]["children"]
    return {row["children"][0]["value"]: row["children"][1]["value"] for row in rows}


def test_every_argument_is_shown_whole_and_done_as_it_is_shown(at: Any, web: Web, provider: Provider) -> None:
    given = {"to": "joe", "text": "x" * 3_000 + " and 900 more", "amount": 1.5, "extra": {"deep": ["a", None]}}
    dave = at()
    turn, widget = asked(dave, provider, given)
    assert {name: json.loads(text) for name, text in shown(widget).items()} == given
    assert "and 900 more" in widget["copy_text"]
    confirm(dave, turn, widget)
    assert [json.loads(each.body) for each in web.asked] == [given]
    (decided,) = [item for item in dave.items(turn.thread_id) if item["type"] == "widget"]
    assert shown(decided) == shown(widget)


def test_what_cannot_be_shown_whole_is_not_asked(at: Any, web: Web, provider: Provider) -> None:
    dave = at()
    provider.will_say(CallTool("http_pay", {"text": "x" * 9_000}))
    assert items_of(dave.say("Pay").frames, "widget") == []
    assert "too long to be shown" in str(provider.requests[-1]["messages"])
    assert web.asked == []


@pytest.mark.parametrize(
    "output",
    [{"redact": ["email"]}, {"blocklist": ["joe"]}, {"hosts": ["acme.example"]}],
    ids=lambda rules: next(iter(rules)),
)
def test_what_the_rules_would_change_is_not_asked(
    at: Any, web: Web, provider: Provider, cast: Cast, output: dict[str, Any]
) -> None:
    dave = at(output=output)
    provider.will_say(CallTool("http_pay", {"to": "joe@mail.example.com https://evil.example/"}))
    turn = dave.say("Pay")
    assert items_of(turn.frames, "widget") == []
    assert "joe" not in str(turn.frames)
    assert "joe" not in str(list(ThreadItem.objects.for_tenant(cast.acme).values_list("data", flat=True)))
    assert web.asked == []


@pytest.mark.parametrize(
    "arguments",
    [
        '{"amount": 1, "amount": 1000}',
        '{"extra": {"a": 1, "a": 2}}',
        '{"amount": NaN}',
        '{"amount": 1e999}',
        "[1]",
        '"x"',
        "{",
    ],
)
def test_arguments_that_can_be_read_in_two_ways_are_refused(
    at: Any, web: Web, provider: Provider, arguments: str
) -> None:
    provider.will_say(CallTool("http_pay", arguments))
    assert items_of(at().say("Pay").frames, "widget") == []
    assert web.asked == []


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\nto: eve", r'"a\nto: eve"'),
        ("\u202eevil", r'"\u202eevil"'),
        ("a\u200bb\u00adc\ufeff", r'"a\u200bb\u00adc\ufeff"'),
        ("p\u0430yp\u0430l.com", r'"p\u0430yp\u0430l.com"'),
        ("\u0430\u0440\u0440\u04cf\u0435.com", r'"\u0430\u0440\u0440\u04cf\u0435.com"'),
        ("acme.example\u2044evil", r'"acme.example\u2044evil"'),
        (
            "\u0441\u043e\u0440, \u0440\u043e\u0441\u0442 \u0438 mail",
            '"\u0441\u043e\u0440, \u0440\u043e\u0441\u0442 \u0438 mail"',
        ),
        ("1\u0660\u0660", r'"1\u0660\u0660"'),
        ("a    b", r'"a \u0020\u0020\u0020b"'),
        ("Gr\u00fc\u00dfe \u898b T\u30b7\u30e3\u30c4", '"Gr\u00fc\u00dfe \u898b T\u30b7\u30e3\u30c4"'),
    ],
)
def test_nothing_hides_on_a_card(at: Any, web: Web, provider: Provider, text: str, seen: str) -> None:
    dave = at()
    turn, widget = asked(dave, provider, {"to": text, f"to{text}": 1})
    assert shown(widget)["to"] == seen
    assert len(shown(widget)) == 2
    assert not any(char in str(shown(widget)) for char in "\u202e\u200b\u00ad\ufeff\n")
    confirm(dave, turn, widget)
    assert json.loads(web.asked[0].body)["to"] == text


@pytest.mark.parametrize(
    "change", [{"url_template": "{url}/give"}, {"method": "PUT"}, {"parameters": {"type": "object"}}]
)
def test_a_tool_that_changed_after_the_question_is_not_used(
    at: Any, web: Web, provider: Provider, cast: Cast, change: dict[str, Any]
) -> None:
    dave = at()
    turn, widget = asked(dave, provider, {"to": "joe"})
    values = {name: value.format(url=web.url) if isinstance(value, str) else value for name, value in change.items()}
    HttpTool.objects.for_tenant(cast.acme).update(**values)
    assert confirm(dave, turn, widget)[-1]["platform_code"] == "action_expired"
    assert web.asked == []


def test_a_card_that_shows_something_else_decides_nothing(at: Any, web: Web, provider: Provider, cast: Cast) -> None:
    dave = at()
    turn, widget = asked(dave, provider, {"to": "joe"})
    row = ThreadItem.objects.for_tenant(cast.acme).get(public_id=widget["id"])
    row.data["widget"]["children"][1]["children"][1]["value"] = '"eve"'
    row.save()
    assert confirm(dave, turn, widget)[-1]["platform_code"] == "action_expired"
    assert web.asked == []
