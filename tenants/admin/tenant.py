"""Tenants: for staff a list of all, for members the settings of theirs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from tenants.models import Tenant
from tenants.panel.base import PanelAdmin, Section
from tenants.panel.scope import scope_of
from tenants.permissions import Action


@admin.register(Tenant)
class TenantAdmin(PanelAdmin):
    may_view = Action.TENANT_VIEW
    may_add = Action.TENANT_CREATE
    may_change = Action.TENANT_CHANGE
    section = Section.TENANT
    icon = "domain"

    list_display = ["name", "slug", "status", "access", "created_at"]
    list_filter = ["status", "access"]
    search_fields = ["name", "slug"]
    ordering = ["name", "pk"]
    fields = ["name", "slug", "access", "status", "created_at"]
    readonly_fields = ["status", "created_at"]

    def tenant_of(self, obj: Tenant) -> int | None:
        return obj.pk

    def nav_title(self, request: HttpRequest) -> str:
        return "Settings" if scope_of(request).tenant else super().nav_title(request)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Tenant]:
        tenant = scope_of(request).tenant
        rows: models.QuerySet[Tenant] = super().get_queryset(request)
        return rows if tenant is None else rows.filter(pk=tenant.pk)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Where one tenant was chosen, its settings are all there is."""
        return scope_of(request).tenant is None and super().has_add_permission(request)

    def get_readonly_fields(self, request: HttpRequest, obj: Tenant | None = None) -> Sequence[str]:
        # Addresses and cookies carry the slug.
        return [*self.readonly_fields, *(["slug"] if obj else [])]

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        tenant = scope_of(request).tenant
        if tenant is not None:
            return redirect(reverse("admin:tenants_tenant_change", args=[tenant.pk]))
        response: HttpResponse = super().changelist_view(request, *args, **kwargs)
        return response
