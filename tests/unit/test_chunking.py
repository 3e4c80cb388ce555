"""Documents are cut where their authors made an end."""

from itertools import pairwise

import pytest

from chat.knowledge.chunking import AIM, MOST, chunks_of

ROWS = "\n".join(f"| tent {number} | {number} kg |" for number in range(400))
GUIDE = f"""# Guide

Words before.

## Tents

Green ones.

| Tent | Weight |
|---|---|
| Alpha | 2 kg |
| Beta | 3 kg |

### Care

```sh
wash --cold

dry --slowly
```

## List

| Tent | Weight |
|---|---|
{ROWS}
"""


def test_a_chunk_has_the_headings_above_it_and_its_place() -> None:
    chunks = chunks_of("guide.md", GUIDE, [], is_markdown=True)
    assert [chunk.title for chunk in chunks[:3]] == ["Guide", "Guide › Tents", "Guide › Tents › Care"]
    assert chunks[1].text == "Green ones.\n\n| Tent | Weight |\n|---|---|\n| Alpha | 2 kg |\n| Beta | 3 kg |"
    # A blank line does not end a piece of code.
    assert chunks[2].text == "```sh\nwash --cold\n\ndry --slowly\n```"
    for chunk in chunks[:3]:
        assert GUIDE[chunk.start : chunk.end] == chunk.text


def test_what_is_cut_out_of_a_table_keeps_its_head_and_no_row_is_cut() -> None:
    parts = [chunk for chunk in chunks_of("", GUIDE, [], is_markdown=True) if chunk.title.endswith("List")]
    assert len(parts) > 2
    assert all(part.text.startswith("| Tent | Weight |\n|---|---|\n| tent ") for part in parts)
    assert "\n".join(GUIDE[part.start : part.end].strip() for part in parts) == ROWS


def test_a_long_text_is_cut_between_sentences_and_nothing_is_lost() -> None:
    text = " ".join(f"Sentence number {number} is about tents, boots and trails." for number in range(300))
    chunks = chunks_of("Long", text, [], is_markdown=False)
    assert "".join(text[chunk.start : chunk.end] for chunk in chunks) == text
    assert all(chunk.text.endswith("trails.") and len(chunk.text) <= AIM for chunk in chunks)
    assert all(one.end == other.start for one, other in pairwise(chunks))


def test_no_chunk_reaches_across_two_pages() -> None:
    pages = ["First page.", "Second page, which goes on.", "Third."]
    text = "\n\n".join(pages)
    chunks = chunks_of("Paper", text, [0, 13, 42], is_markdown=False)
    assert [(chunk.page, chunk.text) for chunk in chunks] == list(enumerate(pages, 1))


@pytest.mark.parametrize("text", ["x" * 50_000, "| a |\n|---|\n| " + "y" * 50_000 + " |", "```\n" + "z" * 50_000])
def test_what_has_no_end_is_cut_all_the_same(text: str) -> None:
    chunks = chunks_of("", text, [], is_markdown=True)
    assert len(chunks) > 10
    assert all(len(chunk.text) <= MOST + 20 for chunk in chunks)


def test_headings_alone_are_found_too() -> None:
    assert [chunk.text for chunk in chunks_of("", "# Only\n\n## Headings", [], is_markdown=True)] == [
        "# Only\n\n## Headings"
    ]
