"""Members: who may do what in a tenant."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import EmptyFieldListFilter
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from accounts import members
from tenants import impersonation
from tenants.models import Membership
from tenants.panel.base import Section, TenantModelAdmin
from tenants.panel.scope import scope_of
from tenants.permissions import Action, Role, reaches

#: What the verbs need that not everybody has who changes members.
_NEEDED = {
    "leave": Action.MEMBERS_VIEW,
    "transfer": Action.TENANT_TRANSFER,
    "impersonate": Action.MEMBERS_IMPERSONATE,
}


@admin.register(Membership)
class MembershipAdmin(TenantModelAdmin):
    """People come in by invitation; what else happens to them are the verbs of `accounts.members`."""

    may_view = Action.MEMBERS_VIEW
    section = Section.TENANT
    place = 2
    icon = "group"

    list_display = ["user", "email", "role", "suspended_at", "created_at"]
    list_filter = ["role", ("suspended_at", EmptyFieldListFilter)]
    list_select_related = ["user"]
    search_fields = ["user__name", "user__email"]
    ordering = ["user__name", "user__email"]
    change_form_outer_after_template = "admin/_member.html"

    @admin.display(description="E-mail address", ordering="user__email")
    def email(self, membership: Membership) -> str:
        return membership.user.email

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.act))
        own = [
            path(f"<int:pk>/{verb}/", view, {"verb": verb}, name=f"tenants_membership_{verb}")
            for verb in ("role", "remove", "leave", "transfer", "impersonate", "suspend", "resume")
        ]
        return [*own, *super().get_urls()]

    def change_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        scope = scope_of(request)
        own = Membership.Role.choices if scope.may(Action.MEMBERS_CHANGE) else []
        context = {
            **(kwargs.pop("extra_context", None) or {}),
            "roles_in_reach": {value: label for value, label in own if scope.role and reaches(scope.role, value)},
            "may_transfer": scope.may(Action.TENANT_TRANSFER),
            "may_impersonate": scope.may(Action.MEMBERS_IMPERSONATE),
        }
        response: HttpResponse = super().change_view(request, *args, extra_context=context, **kwargs)
        return response

    def act(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Do one of the verbs to a member; refusals are told on their page."""
        scope, member = scope_of(request), self.get_object(request, str(pk))
        needed = _NEEDED.get(verb, Action.MEMBERS_CHANGE)
        if scope.role is None or not scope.may(needed):
            raise PermissionDenied
        if member is None or (verb == "leave" and member.user_id != scope.user.pk):
            raise Http404
        try:
            said = self._act(member, verb, scope.role, request)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect(reverse("admin:tenants_membership_change", args=[pk]))
        messages.success(request, said)
        if member.user_id == scope.user.pk:
            return redirect("/")
        if verb == "impersonate":
            return redirect("admin:index")
        return redirect(reverse("admin:tenants_membership_changelist"))

    def _act(self, member: Membership, verb: str, role: Role, request: HttpRequest) -> str:
        if verb == "leave":
            members.remove_member(member)
            return f"You left {member.tenant}."
        if verb == "remove":
            members.remove_member(member, by=role)
            return f"{member.user} is no member any more."
        if verb == "impersonate":
            may_write = request.POST.get("may_write") == "on"
            reason, staff = request.POST.get("reason", ""), scope_of(request).user
            impersonation.start(request, member, reason, staff=staff, may_write=may_write)
            return f"You now act as {member.user}."
        if verb == "transfer":
            own = Membership.objects.for_tenant(member.tenant_id).filter(user=scope_of(request).user.pk).first()
            members.transfer_ownership(member, giver=own if role is Role.OWNER else None)
            return f"{member.user} is the owner now."
        if verb in ("suspend", "resume"):
            return self._suspend_or_resume(member, verb, role, request.POST.get("reason", "")[:300].strip())
        wanted = request.POST.get("role", "")
        if wanted not in Membership.Role.values:
            raise ValidationError("Choose one of the roles.")
        members.change_role(member, wanted, by=role)
        return f"{member.user} is {wanted} now."

    @staticmethod
    def _suspend_or_resume(member: Membership, verb: str, role: Role, reason: str) -> str:
        if not reason:
            raise ValidationError("Say why: the audit trail keeps it.")
        if verb == "suspend":
            members.suspend_member(member, reason, by=role)
            return f"{member.user} is suspended."
        members.resume_member(member, reason, by=role)
        return f"{member.user} is a member again."
