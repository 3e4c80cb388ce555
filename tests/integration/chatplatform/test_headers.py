"""Security headers, error pages and probes."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import AsyncClient, Client
from django.urls import URLResolver, get_resolver
from pytest_django import Settings

from accounts.models import User
from chatplatform.lib import csp
from tenants import hosts
from tests.support.cast import gather


def policy_of(response) -> dict[str, str]:
    text = response.headers["Content-Security-Policy"]
    return dict(directive.split(" ", 1) for directive in text.split("; "))


@pytest.fixture
def chat(db: None) -> None:
    hosts.forget()
    gather()


@pytest.mark.usefixtures("chat")
def test_pages_run_and_load_only_what_is_ours(client: Client) -> None:
    for path in ("/", "/t/acme/", "/login/", "/t/no-such-tenant/", "/no-such-page", "/healthz"):
        policy = policy_of(client.get(path))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == "'self'"
        assert policy["img-src"] == "'self' data: blob:"
        assert policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == "'none'"
        assert policy["form-action"] == "'self'"
        assert policy["require-trusted-types-for"] == "'script'"
        assert policy["trusted-types"] == "lit-html dompurify"
        assert "frame-src" not in policy


@pytest.mark.usefixtures("chat")
@pytest.mark.parametrize("kind", ["auto", "openai"])
def test_openais_origin_is_allowed_only_where_its_client_may_run(client: Client, settings: Settings, kind: str) -> None:
    settings.CHATKIT_CLIENT = kind
    policy = policy_of(client.get("/t/acme/"))
    assert policy["script-src"] == "'self' https://cdn.platform.openai.com"
    assert policy["frame-src"] == "https://cdn.platform.openai.com"
    assert policy["style-src"] == "'self'"
    assert "trusted-types" not in policy
    assert "img-src 'self' data: blob:" in csp.page_policy(settings.CHATKIT_JS_URL)
    assert "openai" not in client.get("/login/").headers["Content-Security-Policy"]
    settings.CHATKIT_JS_URL = ""
    assert "openai" not in client.get("/t/acme/").headers["Content-Security-Policy"]


@pytest.mark.django_db
def test_the_admin_has_a_policy_of_its_own(client: Client) -> None:
    client.force_login(User.objects.create_superuser("staff@example.com", "x"))
    policy = policy_of(client.get("/admin/"))
    assert policy["script-src"] == "'self' 'unsafe-eval'"
    assert policy["frame-ancestors"] == "'none'"


@pytest.mark.django_db
def test_an_unknown_page_says_so(client: Client) -> None:
    response = client.get("/no-such-page")
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


def test_health_asks_nothing_of_the_database(client: Client) -> None:
    assert client.get("/healthz").content == b"ok"
    assert client.post("/healthz").status_code == 405


@pytest.mark.usefixtures("chat")
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_an_address_that_the_api_does_not_have_gets_the_envelope(method: str) -> None:
    client = AsyncClient(enforce_csrf_checks=True)
    response = await client.generic(method, "/api/chatkit/nothing", "{}", "application/json")
    assert (response.status_code, response.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.usefixtures("chat")
def test_an_error_page_stays_itself_where_nobody_collected_static_files(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "chatplatform.lib.static_files.StaticFiles"}}
    response = client.get("/no-such-page")
    assert response.status_code == 404
    assert b'href="/static/chatplatform/page.css"' in response.content


#: Addresses whose answers are the same for everybody, and may be kept.
KEPT = {"/embed.js", "/embed/<str:public_id>/config", "/admin/jsi18n/"}


def addresses(resolver: URLResolver, prefix: str = "/") -> Iterator[str]:
    """Every address that Django serves, with its parameters."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from addresses(entry, prefix + str(entry.pattern))
        elif "^" not in str(entry.pattern):
            yield prefix + str(entry.pattern)


def test_nothing_that_is_for_one_login_is_kept_by_a_browser_or_a_proxy(db: None) -> None:
    """All pages, known and to come, with a login and without one: keys and codes of a second factor stand on some."""
    cast = gather()
    owner, staff = Client(), Client()
    owner.force_login(cast.alice)
    staff.force_login(User.objects.create_superuser("staff@example.com", "x"))
    found = sorted(set(addresses(get_resolver())))
    assert len(found) > 100
    assert {"/account/app/", "/account/codes/", "/admin/tenants/signin/add/"} <= set(found)
    for pattern in found:
        path = re.sub(r"<(\w+:)?\w+>", lambda match: "acme" if match[1] == "slug:" else "1", pattern)
        for client in (Client(), owner, staff):
            response = client.get(path)
            if pattern not in KEPT and response.status_code != 400:
                assert "no-store" in response.headers["Cache-Control"], (path, response.status_code)
