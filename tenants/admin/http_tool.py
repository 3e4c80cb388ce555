"""HTTP tools: requests that a tenant lets its assistants make."""

from __future__ import annotations

from django.contrib import admin

from tenants.models import HttpTool
from tenants.panel.base import Section, TenantModelAdmin
from tenants.permissions import Action


@admin.register(HttpTool)
class HttpToolAdmin(TenantModelAdmin):
    may_view = Action.TOOLS_VIEW
    may_add = may_change = may_delete = Action.TOOLS_CHANGE
    section = Section.ASSISTANTS
    icon = "http"

    list_display = ["name", "method", "url_template", "needs_approval", "is_enabled"]
    list_filter = ["is_enabled", "method"]
    search_fields = ["name", "description"]
    ordering = ["name"]
    fields = ["name", "description", "method", "url_template", "parameters", "needs_approval", "is_enabled"]
