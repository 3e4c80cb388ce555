"""What was done to the platform itself, for staff."""

from __future__ import annotations

from django.contrib import admin

from tenants.admin.audit_event import FIELDS, LIST, EventPage
from tenants.models import PlatformEvent
from tenants.panel.base import PanelAdmin, Section
from tenants.permissions import Action


@admin.register(PlatformEvent)
class PlatformEventAdmin(EventPage, PanelAdmin):
    may_view = Action.PLATFORM_AUDIT_VIEW
    section = Section.PLATFORM
    icon = "policy"

    list_display = LIST
    list_filter = ["actor_kind", "created_at"]
    search_fields = ["action", "actor", "target_id"]
    fields = FIELDS
