"""What others write costs no more than its length, wherever it is read: no text holds a process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from chatkit.types import UserMessageTextContent

from chat.admin.exports import inert
from chat.agents.filters.base import TextFilter, whole
from chat.agents.filters.egress import EgressFilter
from chat.agents.filters.redact import KINDS, RedactFilter, redacted
from chat.agents.offline.by_name import arguments_of
from chat.agents.offline.files import File, best_quotes, is_file
from chat.agents.offline.replies import decide
from chat.agents.titles import title_of
from chat.knowledge.blocks import markdown
from chat.knowledge.chunking import chunks_of
from chat.knowledge.loaders.website import Outline
from tests.support.growth import MAX_RATIO, growth

#: What a hostile text repeats.
BODIES = [
    *" \n\ta1-=([{<&#*_`>|.,;:/\\@+!\"'~^\0é見\u200b\u00ad\u0301",
    *(
        "a ",
        "a\n",
        ". ",
        "- ",
        "1. ",
        "> ",
        "# ",
        "| ",
        "|-",
        "**",
        "```",
        "~~~\n",
        "[a](",
        "![](",
        "[a]: ",
        "](",
        "&amp",
        "&#x",
    ),
    *("<a", "</a", "<!--", "<![CDATA[", "<a b='", "<div>", "<table><tr>", "<?"),
    *(
        "a@",
        "a@a.",
        "@a.",
        "1 ",
        "1-",
        "1.",
        "1:",
        "+49 ",
        "4111 ",
        "DE89 ",
        "a:",
        "::",
        "//",
        "http://",
        "https:/\\",
        "www.",
        "[1] ",
    ),
    *(
        "<untrusted-file>",
        "<untrusted-passages>",
        "<HiddenContext>",
        '<HiddenContext>{"action"',
        'a="',
        "pack ",
        "ask me ",
        "mountains ",
    ),
    *("? ", "1+", "(1", "1)", "=\n", "\t=", ". \n", "…”"),
]
TOOLS: dict[str, Any] = {
    "calculator": {},
    "rename_thread": {},
    "search_threads": {},
    "packing_list": {},
    "ask_questions": {},
    "contact_form": {},
    "search_documents": {},
}


def _decided(text: str) -> object:
    message = {"role": "user", "content": [{"type": "input_text", "text": text}]}
    return decide([message], TOOLS)


def _sent(made: TextFilter, text: str, size: int) -> None:
    for at in range(0, len(text), size):
        made.feed(text[at : at + size])
    made.finish()


READERS: dict[str, Callable[[str], object]] = {
    "offline answer": _decided,
    "offline answer about a mark": lambda text: decide(
        [{"role": "user", "content": f"A structured input request{text}"}], {}
    ),
    "offline arguments": lambda text: arguments_of(text, {"properties": {"a": {"type": "integer"}}}),
    "offline files": lambda text: (is_file({"text": text}), best_quotes([File("a", "text/plain", text)], text)),
    "cell of an export": inert,
    "title": lambda text: title_of([UserMessageTextContent(text=text)]),
    "chunks": lambda text: chunks_of("a", text, [], is_markdown=False),
    "chunks of Markdown": lambda text: chunks_of("a", text, [], is_markdown=True),
    "document for people": lambda text: markdown().render(text),
    "page of a website": Outline.of,
    **{f"redaction of {kind}": lambda text, kind=kind: redacted(text, [kind]) for kind in KINDS},  # type: ignore[misc]
    "streamed redaction": lambda text: _sent(RedactFilter(list(KINDS)), text, 40),
    "addresses": lambda text: whole(EgressFilter([]), text),
    "streamed addresses": lambda text: _sent(EgressFilter([]), text, 7),
}


def _texts() -> Iterator[tuple[str, Callable[[int], str]]]:
    for body in BODIES:
        for end in ("", "\0x"):
            yield repr(body + end), lambda size, body=body, end=end: body * (size // len(body)) + end  # type: ignore[misc]


@pytest.mark.parametrize("reader", READERS)
def test_no_text_costs_more_than_its_length(reader: str) -> None:
    found = {}
    for name, text_of in _texts():
        if (ratio := growth(READERS[reader], text_of, (250, 1_000, 4_000, 16_000))) > MAX_RATIO:
            found[name] = round(ratio, 1)
    assert found == {}
