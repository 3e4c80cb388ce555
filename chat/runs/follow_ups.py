"""What a run that ended well leaves to the background."""

from __future__ import annotations

import logging

from django.conf import settings

from chat import tasks
from chat.agents.offline.model import NAME as OFFLINE
from chat.agents.summaries import is_due
from chat.stores.base import OpenedRun
from chatplatform.lib.db_pool import in_database
from chatplatform.lib.errors import PlatformError

logger = logging.getLogger(__name__)


async def follow_up(opened: OpenedRun) -> None:
    """Queue the tasks; at most one query.  Nothing for the offline assistant, or for a server class that keeps no usage."""
    if not settings.BACKGROUND_TASKS or opened.usage is None or opened.usage.provider == OFFLINE:
        return
    if len(opened.history) == 1:  # the first question of its thread
        task = tasks.name_thread
    elif is_due(opened.history, opened.thread.metadata):
        task = tasks.summarise_thread
    else:
        return
    try:
        await in_database(task.enqueue, opened.context.tenant.id, opened.thread.id)
    except PlatformError:
        logger.warning("no work for the background: the database is away")
