"""Invitations: who was asked to become a member."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from accounts import members
from accounts.adapters import site_of
from accounts.models import User
from tenants.models import Invitation, Membership
from tenants.panel.base import Section, TenantForm, TenantModelAdmin
from tenants.panel.scope import scope_of
from tenants.permissions import Action, Role, reaches


class InvitationForm(TenantForm):
    """Offers the roles within reach of whoever invites."""

    by: ClassVar[Role]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "role" in self.fields:
            within = [(value, label) for value, label in Membership.Role.choices if reaches(self.by, value)]
            self.fields["role"].choices = within  # type: ignore[attr-defined]

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).strip().lower()
        members.check_new(self.instance.tenant, email)
        return email

    def _get_validation_exclusions(self) -> set[str]:
        """A new invitation takes the place of an open one."""
        return super()._get_validation_exclusions() | {"tenant"}


@admin.register(Invitation)
class InvitationAdmin(TenantModelAdmin):
    may_view = may_add = Action.MEMBERS_CHANGE
    section = Section.TENANT
    place = 3
    icon = "mail"
    form = InvitationForm

    list_display = ["email", "role", "state", "invited_by", "created_at", "expires_at"]
    list_filter = ["role"]
    list_select_related = ["invited_by"]
    search_fields = ["email"]
    ordering = ["-created_at", "-id"]
    fields = ["email", "role", "state", "invited_by", "created_at", "expires_at"]
    readonly_fields = ["state", "invited_by", "created_at", "expires_at"]
    change_form_outer_after_template = "admin/_invitation.html"

    @admin.display(description="State")
    def state(self, invitation: Invitation) -> str:
        return invitation.state.capitalize()

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.revoke))
        return [path("<int:pk>/revoke/", view, name="tenants_invitation_revoke"), *super().get_urls()]

    def get_fields(self, request: HttpRequest, obj: Invitation | None = None) -> Sequence[str]:
        return self.fields if obj else ["email", "role"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        bound = type("InvitationForm", (InvitationForm,), {"by": scope_of(request).role})
        return super().get_form(request, obj, change, form=bound, **kwargs)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form; what the verb refuses is told on it."""
        try:
            response: HttpResponse = super().changeform_view(request, *args, **kwargs)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect(request.get_full_path())
        return response

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:  # noqa: FBT001
        inviter = request.user if isinstance(request.user, User) else None
        made, _link = members.invite(
            obj.tenant, obj.email, obj.role, by=form.by, site=site_of(request), inviter=inviter
        )
        obj.pk = made.pk

    def revoke(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make the link worth nothing."""
        scope, invitation = scope_of(request), self.get_object(request, str(pk))
        if scope.role is None or not scope.may(Action.MEMBERS_CHANGE):
            raise PermissionDenied
        if invitation is None:
            raise Http404
        try:
            members.revoke(invitation, by=scope.role)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, f"The link that {invitation.email} has does not work any more.")
        return redirect(reverse("admin:tenants_invitation_changelist"))
