"""POST /api/chatkit/session: who gets a chat session, and in which form."""

import hashlib
import re
from http.cookies import SimpleCookie

import httpx
import pytest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import ChatSession, EndUser
from tenants.models import Assistant, Domain, Tenant
from tenants.scope import cross_tenant
from tests.conftest import Browse, StartServer
from tests.support.browsing import refusal
from tests.support.cast import Cast
from tests.support.servers import ServerProcess

TOKEN = re.compile(r"cks_[A-Za-z0-9_-]{43}")


def sessions() -> list[ChatSession]:
    with cross_tenant("tests look at everything"):
        return list(ChatSession.objects.order_by("id").select_related("end_user", "assistant"))


def cookie_of(response: httpx.Response, kind: str = "session") -> dict[str, str]:
    """The attributes of the only cookie of this kind, with its name and value."""
    (header,) = [one for one in response.headers.get_list("set-cookie") if f"chatkit_{kind}_" in one.partition("=")[0]]
    ((name, morsel),) = SimpleCookie(header).items()
    flags = {key: str(value) for key, value in morsel.items() if value}
    return {"name": name, "value": morsel.value, **flags}


def test_it_gives_a_visitor_a_session_by_cookie(browse: Browse, cast: Cast) -> None:
    response = browse().mint()
    assert response.status_code == 201
    body = response.json()
    assert set(body) == {"session_id", "expires_at"}
    (session,) = sessions()
    assert body["session_id"] == session.public_id
    assert parse_datetime(body["expires_at"]) == session.expires_at
    assert (session.end_user.kind, session.assistant_id) == (EndUser.Kind.ANONYMOUS, cast.guide.pk)
    assert session.origin == response.request.headers["origin"]


def test_the_cookie_is_for_the_server_alone(browse: Browse) -> None:
    cookie = cookie_of(browse().mint())
    assert cookie.pop("name") == "chatkit_session_acme"
    assert TOKEN.fullmatch(cookie.pop("value"))
    expires = parse_datetime(sessions()[0].absolute_expires_at.isoformat())
    assert cookie.pop("expires") == expires.strftime("%a, %d %b %Y %H:%M:%S GMT")  # type: ignore[union-attr]
    cookie.pop("max-age", None)
    assert cookie == {"httponly": "True", "path": "/", "samesite": "Lax"}


def test_the_device_cookie_is_set_once(browse: Browse) -> None:
    """It serves blocks, and no script sees it."""
    dave = browse()
    cookie = cookie_of(dave.mint(), "device")
    assert (cookie["name"], cookie["httponly"], cookie["samesite"]) == ("chatkit_device_acme", "True", "Lax")
    assert cookie["max-age"] == str(365 * 24 * 60 * 60)
    for answer in (dave.mint(), dave.refresh()):
        assert "chatkit_device_" not in str(answer.headers.get_list("set-cookie"))
    assert "set-cookie" not in browse().mint(credential="client_secret").headers


def test_by_https_the_cookie_is_secure_and_bound_to_the_host(
    start_server: StartServer, browse: Browse, cast: Cast
) -> None:
    server = start_server(SECURE_PROXY_SSL_HEADER="X-Forwarded-Proto: https", HTTPS="true")
    dave = browse(server=server)
    dave.http.headers["X-Forwarded-Proto"] = "https"
    assert refusal(dave.mint()) == (403, "origin_refused")  # the page's origin is https now
    dave.http.headers["Origin"] = dave.origin.replace("http:", "https:")
    minted = dave.mint()
    cookie, device = cookie_of(minted), cookie_of(minted, "device")
    assert (device["name"], device["secure"]) == ("__Host-chatkit_device_acme", "True")
    assert cookie["name"] == "__Host-chatkit_session_acme"
    assert (cookie["secure"], cookie["httponly"], cookie["path"]) == ("True", "True", "/")
    assert "domain" not in cookie
    dave.http.headers["Cookie"] = f"{cookie['name']}={cookie['value']}"
    assert dave.post("threads.list").status_code == 200
    # Without the prefix it could have been set by another host of this domain.
    dave.http.headers["Cookie"] = f"chatkit_session_acme={cookie['value']}"
    assert refusal(dave.post("threads.list")) == (401, "session_missing")


def test_only_the_hash_of_the_token_is_stored(browse: Browse) -> None:
    token = browse().mint(credential="client_secret").json()["client_secret"]
    assert bytes(sessions()[0].token_hash) == hashlib.sha256(token.encode()).digest()
    assert len(set(token[4:])) > 16


def test_a_client_secret_serves_instead_of_the_cookie(browse: Browse) -> None:
    dave = browse()
    response = dave.mint(credential="client_secret")
    assert "set-cookie" not in response.headers
    assert "cookie" not in str(dave.http.cookies)
    secret = response.json()["client_secret"]
    assert TOKEN.fullmatch(secret)
    other = browse()
    other.bearer = secret
    turn = other.say("hello")
    assert [thread["id"] for thread in other.ask("threads.list")["data"]] == [turn.thread_id]
    assert refusal(dave.post("threads.list")) == (401, "session_missing")


def test_a_program_without_cookies_needs_no_origin(browse: Browse) -> None:
    dave = browse()
    del dave.http.headers["Origin"]
    secret = dave.mint(credential="client_secret").json()["client_secret"]
    assert refusal(dave.mint()) == (403, "origin_refused")
    dave.bearer = secret
    assert dave.post("threads.list").status_code == 200


def test_a_visitor_stays_the_same_person(browse: Browse) -> None:
    dave = browse().open()
    turn = dave.say("hello")
    dave.open()
    assert [thread["id"] for thread in dave.ask("threads.list")["data"]] == [turn.thread_id]
    first, second = sessions()
    assert first.end_user_id == second.end_user_id
    assert first.revoked_at is not None  # its place in the cookie jar is taken
    somebody_else = browse().open()
    assert somebody_else.ask("threads.list")["data"] == []


def test_a_member_is_the_same_person_in_every_browser(browse: Browse, cast: Cast) -> None:
    turn = browse(cast.alice).open().say("hello")
    again = browse(cast.alice).open()
    assert [thread["id"] for thread in again.ask("threads.list")["data"]] == [turn.thread_id]
    assert {session.end_user.user_id for session in sessions()} == {cast.alice.pk}
    assert browse(cast.bob).open().ask("threads.list")["data"] == []


def test_a_visitor_who_signs_in_becomes_the_member(browse: Browse, cast: Cast) -> None:
    browser = browse().open()
    browser.say("hello")
    browser.sign_in(cast.alice).open()
    assert browser.ask("threads.list")["data"] == []
    assert sessions()[-1].end_user.user_id == cast.alice.pk


def test_who_signs_out_is_not_taken_for_the_member_any_more(browse: Browse, cast: Cast) -> None:
    browser = browse(cast.alice).open()
    browser.say("hello")
    browser.http.cookies.delete("sessionid")
    browser.open()
    assert sessions()[-1].end_user.kind == EndUser.Kind.ANONYMOUS
    assert browser.ask("threads.list")["data"] == []


def test_a_member_of_another_tenant_is_a_visitor_here(browse: Browse, cast: Cast) -> None:
    browse(cast.carol).open()
    assert sessions()[0].end_user.kind == EndUser.Kind.ANONYMOUS


def test_a_tenant_of_members_asks_everybody_else_to_sign_in(browse: Browse, cast: Cast) -> None:
    for who in (None, cast.alice):
        response = browse(who, tenant="globex").mint()
        assert refusal(response) == (401, "login_required")
        assert response.json()["error"]["hint"].startswith("/")
    assert browse(cast.carol, tenant="globex").mint().status_code == 201
    with cross_tenant("tests look at everything"):
        assert EndUser.objects.count() == 1  # nobody is made for those who are refused


def test_an_inactive_user_is_a_stranger(browse: Browse, cast: Cast) -> None:
    carol = browse(cast.carol, tenant="globex")
    cast.carol.is_active = False
    cast.carol.save()
    assert refusal(carol.mint()) == (401, "login_required")


def test_a_suspended_member_gets_no_session(browse: Browse, cast: Cast) -> None:
    alice = browse(cast.alice).open()
    EndUser.objects.for_tenant(cast.acme).filter(user=cast.alice).update(suspended_at=timezone.now())
    assert refusal(alice.mint()) == (401, "login_required")


def test_a_suspended_visitor_does_not_come_back_as_the_same_person(browse: Browse, cast: Cast) -> None:
    dave = browse().open()
    EndUser.objects.for_tenant(cast.acme).update(suspended_at=timezone.now())
    dave.mint()
    assert sessions()[0].end_user_id not in {session.end_user_id for session in sessions()[1:]}


def test_the_host_names_the_tenant(browse: Browse, cast: Cast) -> None:
    browser = browse(cast.carol, tenant="globex", host="globex.localhost")
    response = browser.http.post("/api/chatkit/session", json={})
    assert response.status_code == 201
    assert sessions()[0].assistant_id == cast.ledger.pk
    assert browser.http.post("/api/chatkit", json={"type": "threads.list", "params": {}}).status_code == 200
    assert refusal(browser.mint(tenant="acme")) == (404, "not_found")


def test_an_assistant_may_be_named(browse: Browse, cast: Cast) -> None:
    browse().open("second")
    assert sessions()[0].assistant_id == cast.second.pk


def test_an_unknown_assistant_is_not_found(browse: Browse) -> None:
    assert refusal(browse().mint(assistant="nobody")) == (404, "not_found")


@pytest.mark.parametrize("assistant", [{}, {"assistant": "ledger"}, {"assistant": "nobody"}])
def test_a_tenant_of_members_answers_strangers_as_one_that_does_not_exist(
    browse: Browse, cast: Cast, assistant: dict[str, str]
) -> None:
    """A stranger, somebody of another tenant, and a suspended tenant: nobody learns which names there are."""
    Tenant.objects.create(slug="closed", name="Closed", status=Tenant.Status.SUSPENDED, access=Tenant.Access.ANONYMOUS)
    for who in (None, cast.alice):
        answers = []
        for slug in ("globex", "nobody", "closed", "ACME", "a\0", "x" * 500):
            for credential in ("cookie", "client_secret"):
                response = browse(who).mint(tenant=slug, credential=credential, **assistant)
                error = {name: value for name, value in response.json()["error"].items() if name != "request_id"}
                answers.append((response.status_code, error))
        assert all(answer == answers[0] for answer in answers)
        assert answers[0][0] == 401


def test_assistants_of_other_tenants_and_disabled_ones_are_not_found(browse: Browse, cast: Cast) -> None:
    assert refusal(browse().mint(assistant="ledger")) == (404, "not_found")
    Assistant.objects.for_tenant(cast.acme).filter(slug="second").update(is_enabled=False)
    assert refusal(browse().mint(assistant="second")) == (404, "not_found")


def test_a_suspended_tenant_looks_like_an_unknown_one(browse: Browse, cast: Cast) -> None:
    Tenant.objects.filter(pk=cast.acme.pk).update(status=Tenant.Status.SUSPENDED)
    suspended, unknown = browse().mint().json(), browse().mint(tenant="nobody").json()
    for body in (suspended, unknown):
        body["error"].pop("request_id")
    assert suspended == unknown


def test_a_shared_host_needs_the_name_of_the_tenant(browse: Browse) -> None:
    response = browse().http.post("/api/chatkit/session", json={})
    assert refusal(response) == (400, "tenant_required")


def test_what_the_body_claims_about_a_person_is_refused(browse: Browse, cast: Cast) -> None:
    for claim in ({"end_user": "eu_1"}, {"user_id": cast.alice.pk}, {"is_member": True}, {"origin": "x"}):
        assert refusal(browse().mint(**claim)) == (400, "invalid_request")
    assert sessions() == []


def test_a_domain_of_a_tenant_cannot_be_claimed_by_a_header(
    chat_server: ServerProcess, browse: Browse, cast: Cast
) -> None:
    with cross_tenant("tests look at everything"):
        assert Domain.objects.filter(host="globex.localhost").exists()
    browser = browse()
    browser.http.headers["X-Forwarded-Host"] = "globex.localhost"
    browser.open()
    assert sessions()[0].assistant_id == cast.guide.pk
