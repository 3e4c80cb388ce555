"""End users: who chats in a tenant."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import EmptyFieldListFilter
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from accounts import blocks, members
from accounts.admin.block import BlockForm
from accounts.admin.reasons import REASONS
from accounts.models import EndUser
from tenants.admin.audit_event import written
from tenants.panel.base import Section, TenantModelAdmin
from tenants.panel.deletion import DeletesContents
from tenants.panel.lists import NewestFirst
from tenants.panel.scope import scope_of
from tenants.permissions import Action

#: What they are in one word.
_SORTS = {
    EndUser.Kind.MEMBER: "Member",
    EndUser.Kind.EXTERNAL: "Customer",
    EndUser.Kind.ANONYMOUS: "Visitor",
    EndUser.Kind.PREVIEW: "Tries a draft",
}


@admin.register(EndUser)
class EndUserAdmin(DeletesContents, NewestFirst, TenantModelAdmin):
    """Read, suspended or resumed, and deleted; a member's is suspended with their membership."""

    may_view = Action.END_USERS_VIEW
    may_delete = Action.END_USERS_DELETE
    delete_verb = members.delete_end_user
    section = Section.CONVERSATIONS
    place = 2
    icon = "person"

    list_display = ["person", "sort", "email", "external_id", "suspended_at", "created_at"]
    list_filter = ["kind", ("suspended_at", EmptyFieldListFilter)]
    search_fields = ["=public_id", "=external_id", "^email", "^display_name"]
    exact_fields = ("public_id",)
    fields = ["public_id", "display_name", "kind", "email", "external_id", "told_traits", "suspended_at", "created_at"]
    change_form_outer_after_template = "admin/_end_user.html"

    @admin.display(description="Person")
    def person(self, person: EndUser) -> str:
        return person.display_name or "Visitor"

    @admin.display(description="Known as")
    def sort(self, person: EndUser) -> str:
        return _SORTS[EndUser.Kind(person.kind)]

    @admin.display(description="What else the site says")
    def told_traits(self, person: EndUser) -> str:
        return written(person.traits)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.act))
        block = self.admin_site.admin_view(require_POST(self.block))
        own = [
            path(f"<int:pk>/{verb}/", view, {"verb": verb}, name=f"accounts_enduser_{verb}")
            for verb in ("suspend", "resume")
        ]
        return [*own, path("<int:pk>/block/", block, name="accounts_enduser_block"), *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        may_suspend = scope_of(request).may(Action.END_USERS_SUSPEND)
        person = self.get_object(request, object_id) if may_suspend else None
        context = {
            **(kwargs.pop("extra_context", None) or {}),
            "may_suspend": may_suspend,
            "reasons": REASONS,
            "block_form": BlockForm(person) if person is not None and person.user_id is None else None,
        }
        response: HttpResponse = super().change_view(request, object_id, *args, extra_context=context, **kwargs)
        return response

    def block(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Keep a visitor out for a time; refusals are shown on their page."""
        person: EndUser | None = self.get_object(request, str(pk))
        if not scope_of(request).may(Action.END_USERS_SUSPEND):
            raise PermissionDenied
        if person is None:
            raise Http404
        form = BlockForm(person, request.POST)
        try:
            if not form.is_valid():
                raise ValidationError("Choose what the visitor is recognised by and a duration, and give a reason.")
            duration = timedelta(seconds=form.cleaned_data["seconds"])
            blocks.block(person, form.cleaned_data["kinds"], duration, form.cleaned_data["reason"])
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, "The visitor is blocked. The list of blocks has the way back.")
        return redirect(reverse("admin:accounts_enduser_change", args=[pk]))

    def act(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Suspend or resume somebody; refusals are told on their page."""
        person: EndUser | None = self.get_object(request, str(pk))
        if not scope_of(request).may(Action.END_USERS_SUSPEND):
            raise PermissionDenied
        if person is None:
            raise Http404
        reason = request.POST.get("reason", "")
        try:
            if reason not in REASONS:
                raise ValidationError("Choose a reason.")
            if verb == "suspend":
                members.suspend_end_user(person, reason)
            else:
                members.resume_end_user(person, reason)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, f"{person} {'is suspended' if verb == 'suspend' else 'may chat again'}.")
        return redirect(reverse("admin:accounts_enduser_change", args=[pk]))
