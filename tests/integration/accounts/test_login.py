"""Signing in and out by the pages."""

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts import identity, sessions
from accounts.cookies import cookie_name
from accounts.models import ChatSession, User
from accounts.views.login import REFUSED
from chatplatform.lib.errors import PlatformError
from tests.support.cast import Cast, gather

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_passwords")]
PASSWORD = "correct horse battery"


@pytest.fixture
def alice() -> User:
    return User.objects.create_user("alice@acme.example", PASSWORD, name="Alice")


def sign_in(client: Client, email: str = "alice@acme.example", password: str = PASSWORD, **fields: str):
    return client.post("/login/", {"username": email, "password": password, **fields})


def test_a_person_signs_in_and_goes_where_they_wanted(alice: User, client: Client) -> None:
    response = sign_in(client, next="/t/acme/?thread=thr_1")
    assert (response.status_code, response.headers["Location"]) == (302, "/t/acme/?thread=thr_1")
    assert client.session["_auth_user_id"] == str(alice.pk)


def test_the_address_counts_in_any_case(alice: User, client: Client) -> None:
    assert sign_in(client, " ALICE@Acme.Example ").status_code == 302


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:///evil.example",
        "\t//evil.example",
    ],
)
def test_nobody_is_sent_to_another_site(alice: User, client: Client, target: str) -> None:
    assert sign_in(client, next=target).headers["Location"] == "/"
    assert client.post("/logout/", {"next": target}).headers["Location"] == "/"


def test_refusals_do_not_tell_accounts_apart(alice: User, client: Client) -> None:
    User.objects.create_user("closed@acme.example", PASSWORD, is_active=False)
    for email, password in [
        ("alice@acme.example", "wrong"),
        ("nobody@acme.example", "wrong"),
        ("closed@acme.example", PASSWORD),
        ("closed@acme.example", "wrong"),
    ]:
        response = sign_in(client, email, password)
        assert response.status_code == 200
        assert REFUSED in response.content.decode()
        assert "_auth_user_id" not in client.session


def test_a_planted_login_session_is_worth_nothing(alice: User, client: Client) -> None:
    planted = client.session
    planted["seed"] = 1
    planted.save()
    client.cookies["sessionid"] = str(planted.session_key)
    sign_in(client)
    assert client.cookies["sessionid"].value != planted.session_key


def test_the_form_needs_its_token(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    response = sign_in(client)
    assert response.status_code == 403
    assert "This form has grown old" in response.content.decode()


def test_guessing_is_slowed_down(alice: User, client: Client, settings: Settings) -> None:
    settings.LOGIN_RATE_LIMIT = "2/minute"
    sign_in(client, password="wrong")
    sign_in(client, " ALICE@acme.example", password="wrong")
    response = sign_in(client)
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0
    assert "Too many" in response.content.decode()
    assert sign_in(client, "bob@acme.example").status_code == 200, "another account is not held up"
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert sign_in(elsewhere).status_code == 302, "nor is this one from elsewhere"


def test_guessing_from_many_addresses_of_one_network_is_slowed_down(alice: User, settings: Settings) -> None:
    settings.LOGIN_RATE_LIMIT = "2/minute"
    for number in range(2):
        sign_in(Client(REMOTE_ADDR=f"2001:db8::{number}"), password="wrong")
    assert sign_in(Client(REMOTE_ADDR="2001:db8::ffff:2")).status_code == 429
    assert sign_in(Client(REMOTE_ADDR="2001:db8:0:1::")).status_code == 302


def test_guessing_over_many_accounts_is_slowed_down(alice: User, client: Client, settings: Settings) -> None:
    settings.LOGIN_ADDRESS_RATE_LIMIT = "2/minute"
    for number in range(2):
        sign_in(client, f"user{number}@acme.example", "wrong")
    assert sign_in(client).status_code == 429


def test_whoever_is_signed_in_is_told_so_and_not_sent_in_a_circle(alice: User, client: Client) -> None:
    client.force_login(alice)
    response = client.get("/login/?next=/t/globex/")
    assert response.status_code == 200
    assert "You are signed in" in response.content.decode()


def test_signing_out_ends_the_login_and_every_chat_session_of_the_browser(client: Client) -> None:
    cast: Cast = gather()
    client.force_login(cast.alice)
    tokens = {}
    for assistant, user in ((cast.guide, cast.alice), (cast.ledger, cast.carol)):
        end_user = identity.end_user_for(tenant=assistant.tenant, user=user, token="")
        token = sessions.issue(end_user=end_user, assistant=assistant, origin="").token
        tokens[assistant.tenant.slug] = token
        client.cookies[cookie_name(assistant.tenant.slug, https=False)] = token
    response = client.post("/logout/", {"next": "/t/acme/"})
    assert (response.status_code, response.headers["Location"]) == (302, "/t/acme/")
    assert "_auth_user_id" not in client.session
    for slug, token in tokens.items():
        with pytest.raises(PlatformError, match="session_invalid"):
            sessions.verify(token)
        assert response.cookies[cookie_name(slug, https=False)]["max-age"] == 0
    assert ChatSession.objects.for_tenant(cast.acme).filter(revoked_at__lte=timezone.now()).count() == 1


def test_signing_out_is_no_link(alice: User, client: Client) -> None:
    client.force_login(alice)
    assert client.get("/logout/").status_code == 405
    assert "_auth_user_id" in client.session


def test_a_forged_sign_out_is_refused(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.post("/logout/").status_code == 403
    assert "_auth_user_id" in client.session


@pytest.mark.parametrize(
    "fields", [{}, {"username": "alice@acme.example"}, {"password": "x"}, {"username": "\0", "password": "\0"}]
)
def test_half_a_form_is_no_fault(alice: User, client: Client, fields: dict[str, str]) -> None:
    assert client.post("/login/", fields).status_code == 200


def test_the_admin_has_no_door_of_its_own(alice: User, client: Client) -> None:
    assert client.get("/admin/", follow=True).redirect_chain[-1] == ("/login/?next=%2Fadmin%2F", 302)
    assert client.post("/admin/login/", {"username": "alice@acme.example", "password": PASSWORD}).status_code == 302
    assert "_auth_user_id" not in client.session
    client.force_login(alice)
    assert client.post("/admin/logout/").headers["Location"] == "/"
    assert "_auth_user_id" not in client.session
