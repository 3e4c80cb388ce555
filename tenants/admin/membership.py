"""Members: who may do what in a tenant."""

from __future__ import annotations

from django.contrib import admin

from tenants.models import Membership
from tenants.panel.base import Section, TenantModelAdmin
from tenants.permissions import Action


@admin.register(Membership)
class MembershipAdmin(TenantModelAdmin):
    may_view = Action.MEMBERS_VIEW
    section = Section.TENANT
    icon = "group"

    list_display = ["user", "email", "role", "created_at"]
    list_filter = ["role"]
    list_select_related = ["user"]
    search_fields = ["user__name", "user__email"]
    ordering = ["user__name", "user__email"]

    @admin.display(description="E-mail address", ordering="user__email")
    def email(self, membership: Membership) -> str:
        return membership.user.email
