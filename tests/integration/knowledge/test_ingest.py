"""`manage.py ingest` reads the folder that it is given, and nothing else of the machine."""

import io
from pathlib import Path

import pytest
from django.core.management import call_command

from chat.models import Document
from tests.support.cast import Cast

pytestmark = pytest.mark.usefixtures("committed_database")


def test_links_out_of_the_folder_are_left_out(cast: Cast, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.md").write_text("The secret of another tenant")
    folder = tmp_path / "docs"
    (folder / "deep").mkdir(parents=True)
    (folder / "care.md").write_text("Wash tents cold.")
    (folder / "same.md").symlink_to(folder / "care.md")
    (folder / "file.md").symlink_to(outside / "secret.md")
    (folder / "deep" / "relative.md").symlink_to("../../outside/secret.md")
    (folder / "folder").symlink_to(outside, target_is_directory=True)
    (folder / "chain.md").symlink_to(folder / "file.md")
    said = io.StringIO()
    call_command("ingest", "acme", str(folder), stdout=io.StringIO(), stderr=said)
    documents = Document.objects.for_tenant(cast.acme)
    assert {one.key for one in documents} == {"docs/care.md", "docs/same.md"}
    assert not [one for one in documents if "secret" in one.text]
    assert said.getvalue().count("leads out of the folder") >= 3


def test_a_link_that_is_named_is_read(cast: Cast, tmp_path: Path) -> None:
    """Whoever types it means it; and a folder may be reached by a link."""
    real = tmp_path / "real"
    real.mkdir()
    (real / "care.md").write_text("Wash tents cold.")
    (tmp_path / "docs").symlink_to(real, target_is_directory=True)
    (tmp_path / "one.md").symlink_to(real / "care.md")
    call_command("ingest", "acme", str(tmp_path / "docs"), str(tmp_path / "one.md"), stdout=io.StringIO())
    assert {one.key for one in Document.objects.for_tenant(cast.acme)} == {"docs/care.md", "one.md"}
