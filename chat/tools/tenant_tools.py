"""The tools of an assistant: those that are registered, and those that its tenant has defined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from chat.context import ChatContext
from chat.tools import http_tools, mcp_tools
from chat.tools.registry import REGISTRY, RegisteredTool
from chatplatform.lib.db_pool import in_tenant
from tenants.models import AssistantVersion


async def tools_of(names: Iterable[str], context: ChatContext) -> list[RegisteredTool]:
    """The tools that a version lists; a name of something that is not there any more is passed over.

    No two have the same name: which one the model means, and which one a user agreed to, must not depend on an order.

    One query if there are HTTP tools among them, and one if there are MCP servers, which are asked for their tools now and then.
    """
    wanted = list(names)
    found = [REGISTRY[name] for name in wanted if name in REGISTRY]
    if http := [name.removeprefix(http_tools.PREFIX) for name in wanted if name.startswith(http_tools.PREFIX)]:
        found += await in_tenant(context.tenant.id, http_tools.load, http, context.tenant.id)
    if mcp := [name.removeprefix(mcp_tools.PREFIX) for name in wanted if name.startswith(mcp_tools.PREFIX)]:
        found += await mcp_tools.load(mcp, context.tenant.id)
    twice = {name for name, number in Counter(tool.name for tool in found).items() if number > 1}
    return [tool for tool in found if tool.name not in twice or REGISTRY.get(tool.name) is tool]


async def tool_named(name: str, context: ChatContext) -> RegisteredTool | None:
    """A tool by the name under which the model calls it, if the caller's assistant has it now: three queries at most."""
    listed = await in_tenant(context.tenant.id, _listed, context)
    return next((tool for tool in await tools_of(listed, context) if tool.name == name), None)


def _listed(context: ChatContext) -> list[str]:
    version = AssistantVersion.objects.for_tenant(context.tenant.id).filter(pk=context.assistant.version_id or 0)
    return [name for names in version.values_list("tools", flat=True) for name in names]


def may_choose(listed: str) -> bool:
    """Whether users can pick what a version lists under this name: one tool, not a server of many."""
    return listed in REGISTRY or listed.startswith(http_tools.PREFIX)


def model_name(listed: str) -> str:
    """The name by which the model calls what a version lists under this name."""
    if listed.startswith(http_tools.PREFIX):
        return http_tools.MODEL_PREFIX + listed.removeprefix(http_tools.PREFIX)
    return listed
