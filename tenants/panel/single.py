"""SingleRowAdmin: the page of a model of which a tenant has one row at most."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from tenants.panel.base import TenantModelAdmin
from tenants.panel.scope import scope_of


class SingleRowAdmin(TenantModelAdmin):
    """Opens on the row, or on the form that makes it.  Only staff that looks at all tenants finds a list."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """One is all there is."""
        return super().has_add_permission(request) and not scope_of(request).rows(self.model).exists()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        page = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        if scope_of(request).tenant is not None and self.has_view_permission(request):
            row = self.get_queryset(request).first()
            if row is not None:
                return redirect(reverse(f"{page}_change", args=[row.pk]))
            if self.has_add_permission(request):
                return redirect(reverse(f"{page}_add"))
        response: HttpResponse = super().changelist_view(request, extra_context)
        return response

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        return super().render_change_form(request, {**context, "show_save_and_add_another": False}, *args, **kwargs)
