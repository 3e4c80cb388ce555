"""Visitors who are blocked for a time: by the cookie of their chat, by their device, and by their address."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import Block, ChatSession, EndUser
from chat.models import Run
from tenants.models import AuditEvent, Tenant
from tenants.permissions import Role
from tenants.scope import cross_tenant
from tests.conftest import Browse, StartServer, quick
from tests.support.browsing import Browser, items_of, refusal
from tests.support.cast import Cast
from tests.support.hosts import site_of
from tests.support.panel import person, signed_in
from tests.support.provider import Hold, Provider
from tests.support.servers import ServerProcess

BLOCKED = (403, "access_blocked")
DAY = str(24 * 60 * 60)


@pytest.fixture
def server(cast: Cast, server_with: StartServer, provider: Provider) -> ServerProcess:
    return server_with(**quick(provider), TRUSTED_PROXY_COUNT="1", CHAT_SESSION_CHECK_SECONDS="0.1")


@pytest.fixture
def visit(server: ServerProcess, browse: Browse) -> Callable[..., Browser]:
    """``visit("192.0.2.1")``: a browser with this address."""

    def visit(address: str = "192.0.2.1", *who: Any) -> Browser:
        browser = browse(*who, server=server)
        browser.http.headers["X-Forwarded-For"] = address
        return browser

    return visit


def block(client: Client, visitor: EndUser, *kinds: str, seconds: str = DAY, reason: str = "Spam") -> str:
    address = f"/admin/accounts/enduser/{visitor.pk}/block/"
    return client.post(address, {"kinds": kinds, "seconds": seconds, "reason": reason}, follow=True).content.decode()


def newest(cast: Cast) -> EndUser:
    return EndUser.objects.for_tenant(cast.acme).latest("pk")


def test_a_visitor_is_recognised_by_the_cookie_of_the_chat(visit: Callable[..., Browser], cast: Cast) -> None:
    bob, dave, other = signed_in(cast.bob), visit().open(), visit()
    dave.say("Hello")
    visitor = newest(cast)
    assert "The visitor is blocked" in block(bob, visitor, "cookie")
    assert refusal(dave.post("threads.list")) == (401, "session_invalid")
    call_command("cleanup_sessions", stdout=io.StringIO())
    for _ in range(2):  # A reload, and one more.
        refused = dave.mint()
        assert refusal(refused) == BLOCKED
        assert "You can chat here again after " in refused.json()["error"]["hint"]
    assert EndUser.objects.for_tenant(cast.acme).count() == 1, "no other identity was given"
    other.open()
    Block.objects.for_tenant(cast.acme).update(expires_at=timezone.now() - timedelta(seconds=1))
    dave.open()
    assert dave.ask("threads.list")["data"] == [], "the session that was ended stays so"


def test_a_visitor_is_recognised_by_the_device(visit: Callable[..., Browser], cast: Cast) -> None:
    bob, dave = signed_in(cast.bob), visit().open()
    visitor = newest(cast)
    assert dave.http.request("DELETE", "/api/chatkit/session?tenant=acme", json={}).status_code == 204
    assert "chatkit_session_acme" not in dave.http.cookies
    assert "The visitor is blocked" in block(bob, visitor, "device")
    assert refusal(dave.mint()) == BLOCKED
    device = dave.http.cookies["chatkit_device_acme"]
    # What we did not sign is no device, and no other one's either.
    liar = visit()
    liar.http.cookies.set("chatkit_device_acme", device[:-2] + "xx")
    liar.open()
    copy = visit("198.51.100.7")
    copy.http.cookies.set("chatkit_device_acme", device)
    assert refusal(copy.mint()) == BLOCKED
    visit().open()


def test_visitors_are_recognised_by_their_address(visit: Callable[..., Browser], cast: Cast) -> None:
    bob, dave, neighbour = signed_in(cast.bob), visit("2001:db8::1").open(), visit("2001:db8::2").open()
    elsewhere, alice = visit("2001:db8:0:1::1").open(), visit("2001:db8::3", cast.alice).open()
    visitor = EndUser.objects.for_tenant(cast.acme).filter(kind="anonymous").earliest("pk")
    assert "The visitor is blocked" in block(bob, visitor, "address")
    for browser in (dave, neighbour):
        assert refusal(browser.post("threads.list")) == (401, "session_invalid")
        assert refusal(browser.mint()) == BLOCKED
    assert refusal(visit("2001:db8::4").mint(credential="client_secret")) == BLOCKED
    assert elsewhere.post("threads.list").status_code == 200
    # Members have a login, which can be suspended.
    assert alice.post("threads.list").status_code == 200
    assert alice.refresh().status_code == 200
    visit("2001:db8::5", cast.bob).open()
    # Whoever comes there later is found when the session is renewed.
    elsewhere.http.headers["X-Forwarded-For"] = "2001:db8::6"
    assert refusal(elsewhere.refresh()) == BLOCKED


def test_a_block_holds_in_embeds_and_in_one_tenant(visit: Callable[..., Browser], cast: Cast) -> None:
    bob, site = signed_in(cast.bob), site_of(cast.guide)
    Tenant.objects.filter(pk=cast.globex.pk).update(access="anonymous")

    def enter(browser: Browser, **body: Any) -> httpx.Response:
        return browser.http.post("/api/chatkit/session", json={"embed": site.id, **body})

    assert enter(visit("192.0.2.8"), credential="client_secret").status_code == 201
    block(bob, newest(cast), "address")
    assert refusal(enter(visit("192.0.2.8"), credential="client_secret")) == BLOCKED
    assert refusal(enter(visit("192.0.2.8"), identity=site.sign())) == BLOCKED
    assert refusal(visit("192.0.2.8").mint()) == BLOCKED
    assert visit("192.0.2.8").mint(tenant="globex").status_code == 201
    assert enter(visit("192.0.2.9"), identity=site.sign()).status_code == 201


def test_the_answer_of_a_blocked_visitor_ends(visit: Callable[..., Browser], cast: Cast, provider: Provider) -> None:
    bob, dave, hold = signed_in(cast.bob), visit().open("model"), Hold()
    provider.will_say("One", hold)
    with dave.saying("count") as stream:
        stream.until_text("One")
        block(bob, newest(cast), "cookie", "device", "address")
        hold.wait_until_hung_up()
        (answer,) = items_of(stream.rest(), "assistant_message")
    assert answer["interrupted"] == "cancelled"
    assert Run.objects.for_tenant(cast.acme).get().state == Run.State.CANCELLED


def test_a_suspended_visitor_gets_no_other_identity(visit: Callable[..., Browser], cast: Cast) -> None:
    bob, dave = signed_in(cast.bob), visit().open()
    bob.post(f"/admin/accounts/enduser/{newest(cast).pk}/suspend/", {"reason": "Spam"})
    call_command("cleanup_sessions", stdout=io.StringIO())
    assert refusal(dave.mint()) == (403, "access_suspended")
    assert EndUser.objects.for_tenant(cast.acme).count() == 1
    bob.post(f"/admin/accounts/enduser/{newest(cast).pk}/resume/", {"reason": "By mistake"})
    dave.open()


def test_blocks_are_listed_lifted_and_in_the_audit_log(visit: Callable[..., Browser], cast: Cast) -> None:
    bob, dave = signed_in(cast.bob), visit().open()
    visitor = newest(cast)
    page = bob.get(f"/admin/accounts/enduser/{visitor.pk}/change/").content.decode()
    for meaning in ("keeps the cookie of this chat", "after its chat has ended", "behind the same internet address"):
        assert meaning in page
    block(bob, visitor, "cookie", "device")
    listed = bob.get("/admin/accounts/block/").content.decode()
    assert ("Chat cookie" in listed, "Device" in listed, "Spam" in listed) == (True, True, True)
    for one in Block.objects.for_tenant(cast.acme):
        assert refusal(dave.mint()) == BLOCKED
        assert "Lift block" in bob.get(f"/admin/accounts/block/{one.pk}/change/").content.decode()
        assert "The block is lifted" in bob.post(f"/admin/accounts/block/{one.pk}/lift/", follow=True).content.decode()
    dave.open()
    events = AuditEvent.objects.for_tenant(cast.acme).filter(actor=cast.bob.email).order_by("pk")
    assert list(events.values_list("action", flat=True)) == ["enduser.block", "block.lift", "block.lift"]
    assert events[0].after["kinds"] == ["cookie", "device"]


def test_who_may_block_whom(visit: Callable[..., Browser], cast: Cast) -> None:
    visit().open()
    visitor = newest(cast)
    address = f"/admin/accounts/enduser/{visitor.pk}/block/"
    posted = {"kinds": ["cookie"], "seconds": DAY, "reason": "Spam"}
    viewer = signed_in(person(Role.VIEWER, cast.acme))
    assert viewer.post(address, posted).status_code == 403
    assert signed_in(cast.carol).post(address, posted).status_code == 404
    bob = signed_in(cast.bob)
    mistakes: list[dict[str, Any]] = [
        {"kinds": []},
        {"kinds": ["name"]},
        {"seconds": "1"},
        {"seconds": "x"},
        {"reason": " "},
    ]
    for wrong in mistakes:
        assert (
            "Choose what the visitor is recognised by"
            in bob.post(address, posted | wrong, follow=True).content.decode()
        )
    assert not Block.objects.for_tenant(cast.acme).exists()
    block(bob, visitor, "cookie")
    lift = f"/admin/accounts/block/{Block.objects.for_tenant(cast.acme).get().pk}/lift/"
    assert viewer.post(lift).status_code == 403
    assert signed_in(cast.carol).post(lift).status_code == 404
    unseen = cast.visitor()
    assert "Choose what" in block(bob, unseen, "device"), "nothing is known of a visitor without a session"


def test_expired_blocks_are_cleaned_up(cast: Cast) -> None:
    now = timezone.now()
    for days in (-1, 1):
        Block.objects.create(
            tenant=cast.acme, kind="cookie", end_user=cast.visitor(), reason="x", expires_at=now + timedelta(days=days)
        )
    out = io.StringIO()
    call_command("cleanup_sessions", "--json", stdout=out)
    assert json.loads(out.getvalue())["removed"]["blocks"] == 1
    assert Block.objects.for_tenant(cast.acme).get().expires_at > now


def test_addresses_and_devices_are_kept_as_hashes(visit: Callable[..., Browser], cast: Cast) -> None:
    dave = visit("192.0.2.77").open()
    device = dave.http.cookies["chatkit_device_acme"].partition(":")[0]
    with cross_tenant("tests look at everything"):
        row = ChatSession.objects.values().get()
    assert [len(bytes(row[name] or b"")) for name in ("network_hash", "device_hash")] == [32, 32]
    assert not {"192.0.2.77", device} & {str(value) for value in row.values()}
