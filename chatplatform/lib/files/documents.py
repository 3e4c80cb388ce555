"""What a document says, with its structure: Markdown, or plain text where there is none to keep.  Runs in the child."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from chatplatform.lib.files.kinds import Family
from chatplatform.lib.files.problems import Mismatch, Unreadable
from chatplatform.lib.files.tables import csv_table, table

#: What an office file may hold when it is unpacked.
MAX_UNPACKED_BYTES = 100_000_000
MAX_MEMBERS = 5_000
#: How much of a text in an unknown encoding is looked at.
_SAMPLE = 100_000
_CONTROLS = frozenset(range(32)) - {9, 10, 12, 13, 27}
#: Families whose pages have numbers that people know.
NUMBERED: frozenset[Family] = frozenset(["pdf", "pptx"])
#: Families without structure that Markdown could show; what looks like it there is chance.
PLAIN: frozenset[Family] = frozenset(["pdf", "text"])

_STYLE: dict[str, Any] = {
    "heading_style": "ATX",
    "bullets": "-",
    "escape_misc": False,
    "escape_underscores": False,
    "table_infer_header": True,
}


def pages_of(file: BinaryIO, family: Family, limit: int) -> list[str]:
    """A document's pages, sheets or slides, in Markdown or plain text, of together about ``limit`` characters; empty ones stay.

    Raises:
        Mismatch: it is another kind of file.
        Unreadable: it is broken, locked, or too large when unpacked.
    """
    pages: list[str] = []
    left = limit
    for piece in _READERS[family](file):
        # What PostgreSQL cannot keep: U+0000, and halves of characters.
        whole = piece.replace("\0", "\N{REPLACEMENT CHARACTER}").replace("\r\n", "\n").strip("\n")
        page = whole[:left].encode("utf-8", "replace").decode()
        pages.append(page)
        left -= len(page)
        if left <= 0:
            break
    return pages


def text_of(file: BinaryIO, family: Family, limit: int) -> str:
    """Up to ``limit`` characters of a document's text, each page of a PDF under its number, so that an answer can name it."""
    pages = enumerate(pages_of(file, family, limit), 1)
    named = [f"[page {number}]\n{page}" if family in NUMBERED else page for number, page in pages if page]
    return "\n".join(named)[:limit]


def _pdf(file: BinaryIO) -> Iterator[str]:
    from pypdf import PdfReader

    if b"%PDF-" not in file.read(1024):
        raise Mismatch
    file.seek(0)
    reader = PdfReader(file)
    if reader.is_encrypted and not reader.decrypt(""):
        raise Unreadable
    for page in reader.pages:
        yield page.extract_text()


def _docx(file: BinaryIO) -> Iterator[str]:
    import mammoth

    _check_archive(file, "word/document.xml")
    # Images are left out: they would come as megabytes of text.
    without_images = mammoth.images.img_element(lambda _image: {})
    # A copy, as it looks for a folder in the file's name.
    yield _markdown(mammoth.convert_to_html(io.BytesIO(file.read()), convert_image=without_images).value)


def _pptx(file: BinaryIO) -> Iterator[str]:
    from pptx import Presentation

    _check_archive(file, "ppt/presentation.xml")
    for slide in Presentation(file).slides:
        title: Any = slide.shapes.title
        parts = [f"## {' '.join(title.text_frame.text.split())}"] if title is not None and title.text_frame.text else []
        for shape in slide.shapes:
            if shape.has_table:
                parts.append(table([[cell.text for cell in row.cells] for row in shape.table.rows]))
            elif shape.has_text_frame and (title is None or shape.shape_id != title.shape_id):
                parts.append(shape.text_frame.text)
        if slide.has_notes_slide:
            parts.append(slide.notes_slide.notes_text_frame.text)
        yield "\n\n".join(part for part in parts if part.strip())


def _xlsx(file: BinaryIO) -> Iterator[str]:
    from openpyxl import load_workbook

    _check_archive(file, "xl/workbook.xml")
    for sheet in load_workbook(file, read_only=True, data_only=True).worksheets:
        rows = ([str(value) if value is not None else "" for value in row] for row in sheet.iter_rows(values_only=True))
        if filled := table([row for row in rows if any(row)]):
            yield f"## {sheet.title}\n\n{filled}"


def _check_archive(file: BinaryIO, member: str) -> None:
    """An office file is an archive with this member, and of a size that anybody may unpack."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as error:
        raise Mismatch from error
    if member not in {found.filename for found in members}:
        raise Mismatch
    if len(members) > MAX_MEMBERS or sum(found.file_size for found in members) > MAX_UNPACKED_BYTES:
        raise Unreadable
    file.seek(0)


def _html(file: BinaryIO) -> Iterator[str]:
    (written,) = _plain(file)
    yield _markdown(written)


def _markdown(written: str) -> str:
    """HTML as Markdown, without what is not its text: scripts, forms, and what stands around the article of a page."""
    from bs4 import BeautifulSoup
    from markdownify import MarkdownConverter

    soup = BeautifulSoup(written, "lxml")
    main = soup.select_one("main, [role=main]")
    article: Any = main or soup.body or soup
    noise = ["script", "style", "noscript", "template", "iframe", "form", "button", "svg", "img"]
    around = ["nav", "footer", "aside"]
    for element in article.find_all(noise + around):
        element.decompose()
    # The sign that documentation hangs behind its headings.
    for element in article.find_all("a", class_="headerlink"):
        element.decompose()
    converter = MarkdownConverter(**_STYLE)
    text: str = converter.convert_soup(article)
    title = soup.title.get_text(" ", strip=True) if soup.title is not None and not article.find("h1") else ""
    return f"# {title}\n\n{text.strip()}" if title else text.strip()


def _csv(file: BinaryIO) -> Iterator[str]:
    (written,) = _plain(file)
    yield csv_table(written)


def _plain(file: BinaryIO) -> Iterator[str]:
    content = file.read()
    text = _decoded(content)
    if any(ord(character) in _CONTROLS for character in text[:_SAMPLE]):
        raise Mismatch
    yield text


def _decoded(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    from charset_normalizer import from_bytes

    best = None if b"\0" in content[:_SAMPLE] else from_bytes(content[:_SAMPLE]).best()
    if best is None:
        raise Mismatch
    return content.decode(best.encoding, "replace")


_READERS: dict[Family, Callable[[BinaryIO], Iterator[str]]] = {
    "pdf": _pdf,
    "docx": _docx,
    "pptx": _pptx,
    "xlsx": _xlsx,
    "html": _html,
    "csv": _csv,
    "markdown": _plain,
    "text": _plain,
}
