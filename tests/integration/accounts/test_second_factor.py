"""Second factors: set up, asked for, used up, and stored so that a copy of the database is worth nothing."""

import re

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.core import mail
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from tenants import quotas
from tenants.models import AuditEvent, PlatformEvent
from tenants.permissions import Role
from tests.support.cast import Cast, gather
from tests.support.codes import code_of
from tests.support.panel import person, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_passwords")]
PASSWORD = "correct horse battery"


@pytest.fixture
def cast() -> Cast:
    cast = gather()
    cast.alice.set_password(PASSWORD)
    cast.alice.save()
    return cast


def sign_in(email: str, client: Client | None = None, **fields: str) -> Client:
    """A browser after the password."""
    client = client or Client()
    client.post("/login/", {"username": email, "password": PASSWORD, **fields})
    return client


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def set_up(client: Client) -> tuple[str, list[str]]:
    """The app's key, and the recovery codes."""
    assert client.get("/account/app/")["Location"].startswith("/account/confirm/"), "it asks who is there"
    client.post("/account/confirm/", {"password": PASSWORD, "next": "/account/app/"})
    page = client.get("/account/app/").content.decode()
    (secret,) = re.findall(r'class="secret">(\w+)<', page)
    assert "data:image/svg+xml" in page
    assert client.post("/account/app/", {"code": "000000"}).status_code == 200
    assert client.post("/account/app/", {"code": code_of(secret)})["Location"] == "/account/codes/"
    codes = re.findall(r"<li><code>(\d+)</code>", client.get("/account/codes/").content.decode())
    assert client.get("/account/codes/download/").content.decode().split() == codes
    return secret, codes


@pytest.mark.django_db(transaction=True)
def test_whoever_set_up_an_app_needs_it_to_sign_in(cast: Cast) -> None:
    secret, codes = set_up(sign_in(cast.alice.email))
    assert [one.subject for one in mail.outbox] == ["Your authenticator app was set up"]
    assert {secret, *codes}.isdisjoint(str(list(Authenticator.objects.values_list("data", flat=True))))
    assert "login.factor_add" in AuditEvent.objects.for_tenant(cast.acme).values_list("action", flat=True)

    client = sign_in(cast.alice.email, next="/t/acme/?thread=thr_1")
    assert not is_in(client)
    assert client.get("/admin/").status_code == 302, "the password alone opens nothing"
    for wrong in ("000000", "", "x" * 10_000, "\0"):
        assert client.post("/login/code/", {"code": wrong}).status_code == 200
    assert not is_in(client)
    done = client.post("/login/code/", {"code": code_of(secret)})
    assert done["Location"] == "/t/acme/?thread=thr_1"
    assert is_in(client)

    second = sign_in(cast.alice.email)
    second.post("/login/code/", {"code": code_of(secret)})
    assert not is_in(second), "a code works once"
    second.post("/login/code/", {"code": codes[0]})
    assert is_in(second)
    third = sign_in(cast.alice.email)
    third.post("/login/code/", {"code": codes[0]})
    assert not is_in(third), "so does a recovery code"


def test_without_the_password_there_is_no_code_to_enter(cast: Cast) -> None:
    assert Client().get("/login/code/")["Location"] == "/login/"
    assert Client().post("/login/code/", {"code": "000000"})["Location"] == "/login/"
    for path in ("", "app/", "app/remove/", "codes/", "codes/new/", "codes/download/", "confirm/", "password/"):
        response = Client().get(f"/account/{path}")
        assert (response.status_code, "/login/" in response.get("Location", "")) in ((302, True), (404, False)), path


def test_guessing_codes_is_slowed_down_wherever_it_comes_from(cast: Cast, settings: Settings) -> None:
    secret, _ = set_up(sign_in(cast.alice.email))
    settings.LOGIN_RATE_LIMIT = "4/minute"
    quotas._limiter_of_process.cache_clear()
    for number in range(4):
        client = sign_in(cast.alice.email, Client(REMOTE_ADDR=f"192.0.2.{number}"))
        assert client.post("/login/code/", {"code": "000000"}).status_code == 200
    client = sign_in(cast.alice.email, Client(REMOTE_ADDR="192.0.2.9"))
    response = client.post("/login/code/", {"code": code_of(secret)})
    assert (response.status_code, is_in(client)) == (429, False)
    assert int(response["Retry-After"]) > 0


def test_codes_cannot_be_guessed_for_weeks(cast: Cast, settings: Settings) -> None:
    """A million codes, at so many in a minute."""
    secret, _ = set_up(sign_in(cast.alice.email))  # which takes two of them
    settings.LOGIN_RATE_LIMIT = "1000/minute"
    settings.LOGIN_ADDRESS_RATE_LIMIT = "1000/minute"
    client = sign_in(cast.alice.email)
    answers = {client.post("/login/code/", {"code": "000000"}).status_code for _ in range(28)}
    response = client.post("/login/code/", {"code": code_of(secret)})
    assert (answers, response.status_code, is_in(client)) == ({200}, 429, False)
    assert int(response["Retry-After"]) > 1000


def test_an_app_is_removed_by_whoever_proves_who_they_are(cast: Cast) -> None:
    client = sign_in(cast.alice.email)
    _, codes = set_up(client)
    other = sign_in(cast.alice.email)
    other.post("/login/code/", {"code": codes[0]})
    assert other.post("/account/app/remove/")["Location"].startswith("/account/confirm/")
    assert Authenticator.objects.count() == 2
    done = other.post("/account/confirm/code/?next=/account/app/remove/", {"code": codes[1]})
    assert done["Location"] == "/account/", "what was asked for is done then"
    assert not Authenticator.objects.exists()
    assert is_in(sign_in(cast.alice.email))


def test_a_superuser_helps_whoever_lost_everything(cast: Cast) -> None:
    set_up(sign_in(cast.alice.email))
    path = f"/admin/accounts/user/{cast.alice.pk}/"
    assert signed_in(person(Role.STAFF, cast.acme)).post(f"{path}factors/remove/").status_code == 403
    superuser = signed_in(person(Role.SUPERUSER, cast.acme))
    assert "Remove the second factors" in superuser.get(f"{path}change/").content.decode()
    superuser.post(f"{path}factors/remove/")
    assert "Remove the second factors" not in superuser.get(f"{path}change/").content.decode()
    assert is_in(sign_in(cast.alice.email))
    event = AuditEvent.objects.for_tenant(cast.acme).get(action="login.factor_remove")
    assert (event.actor_kind, event.actor) == ("staff", "superuser@acme.example")


def test_failures_are_in_the_trail_but_do_not_fill_it(cast: Cast) -> None:
    for _ in range(6):
        Client().post("/login/", {"username": cast.alice.email, "password": "wrong"})
    Client().post("/login/", {"username": "nobody@example.com", "password": "wrong"})
    found = AuditEvent.objects.for_tenant(cast.acme).filter(action="login.failed")
    assert [(one.actor_kind, one.target_id, one.after) for one in found] == [
        ("system", str(cast.alice.pk), {"what": "password"})
    ] * 3
    assert not AuditEvent.objects.for_tenant(cast.globex).exists()
    assert not PlatformEvent.objects.exists()
    User.objects.create_user("staff@example.com", PASSWORD, is_staff=True)
    Client().post("/login/", {"username": "staff@example.com", "password": "wrong"})
    assert PlatformEvent.objects.get().action == "login.failed"


def test_the_keys_of_the_installation_can_be_changed(cast: Cast, settings: Settings) -> None:
    _, codes = set_up(sign_in(cast.alice.email))
    newest = f"new:{Fernet.generate_key().decode()}"
    settings.ENCRYPTION_KEYS = [newest, *settings.ENCRYPTION_KEYS]
    call_command("rotate_keys")
    settings.ENCRYPTION_KEYS = [newest]
    client = sign_in(cast.alice.email)
    client.post("/login/code/", {"code": codes[0]})
    assert is_in(client)
