"""The audit trail of a tenant: read and taken out, never changed."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, ClassVar

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.views.decorators.http import require_POST
from unfold.decorators import display

from tenants.models import AuditEvent
from tenants.models.audit_event import Event
from tenants.panel.base import Section, TenantModelAdmin
from tenants.panel.lists import NewestFirst
from tenants.panel.scope import scope_of
from tenants.permissions import Action

#: How many events, the newest, one download holds; `manage.py export_audit` writes all.
MOST_EXPORTED = 10_000
LIST = ["created_at", "what", "target", "who", "reason"]
FIELDS = [
    "created_at",
    "what",
    "action",
    "target",
    "target_type",
    "target_id",
    "who",
    "reason",
    "values_before",
    "values_after",
    "request_id",
    "address",
]


#: What was done, where the past of the verb does not say it.
_DONE = {
    "add": "added",
    "cleanup": "cleaned up",
    "company": "by the company",
    "company_refused": "by the company refused",
    "decrypt": "used",
    "end": "ended",
    "export": "taken out",
    "factor_remove": "second factor removed",
    "failed": "failed",
    "join": "joined",
    "make_primary": "made primary",
    "role": "role changed",
    "roll_back": "answers again",
    "start": "started",
    "store": "stored",
    "transfer": "ownership given on",
    "upload": "files given",
    "verify": "verified",
}


class EventPage:
    """What the trails of tenants and of the platform look like."""

    # For the history of a row.
    further_lookups: ClassVar[tuple[str, ...]] = ("target_type__exact", "target_id__exact")

    def title_of(self, event: Event) -> str:
        return f"{said(event.action)}: {event.target}" if event.target else said(event.action)

    @display(description="Event")  # type: ignore[untyped-decorator]
    def what(self, event: Event) -> str:
        return said(event.action)

    @display(description="By", ordering="actor")  # type: ignore[untyped-decorator]
    def who(self, event: Event) -> str:
        return event.actor or event.get_actor_kind_display()

    @display(description="Before")  # type: ignore[untyped-decorator]
    def values_before(self, event: Event) -> str:
        return written(event.before)

    @display(description="After")  # type: ignore[untyped-decorator]
    def values_after(self, event: Event) -> str:
        return written(event.after)


def said(action: str) -> str:
    """An action as a person reads it: ``httptool.change`` is “HTTP tool changed”."""
    name, _dot, verb = action.partition(".")
    done = _DONE.get(verb) or (f"{verb}d" if verb.endswith("e") else f"{verb}ed").replace("_", " ")
    if name == "chat":
        return f"In the chat: {verb.replace('.', ' ').replace('_', ' ')}"
    return capfirst(f"{_names(verb == 'export').get(name, name)} {done}") if verb else action


@cache
def _names(are_many: bool) -> dict[str, str]:  # noqa: FBT001
    kinds = [model._meta for model in apps.get_models()]
    return {str(kind.model_name): str(kind.verbose_name_plural if are_many else kind.verbose_name) for kind in kinds}


def written(values: dict[str, Any]) -> str:
    """Values as a person reads them: one line each."""
    return "\n".join(
        f"{name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for name, value in values.items()
    )


@admin.register(AuditEvent)
class AuditEventAdmin(NewestFirst, EventPage, TenantModelAdmin):
    may_view = Action.AUDIT_VIEW
    section = Section.TENANT
    place = 6
    icon = "history"

    list_display = LIST
    list_filter = ["actor_kind", "created_at"]
    search_fields = ["action", "actor", "target"]
    fields = FIELDS
    list_before_template = "admin/_export_audit.html"

    def get_urls(self) -> list[URLPattern]:
        export = path(
            "export/", self.admin_site.admin_view(require_POST(self.export)), name="tenants_auditevent_export"
        )
        return [export, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        scope = scope_of(request)
        may_export = scope.tenant is not None and scope.may(Action.AUDIT_EXPORT)
        address = reverse("admin:tenants_auditevent_export") if may_export else ""
        response: HttpResponse = super().changelist_view(request, {**(extra_context or {}), "export_address": address})
        return response

    def export(self, request: HttpRequest) -> HttpResponse:
        """The newest events as JSON lines, which the trail itself notes."""
        scope = scope_of(request)
        if scope.tenant is None or not scope.may(Action.AUDIT_EXPORT):
            raise PermissionDenied
        events = scope.rows(AuditEvent).order_by("-id")[:MOST_EXPORTED]
        lines = "".join(f"{event.as_json()}\n" for event in events)
        AuditEvent.record(scope.tenant.pk, "auditevent.export")
        name = f"audit-{scope.tenant.slug}-{timezone.now():%Y-%m-%d}.jsonl"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(lines, content_type="application/x-ndjson", headers=headers)
