"""A trace is bounded, and holds pieces of text of one moment together."""

from typing import Any

import orjson
import pytest

from chat.agents.deltas import TextDelta
from chat.runs.frames import frame
from chat.runs.log import TracedLog
from chat.stores import trace as module
from chat.stores.trace import Trace, wants_trace


@pytest.fixture
def trace() -> Trace:
    return Trace({})


def said(trace: Trace) -> list[Any]:
    return [event["update"]["delta"] if "update" in event else event["type"] for _moment, event in trace.events()]


def test_pieces_of_the_same_moment_and_part_are_one(trace: Trace) -> None:
    log = TracedLog(trace)
    for item, part, text in (("msg_a", 0, "a"), ("msg_a", 0, "b"), ("msg_a", 1, "c"), ("msg_b", 1, "d")):
        log.append_text(TextDelta(item, part, text))
    log.append(frame({"type": "notice"}))
    log.append_text(TextDelta("msg_b", 1, "e"))
    trace.moments[:] = [0, 39, 41, 42, 43, 44]
    assert said(trace) == ["ab", "c", "d", "notice", "e"]
    trace.moments[1] = 41
    assert said(trace) == ["a", "b", "c", "d", "notice", "e"]


def test_it_is_bounded(trace: Trace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 500)
    step = trace.add({"kind": "tool", "arguments": "x" * 300})
    trace.finish(step, result="y" * 300)
    assert "result" not in step
    assert "ended" in step
    assert trace.add({"kind": "model", "input": "z" * 300}) == {}
    assert (len(trace.steps), trace.is_cut) == (1, True)
    log = TracedLog(trace)
    for _ in range(100):
        log.append(frame({"type": "notice", "message": "x" * 50}))
    assert len(orjson.dumps(trace.events())) < 1_000


def test_images_as_text_are_cut_short(trace: Trace) -> None:
    image = "iVBOR" * 100
    drawn = {"type": "image_generation_call", "id": "ig_1", "result": image, "status": "completed"}
    shown = {"type": "input_image", "image_url": f"data:image/jpeg;base64,{image}"}
    step = trace.add({"kind": "model", "input": [drawn, shown]})
    assert step["input"][0] == drawn | {"result": "… (500 characters)"}
    assert image not in str(step)


@pytest.mark.parametrize(
    ("setting", "debug", "percent", "wanted"),
    [
        ("off", True, 100, False),
        ("debug", True, 0, True),
        ("debug", False, 100, False),
        ("sampled", False, 100, True),
        ("sampled", True, 0, False),
    ],
)
def test_of_which_runs_there_is_one(settings: Any, setting: str, debug: bool, percent: int, wanted: bool) -> None:
    settings.RUN_TRACES, settings.DEBUG, settings.RUN_TRACES_PERCENT = setting, debug, percent
    assert wants_trace() is wanted
