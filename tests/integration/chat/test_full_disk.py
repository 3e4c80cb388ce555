"""Disks that are full and storages that are away: said as such, nothing cut is left, and the same can be tried again."""

import asyncio
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from chat.knowledge import documents
from chat.knowledge.documents import Loaded
from chat.knowledge.ingestion import take_turn
from chat.models import Attachment, Document, Run
from chatplatform.lib.errors import PlatformError
from tests.conftest import Browse, StartServer
from tests.integration.chat.test_attachments import announce, content_url, put
from tests.support.browsing import Browser, items_of, refusal
from tests.support.cast import Cast
from tests.support.documents import pdf, png
from tests.support.knowledge import read_all, source_of
from tests.support.s3 import running_s3
from tests.support.servers import ServerProcess, free_port
from tests.support.small_disk import SmallDisk, small_disk

TEXT = b"My boots are blue. " * 500
FULL, AWAY = (507, "file_storage_full"), (503, "file_storage_unavailable")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk") as disk:
        yield disk


@pytest.fixture
def server(disk: SmallDisk, start_server: StartServer) -> ServerProcess:
    """It keeps attachments and temporary files on the small disk, each in a folder of their own."""
    for name in ("attachments", "temporary"):
        (disk.folder / name).mkdir()
    return start_server(
        ATTACHMENTS_FOLDER=str(disk.folder / "attachments"),
        TMPDIR=str(disk.folder / "temporary"),
        OFFLINE_WORD_DELAY_MS="0",
        CHATKIT_SERVER="tests.support.own_servers.Scripted",
    )


@pytest.fixture
def dave(server: ServerProcess, browse: Browse, cast: Cast) -> Browser:
    dave = browse(server=server).open()
    dave.upload("first.txt", b"Python looks for its temporary folder once, while there is room.")
    return dave


def kept(disk: SmallDisk) -> list[str]:
    return sorted(path.name for path in disk.folder.rglob("*") if path.is_file())


def state_of(attachment: dict[str, Any], cast: Cast) -> tuple[str, int]:
    row = Attachment.objects.for_tenant(cast.acme).get(public_id=attachment["id"])
    return row.state, row.failures


@pytest.mark.parametrize(
    ("room", "content"),
    [
        pytest.param(0, TEXT, id="nothing at all"),
        pytest.param(12_288, TEXT, id="the body, and not what is read in it"),
        pytest.param(1_000_000, TEXT * 200, id="half of the body"),
    ],
)
def test_an_upload_that_finds_no_room_can_be_sent_again(
    disk: SmallDisk, server: ServerProcess, dave: Browser, cast: Cast, *, room: int, content: bytes
) -> None:
    before = kept(disk)
    announced = announce(dave, content)
    with disk.full(server.pid, room=room):
        for _ in range(4):  # More often than content may be at fault.
            answer = put(announced, content)
            assert refusal(answer) == FULL
            assert answer.headers["retry-after"] == "30"
            assert state_of(announced, cast) == ("pending", 0)
            assert [file for file in kept(disk) if file != "ballast"] == before
        assert refusal(dave.upload_response("a.txt", content)) == FULL
        assert [file for file in kept(disk) if file != "ballast"] == before
    assert Attachment.objects.for_tenant(cast.acme).count() == 2  # Of the direct upload there is no row.
    assert put(announced, content).status_code == 200
    assert dave.http.get(content_url(dave, announced)).content == content
    assert dave.upload("a.txt", content)


def test_a_preview_that_finds_no_room_leaves_no_file_behind(
    disk: SmallDisk, server: ServerProcess, dave: Browser, cast: Cast
) -> None:
    image = png(2000, 1000)
    before = kept(disk)
    announced = announce(dave, image, "red.png", "image/png")
    rooms = range(0, 80_000, 4096)
    seen = []
    for room in rooms:  # Wherever the room ends: body, report, file, preview.
        with disk.full(server.pid, room=room):
            answer = put(announced, image)
        if answer.status_code == 200:
            break
        seen.append(refusal(answer))
        assert kept(disk) == before
        assert state_of(announced, cast) == ("pending", 0)
    assert set(seen) == {FULL}
    assert state_of(announced, cast) == ("stored", 0)
    assert len(kept(disk)) == len(before) + 2


def test_an_answer_ends_well_when_its_image_finds_no_room(
    disk: SmallDisk, server: ServerProcess, dave: Browser, cast: Cast
) -> None:
    before = kept(disk)
    with disk.full(server.pid):
        turn = dave.say("paints")
    assert [item["type"] for item in items_of(turn.frames)] == ["user_message", "generated_image"]
    assert [item.get("image") for item in items_of(turn.frames, "generated_image")] == [None]
    assert Run.objects.for_tenant(cast.acme).get(public_id=turn.run_id).state == "completed"
    assert kept(disk) == before


def test_a_page_says_that_its_upload_found_no_room(
    disk: SmallDisk, cast: Cast, start_server: StartServer, browse: Browse
) -> None:
    for name in ("attachments", "temporary"):
        (disk.folder / name).mkdir()
    server = start_server(
        ATTACHMENTS_FOLDER=str(disk.folder / "attachments"),
        TMPDIR=str(disk.folder / "temporary"),
        DEBUG="false",
        HTTPS="false",
        ALLOWED_HOSTS="127.0.0.1",
        may_log_tracebacks=True,
    )
    url, file = "/admin/chat/knowledgesource/add/", {"file": ("a.bin", bytes(4_000_000))}
    alice = browse(cast.alice, server=server).http
    assert alice.get(url).status_code == 200
    form = {"csrfmiddlewaretoken": alice.cookies["csrftoken"]}
    assert alice.post(url, data=form, files=file).status_code == 200
    # Room for nothing; for the body in Daphne; in Django, too; and not for the file in it.
    for room in (0, 4_500_000, 9_000_000):
        with disk.full(server.pid, room=room):
            answer = alice.post(url, data=form, files=file)
        assert answer.status_code == 507
        assert "This server has no room for files at the moment." in answer.text
        assert kept(disk) == []
    assert alice.post(url, data=form, files=file).status_code == 200


def test_a_folder_that_is_away_is_said_to_be(
    start_server: StartServer, browse: Browse, cast: Cast, tmp_path: Path
) -> None:
    folder = tmp_path / "attachments"
    folder.mkdir()
    dave = browse(server=start_server(ATTACHMENTS_FOLDER=str(folder), OFFLINE_WORD_DELAY_MS="0")).open()
    stored, announced = dave.upload("a.txt", b"hello"), announce(dave, TEXT)
    folder.rename(tmp_path / "elsewhere")
    folder.touch()  # What a mount that failed leaves, as far as a process can tell.
    assert refusal(put(announced, TEXT)) == AWAY
    assert refusal(dave.upload_response("b.txt", b"hello")) == AWAY
    assert refusal(dave.http.get(content_url(dave, stored))) == AWAY
    assert state_of(announced, cast) == ("pending", 0)
    # What needs no files goes on, and a conversation can be deleted.
    turn = dave.say("Look", attachments=[stored["id"]])
    assert dave.ask("threads.delete", {"thread_id": turn.thread_id}) == {}
    folder.unlink()
    (tmp_path / "elsewhere").rename(folder)
    assert put(announced, TEXT).status_code == 200
    assert dave.http.get(content_url(dave, announced)).content == TEXT


def test_a_bucket_that_is_away_is_said_to_be(
    start_server: StartServer, browse: Browse, cast: Cast, tmp_path: Path
) -> None:
    with running_s3(tmp_path) as bucket:
        away = bucket.variables | {"ATTACHMENTS_S3_ENDPOINT": f"http://127.0.0.1:{free_port()}"}
        nobody = bucket.variables | {"ATTACHMENTS_S3_BUCKET": "no-such-bucket"}
        waiting = []
        for variables in (away, nobody):
            dave = browse(server=start_server(**variables)).open()
            announced = announce(dave, b"hello")
            assert refusal(put(announced, b"hello")) == AWAY
            assert state_of(announced, cast) == ("pending", 0)
            waiting.append((announced["upload_descriptor"], dave.server.port))
        there = start_server(**bucket.variables)
        for descriptor, port in waiting:
            again = {**descriptor, "url": descriptor["url"].replace(f":{port}", f":{there.port}")}
            assert put({"upload_descriptor": again}, b"hello").status_code == 200


def test_a_document_waits_for_room(cast: Cast, disk: SmallDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Putting it in is refused; what is in already is read once there is room."""
    attachments = {**settings.STORAGES["attachments"], "OPTIONS": {"location": str(disk.folder)}}
    source = source_of(cast.acme)
    paper = Loaded("care.pdf", "care.pdf", "application/pdf", pdf("Wash tents cold"))
    with override_settings(STORAGES={**settings.STORAGES, "attachments": attachments}):
        with disk.full(os.getpid()), pytest.raises(PlatformError, match="file_storage_full"):
            documents.put(source, paper)
        assert kept(disk) == []
        assert not Document.objects.for_tenant(cast.acme).exists()
        documents.put(source, paper)
        monkeypatch.setattr(tempfile, "tempdir", str(disk.folder))
        with disk.full(os.getpid()):
            asyncio.run(take_turn(cast.acme.pk))
            waiting = Document.objects.for_tenant(cast.acme).get()
            assert (waiting.state, waiting.error_code) == ("queued", "file_storage_full")
        read_all(cast.acme)
        assert Document.objects.for_tenant(cast.acme).get().state == "ready"
