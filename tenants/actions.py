"""Verbs on tenants and their assistants: each does the write and its line in the audit trail, for pages and commands alike.

The caller has asked `tenants.permissions`, and says with `acting_as()` who it is.
"""

from __future__ import annotations

from django.db import transaction

from tenants import hosts
from tenants.models import Assistant, AuditEvent, Tenant


@transaction.atomic
def create_tenant(*, slug: str, name: str, access: str) -> Tenant:
    """Make a tenant, in which nobody and nothing is yet.

    Raises:
        ValidationError: the slug is taken, or has another shape.
    """
    tenant = Tenant(slug=slug, name=name, access=access)
    tenant.full_clean()
    tenant.save()
    AuditEvent.record(tenant.pk, "tenant.add", tenant, after={"slug": slug, "name": name, "access": access})
    return tenant


@transaction.atomic
def suspend_tenant(tenant: Tenant, reason: str) -> None:
    """Close a tenant at once: its chat sessions, hosts and members' admin; its rows stay."""
    _set_status(tenant, Tenant.Status.SUSPENDED, "tenant.suspend", reason)


@transaction.atomic
def resume_tenant(tenant: Tenant, reason: str) -> None:
    """Open it again.  Chat sessions that have not ended by their age go on."""
    _set_status(tenant, Tenant.Status.ACTIVE, "tenant.resume", reason)


def _set_status(tenant: Tenant, status: str, action: str, reason: str) -> None:
    before = tenant.status
    # A conditional update: of two who do it at once, one does it and writes it down.
    if Tenant.objects.filter(pk=tenant.pk).exclude(status=status).update(status=status):
        AuditEvent.record(tenant.pk, action, tenant, before={"status": before}, after={"status": status}, reason=reason)
    tenant.status = status
    hosts.forget()


@transaction.atomic
def retire_default(successor: Assistant) -> Assistant | None:
    """Take from the tenant's default what ``successor``, which is to be saved, becomes.  None: nobody else had it."""
    rows = Assistant.objects.for_tenant(successor.tenant_id).filter(is_default=True).exclude(pk=successor.pk)
    before = rows.select_for_update(of=("self",)).first()
    if before is not None:
        before.is_default = False
        before.save(update_fields=["is_default"])
        was, now = {"is_default": True}, {"is_default": False}
        AuditEvent.record(before.tenant_id, "assistant.change", before, before=was, after=now)
    return before
