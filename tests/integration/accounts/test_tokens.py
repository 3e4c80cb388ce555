"""Tokens of chat sessions: refresh, reuse, their ends, and those that are none."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import ChatSession, EndUser, User
from tenants.models import Assistant, Membership, Tenant
from tenants.scope import cross_tenant
from tests.conftest import Browse
from tests.support.browsing import refusal
from tests.support.cast import Cast

SESSION_INVALID = (401, "session_invalid")


def change_sessions(**values: Any) -> None:
    with cross_tenant("tests make time pass"):
        assert ChatSession.objects.update(**values)


def ago(**time: float) -> datetime:
    return timezone.now() - timedelta(**time)


def test_a_refresh_replaces_the_token_and_keeps_the_person(browse: Browse) -> None:
    dave = browse().open()
    turn = dave.say("hello")
    before = dave.token
    response = dave.refresh()
    assert response.status_code == 200
    assert set(response.json()) == {"session_id", "expires_at"}
    assert dave.token != before
    assert [thread["id"] for thread in dave.ask("threads.list")["data"]] == [turn.thread_id]


def test_a_refresh_by_bearer_answers_a_bearer(browse: Browse) -> None:
    dave = browse()
    secret = dave.mint(credential="client_secret").json()["client_secret"]
    del dave.http.headers["Origin"]
    response = dave.refresh(Authorization=f"Bearer {secret}")
    assert response.status_code == 200
    assert "set-cookie" not in response.headers
    dave.bearer = response.json()["client_secret"]
    assert dave.bearer != secret
    assert dave.post("threads.list").status_code == 200


def test_a_rotated_token_that_is_used_again_ends_its_whole_chain(browse: Browse) -> None:
    """Somebody has copied it; nobody can say which of the two is the thief."""
    dave, thief = browse().open(), browse()
    thief.token = dave.token
    dave.refresh()
    assert dave.post("threads.list").status_code == 200
    assert refusal(thief.post("threads.list")) == SESSION_INVALID
    assert refusal(dave.post("threads.list")) == SESSION_INVALID
    assert refusal(dave.refresh()) == SESSION_INVALID


def test_a_rotated_token_that_is_refreshed_again_ends_its_whole_chain(browse: Browse) -> None:
    dave, thief = browse().open(), browse()
    thief.token = dave.token
    dave.refresh()
    dave.refresh()
    assert refusal(thief.refresh()) == SESSION_INVALID
    assert refusal(dave.post("threads.list")) == SESSION_INVALID


def test_other_sessions_of_the_same_person_survive_that(browse: Browse, cast: Cast) -> None:
    office, home = browse(cast.alice).open(), browse(cast.alice).open()
    thief = browse()
    thief.token = office.token
    office.refresh()
    assert refusal(thief.refresh()) == SESSION_INVALID
    assert home.post("threads.list").status_code == 200


def test_a_request_under_way_while_the_token_is_renewed_is_merely_late(browse: Browse) -> None:
    """Two tabs: one renews the expired token, the other still sends the old one. That is no theft."""
    tab, other = browse().open(), browse()
    other.token = tab.token
    change_sessions(expires_at=ago(seconds=5))
    assert tab.refresh().status_code == 200
    assert refusal(other.post("threads.list")) == (401, "session_expired")
    assert tab.post("threads.list").status_code == 200


def test_an_expired_token_asks_for_a_refresh(browse: Browse) -> None:
    dave = browse().open()
    change_sessions(expires_at=ago(seconds=1))
    assert refusal(dave.post("threads.list")) == (401, "session_expired")
    assert dave.refresh().status_code == 200
    assert dave.post("threads.list").status_code == 200


def test_a_session_that_nobody_used_for_long_is_over(browse: Browse) -> None:
    dave = browse().open()
    change_sessions(last_used_at=ago(days=31))
    assert refusal(dave.post("threads.list")) == SESSION_INVALID
    assert refusal(dave.refresh()) == SESSION_INVALID


def test_use_keeps_a_session_from_being_idle(browse: Browse) -> None:
    dave = browse().open()
    change_sessions(last_used_at=ago(days=29))
    dave.ask("threads.list")
    with cross_tenant("tests look at everything"):
        assert ChatSession.objects.get().last_used_at > ago(minutes=5)


def test_nothing_extends_the_absolute_end(browse: Browse) -> None:
    dave = browse().open()
    change_sessions(absolute_expires_at=timezone.now() + timedelta(seconds=60))
    dave.refresh()
    with cross_tenant("tests look at everything"):
        newest = ChatSession.objects.latest("id")
    assert newest.expires_at <= newest.absolute_expires_at <= timezone.now() + timedelta(seconds=60)
    change_sessions(absolute_expires_at=ago(seconds=1))
    assert refusal(dave.post("threads.list")) == SESSION_INVALID
    assert refusal(dave.refresh()) == SESSION_INVALID


def _alter(token: str) -> str:
    return token[:-2] + ("AA" if token[-2:] != "AA" else "BB")


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda token: "", "session_missing"),
        (lambda token: token[:-1], "session_invalid"),
        (lambda token: token + "A", "session_invalid"),
        (_alter, "session_invalid"),
        (lambda token: token.upper(), "session_invalid"),
        (lambda token: token[4:], "session_invalid"),
        (lambda token: "null", "session_invalid"),
        (lambda token: "undefined", "session_invalid"),
        (lambda token: "[]", "session_invalid"),
        (lambda token: f'["{token}"]', "session_invalid"),
        (lambda token: "cks_" + "é" * 43, "session_invalid"),
        (lambda token: "a" * 10_000, "session_invalid"),
    ],
)
@pytest.mark.parametrize("by", ["bearer", "cookie"])
def test_what_is_no_token_opens_nothing(browse: Browse, spoil: Any, code: str, by: str) -> None:
    dave = browse()
    token = spoil(dave.mint(credential="client_secret").json()["client_secret"])
    if by == "bearer":
        headers = {b"Authorization": f"Bearer {token}".strip().encode()}
    else:
        headers = {b"Cookie": f"chatkit_session_acme={token}".encode()}
    body = {"type": "threads.list", "params": {}}
    assert refusal(dave.http.post("/api/chatkit?tenant=acme", json=body, headers=headers)) == (401, code)
    refreshed = dave.http.post("/api/chatkit/refresh?tenant=acme", json={}, headers=headers)
    assert refusal(refreshed)[0] == 401
    run = dave.http.get("/api/chatkit/runs/run_x/events?tenant=acme", headers=headers)
    assert refusal(run) == (401, code)
    ended = dave.http.request("DELETE", "/api/chatkit/session?tenant=acme", json={}, headers=headers)
    assert ended.status_code == 204  # the caller wanted it gone


@pytest.mark.parametrize("header", ["Basic ZGF2ZTpkYXZl", "Bearer", "Token x", "Bearer null", ","])
def test_a_bad_authorization_is_not_made_good_by_a_cookie(browse: Browse, header: str) -> None:
    dave = browse().open()
    body = {"type": "threads.list", "params": {}}
    response = dave.http.post(dave.url, json=body, headers={"Authorization": header})
    assert refusal(response)[0] == 401
    assert refusal(dave.refresh(Authorization=header))[0] == 401


def test_a_session_can_be_ended(browse: Browse) -> None:
    dave, copy = browse().open(), browse()
    copy.token = dave.token
    response = dave.http.request("DELETE", "/api/chatkit/session?tenant=acme", json={})
    assert response.status_code == 204
    assert re.search(r'chatkit_session_acme="";.*1970', response.headers["set-cookie"])
    assert refusal(dave.post("threads.list")) == (401, "session_missing")
    assert refusal(copy.post("threads.list")) == SESSION_INVALID
    assert refusal(copy.refresh()) == SESSION_INVALID


def _suspend_tenant(cast: Cast) -> None:
    Tenant.objects.filter(pk=cast.acme.pk).update(status=Tenant.Status.SUSPENDED)


def _suspend_end_user(cast: Cast) -> None:
    EndUser.objects.for_tenant(cast.acme).filter(user=cast.alice).update(suspended_at=timezone.now())


def _disable_assistant(cast: Cast) -> None:
    Assistant.objects.for_tenant(cast.acme).filter(slug="guide").update(is_enabled=False)


def _remove_membership(cast: Cast) -> None:
    Membership.objects.for_tenant(cast.acme).filter(user=cast.alice).delete()


def _deactivate_user(cast: Cast) -> None:
    User.objects.filter(pk=cast.alice.pk).update(is_active=False)


@pytest.mark.parametrize(
    "end", [_suspend_tenant, _suspend_end_user, _disable_assistant, _remove_membership, _deactivate_user]
)
def test_a_session_ends_at_once_with_what_it_stands_on(browse: Browse, cast: Cast, end: Any) -> None:
    alice = browse(cast.alice).open()
    turn = alice.say("hello")
    end(cast)
    assert refusal(alice.post("threads.list")) == SESSION_INVALID
    attached = alice.http.get(f"/api/chatkit/runs/{turn.run_id}/events?tenant=acme")
    assert refusal(attached) == SESSION_INVALID
    assert refusal(alice.refresh()) == SESSION_INVALID


def test_visitors_leave_when_a_tenant_closes_its_doors(browse: Browse, cast: Cast) -> None:
    dave, alice = browse().open(), browse(cast.alice).open()
    Tenant.objects.filter(pk=cast.acme.pk).update(access=Tenant.Access.MEMBERS)
    assert refusal(dave.post("threads.list")) == SESSION_INVALID
    assert refusal(dave.mint()) == (401, "login_required")
    assert alice.post("threads.list").status_code == 200


def test_one_browser_holds_sessions_of_several_tenants(browse: Browse, cast: Cast) -> None:
    Membership.objects.create(tenant=cast.acme, user=cast.carol, role="viewer")
    acme = browse(cast.carol).open()
    globex = browse(cast.carol, tenant="globex").open()
    for one, other in ((acme, globex), (globex, acme)):
        one.http.cookies.set(f"chatkit_session_{other.tenant}", other.token)
    here, there = acme.say("At acme"), globex.say("At globex")
    assert [thread["id"] for thread in acme.ask("threads.list")["data"]] == [here.thread_id]
    assert [thread["id"] for thread in globex.ask("threads.list")["data"]] == [there.thread_id]
    body = {"type": "threads.list", "params": {}}
    assert refusal(acme.http.post("/api/chatkit", json=body)) == (400, "tenant_ambiguous")
    named = acme.http.post("/api/chatkit", json=body, headers={"x-chatkit-tenant": "globex"})
    assert [thread["id"] for thread in named.json()["data"]] == [there.thread_id]
    assert refusal(acme.http.post("/api/chatkit/refresh", json={})) == (400, "tenant_ambiguous")


def test_a_token_of_one_tenant_opens_nothing_of_another(browse: Browse, cast: Cast) -> None:
    """Not under the other tenant's cookie name, and not at the other tenant's host."""
    alice = browse(cast.alice).open()
    body = {"type": "threads.list", "params": {}}
    globex = browse(host="globex.localhost", tenant="globex")
    for headers in (
        {"Cookie": f"chatkit_session_globex={alice.token}"},
        {"Authorization": f"Bearer {alice.token}"},
    ):
        assert refusal(globex.http.post("/api/chatkit", json=body, headers=headers)) == SESSION_INVALID
        assert refusal(globex.http.post("/api/chatkit/refresh", json={}, headers=headers)) == SESSION_INVALID
    assert alice.post("threads.list").status_code == 200
