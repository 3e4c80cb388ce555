"""Work in the background, done by ``manage.py db_worker``.

A task gets ids and nothing that anybody wrote: the queue is a table that all tenants share.  It finds everything by its tenant, and
does nothing for whoever was suspended meanwhile.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from chatkit.types import AssistantMessageItem, UserMessageItem
from django.utils import timezone
from django_tasks import task

from chat.agents.config import AgentConfig, read_config
from chat.agents.providers.build import close_clients
from chat.agents.providers.errors import explain
from chat.agents.providers.meter import Meter
from chat.agents.titles import title_by_model, title_of
from chat.models import Thread, ThreadItem
from chat.stores import codec
from chat.stores.usage import RunUsage
from chatplatform.lib.db_pool import in_database
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.ids import new_id
from tenants.models import Usage

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Unnamed:
    """A thread whose title nobody chose."""

    thread: Thread
    config: AgentConfig
    question: str
    answer: str


@task()
async def name_thread(tenant_id: int, thread_id: str) -> None:
    """Give a thread a better title than its first words, unless somebody gave it one."""
    try:
        found = await in_database(_unnamed, tenant_id, thread_id)
        if found is None:
            return
        meter = Meter(found.config.provider, found.config.model)
        title = await title_by_model(
            found.question, found.answer, config=found.config, tenant_id=tenant_id, meter=meter
        )
        meter.stop()
        await in_database(_name, found.thread, title, meter.usage)
    except Exception as error:  # noqa: BLE001 - what the queue keeps of an exception could hold somebody's words
        known = explain(error)
        logger.warning("a thread keeps its title: %s", known.code if known is not None else type(error).__name__)
    finally:
        await close_clients()


def _unnamed(tenant_id: int, thread_id: str) -> _Unnamed | None:
    thread = (
        Thread.objects.for_tenant(tenant_id)
        .select_related("assistant")
        .filter(
            public_id=thread_id,
            tenant__status="active",
            end_user__suspended_at=None,
            assistant__is_enabled=True,
            assistant__published_version__isnull=False,
        )
        .first()
    )
    if thread is None:
        return None
    items = ThreadItem.objects.for_tenant(tenant_id).filter(thread=thread, is_hidden=False).order_by("pk")
    loaded = [codec.load_item(raw) for raw in items.values_list("data", flat=True)[:10]]
    question = next((item for item in loaded if isinstance(item, UserMessageItem)), None)
    if question is None or thread.title != title_of(question.content):
        return None
    version = thread.assistant.published_version_id
    if version is None:
        raise PlatformError("assistant_unavailable")
    asked = " ".join(part.text for part in question.content)
    said = [part.text for item in loaded if isinstance(item, AssistantMessageItem) for part in item.content]
    return _Unnamed(thread, read_config(version, tenant_id), asked, "\n".join(said))


def _name(thread: Thread, title: str | None, usage: RunUsage) -> None:
    """Unless it was renamed meanwhile; what the model used is kept in any case."""
    if title is not None:
        Thread.objects.for_tenant(thread.tenant_id).filter(pk=thread.pk, title=thread.title).update(title=title)
    Usage.objects.create(
        tenant_id=thread.tenant_id,
        assistant_id=thread.assistant_id,
        run=new_id("run"),
        end_user=thread.end_user.public_id,
        purpose=Usage.Purpose.TITLE,
        provider=usage.provider,
        model=usage.model,
        requests=usage.requests,
        input_tokens=usage.input_tokens,
        cached_tokens=usage.cached_tokens,
        output_tokens=usage.output_tokens,
        reasoning_tokens=usage.reasoning_tokens,
        cost=usage.cost,
        prices=usage.prices,
        first_token_ms=usage.first_token_ms,
        total_ms=usage.total_ms,
        outcome="completed",
        created_at=timezone.now(),
    )
