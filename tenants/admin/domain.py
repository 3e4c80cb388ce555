"""Domains: the hosts that lead to a tenant."""

from __future__ import annotations

from django.contrib import admin

from tenants.models import Domain
from tenants.panel.base import Section, TenantModelAdmin
from tenants.permissions import Action


@admin.register(Domain)
class DomainAdmin(TenantModelAdmin):
    may_view = Action.DOMAINS_VIEW
    section = Section.TENANT
    icon = "language"

    list_display = ["host", "is_primary", "created_at"]
    search_fields = ["host"]
    ordering = ["host"]
