"""Changing the state of a conversation: open, waiting for a human, locked, closed (`chat.thread_state`)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from django import forms
from django.db import transaction

from chat.models import Run, Thread
from chat.thread_state import REASON_CHARS, WAITING, State
from chatplatform.lib.errors import PlatformError
from tenants.models import AuditEvent

STATES: Final = {"open": "Open", "waiting": "Waiting for a person", "locked": "Locked", "closed": "Closed"}
_STATUS: Final = {"locked": Thread.Status.LOCKED, "closed": Thread.Status.CLOSED}


class StateForm(forms.Form):
    """The new state, and why, which the user reads where a conversation takes nothing more."""

    state = forms.ChoiceField(choices=list(STATES.items()))
    reason = forms.CharField(
        max_length=500, required=False, help_text="Users read it in a locked or closed conversation."
    )


def state_of(thread: Thread) -> State:
    """The state of a row; a lock or an end outweighs that somebody waits."""
    match thread.status:
        case Thread.Status.LOCKED:
            return "locked"
        case Thread.Status.CLOSED:
            return "closed"
        case _:
            return "waiting" if WAITING in thread.metadata else "open"


@transaction.atomic
def change_state(thread: Thread, state: str, reason: str) -> None:
    """Set it, and write it down.

    Raises:
        PlatformError: ``run_in_progress``: an answer that is being written would store the state that it began with.
    """
    row = Thread.objects.for_tenant(thread.tenant_id).select_for_update(of=("self",)).get(pk=thread.pk)
    if Run.objects.for_tenant(row.tenant_id).filter(thread=row, state=Run.State.RUNNING).exists():
        raise PlatformError("run_in_progress")
    before = state_of(row)
    row.status = _STATUS.get(state, Thread.Status.ACTIVE)
    row.status_reason = (reason or None) if state in _STATUS else None
    waiting = row.metadata.pop(WAITING, None)
    if state == "waiting":
        now = datetime.now(UTC).isoformat(timespec="seconds")
        row.metadata[WAITING] = waiting or {"since": now, "reason": reason[:REASON_CHARS]}
    row.save(update_fields=["status", "status_reason", "metadata"])
    # The reason is a text for the user, and goes with the conversation.
    AuditEvent.record(row.tenant_id, "thread.state", row, before={"state": before}, after={"state": state})
