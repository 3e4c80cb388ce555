"""Tools of MCP servers over HTTP, which a tenant's admin has connected.

Each call has a connection of its own: a server that was restarted, or forgot its sessions, is simply asked anew.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from agents import FunctionTool
from agents.tool_context import ToolContext
from chatkit.agents import AgentContext
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import TextContent, Tool

from chat.context import ChatContext
from chat.tools.approval import with_approval
from chat.tools.registry import RegisteredTool
from chat.tools.untrusted import untrusted
from chatplatform.lib import outbound
from chatplatform.lib.db_pool import in_tenant
from chatplatform.lib.json_schema import check_data, check_schema
from tenants.models import McpServer
from tenants.models.http_tool import UnreadableHeadersError

logger = logging.getLogger(__name__)

#: Before the name of a server in an assistant's list, and before the name by which the model calls one of its tools.
PREFIX, MODEL_PREFIX = "mcp:", "mcp_"
#: How long a server may take to list its tools, and to do something, in seconds.
LIST_SECONDS, CALL_SECONDS = 5.0, 30.0
#: How long a list is used, and how long a server that did not answer is left alone, in seconds.
FRESH_SECONDS, FAILED_SECONDS = 60.0, 15.0
MAX_TOOLS, MAX_PAGES, MAX_DESCRIPTION = 60, 5, 1_000
#: Of the name of a tool, for OpenAI and others.
_LONGEST_NAME = 64
_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")


@dataclass(frozen=True, slots=True)
class _Listing:
    tools: list[Tool]
    until: float


#: By server, in the state in which it was listed: a change of its row is seen at once.
_listings: dict[tuple[int, int, float], _Listing] = {}


async def load(names: list[str], tenant_id: int) -> list[RegisteredTool]:
    """The tools of the tenant's enabled servers with these names.  A server that does not answer has none for now."""
    servers = await in_tenant(tenant_id, _rows, names, tenant_id)
    listed = await asyncio.gather(*(_tools_of(server) for server in servers))
    return [_registered(server, tool) for server, tools in zip(servers, listed, strict=True) for tool in tools]


def _rows(names: list[str], tenant_id: int) -> list[McpServer]:
    return list(McpServer.objects.for_tenant(tenant_id).filter(name__in=names, is_enabled=True).order_by("name"))


async def _tools_of(server: McpServer) -> list[Tool]:
    key = (server.tenant_id, server.pk, server.updated_at.timestamp())
    known = _listings.get(key)
    if known is not None and known.until > time.monotonic():
        return known.tools
    try:
        async with asyncio.timeout(LIST_SECONDS):
            tools, fresh = await _list(server), FRESH_SECONDS
    except Exception as error:  # noqa: BLE001 - whatever a server of somebody else brings about
        logger.warning(
            "MCP server %s of tenant %s does not list its tools: %s", server.pk, server.tenant_id, _kind(error)
        )
        tools, fresh = [], FAILED_SECONDS
    for old in [old for old, listing in _listings.items() if old[:2] == key[:2] or listing.until < time.monotonic()]:
        del _listings[old]
    _listings[key] = _Listing(tools, time.monotonic() + fresh)
    return tools


async def _list(server: McpServer) -> list[Tool]:
    found: list[Tool] = []
    async with _connected(server, LIST_SECONDS) as client:
        cursor = None
        for _ in range(MAX_PAGES):
            page = await client.list_tools(cursor=cursor)
            found += page.tools
            cursor = page.next_cursor
            if cursor is None:
                break
    named = list({tool.name: tool for tool in reversed(found) if _NAME.fullmatch(tool.name)}.values())[::-1]
    wanted = [tool for tool in named if not server.allowed_tools or tool.name in server.allowed_tools][:MAX_TOOLS]
    return await asyncio.to_thread(lambda: [tool for tool in wanted if _is_usable(tool)])


def _is_usable(tool: Tool) -> bool:
    try:
        check_schema(tool.input_schema)
    except ValueError:
        return False
    return True


def model_name(server: str, tool: str) -> str:
    """The name by which a model calls a tool of a server: no two have the same, and none is longer than providers take.

    The form refuses "_", which divides the two parts, in a server's name.  A row that came another way gets a name made unique.
    """
    plain = f"{MODEL_PREFIX}{server}_{tool}"
    if "_" not in server and len(plain) <= _LONGEST_NAME:
        return plain
    digest = hashlib.sha256(f"{server}\0{tool}".encode()).hexdigest()[:12]
    return f"{plain[: _LONGEST_NAME - 13]}_{digest}"


def _registered(server: McpServer, tool: Tool) -> RegisteredTool:
    async def call(_call: ToolContext[AgentContext[ChatContext]], arguments: str) -> str:
        try:
            given = json.loads(arguments or "{}")
            await asyncio.to_thread(check_data, given, tool.input_schema)
        except (ValueError, RecursionError):
            return "The arguments are not valid."
        try:
            async with asyncio.timeout(CALL_SECONDS):
                return await _call_tool(server, tool.name, given)
        except UnreadableHeadersError:
            return "The tool's credentials are gone."
        except Exception as error:  # noqa: BLE001 - whatever a server of somebody else brings about
            logger.warning("MCP server %s of tenant %s failed: %s", server.pk, server.tenant_id, _kind(error))
            return "The tool's server did not answer."

    made = FunctionTool(
        name=model_name(server.name, tool.name),
        description=(tool.description or tool.title or tool.name)[:MAX_DESCRIPTION],
        params_json_schema=tool.input_schema,
        on_invoke_tool=call,
        strict_json_schema=False,
    )
    # The server's own word counts only for a tool that the tenant has named: a server can change its mind.
    says_so = tool.annotations is not None and tool.annotations.read_only_hint is True
    only_reads = says_so and tool.name in server.allowed_tools
    if only_reads or not server.needs_approval:
        return RegisteredTool(made, made)
    definition = json.dumps([server.url, tool.name, tool.input_schema])
    asking = with_approval(made, lambda given: _question(server, tool, given), definition)
    return RegisteredTool(asking, made, ends_turn=True, definition=definition)


async def _call_tool(server: McpServer, name: str, arguments: dict[str, Any]) -> str:
    async with _connected(server, CALL_SECONDS) as client:
        result = await client.call_tool(name, arguments)
    texts = [part.text if isinstance(part, TextContent) else f"[{part.type}]" for part in result.content]
    outcome = "The tool reports an error. " if result.is_error else ""
    return f"{outcome}{untrusted('result', chr(10).join(texts))}"


@asynccontextmanager
async def _connected(server: McpServer, seconds: float) -> AsyncIterator[Client]:
    headers = await in_tenant(server.tenant_id, server.open_headers)
    async with (
        outbound.guarded_client(headers=headers, timeout=seconds) as http,
        Client(streamable_http_client(server.url, http_client=http), read_timeout_seconds=seconds) as client,
    ):
        yield client


def _question(server: McpServer, tool: Tool, given: dict[str, Any]) -> str:
    check_data(given, tool.input_schema)
    # Its name, which is in the list of what is allowed, and not the title that the server may choose.
    return f"Let the assistant use {tool.name} of {server.name}?"


def _kind(error: BaseException) -> str:
    """What went wrong, in a word; task groups wrap it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error.reason if isinstance(error, outbound.OutboundError) else type(error).__name__
