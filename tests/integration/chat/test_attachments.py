"""Files: announced, uploaded, checked, sent, read, and gone."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from PIL import Image

from chat.knowledge import documents
from chat.knowledge.documents import Loaded
from chat.models import Attachment, Document, Thread
from chat.stores import attachment_queries as queries
from chat.stores.files import storage
from chatplatform.lib.files.kinds import DOCX, PPTX, XLSX
from tests.conftest import Browse, StartServer
from tests.support.browsing import Browser, items_of, message, refusal
from tests.support.cast import Cast, assistant_of
from tests.support.documents import docx, docx_bomb, jpeg_with_a_place, pdf, png, png_bomb, pptx, xlsx
from tests.support.knowledge import source_of

#: Of one process, for the tests that need settings of their own.
CDN = {"CHATKIT_CLIENT": "auto", "CHATKIT_JS_URL": "https://cdn.example/chatkit.js", "CHAT_UPLOAD_RATE_LIMIT": "2/hour"}


@pytest.fixture
def dave(browse: Browse) -> Browser:
    return browse().open()


def announce(browser: Browser, content: bytes, name: str = "notes.txt", mime: str = "text/plain") -> dict[str, Any]:
    params = {"name": name, "size": len(content), "mime_type": mime}
    return dict(browser.ask("attachments.create", params))


def put(attachment: dict[str, Any], content: bytes) -> httpx.Response:
    """Upload as somebody who has nothing but the link."""
    descriptor = attachment["upload_descriptor"]
    assert descriptor["method"] == "PUT"
    return httpx.put(descriptor["url"], content=content, headers=descriptor["headers"], timeout=30, trust_env=False)


def get(url: str) -> httpx.Response:
    return httpx.get(url, timeout=15, trust_env=False)


def content_url(browser: Browser, attachment: dict[str, Any]) -> str:
    return f"/api/chatkit/attachments/{attachment['id']}/content?tenant={browser.tenant}"


def files() -> list[Path]:
    return [path for path in Path(settings.ATTACHMENTS_FOLDER).rglob("*") if path.is_file()]


def files_of(attachment: dict[str, Any]) -> list[Path]:
    return [path for path in files() if path.name.startswith(attachment["id"])]


# ---- two phases


def test_a_file_is_announced_and_then_uploaded_by_its_link(dave: Browser, cast: Cast) -> None:
    announced = announce(dave, b"My boots are blue.")
    assert (announced["name"], announced["mime_type"], announced["type"]) == ("notes.txt", "text/plain", "file")
    assert "metadata" not in announced
    stored = put(announced, b"My boots are blue.")
    assert stored.status_code == 200
    assert stored.json() == {key: value for key, value in announced.items() if key != "upload_descriptor"}
    row = Attachment.objects.for_tenant(cast.acme).get(public_id=announced["id"])
    assert (row.state, row.size, row.text, len(row.sha256)) == ("stored", 18, "My boots are blue.", 64)
    assert [path.read_bytes() for path in files_of(announced)] == [b"My boots are blue."]


def test_trap_13_a_file_is_uploaded_once(dave: Browser) -> None:
    announced = announce(dave, b"one")
    assert put(announced, b"one").status_code == 200
    assert refusal(put(announced, b"two")) == (409, "already_uploaded")
    assert dave.http.get(content_url(dave, announced)).content == b"one"


def test_a_link_is_good_for_one_use_of_one_file_until_its_end(dave: Browser) -> None:
    announced, other = announce(dave, b"one"), announce(dave, b"two")
    url = announced["upload_descriptor"]["url"]
    for spoilt in (
        url.replace("signature=", "signature=x"),
        url.replace("use=upload", "use=preview"),
        url.replace("expires=", "expires=9"),
        url.replace(announced["id"], other["id"]),
    ):
        assert refusal(httpx.put(spoilt, content=b"one", trust_env=False)) == (404, "not_found")
    assert refusal(get(url)) == (404, "not_found")
    assert refusal(get(url.split("?")[0])) == (401, "session_missing")


def test_a_link_ends(start_server: StartServer, browse: Browse, cast: Cast, eventually: Any) -> None:
    dave = browse(server=start_server(CHAT_ATTACHMENT_LINK_SECONDS="2")).open()
    image = dave.upload("red.png", png(), "image/png")
    eventually(lambda: get(image["preview_url"]).status_code == 403)
    assert refusal(get(image["preview_url"])) == (403, "link_expired")
    # What is loaded again has a new one.
    turn = dave.say("Look", attachments=[image["id"]])
    (shown,) = dave.items(turn.thread_id)[0]["attachments"]
    assert get(shown["preview_url"]).status_code == 200


def test_a_link_opens_nothing_once_its_owner_is_suspended(dave: Browser, cast: Cast) -> None:
    image = dave.upload("red.png", png(), "image/png")
    cast.acme.status = "suspended"
    cast.acme.save()
    assert refusal(get(image["preview_url"])) == (404, "not_found")


@pytest.mark.parametrize("content", [b"", b"abcd", b"ab"])
def test_trap_29_the_content_has_the_announced_size(dave: Browser, content: bytes) -> None:
    announced = announce(dave, b"abc")
    assert put(announced, content).status_code in (413, 415)
    assert put(announced, b"abc").status_code == 200  # it may be tried again


# ---- directly


def test_a_file_is_uploaded_directly(dave: Browser) -> None:
    attachment = dave.upload("notes.txt", b"hello")
    assert (attachment["name"], attachment["mime_type"]) == ("notes.txt", "text/plain")
    assert "upload_descriptor" not in attachment
    assert dave.http.get(content_url(dave, attachment)).content == b"hello"


def test_a_direct_upload_needs_the_field_and_an_allowed_page(dave: Browser) -> None:
    url = f"/api/chatkit/attachments?tenant={dave.tenant}"
    assert refusal(dave.http.post(url, json={"file": "x"})) == (400, "invalid_request")
    assert refusal(dave.http.post(url, files={"other": b"x"})) == (400, "invalid_request")
    elsewhere = {"Origin": "https://evil.example"}
    assert refusal(dave.http.post(url, files={"file": b"x"}, headers=elsewhere)) == (403, "origin_refused")


def test_a_refused_direct_upload_leaves_nothing(dave: Browser, cast: Cast) -> None:
    before = files()
    assert refusal(dave.upload_response("a.png", b"no image", "image/png")) == (415, "file_mismatch")
    assert not Attachment.objects.for_tenant(cast.acme).exists()
    assert files() == before


# ---- limits


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"size": -1}, "invalid_request"),
        ({"size": 0}, "invalid_request"),
        ({"size": 20 * 1024 * 1024 + 1}, "too_large"),
        ({"size": 10**30}, "too_large"),
        ({"mime_type": "application/x-msdownload"}, "file_type_refused"),
        ({"mime_type": "image/svg+xml"}, "file_type_refused"),
        ({"mime_type": ""}, "file_type_refused"),
    ],
)
def test_trap_29_what_is_announced_has_limits(dave: Browser, cast: Cast, params: dict[str, Any], code: str) -> None:
    given = {"name": "a.txt", "size": 1, "mime_type": "text/plain", **params}
    assert refusal(dave.post("attachments.create", given))[1] == code
    assert not Attachment.objects.for_tenant(cast.acme).exists()


def test_each_assistant_has_its_own_limits(browse: Browse, cast: Cast) -> None:
    limits = {"enabled": True, "maxSize": {"text/*": 3, "*": 1}, "maxCount": 1, "accept": {"text/*": [".txt"]}}
    assistant_of(cast.acme, "strict", client_options={"composer": {"attachments": limits}})
    assistant_of(cast.acme, "off", client_options={})
    strict, off = browse().open("strict"), browse().open("off")
    assert refusal(strict.upload_response("a.txt", b"four"))[1] == "too_large"
    assert refusal(strict.upload_response("a.png", png(), "image/png"))[1] == "file_type_refused"
    two = [strict.upload("a.txt", b"abc")["id"] for _ in range(2)]
    params = {"input": message("Look", attachments=two)}
    assert refusal(strict.post("threads.create", params))[1] == "too_large"
    assert strict.say("Look", attachments=[two[0], two[0]]).question["attachments"][0]["id"] == two[0]
    assert refusal(off.upload_response("a.txt", b"a")) == (403, "attachments_off")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.txt", "a.txt"),
        ("a\nb\x00.txt", "a b .txt"),
        ("...", "file"),
        ("x" * 500 + ".txt", "x" * 196 + ".txt"),
        ('<img src=x onerror="alert(1)">.txt', '<img src=x onerror="alert(1)">.txt'),
    ],
)
def test_a_name_is_no_path(dave: Browser, given: str, shown: str) -> None:
    announced = announce(dave, b"x", name=given)
    assert announced["name"] == shown
    assert put(announced, b"x").status_code == 200
    assert [path.name for path in files_of(announced)] == [announced["id"]]
    disposition = dave.http.get(content_url(dave, announced)).headers["content-disposition"]
    assert disposition.startswith("attachment; filename*=UTF-8''")
    assert not set(disposition) & set('"<>\n')


# ---- what is inside


@pytest.mark.parametrize(
    ("mime", "content", "text"),
    [
        ("text/plain", "Größe".encode("utf-16"), "Größe"),
        ("text/csv", b"boots;blue\nred;2", "| boots | blue |\n| --- | --- |\n| red | 2 |"),
        ("text/html", b"<p>Tents &amp; <b>boots</b></p><script>alert(1)</script>", "Tents & **boots**"),
        (
            "application/pdf",
            pdf("Tents are green", "Boots are blue"),
            "[page 1]\nTents are green\n[page 2]\nBoots are blue",
        ),
        (DOCX, docx("Boots", "are blue"), "Boots\n\nare blue\n\n| left | right |\n| --- | --- |"),
        (PPTX, pptx("Boots", "are blue"), "[page 1]\n## Boots\n\nare blue"),
        (XLSX, xlsx("Stock", ["Boots", 3]), "## Stock\n\n| Boots | 3 |\n| --- | --- |"),
        ("image/png", png(), ""),
    ],
)
def test_it_reads_the_text(dave: Browser, cast: Cast, mime: str, content: bytes, text: str) -> None:
    attachment = dave.upload("file", content, mime)
    assert Attachment.objects.for_tenant(cast.acme).get(public_id=attachment["id"]).text == text


@pytest.mark.parametrize(
    ("mime", "content", "code"),
    [
        ("image/png", b"<svg onload=alert(1)>", "file_mismatch"),
        ("image/png", jpeg_with_a_place(), "file_mismatch"),
        ("image/png", png()[:60], "file_unreadable"),
        ("image/png", png_bomb(), "file_unreadable"),
        ("application/pdf", b"MZ no pdf", "file_mismatch"),
        ("application/pdf", b"%PDF-1.4 and no more", "file_unreadable"),
        (DOCX, b"PK\x03\x04", "file_mismatch"),
        (DOCX, docx_bomb(), "file_unreadable"),
        ("text/plain", b"\x7fELF\x02\x01\x00\x00", "file_mismatch"),
        ("text/plain", png(), "file_mismatch"),
    ],
)
def test_trap_29_a_file_is_what_it_claims_to_be_and_no_bomb(
    dave: Browser, mime: str, content: bytes, code: str
) -> None:
    assert refusal(dave.upload_response("file", content, mime))[1] == code


def test_an_image_has_a_small_copy_that_says_nothing_about_its_owner(dave: Browser) -> None:
    original = jpeg_with_a_place(3000, 1000)
    image = dave.upload("photo.jpg", original, "image/jpeg")
    assert image["type"] == "image"
    small = get(image["preview_url"])
    assert (small.status_code, small.headers["content-type"]) == (200, "image/jpeg")
    assert Image.open(io.BytesIO(small.content)).size == (341, 1024)
    assert b"SENTINEL" in original
    assert b"SENTINEL" not in small.content


# ---- reading


@pytest.mark.parametrize(
    ("mime", "content", "shown", "place"),
    [
        ("image/png", png(), "image/png", "inline"),
        ("text/html", b"<script>alert(1)</script>", "application/octet-stream", "attachment"),
        ("application/pdf", pdf("x"), "application/octet-stream", "attachment"),
    ],
)
def test_nothing_of_a_file_runs_on_our_origin(dave: Browser, mime: str, content: bytes, shown: str, place: str) -> None:
    response = dave.http.get(content_url(dave, dave.upload("file", content, mime)))
    assert response.content == content
    headers = response.headers
    assert headers["content-type"] == shown
    assert headers["content-disposition"].startswith(place)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "private" in headers["cache-control"]


def test_a_file_without_content_is_not_found(dave: Browser) -> None:
    assert refusal(dave.http.get(content_url(dave, announce(dave, b"x")))) == (404, "not_found")


# ---- in messages


def test_a_message_carries_its_files_and_keeps_them(dave: Browser) -> None:
    image, notes = dave.upload("red.png", png(), "image/png"), dave.upload("notes.txt", b"hello")
    turn = dave.say("Look", attachments=[notes["id"], image["id"]])
    assert [attachment["id"] for attachment in turn.question["attachments"]] == [notes["id"], image["id"]]
    for stored in (
        dave.items(turn.thread_id)[0],
        dave.ask("threads.get_by_id", {"thread_id": turn.thread_id})["items"]["data"][0],
    ):
        assert [attachment["name"] for attachment in stored["attachments"]] == ["notes.txt", "red.png"]
        assert get(stored["attachments"][1]["preview_url"]).status_code == 200
    with dave.attach(turn.run_id) as stream:
        assert items_of(stream.rest(), "user_message")[0]["attachments"][0]["id"] == notes["id"]


def test_trap_13_a_file_stays_with_the_thread_that_it_was_sent_to(dave: Browser) -> None:
    notes = dave.upload("notes.txt", b"hello")
    turn = dave.say("Look", attachments=[notes["id"]])
    other = dave.say("Another")
    params = {"thread_id": other.thread_id, "input": message("And here", attachments=[notes["id"]])}
    assert refusal(dave.post("threads.add_user_message", params)) == (404, "not_found")
    assert dave.say("Again", turn.thread_id, attachments=[notes["id"]]).question["attachments"]


def test_trap_12_a_message_whose_file_is_missing_leaves_no_thread(dave: Browser, cast: Cast, browse: Browse) -> None:
    foreign = browse().open().upload("notes.txt", b"hello")
    for wrong, code in (
        (foreign["id"], "not_found"),
        ("atc_x", "not_found"),
        (announce(dave, b"x")["id"], "attachment_not_ready"),
    ):
        params = {"input": message("Look", attachments=[wrong])}
        assert refusal(dave.post("threads.create", params))[1] == code
    assert not Thread.objects.for_tenant(cast.acme).exists()


def test_a_link_in_a_message_is_not_signed_for_its_writer(dave: Browser, browse: Browse) -> None:
    """Else a message that names somebody else's file would open it."""
    foreign = browse().open().upload("red.png", png(), "image/png")
    url = foreign["preview_url"].split("?")[0]
    mine = dave.upload("red.png", png(), "image/png")
    turn = dave.say(f'"preview_url" "generated_image" {url}', attachments=[mine["id"]])
    stored = dave.items(turn.thread_id)[0]
    assert stored["content"][0]["text"].endswith(url)
    link = stored["attachments"][0]["preview_url"]
    assert refusal(get(link.replace(mine["id"], foreign["id"]))) == (404, "not_found")


# ---- the end


def test_a_file_that_was_not_sent_can_be_deleted(dave: Browser) -> None:
    image = dave.upload("red.png", png(), "image/png")
    assert len(files_of(image)) == 2
    assert dave.ask("attachments.delete", {"attachment_id": image["id"]}) == {}
    assert files_of(image) == []
    assert refusal(dave.post("attachments.delete", {"attachment_id": image["id"]})) == (404, "not_found")
    assert refusal(get(image["preview_url"])) == (404, "not_found")


def test_a_file_that_was_sent_goes_with_its_conversation(dave: Browser) -> None:
    image = dave.upload("red.png", png(), "image/png")
    turn = dave.say("Look", attachments=[image["id"]])
    assert refusal(dave.post("attachments.delete", {"attachment_id": image["id"]})) == (409, "attachment_in_use")
    dave.ask("threads.delete", {"thread_id": turn.thread_id})
    assert files_of(image) == []
    assert refusal(get(image["preview_url"])) == (404, "not_found")


def test_trap_28_what_nobody_needs_is_collected(dave: Browser, cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    sent, unsent = dave.upload("1.txt", b"sent"), dave.upload("2.png", png(), "image/png")
    gone = dave.upload("3.txt", b"gone")
    dave.say("Look", attachments=[sent["id"]])
    Attachment.objects.for_tenant(cast.acme).filter(public_id=gone["id"]).delete()
    documents.put(source_of(cast.acme), Loaded("tents", "Tents", "text/markdown", b"Tents are green."))
    document = Document.objects.for_tenant(cast.acme).get()
    kept = documents.path_of(cast.acme.pk, document.public_id, document.sha256)
    call_command("cleanup_attachments")
    assert len(files_of(sent) + files_of(unsent) + files_of(gone)) == 4  # all of them are new
    call_command("cleanup_attachments", "--older-than", "0s", "--dry-run")
    assert "would be removed" in capsys.readouterr().out
    assert len(files_of(sent) + files_of(unsent) + files_of(gone)) == 4
    call_command("cleanup_attachments", "--older-than", "0s")
    assert "1 unsent attachments and " in capsys.readouterr().out
    assert (len(files_of(sent)), files_of(unsent), files_of(gone)) == (1, [], [])
    assert [row.public_id for row in Attachment.objects.for_tenant(cast.acme)] == [sent["id"]]
    assert storage().exists(kept)  # what assistants know is in the same folders


def test_the_rate_of_uploads_is_limited(server_with: StartServer, browse: Browse, cast: Cast) -> None:
    dave = browse(server=server_with(**CDN)).open()
    announce(dave, b"x")
    announce(dave, b"x")
    assert refusal(dave.upload_response("a.txt", b"x"))[0] == 429


# ---- OpenAI's frame


def test_openais_frame_may_upload_by_a_link_and_by_nothing_else(
    server_with: StartServer, browse: Browse, cast: Cast
) -> None:
    dave = browse(server=server_with(**CDN)).open()
    url = announce(dave, b"x")["upload_descriptor"]["url"]
    for address, allowed in ((url, "https://cdn.example"), (url.split("?")[0], None)):
        asked = httpx.options(address, headers={"Origin": "https://cdn.example"}, trust_env=False)
        assert asked.headers.get("access-control-allow-origin") == allowed
        assert "access-control-allow-credentials" not in asked.headers
    assert httpx.put(url, content=b"x", trust_env=False).headers["access-control-allow-origin"] == "https://cdn.example"


def test_an_upload_whose_server_died_can_be_sent_again(dave: Browser, cast: Cast) -> None:
    announced = announce(dave, b"hello")
    row = Attachment.objects.for_tenant(cast.acme).filter(public_id=announced["id"])
    row.update(state="storing", claimed_at=timezone.now() - timedelta(minutes=1))
    assert refusal(put(announced, b"hello")) == (409, "already_uploaded")  # it may be alive
    row.update(claimed_at=timezone.now() - timedelta(minutes=queries.CLAIM_MINUTES + 1))
    assert put(announced, b"hello").status_code == 200
    assert dave.http.get(content_url(dave, announced)).content == b"hello"
