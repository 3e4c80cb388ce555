"""The site of the documentation builds, has every page, finds errors by what people see, and needs no other host."""

import html
import json
import os
import re
import subprocess
import sys
from pathlib import Path

from chatplatform.lib.problems.chatkit import KNOWN
from tests.support.environment import PROJECT

#: What a browser would load from another host.
LOADED = re.compile(r"""<(?:script|img|iframe|link)\b[^>]*\b(?:src|href)=["']?(?:https?:)?//[^>]*>""")


def test_the_site_builds_strictly_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    """Strictly: a page outside the navigation, or a link or anchor that leads nowhere, is an error."""
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=PROJECT, env={**os.environ}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) > 30
    assert {found for page in pages for found in LOADED.findall(page.read_text())} == set()
    index = json.loads((tmp_path / "search" / "search_index.json").read_text())
    texts = {entry["location"]: html.unescape(entry["text"]) for entry in index["docs"]}
    for code, problem in KNOWN.items():
        place = texts[f"reference/errors.html#{code}"]
        assert [said for said in problem.seen if said not in place] == [], code
