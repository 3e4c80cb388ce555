"""Plans: what a tenant may use, which staff says, and how much of it is used, which its admins see too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat

from chat.stores.budget import used_by
from tenants import plans
from tenants.models import Quota, Tenant
from tenants.panel.base import Section, TenantModelAdmin
from tenants.panel.scope import scope_of
from tenants.permissions import Action
from tenants.scope import tenant_scope

LIMITS = [
    "answers_per_day",
    "answers_per_month",
    "tokens_per_month",
    "cost_per_month",
    "answers_at_once",
    "storage_bytes",
    "members",
    "assistants",
]


@dataclass(frozen=True)
class Use:
    """How much of one limit is used, in words; ``percent`` is None where there is no limit."""

    name: str
    words: str
    percent: int | None

    @property
    def is_reached(self) -> bool:
        return self.percent is not None and self.percent >= 100


@admin.register(Quota)
class QuotaAdmin(TenantModelAdmin):
    may_view = Action.PLAN_VIEW
    may_add = may_change = may_delete = Action.PLAN_CHANGE
    section = Section.TENANT
    place = 4
    icon = "speed"

    list_display = [
        "__str__",
        "day_answers",
        "month_answers",
        "month_tokens",
        "month_cost",
        "updated_at",
    ]
    search_fields = ["plan"]
    ordering = ["-updated_at", "-pk"]
    fields = ["plan", *LIMITS]
    list_before_template = "admin/_use.html"

    @admin.display(description="Answers a day", ordering="answers_per_day")
    def day_answers(self, quota: Quota) -> str:
        return _limit(quota, "answers_per_day")

    @admin.display(description="Answers a month", ordering="answers_per_month")
    def month_answers(self, quota: Quota) -> str:
        return _limit(quota, "answers_per_month")

    @admin.display(description="Tokens a month", ordering="tokens_per_month")
    def month_tokens(self, quota: Quota) -> str:
        return _limit(quota, "tokens_per_month")

    @admin.display(description="Cost a month", ordering="cost_per_month")
    def month_cost(self, quota: Quota) -> str:
        return _limit(quota, "cost_per_month")

    def nav_title(self, request: HttpRequest) -> str:
        return "Plan and limits" if scope_of(request).tenant else "Plans"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A tenant has one plan."""
        tenant = scope_of(request).tenant
        return super().has_add_permission(request) and not Quota.objects.for_tenant(tenant).exists()  # type: ignore[arg-type]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        tenant = scope_of(request).tenant
        uses = uses_of(tenant) if tenant and self.has_view_permission(request) else []
        response: HttpResponse = super().changelist_view(request, {**(extra_context or {}), "uses": uses})
        return response


def uses_of(tenant: Tenant) -> list[Use]:
    """What a tenant uses, limit by limit.  Six queries."""
    limits = Quota.objects.for_tenant(tenant).first() or Quota(tenant=tenant)
    with tenant_scope(tenant):
        used = used_by(tenant.pk)
    used |= {"members": plans.count_members(tenant), "assistants": plans.count_assistants(tenant)}
    return [_use(name, used[name], getattr(limits, name)) for name in LIMITS]


def _use(name: str, used: Any, limit: Any) -> Use:
    label = str(label_for_field(name, Quota)).capitalize()
    if limit is None:
        return Use(label, f"{_written(name, used)}, no limit", None)
    percent = min(100, int(100 * used / limit)) if limit else 100
    return Use(label, f"{_written(name, used)} of {_written(name, limit)}", percent)


def _limit(quota: Quota, name: str) -> str:
    limit = getattr(quota, name)
    return "no limit" if limit is None else _written(name, limit)


def _written(name: str, value: Any) -> str:
    match name:
        case "cost_per_month":
            return f"${value:,.2f}"
        case "storage_bytes":
            return str(filesizeformat(int(value)))
        case _:
            return f"{int(value):,}"
