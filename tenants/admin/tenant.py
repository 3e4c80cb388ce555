"""Tenants: for staff a list of all, for members the settings of theirs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from tenants import actions
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
    place = 1
    icon = "domain"

    list_display = ["name", "slug", "status", "access", "created_at"]
    list_filter = ["status", "access"]
    search_fields = ["name", "slug"]
    ordering = ["name", "pk"]
    fields = ["name", "slug", "access", "status", "created_at"]
    readonly_fields = ["status", "created_at"]

    change_form_outer_after_template = "admin/_tenant_status.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.change_status))
        return [path("<int:pk>/status/", view, name="tenants_tenant_status"), *super().get_urls()]

    def change_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        may_suspend = scope_of(request).may(Action.TENANT_SUSPEND)
        context = {**(kwargs.pop("extra_context", None) or {}), "may_suspend": may_suspend}
        response: HttpResponse = super().change_view(request, *args, extra_context=context, **kwargs)
        return response

    def change_status(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Suspend an active tenant, resume a suspended one."""
        if not scope_of(request).may(Action.TENANT_SUSPEND):
            raise PermissionDenied
        tenant = self.get_object(request, str(pk))
        if tenant is None:
            raise Http404
        reason = request.POST.get("reason", "")[:300].strip()
        if not reason:
            messages.error(request, "Say why: its people read it in their audit trail.")
        elif tenant.is_active:
            actions.suspend_tenant(tenant, reason)
            messages.success(request, f"{tenant} is suspended.")
        else:
            actions.resume_tenant(tenant, reason)
            messages.success(request, f"{tenant} is open again.")
        return redirect(reverse("admin:tenants_tenant_change", args=[pk]))

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
