"""Logins of the whole platform, for staff only: a tenant sees those of its members through their memberships."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from accounts import trail
from accounts.models import User
from tenants.panel.base import PanelAdmin, Section
from tenants.panel.scope import scope_of
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
    change_form_outer_after_template = "admin/_second_factors.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.remove_factors))
        return [path("<int:pk>/factors/remove/", view, name="accounts_user_factors"), *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        has_factors = Authenticator.objects.filter(user=object_id).exists() if object_id.isdigit() else False
        may_remove = has_factors and scope_of(request).may(Action.USERS_CHANGE)
        context = {**(kwargs.pop("extra_context", None) or {}), "may_remove_factors": may_remove}
        response: HttpResponse = super().change_view(request, object_id, *args, extra_context=context, **kwargs)
        return response

    def remove_factors(self, request: HttpRequest, pk: int) -> HttpResponse:
        """For somebody who lost telephone and codes, and was recognised by other means."""
        scope, user = scope_of(request), self.get_object(request, str(pk))
        if not scope.may(Action.USERS_CHANGE):
            raise PermissionDenied
        if user is None:
            raise Http404
        with transaction.atomic():
            removed, _ = Authenticator.objects.filter(user=user).delete()
            if removed:
                trail.record(user, "login.factor_remove", actor=scope.actor)
        messages.success(request, f"The password alone signs {user} in now.")
        return redirect(reverse("admin:accounts_user_change", args=[pk]))
