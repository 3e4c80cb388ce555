"""Attachments in a store that speaks S3."""

from pathlib import Path

from django.conf import settings

from tests.conftest import Browse, StartServer
from tests.support.cast import Cast
from tests.support.documents import png
from tests.support.s3 import running_s3


def test_files_are_kept_in_a_bucket(start_server: StartServer, browse: Browse, cast: Cast, tmp_path: Path) -> None:
    with running_s3(tmp_path) as bucket:
        dave = browse(server=start_server(OFFLINE_WORD_DELAY_MS="0", **bucket.variables)).open()
        image = dave.upload("red.png", png(), "image/png")
        notes = dave.upload("notes.txt", b"My boots are blue.")
        content = dave.http.get(f"/api/chatkit/attachments/{notes['id']}/content?tenant={dave.tenant}").content
        assert content == b"My boots are blue."
        assert dave.http.get(image["preview_url"]).headers["content-type"] == "image/jpeg"
        names = bucket.names()
        assert len(names) == 3  # two files, and the small copy of one
        assert b"My boots are blue." in [bucket.content(name) for name in names]
        turn = dave.say("Look", attachments=[image["id"], notes["id"]])
        dave.ask("threads.delete", {"thread_id": turn.thread_id})
        assert bucket.names() == []
    kept = {path.name for path in Path(settings.ATTACHMENTS_FOLDER).rglob("*")}
    assert not {image["id"], notes["id"]} & kept  # nothing on the disk
