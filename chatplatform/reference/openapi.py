"""docs/reference/openapi.json: the HTTP API for programs that make clients.

The routes and what they do come from the table of docs/reference/http-api.md, which a test holds to what is served; bodies come
from the models that read them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from chatkit.types import ChatKitReq
from django.conf import settings
from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from chat.views.sessions import MintRequest, RefreshRequest

_ROW: Final = re.compile(r"^\| `([A-Z]+) (\S+)` \| (.*) \|$", re.MULTILINE)
#: Pages are for people.
_OF_PROGRAMS: Final = re.compile(r"/(api/chatkit|healthz|readyz|metrics|embed/<id>/config)")
_BODIES: Final[dict[tuple[str, str], TypeAdapter[Any]]] = {
    ("POST", "/api/chatkit"): TypeAdapter(ChatKitReq),
    ("POST", "/api/chatkit/session"): TypeAdapter(MintRequest),
    ("DELETE", "/api/chatkit/session"): TypeAdapter(RefreshRequest),
    ("POST", "/api/chatkit/refresh"): TypeAdapter(RefreshRequest),
}


class _Schema(GenerateJsonSchema):
    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}


_TEXT: Final = {"type": "string"}
_ERROR: Final = {
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {
                "code": {"type": "string", "description": "One of docs/reference/errors.md."},
                "message": _TEXT,
                "hint": _TEXT,
                "request_id": _TEXT,
            },
            "required": ["code", "message", "hint", "request_id"],
        }
    },
    "required": ["error"],
}


def page() -> str:
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {"Error": _ERROR}
    for method, path, about in routes():
        operation = paths.setdefault(path.replace("<", "{").replace(">", "}"), {})[method.lower()] = _operation(
            path, about
        )
        if adapter := _BODIES.get((method, path)):
            schema = adapter.json_schema(ref_template="#/components/schemas/{model}", schema_generator=_Schema)
            schemas |= schema.pop("$defs", {})
            operation["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    about_us = {
        "title": "chatplatform",
        "version": "1",
        "description": "docs/reference/http-api.md has what holds everywhere.",
    }
    security = {
        "cookie": {"type": "apiKey", "in": "cookie", "name": "chat session"},
        "client_secret": {"type": "http", "scheme": "bearer"},
    }
    components = {"schemas": dict(sorted(schemas.items())), "securitySchemes": security}
    described = {"openapi": "3.1.0", "info": about_us, "paths": paths, "components": components}
    return json.dumps(described, indent=1, ensure_ascii=False) + "\n"


def routes() -> Iterator[tuple[str, str, str]]:
    """Method, path and description of each route for programs, as documented."""
    text = (settings.BASE_DIR / "docs" / "reference" / "http-api.md").read_text(encoding="utf-8")
    for method, path, about in _ROW.findall(text):
        if _OF_PROGRAMS.match(path):
            yield method, path.partition("?")[0], about


def _operation(path: str, about: str) -> dict[str, Any]:
    names = re.findall(r"<(\w+)>", path)
    operation: dict[str, Any] = {
        "summary": re.split(r"(?<=[.:])\s", re.sub(r"\[([^\[\]]*)\]\([^\[)]*\)", r"\1", about))[0].rstrip(":."),
        "description": about,
        "responses": {
            "2XX": {"description": "As described."},
            "default": {
                "description": "An error.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
            },
        },
    }
    if names:
        operation["parameters"] = [{"name": name, "in": "path", "required": True, "schema": _TEXT} for name in names]
    if path.startswith("/api/chatkit") and path != "/api/chatkit/session":
        operation["security"] = [{"cookie": []}, {"client_secret": []}]
    return operation
