"""Invitations: who comes in by a link, and who does not."""

import io
import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts.models import User
from tenants.models import AuditEvent, Invitation, Membership, Tenant
from tenants.permissions import Role
from tests.support.cast import Cast, gather
from tests.support.panel import person, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_passwords")]
PAGE = "/invitations/"
NEW = {"name": "Ann", "password": "correct horse battery"}


@pytest.fixture
def cast() -> Cast:
    return gather()


def link_for(tenant: Tenant, email: str = "ann@example.com", role: str = "operator") -> str:
    """The token of a new invitation's link."""
    out = io.StringIO()
    call_command("invite", tenant.slug, email, "--role", role, "--no-mail", "--json", stdout=out)
    return str(json.loads(out.getvalue())["link"]).removeprefix("http://localhost:8000/invitations/#")


def opening(token: str, client: Client | None = None, host: str = "testserver") -> Client:
    """A browser that has opened the link, as the script of its page does."""
    client = client or Client()
    response = client.post(PAGE, {"token": token}, headers={"host": host})
    assert (response.status_code, response["Location"]) == (302, PAGE)
    return client


def without_token(content: bytes) -> bytes:
    """A page without the masked CSRF token of its form."""
    return re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", content)


def role_of(tenant: Tenant, email: str) -> str | None:
    found = Membership.objects.for_tenant(tenant).filter(user__email=email).first()
    return found.role if found else None


def test_somebody_new_comes_in_by_the_link_of_an_e_mail(
    cast: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(cast.alice).post("/admin/tenants/invitation/add/", {"email": " Ann@Example.com", "role": "admin"})
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["ann@example.com"], "Join Acme")
    assert "Alice invites you to work in Acme as admin" in sent.body
    (token,) = re.findall(r"http://localhost:8000/invitations/#(\S+)\n", str(sent.body))
    assert "Open the link" in Client().get(PAGE).content.decode(), "what comes without the link knows no invitation"
    client = opening(token)
    assert token not in str(dict(client.session)), "a copy of the sessions opens no door"
    assert "ann@example.com" in client.get(PAGE).content.decode()
    weak = client.post(PAGE, {"name": "Ann", "password": "12345678"})
    assert "too common" in weak.content.decode()
    assert client.post(PAGE, NEW)["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200
    assert role_of(cast.acme, "ann@example.com") == "admin"
    events = AuditEvent.objects.for_tenant(cast.acme).filter(action__startswith="invitation.").order_by("id")
    assert [(one.action, one.actor) for one in events] == [
        ("invitation.add", cast.alice.email),
        ("invitation.accept", "ann@example.com"),
    ]
    assert token not in "".join(one.as_json() for one in events)
    assert Invitation.objects.for_tenant(cast.acme).get().invited_by == cast.alice


def test_a_link_never_leads_to_the_host_of_a_tenant(
    cast: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, settings: Settings
) -> None:
    """Whoever owns it could read there, one day, what makes somebody a member, and their new password."""
    settings.PUBLIC_URL = "https://chat.example.com"
    with django_capture_on_commit_callbacks(execute=True):
        asked = {"email": "ann@example.com", "role": "viewer"}
        signed_in(cast.alice).post("/admin/tenants/invitation/add/", asked, headers={"host": "acme.localhost"})
    assert "\nhttps://chat.example.com/invitations/#" in mail.outbox[0].body


def test_somebody_with_a_login_signs_in_first(cast: Cast) -> None:
    cast.carol.set_password(NEW["password"])
    cast.carol.save()
    visitor = opening(link_for(cast.acme, cast.carol.email))
    assert "/login/?next=%2Finvitations%2F" in visitor.get(PAGE).content.decode()
    visitor.post(PAGE, NEW)
    assert role_of(cast.acme, cast.carol.email) is None, "a link alone is no way into a login"
    signing_in = {"username": cast.carol.email, "password": NEW["password"], "next": PAGE}
    assert visitor.post("/login/", signing_in)["Location"] == PAGE
    assert visitor.post(PAGE).status_code == 302
    assert (role_of(cast.acme, cast.carol.email), role_of(cast.globex, cast.carol.email)) == ("operator", "owner")


def test_whatever_is_wrong_with_a_link_gets_one_answer(cast: Cast) -> None:
    used, expired, revoked, replaced, closed = (
        link_for(cast.acme, "used@example.com"),
        link_for(cast.acme, "expired@example.com"),
        link_for(cast.acme, "revoked@example.com"),
        link_for(cast.acme, "replaced@example.com"),
        link_for(cast.globex, "closed@example.com"),
    )
    opening(used).post(PAGE, NEW)
    own = Invitation.objects.for_tenant(cast.acme)
    own.filter(email="expired@example.com").update(expires_at=timezone.now() - timedelta(seconds=1))
    invitation = own.get(email="revoked@example.com")
    signed_in(cast.alice).post(f"/admin/tenants/invitation/{invitation.pk}/revoke/")
    link_for(cast.acme, "replaced@example.com")
    Tenant.objects.filter(pk=cast.globex.pk).update(status=Tenant.Status.SUSPENDED)
    bad = [used, expired, revoked, replaced, closed, "x", "🦉\0", "x" * 10_000]
    for post in (False, True):
        browsers = [opening(token) for token in bad]
        answers = [(one.post(PAGE, NEW) if post else one.get(PAGE)) for one in browsers]
        assert {one.status_code for one in answers} == {404}
        assert len({without_token(one.content) for one in answers}) == 1
    assert User.objects.filter(email__endswith="@example.com").count() == 1


def test_a_link_is_for_one_address_and_one_tenant(cast: Cast) -> None:
    token = link_for(cast.acme)
    for method in ("get", "post"):
        foreign, unknown = (getattr(opening(one, signed_in(cast.carol)), method)(PAGE) for one in (token, "x"))
        assert foreign.status_code == unknown.status_code == 404
        assert without_token(foreign.content) == without_token(unknown.content)
    elsewhere = {"host": "globex.localhost"}
    assert opening(token, host="globex.localhost").post(PAGE, NEW, headers=elsewhere).status_code == 404
    assert role_of(cast.acme, cast.carol.email) is None
    home = {"host": "acme.localhost"}
    assert opening(token, host="acme.localhost").post(PAGE, NEW, headers=home).status_code == 302


def test_guessing_is_slowed_down(cast: Cast, settings: Settings) -> None:
    settings.LOGIN_ADDRESS_RATE_LIMIT = "1/minute"
    assert Client().get(PAGE).status_code == 200
    response = Client().post(PAGE, {"token": link_for(cast.acme)})
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0


def test_invitations_are_limited_for_each_recipient_and_each_tenant(
    cast: Cast, settings: Settings, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    """Forty e-mails to one stranger took a second."""
    settings.INVITATION_RATE_LIMIT = "8/hour"
    alice, carol, stranger = signed_in(cast.alice), signed_in(cast.carol), f"{uuid4().hex}@example.com"

    def invite(client: Client, email: str) -> str:
        asked = {"email": email, "role": "viewer"}
        return client.post("/admin/tenants/invitation/add/", asked, follow=True).content.decode()

    with django_capture_on_commit_callbacks(execute=True):
        said = [invite(alice, f" {stranger.upper()}") for _ in range(40)]
    assert [one.to for one in mail.outbox] == [[stranger]] * 5
    assert all("Too many invitations were sent. Try again in" in page for page in said[5:])
    assert Invitation.objects.for_tenant(cast.acme).count() == 5
    with django_capture_on_commit_callbacks(execute=True):
        assert "Too many invitations" in invite(carol, stranger), "another tenant's count to the same address"
        assert "Too many invitations" not in invite(carol, f"{uuid4().hex}@example.com")
        said = [invite(alice, f"{uuid4().hex}@example.com") for _ in range(4)]
    assert ["Too many invitations" in page for page in said] == [False, False, False, True]


def test_what_strangers_post_leaves_no_session(cast: Cast) -> None:
    for path, token in ((PAGE, "x"), (PAGE, link_for(cast.acme)), ("/password/reset/link/", "1-x")):
        for _ in range(3):
            Client().post(path, {"token": token})
    assert not Session.objects.exists()


def test_opened_reset_links_are_limited(cast: Cast, settings: Settings) -> None:
    settings.LOGIN_ADDRESS_RATE_LIMIT = "2/hour"
    answers = [Client().post("/password/reset/link/", {"token": "1-x"}).status_code for _ in range(3)]
    assert answers == [302, 302, 429]


def test_the_form_needs_its_token(cast: Cast) -> None:
    opened = opening(link_for(cast.acme)).session.session_key
    client = Client(enforce_csrf_checks=True)
    client.cookies["sessionid"] = str(opened)
    assert client.post(PAGE, NEW).status_code == 403
    assert client.post(PAGE, {"token": "x"}).status_code == 403


@pytest.mark.parametrize(
    ("role", "granted"), [(Role.ADMIN, {"viewer", "operator", "admin"}), (Role.OWNER, set(Membership.Role.values))]
)
def test_nobody_invites_above_their_own_role(cast: Cast, role: Role, granted: set[str]) -> None:
    client = signed_in(person(role, cast.acme))
    for wanted in Membership.Role.values:
        client.post("/admin/tenants/invitation/add/", {"email": f"{wanted}@example.com", "role": wanted})
    assert set(Invitation.objects.for_tenant(cast.acme).values_list("role", flat=True)) == granted


@pytest.mark.parametrize(
    "posted", [{"email": "bob@acme.example", "role": "viewer"}, {"email": "x", "role": "viewer"}, {}]
)
def test_what_cannot_be_invited(cast: Cast, posted: dict[str, Any]) -> None:
    assert signed_in(cast.alice).post("/admin/tenants/invitation/add/", posted).status_code == 200
    assert not Invitation.objects.for_tenant(cast.acme).exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere", "a@example.com"], "no tenant"),
        (["acme", "a"], "valid email"),
        (["acme", "bob@acme.example"], "member already"),
    ],
)
def test_the_command_says_what_is_wrong(cast: Cast, arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("invite", *arguments)


def test_the_command_sends_the_link_and_does_not_show_it(
    cast: Cast, settings: Settings, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    out = io.StringIO()
    with django_capture_on_commit_callbacks(execute=True):
        call_command("invite", "acme", "ann@example.com", "--role", "owner", "--json", stdout=out)
    said = json.loads(out.getvalue())
    assert said.pop("expires_at") > timezone.now().isoformat()
    assert said == {"tenant": "acme", "email": "ann@example.com", "role": "owner"}
    assert f"{settings.PUBLIC_URL}/invitations/#" in mail.outbox[0].body
    assert AuditEvent.objects.for_tenant(cast.acme).get().actor_kind == "command"
    settings.PUBLIC_URL = ""
    with pytest.raises(CommandError, match="PUBLIC_URL"):
        call_command("invite", "acme", "ann@example.com")
