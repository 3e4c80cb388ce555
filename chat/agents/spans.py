"""SpanHooks: a span for each call of a model and of a tool in one run."""

from __future__ import annotations

from typing import Any

from agents import AgentHooks

from chat.agents.providers.meter import Meter
from chatplatform.lib.telemetry import End, lasting


class SpanHooks(AgentHooks[Any]):
    """Of one run.  A call that fails has no end in the hooks: `close()` ends what is left."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._open: dict[str, End] = {}

    async def on_llm_start(self, context: Any, agent: Any, system_prompt: Any, input_items: Any) -> None:
        with lasting("model") as self._open["model"]:
            pass

    async def on_llm_end(self, context: Any, agent: Any, response: Any) -> None:
        used, tokens = self._meter.usage, response.usage
        self._open.pop("model")(
            provider=used.provider,
            model=used.model,
            input_tokens=tokens.input_tokens,
            output_tokens=tokens.output_tokens,
        )

    async def on_tool_start(self, context: Any, agent: Any, tool: Any) -> None:
        with lasting("tool", tool=tool.name) as self._open[_call(context, tool)]:
            pass

    async def on_tool_end(self, context: Any, agent: Any, tool: Any, result: object) -> None:
        self._open.pop(_call(context, tool))()

    def close(self) -> None:
        for end in self._open.values():
            end(failed="true")


def _call(context: Any, tool: Any) -> str:
    return str(getattr(context, "tool_call_id", tool.name))
