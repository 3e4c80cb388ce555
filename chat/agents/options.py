"""What a message may choose for its answer: one of the assistant's tools, and one of its models."""

from __future__ import annotations

from dataclasses import replace

from chatkit.types import InferenceOptions, ThreadItem, UserMessageItem

from chat.agents.config import AgentConfig
from chat.client_options import client_options
from chat.tools.tenant_tools import may_choose, model_name
from chatplatform.lib.errors import PlatformError


def check_options(options: InferenceOptions, config: AgentConfig) -> None:
    """Refuse a choice that the assistant's version does not offer.

    Raises:
        PlatformError: ``unknown_tool``, ``unknown_model``.
    """
    if options.tool_choice is not None and not _has_tool(config, options.tool_choice.id):
        raise PlatformError("unknown_tool")
    if options.model is not None and options.model not in _models_of(config):
        raise PlatformError("unknown_model")


def chosen(item: ThreadItem | None, config: AgentConfig) -> tuple[AgentConfig, str | None]:
    """The configuration with the model that a message chose, and the name by which the model calls the tool
    that it chose.

    What a later version does not offer any more counts as not chosen: an old message can be tried again.
    """
    options = item.inference_options if isinstance(item, UserMessageItem) else None
    if options is None:
        return config, None
    if options.model is not None and options.model in _models_of(config):
        config = replace(config, model=options.model)
    tool = options.tool_choice.id if options.tool_choice is not None else None
    return config, model_name(tool) if tool is not None and _has_tool(config, tool) else None


def _has_tool(config: AgentConfig, name: str) -> bool:
    return name in config.tools and may_choose(name)


def _models_of(config: AgentConfig) -> set[str]:
    models = client_options(config.client_options).get("composer", {}).get("models", [])
    return {model["id"] for model in models if not model.get("disabled")}
