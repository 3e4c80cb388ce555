"""Sources that are read again: websites, sitemaps, records, texts; and another model for vectors."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from chat.knowledge import documents, ingestion
from chat.knowledge.documents import Loaded
from chat.knowledge.lanes import LEASE
from chat.knowledge.loaders.records import Record, register_records
from chat.knowledge.sync import request_sync, synchronise
from chat.models import Document, Embedding, EmbeddingIndex, KnowledgeBase, KnowledgeSource
from tenants.models import HttpTool, Quota, Usage
from tests.support.cast import Cast
from tests.support.knowledge import MARKDOWN, find, read_all, source_of, teach
from tests.support.loopback import Handler, LoopbackServer
from tests.support.provider import Provider
from tests.support.vectors import LENGTH
from tests.support.workers import work

pytestmark = pytest.mark.usefixtures("committed_database")

Kind = KnowledgeSource.Kind


class Site(LoopbackServer):
    """A website whose pages a test sets: path -> HTML or text."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.asked: list[str] = []
        self.listen(_Page)

    def url(self, path: str = "/") -> str:
        return f"{self.origin}{path}"


class _Page(Handler):
    owner: Site

    def do_GET(self) -> None:
        self.owner.asked.append(self.path)
        page = self.owner.pages.get(self.path)
        kind = "text/html" if page and "<html" in page else "text/plain"
        self.answer(404 if page is None else 200, (page or "").encode(), kind)


@pytest.fixture
def site(settings) -> Iterator[Site]:
    made = Site()
    settings.OUTBOUND_ALLOWED_HOSTS = [made.host]
    yield made
    made.stop()


def page(title: str, text: str, *links: str) -> str:
    anchors = "".join(f'<a href="{link}">more</a>' for link in links)
    return f"<html><head><title>{title}</title></head><body><main><h1>{title}</h1><p>{text}</p>{anchors}</main></body></html>"


def sync(source: KnowledgeSource) -> KnowledgeSource:
    request_sync(source)
    asyncio.run(synchronise(source.tenant_id, source.pk))
    read_all(source.tenant)
    source.refresh_from_db()
    return source


def keys_of(source: KnowledgeSource) -> list[str]:
    return sorted(Document.objects.for_tenant(source.tenant_id).filter(source=source).values_list("key", flat=True))


def test_a_website_is_followed_as_far_as_it_may_be_and_what_is_gone_goes(cast: Cast, site: Site) -> None:
    site.pages = {
        "/robots.txt": "User-agent: *\nDisallow: /private",
        "/": page(
            "Home", "Tents are sold here.", "/boots", "/private", "https://elsewhere.example/", "mailto:x@y.example"
        ),
        "/boots": page("Boots", "Boots are blue.", "/deep"),
        "/deep": page("Deep", "Deep things.", "/deeper"),
        "/private": page("Private", "SECRET"),
    }
    source = sync(source_of(cast.acme, "Site", kind=Kind.WEBSITE, url=site.url(), max_depth=1))
    assert source.state == "idle"
    assert keys_of(source) == [site.url("/"), site.url("/boots")]
    assert "/private" not in site.asked
    assert "blue" in find("What colour are boots?", source)[0]
    del site.pages["/boots"]
    sync(source)
    assert keys_of(source) == [site.url("/")]
    assert not any("blue" in text for text in find("What colour are boots?", source))


def test_a_sitemap_lists_its_pages_and_a_source_has_a_most(cast: Cast, site: Site) -> None:
    listed = [site.url(path) for path in ("/a", "/b", "/c")]
    site.pages = {path: page(path, "Words.") for path in ("/a", "/b", "/c")}
    site.pages["/index.xml"] = f"<sitemapindex><sitemap><loc>{site.url('/map.xml')}</loc></sitemap></sitemapindex>"
    site.pages["/map.xml"] = "<urlset>" + "".join(
        f"<url><loc>{url}</loc></url>" for url in [*listed, "https://x.example/"]
    )
    source = sync(source_of(cast.acme, "Map", kind=Kind.SITEMAP, url=site.url("/index.xml"), max_pages=2))
    assert keys_of(source) == listed[:2]


def test_a_reading_takes_turns_and_goes_on_where_it_was(
    cast: Cast, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.knowledge.sync.TURN", 0.0)
    paths = ["/a", "/b", "/c"]
    site.pages = {path: page(path, f"Words of {path}.", "/gone") for path in paths}
    site.pages["/"] = page("Home", "Tents.", *paths)
    site.pages["/map.xml"] = "<urlset>" + "".join(f"<url><loc>{site.url(path)}</loc></url>" for path in paths)
    website = source_of(cast.acme, "Site", kind=Kind.WEBSITE, url=site.url(), max_depth=1)
    assert turns(website) == 5  # a page in each, and one that sees that it was the last
    assert keys_of(website) == [site.url(path) for path in ("/", *paths)]
    assert site.asked == ["/robots.txt", "/", *paths]
    sitemap = source_of(cast.acme, "Map", kind=Kind.SITEMAP, url=site.url("/map.xml"))
    assert (turns(sitemap), keys_of(sitemap)) == (5, [site.url(path) for path in paths])
    content = "## May I bring my dog?\n\nYes.\n\n## When do you open?\n\nAt nine."
    answers = source_of(cast.acme, "Answers", kind=Kind.ANSWERS, content=content)
    assert (turns(answers), len(keys_of(answers))) == (3, 2)
    # A source that says something else meanwhile is read from the beginning.
    begin(answers)
    KnowledgeSource.objects.for_tenant(cast.acme).filter(pk=answers.pk).update(content="## May I?\n\nYes.")
    assert (turns(answers), len(keys_of(answers))) == (2, 1)


def begin(source: KnowledgeSource) -> None:
    """One turn."""
    request_sync(source)
    asyncio.run(synchronise(source.tenant_id, source.pk))


def turns(source: KnowledgeSource) -> int:
    """Read a source to the end; in how many turns, each of which has seen to the next."""
    begin(source)
    for count in range(1, 100):
        source.refresh_from_db()
        if source.state != "reading":
            assert source.state == "idle"
            return count
        assert DBTaskResult.objects.ready().filter(task_path="chat.knowledge.tasks.sync_source").exists()
        asyncio.run(synchronise(source.tenant_id, source.pk))
    raise AssertionError("The source is never done.")


def test_neither_a_broken_sitemap_nor_a_broken_link_holds_anybody_up(cast: Cast, site: Site) -> None:
    url, long = site.url("/a"), site.url("/" + "x" * 2_000)
    broken = "<loc>http://[</loc>" + f"<loc>{long}</loc>" + "<loc>" * 300_000
    site.pages = {
        "/a": page("A", "Words.", "http://[", "/b"),
        "/b": page("B", "Words."),
        "/robots.txt": "User-agent: *\n" + "Disallow: /other\n" * 998 + "Disallow: /late\nDisallow: /a\n",
        "/map.xml": f"<urlset><loc> <![CDATA[ {url} ]]> </loc>{broken}<loc>{site.url('/b')}</loc></urlset>",
    }
    source = sync(source_of(cast.acme, "Map", kind=Kind.SITEMAP, url=site.url("/map.xml")))
    assert (source.state, keys_of(source)) == ("idle", [url])
    assert long.removeprefix(site.url("")) not in site.asked
    website = sync(source_of(cast.acme, "Site", kind=Kind.WEBSITE, url=url, max_depth=1))
    assert (website.state, keys_of(website)) == ("idle", [url, site.url("/b")])


def test_a_source_with_a_schedule_is_read_again_when_it_is_time_and_not_before(cast: Cast, site: Site) -> None:
    site.pages = {"/": page("Home", "Tents are green.")}
    source = sync(source_of(cast.acme, "Site", kind=Kind.WEBSITE, url=site.url(), sync_hours=24))
    site.pages["/"] = page("Home", "Tents are blue.")
    for hours, is_time in ((2, False), (21, False), (2, True), (2, False), (23, True)):
        site.asked.clear()
        let_pass(timedelta(hours=hours))
        work({"OUTBOUND_ALLOWED_HOSTS": site.host})
        assert ("/" in site.asked) is is_time, hours
    assert "blue" in find("Which colour have tents?", source)[0]


def let_pass(time: timedelta) -> None:
    """As if so much time went by: what was done is longer ago, and what waits for its time comes nearer."""
    KnowledgeSource._base_manager.update(synced_at=F("synced_at") - time)
    soon = DBTaskResult.objects.filter(status="READY", run_after__lt=timezone.now() + timedelta(days=365))
    soon.update(run_after=F("run_after") - time)


@pytest.mark.parametrize(
    ("robots", "url", "code"),
    [("User-agent: *\nDisallow: /", None, "page_refused"), ("", "http://10.0.0.1/", "page_unreachable")],
)
def test_what_may_not_be_read_says_so(cast: Cast, site: Site, robots: str, url: str | None, code: str) -> None:
    site.pages = {"/robots.txt": robots, "/": page("Home", "Tents.")}
    source = sync(source_of(cast.acme, "Site", kind=Kind.WEBSITE, url=url or site.url()))
    assert (source.state, source.error_code) == ("failed", code)


def test_answers_are_documents_each(cast: Cast) -> None:
    content = "## May I bring my dog?\n\nYes.\n\n## When do you open?\n\nAt nine."
    source = sync(source_of(cast.acme, "Answers", kind=Kind.ANSWERS, content=content))
    titles = Document.objects.for_tenant(cast.acme).order_by("pk").values_list("title", flat=True)
    assert list(titles) == ["May I bring my dog?", "When do you open?"]
    KnowledgeSource.objects.for_tenant(cast.acme).update(content="## When do you open?\n\nAt ten.")
    sync(source)
    assert find("When do you open?", source) == ["At ten."]


def test_records_are_kept_in_step_as_they_change(cast: Cast) -> None:
    register_records("tools", model=HttpTool, document=lambda tool: Record(tool.name, tool.description))
    values: dict[str, Any] = {"tenant": cast.acme, "url_template": "https://x.example/"}
    HttpTool.objects.create(name="tents", description="Tents are green.", **values)  # type: ignore[misc]
    source = sync(source_of(cast.acme, "Records", kind=Kind.RECORDS, records="tools"))
    assert find("Which colour have tents?", source) == ["Tents are green."]
    boots = HttpTool.objects.create(name="boots", description="Boots are blue.", **values)  # type: ignore[misc]
    read_all(cast.acme)
    assert "Boots are blue." in find("Which colour have boots?", source)
    boots.delete()
    assert "Boots are blue." not in find("Which colour have boots?", source)


def test_another_model_takes_over_once_its_vectors_are_complete(cast: Cast, provider: Provider, settings) -> None:
    settings.PROVIDER_BASE_URL, settings.PROVIDER_API_KEY = provider.url, "sk-x"
    settings.PROVIDER_EMBEDDING_MODEL = "vectors-of-tests"
    handbook = source_of(cast.acme)
    teach(handbook, tents="Tents are green.", boots="Boots are blue.")
    (old,) = EmbeddingIndex.objects.for_tenant(cast.acme)
    KnowledgeBase.objects.for_tenant(cast.acme).update(embedding_provider="openai_compatible")
    provider.embeddings_status = 503
    asyncio.run(ingestion.take_turn(cast.acme.pk))
    assert KnowledgeBase.objects.for_tenant(cast.acme).get().index_id == old.pk
    assert find("Which colour have tents?", handbook)[0] == "Tents are green."
    provider.embeddings_status = 200
    quota = Quota.objects.create(tenant=cast.acme, tokens_per_month=0)
    asked = len(provider.embedded)
    asyncio.run(ingestion.take_turn(cast.acme.pk))
    assert len(provider.embedded) == asked  # the plan is used up
    quota.delete()
    asyncio.run(ingestion.take_turn(cast.acme.pk))
    (new,) = EmbeddingIndex.objects.for_tenant(cast.acme)
    assert (new.provider, new.dimensions) == ("openai_compatible", LENGTH)
    assert Embedding.objects.for_tenant(cast.acme).count() == 2
    assert find("Which colour have tents?", handbook)[0] == "Tents are green."
    assert "Which colour have tents?" in provider.embedded
    used = Usage.objects.for_tenant(cast.acme).filter(purpose="vectors")
    # The provider tells one token for each call: those that it refused are none, two documents one, and the question another.
    assert [(row.provider, row.model, row.requests, row.input_tokens) for row in used] == [
        ("openai_compatible", "vectors-of-tests", 1, 1)
    ] * 2


def test_a_document_waits_for_the_plan_and_is_read_when_it_allows_that_again(cast: Cast, provider: Provider) -> None:
    variables = {"PROVIDER_BASE_URL": provider.url, "PROVIDER_API_KEY": "sk-x", "PROVIDER_EMBEDDING_MODEL": "of-tests"}
    handbook = source_of(cast.acme)
    KnowledgeBase.objects.create(tenant=cast.acme, embedding_provider="openai_compatible")
    quota = Quota.objects.create(tenant=cast.acme, answers_per_month=0)
    documents.put(handbook, Loaded("tents", "tents", MARKDOWN, b"Tents are green."))
    document = Document.objects.for_tenant(cast.acme).get()
    for _ in range(6):  # more often than a failure may pass
        work(variables)
        document.refresh_from_db()
        assert (document.state, document.error_code, document.attempts) == ("queued", "quota_of_month", 0)
        (again,) = DBTaskResult.objects.filter(status="READY")  # one, and not at once
        assert timedelta(minutes=4) < again.run_after - timezone.now() <= LEASE
        let_pass(LEASE)
    assert provider.embedded == []
    with pytest.raises(CommandError, match="plan is used up"):
        call_command("ingest", "acme")
    quota.delete()
    work(variables)
    document.refresh_from_db()
    assert (document.state, document.error_code) == ("ready", "")
    assert "Tents are green." in str(provider.embedded)
