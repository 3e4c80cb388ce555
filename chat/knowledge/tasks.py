"""The tasks of knowledge, done by ``manage.py db_worker``.  They get keys, and find everything by its tenant."""

from __future__ import annotations

from django_tasks import task

from chat.knowledge.ingestion import take_turn
from chat.knowledge.ingestion_queries import waits
from chat.knowledge.lanes import LEASE, PRIORITY, wake
from chat.knowledge.sync import synchronise
from chatplatform.lib.db_pool import in_database


@task(priority=PRIORITY)
async def ingest(tenant_id: int) -> None:
    """A turn of a tenant's lane."""
    if await in_database(waits, tenant_id):
        # Whoever goes on, if this worker is killed.
        await in_database(wake, tenant_id, after=LEASE)
    await take_turn(tenant_id)


@task(priority=PRIORITY)
async def sync_source(tenant_id: int, source_id: int) -> None:
    """Bring a source and its documents into step."""
    await synchronise(tenant_id, source_id)
