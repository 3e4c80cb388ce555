"""What answers used and cost: read, never changed."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from tenants.admin.audit_event import written
from tenants.models import Usage
from tenants.panel.base import Section, TenantModelAdmin
from tenants.panel.lists import NewestFirst
from tenants.permissions import Action


@admin.register(Usage)
class UsageAdmin(NewestFirst, TenantModelAdmin):
    may_view = Action.USAGE_VIEW
    section = Section.OVERVIEW
    icon = "payments"

    list_display = [
        "created_at",
        "purpose",
        "assistant",
        "provider",
        "model",
        "input_tokens",
        "output_tokens",
        "price",
        "outcome",
    ]
    list_filter = ["purpose", "assistant", "created_at"]
    list_select_related = ["assistant"]
    search_fields = ["=run", "=end_user", "model"]
    exact_fields = ("run",)
    fields = [
        "created_at",
        "purpose",
        "assistant",
        "outcome",
        "error_code",
        "provider",
        "model",
        "price",
        "written_prices",
        "requests",
        "input_tokens",
        "cached_tokens",
        "output_tokens",
        "reasoning_tokens",
        "is_estimated",
        "first_token_ms",
        "total_ms",
        "run",
        "end_user",
    ]

    def title_of(self, usage: Usage) -> str:
        return f"{usage.get_purpose_display()}, {usage.created_at:%d %b %Y, %H:%M}"

    def nav_title(self, request: HttpRequest) -> str:
        return "Usage"

    @admin.display(description="Cost")
    def price(self, usage: Usage) -> str:
        return "unknown" if usage.cost is None else f"${usage.cost:.4f}"

    @admin.display(description="Prices of a million tokens, in US dollars")
    def written_prices(self, usage: Usage) -> str:
        return written(usage.prices) or "unknown"
