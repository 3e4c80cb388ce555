"""Provider keys: typed in once, tried, and never shown."""

from __future__ import annotations

from typing import Any

from asgiref.sync import async_to_sync
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from chat.agents.providers.check import check
from chatplatform.lib.errors import PlatformError
from tenants import quotas
from tenants.models import AssistantVersion, AuditEvent, ProviderKey
from tenants.panel.base import Section, TenantModelAdmin
from tenants.panel.secret_form import SecretForm
from tenants.permissions import Action

#: `offline` needs no key, and `openai_chat` uses that of `openai`.
_WITH_KEYS = [choice for choice in AssistantVersion.Provider.choices if choice[0] not in ("offline", "openai_chat")]

#: Tests of one tenant: each is a request to its provider.
_TEST_RATE = "10/minute"


class ProviderKeyForm(SecretForm):
    called = "Key"
    goes_to, ask_again = "base_url", "Type the key in again: it goes to another address."

    provider = forms.ChoiceField(choices=_WITH_KEYS)


@admin.register(ProviderKey)
class ProviderKeyAdmin(TenantModelAdmin):
    may_view = Action.KEYS_VIEW
    may_add = may_change = may_delete = Action.KEYS_CHANGE
    section = Section.ASSISTANTS
    place = 7
    icon = "key"

    form = ProviderKeyForm
    list_display = ["provider", "ending", "base_url", "updated_at"]
    ordering = ["provider"]
    fields = ["provider", "new_secret", "base_url"]
    change_form_outer_after_template = "admin/_test_key.html"

    @admin.display(description="Key")
    def ending(self, key: ProviderKey) -> str:
        return f"…{key.last_four}"

    def get_readonly_fields(self, request: HttpRequest, obj: ProviderKey | None = None) -> list[str]:
        return ["provider"] if obj else []

    @method_decorator(sensitive_post_parameters("new_secret"))
    def changeform_view(self, *args: Any, **kwargs: Any) -> Any:
        return super().changeform_view(*args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        test = self.admin_site.admin_view(require_POST(self.test))
        return [path("<int:pk>/test/", test, name="tenants_providerkey_test"), *super().get_urls()]

    def test(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask the provider with the stored key, and tell how it went."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        key = self.get_object(request, str(pk))
        if key is None:
            raise Http404
        try:
            async_to_sync(quotas.spend)(_TEST_RATE, key.tenant_id, "key tests")
        except PlatformError as error:
            wait = error.headers["Retry-After"]
            messages.error(request, f"{error.spec.message} Test the key again in {wait} seconds.")
            return redirect(reverse("admin:tenants_providerkey_change", args=[pk]))
        AuditEvent.record(key.tenant_id, "providerkey.test", key)
        problem = async_to_sync(check)(key.provider, key.tenant_id)
        if problem is None:
            messages.success(request, f"{key.get_provider_display()} accepted the key.")
        else:
            messages.error(request, f"{problem.spec.message} {problem.hint}")
        return redirect(reverse("admin:tenants_providerkey_change", args=[pk]))
