"""Logins of the whole platform, for staff only: a tenant sees those of its members through their memberships."""

from __future__ import annotations

from django.contrib import admin

from accounts.models import User
from tenants.panel.base import PanelAdmin, Section
from tenants.permissions import Action


@admin.register(User)
class UserAdmin(PanelAdmin):
    may_view = Action.USERS_VIEW
    may_change = Action.USERS_CHANGE
    section = Section.PLATFORM
    icon = "badge"

    list_display = ["email", "name", "is_active", "is_staff", "last_login"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["email", "name"]
    ordering = ["email"]
    fields = ["email", "name", "is_active", "is_staff", "is_superuser", "last_login", "created_at"]
    readonly_fields = ["email", "last_login", "created_at"]
