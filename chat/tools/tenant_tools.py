"""The tools of an assistant: those that are registered, and those that its tenant has defined."""

from __future__ import annotations

from collections.abc import Iterable

from chat.context import ChatContext
from chat.tools import http_tools, mcp_tools
from chat.tools.registry import REGISTRY, RegisteredTool
from chatplatform.lib.db_pool import in_database


async def tools_of(names: Iterable[str], context: ChatContext) -> list[RegisteredTool]:
    """The tools that a version lists; a name of something that is not there any more is passed over.

    One query if there are HTTP tools among them, and one if there are MCP servers, which are asked for their tools now and then.
    """
    wanted = list(names)
    found = [REGISTRY[name] for name in wanted if name in REGISTRY]
    if http := [name.removeprefix(http_tools.PREFIX) for name in wanted if name.startswith(http_tools.PREFIX)]:
        found += await in_database(http_tools.load, http, context.tenant.id)
    if mcp := [name.removeprefix(mcp_tools.PREFIX) for name in wanted if name.startswith(mcp_tools.PREFIX)]:
        found += await mcp_tools.load(mcp, context.tenant.id)
    return found


async def tool_named(name: str, context: ChatContext) -> RegisteredTool | None:
    """A tool by the name under which the model calls it."""
    if name in REGISTRY:
        return REGISTRY[name]
    if name.startswith(http_tools.MODEL_PREFIX):
        found = await in_database(http_tools.load, [name.removeprefix(http_tools.MODEL_PREFIX)], context.tenant.id)
        return next(iter(found), None)
    if name.startswith(mcp_tools.MODEL_PREFIX):
        server = name.removeprefix(mcp_tools.MODEL_PREFIX).split("_", 1)[0]
        tools = await mcp_tools.load([server], context.tenant.id)
        return next((tool for tool in tools if tool.name == name), None)
    return None
