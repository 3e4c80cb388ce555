"""Invitations: who comes in by a link, and who does not."""

import io
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts.models import User
from tenants import quotas
from tenants.models import AuditEvent, Invitation, Membership, Tenant
from tenants.permissions import Role
from tests.support.cast import Cast, gather
from tests.support.panel import person, signed_in

pytestmark = pytest.mark.django_db
NEW = {"name": "Ann", "password": "correct horse battery"}


@pytest.fixture(autouse=True)
def _quick(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    quotas._limiter_of_process.cache_clear()
    quotas._limiter.cache_clear()


@pytest.fixture
def cast() -> Cast:
    return gather()


def link_for(tenant: Tenant, email: str = "ann@example.com", role: str = "operator") -> str:
    """The path of a new invitation's link."""
    out = io.StringIO()
    call_command("invite", tenant.slug, email, "--role", role, "--no-mail", "--json", stdout=out)
    return str(json.loads(out.getvalue())["link"]).removeprefix("http://localhost:8000")


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
    (path,) = re.findall(r"http://testserver(/invitations/\S+/)\n", str(sent.body))
    client = Client()
    assert "ann@example.com" in client.get(path).content.decode()
    weak = client.post(path, {"name": "Ann", "password": "12345678"})
    assert "too common" in weak.content.decode()
    assert client.post(path, NEW)["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200
    assert role_of(cast.acme, "ann@example.com") == "admin"
    events = AuditEvent.objects.for_tenant(cast.acme).filter(action__startswith="invitation.").order_by("id")
    assert [(one.action, one.actor) for one in events] == [
        ("invitation.add", cast.alice.email),
        ("invitation.accept", "ann@example.com"),
    ]
    token = path.split("/")[2]
    assert token not in "".join(one.as_json() for one in events)
    assert Invitation.objects.for_tenant(cast.acme).get().invited_by == cast.alice


def test_somebody_with_a_login_signs_in_first(cast: Cast) -> None:
    path = link_for(cast.acme, cast.carol.email)
    visitor = Client()
    assert f"/login/?next={path.replace('/', '%2F')}" in visitor.get(path).content.decode()
    visitor.post(path, NEW)
    assert role_of(cast.acme, cast.carol.email) is None, "a link alone is no way into a login"
    assert signed_in(cast.carol).post(path).status_code == 302
    assert (role_of(cast.acme, cast.carol.email), role_of(cast.globex, cast.carol.email)) == ("operator", "owner")


def test_whatever_is_wrong_with_a_link_gets_one_answer(cast: Cast) -> None:
    used, expired, revoked, replaced, closed = (
        link_for(cast.acme, "used@example.com"),
        link_for(cast.acme, "expired@example.com"),
        link_for(cast.acme, "revoked@example.com"),
        link_for(cast.acme, "replaced@example.com"),
        link_for(cast.globex, "closed@example.com"),
    )
    Client().post(used, NEW)
    own = Invitation.objects.for_tenant(cast.acme)
    own.filter(email="expired@example.com").update(expires_at=timezone.now() - timedelta(seconds=1))
    invitation = own.get(email="revoked@example.com")
    signed_in(cast.alice).post(f"/admin/tenants/invitation/{invitation.pk}/revoke/")
    link_for(cast.acme, "replaced@example.com")
    Tenant.objects.filter(pk=cast.globex.pk).update(status=Tenant.Status.SUSPENDED)
    bad = [used, expired, revoked, replaced, closed, "/invitations/x/", "/invitations/%F0%9F%A6%89%00/"]
    for post in (False, True):
        answers = [(Client().post(path, NEW) if post else Client().get(path)) for path in bad]
        assert {one.status_code for one in answers} == {404}
        assert len({one.content for one in answers}) == 1
    assert User.objects.filter(email__endswith="@example.com").count() == 1


def test_a_link_is_for_one_address_and_one_tenant(cast: Cast) -> None:
    path, client = link_for(cast.acme), signed_in(cast.carol)
    for method in (client.get, client.post):
        foreign, unknown = method(path), method("/invitations/x/")
        assert foreign.status_code == unknown.status_code == 404
        assert foreign.content == unknown.content
    assert Client().post(path, NEW, headers={"host": "globex.localhost"}).status_code == 404
    assert role_of(cast.acme, cast.carol.email) is None
    assert Client().post(path, NEW, headers={"host": "acme.localhost"}).status_code == 302


def test_guessing_is_slowed_down(cast: Cast, settings: Settings) -> None:
    settings.LOGIN_ADDRESS_RATE_LIMIT = "1/minute"
    path = link_for(cast.acme)
    assert Client().get("/invitations/x/").status_code == 404
    response = Client().get(path)
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0


def test_the_form_needs_its_token(cast: Cast) -> None:
    assert Client(enforce_csrf_checks=True).post(link_for(cast.acme), NEW).status_code == 403


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
    assert f"{settings.PUBLIC_URL}/invitations/" in mail.outbox[0].body
    assert AuditEvent.objects.for_tenant(cast.acme).get().actor_kind == "command"
    settings.PUBLIC_URL = ""
    with pytest.raises(CommandError, match="PUBLIC_URL"):
        call_command("invite", "acme", "ann@example.com")
