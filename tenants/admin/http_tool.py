"""HTTP tools: requests that a tenant lets its assistants make."""

from __future__ import annotations

from django.contrib import admin

from tenants.admin.secret_headers import SecretHeadersAdmin, SecretHeadersForm
from tenants.models import HttpTool
from tenants.panel.base import Section
from tenants.permissions import Action


class HttpToolForm(SecretHeadersForm):
    address_field = "url_template"


@admin.register(HttpTool)
class HttpToolAdmin(SecretHeadersAdmin):
    may_view = Action.TOOLS_VIEW
    may_add = may_change = may_delete = Action.TOOLS_CHANGE
    section = Section.ASSISTANTS
    place = 5
    icon = "http"

    form = HttpToolForm
    list_display = ["name", "method", "url_template", "needs_approval", "is_enabled"]
    list_filter = ["is_enabled", "method"]
    search_fields = ["name", "description"]
    ordering = ["name"]
    fieldsets = [
        (None, {"fields": ["name", "description", "is_enabled", "needs_approval"]}),
        ("Request", {"fields": ["method", "url_template", "parameters"]}),
    ]
