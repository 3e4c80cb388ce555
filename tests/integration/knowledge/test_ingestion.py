"""Documents become answers: in steps that survive, once each, and gone at once when they are deleted."""

import asyncio
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from chat.knowledge import documents, ingestion, lanes
from chat.knowledge import ingestion_queries as queries
from chat.knowledge.documents import Loaded
from chat.models import Chunk, Document, Embedding, KnowledgeBase
from chat.stores import files
from chatplatform.lib.errors import PlatformError
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.support import workers
from tests.support.cast import Cast
from tests.support.documents import DOCX, docx, docx_bomb, pdf
from tests.support.knowledge import MARKDOWN, find, read_all, source_of, teach

pytestmark = pytest.mark.usefixtures("committed_database")

#: More chunks than a batch of vectors.
LONG = "\n\n".join(f"## Part {number}\n\nTent number {number} is green." for number in range(150))


def test_a_worker_reads_what_waits(cast: Cast) -> None:
    handbook = source_of(cast.acme)
    documents.put(
        handbook, Loaded("care.pdf", "care.pdf", "application/pdf", pdf("Wash tents cold", "Dry them slowly"))
    )
    documents.put(handbook, Loaded("shop.docx", "shop.docx", DOCX, docx("We open at nine.")))
    workers.work({})
    paper, word = Document.objects.for_tenant(cast.acme).order_by("pk")
    assert (paper.state, paper.version, paper.chunks_done, paper.chunks_total) == ("ready", 1, 2, 2)
    assert [chunk.page for chunk in Chunk.objects.for_tenant(cast.acme).filter(document=paper)] == [1, 2]
    assert word.state == "ready"
    assert "nine" in find("When do we open?", handbook)[0]


def test_two_tenants_take_turns(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one with one document does not wait for the one with many."""
    monkeypatch.setattr(ingestion, "TURN", 0.0001)
    ours, theirs = source_of(cast.acme), source_of(cast.globex)
    for number in range(20):
        documents.put(ours, Loaded(str(number), str(number), MARKDOWN, b"Tents."))
    documents.put(theirs, Loaded("one", "one", MARKDOWN, b"Money."))
    # However many documents wait, a tenant has one place in the queue, and goes to its end after each turn.
    assert [row.args_kwargs["args"] for row in DBTaskResult.objects.ready()] == [[cast.acme.pk], [cast.globex.pk]]
    first = DBTaskResult.objects.ready()[0]
    DBTaskResult.objects.filter(pk=first.pk).update(status="RUNNING")
    asyncio.run(ingestion.take_turn(cast.acme.pk))
    assert [row.args_kwargs["args"] for row in DBTaskResult.objects.ready()] == [[cast.globex.pk], [cast.acme.pk]]
    assert all(row.priority < 0 for row in DBTaskResult.objects.ready())


def test_what_a_killed_worker_left_is_completed_and_nothing_is_made_twice(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    handbook = source_of(cast.acme)
    documents.put(handbook, Loaded("long", "long", MARKDOWN, LONG.encode()))
    job = queries.claim(cast.acme.pk)
    assert job is not None
    embedded: list[int] = []

    class Killed(BaseException):
        pass

    class Embedder(ingestion_embedder()):  # type: ignore[misc]
        async def embed(self, texts: list[str]) -> object:
            if embedded:
                raise Killed
            embedded.append(len(texts))
            return await super().embed(texts)

    async def dying(*args: object) -> Embedder:
        return Embedder()

    with monkeypatch.context() as patch:
        patch.setattr(ingestion, "embedder_for", dying)
        with pytest.raises(Killed), tenant_scope(cast.acme):
            asyncio.run(ingestion._ingest(job, float("inf")))
    assert Document.objects.for_tenant(cast.acme).get().chunks_done == embedded[0] < 150
    # Nobody takes it while the lease lasts; somebody does afterwards.
    assert queries.claim(cast.acme.pk) is None
    Document.objects.for_tenant(cast.acme).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    read_all(cast.acme)
    document = Document.objects.for_tenant(cast.acme).get()
    assert (document.state, document.chunks_done) == ("ready", 150)
    assert Chunk.objects.for_tenant(cast.acme).count() == Embedding.objects.for_tenant(cast.acme).count() == 150


def ingestion_embedder() -> type:
    from chat.knowledge.embedding import OfflineEmbedder

    return OfflineEmbedder


def test_somebody_goes_on_when_a_worker_is_killed(cast: Cast) -> None:
    handbook = source_of(cast.acme)
    documents.put(handbook, Loaded("one", "one", MARKDOWN, b"Tents."))
    workers.work({})
    left = DBTaskResult.objects.get(status="READY")
    assert left.args_kwargs["args"] == [cast.acme.pk]
    assert timedelta() < left.run_after - timezone.now() <= lanes.LEASE


def test_unchanged_content_is_not_read_again_and_changed_content_only_where_it_changed(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    handbook = source_of(cast.acme)
    teach(handbook, long=LONG)
    assert not documents.put(handbook, Loaded("long", "long", MARKDOWN, LONG.encode()))
    counted: list[str] = []

    class Counting(ingestion_embedder()):  # type: ignore[misc]
        async def embed(self, texts: list[str]) -> object:
            counted.extend(texts)
            return await super().embed(texts)

    async def counting(*args: object) -> Counting:
        return Counting()

    monkeypatch.setattr(ingestion, "embedder_for", counting)
    (document,) = teach(handbook, long=LONG.replace("Tent number 7 is green", "Tent number 7 is RED"))
    assert [text for text in counted if "RED" in text] == counted
    assert len(counted) == 1
    assert (document.version, document.state) == (2, "ready")
    assert Chunk.objects.for_tenant(cast.acme).count() == 150
    assert "RED" in find("What colour is tent number 7?", handbook)[0]


def test_the_old_version_answers_until_the_new_one_is_ready(cast: Cast) -> None:
    handbook = source_of(cast.acme)
    teach(handbook, one="Tents are green.")
    documents.put(handbook, Loaded("one", "one", MARKDOWN, b"Tents are purple."))
    assert find("Which colour have tents?", handbook) == ["Tents are green."]
    job = queries.claim(cast.acme.pk)
    assert job is not None
    # Changed while it is being read: what was read of it is not published.
    documents.put(handbook, Loaded("one", "one", MARKDOWN, b"Tents are black."))
    asyncio.run(ingestion._work(job, 60))
    assert find("Which colour have tents?", handbook) == ["Tents are green."]
    read_all(cast.acme)
    assert find("Which colour have tents?", handbook) == ["Tents are black."]
    assert Chunk.objects.for_tenant(cast.acme).count() == 1


def test_deleted_is_gone_at_once_with_all_that_was_made_of_it(cast: Cast) -> None:
    handbook = source_of(cast.acme)
    (document,) = teach(handbook, one="Tents are green.")
    path = documents.path_of(cast.acme.pk, document.public_id, document.sha256)
    assert files.storage().exists(path)
    documents.remove(cast.acme.pk, [document])
    assert find("Which colour have tents?", handbook) == []
    assert Chunk.objects.for_tenant(cast.acme).count() == Embedding.objects.for_tenant(cast.acme).count() == 0
    assert not files.storage().exists(path)


def test_a_source_that_is_off_or_deleted_answers_nothing(cast: Cast) -> None:
    handbook = source_of(cast.acme)
    teach(handbook, one="Tents are green.")
    documents.remove_source(handbook)
    assert not Document.objects.for_tenant(cast.acme).exists()
    assert not Embedding.objects.for_tenant(cast.acme).exists()


@pytest.mark.parametrize(
    ("mime", "content", "code"),
    [
        ("application/pdf", b"MZ no pdf", "file_mismatch"),
        ("application/pdf", pdf(""), "document_empty"),
        (DOCX, docx_bomb(), "file_unreadable"),
    ],
)
def test_what_cannot_be_read_says_why_and_holds_nothing_up(cast: Cast, mime: str, content: bytes, code: str) -> None:
    handbook = source_of(cast.acme)
    documents.put(handbook, Loaded("bad", "bad", mime, content))
    (bad, good) = teach(handbook, good="Tents are green.")
    assert (bad.state, bad.error_code, bad.version) == ("failed", code, 0)
    assert good.state == "ready"
    documents.retry(bad)
    read_all(cast.acme)
    bad.refresh_from_db()
    assert (bad.state, bad.error_code) == ("failed", code)


@pytest.mark.parametrize(
    ("mime", "content", "code"),
    [("image/png", b"x", "file_type_refused"), (MARKDOWN, b" ", "document_empty")],
)
def test_what_is_no_document_is_refused(cast: Cast, mime: str, content: bytes, code: str) -> None:
    with pytest.raises(PlatformError) as refused:
        documents.put(source_of(cast.acme), Loaded("x", "x", mime, content))
    assert refused.value.code == code


def test_cancelled_is_not_read_and_keeps_its_old_version(cast: Cast) -> None:
    handbook = source_of(cast.acme)
    (document,) = teach(handbook, one="Tents are green.")
    documents.put(handbook, Loaded("one", "one", MARKDOWN, b"Tents are purple."))
    assert documents.cancel(document)
    read_all(cast.acme)
    document.refresh_from_db()
    assert document.state == "cancelled"
    assert find("Which colour have tents?", handbook) == ["Tents are green."]
    assert not documents.cancel(document)


def test_nothing_is_read_for_a_suspended_tenant(cast: Cast) -> None:
    handbook = source_of(cast.acme)
    documents.put(handbook, Loaded("one", "one", MARKDOWN, b"Tents."))
    Tenant.objects.filter(pk=cast.acme.pk).update(status=Tenant.Status.SUSPENDED)
    workers.work({})
    assert Document.objects.for_tenant(cast.acme).get().state == "queued"


def test_another_language_is_indexed_in_the_background(cast: Cast) -> None:
    handbook = source_of(cast.acme)
    teach(handbook, one="# Berge\n\nDie Häuser sind aus Stein.")
    KnowledgeBase.objects.for_tenant(cast.acme).update(language="german")
    asyncio.run(ingestion.take_turn(cast.acme.pk))
    assert KnowledgeBase.objects.for_tenant(cast.acme).get().words_language == "german"
    assert "Stein" in find("Haus", handbook)[0]


def test_the_command_teaches_files_and_says_what_went_wrong(cast: Cast, tmp_path, capsys) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "care.md").write_text("# Care\n\nWash tents cold.")
    (tmp_path / "docs" / "logo.png").write_bytes(b"not read")
    call_command("ingest", "acme", str(tmp_path / "docs"), source="Shell")
    assert "is answered from 1 document now." in capsys.readouterr().out
    (tmp_path / "bad.pdf").write_bytes(b"MZ no pdf")
    with pytest.raises(CommandError, match="1 documents could not be read"):
        call_command("ingest", "acme", str(tmp_path / "bad.pdf"), source="Shell")
    with pytest.raises(CommandError, match="no active tenant"):
        call_command("ingest", "nobody")


def test_a_document_that_kills_its_workers_is_given_up(cast: Cast) -> None:
    handbook = source_of(cast.acme)
    documents.put(handbook, Loaded("heavy", "heavy", MARKDOWN, b"Tents."))
    documents.put(handbook, Loaded("light", "light", MARKDOWN, b"Boots."))
    heavy = Document.objects.for_tenant(cast.acme).filter(key="heavy")
    for _ in range(ingestion.MOST_ATTEMPTS):
        with tenant_scope(cast.acme):
            assert queries.claim(cast.acme.pk) is not None
        heavy.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    read_all(cast.acme)
    assert list(heavy.values_list("state", "error_code")) == [("failed", "worker_lost")]
    assert Document.objects.for_tenant(cast.acme).get(key="light").state == "ready"
    documents.retry(heavy.get())
    read_all(cast.acme)
    assert heavy.get().state == "ready"
