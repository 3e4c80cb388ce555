"""Assistant's version -> Agent, and the answer to a turn."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from agents import (
    Agent,
    FunctionToolResult,
    Model,
    ModelSettings,
    RunConfig,
    RunContextWrapper,
    Runner,
    ToolsToFinalOutputFunction,
    ToolsToFinalOutputResult,
)
from chatkit.types import ThreadItemDoneEvent
from django.conf import settings

from chat.agents.cited import cited
from chat.agents.config import AgentConfig, load_config
from chat.agents.deltas import AnswerEvent
from chat.agents.guarded_answers import judged
from chat.agents.guardrails import breaks_policy, breaks_rules, guardrails_of
from chat.agents.history import model_input
from chat.agents.options import chosen
from chat.agents.providers.build import model_for, reads_images
from chat.agents.providers.errors import explain
from chat.agents.providers.meter import Meter
from chat.agents.retrieval import approved, knowledge_of, looked_up
from chat.agents.spans import SpanHooks
from chat.agents.stream import stream_events
from chat.agents.summaries import Summary, after_summary
from chat.agents.tracing import TraceHooks
from chat.stores.base import OpenedRun, PlatformStore
from chat.tools import RegisteredTool, tools_of
from chat.tools.agent_context import PlatformAgentContext
from chat.tools.approval import NOT_ASKED
from chatplatform.lib.errors import PlatformError

#: Model calls in one answer; ends a model that calls tools for ever.
MAX_TURNS = 12


def build_agent(
    config: AgentConfig, name: str, model: Model, tools: list[RegisteredTool], chosen_tool: str | None
) -> Agent[PlatformAgentContext]:
    """The agent of a version.  ``chosen_tool`` is the one that it has to call first.

    A tool that waits for the browser or for the user ends the model's turn: its result comes with a request of its own.
    """
    return Agent(
        name=name,
        instructions=config.instructions or None,
        model=model,
        # One that its tenant has removed meanwhile cannot be called.
        model_settings=ModelSettings(tool_choice=chosen_tool if chosen_tool in {tool.name for tool in tools} else None),
        tools=[tool.offered for tool in tools],
        tool_use_behavior=_ending_at({tool.name for tool in tools if tool.ends_turn}),
    )


def _ending_at(names: set[str]) -> ToolsToFinalOutputFunction[PlatformAgentContext]:
    """Ends the model's turn after one of these tools, unless the user was not asked what it was to ask."""

    def decide(
        _context: RunContextWrapper[PlatformAgentContext], results: list[FunctionToolResult]
    ) -> ToolsToFinalOutputResult:
        waits = [each.output for each in results if each.tool.name in names and str(each.output) not in NOT_ASKED]
        return ToolsToFinalOutputResult(is_final_output=bool(waits), final_output=waits[0] if waits else None)

    return decide


async def answer(opened: OpenedRun, store: PlatformStore) -> AsyncGenerator[AnswerEvent, None]:
    """The assistant's answer to what opened the run.

    Raises:
        PlatformError: ``assistant_unavailable``, ``hosted_elsewhere``, or what `explain` makes of a failure.
    """
    context = opened.context
    config = await load_config(context.assistant.version_id, context.tenant.id)
    if config.workflow:
        raise PlatformError("hosted_elsewhere")
    config, tool = chosen(opened.item, config)
    tools = await tools_of(config.tools, context)
    summary: Summary | None = opened.thread.metadata.get("summary")
    meter = Meter(config.provider, config.model)
    opened.usage = meter.usage
    spans = SpanHooks(meter)
    model = await model_for(config, context.tenant.id, meter)
    guards = guardrails_of(config)
    events: AsyncGenerator[AnswerEvent, None] | None = None
    try:
        if guards is not None and await breaks_rules(guards, opened.item):
            yield ThreadItemDoneEvent(item=guards.refusal(opened.thread.id))
            return
        if (known_answer := await approved(opened.item, config, opened.thread.id, context)) is not None:
            yield ThreadItemDoneEvent(item=known_answer)
            return
        conversation = await model_input(
            after_summary(opened.history, summary),
            context,
            reads_images=reads_images(config),
            summary=summary["text"] if summary else "",
        )
        if guards is not None:
            conversation = await guards.shown_to_model(conversation)
            if await breaks_policy(guards, opened.item, conversation, model):
                yield ThreadItemDoneEvent(item=guards.refusal(opened.thread.id))
                return
        knowledge = knowledge_of(config)
        agent_context = PlatformAgentContext(
            thread=opened.thread,
            store=store,
            request_context=context,
            knowledge_sources=tuple(knowledge.sources),
            reranks=knowledge.rerank,
        )
        if guards is not None:
            agent_context.is_shown_whole = guards.leaves
        passages = await looked_up(opened.item, config, agent_context)
        conversation += await guards.shown_to_model(passages) if guards is not None else passages
        agent = build_agent(config, context.assistant.name, model, tools, tool)
        agent.hooks = spans
        result = Runner.run_streamed(
            agent,
            input=conversation,
            context=agent_context,
            max_turns=MAX_TURNS,
            hooks=TraceHooks(opened.trace, meter) if opened.trace is not None else None,
            run_config=RunConfig(tracing_disabled=not settings.PROVIDER_TRACING, trace_include_sensitive_data=False),
        )
        events = stream_events(result, agent_context)
        events = cited(events, agent_context)
        if guards is not None and (policy := guards.options.output.policy):
            events = judged(events, policy, model)
        async for event in events:
            yield event
    except Exception as error:
        if (known := explain(error)) is not None:
            raise known from error
        raise
    finally:
        meter.stop()
        if events is not None:
            await events.aclose()
        spans.close()
