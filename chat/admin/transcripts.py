"""A stored conversation as the pages' viewer (frontend/src/viewer/) shows it: in the real client, where nothing does anything."""

from __future__ import annotations

from typing import Any

import orjson
from django.templatetags.static import static

from chat.admin.thread_files import PanelLinks
from chat.models import Run, RunTrace, Thread, ThreadItem
from chat.page_options import options_of
from chat.stores import codec
from chat.stores.attachments import refreshed
from chatplatform.lib.errors import PlatformError

#: Items of one page.
PAGE = 100
#: Items that stand before an answer which is shown again.
BEFORE = 20


def transcript(thread: Thread, before: int | None, origin: str) -> tuple[dict[str, Any], int | None]:
    """What the user saw: the newest items, or those before one; and where the page of older ones begins, if there is one."""
    rows = _visible(thread)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    keys = list(rows.order_by("-pk").values_list("pk", flat=True)[: PAGE + 1])
    older = keys[PAGE - 1] if len(keys) > PAGE else None
    shown = rows.filter(pk__in=keys[:PAGE]).order_by("pk")
    return _recording(thread, shown, origin), older


def replay(thread: Thread, run: Run, trace: RunTrace, origin: str) -> dict[str, Any]:
    """An answer as it was written, behind what was there before it."""
    keys = _visible(thread).filter(created_at__lt=run.created_at).exclude(run=run).order_by("-pk").values("pk")[:BEFORE]
    shown = _visible(thread).filter(pk__in=list(keys.values_list("pk", flat=True))).order_by("pk")
    return {**_recording(thread, shown, origin), "run": {"id": run.public_id, "events": trace.events}}


def _visible(thread: Thread) -> Any:
    return ThreadItem.objects.for_tenant(thread.tenant_id).filter(thread=thread, is_hidden=False)


def _recording(thread: Thread, items: Any, origin: str) -> dict[str, Any]:
    links = PanelLinks(thread, origin)
    raws = [
        orjson.loads(refreshed(orjson.dumps(data).decode(), links)) for data in items.values_list("data", flat=True)
    ]
    shown = codec.thread_json(
        thread.public_id,
        thread.title,
        thread.created_at,
        status=thread.status,
        reason=thread.status_reason,
        domains=None,  # what loads by itself for the visitor is no matter of the staff's browsers
    )
    return {
        "openUrl": static("chatkit/client.js"),
        "options": _look(thread),
        "thread": shown,
        "items": [raw for raw in raws if raw.get("type") != "client_tool_call"],
        "run": None,
    }


def _look(thread: Thread) -> dict[str, Any]:
    """The options of the assistant that change how a conversation looks."""
    try:
        options = options_of(thread.assistant)
    except PlatformError:
        return {}
    return {name: options[name] for name in ("theme",) if name in options}
