"""The landing page, a tenant's chat page, and the tag that puts a chat into a page."""

import json
import re
from typing import Any

import pytest
from django.template import Context, Template
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries, Settings

from tenants import hosts
from tenants.models import Assistant, Tenant
from tests.support.cast import Cast, assistant_of, gather

pytestmark = pytest.mark.django_db
ACME = "acme.localhost"


@pytest.fixture
def cast() -> Cast:
    hosts.forget()
    return gather()


def config_of(response: Any) -> dict[str, Any]:
    found = re.search(r'<script id="chatkit-config" type="application/json">(.*?)</script>', response.content.decode())
    assert found is not None
    config: dict[str, Any] = json.loads(found[1])
    return config


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_visitor_opens_the_chat_of_a_tenant_that_takes_anybody(cast: Cast, client: Client) -> None:
    response = client.get("/t/acme/")
    assert response.status_code == 200
    assert '<openai-chatkit id="chatkit" class="chatkit"></openai-chatkit>' in response.content.decode()
    config = config_of(response)
    assert config["client"] == "open"
    assert config["session"]["tenant"] == "acme"
    assert config["session"]["assistant"] == "guide"
    two_phase = {"uploadStrategy": {"type": "two_phase"}}
    assert config["options"]["api"] == {"url": "/api/chatkit?tenant=acme", "domainKey": "local", **two_phase}
    assert config["options"]["initialThread"] is None


def test_the_page_says_which_files_are_taken(cast: Cast, client: Client) -> None:
    files = config_of(client.get("/t/acme/"))["options"]["composer"]["attachments"]
    assert (files["enabled"], files["maxCount"], files["maxSize"]) == (True, 10, 20 * 1024 * 1024)
    assert files["accept"]["application/pdf"] == [".pdf"]


def test_a_tenants_own_host_is_its_chat(cast: Cast, client: Client) -> None:
    response = client.get("/", headers={"host": ACME})
    assert config_of(response)["options"]["api"]["url"] == "/api/chatkit"


def test_the_long_address_leads_to_the_short_one_on_the_tenants_own_host(cast: Cast, client: Client) -> None:
    response = client.get("/t/acme/?thread=thr_1", headers={"host": ACME})
    assert (response.status_code, response.headers["Location"]) == (302, "/?thread=thr_1")


@pytest.mark.parametrize(
    ("given", "opened"),
    [
        ("thr_0123abc", "thr_0123abc"),
        ("6f9619ff-8b86-d011-b42d-00c04fc964ff", "6f9619ff-8b86-d011-b42d-00c04fc964ff"),
        ("thr_<script>", None),
        ("thr_" + "a" * 200, None),
        ("", None),
    ],
)
def test_the_address_names_the_thread_to_open(cast: Cast, client: Client, given: str, opened: str | None) -> None:
    response = client.get("/t/acme/", {"thread": given})
    assert config_of(response)["options"]["initialThread"] == opened


@pytest.mark.parametrize("header", [None, "de-CH,de;q=0.9", "tlh", "*", "x" * 9000])
def test_the_chat_speaks_the_visitors_language_where_it_can(cast: Cast, client: Client, header: str | None) -> None:
    response = client.get("/t/acme/", headers={"accept-language": header} if header else {})
    assert config_of(response)["options"].get("locale") == ("de" if header and header.startswith("de") else None)


def test_who_may_not_know_of_a_tenant_gets_the_page_of_an_unknown_one(cast: Cast, client: Client) -> None:
    Tenant.objects.create(slug="closed", name="Closed", status=Tenant.Status.SUSPENDED, access=Tenant.Access.ANONYMOUS)
    # A member who is not signed in must find the login, so that everybody finds it, behind every name.
    for slug in ("globex", "closed", "no-such-tenant"):
        answer = client.get(f"/t/{slug}/?thread=x")
        assert (answer.status_code, answer["Location"]) == (302, f"/login/?next=/t/{slug}/%3Fthread%3Dx")
        shown = client.get(f"/t/{slug}/", follow=True).content.decode()
        assert slug not in re.sub(r'value="/t/[^"]+"|next=[^"]+', "", shown)
    foreign = client.get("/t/globex/", headers={"host": ACME})
    assert foreign.status_code == 404
    assert foreign.content == client.get("/t/no-such-tenant/", headers={"host": ACME}).content

    alice = signed_in(cast.alice)
    unknown = alice.get("/t/no-such-tenant/")
    foreign = alice.get("/t/globex/")
    assert foreign.status_code == 404
    assert without_csrf(foreign) == without_csrf(unknown)


def without_csrf(response: Any) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())


def test_a_members_page_asks_visitors_to_sign_in_and_comes_back(cast: Cast, client: Client) -> None:
    response = client.get("/t/globex/?thread=thr_1")
    assert response.status_code == 302
    assert response.headers["Location"] == "/login/?next=/t/globex/%3Fthread%3Dthr_1"
    assert signed_in(cast.carol).get("/t/globex/").status_code == 200


def test_a_member_of_nothing_active_is_no_member(cast: Cast) -> None:
    client = signed_in(cast.carol)
    cast.carol.is_active = False
    cast.carol.save()
    assert client.get("/t/globex/").status_code == 302


@pytest.mark.parametrize("change", [{"published_version": None}, {"is_enabled": False}, {"is_default": False}])
def test_a_chat_that_cannot_answer_yet_says_so(cast: Cast, client: Client, change: dict[str, Any]) -> None:
    Assistant.objects.for_tenant(cast.acme).filter(pk=cast.guide.pk).update(**change)
    response = client.get("/t/acme/")
    assert response.status_code == 503
    assert "Acme is not answering yet" in response.content.decode()


def test_a_page_costs_few_queries(
    cast: Cast, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get("/t/acme/")
    with django_assert_num_queries(
        4
    ):  # the tenant and its assistant, each after the word whose they are, in one round trip
        client.get("/t/acme/")


def test_a_tenants_words_are_inert(cast: Cast, client: Client) -> None:
    Tenant.objects.filter(slug="acme").update(name="<script>alert(1)</script>")
    options = {"startScreen": {"greeting": "</script><script>alert(1)</script>"}}
    wordy = assistant_of(cast.acme, "wordy", client_options=options)
    Assistant.objects.for_tenant(cast.acme).filter(is_default=True).update(is_default=False)
    Assistant.objects.for_tenant(cast.acme).filter(pk=wordy.pk).update(is_default=True)
    response = client.get("/t/acme/")
    assert b"<script>alert" not in response.content
    assert config_of(response)["options"]["startScreen"] == options["startScreen"]


def test_no_page_is_kept_by_caches(cast: Cast, client: Client) -> None:
    for path in ("/", "/t/acme/", "/login/"):
        assert "no-store" in client.get(path).headers["Cache-Control"]


def test_pages_are_read_only(cast: Cast, client: Client) -> None:
    assert client.post("/").status_code == 405
    assert client.post("/t/acme/").status_code == 405


def test_the_landing_page_lists_a_persons_own_chats(cast: Cast, client: Client) -> None:
    assert "Your chats" not in client.get("/").content.decode()
    page = signed_in(cast.carol).get("/").content.decode()
    assert 'href="/t/globex/"' in page
    assert 'href="/t/acme/"' not in page


def test_the_landing_page_names_demo_tenants_only_in_debug(cast: Cast, client: Client, settings: Settings) -> None:
    assert "demo-password" not in client.get("/").content.decode()
    settings.DEBUG = True
    assert "demo-password" in client.get("/").content.decode()


class TestTag:
    def render(self, markup: str, host: str = "127.0.0.1", **variables: Any) -> str:
        request = RequestFactory().get("/", headers={"host": host})
        return Template("{% load chatkit %}" + markup).render(Context({"request": request, **variables}))

    def test_it_needs_no_argument_on_the_tenants_own_host(self, cast: Cast) -> None:
        assert '"assistant": "guide"' in self.render("{% chatkit %}", ACME)

    def test_it_shows_the_assistant_that_is_named(self, cast: Cast) -> None:
        assert '"assistant": "second"' in self.render("{% chatkit 'second' %}", ACME)
        assert '"assistant": "second"' in self.render("{% chatkit one tenant='acme' %}", one=cast.second)

    def test_it_takes_the_tenant_of_the_page(self, cast: Cast) -> None:
        assert '"tenant": "acme"' in self.render("{% chatkit %}", tenant=cast.acme)
        assert '"tenant": "globex"' in self.render("{% chatkit tenant='globex' %}", tenant=cast.acme)

    @pytest.mark.parametrize(
        ("markup", "host"),
        [
            ("{% chatkit %}", "127.0.0.1"),
            ("{% chatkit 'nobody' %}", ACME),
            ("{% chatkit tenant='nobody' %}", "127.0.0.1"),
            ("{% chatkit foreign %}", ACME),
            ("{% chatkit foreign tenant='globex' %}", ACME),
        ],
    )
    def test_it_shows_a_sentence_where_there_is_no_chat(self, cast: Cast, markup: str, host: str) -> None:
        page = self.render(markup, host, foreign=cast.ledger)
        assert "This chat is not available." in page
        assert "openai-chatkit" not in page

    def test_a_suspended_tenant_has_no_chat(self, cast: Cast) -> None:
        cast.acme.status = Tenant.Status.SUSPENDED
        cast.acme.save()
        assert "openai-chatkit" not in self.render("{% chatkit %}", tenant=cast.acme)


def test_pages_lead_to_the_documentation_where_there_is_one(cast: Cast, settings: Settings) -> None:
    link = '<a href="https://docs.example.com/">Documentation</a>'
    alice = signed_in(cast.alice)
    for address in ("/", "/admin/"):
        settings.DOCS_URL = ""
        assert "Documentation" not in alice.get(address, headers={"host": "localhost"}).content.decode()
        settings.DOCS_URL = "https://docs.example.com/"
        assert link in alice.get(address, headers={"host": "localhost"}).content.decode()
