"""Every door x every kind of person."""

from typing import get_args

import httpx
import pytest
from chatkit.types import NonStreamingReq, StreamingReq
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from accounts.models import ChatSession
from chat.routing import ROUTES as SERVED
from tenants.scope import cross_tenant
from tests.conftest import Browse
from tests.isolation.matrix import NO_ROW, OPERATIONS, PAGES, ROUTES, Things
from tests.support.browsing import Browser, refusal
from tests.support.cast import Cast

ROWS = {**OPERATIONS, **ROUTES, **PAGES}
NAMED = {name: row for name, row in ROWS.items() if row.others in (404, 501)}


def paths_of_django(resolver: URLResolver, prefix: str = "") -> list[str]:
    found = []
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        found += [path] if isinstance(entry, URLPattern) else paths_of_django(entry, path)
    return found


def test_every_address_has_a_row_or_a_reason() -> None:
    excused = [path for reason in NO_ROW for path in reason.paths]
    missing = [
        path
        for path in [*paths_of_django(get_resolver()), *served()]
        if path not in ROWS and path not in excused and not path.startswith("admin/")
    ]
    assert missing == []


def served() -> list[str]:
    """The streaming API's doors as the matrix names them: the first of a path without its method."""
    named: list[str] = []
    for pattern, method, _view in SERVED:
        named.append(f"{pattern.pattern} {method}" if pattern.pattern in named else pattern.pattern)
    return named


def test_every_operation_has_a_row() -> None:
    known = {kind.model_fields["type"].default for kind in (*get_args(StreamingReq), *get_args(NonStreamingReq))}
    assert known == {name.split(" ")[0] for name in OPERATIONS}


def test_the_matrix_names_nothing_that_is_gone() -> None:
    known = {*paths_of_django(get_resolver()), *served()}
    assert {*ROUTES, *PAGES} <= known
    assert {path for reason in NO_ROW for path in reason.paths if path != "admin/"} <= known


@pytest.fixture
def alice(browse: Browse, cast: Cast) -> Browser:
    return browse(cast.alice).open()


@pytest.fixture
def others(browse: Browse, cast: Cast) -> dict[str, Browser]:
    """People with a session of their own."""
    return {
        "another member of the tenant": browse(cast.bob).open(),
        "a visitor of the tenant": browse().open(),
        "a member of another tenant": browse(cast.carol, tenant="globex").open(),
        "the same person at another assistant": browse(cast.alice).open("second"),
    }


def same_but_for_its_name(response: httpx.Response) -> tuple[object, ...]:
    """All that an answer says, without the request's own id and time."""
    own = response.headers["x-request-id"]
    of_each = ("date", "expires", "x-request-id")
    headers = {name: value for name, value in response.headers.items() if name not in of_each}
    return response.status_code, headers, response.text.replace(own, "-")


@pytest.mark.parametrize("name", ROWS)
def test_the_owner_comes_in(alice: Browser, name: str) -> None:
    """Else the refusals of the others would prove nothing."""
    assert ROWS[name].ask(alice, Things.of(alice)).status_code == ROWS[name].owner


@pytest.mark.parametrize("name", NAMED)
def test_what_belongs_to_somebody_else_looks_like_what_does_not_exist(
    alice: Browser, others: dict[str, Browser], name: str
) -> None:
    things, row = Things.of(alice), NAMED[name]
    before = alice.post("threads.get_by_id", {"thread_id": things.thread}).content
    for who, browser in others.items():
        foreign, unknown = row.ask(browser, things), row.ask(browser, Things.unknown())
        assert refusal(foreign)[0] == row.others, who
        assert same_but_for_its_name(foreign) == same_but_for_its_name(unknown), who
    assert alice.post("threads.get_by_id", {"thread_id": things.thread}).content == before


@pytest.mark.parametrize("name", [name for name, row in {**OPERATIONS, **ROUTES}.items() if row.others == 200])
def test_what_names_nothing_shows_each_their_own(alice: Browser, others: dict[str, Browser], name: str) -> None:
    things = Things.of(alice)
    for browser in others.values():
        response = ROWS[name].ask(browser, things)
        assert response.status_code == 200
        assert "SECRET-of-alice" not in response.text
        assert things.thread not in response.text


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.nobody == 401])
def test_without_a_session_nobody_comes_in(alice: Browser, browse: Browse, name: str) -> None:
    things = Things.of(alice)
    foreign, unknown = ROWS[name].ask(browse(), things), ROWS[name].ask(browse(), Things.unknown())
    assert refusal(foreign) == (401, "session_missing")
    assert same_but_for_its_name(foreign) == same_but_for_its_name(unknown)


@pytest.mark.parametrize("name", [*OPERATIONS, *ROUTES])
def test_an_expired_session_opens_nothing(alice: Browser, name: str) -> None:
    things = Things.of(alice)
    with cross_tenant("tests make time pass"):
        ChatSession.objects.update(expires_at=timezone.now())
    assert refusal(ROWS[name].ask(alice, things)) == (401, "session_expired")


ITEM_OPERATIONS = [
    "threads.retry_after_item",
    "items.feedback",
    "items.list",
    "threads.custom_action",
    "threads.sync_custom_action",
    "threads.add_structured_input",
]


@pytest.mark.parametrize("kind", ITEM_OPERATIONS)
def test_an_item_of_somebody_else_is_unknown_in_ones_own_thread(
    alice: Browser, others: dict[str, Browser], kind: str
) -> None:
    things = Things.of(alice)
    for browser in others.values():
        mine = browser.say("Mine").thread_id
        answers = []
        for item in (things.question, Things.unknown().question):
            params = {
                "thread_id": mine,
                "item_id": item,
                "item_ids": [item],
                "kind": "positive",
                "after": item,
                "action": {"type": "x", "payload": {}},
                "input": {"status": "skipped", "answers": {}},
            }
            answers.append(same_but_for_its_name(browser.post(kind, params)))
        assert answers[0] == answers[1]
        assert answers[0][0] == (200 if kind == "items.list" else 404)


@pytest.mark.parametrize("address", ["?tenant=acme", "?tenant=globex", ""])
def test_naming_another_tenant_changes_nothing(browse: Browse, alice: Browser, cast: Cast, address: str) -> None:
    """carol has a session of globex, and names acme in every way there is."""
    things = Things.of(alice)
    carol = browse(cast.carol, tenant="globex").open()
    carol.bearer = carol.mint(credential="client_secret").json()["client_secret"]
    body = {"type": "threads.get_by_id", "params": {"thread_id": things.thread}, "metadata": {"tenant": "acme"}}
    headers = {"Authorization": f"Bearer {carol.bearer}", "X-ChatKit-Tenant": "acme"}
    assert refusal(carol.http.post(f"/api/chatkit{address}", json=body, headers=headers)) == (404, "not_found")
    at_acme = {**headers, "Host": f"acme.localhost:{carol.server.port}"}
    at_acme["Origin"] = f"http://{at_acme['Host']}"
    assert refusal(carol.http.post(f"/api/chatkit{address}", json=body, headers=at_acme)) == (401, "session_invalid")
