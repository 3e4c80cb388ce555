"""Work in the background, done by ``manage.py db_worker``.

A task gets ids and nothing that anybody wrote: the queue is a table that all tenants share.  It finds everything by its tenant, and
does nothing for whoever was suspended meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from chatkit.types import AssistantMessageItem, UserMessageItem
from django.conf import settings
from django.db import transaction
from django_tasks import task

from chat.agents.config import AgentConfig, read_config
from chat.agents.providers.build import close_clients
from chat.agents.providers.errors import explain
from chat.agents.providers.meter import Meter
from chat.agents.summaries import Summary, older_part, summary_by_model
from chat.agents.titles import title_by_model, title_of
from chat.models import Thread, ThreadItem
from chat.stores import codec
from chat.stores.usage import RunUsage
from chat.stores.usage_queries import keep_usage
from chatplatform.lib.db_pool import in_tenant
from tenants.models import Usage

logger = logging.getLogger(__name__)

#: Items that one summary reads at most; the next one goes on.
MOST_ITEMS = 200
#: Seconds that a model may take for one of these tasks, and for which a tenant goes without them after one that took longer: the
#: worker is everybody's, and a tenant's provider its own.
PATIENCE, PAUSE = 60.0, 600.0
#: Tenants whose models took too long -> until when they go without.
_slow: dict[int, float] = {}


@task()
async def name_thread(tenant_id: int, thread_id: str) -> None:
    """Give a thread a better title than its first words, unless somebody gave it one."""
    async with _alone(tenant_id, "a thread keeps its title"):
        found = await in_tenant(tenant_id, _unnamed, tenant_id, thread_id)
        if found is None or _is_slow(tenant_id):
            return
        meter = Meter(found.config.provider, found.config.model)
        title = await title_by_model(
            found.question, found.answer, config=found.config, tenant_id=tenant_id, meter=meter
        )
        meter.stop()
        await in_tenant(tenant_id, _name, found.thread, title, meter.usage)


@task()
async def summarise_thread(tenant_id: int, thread_id: str) -> None:
    """Bring a thread's summary up to what the model will not be shown much longer."""
    async with _alone(tenant_id, "a thread keeps its summary"):
        found = await in_tenant(tenant_id, _unsummarised, tenant_id, thread_id)
        if found is None or _is_slow(tenant_id):
            return
        meter = Meter(found.config.provider, found.config.model)
        text = await summary_by_model(found.items, found.earlier, config=found.config, tenant_id=tenant_id, meter=meter)
        meter.stop()
        summary = Summary(text=text or found.earlier, until=found.until, until_key=found.until_key)
        await in_tenant(tenant_id, _summarise, found.thread, summary, meter.usage)


def _is_slow(tenant_id: int) -> bool:
    return _slow.get(tenant_id, 0.0) > time.monotonic()


@asynccontextmanager
async def _alone(tenant_id: int, complaint: str) -> AsyncIterator[None]:
    """One task: what goes wrong ends here, as what the queue would keep of an exception could hold somebody's words."""
    try:
        async with asyncio.timeout(PATIENCE):
            yield
    except TimeoutError:
        _slow[tenant_id] = time.monotonic() + PAUSE
        logger.warning("%s: the model of tenant %s took too long", complaint, tenant_id)
    except Exception as error:  # noqa: BLE001
        known = explain(error)
        logger.warning("%s: %s", complaint, known.code if known is not None else type(error).__name__)
    finally:
        await close_clients()


# ---- what a task finds


@dataclass(frozen=True, slots=True)
class _Unnamed:
    """A thread whose title nobody chose."""

    thread: Thread
    config: AgentConfig
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class _Unsummarised:
    """A thread with items, as JSON texts, that its summary does not cover yet; ``until`` is the last of them."""

    thread: Thread
    config: AgentConfig
    earlier: str
    items: list[str]
    until: str
    until_key: int


def _thread(tenant_id: int, thread_id: str) -> tuple[Thread, AgentConfig] | None:
    """A thread that somebody may still chat in, and its assistant.  Two queries."""
    thread = (
        Thread.objects.for_tenant(tenant_id)
        .select_related("assistant", "end_user")
        .filter(public_id=thread_id, tenant__status="active", end_user__suspended_at=None, assistant__is_enabled=True)
        .first()
    )
    if thread is None or thread.assistant.published_version_id is None:
        return None
    return thread, read_config(thread.assistant.published_version_id, tenant_id)


def _unnamed(tenant_id: int, thread_id: str) -> _Unnamed | None:
    found = _thread(tenant_id, thread_id)
    if found is None:
        return None
    thread, config = found
    items = ThreadItem.objects.for_tenant(tenant_id).filter(thread=thread, is_hidden=False).order_by("pk")
    loaded = [codec.load_item(raw) for raw in items.values_list("data", flat=True)[:10]]
    question = next((item for item in loaded if isinstance(item, UserMessageItem)), None)
    if question is None or thread.title != title_of(question.content):
        return None
    asked = " ".join(part.text for part in question.content)
    said = [part.text for item in loaded if isinstance(item, AssistantMessageItem) for part in item.content]
    return _Unnamed(thread, config, asked, "\n".join(said))


def _unsummarised(tenant_id: int, thread_id: str) -> _Unsummarised | None:
    found = _thread(tenant_id, thread_id)
    if found is None:
        return None
    thread, config = found
    summary: dict[str, Any] = thread.metadata.get("summary") or {}
    items = ThreadItem.objects.for_tenant(tenant_id).filter(thread=thread, pk__gt=summary.get("until_key", 0))
    rows = list(items.order_by("pk").values_list("pk", "public_id", "data")[: MOST_ITEMS + settings.CHAT_HISTORY_ITEMS])
    older = older_part([orjson.dumps(data).decode() for _key, _id, data in rows])[:MOST_ITEMS]
    if not older:
        return None
    until_key, until, _data = rows[len(older) - 1]
    return _Unsummarised(thread, config, summary.get("text", ""), older, until, until_key)


# ---- what it leaves


def _name(thread: Thread, title: str | None, usage: RunUsage) -> None:
    """Unless it was renamed meanwhile; what the model used is kept in any case."""
    if title is not None:
        Thread.objects.for_tenant(thread.tenant_id).filter(pk=thread.pk, title=thread.title).update(title=title)
    _keep(thread, Usage.Purpose.TITLE, usage)


@transaction.atomic
def _summarise(thread: Thread, summary: Summary, usage: RunUsage) -> None:
    """Unless what it covers was taken back meanwhile, or another worker was faster."""
    _keep(thread, Usage.Purpose.SUMMARY, usage)
    locked = Thread.objects.for_tenant(thread.tenant_id).select_for_update(of=("self",)).filter(pk=thread.pk).first()
    items = ThreadItem.objects.for_tenant(thread.tenant_id).filter(thread=thread, pk=summary["until_key"])
    if locked is not None and locked.metadata.get("summary") == thread.metadata.get("summary") and items.exists():
        locked.metadata["summary"] = summary
        locked.save(update_fields=["metadata"])


def _keep(thread: Thread, purpose: Usage.Purpose, usage: RunUsage) -> None:
    keep_usage(
        usage,
        purpose,
        tenant_id=thread.tenant_id,
        assistant_id=thread.assistant_id,
        end_user=thread.end_user.public_id,
    )
