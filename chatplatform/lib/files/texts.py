"""The text in a document.  Runs in the child."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from chatplatform.lib.files.kinds import Family
from chatplatform.lib.files.problems import Mismatch, Unreadable

#: What a DOCX may hold when it is unpacked.
MAX_UNPACKED_BYTES = 100_000_000
MAX_MEMBERS = 5_000
#: How much of a text in an unknown encoding is looked at.
_SAMPLE = 100_000
_CONTROLS = frozenset(range(32)) - {9, 10, 12, 13, 27}


def text_of(file: BinaryIO, family: Family, limit: int) -> str:
    """Up to ``limit`` characters of a document's text.

    Raises:
        Mismatch: it is another kind of file.
        Unreadable: it is broken, locked, or too large when unpacked.
    """
    return _joined(_READERS[family](file), limit)


def _joined(pieces: Iterable[str], limit: int) -> str:
    kept: list[str] = []
    length = 0
    for piece in pieces:
        kept.append(piece)
        length += len(piece) + 1
        if length > limit:
            break
    # What PostgreSQL cannot keep: U+0000, and halves of characters.
    text = "\n".join(kept)[:limit].replace("\0", "\N{REPLACEMENT CHARACTER}")
    return text.encode("utf-8", "replace").decode()


def _pdf(file: BinaryIO) -> Iterator[str]:
    """Page by page, each under its number, so that an answer can name it."""
    from pypdf import PdfReader

    if b"%PDF-" not in file.read(1024):
        raise Mismatch
    file.seek(0)
    reader = PdfReader(file)
    if reader.is_encrypted and not reader.decrypt(""):
        raise Unreadable
    for number, page in enumerate(reader.pages, 1):
        if text := page.extract_text().strip():
            yield f"[page {number}]\n{text}"


def _docx(file: BinaryIO) -> Iterator[str]:
    from docx import Document
    from docx.table import Table

    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as error:
        raise Mismatch from error
    if "word/document.xml" not in {member.filename for member in members}:
        raise Mismatch
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED_BYTES:
        raise Unreadable
    file.seek(0)
    for block in Document(file).iter_inner_content():
        if isinstance(block, Table):
            for row in block.rows:
                yield " | ".join(cell.text.strip() for cell in row.cells)
        elif block.text.strip():
            yield block.text


def _html(file: BinaryIO) -> Iterator[str]:
    from lxml import html

    (written,) = _plain(file)
    if not written.strip():
        return
    # As bytes: a text that names its own encoding is refused.
    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False)
    root = html.document_fromstring(written.encode(), parser=parser)
    for element in list(root.iter("script", "style", "noscript", "template")):
        element.drop_tree()
    for text in root.itertext():
        if words := " ".join(text.split()):
            yield words


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


_READERS: dict[Family, Callable[[BinaryIO], Iterable[str]]] = {
    "pdf": _pdf,
    "docx": _docx,
    "html": _html,
    "text": _plain,
}
