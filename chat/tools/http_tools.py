"""HTTP tools: requests that a tenant's admin has defined, as tools for the model."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import quote

from agents import FunctionTool
from agents.tool_context import ToolContext
from chatkit.agents import AgentContext

from chat.context import ChatContext
from chat.tools.approval import with_approval
from chat.tools.registry import RegisteredTool
from chat.tools.untrusted import untrusted
from chatplatform.lib import outbound
from chatplatform.lib.db_pool import in_tenant
from chatplatform.lib.json_schema import check_data
from tenants.models import HttpTool
from tenants.models.http_tool import PLACEHOLDER, UnreadableHeadersError

#: Before the name of a tool in an assistant's list, and before the name by which the model calls it.
PREFIX, MODEL_PREFIX = "http:", "http_"


def load(names: list[str], tenant_id: int) -> list[RegisteredTool]:
    """The tenant's enabled tools with these names.  One query."""
    rows = HttpTool.objects.for_tenant(tenant_id).filter(name__in=names, is_enabled=True).order_by("name")
    return [tool_of(row) for row in rows]


def tool_of(row: HttpTool) -> RegisteredTool:
    """A stored tool as the model is given it."""

    async def call(_call: ToolContext[AgentContext[ChatContext]], arguments: str) -> str:
        try:
            given = json.loads(arguments or "{}")
            await asyncio.to_thread(check_data, given, _schema(row))
        except (ValueError, RecursionError):
            return "The arguments are not valid."
        try:
            url, content = request_of(row, given)
        except ValueError:
            return "The arguments are not valid."
        try:
            headers = await in_tenant(row.tenant_id, row.open_headers)
        except UnreadableHeadersError:
            return "The tool's credentials are gone."
        if content is not None:
            headers = {"content-type": "application/json", **headers}
        try:
            response = await outbound.request(row.method, url, headers=headers, content=content)
        except outbound.OutboundError as error:
            return f"The request was not answered: {error.reason}."
        return answer_of(response)

    tool = FunctionTool(
        name=f"{MODEL_PREFIX}{row.name}",
        description=row.description,
        params_json_schema=_schema(row),
        on_invoke_tool=call,
        strict_json_schema=False,
    )
    if not row.needs_approval:
        return RegisteredTool(tool, tool)
    definition = json.dumps([row.method, row.url_template, row.parameters])
    asking = with_approval(tool, lambda given: _question(row, given), definition)
    return RegisteredTool(asking, tool, ends_turn=True, definition=definition)


def request_of(row: HttpTool, given: dict[str, Any]) -> tuple[str, bytes | None]:
    """Address and body: arguments without a place in the address go into the query of a GET or DELETE, else into a JSON body.

    Raises:
        ValueError: an argument would lead out of its part of the address.
    """
    placed = set(PLACEHOLDER.findall(row.url_template))
    values = {name: _plain(given.get(name, "")) for name in placed}
    if any(value in (".", "..") for value in values.values()):
        raise ValueError("not a part of an address")
    # Everything is quoted, a slash too.
    url = PLACEHOLDER.sub(lambda match: quote(values[match[1]], safe=""), row.url_template)
    rest = {name: value for name, value in given.items() if name not in placed}
    if row.method not in ("GET", "DELETE"):
        return url, json.dumps(rest).encode()
    query = "&".join(f"{quote(name, safe='')}={quote(_plain(value), safe='')}" for name, value in rest.items())
    return (f"{url}{'&' if '?' in url else '?'}{query}" if query else url), None


def answer_of(response: outbound.Response) -> str:
    """An answer as data for the model."""
    return f"Status {response.status}. {untrusted('response', response.text)}"


def _schema(row: HttpTool) -> dict[str, Any]:
    return {"type": "object", "properties": {}, "additionalProperties": False, **row.parameters}


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _question(row: HttpTool, given: dict[str, Any]) -> str:
    check_data(given, _schema(row))
    request_of(row, given)
    return f"Let the assistant use {row.name.replace('_', ' ')}?"
