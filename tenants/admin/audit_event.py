"""The audit trail of a tenant: read and taken out, never changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any, ClassVar

from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.views.decorators.http import require_POST
from unfold.decorators import display

from tenants.managers import TenantManager
from tenants.models import AuditEvent, Membership, Tenant
from tenants.models.audit_event import Event, audit_id
from tenants.panel.base import Section, TenantModelAdmin
from tenants.panel.lists import NewestFirst, NewestFirstList
from tenants.panel.scope import AdminScope, scope_of
from tenants.permissions import Action

#: How many events, the newest, one download holds; `manage.py export_audit` writes all.
MOST_EXPORTED = 10_000
LIST = ["created_at", "what", "about", "who", "reason"]
FIELDS = [
    "created_at",
    "what",
    "action",
    "about",
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


class EventList(NewestFirstList):
    """Rows of the log, each with the name that what it is about has today."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        name_rows(scope_of(request), self.result_list)


class EventPage(NewestFirst):
    """What the trails of tenants and of the platform look like."""

    # For the history of a row.
    further_lookups: ClassVar[tuple[str, ...]] = ("target_type__exact", "target_id__exact")

    def title_of(self, event: Event) -> str:
        return f"{said(event.action)}: {about}" if (about := self.about(event)) else said(event.action)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[EventList]:
        return EventList

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        event = super().get_object(request, *args, **kwargs)  # type: ignore[misc]  # of the page that this is mixed into
        if event is not None:
            name_rows(scope_of(request), [event])
        return event

    @display(description="What")  # type: ignore[untyped-decorator]
    def about(self, event: Event) -> str:
        """What the row is called today, if it is still there, else its id: the log keeps no names."""
        return getattr(event, "named", "") or event.target_id

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


def name_rows(scope: AdminScope, events: Sequence[Any]) -> None:
    """Give each event, as ``named``, what its row is called today.  One query for each kind of row."""
    ids: dict[str, set[str]] = {}
    for event in events:
        ids.setdefault(event.target_type, set()).add(event.target_id)
    for model in apps.get_models():
        wanted = ids.get(str(model._meta.model_name))
        rows = _rows_of(scope, model) if wanted else None
        if not wanted or rows is None:
            continue
        columns = {field.name: field for field in model._meta.concrete_fields}
        if "public_id" in columns:
            rows = rows.filter(public_id__in=wanted)
        else:
            rows = rows.filter(pk__in=[int(each) for each in wanted if each.isascii() and each.isdecimal()])
        long = [name for name, field in columns.items() if isinstance(field, models.TextField | models.JSONField)]
        named = {audit_id(row): str(row) for row in rows.defer(*long)}
        for event in events:
            if event.target_type == model._meta.model_name:
                event.named = named.get(event.target_id, "")


def _rows_of(scope: AdminScope, model: type[models.Model]) -> models.QuerySet[Any] | None:
    """The rows of a model whose names somebody may read here."""
    if isinstance(model._default_manager, TenantManager):
        people = [name for name in ("user", "member", "staff") if name in {each.name for each in model._meta.fields}]
        return scope.rows(model).select_related(*people) if people else scope.rows(model)
    if model is Tenant:
        return Tenant.objects.filter(pk=scope.tenant.pk) if scope.tenant is not None else Tenant.objects.all()
    if model is not get_user_model():
        return None
    people_here = Membership.objects.for_tenant(scope.tenant).values("user") if scope.tenant is not None else None
    return model._default_manager.all() if people_here is None else model._default_manager.filter(pk__in=people_here)


def written(values: dict[str, Any]) -> str:
    """Values as a person reads them: one line each."""
    return "\n".join(
        f"{name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for name, value in values.items()
    )


@admin.register(AuditEvent)
class AuditEventAdmin(EventPage, TenantModelAdmin):
    may_view = Action.AUDIT_VIEW
    section = Section.TENANT
    place = 6
    icon = "history"

    list_display = LIST
    list_filter = ["actor_kind", "created_at"]
    search_fields = ["action", "actor", "target_id"]
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
