"""Secrets in the admin: written, tried, and never read."""

import io
from collections.abc import Iterator

import pytest
from cryptography.fernet import Fernet
from django.contrib.admin import site
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tenants.models import AuditEvent, Embed, HttpTool, McpServer, ProviderKey
from tenants.models.audit_event import SECRETS
from tenants.panel.base import PanelAdmin
from tenants.permissions import Role
from tests.support.cast import Cast
from tests.support.panel import TOOL, person, signed_in
from tests.support.web import Web

SECRET = "sk-of-acme-0123456789"
KEYS = "/admin/tenants/providerkey/"


@pytest.fixture
def owner(cast: Cast) -> Client:
    return signed_in(cast.alice)


@pytest.fixture
def web() -> Iterator[Web]:
    web = Web()
    yield web
    web.stop()


def test_a_key_is_typed_in_and_never_shown(owner: Client, cast: Cast) -> None:
    owner.post(f"{KEYS}add/", {"provider": "groq", "new_secret": SECRET})
    key = ProviderKey.objects.for_tenant(cast.acme).get()
    assert key.reveal("a test") == SECRET
    for path in (KEYS, f"{KEYS}{key.pk}/change/", f"{KEYS}{key.pk}/delete/"):
        page = owner.get(path).content.decode()
        assert SECRET not in page
        assert key.secret not in page
    assert "…6789" in owner.get(KEYS).content.decode()
    change = f"{KEYS}{key.pk}/change/"
    assert owner.post(change, {"new_secret": "", "base_url": ""}).status_code == 302
    assert ProviderKey.objects.for_tenant(cast.acme).get().reveal("a test") == SECRET
    assert owner.post(change, {"new_secret": f"{SECRET}-new", "base_url": ""}).status_code == 302
    assert ProviderKey.objects.for_tenant(cast.acme).get().reveal("a test") == f"{SECRET}-new"


def test_a_stored_key_is_not_sent_to_another_address(owner: Client, cast: Cast) -> None:
    key = ProviderKey.store(cast.acme.pk, "groq", SECRET)
    response = owner.post(f"{KEYS}{key.pk}/change/", {"new_secret": "", "base_url": "https://evil.example/v1"})
    assert "Type the key in again" in response.content.decode()
    key.refresh_from_db()
    assert key.base_url == ""


@pytest.mark.parametrize(
    ("status", "words"),
    [(200, "accepted the key"), (401, "The model provider refused the request."), (429, "has too much to do")],
)
def test_a_key_can_be_tried(
    owner: Client, cast: Cast, web: Web, settings: Settings, *, status: int, words: str
) -> None:
    settings.OUTBOUND_ALLOWED_HOSTS = [web.host]
    web.page, web.status = {"object": "list", "data": []}, status
    key = ProviderKey.store(cast.acme.pk, "groq", SECRET, f"{web.url}/v1")
    page = owner.post(f"{KEYS}{key.pk}/test/", follow=True).content.decode()
    assert words in page
    (asked,) = web.asked
    assert (asked.path, asked.headers["authorization"]) == ("/v1/models", f"Bearer {SECRET}")
    assert SECRET not in page
    settings.OUTBOUND_ALLOWED_HOSTS = []
    assert "address may not be asked" in owner.post(f"{KEYS}{key.pk}/test/", follow=True).content.decode()
    assert len(web.asked) == 1


def test_a_trial_of_a_key_is_counted_and_written_down(owner: Client, cast: Cast, web: Web, settings: Settings) -> None:
    settings.OUTBOUND_ALLOWED_HOSTS = [web.host]
    web.page = {"object": "list", "data": []}
    key = ProviderKey.store(cast.acme.pk, "groq", SECRET, f"{web.url}/v1")
    pages = [owner.post(f"{KEYS}{key.pk}/test/", follow=True).content.decode() for _ in range(11)]
    assert "accepted the key" in pages[9]
    assert "Too many requests in a short time. Try it again in" in pages[10]
    assert len(web.asked) == 10
    events = AuditEvent.objects.for_tenant(cast.acme).filter(action="providerkey.test", target_id=str(key.pk))
    assert list(events.values_list("actor", "actor_kind").distinct()) == [(cast.alice.email, "member")]
    assert events.count() == 10


def test_a_key_of_somebody_else_cannot_be_tried(owner: Client, cast: Cast, web: Web, settings: Settings) -> None:
    settings.OUTBOUND_ALLOWED_HOSTS = [web.host]
    foreign = ProviderKey.store(cast.globex.pk, "groq", SECRET, f"{web.url}/v1")
    answers = [owner.post(f"{KEYS}{pk}/test/") for pk in (foreign.pk, 987_654_321)]
    assert [one.status_code for one in answers] == [404, 404]
    assert owner.get(f"{KEYS}{foreign.pk}/test/").status_code == 405
    assert signed_in(cast.bob).post(f"{KEYS}{foreign.pk}/test/").status_code == 403
    assert web.asked == []


def test_a_secret_whose_key_is_lost_can_be_typed_in_again(owner: Client, cast: Cast, settings: Settings) -> None:
    """With other keys than before nothing is stored, and whoever runs the platform lets go of what nobody can read."""
    key = ProviderKey.store(cast.acme.pk, "groq", "sk-another-0123456789")
    embed = Embed.objects.create(tenant=cast.acme, name="Shop", assistant=cast.guide)
    settings.ENCRYPTION_KEYS = [f"first:{Fernet.generate_key().decode()}"]
    change = f"{KEYS}{key.pk}/change/", {"new_secret": SECRET, "base_url": ""}
    headers = {**TOOL, "new_headers": f"Authorization: Bearer {SECRET}"}
    signing = {"embed": embed.pk, "key_id": "k", "algorithm": "HS256", "new_secret": SECRET * 3}
    for path, form in (
        change,
        ("/admin/tenants/httptool/add/", headers),
        ("/admin/tenants/embedsigningkey/add/", signing),
    ):
        assert "none can be stored" in owner.post(path, form).content.decode(), path
    assert "not configured to answer" in owner.post(f"{KEYS}{key.pk}/test/", follow=True).content.decode()
    with pytest.raises(CommandError, match="No key of ENCRYPTION_KEYS opens"):
        call_command("rotate_keys")
    with pytest.raises(CommandError, match="are not lost: 0"):
        call_command("rotate_keys", "--forget", str(cast.acme.pk), "0")
    call_command("rotate_keys", "--forget", str(cast.acme.pk), stdout=io.StringIO())
    assert AuditEvent.objects.for_tenant(cast.acme).filter(action="datakey.forget").exists()
    assert owner.post(*change).status_code == 302
    key.refresh_from_db()
    assert key.reveal("a test") == SECRET


def test_headers_are_typed_in_and_never_shown(owner: Client, cast: Cast) -> None:
    path = "/admin/tenants/httptool/"
    owner.post(f"{path}add/", {**TOOL, "new_headers": f"Authorization: Bearer {SECRET}\nX-Shop: 7"})
    tool = HttpTool.objects.for_tenant(cast.acme).get()
    assert tool.open_headers() == {"Authorization": f"Bearer {SECRET}", "X-Shop": "7"}
    assert SECRET not in owner.get(f"{path}{tool.pk}/change/").content.decode()
    moved = {**TOOL, "url_template": "https://evil.example/"}
    assert "type the headers in again" in owner.post(f"{path}{tool.pk}/change/", moved).content.decode()
    owner.post(f"{path}{tool.pk}/change/", {**TOOL, "url_template": "https://x.example/orders"})
    tool.refresh_from_db()
    assert tool.open_headers()["X-Shop"] == "7"
    owner.post(f"{path}{tool.pk}/change/", {**moved, "remove_headers": "on"})
    tool.refresh_from_db()
    assert (tool.url_template, tool.headers) == ("https://evil.example/", "")


@pytest.mark.parametrize("line", ["no colon", "Bad Name: x", "X-Key: ünïcode"])
def test_a_header_that_could_not_be_sent_is_an_error_of_the_form(owner: Client, cast: Cast, line: str) -> None:
    response = owner.post("/admin/tenants/httptool/add/", {**TOOL, "new_headers": line})
    assert response.status_code == 200
    assert not HttpTool.objects.for_tenant(cast.acme).exists()


def test_the_models_own_rules_are_errors_of_the_form(owner: Client, cast: Cast) -> None:
    wrong = {**TOOL, "url_template": "https://x.example/{number}"}
    assert "Describe number too." in owner.post("/admin/tenants/httptool/add/", wrong).content.decode()
    assert owner.post("/admin/tenants/httptool/add/", {**TOOL, "parameters": "[1"}).status_code == 200
    assert not HttpTool.objects.for_tenant(cast.acme).exists()


def test_an_mcp_server_names_its_tools_in_lines(owner: Client, cast: Cast) -> None:
    server = {"name": "shop", "url": "https://mcp.example/", "allowed_tools": "find\n\n  order ", "is_enabled": "on"}
    owner.post("/admin/tenants/mcpserver/add/", server)
    stored = McpServer.objects.for_tenant(cast.acme).get()
    assert stored.allowed_tools == ["find", "order"]
    page = owner.get(f"/admin/tenants/mcpserver/{stored.pk}/change/").content.decode()
    assert "find\norder</textarea>" in page
    many = {**server, "name": "many", "allowed_tools": "x\n" * 201}
    assert "At most 200" in owner.post("/admin/tenants/mcpserver/add/", many).content.decode()


def test_no_address_looks_into_a_secret(owner: Client, cast: Cast) -> None:
    """Rows that come and go with a guess would spell it out."""
    staff = signed_in(person(Role.STAFF, cast.acme))
    assert staff.get("/admin/accounts/user/?is_staff__exact=1").status_code == 200
    pages = [(model, page) for model, page in site._registry.items() if isinstance(page, PanelAdmin)]
    tried = 0
    for model, page in pages:
        for field in model._meta.get_fields():
            if field.name in SECRETS:
                address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
                assert not page.lookup_allowed(f"{field.name}__startswith", "x")
                for client in (staff, owner):
                    assert client.get(f"{address}?{field.name}__startswith=x").status_code in (302, 400, 403)
                tried += 1
    assert tried >= 5


def test_the_history_of_a_row_is_for_those_who_see_the_row(cast: Cast) -> None:
    viewer = signed_in(person(Role.VIEWER, cast.globex))
    for key in (cast.alice.pk, 10**9):
        assert viewer.get(f"/admin/accounts/user/{key}/history/").status_code == 403
