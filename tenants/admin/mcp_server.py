"""MCP servers: tools that a tenant's assistants find elsewhere."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminTextareaWidget

from tenants.admin.secret_headers import SecretHeadersAdmin, SecretHeadersForm
from tenants.models import McpServer
from tenants.panel.base import Section
from tenants.permissions import Action

_MOST_TOOLS, _LONGEST_NAME = 200, 128


class Lines(forms.CharField):
    """A list of names, one in each line."""

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        names = [line.strip() for line in str(value or "").splitlines() if line.strip()]
        if len(names) > _MOST_TOOLS or any(len(name) > _LONGEST_NAME for name in names):
            raise ValidationError(f"At most {_MOST_TOOLS} names of {_LONGEST_NAME} characters.")
        return names

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((initial or []) != self.to_python(data))

    def validate(self, value: Any) -> None:
        """None is required: an empty list means all of them."""

    def run_validators(self, value: Any) -> None:
        """`to_python` has counted."""


class McpServerForm(SecretHeadersForm):
    allowed_tools = Lines(
        required=False,
        widget=UnfoldAdminTextareaWidget({"rows": 4, "spellcheck": "false"}),
        help_text="Names of its tools that may be used, one in each line; empty: all of them.",
    )


@admin.register(McpServer)
class McpServerAdmin(SecretHeadersAdmin):
    may_view = Action.TOOLS_VIEW
    may_add = may_change = may_delete = Action.TOOLS_CHANGE
    section = Section.ASSISTANTS
    place = 6
    icon = "hub"

    form = McpServerForm
    list_display = ["name", "url", "needs_approval", "is_enabled", "updated_at"]
    list_filter = ["is_enabled"]
    search_fields = ["name", "url"]
    ordering = ["name"]
    fieldsets = [
        (None, {"fields": ["name", "url", "is_enabled"]}),
        ("Tools", {"fields": ["allowed_tools", "needs_approval"]}),
    ]
