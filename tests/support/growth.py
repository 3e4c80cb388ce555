"""How the cost of work grows with the text that it is done on.

The CPU time of this thread is counted, so that a loaded machine changes nothing, and ratios are compared, never clocks: four times
the text may take about four times as long, while quadratic work takes sixteen times and cubic work sixty-four times as long.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

#: Sizes of texts, in characters; each is four times the one before.
SIZES = (500, 2_000, 8_000, 32_000)
#: Seconds below which a measurement says nothing, and a text is no danger either.
NOISE = 0.02
#: What four times the text may cost at most: half way, in proportion, between four (linear) and sixteen (quadratic).
MAX_RATIO = 9.0
#: Seconds of CPU time after which one measurement is given up: exponential work never ends.
_GIVE_UP = 3.0


class EndlessError(Exception):
    """Work that did not end."""


@contextmanager
def limited() -> Iterator[None]:
    """Raise `EndlessError` inside, in the main thread, after `_GIVE_UP` seconds of this process's CPU time."""

    def end(_signal: int, _frame: Any) -> None:
        raise EndlessError

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, _GIVE_UP)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def cost(work: Callable[[str], object], text: str, tries: int = 1) -> float:
    """Seconds of this thread's CPU time, the best of several tries."""
    best = float("inf")
    for _ in range(tries):
        began = time.thread_time()
        work(text)
        best = min(best, time.thread_time() - began)
    return best


def growth(work: Callable[[str], object], text_of: Callable[[int], str], sizes: tuple[int, ...] = SIZES) -> float:
    """How many times as much four times the text costs, where it begins to cost anything; 0 when it never does.

    Args:
        work: what is done to a text.
        text_of: the text with about so many characters.
    """
    for small, large in pairwise(sizes):
        try:
            with limited():
                if cost(work, text_of(large)) < NOISE:
                    continue
        except EndlessError:
            return float("inf")
        ratio = _ratio(work, text_of, small, large)
        if ratio > MAX_RATIO:
            return ratio
    return 0.0


def _ratio(work: Callable[[str], object], text_of: Callable[[int], str], small: int, large: int) -> float:
    """The least of three ratios: a machine that stumbles once makes nothing quadratic."""
    ratios = []
    for _ in range(3):
        ratios.append(cost(work, text_of(large), 2) / max(cost(work, text_of(small), 3), NOISE / 1_000))
        if ratios[-1] <= MAX_RATIO:
            break
    return min(ratios)
