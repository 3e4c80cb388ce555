"""manage.py cleanup_sessions: what has ended goes, what lives stays."""

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts import sessions
from accounts.models import ChatSession, EndUser
from chat.models import Thread
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.tenant_setting import EVERY_TENANT, SETTING
from tenants.models import AuditEvent
from tenants.scope import cross_tenant
from tests.support import databases
from tests.support.cast import Cast


def open_session(cast: Cast, **values: Any) -> str:
    """The token of a new session, with some of its columns changed."""
    token = sessions.issue(end_user=cast.visitor(), assistant=cast.guide, origin="").token
    if values:
        with cross_tenant("tests make time pass"):
            newest = ChatSession.objects.latest("pk")
            ChatSession.objects.filter(pk=newest.pk).update(**values)
    return token


def clean(*arguments: str) -> str:
    out = io.StringIO()
    call_command("cleanup_sessions", *arguments, stdout=out)
    return out.getvalue()


def count() -> int:
    with cross_tenant("tests look at everything"):
        return ChatSession.objects.count()


@pytest.fixture
def living(cast: Cast) -> str:
    return open_session(cast)


@pytest.fixture
def ended(cast: Cast, living: str) -> None:
    before = timezone.now() - timedelta(days=40)
    open_session(cast, revoked_at=before)
    open_session(cast, absolute_expires_at=before)
    open_session(cast, last_used_at=before - timedelta(days=30))
    open_session(cast, revoked_at=timezone.now() - timedelta(hours=1))


def test_it_removes_what_has_ended(living: str, ended: None) -> None:
    assert "4 chat sessions removed" in clean()
    assert count() == 1
    sessions.verify(living)
    assert "0 chat sessions removed" in clean()


def test_an_expired_token_that_may_be_renewed_stays(cast: Cast) -> None:
    token = open_session(cast, expires_at=timezone.now() - timedelta(days=1))
    clean()
    sessions.rotate(token)


def test_a_rotated_token_is_remembered_and_betrays_its_copy(cast: Cast) -> None:
    token = open_session(cast)
    _session, issued = sessions.rotate(token)
    clean()
    with pytest.raises(PlatformError):
        sessions.rotate(token)
    with pytest.raises(PlatformError):
        sessions.verify(issued.token)


def test_a_dry_run_removes_nothing(ended: None) -> None:
    assert "4 chat sessions would be removed" in clean("--dry-run")
    assert count() == 5


def test_it_may_keep_what_ended_lately(ended: None) -> None:
    assert "3 chat sessions removed" in clean("--older-than", "30d")
    assert count() == 2


def test_small_batches_remove_as_much(ended: None) -> None:
    assert "4 chat sessions removed" in clean("--batch-size", "1")


@pytest.mark.parametrize(
    "arguments", [("--older-than", "soon"), ("--older-than", "9" * 30 + "d"), ("--batch-size", "0")]
)
def test_it_refuses_what_makes_no_sense(cast: Cast, arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        clean(*arguments)


def test_rows_that_somebody_else_holds_are_left_for_later(ended: None) -> None:
    import psycopg

    with psycopg.connect(databases.url_of(connection)) as other:
        other.execute(f"SET {SETTING} = '{EVERY_TENANT}'")
        other.execute("SELECT 1 FROM accounts_chatsession WHERE revoked_at IS NOT NULL FOR UPDATE")
        assert "2 chat sessions removed" in clean()
    assert "2 chat sessions removed" in clean()


def test_visitors_of_whom_nothing_is_left_go(cast: Cast) -> None:
    """Whoever came today, has a session, wrote something, is suspended or known by name stays."""
    _gone, living, writer, banned, known = (cast.visitor() for _ in range(5))
    sessions.issue(end_user=living, assistant=cast.guide, origin="")
    now = timezone.now()
    Thread.objects.create(
        tenant=cast.acme, end_user=writer, assistant=cast.guide, public_id="thr_1", created_at=now, updated_at=now
    )
    acme = EndUser.objects.for_tenant(cast.acme)
    acme.filter(pk=banned.pk).update(suspended_at=now)
    acme.filter(pk=known.pk).update(kind=EndUser.Kind.EXTERNAL, external_id="7")
    acme.update(created_at=now - timedelta(days=3))
    today = cast.visitor()
    assert "1 visitors" in clean("--dry-run")
    assert json.loads(clean("--json"))["removed"]["visitors"] == 1
    assert set(acme.values_list("pk", flat=True)) == {row.pk for row in (living, writer, banned, known, today)}
    event = AuditEvent.objects.for_tenant(cast.acme).get()
    assert (event.action, event.actor, event.after) == ("enduser.cleanup", "cleanup_sessions", {"removed": 1})


def test_logins_that_have_expired_go(cast: Cast) -> None:
    gone, lasting = SessionStore(), SessionStore()
    for store, seconds in ((gone, -60), (lasting, 60)):
        store["x"] = 1
        store.set_expiry(seconds)
        store.save()
    assert "1 expired logins" in clean("--dry-run")
    assert json.loads(clean("--json", "--batch-size", "1"))["removed"]["logins"] == 1
    assert list(Session.objects.values_list("pk", flat=True)) == [lasting.session_key]
