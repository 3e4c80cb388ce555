"""Sign in by a tenant's own provider: an honest one lets its people in, one that lies gets nowhere, no login leaves its tenant."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts import sessions
from accounts.models import EndUser, User
from chatplatform.lib.errors import PlatformError
from tenants.confinement import LONGEST
from tenants.models import AuditEvent, Invitation, Membership, SignIn
from tests.support.cast import Cast, member_of
from tests.support.company import CALLBACK, START, is_in, mint, refusal, sign_in, way_back, way_there
from tests.support.identity_provider import CLIENT, SECRET, IdentityProvider
from tests.support.panel import choose

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_passwords")]


@pytest.fixture
def cast(trusting: Cast) -> Cast:
    return trusting


def test_a_member_comes_in_and_goes_where_they_wanted(cast: Cast, company: IdentityProvider) -> None:
    client = Client()
    assert client.get(START, {"next": "/t/acme/?thread=x"})["Location"] == "/login/?next=%2Ft%2Facme%2F%3Fthread%3Dx"
    assert "Sign in with Company" in client.get("/login/?next=/t/acme/").content.decode()
    assert "Sign in with" not in client.get("/login/?next=/t/globex/").content.decode()
    assert "Sign in with" not in client.get("/login/").content.decode()
    before = client.session.session_key
    response = client.get(way_back(way_there(client, next="/t/acme/?thread=x"), company))
    assert response["Location"] == "/t/acme/?thread=x"
    assert client.session.session_key != before
    assert client.get("/admin/").status_code == 200
    assert AuditEvent.objects.for_tenant(cast.acme).filter(action="login.company", actor=cast.bob.email).exists()
    stored = str(list(SignIn.objects.for_tenant(cast.acme).values()))
    assert SECRET not in stored
    assert SECRET[-4:] in stored
    for away in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        evil = Client()
        assert evil.get(way_back(way_there(evil, next=away), company))["Location"] == "/t/acme/"


def test_an_answer_counts_once_in_the_browser_that_asked_and_on_its_host(cast: Cast, company: IdentityProvider) -> None:
    client = Client()
    back = way_back(way_there(client), company)
    assert Client().get(back).status_code == 400, "another browser"
    copied = Client(headers={"host": "acme.localhost"})
    copied.cookies = client.cookies
    assert copied.get(back).status_code == 400, "the same cookie on another host"
    client = Client()
    back = way_back(way_there(client), company)
    assert client.get(re.sub(r"state=[^&]+", "state=x", back)).status_code == 400
    assert client.get(back).status_code == 400, "the attempt is over"
    client = Client()
    back = way_back(way_there(client), company)
    assert client.get(re.sub("iss=[^&]+", "iss=https%3A%2F%2Flogin.example", back)).status_code == 403
    client = Client()
    back = way_back(way_there(client), company)
    assert client.get(back).status_code == 302
    assert client.get(back).status_code == 400, "replayed"
    client = Client()
    way_there(client)
    assert (
        client.get(f"{CALLBACK}?error=access_denied&state={client.session['sign_in_attempt']['state']}").status_code
        == 403
    )
    assert client.get("/t/globex/sign-in/callback/").status_code == 404, "it has none"
    assert Client(headers={"host": "globex.localhost"}).post(START).status_code == 404, "nor has another's host"
    assert Client(enforce_csrf_checks=True).post(START).status_code == 403, "no other site begins it"


def test_nobody_comes_in_by_an_address_that_is_no_members(cast: Cast, company: IdentityProvider) -> None:
    SignIn.objects.for_tenant(cast.acme).update(
        creates_members=True, allowed_domains=["acme.example", "globex.example"]
    )
    staff = User.objects.create_user("root@acme.example", is_staff=True)
    Membership.objects.create(tenant=cast.acme, user=staff, role="owner")
    elsewhere = User.objects.create_user("somebody@acme.example")
    gone = member_of(cast.acme, "gone", "viewer")
    Membership.objects.for_tenant(cast.acme).filter(user=gone).update(suspended_at=cast.acme.created_at)
    closed = member_of(cast.acme, "closed", "viewer")
    User.objects.filter(pk=closed.pk).update(is_active=False)
    for user in (staff, cast.carol, elsewhere, gone, closed):
        company.who["email"] = user.email
        assert refusal(company)[0] == "sign_in_stranger", user.email
    Invitation.objects.create(
        tenant=cast.acme,
        email=elsewhere.email,
        role="admin",
        token_hash=b"x",
        expires_at=cast.acme.created_at.replace(year=2999),
    )
    company.who["email"] = elsewhere.email
    assert refusal(company)[0] == "sign_in_stranger", "only its person joins an account to a tenant"
    company.who["email"] = "new@other.example"
    assert refusal(company)[0] == "sign_in_stranger"


def test_new_people_come_as_invited_or_as_viewers(cast: Cast, company: IdentityProvider) -> None:
    company.who["email"] = "New@acme.example"
    assert refusal(company)[0] == "sign_in_stranger"
    Invitation.objects.create(
        tenant=cast.acme,
        email="new@acme.example",
        role="operator",
        token_hash=b"x",
        expires_at=cast.acme.created_at.replace(year=2999),
    )
    assert is_in(sign_in(company))
    assert Membership.objects.for_tenant(cast.acme).get(user__email="new@acme.example").role == "operator"
    SignIn.objects.for_tenant(cast.acme).update(creates_members=True, allowed_domains=["acme.example"])
    company.who["email"] = "newer@acme.example"
    assert is_in(sign_in(company))
    assert is_in(sign_in(company)), "again"
    newer = Membership.objects.for_tenant(cast.acme).select_related("user").get(user__email="newer@acme.example")
    assert (newer.role, newer.user.has_usable_password()) == ("viewer", False)


def test_a_confined_login_is_nobody_elsewhere(cast: Cast, company: IdentityProvider) -> None:
    """Bob owns globex, too: what acme's provider says of him must not open it, nor what is his own."""
    Membership.objects.create(tenant=cast.globex, user=cast.bob, role="owner")
    client = sign_in(company)
    assert client.get("/t/acme/").status_code == 200
    assert client.get("/admin/tenant/").status_code == 404, "there is nothing to choose"
    choose(client, cast.globex)
    assert "Globex" not in client.get("/admin/").content.decode()
    assert client.get(f"/admin/tenants/tenant/{cast.globex.pk}/change/").status_code in (403, 404)
    assert client.get("/t/globex/").status_code == 404
    assert mint(client, "globex").status_code == 401
    assert "Globex" not in client.get("/").content.decode()
    own = (
        "",
        "password/",
        "app/",
        "app/remove/",
        "codes/",
        "codes/new/",
        "codes/download/",
        "confirm/",
        "confirm/code/",
    )
    for path in own:
        response = client.get(f"/account/{path}")
        assert response.status_code in (302, 404), path
        assert response.status_code == 404 or "/login/" in response["Location"], path
    assert (
        "Password and sign-in" not in client.get("/t/acme/").content.decode() + client.get("/admin/").content.decode()
    )
    for host in ("acme.localhost", "globex.localhost"):
        assert "/login/" in client.get("/admin/", headers={"host": host})["Location"], host
    User.objects.filter(pk=cast.bob.pk).update(is_staff=True)
    assert "/login/" in client.get("/admin/")["Location"], "whoever became staff later is nobody"


def test_a_password_makes_one_free_again(cast: Cast, company: IdentityProvider) -> None:
    cast.bob.set_password("correct horse battery")
    cast.bob.save()
    client = sign_in(company)
    client.post("/login/", {"username": cast.bob.email, "password": "correct horse battery"})
    assert client.get("/account/").status_code == 200
    sign_in(company, client)
    assert "/login/" in client.get("/account/")["Location"], "and the other way round"


def chat_token(client: Client) -> str:
    response = mint(client, "acme")
    assert response.status_code == 201
    token: str = response.json()["client_secret"]
    return token


@pytest.mark.parametrize("end", ["off", "client", "suspended", "removed", "tenant"])
def test_what_it_opened_ends_with_it(cast: Cast, company: IdentityProvider, end: str) -> None:
    client, owner = sign_in(company), Client()
    owner.force_login(cast.alice)
    token = chat_token(client)
    assert sessions.verify(token).end_user.kind == EndUser.Kind.MEMBER
    found = SignIn.objects.for_tenant(cast.acme).get()
    bob = Membership.objects.for_tenant(cast.acme).get(user=cast.bob)
    form = {"name": "Company", "is_enabled": "on", "issuer": found.issuer, "client_id": CLIENT}
    if end in ("off", "client"):
        form |= {"client_id": "another"} if end == "client" else {}
        form = {name: value for name, value in form.items() if end != "off" or name != "is_enabled"}
        assert owner.post(f"/admin/tenants/signin/{found.pk}/change/", form).status_code == 302
    elif end == "tenant":
        cast.acme.status = "suspended"
        cast.acme.save()
    else:
        verb = "suspend" if end == "suspended" else "remove"
        owner.post(f"/admin/tenants/membership/{bob.pk}/{verb}/", {"reason": "A test"})
    with pytest.raises(PlatformError):
        sessions.verify(token)
    assert "/login/" in client.get("/admin/")["Location"]


def test_it_ends_after_twelve_hours_whatever_one_does_meanwhile(cast: Cast, company: IdentityProvider) -> None:
    """Who has left the organisation must not stay by beginning to sign in once more, and again, which the session keeps."""
    client = sign_in(company)
    session = client.session
    *bound, vouched = session["sign_in"]
    session["sign_in"] = [*bound, vouched - LONGEST]
    session.save()
    way_there(client)
    assert client.session.get_expiry_age() > LONGEST - 60
    assert "/login/" in client.get("/admin/")["Location"]
    assert sessions.verify(chat_token(client)).end_user.kind == EndUser.Kind.ANONYMOUS


def test_a_tenant_may_ask_it_of_everybody_but_its_owners(cast: Cast, company: IdentityProvider) -> None:
    by_password = {}
    for user in (cast.alice, cast.bob):
        by_password[user] = Client()
        by_password[user].force_login(user)
    token = chat_token(by_password[cast.bob])
    SignIn.objects.for_tenant(cast.acme).update(is_required=True)
    with pytest.raises(PlatformError):
        sessions.verify(token)
    assert by_password[cast.alice].get("/admin/").status_code == 200
    assert by_password[cast.bob].get("/admin/").status_code == 302
    cast.acme.access = "members"
    cast.acme.save()
    assert by_password[cast.bob].get("/t/acme/").status_code == 404
    assert sign_in(company).get("/admin/").status_code == 200
    chat_token(sign_in(company))


def test_the_panel_stores_tests_and_never_shows_the_secret(cast: Cast, company: IdentityProvider) -> None:
    owner = Client()
    owner.force_login(cast.alice)
    found = SignIn.objects.for_tenant(cast.acme).get()
    page = f"/admin/tenants/signin/{found.pk}/change/"
    shown = owner.get(page).content.decode()
    assert SECRET not in shown
    assert f"…{SECRET[-4:]}" in shown
    assert f"http://testserver{CALLBACK}" in shown
    assert f"http://acme.localhost{CALLBACK}" in shown
    assert "knows this client" in owner.post(f"/admin/tenants/signin/{found.pk}/test/", follow=True).content.decode()
    form = {"name": "Company", "is_enabled": "on", "issuer": "https://login.example", "client_id": CLIENT}
    assert "Type the secret in again" in owner.post(page, form).content.decode()
    owner.post(page, {**form, "issuer": found.issuer, "new_secret": "a-wrong-secret-0123"})
    assert (
        "does not know this client"
        in owner.post(f"/admin/tenants/signin/{found.pk}/test/", follow=True).content.decode()
    )
    company.is_down = True
    assert (
        "discovery: status 503" in owner.post(f"/admin/tenants/signin/{found.pk}/test/", follow=True).content.decode()
    )
    assert Client().post(START).status_code == 502
    for bad in (
        "http://login.example",
        "https://",
        "login.example",
        "https://u:p@login.example",
        "https://login.example/?x",
    ):
        answer = owner.post(page, {**form, "issuer": bad, "new_secret": SECRET})
        assert "https address" in answer.content.decode(), bad
    trail = str(list(AuditEvent.objects.for_tenant(cast.acme).values("before", "after")))
    assert SECRET not in trail
    assert "a-wrong-secret-0123" not in trail
