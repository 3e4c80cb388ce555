"""Choosing a new password: by the link of an e-mail, and by whoever is signed in."""

import re

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts import identity, sessions
from accounts.models import User
from chatplatform.lib.errors import PlatformError
from tenants.models import AuditEvent, Impersonation, Membership
from tests.support.cast import Cast, gather
from tests.support.panel import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_passwords")]
OLD, NEW = "correct horse battery", "staple of another horse"


@pytest.fixture
def cast() -> Cast:
    cast = gather()
    cast.alice.set_password(OLD)
    cast.alice.save()
    return cast


@pytest.fixture
def ask(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks):
    """Ask for a link; returns the answer."""

    def ask(email: str, host: str = "testserver"):
        with django_capture_on_commit_callbacks(execute=True):
            return Client().post("/password/reset/", {"email": email}, headers={"host": host})

    return ask


def link_of(sent: object) -> tuple[str, str]:
    """Where the link of an e-mail leads, and what stands behind its '#'."""
    ((page, token),) = re.findall(r"(https?://\S+)#(\S+)", str(sent))
    return page, token


def opened(token: str) -> tuple[Client, str]:
    """A browser that has opened the link, and the page that it shows then."""
    client = Client()
    return client, client.post("/password/reset/link/", {"token": token})["Location"]


def can_sign_in(email: str, password: str) -> bool:
    client = Client()
    client.post("/login/", {"username": email, "password": password})
    return "_auth_user_id" in client.session


def test_a_new_password_by_the_link_of_an_e_mail(cast: Cast, ask, settings: Settings) -> None:
    client = Client()
    client.force_login(cast.alice)
    end_user = identity.end_user_for(tenant=cast.acme, user=cast.alice, token="")
    token = sessions.issue(end_user=end_user, assistant=cast.guide, origin="").token
    assert ask(" Alice@Acme.example")["Location"] == "/password/reset/sent/"
    page, key = link_of(mail.outbox[0].body)
    assert page == f"{settings.PUBLIC_URL}/password/reset/link/"
    browser, form = opened(key)
    assert key.partition("-")[2] not in form
    assert "too common" in browser.post(form, {"password1": "12345678", "password2": "12345678"}).content.decode()
    assert browser.post(form, {"password1": NEW, "password2": OLD}).status_code == 200
    assert browser.post(form, {"password1": NEW, "password2": NEW})["Location"] == "/password/reset/done/"
    assert (can_sign_in(cast.alice.email, OLD), can_sign_in(cast.alice.email, NEW)) == (False, True)
    assert client.get("/account/").status_code == 302, "who was signed in is not any more"
    with pytest.raises(PlatformError, match="session_invalid"):
        sessions.verify(token)
    assert "login.password_reset" in AuditEvent.objects.for_tenant(cast.acme).values_list("action", flat=True)
    browser, form = opened(key)
    assert "does not work" in browser.get(form).content.decode(), "a link works once"


def test_a_new_password_of_staff_ends_what_they_have_open_anywhere(cast: Cast, ask) -> None:
    sam = User.objects.create_user("sam@platform.example", OLD, is_staff=True)
    client = signed_in(sam)
    tried = client.post(f"/admin/tenants/assistant/{cast.guide.pk}/preview/").json()["client_secret"]
    bob = Membership.objects.for_tenant(cast.acme).get(user=cast.bob)
    client.post(f"/admin/tenants/membership/{bob.pk}/impersonate/", {"reason": "Ticket 7"})
    acting = Impersonation.objects.for_tenant(cast.acme).get()
    end_user = identity.end_user_for(tenant=cast.acme, user=cast.bob, token="")
    chat = sessions.issue(end_user=end_user, assistant=cast.guide, origin="", acting=acting).token
    own = sessions.issue(end_user=end_user, assistant=cast.guide, origin="").token
    for token in (tried, chat):
        sessions.verify(token)
    ask(sam.email)
    browser, form = opened(link_of(mail.outbox[0].body)[1])
    assert browser.post(form, {"password1": NEW, "password2": NEW})["Location"] == "/password/reset/done/"
    for token in (tried, chat):
        with pytest.raises(PlatformError, match="session_invalid"):
            sessions.verify(token)
    assert sessions.verify(own).end_user.user_id == cast.bob.pk, "Bob's own goes on"
    event = AuditEvent.objects.for_tenant(cast.acme).get(action="impersonation.end")
    assert (event.actor_kind, event.actor) == ("staff", sam.email)


def test_nobody_learns_who_has_an_account(cast: Cast, ask) -> None:
    answers = [ask(email) for email in (cast.alice.email, cast.bob.email, "nobody@example.com")]
    assert {(one.status_code, one["Location"]) for one in answers} == {(302, "/password/reset/sent/")}
    assert [one.to for one in mail.outbox] == [[cast.alice.email], [cast.bob.email], ["nobody@example.com"]]
    assert ["#" in str(one.body) for one in mail.outbox] == [True, True, False], "bob, too, who has no password yet"


@pytest.mark.parametrize("token", ["", "x", "-", "1-", "zzzzzzzzzzzzzzzzzzzz-x", "🦉-x", "1-\0", "x" * 10_000])
def test_a_link_that_is_none(cast: Cast, token: str) -> None:
    client = Client()
    response = client.post("/password/reset/link/", {"token": token})
    if response.status_code == 302:
        response = client.get(response["Location"])
    assert response.status_code in (200, 400)
    assert "This link does not work" in response.content.decode()


def test_a_link_never_leads_to_the_host_of_a_tenant(cast: Cast, ask, settings: Settings) -> None:
    """Whoever owns it could read there, one day, what opens somebody else's account."""
    settings.PUBLIC_URL = "https://chat.example.com"
    ask(cast.carol.email, host="acme.localhost")
    ask(cast.alice.email, host="acme.localhost")
    assert link_of(mail.outbox[1].body)[0] == "https://chat.example.com/password/reset/link/"
    settings.PUBLIC_URL = ""
    with pytest.raises(ImproperlyConfigured):
        ask(cast.alice.email, host="acme.localhost")


def test_a_link_leads_to_the_platform_whatever_port_was_asked_for(cast: Cast, ask, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://chat.example.com"
    ask(cast.alice.email, host="localhost:6666")
    assert link_of(mail.outbox[0].body)[0] == "https://chat.example.com/password/reset/link/"


def test_an_address_is_not_flooded(cast: Cast, ask) -> None:
    """Whoever asks: from many addresses, or signed in."""
    assert [ask(f" {cast.alice.email.upper()}").status_code for _ in range(3)] == [302] * 3
    assert ask(cast.alice.email).status_code == 429
    response = signed_in(cast.bob).post("/password/reset/", {"email": cast.alice.email}, REMOTE_ADDR="192.0.2.7")
    assert int(response.headers["Retry-After"]) > 600
    assert ask(cast.bob.email).status_code == 302
    assert len(mail.outbox) == 4


def test_whoever_is_signed_in_changes_it(cast: Cast) -> None:
    here, elsewhere = (Client(), Client())
    for client in (here, elsewhere):
        client.post("/login/", {"username": cast.alice.email, "password": OLD})
    wrong = here.post("/account/password/", {"oldpassword": "x", "password1": NEW, "password2": NEW})
    assert wrong.status_code == 200
    done = here.post("/account/password/", {"oldpassword": OLD, "password1": NEW, "password2": NEW})
    assert done["Location"] == "/account/"
    assert (here.get("/account/").status_code, elsewhere.get("/account/").status_code) == (200, 302)
    assert can_sign_in(cast.alice.email, NEW)
    assert signed_in(cast.bob).get("/account/password/")["Location"] == "/account/", "bob has none"
    assert here.get("/admin/password_change/").status_code == 404
