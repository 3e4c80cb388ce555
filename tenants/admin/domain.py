"""Domains: the hosts that lead to a tenant."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST
from unfold.decorators import display

from tenants import domains, hosts
from tenants.models import Domain
from tenants.models.domain import MOST_DOMAINS, check_host
from tenants.panel.base import Section, TenantForm, TenantModelAdmin
from tenants.panel.scope import scope_of
from tenants.permissions import Action


class DomainForm(TenantForm):
    """A name is claimed here, and serves when it is verified."""

    def clean_host(self) -> str:
        host = str(self.cleaned_data["host"]).strip().lower().rstrip(".")
        check_host(host)
        if Domain.objects.for_tenant(self.instance.tenant_id).count() >= MOST_DOMAINS:
            raise ValidationError(f"A tenant has at most {MOST_DOMAINS} of them.")
        return host


@admin.register(Domain)
class DomainAdmin(TenantModelAdmin):
    """Below the form: what the owner of one that is not verified has to do, and the way to make one that is the primary host."""

    may_view = Action.DOMAINS_VIEW
    may_add = may_delete = Action.DOMAINS_CHANGE
    section = Section.TENANT
    place = 5
    icon = "language"
    form = DomainForm
    change_form_outer_after_template = "admin/_domain.html"

    list_display = ["host", "is_verified", "comes_first", "record", "created_at"]
    search_fields = ["host"]
    ordering = ["host"]

    @admin.display(description="Verified", boolean=True)
    def is_verified(self, domain: Domain) -> bool:
        return domain.verified_at is not None

    @display(description="Primary", label=True)  # type: ignore[untyped-decorator]
    def comes_first(self, domain: Domain) -> str | None:
        return "Primary" if domain.is_primary else None

    @display(description="TXT record", label={"Missing": "warning"})  # type: ignore[untyped-decorator]
    def record(self, domain: Domain) -> str | None:
        return "Missing" if domain.record_missing_since else None

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.act))
        own = [
            path(f"<int:pk>/{verb}/", view, {"verb": verb}, name=f"tenants_domain_{verb}")
            for verb in ("verify", "make_primary")
        ]
        return [*own, *super().get_urls()]

    def get_fields(self, request: HttpRequest, obj: Domain | None = None) -> list[str]:
        return ["host", "verified_at", "is_primary", "created_at"] if obj else ["host"]

    def change_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        may_act = scope_of(request).may(Action.DOMAINS_CHANGE)
        context = {**(kwargs.pop("extra_context", None) or {}), "may_act": may_act}
        response: HttpResponse = super().change_view(request, *args, extra_context=context, **kwargs)
        return response

    @transaction.atomic
    def delete_model(self, request: HttpRequest, obj: Domain) -> None:
        super().delete_model(request, obj)
        self._removed({obj.tenant_id})

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        tenants = {domain.tenant_id for domain in queryset}
        super().delete_queryset(request, queryset)
        self._removed(tenants)

    @staticmethod
    def _removed(tenants: set[int]) -> None:
        for tenant in tenants:
            domains.appoint(tenant)
        hosts.forget()

    def act(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Look for the record and serve the host while it is there, or make it the primary one."""
        if not scope_of(request).may(Action.DOMAINS_CHANGE):
            raise PermissionDenied
        domain = self.get_object(request, str(pk))
        if domain is None:
            raise Http404
        try:
            if verb == "verify":
                domains.verify(domain)
                messages.success(request, f"{domain.host} is verified, and serves {domain.tenant}.")
            else:
                domains.make_primary(domain)
                messages.success(request, f"Links to the chat of {domain.tenant} name {domain.host} from now on.")
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return redirect(reverse("admin:tenants_domain_change", args=[pk]))
