"""AuditEvent and PlatformEvent: who did what.  The database adds to them, and changes and removes nothing.

An event outlives what it is about, so it holds no name and nothing that people wrote: a row is known by its kind and its id, and of
the columns that changed only those keep their values that hold no text, or that the model lists in ``audited``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction

from tenants.acting import current_actor
from tenants.constraints import tenant_key
from tenants.managers import TenantManager
from tenants.models.tenant import Tenant
from tenants.scope import audit_log

#: Columns whose content, though encrypted or hashed, is in no event.
SECRETS = frozenset({"secret", "headers", "wrapped", "password", "token_hash"})
#: Columns of text that say nothing about people, in whatever model: the platform made what is in them.
_ALWAYS = frozenset({"public_id", "error_code"})
_TEXTS = (
    models.CharField,
    models.TextField,
    models.JSONField,
    ArrayField,
    models.BinaryField,
    models.GenericIPAddressField,
)
_LONGEST = 2_000
NOT_SHOWN = "(not shown)"


class Event(models.Model):
    """What both kinds have in common."""

    class ActorKind(models.TextChoices):
        MEMBER = "member", "Member"
        STAFF = "staff", "Platform staff"
        COMMAND = "command", "Command"
        SYSTEM = "system", "The platform"

    actor_kind = models.CharField("by", max_length=8, choices=ActorKind)
    actor = models.CharField(max_length=254, blank=True, help_text="Their address then, or the command's name.")
    # No foreign key: an event outlives the login.
    actor_id = models.BigIntegerField(null=True, blank=True)
    action = models.CharField(max_length=60)
    target_type = models.CharField(max_length=40, blank=True)
    target_id = models.CharField(max_length=70, blank=True, help_text="The public id, of rows that have one.")
    before = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    reason = models.CharField(max_length=300, blank=True)
    request_id = models.CharField(max_length=70, blank=True)
    address = models.GenericIPAddressField("IP address", null=True, blank=True)
    created_at = models.DateTimeField("when", auto_now_add=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return " ".join(filter(None, (self.action, self.target_id)))

    def as_json(self) -> str:
        """One line of an export."""
        names = [field.attname for field in self._meta.concrete_fields if field.name != "tenant"]
        return json.dumps({name: getattr(self, name) for name in names}, cls=DjangoJSONEncoder, ensure_ascii=False)


class AuditEvent(Event):
    """Something that was done in a tenant, or to it."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, db_index=False, related_name="+")

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        verbose_name = "event"
        verbose_name_plural = "audit trail"
        constraints = [
            # Serves: a tenant's trail, newest first.
            tenant_key("auditevent_tenant_key"),
        ]
        indexes = [
            # Serves: the history of one row.
            models.Index(fields=["tenant", "target_type", "target_id", "id"], name="auditevent_of_target"),
        ]

    @classmethod
    def record(
        cls,
        tenant_id: int,
        action: str,
        target: models.Model | None = None,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        reason: str = "",
    ) -> None:
        """Write down what the current actor does.  One query, in the transaction of what is done.

        Args:
            tenant_id: in whose audit log.
            action: the model's name and a verb, as ``httptool.change``.
            target: the row that it is about.
            before: values by column of the target; other names are the caller's own, and hold no text that people wrote.
            after: the same.
            reason: why a member or staff did it, as a sentence on a tenant or its staff, never on people who chat.
        """
        cls.objects.create(tenant_id=tenant_id, **_columns(action, target, before, after, reason))
        audit_log.info("%s of tenant %s: %s", action, tenant_id, _named(target))

    @classmethod
    def forget(cls, tenant_id: int, most: int) -> int:
        """The one door through which events go: with the whole tenant.  Returns how many went, at most ``most``."""
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('chatplatform.forgotten_tenant', %s, true)", [str(tenant_id)])
            events = cls.objects.for_tenant(tenant_id)
            removed, _ = events.filter(pk__in=events.order_by("pk").values("pk")[:most]).delete()
            return removed


class PlatformEvent(Event):
    """Something that was done to the platform itself: its logins, and tenants that are gone."""

    class Meta:
        verbose_name = "event of the platform"
        verbose_name_plural = "platform's audit trail"

    @classmethod
    def record(
        cls,
        action: str,
        target: models.Model | None = None,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        reason: str = "",
    ) -> None:
        """Write down what the current actor does, as `AuditEvent.record` does.  One query."""
        cls.objects.create(**_columns(action, target, before, after, reason))
        audit_log.info("%s of the platform: %s", action, _named(target))


def audit_id(row: models.Model) -> str:
    """Return what names a row in events: its public id, or its key where it has none."""
    return str(getattr(row, "public_id", None) or row.pk)


def values_of(row: models.Model) -> dict[str, Any]:
    """The columns of a row as an event may keep them: those that were read."""
    left_out = {"tenant_id", *row.get_deferred_fields()}
    return {
        field.name: field.value_from_object(row) for field in row._meta.concrete_fields if field.attname not in left_out
    }


def _named(target: models.Model | None) -> str:
    return f"{target._meta.model_name} {audit_id(target)}" if target is not None else ""


def _columns(
    action: str,
    target: models.Model | None,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    reason: str,
) -> dict[str, Any]:
    actor = current_actor()
    return {
        "actor_kind": actor.kind,
        "actor": actor.name[:254],
        "actor_id": actor.user_id,
        "action": action,
        "target_type": str(target._meta.model_name) if target is not None else "",
        "target_id": audit_id(target) if target is not None else "",
        "before": _kept(before or {}, target),
        "after": _kept(after or {}, target),
        "reason": reason[:300],
        "request_id": actor.request_id,
        "address": actor.address or None,
    }


def _kept(values: Mapping[str, Any], target: models.Model | None) -> dict[str, Any]:
    return {
        name: _short(value) if not value or _may_keep(name, target) else NOT_SHOWN for name, value in values.items()
    }


def _may_keep(name: str, target: models.Model | None) -> bool:
    """Whether an event may hold the value of a column; of text only what the model says."""
    if name in SECRETS:
        return False
    columns = {field.name: field for field in target._meta.concrete_fields} if target is not None else {}
    column = columns.get(name)
    if column is None or column.choices or name in _ALWAYS or not isinstance(column, _TEXTS):
        return True
    return name in getattr(target, "audited", ())


def _short(value: Any) -> Any:
    """As it is, unless it is long: an event tells what was changed, and is no backup."""
    text = json.dumps(value, cls=_Lenient, ensure_ascii=False)
    return json.loads(text) if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


class _Lenient(DjangoJSONEncoder):
    def default(self, o: Any) -> Any:
        try:
            return super().default(o)
        except TypeError:
            return str(o)
