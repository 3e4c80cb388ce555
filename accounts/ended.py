"""Chat sessions and logins that have ended, and wait to be removed (`manage.py cleanup_sessions`)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session

from chatplatform.lib.db_pool import fetch

_BY_AGE = "sessions end in every tenant"


def count_ended(moment: datetime) -> int:
    """How many sessions had ended by ``moment``: revoked, idle, or past their absolute end."""
    return int(fetch(_COUNT_ENDED, _ended(moment), across=_BY_AGE)[0][0])


def remove_ended(moment: datetime, most: int) -> int:
    """Delete up to ``most`` of the sessions that had ended by ``moment``; returns how many.  Rows in use elsewhere wait for later.

    A rotated session stays as long as an idle one: it is what tells a copied token from an unknown one.
    """
    return len(fetch(_REMOVE_ENDED, (*_ended(moment), most), across=_BY_AGE))


def count_ended_logins(moment: datetime) -> int:
    """How many of Django's sessions had expired by ``moment``."""
    return Session.objects.filter(expire_date__lt=moment).count()


def remove_ended_logins(moment: datetime, most: int) -> int:
    """Delete up to ``most`` of them; returns how many."""
    rows = Session.objects.filter(expire_date__lt=moment).values("pk")[:most]
    return Session.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).delete()[0]


#: A suspended or blocked visitor is recognised by their cookie, until the browser itself forgets that.
_ENDED = """
FROM accounts_chatsession s WHERE (revoked_at < %s OR last_used_at < %s) AND NOT EXISTS (
       SELECT FROM accounts_enduser e WHERE e.id = s.end_user_id AND e.kind = 'anonymous' AND s.absolute_expires_at >= %s
          AND (e.suspended_at IS NOT NULL OR EXISTS (
              SELECT FROM accounts_block b WHERE b.tenant_id = s.tenant_id AND b.end_user_id = e.id AND b.expires_at >= %s)))
    OR absolute_expires_at < %s"""
_COUNT_ENDED = f"SELECT count(*) {_ENDED}"
_REMOVE_ENDED = f"""
DELETE FROM accounts_chatsession WHERE id IN (SELECT s.id {_ENDED} LIMIT %s FOR UPDATE SKIP LOCKED) RETURNING id"""  # noqa: S608


def _ended(moment: datetime) -> tuple[datetime, ...]:
    return (moment, moment - timedelta(seconds=settings.CHAT_SESSION_IDLE_SECONDS), moment, moment, moment)
