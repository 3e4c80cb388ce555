"""The one admin site: for platform staff, who see all tenants, and for the members of a tenant, who see theirs."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import SimpleTemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from unfold.sites import UnfoldAdminSite

from tenants.models import Tenant
from tenants.panel.base import PanelAdmin, Section
from tenants.panel.scope import CHOSEN, AdminScope, scope_of

#: Addresses of Django's and unfold's that no page of ours needs: the first finds any row by its type and id, and the last would
#: change a password past `accounts.views.password`.
_LEFT_OUT = {"view_on_site", "search", "password_change", "password_change_done"}
#: What somebody of the platform may send while they look at a tenant as a member.
_SAFE = {"GET", "HEAD", "OPTIONS"}
#: How many tenants the page offers before one has to search.
_MOST_CHOICES = 50


class PlatformAdminSite(UnfoldAdminSite):  # type: ignore[misc]  # unfold comes without types
    """Runs every view inside the scope of its request, and registers only pages that declare their permissions."""

    index_title = "Overview"

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Raises: ImproperlyConfigured: the page is no `PanelAdmin`, so it declares no permission."""
        if admin_class is None or not issubclass(admin_class, PanelAdmin):
            raise ImproperlyConfigured(f"{admin_class} cannot be a page here: it is no PanelAdmin.")
        super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        if not request.user.is_active:
            return False
        scope = scope_of(request)
        return scope.role is not None or scope.must_choose

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002
        def scoped(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            scope = scope_of(request)
            if scope.must_choose and view != self.choose_tenant:
                return redirect(f"{reverse('admin:choose_tenant')}?{urlencode({'next': request.get_full_path()})}")
            with scope.entered():
                if scope.is_reading and request.method not in _SAFE:
                    return render(request, "admin/only_reading.html", self.each_context(request), status=403)
                response = view(request, *args, **kwargs)
                # Its template asks the database, too.
                return response.render() if isinstance(response, SimpleTemplateResponse) else response

        return super().admin_view(update_wrapper(scoped, view), cacheable)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        ours = [path("tenant/", self.admin_view(self.choose_tenant), name="choose_tenant")]
        return [*ours, *(one for one in super().get_urls() if getattr(one, "name", None) not in _LEFT_OUT)]

    def choose_tenant(self, request: HttpRequest) -> HttpResponse:
        """The tenant to work in from now on.  Staff may also look at all of them."""
        scope = scope_of(request)
        if not scope.can_choose:
            raise Http404
        target = request.POST.get("next") or request.GET.get("next") or ""
        if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
            target = reverse("admin:index")
        search = request.GET.get("q", "")[:100].strip()
        if scope.is_staff:
            found = Tenant.objects.filter(name__icontains=search).order_by("name", "pk")
        else:
            found = Tenant.objects.filter(pk__in=[one.tenant_id for one in scope.memberships]).order_by("name", "pk")
        if request.method == "POST":
            slug = request.POST.get("tenant", "")
            chosen = found.filter(slug=slug).first()
            if chosen is None and not (scope.is_staff and slug == ""):
                raise Http404
            request.session[CHOSEN] = chosen.pk if chosen else None
            messages.success(request, f"You now work in {chosen}." if chosen else "You now see all tenants.")
            return redirect(target)
        return render(
            request,
            "admin/choose_tenant.html",
            {
                **self.each_context(request),
                "title": "Choose a tenant",
                "choices": [(one, _note(scope, one)) for one in found[:_MOST_CHOICES]],
                "are_more": found[_MOST_CHOICES:].exists(),
                "search": search,
                "next": target,
            },
        )

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context: dict[str, Any] = super().each_context(request)
        if not self.has_permission(request):
            return context
        scope = scope_of(request)
        context["site_header"] = str(scope.tenant or "All tenants")
        context["site_subheader"] = scope.role.capitalize() if scope.role else ""
        context["admin_scope"] = scope
        return context

    def get_sidebar_list(self, request: HttpRequest) -> list[dict[str, Any]]:
        groups = [{"title": section, "items": self._items(request, section)} for section in Section]
        return [group for group in groups if group["items"]]

    def _items(self, request: HttpRequest, section: Section) -> list[dict[str, Any]]:
        items = []
        if section is Section.OVERVIEW and scope_of(request).role is not None:
            items.append(_item(request, "Overview", "dashboard", reverse("admin:index"), is_exact=True))
        if section is Section.OVERVIEW and scope_of(request).can_choose:
            items.append(_item(request, "Change tenant", "swap_horiz", reverse("admin:choose_tenant")))
        for model, page in sorted(self._registry.items(), key=lambda entry: entry[1].place):
            if page.section is section and page.has_view_permission(request):
                address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
                items.append(_item(request, page.nav_title(request), page.icon, address))
        return items


def _note(scope: AdminScope, tenant: Tenant) -> str:
    """What is said of a tenant that one may choose: its state to staff, their role to members."""
    if scope.is_staff:
        return tenant.slug if tenant.is_active else f"{tenant.slug}, suspended"
    return next(one.get_role_display() for one in scope.memberships if one.tenant_id == tenant.pk)


def _item(request: HttpRequest, title: str, icon: str, address: str, *, is_exact: bool = False) -> dict[str, Any]:
    active = request.path == address if is_exact else request.path.startswith(address)
    return {"title": title, "icon": icon, "link": address, "active": active, "has_permission": True}
