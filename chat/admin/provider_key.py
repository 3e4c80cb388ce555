"""Provider keys: typed in once, tried, and never shown."""

from __future__ import annotations

from asgiref.sync import async_to_sync
from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminSelectWidget

from chat.agents.providers.check import check
from tenants.models import AssistantVersion, ProviderKey
from tenants.panel.base import Section
from tenants.panel.stored_secret import SecretForm, StoredSecretAdmin
from tenants.permissions import Action

#: `offline` needs no key, and `openai_chat` uses that of `openai`.
_WITH_KEYS = [choice for choice in AssistantVersion.Provider.choices if choice[0] not in ("offline", "openai_chat")]


class ProviderKeyForm(SecretForm):
    called = "Key"
    goes_to, ask_again = "base_url", "Type the key in again: it goes to another address."

    provider = forms.ChoiceField(choices=_WITH_KEYS, widget=UnfoldAdminSelectWidget)


@admin.register(ProviderKey)
class ProviderKeyAdmin(StoredSecretAdmin):
    may_view = Action.KEYS_VIEW
    may_add = may_change = may_delete = Action.KEYS_CHANGE
    section = Section.ASSISTANTS
    place = 7
    icon = "key"

    form = ProviderKeyForm
    list_display = ["provider", "ending", "base_url", "updated_at"]
    ordering = ["provider"]
    fields = ["provider", "new_secret", "base_url"]

    @admin.display(description="Key")
    def ending(self, key: ProviderKey) -> str:
        return f"…{key.last_four}"

    def get_readonly_fields(self, request: HttpRequest, obj: ProviderKey | None = None) -> list[str]:
        return ["provider"] if obj else []

    def examine(self, request: HttpRequest, row: ProviderKey) -> str:
        problem = async_to_sync(check)(row.provider, row.tenant_id)
        if problem is not None:
            raise ValidationError(f"{problem.spec.message} {problem.hint}")
        return f"{row.get_provider_display()} accepted the key."
