"""A row with a secret, which is typed in once, tried, and never shown: its form and its page."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminPasswordWidget

from chatplatform.lib.errors import PlatformError
from tenants import rate_limits
from tenants.models import AuditEvent
from tenants.panel.base import TenantForm, TenantModelAdmin


class SecretForm(TenantForm):
    """For a `tenants.models.kept_secret.KeptSecret`."""

    #: What the secret is called.
    called: ClassVar[str]
    #: The field that says where the secret goes, and what is said when it changes and the secret is not typed in again.
    goes_to: ClassVar[str]
    ask_again: ClassVar[str]

    new_secret = forms.CharField(
        max_length=1_000,
        widget=UnfoldAdminPasswordWidget({"autocomplete": "off"}),
        help_text="It is encrypted at once and never shown again.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "new_secret" in self.fields:
            self.fields["new_secret"].label = self.called
            if self.instance.pk:
                self.fields["new_secret"].required = False
                stored = f"Stored: …{self.instance.last_four}." if self.instance.last_four else "One is stored."
                self.fields["new_secret"].help_text = f"{stored} Left empty, it stays."

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if self.instance.pk and self.goes_to in self.changed_data and not given.get("new_secret"):
            self.add_error("new_secret", self.ask_again)
        if secret := (given.get("new_secret") or "").strip():
            try:
                self.instance.set_secret(secret)
            except PlatformError as error:
                self.add_error("new_secret", f"{error.spec.message} {error.hint}")
        return given


class StoredSecretAdmin(TenantModelAdmin):
    """Its form is a `SecretForm`; a button below it tries what is stored."""

    change_form_outer_after_template = "admin/_test_stored.html"

    def examine(self, request: HttpRequest, row: Any) -> str:
        """Ask whoever the secret is for.  Returns what to say when it works.

        Raises:
            ValidationError: what is wrong.
        """
        raise NotImplementedError

    @method_decorator(sensitive_post_parameters("new_secret"))
    def changeform_view(self, *args: Any, **kwargs: Any) -> Any:
        return super().changeform_view(*args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.test))
        name = f"{self.opts.app_label}_{self.opts.model_name}_test"
        return [path("<int:pk>/test/", view, name=name), *super().get_urls()]

    def test(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Try it, write that down, and tell how it went."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        row = self.get_object(request, str(pk))
        if row is None:
            raise Http404
        action = f"{self.opts.model_name}.test"
        try:
            rate_limits.spend_sync("secret test", tenant=row.tenant_id, account=action)
            AuditEvent.record(row.tenant_id, action, row)
            messages.success(request, self.examine(request, row))
        except PlatformError as error:
            wait = error.headers.get("Retry-After")
            messages.error(
                request, f"{error.spec.message} {f'Try it again in {wait} seconds.' if wait else error.hint}"
            )
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return redirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[pk]))
