"""Attacks on the doors: every operation and address of the chat that names something, with a session of another tenant.

They go through the application as it is served, in this process, and to the installation's own database: so the two scratch
tenants are really there for a moment.  Whatever belongs to somebody else has to answer exactly as what does not exist.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import httpx2
import orjson
from django.conf import settings

from accounts import sessions
from accounts.models import EndUser
from chat.isolation.findings import Report
from chat.routing import ChatApi
from chatplatform.lib.ids import new_id
from tenants.models import Assistant, Tenant
from tenants.scope import tenant_scope
from tenants.versions import publish_first

_INPUT: Final = {"content": [{"type": "input_text", "text": "Hello"}], "attachments": [], "inference_options": {}}
_ACTION: Final = {"type": "x", "payload": {}}


@dataclass(frozen=True)
class Ids:
    """What somebody has; or ids of nothing."""

    thread: str
    item: str
    run: str
    attachment: str

    @classmethod
    def unknown(cls) -> Ids:
        return cls(new_id("thread"), new_id("message"), new_id("run"), new_id("attachment"))


Params = Callable[[Ids], dict[str, Any]]
#: ChatKit's operations that name something.
OPERATIONS: Final[dict[str, Params]] = {
    "threads.get_by_id": lambda it: {"thread_id": it.thread},
    "threads.update": lambda it: {"thread_id": it.thread, "title": "Changed"},
    "threads.add_user_message": lambda it: {"thread_id": it.thread, "input": _INPUT},
    "threads.add_client_tool_output": lambda it: {"thread_id": it.thread, "result": {}},
    "threads.retry_after_item": lambda it: {"thread_id": it.thread, "item_id": it.item},
    "threads.custom_action": lambda it: {"thread_id": it.thread, "item_id": it.item, "action": _ACTION},
    "threads.sync_custom_action": lambda it: {"thread_id": it.thread, "item_id": it.item, "action": _ACTION},
    "threads.add_structured_input": lambda it: {
        "thread_id": it.thread,
        "item_id": it.item,
        "input": {"status": "skipped", "answers": {}},
    },
    "items.list": lambda it: {"thread_id": it.thread},
    "items.feedback": lambda it: {"thread_id": it.thread, "item_ids": [it.item], "kind": "negative"},
    "threads.create": lambda it: {"input": {**_INPUT, "attachments": [it.attachment]}},
    "attachments.delete": lambda it: {"attachment_id": it.attachment},
    "threads.delete": lambda it: {"thread_id": it.thread},
}
#: Addresses that name something: method, and path.
ADDRESSES: Final[dict[str, tuple[str, Callable[[Ids], str]]]] = {
    r"/api/chatkit/runs/([^/]+)/events": ("GET", lambda it: f"/api/chatkit/runs/{it.run}/events"),
    r"/api/chatkit/runs/([^/]+)/cancel": ("POST", lambda it: f"/api/chatkit/runs/{it.run}/cancel"),
    r"/api/chatkit/attachments/([^/]+)/content": (
        "GET",
        lambda it: f"/api/chatkit/attachments/{it.attachment}/content",
    ),
    r"/api/chatkit/attachments/([^/]+)/content PUT": (
        "PUT",
        lambda it: f"/api/chatkit/attachments/{it.attachment}/content",
    ),
    r"/api/chatkit/entities/([^/]+)/([^/]+)/preview": (
        "GET",
        lambda it: f"/api/chatkit/entities/conversation/{it.thread}/preview",
    ),
}


def scratch_tenant() -> tuple[Tenant, str]:
    """A tenant with an assistant that needs no model, and the token of somebody who chats there."""
    slug = f"check-{new_id('request')[4:20]}"
    tenant = Tenant.objects.create(slug=slug, name="Isolation check", access=Tenant.Access.ANONYMOUS)
    with tenant_scope(tenant):
        assistant = Assistant.objects.create(tenant=tenant, slug="check", name="Check", is_default=True)
        publish_first(assistant, client_options={"composer": {"attachments": {"enabled": True}}})
        person = EndUser.objects.create(tenant=tenant, public_id=new_id("end_user"), kind=EndUser.Kind.ANONYMOUS)
        return tenant, sessions.issue(end_user=person, assistant=assistant, origin="").token


async def check_doors(report: Report, one: str, other: str) -> None:
    """Both directions, with the tokens of two tenants."""
    transport = httpx2.ASGITransport(ChatApi(_nowhere))  # type: ignore[arg-type]
    async with httpx2.AsyncClient(transport=transport, base_url=_address(), timeout=60) as client:
        for own, foreign in ((one, other), (other, one)):
            ids = await _conversation(client, foreign)
            for name, params in OPERATIONS.items():
                _try(report, name, [await _post(client, own, name, params(it)) for it in (ids, Ids.unknown())])
            for name, (method, path) in ADDRESSES.items():
                answers = [await _send(client, own, method, path(it)) for it in (ids, Ids.unknown())]
                _try(report, name, answers)
            still = await _post(client, foreign, "threads.get_by_id", {"thread_id": ids.thread})
            report.expect(
                "still there", "A conversation was changed from another tenant.", holds=still.status_code == 200
            )


def _address() -> str:
    """Where the installation is served; no tenant's own host."""
    hosts = [host.lstrip(".") for host in settings.ALLOWED_HOSTS if host != "*"]
    return settings.PUBLIC_URL or f"http://{hosts[0] if hosts else 'localhost'}"


async def _conversation(client: httpx2.AsyncClient, token: str) -> Ids:
    """Something to attack: a thread with an answer, and a file."""
    answer = await _post(client, token, "threads.create", {"input": _INPUT})
    events = [orjson.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: ")]
    item = next(event["item"]["id"] for event in events if event["type"] == "thread.item.done")
    announced = {"name": "check.txt", "size": 1, "mime_type": "text/plain"}
    file = (await _post(client, token, "attachments.create", announced)).json()
    thread = next(event["thread"]["id"] for event in events if event["type"] == "thread.created")
    return Ids(thread, item, answer.headers["x-chatkit-run-id"], file["id"])


def _try(report: Report, name: str, answers: list[httpx2.Response]) -> None:
    foreign, unknown = (_said(answer) for answer in answers)
    report.expect("door", f"{name}: what is foreign answers otherwise than what is unknown.", holds=foreign == unknown)
    report.expect("door", f"{name}: what is foreign answers {foreign[0]}.", holds=foreign[0] == 404)


def _said(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.text.replace(answer.headers.get("x-request-id", "-"), "-")


async def _post(client: httpx2.AsyncClient, token: str, kind: str, params: dict[str, Any]) -> httpx2.Response:
    return await _send(client, token, "POST", "/api/chatkit", {"type": kind, "params": params})


async def _send(
    client: httpx2.AsyncClient, token: str, method: str, path: str, body: dict[str, Any] | None = None
) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {token}"}
    if method == "PUT":
        return await client.put(path, content=b"x", headers=headers)
    return await client.request(method, path, json={} if body is None else body, headers=headers)


async def _nowhere(*_: Any) -> None:
    raise AssertionError("An address of the chat was not served.")
