"""Teaching in the admin panel."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from chat.admin import knowledge as panel
from chat.models import Document, KnowledgeBase, KnowledgeSource
from tenants.models import AuditEvent
from tenants.permissions import Role
from tests.support.cast import Cast
from tests.support.documents import pdf
from tests.support.knowledge import find, read_all, source_of, teach
from tests.support.panel import person, signed_in

pytestmark = pytest.mark.usefixtures("committed_database")

DOCUMENTS, SOURCES = "/admin/chat/document/", "/admin/chat/knowledgesource/"
FORM = {"audience": "everybody", "is_enabled": "on", "max_depth": 2, "max_pages": 9, "sync_hours": 0}


def test_files_are_uploaded_watched_read_again_and_deleted(cast: Cast) -> None:
    client = signed_in(person(Role.ADMIN, cast.acme))
    files = [
        SimpleUploadedFile("care.pdf", pdf("Wash tents cold"), "application/pdf"),
        SimpleUploadedFile("bad.pdf", b"MZ no pdf", "application/pdf"),
    ]
    answer = client.post(f"{SOURCES}add/", {**FORM, "name": "Papers", "kind": "files", "uploads": files})
    assert answer.status_code == 302
    source = KnowledgeSource.objects.for_tenant(cast.acme).get()
    good, bad = Document.objects.for_tenant(cast.acme).order_by("title").reverse()
    asked = f"{DOCUMENTS}progress/?id={good.pk}&id={bad.pk}"
    assert client.get(asked).json()[str(good.pk)] == {"is_open": True, "percent": 0, "words": "Waiting"}
    read_all(cast.acme)
    told = client.get(asked).json()
    assert told[str(good.pk)] == {"is_open": False, "percent": 100, "words": "Ready"}
    assert told[str(bad.pk)]["words"] == "The file is not what it claims to be. Check its kind and its size."
    assert "cold" in find("How are tents washed?", source)[0]
    chosen = {"_selected_action": [good.pk, bad.pk]}
    client.post(DOCUMENTS, {**chosen, "action": "read_again"})
    assert {row.state for row in Document.objects.for_tenant(cast.acme)} == {"queued"}
    client.post(DOCUMENTS, {**chosen, "action": "cancel_reading"})
    assert {row.state for row in Document.objects.for_tenant(cast.acme)} == {"cancelled"}
    client.post(DOCUMENTS, {**chosen, "action": "delete_selected", "post": "yes"})
    assert not Document.objects.for_tenant(cast.acme).exists()
    assert find("How are tents washed?", source) == []
    client.post(f"{SOURCES}{source.pk}/delete/", {"post": "yes"})
    events = list(AuditEvent.objects.for_tenant(cast.acme).order_by("pk"))
    assert [one.action for one in events] == [
        "knowledgesource.add",
        "knowledgesource.upload",
        *["document.delete"] * 2,
        "knowledgesource.delete",
    ]
    assert events[1].after == {"files": 2}
    assert {one.target_id for one in events[2:4]} == {good.public_id, bad.public_id}
    # The trail is kept: what a deleted document said is not in it.
    assert "cold" not in "".join(one.as_json() for one in events)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"kind": "website"}, "A website needs its address."),
        ({"kind": "text", "uploads": SimpleUploadedFile("a.txt", b"x")}, "Only a source of files takes files."),
        ({"kind": "files", "uploads": SimpleUploadedFile("a.exe", b"x")}, "a.exe: files of this kind cannot be read."),
    ],
)
def test_what_cannot_be_is_an_error_of_the_form(cast: Cast, values: dict[str, object], said: str) -> None:
    client = signed_in(person(Role.ADMIN, cast.acme))
    answer = client.post(f"{SOURCES}add/", {**FORM, "name": "New", **values})
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not KnowledgeSource.objects.for_tenant(cast.acme).exists()


@pytest.mark.parametrize(
    ("contents", "said"),
    [([b"x" * 11], "0.txt is larger than"), ([b"x" * 8, b"x" * 8], "These are more than")],
)
def test_files_that_are_too_large_are_an_error_of_the_form(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, contents: list[bytes], said: str
) -> None:
    monkeypatch.setattr(panel, "MOST_BYTES", 10)
    monkeypatch.setattr(panel, "MOST_BYTES_TOGETHER", 15)
    uploads = [SimpleUploadedFile(f"{number}.txt", content) for number, content in enumerate(contents)]
    client = signed_in(person(Role.ADMIN, cast.acme))
    answer = client.post(f"{SOURCES}add/", {**FORM, "name": "New", "kind": "files", "uploads": uploads})
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not Document.objects.for_tenant(cast.acme).exists()


def test_progress_shows_own_documents_only_and_viewers_change_nothing(cast: Cast) -> None:
    (theirs,) = teach(source_of(cast.globex), one="Money.")
    (ours,) = teach(source_of(cast.acme), one="Tents.")
    client = signed_in(person(Role.VIEWER, cast.acme))
    assert list(client.get(f"{DOCUMENTS}progress/?id={theirs.pk}&id={ours.pk}&id=x").json()) == [str(ours.pk)]
    client.post(DOCUMENTS, {"_selected_action": [ours.pk], "action": "read_again"})
    ours.refresh_from_db()
    assert ours.state == "ready"


def test_another_model_is_chosen_there(cast: Cast) -> None:
    teach(source_of(cast.acme), one="Tents.")
    base = KnowledgeBase.objects.for_tenant(cast.acme).get()
    client = signed_in(person(Role.OWNER, cast.acme))
    values = {"language": "german", "embedding_provider": "offline", "embedding_model": ""}
    assert client.post(f"/admin/chat/knowledgebase/{base.pk}/change/", values).status_code == 302
    base.refresh_from_db()
    assert base.language == "german"
