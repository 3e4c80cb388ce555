"""When a permission ends, everything that it opened ends: the session, its answers, and its links to files."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import httpx
import psycopg
import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts import identity, sessions
from accounts.models import ChatSession, EndUser, User
from accounts.session_policy import Opened, ended
from chat.models import Attachment, Run
from chatplatform.lib.ids import new_id
from tenants import versions
from tenants.models import Assistant, Embed, Impersonation, Membership, SignIn, Tenant
from tenants.scope import cross_tenant
from tests.conftest import Browse, StartServer, quick
from tests.support.browsing import Browser, items_of, refusal
from tests.support.cast import Cast
from tests.support.documents import png
from tests.support.hosts import site_of
from tests.support.provider import Hold, Provider
from tests.support.servers import ServerProcess

CHECKS_OFTEN = {"CHAT_SESSION_CHECK_SECONDS": "0.1", "CHAT_RUN_LEASE_SECONDS": "60"}


@dataclass
class Stage:
    """What a cause needs to open a session, and to end its permission."""

    cast: Cast
    server: ServerProcess
    browse: Browse

    def here(self, *who: User) -> Browser:
        """By cookie, on the tenant's page."""
        return self.browse(*who, server=self.server).open("model")

    def bearer(self, end_user: EndUser, **how: Any) -> Browser:
        browser = self.browse(server=self.server)
        browser.bearer = sessions.issue(end_user=end_user, assistant=self.cast.model, origin="", **how).token
        return browser

    def member(self, user: User) -> EndUser:
        return identity.end_user_for(tenant=self.cast.acme, user=user, token="")

    def at_a_site(self, **about: Any) -> tuple[Browser, Any]:
        embed = Embed.objects.for_tenant(self.cast.acme).filter(pk=site_of(self.cast.model, **about).embed.pk)
        return self.bearer(self.cast.visitor(), embed=embed.get()), embed

    def signed_in_by_company(self) -> tuple[Browser, Any]:
        sign_in = SignIn(
            tenant=self.cast.acme, name="Acme", issuer="https://login.example", client_id="a", is_enabled=True
        )
        sign_in.set_secret("a-secret")
        sign_in.save()
        rows = SignIn.objects.for_tenant(self.cast.acme).filter(pk=sign_in.pk)
        return self.bearer(self.member(self.cast.bob), sign_in=sign_in), rows

    def impersonated(self) -> tuple[Browser, Any, User]:
        staff = User.objects.create_user("sam@platform.example", "a long password", is_staff=True)
        acting = Impersonation.objects.create(
            tenant=self.cast.acme,
            staff=staff,
            member=self.cast.bob,
            reason="Ticket 7",
            may_write=True,
            expires_at=timezone.now() + timedelta(minutes=30),
        )
        rows = Impersonation.objects.for_tenant(self.cast.acme).filter(pk=acting.pk)
        return self.bearer(self.member(self.cast.bob), acting=acting), rows, staff

    def trying_a_draft(self, user: User) -> Browser:
        tester = EndUser.objects.create(
            tenant=self.cast.acme, user=user, kind=EndUser.Kind.PREVIEW, public_id=new_id("end_user")
        )
        return self.bearer(tester, version=versions.draft_of(self.cast.model))


Ends = Callable[[], Any]
CAUSES: dict[str, Callable[[Stage], tuple[Browser, Ends]]] = {}


def cause(function: Callable[[Stage], tuple[Browser, Ends]]) -> None:
    CAUSES[function.__name__.replace("_", " ")] = function


def _change(**values: Any) -> Ends:
    def change() -> None:
        with cross_tenant("tests make time pass"):
            assert ChatSession.objects.update(**values)

    return change


@cause
def the_session_was_ended(stage: Stage) -> tuple[Browser, Ends]:
    browser = stage.here()
    url = f"/api/chatkit/session?tenant={browser.tenant}"

    def end() -> None:
        token = browser.token
        assert browser.http.request("DELETE", url, json={}).status_code == 204
        browser.token = token  # Whoever copied it still has it.

    return browser, end


@cause
def a_member_signed_out(stage: Stage) -> tuple[Browser, Ends]:
    browser = stage.here(stage.cast.bob)

    def end() -> None:
        token, secret = browser.token, "a" * 32
        browser.http.cookies.set("csrftoken", secret)
        assert browser.http.post("/logout/", data={"csrfmiddlewaretoken": secret}).status_code == 302
        browser.token = token

    return browser, end


@cause
def a_copied_token_was_seen(stage: Stage) -> tuple[Browser, Ends]:
    browser = stage.here()

    def end() -> None:
        token = browser.token
        assert browser.refresh().status_code == 200
        copy = stage.browse(server=stage.server)
        copy.token = token
        assert refusal(copy.post("threads.list")) == (401, "session_invalid")

    return browser, end


@cause
def the_absolute_end_passed(stage: Stage) -> tuple[Browser, Ends]:
    return stage.here(), _change(absolute_expires_at=timezone.now() - timedelta(seconds=1))


@cause
def it_was_unused_for_too_long(stage: Stage) -> tuple[Browser, Ends]:
    return stage.here(), _change(last_used_at=timezone.now() - timedelta(days=31))


@cause
def its_row_was_removed(stage: Stage) -> tuple[Browser, Ends]:
    browser = stage.here()

    def end() -> None:
        _change(revoked_at=timezone.now() - timedelta(days=1))()
        call_command("cleanup_sessions")

    return browser, end


@cause
def the_tenant_was_suspended(stage: Stage) -> tuple[Browser, Ends]:
    return stage.here(), lambda: Tenant.objects.filter(pk=stage.cast.acme.pk).update(status="suspended")


@cause
def the_tenant_was_closed_to_visitors(stage: Stage) -> tuple[Browser, Ends]:
    return stage.here(), lambda: Tenant.objects.filter(pk=stage.cast.acme.pk).update(access="members")


@cause
def the_assistant_was_disabled(stage: Stage) -> tuple[Browser, Ends]:
    rows = Assistant.objects.for_tenant(stage.cast.acme).filter(pk=stage.cast.model.pk)
    return stage.here(), lambda: rows.update(is_enabled=False)


@cause
def the_end_user_was_suspended(stage: Stage) -> tuple[Browser, Ends]:
    rows = EndUser.objects.for_tenant(stage.cast.acme)
    return stage.here(), lambda: rows.update(suspended_at=timezone.now())


@cause
def the_member_was_removed(stage: Stage) -> tuple[Browser, Ends]:
    rows = Membership.objects.for_tenant(stage.cast.acme).filter(user=stage.cast.bob)
    return stage.here(stage.cast.bob), rows.delete


@cause
def the_member_was_suspended(stage: Stage) -> tuple[Browser, Ends]:
    rows = Membership.objects.for_tenant(stage.cast.acme).filter(user=stage.cast.bob)
    return stage.here(stage.cast.bob), lambda: rows.update(suspended_at=timezone.now())


@cause
def the_login_was_disabled(stage: Stage) -> tuple[Browser, Ends]:
    rows = User.objects.filter(pk=stage.cast.alice.pk)
    return stage.here(stage.cast.alice), lambda: rows.update(is_active=False)


@cause
def company_sign_in_was_switched_off(stage: Stage) -> tuple[Browser, Ends]:
    browser, rows = stage.signed_in_by_company()
    return browser, lambda: rows.update(is_enabled=False)


@cause
def company_sign_in_became_required(stage: Stage) -> tuple[Browser, Ends]:
    _browser, rows = stage.signed_in_by_company()
    return stage.here(stage.cast.bob), lambda: rows.update(is_required=True)


@cause
def the_impersonation_was_ended(stage: Stage) -> tuple[Browser, Ends]:
    browser, rows, _staff = stage.impersonated()
    return browser, lambda: rows.update(ended_at=timezone.now())


@cause
def the_impersonation_ran_out(stage: Stage) -> tuple[Browser, Ends]:
    browser, rows, _staff = stage.impersonated()
    return browser, lambda: rows.update(expires_at=timezone.now())


@cause
def the_impersonator_left_the_staff(stage: Stage) -> tuple[Browser, Ends]:
    browser, _rows, staff = stage.impersonated()
    return browser, lambda: User.objects.filter(pk=staff.pk).update(is_staff=False)


@cause
def the_embed_was_disabled(stage: Stage) -> tuple[Browser, Ends]:
    browser, embed = stage.at_a_site()
    return browser, lambda: embed.update(is_enabled=False)


@cause
def the_embed_was_removed(stage: Stage) -> tuple[Browser, Ends]:
    browser, embed = stage.at_a_site()
    return browser, embed.delete


@cause
def the_embed_requires_an_identity(stage: Stage) -> tuple[Browser, Ends]:
    browser, embed = stage.at_a_site()
    return browser, lambda: embed.update(identity="required")


@cause
def the_previewer_was_demoted(stage: Stage) -> tuple[Browser, Ends]:
    rows = Membership.objects.for_tenant(stage.cast.acme).filter(user=stage.cast.alice)
    return stage.trying_a_draft(stage.cast.alice), lambda: rows.update(role=Membership.Role.VIEWER)


@pytest.fixture
def stage(cast: Cast, server_with: StartServer, browse: Browse, provider: Provider) -> Stage:
    return Stage(cast, server_with(**quick(provider) | CHECKS_OFTEN), browse)


def announced(browser: Browser) -> dict[str, Any]:
    return dict(browser.ask("attachments.create", {"name": "a.png", "size": len(png()), "mime_type": "image/png"}))


def by_link(method: str, url: str, **body: Any) -> httpx.Response:
    """As a browser that sends no cookie."""
    return httpx.request(method, url, timeout=30, trust_env=False, **body)


@pytest.mark.parametrize("name", CAUSES)
def test_everything_that_a_session_opened_ends_with_it(stage: Stage, provider: Provider, name: str) -> None:
    browser, end = CAUSES[name](stage)
    reads, writes = browser.upload("a.png", png(), "image/png")["preview_url"], announced(browser)
    upload_url, hold = writes["upload_descriptor"]["url"], Hold()
    assert by_link("GET", reads).status_code == 200
    provider.will_say("One", hold, " two")
    with browser.saying("count") as stream:
        stream.until_text("One")
        end()
        # At once.
        assert refusal(browser.post("threads.list")) == (401, "session_invalid")
        assert refusal(by_link("GET", reads)) == (404, "not_found")
        assert refusal(by_link("PUT", upload_url, content=png())) == (404, "not_found")
        # Within seconds, however long the lease is.
        hold.wait_until_hung_up()
        (answer,) = items_of(stream.rest(), "assistant_message")
    assert answer["interrupted"] == "cancelled"
    rows = Attachment.objects.for_tenant(stage.cast.acme)
    assert rows.get(public_id=writes["id"]).state == Attachment.State.PENDING


def renewed(browser: Browser) -> None:
    assert browser.refresh().status_code == 200


def opened_again(browser: Browser) -> None:
    browser.open("model")


def opened_for_another_assistant(browser: Browser) -> None:
    browser.open("second")


@pytest.mark.parametrize("is_member", [False, True])
@pytest.mark.parametrize("go_on", [renewed, opened_again, opened_for_another_assistant])
def test_what_a_session_opened_outlives_its_token(
    stage: Stage, provider: Provider, go_on: Callable[[Browser], None], *, is_member: bool
) -> None:
    """The page is loaded again, or another tab renews the token: nobody's permission has ended."""
    browser = stage.here(*([stage.cast.bob] if is_member else []))
    reads, writes = browser.upload("a.png", png(), "image/png")["preview_url"], announced(browser)
    hold = Hold()
    provider.will_say("One", hold, " two")
    with browser.saying("count") as stream:
        stream.until_text("One")
        go_on(browser)
        for _ in range(3):  # of 0.2 seconds: the session is asked for six times
            stream.until(lambda frame: frame["type"] == ": ping")
        assert by_link("GET", reads).status_code == 200
        assert by_link("PUT", writes["upload_descriptor"]["url"], content=png()).status_code == 200
        hold.release()
        (answer,) = items_of(stream.rest(), "assistant_message")
    assert answer["content"][0]["text"] == "One two"


def test_a_new_session_of_another_person_takes_nothing_over(stage: Stage, provider: Provider) -> None:
    browser = stage.here()
    reads = browser.upload("a.png", png(), "image/png")["preview_url"]
    browser.sign_in(stage.cast.bob).open("model")
    assert refusal(by_link("GET", reads)) == (404, "not_found")


def test_a_session_that_was_signed_out_is_not_continued(stage: Stage) -> None:
    browser = stage.here(stage.cast.bob)
    reads, token = browser.upload("a.png", png(), "image/png")["preview_url"], browser.token
    sessions.revoke(token)
    browser.open("model")
    assert refusal(by_link("GET", reads)) == (404, "not_found")


def test_a_reader_of_the_answer_leaves_with_their_own_session(stage: Stage, provider: Provider) -> None:
    """Two devices of one member: signing out on one ends what that one reads, and the answer goes on for the other."""
    office, phone, hold = stage.here(stage.cast.bob), stage.here(stage.cast.bob), Hold()
    provider.will_say("One", hold, " two")
    with office.saying("count") as stream:
        stream.until_text("One")
        with phone.attach(stream.run_id) as reader:
            reader.until_text("One")
            sessions.revoke(phone.token)
            frames = reader.rest()
        assert frames[-1]["platform_code"] == "session_invalid"
        hold.release()
        (answer,) = items_of(stream.rest(), "assistant_message")
    assert answer["content"][0]["text"] == "One two"
    assert Run.objects.for_tenant(stage.cast.acme).get().state == Run.State.COMPLETED


@pytest.mark.django_db
def test_what_a_check_of_sessions_costs(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """One statement for visitors, two for logins, and one for everything that is open in a process."""
    executed: list[Any] = []
    execute = psycopg.Cursor.execute

    def counting(cursor: Any, sql: Any, *args: Any, **how: Any) -> Any:
        executed.append(sql)
        return execute(cursor, sql, *args, **how)

    monkeypatch.setattr(psycopg.Cursor, "execute", counting)

    def statements(function: Callable[[], Any]) -> tuple[int, Any]:
        executed.clear()
        result = function()
        return len(executed), result

    visitor, bob = cast.visitor(), identity.end_user_for(tenant=cast.acme, user=cast.bob, token="")
    tokens = [sessions.issue(end_user=who, assistant=cast.guide, origin="").token for who in (visitor, bob)]
    (of_visitor, first), (of_login, second) = (statements(partial(sessions.verify, token)) for token in tokens)
    assert (of_visitor, of_login) == (1, 2)
    opened = [Opened(session.chain, cast.guide.pk) for session in (first, second)]
    unknown, foreign = Opened(uuid.uuid4(), cast.guide.pk), Opened(first.chain, cast.ledger.pk)
    assert statements(lambda: ended([*opened, unknown, foreign] * 20)) == (1, {unknown, foreign})
    assert statements(lambda: ended([])) == (0, set())
