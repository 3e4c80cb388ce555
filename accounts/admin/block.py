"""Blocks: which visitors are kept out for a time."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from accounts import blocks
from accounts.admin.reasons import REASONS
from accounts.models import Block, EndUser
from tenants.panel.base import Section, TenantModelAdmin
from tenants.panel.scope import scope_of
from tenants.permissions import Action

#: What a block by each kind means, on the page of a visitor.
_MEANINGS = {
    Block.Kind.COOKIE: "This browser, while it keeps the cookie of this chat. Clearing cookies or a private window ends it.",
    Block.Kind.DEVICE: "This browser, also after its chat has ended. Clearing cookies or another browser ends it.",
    Block.Kind.ADDRESS: "Everybody without a login behind the same internet address, such as an office. Another network ends it.",
}
_DAY = 24 * 60 * 60
_DURATIONS = [
    (60 * 60, "1 hour"),
    (_DAY, "1 day"),
    (7 * _DAY, "7 days"),
    (30 * _DAY, "30 days"),
    (365 * _DAY, "1 year"),
]


class BlockForm(forms.Form):
    """Blocks a visitor; offers what the visitor can be recognised by."""

    kinds = forms.MultipleChoiceField(label="Recognised by", widget=forms.CheckboxSelectMultiple)
    seconds = forms.TypedChoiceField(label="For", coerce=int, choices=_DURATIONS, initial=_DAY)
    reason = forms.ChoiceField(choices=[(one, one) for one in REASONS])

    def __init__(self, person: EndUser, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = blocks.known_kinds(person)
        self.fields["kinds"].choices = [(kind, f"{kind.label}: {_MEANINGS[kind]}") for kind in kinds]  # type: ignore[attr-defined]


@admin.register(Block)
class BlockAdmin(TenantModelAdmin):
    """Read, and lifted."""

    may_view = Action.END_USERS_VIEW
    section = Section.CONVERSATIONS
    place = 3
    icon = "block"

    list_display = ["kind", "visitor", "reason", "created_at", "expires_at"]
    list_filter = ["kind"]
    list_select_related = ["end_user"]
    search_fields = ["reason", "=end_user__public_id"]
    ordering = ["-expires_at", "-id"]
    fields = ["kind", "end_user", "reason", "created_at", "expires_at"]
    change_form_outer_after_template = "admin/_block.html"

    @admin.display(description="Visitor")
    def visitor(self, one: Block) -> str:
        person = one.end_user
        return (person.display_name or f"{person.public_id[:12]}…") if person is not None else ""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.lift))
        return [path("<int:pk>/lift/", view, name="accounts_block_lift"), *super().get_urls()]

    def change_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        may_suspend = scope_of(request).may(Action.END_USERS_SUSPEND)
        context = {**(kwargs.pop("extra_context", None) or {}), "may_suspend": may_suspend}
        response: HttpResponse = super().change_view(request, *args, extra_context=context, **kwargs)
        return response

    def lift(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Lift the block: the visitor can open sessions again."""
        found = self.get_object(request, str(pk))
        if not scope_of(request).may(Action.END_USERS_SUSPEND):
            raise PermissionDenied
        if found is None:
            raise Http404
        blocks.lift(found)
        messages.success(request, "The block is lifted.")
        return redirect(reverse("admin:accounts_block_changelist"))
