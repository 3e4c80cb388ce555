"""TraceHooks: tells a run's trace what the model is sent, and what its tools get and give.

What the model answers in words is not kept here: it is in the run's events, after the guardrails have seen it.
"""

from __future__ import annotations

from typing import Any

from agents import FunctionTool, RunHooks

from chat.agents.providers.meter import Meter
from chat.stores.trace import Trace


class TraceHooks(RunHooks[Any]):
    """Of one run."""

    def __init__(self, trace: Trace, meter: Meter) -> None:
        self._trace, self._meter = trace, meter
        self._sent: list[Any] = []
        self._asked: dict[str, Any] = {}
        self._called: dict[str, dict[str, Any]] = {}

    async def on_llm_start(self, context: Any, agent: Any, system_prompt: str | None, input_items: list[Any]) -> None:
        # Each call of the model repeats what the last one was sent: that is kept once.
        repeated = 0
        while repeated < min(len(self._sent), len(input_items)) and self._sent[repeated] == input_items[repeated]:
            repeated += 1
        self._sent = list(input_items)
        self._asked = self._trace.add(
            {
                "kind": "model",
                "instructions": system_prompt,
                "repeated": repeated,
                "input": input_items[repeated:],
                "tools": [_offered(tool) for tool in agent.tools],
                "tool_choice": agent.model_settings.tool_choice,
            }
        )

    async def on_llm_end(self, context: Any, agent: Any, response: Any) -> None:
        self._trace.finish(
            self._asked,
            provider=self._meter.usage.provider,
            model=self._meter.usage.model,
            input_tokens=response.usage.input_tokens,
            output_tokens=response.usage.output_tokens,
        )

    async def on_tool_start(self, context: Any, agent: Any, tool: Any) -> None:
        call = getattr(context, "tool_call_id", tool.name)
        arguments = getattr(context, "tool_arguments", "")
        self._called[call] = self._trace.add({"kind": "tool", "name": tool.name, "call": call, "arguments": arguments})

    async def on_tool_end(self, context: Any, agent: Any, tool: Any, result: object) -> None:
        if (step := self._called.pop(getattr(context, "tool_call_id", tool.name), None)) is not None:
            self._trace.finish(step, result=result)


def _offered(tool: Any) -> dict[str, Any]:
    if not isinstance(tool, FunctionTool):
        return {"name": tool.name}
    return {"name": tool.name, "description": tool.description, "parameters": tool.params_json_schema}
