"""Blocklists find what people read, however it is written and wherever it is cut, and hold back no more than they must."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator

import pytest

from chat.agents.filters.blocklist import Blocked, BlockFilter, Blocklist, _Kept, blocklist_of
from chat.agents.filters.folding import FOLDS, folded
from tests.support.growth import MAX_RATIO, growth

#: The same two words, as people read them.
SPELLINGS = [
    "secret plan",
    "SECRET Plan",
    "secret" + " " * 12 + "plan",
    "secret\n\n\t plan",
    "secret\u00a0\u2003plan",
    "secret\u2800plan",
    "s\u200be\u200bc\u200br\u200be\u200bt plan",
    "sec\u00adret plan",
    "sec\u2060ret\u200b \u200bplan",
    "s\u0336e\u0336c\u0336r\u0336e\u0336t\u0336 plan",
    "s\u034fecret pl\ufe0fan",
    "sécrèt plän",
    "se\u0301cret plan",
    "ｓｅｃｒｅｔ　ｐｌａｎ",
    "𝐬𝐞𝐜𝐫𝐞𝐭 𝓅𝓁𝒶𝓃",
    "ⓢⓔⓒⓡⓔⓣ plan",
    "secret\u202e plan",
    "sec\0ret plan",
    "_secret plan_",
    "**secret plan**",
]


def listed(*words: str) -> Blocklist:
    found = blocklist_of(words)
    assert found is not None
    return found


def pieces(words: Blocklist, text: str, size: int) -> Iterator[str]:
    made = BlockFilter(words)
    for at in range(0, len(text), size):
        yield made.feed(text[at : at + size])
    yield made.finish()


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_spelling_that_people_read_the_same_is_found(spelling: str) -> None:
    words = listed("harmless", "secret plan")
    text = f"ok, the {spelling}, ok"
    assert words.search(text)
    assert words.search(spelling)
    for size in (1, 2, 3, 50):
        out: list[str] = []
        with pytest.raises(Blocked):
            out.extend(pieces(words, text, size))
        assert folded("".join(out)).strip("_* ") in ("", "ok, the")


@pytest.mark.parametrize("entry", SPELLINGS)
def test_an_entry_may_be_written_in_each_of_them(entry: str) -> None:
    assert listed(entry.strip("_*")).search("the secret plan")


@pytest.mark.parametrize(
    "text",
    ["secretplan", "secret plans", "a secret planet", "secrets plan", "secret, plan", "asecret plan", "secret 1 plan"],
)
def test_other_words_are_let_through_as_they_are(text: str) -> None:
    words = listed("secret plan")
    assert not words.search(text)
    for size in (1, 2, 50):
        assert "".join(pieces(words, text, size)) == text


def test_words_of_scripts_without_spaces_are_found_inside_of_a_sentence() -> None:
    assert listed("秘密").search("这是秘密计划")
    assert listed("แผน").search("นี่คือแผนลับ")
    assert not listed("plan").search("planet")
    assert not listed("비밀").search("비밀번호")


def test_an_entry_of_characters_that_nobody_sees_blocks_nothing() -> None:
    words = listed("\u200b", "\u00ad ")
    assert not words.search("anything \u200b")
    assert "".join(pieces(words, "any\u200bthing", 1)) == "any\u200bthing"


def test_exactly_what_may_become_a_word_is_held_back() -> None:
    made = BlockFilter(listed("secret plan", "plan b"))
    given = ["The ", "s", "ecret", " \u200b  ", "pla", "ce", " is a p", "lan", " ", "c. x"]
    shown = ["The ", "", "", "", "", "secret \u200b  place", " is a ", "", "", "plan c. x"]
    assert [made.feed(piece) for piece in given] == shown
    assert made.finish() == ""
    assert BlockFilter(listed("plan")).feed("plane") == "plane"
    made = BlockFilter(listed("plan"))
    assert made.feed("plan") == ""
    assert made.feed("\u00ad") == ""
    assert made.feed("et") == "plan\u00adet"


def test_a_list_says_what_each_of_its_words_says() -> None:
    """Against a plain search for each word, in texts and lists that are drawn by lot."""
    drawn = random.Random(4)

    def some(letters: str, most: int) -> str:
        return "".join(drawn.choices(letters, k=drawn.randint(1, most)))

    def stands_in(text: str, entry: str) -> bool:
        before, after = (r"(?<![^\W_])" if entry[0].isalnum() else ""), (r"(?![^\W_])" if entry[-1].isalnum() else "")
        return re.search(before + re.escape(entry) + after, text) is not None

    blocked = 0
    for _round in range(600):
        words = [word for word in (some("aB. é(ﬁ", 6) for _word in range(5)) if word.strip()] or ["a"]
        text = some("abB. \u200b\né(fi", 12)
        alone = any(stands_in(folded(text), folded(word).strip()) for word in words)
        assert listed(*words).search(text) is alone, (words, text)
        for size in (1, 3):
            out: list[str] = []
            try:
                out.extend(pieces(listed(*words), text, size))
            except Blocked:
                assert alone, (words, text)
                assert text.startswith("".join(out))
                assert not any(stands_in(folded("".join(out)), folded(word).strip()) for word in words), (words, text)
            else:
                assert not alone, (words, text)
                assert "".join(out) == text
        blocked += alone
    assert 100 < blocked < 500


def test_a_list_may_go_as_deep_as_its_words_are_long() -> None:
    nested = listed(*("a " * count + "b" for count in range(100)), *("c" * count for count in range(1, 201)))
    assert nested.search("x " + "a  " * 99 + "B")
    assert nested.search("C" * 200)
    assert not nested.search("c" * 201 + " a a")


LISTS = {
    "phrases that begin alike": [f"how to {number}" for number in range(1_000)],
    "each the beginning of the next": ["z" * length for length in range(1, 201)],
    "each the end of the next, without spaces": ["b" * length + "見" for length in range(200)],
    "phrases of single letters": ["a " * length + "b" for length in range(100)],
    "nine hundred long ones": ["ab" * 99 + f"{number:02x}" for number in range(900)],
}


@pytest.mark.parametrize("name", LISTS)
def test_a_long_list_costs_the_length_of_the_text(name: str) -> None:
    words = listed(*LISTS[name])

    def streamed(text: str) -> None:
        list(pieces(words, text, 16))

    for body in ("a", "a ", "ab", "how to ", "how to 9", " ", "\n", "a\u200b", "ﷺ", "b", "é", "z"):
        for work in (words.search, streamed):
            assert growth(work, repeated(body), (500, 2_000, 8_000, 32_000)) <= MAX_RATIO


def repeated(body: str, head: str = "") -> Callable[[int], str]:
    return lambda size: head + body * (size // len(body))


def test_a_wait_for_the_next_word_costs_the_length_of_what_waits() -> None:
    """Spaces between two words of an entry are held back, but not looked at again with each piece."""

    def streamed(text: str) -> None:
        assert "".join(pieces(words, text, 1)) == text

    words = listed("secret plan")
    for space in (" ", "\u200b", "\n\u00ad"):
        assert growth(streamed, repeated(space, "secret"), (500, 2_000, 8_000, 32_000)) <= MAX_RATIO


def test_many_lists_do_not_fill_the_memory() -> None:
    kept = _Kept(1_000)
    first = kept.get(("x" * 100,))
    assert kept.get(("x" * 100,)) is first
    for number in range(50):
        assert kept.get((f"{number:0100}",)).search(f"{number:0100}")
    assert len(kept) == 10
    assert kept.get(("x" * 100,)) is not first


def test_the_characters_of_a_text_do_not_fill_the_memory() -> None:
    folded("".join(map(chr, range(0x20000, 0x30000))))
    assert len(FOLDS) <= 20_000
    assert folded(chr(0x2FFF0)) == chr(0x2FFF0)


def test_no_script_loses_its_letters() -> None:
    """What is left out is listed: a letter that vanished would make words the same that are not."""
    letters = [chr(point) for point in range(0x11_0000) if chr(point).isalpha()]
    # Arabic has characters that are nothing but a mark by itself.
    lost = [letter for letter in letters if not folded(letter).strip() and not "\ufb50" <= letter <= "\ufeff"]
    assert lost == ["\u0640", "\u115f", "\u1160", "\u3164", "\uffa0"]
