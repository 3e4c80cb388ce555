"""What answers used and cost: read, never changed."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

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

    def nav_title(self, request: HttpRequest) -> str:
        return "Usage"

    @admin.display(description="Cost")
    def price(self, usage: Usage) -> str:
        return "unknown" if usage.cost is None else f"${usage.cost:.4f}"
