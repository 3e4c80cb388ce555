"""The SDKs whose private names the protocol's server uses."""

import re

from agents.tracing import get_trace_provider
from agents.tracing.traces import NoOpTrace

from chat.agents.providers import build
from tests.support.environment import PROJECT


def test_trap_33_the_sdks_are_pinned() -> None:
    pins = dict(re.findall(r"^([\w.-]+)==(\S+)", (PROJECT / "requirements.txt").read_text(), re.MULTILINE))
    assert {"openai-chatkit", "openai-agents", "openai"} <= pins.keys()


def test_trap_33_runs_are_reported_to_nobody() -> None:
    assert build.__name__  # its import decides
    assert isinstance(get_trace_provider().create_trace("a run"), NoOpTrace)
