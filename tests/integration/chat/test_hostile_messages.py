"""The largest messages that are allowed, made to be slow to read: the server goes on for everybody else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import httpx
import psutil
import pytest

from tests.conftest import Browse, StartServer
from tests.support.browsing import Browser
from tests.support.cast import Cast, assistant_of
from tests.support.servers import ServerProcess

#: CHAT_MAX_MESSAGE_CHARS.
SIZE = 32_000
HARMLESS = "Please read this, and tell me what it says. "
BODIES = {
    "signs": "-",
    "digits": "1",
    "spaces": "a" + " " * 40,
    "line breaks": "\n\t=",
    "one word": "a",
    "packing": "pack mountains ",
    "questions": "ask me ",
    "marks of files": "<untrusted-file>",
    "marks of notes": '<HiddenContext>{"action"',
    "pairs": 'a="',
    "phrases": "a ",
    "telephone numbers": "+49 1. ",
    "addresses": "a@a.",
    "links": "[a]: http://",
    "brackets": "[",
    "invisible": "a\u200b\u00ad\u0301",
}
RULES = {
    "blocklist": ["a " * length + str(number) for number, length in enumerate([*range(90)] * 10)],
    "redact": ["email", "phone", "card", "iban", "ip"],
}


@pytest.fixture
def start(server_with: StartServer, cast: Cast) -> Callable[..., ServerProcess]:
    assistant_of(cast.acme, "ruled", guardrails={"input": RULES, "output": RULES | {"hosts": []}})
    limit = "100000/minute"
    return partial(server_with, CHAT_RATE_LIMIT=limit, CHAT_ADDRESS_RATE_LIMIT=limit)


def largest(body: str) -> str:
    return (body * SIZE)[:SIZE]


@pytest.mark.parametrize("assistant", ["guide", "ruled"])
def test_others_are_answered_while_a_hostile_message_is_read(
    browse: Browse, start: Callable[..., ServerProcess], assistant: str
) -> None:
    started = start(OFFLINE_WORD_DELAY_MS="10")
    dave = browse(server=started).open(assistant)
    with httpx.Client(
        base_url=started.url, headers={"Host": f"globex.localhost:{started.port}"}, trust_env=False
    ) as probe:
        for name, body in BODIES.items():
            answers: list[str] = []
            asking = threading.Thread(target=_ask, args=(dave, body, answers))
            asking.start()
            probes = 0
            while asking.is_alive():
                probes += probe.get("/healthz").status_code == 200
            asking.join()
            assert answers, name
            assert answers[0], name
            # An answer has dozens of words, with 10 ms before each.
            assert probes > 5, name


@pytest.mark.parametrize("assistant", ["guide", "ruled"])
def test_a_hostile_message_costs_no_more_than_any_other_of_its_size(
    browse: Browse, start: Callable[..., ServerProcess], assistant: str
) -> None:
    """In the server's CPU time, which a loaded machine does not change."""
    started = start(OFFLINE_WORD_DELAY_MS="0")
    dave = browse(server=started).open(assistant)
    dave.say(largest(HARMLESS))
    usual = max(spent(started, lambda: dave.say(largest(HARMLESS))) for _ in range(3))
    costs = {
        name: min(spent(started, partial(dave.say, largest(body))) for _ in range(2)) for name, body in BODIES.items()
    }
    assert {name: cost for name, cost in costs.items() if cost > 4 * usual + 0.5} == {}


def _ask(visitor: Browser, body: str, answers: list[str]) -> None:
    answers.append(visitor.say(largest(body)).text)


def spent(server: ServerProcess, work: Callable[[], object]) -> float:
    """Seconds of the server's CPU time."""
    process = psutil.Process(server.pid)
    before = process.cpu_times()
    work()
    after = process.cpu_times()
    return after.user + after.system - before.user - before.system
