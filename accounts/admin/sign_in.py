"""Company sign-in: the provider by which a tenant's people sign in, typed in once and tried."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, ClassVar

from asgiref.sync import async_to_sync
from django import forms
from django.contrib import admin
from django.contrib.postgres.forms import SimpleArrayField
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.http import HttpRequest
from django.urls import reverse
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts import company, oidc
from accounts.adapters import site_of
from tenants.models import Domain, SignIn
from tenants.models.sign_in import MOST_DOMAINS, check_domain
from tenants.panel.addresses import origin_of
from tenants.panel.base import Section
from tenants.panel.scope import scope_of
from tenants.panel.single import SingleRowAdmin
from tenants.panel.stored_secret import SecretForm, StoredSecretAdmin
from tenants.permissions import Action


class SignInForm(SecretForm):
    """One domain in each line."""

    called = "Client secret"
    goes_to, ask_again = "issuer", "Type the secret in again: it goes to another provider."

    allowed_domains = SimpleArrayField(
        forms.CharField(max_length=253, validators=[check_domain]),
        delimiter="\n",
        max_length=MOST_DOMAINS,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="Whose e-mail addresses may come in, one in each line, as example.com; empty: all members and whom you invited.",
    )

    class Meta:
        labels: ClassVar[dict[str, str]] = {"is_enabled": "Enabled"}

    def clean_allowed_domains(self) -> list[str]:
        return list(dict.fromkeys(self.cleaned_data["allowed_domains"]))


@admin.register(SignIn)
class SignInAdmin(SingleRowAdmin, StoredSecretAdmin):
    """Below the form: what the provider has to be told, and a button that tries what was typed in."""

    may_view = Action.SIGN_IN_VIEW
    may_add = may_change = Action.SIGN_IN_CHANGE
    section = Section.TENANT
    icon = "passkey"

    form = SignInForm
    list_display = ["name", "issuer", "is_enabled", "is_required", "updated_at"]
    ordering = ["name"]
    fieldsets = [
        (None, {"fields": ["name", "is_enabled"]}),
        ("The provider", {"fields": ["issuer", "client_id", "new_secret"]}),
        ("Who comes in", {"fields": ["allowed_domains", "creates_members", "is_required"]}),
    ]
    change_form_outer_after_template = "admin/_sign_in.html"

    def nav_title(self, request: HttpRequest) -> str:
        return "Company sign-in"

    def get_fieldsets(self, request: HttpRequest, obj: SignIn | None = None) -> list[Any]:
        if obj is None or self.has_change_permission(request, obj):
            return [*self.fieldsets]
        return [
            (title, {"fields": [one for one in part["fields"] if one != "new_secret"]})
            for title, part in self.fieldsets
        ]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        tenant = scope_of(request).tenant
        if tenant is not None:
            context["addresses"] = _addresses(request, tenant.pk, tenant.slug)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: SignIn, form: Any, change: bool) -> None:  # noqa: FBT001
        company.settle(obj, set(form.changed_data))
        super().save_model(request, obj, form, change)

    def examine(self, request: HttpRequest, row: SignIn) -> str:
        secret, address = row.reveal("a test"), _addresses(request, row.tenant_id, row.tenant.slug)[0]
        try:
            async_to_sync(oidc.examine)(row.issuer, row.client_id, secret, address)
        except oidc.OidcError as error:
            raise ValidationError(f"It does not work yet: {error.reason}.") from None
        return f"{row.name} answers, and knows this client."


def _addresses(request: HttpRequest, tenant_id: int, slug: str) -> list[str]:
    """Where the provider may send people back to: on this host, on the platform's own, and on each of the tenant's."""
    domains = Domain.objects.for_tenant(tenant_id).exclude(verified_at=None).order_by("host")
    places = [origin_of(request, host) for host in domains.values_list("host", flat=True)]
    with suppress(ImproperlyConfigured):  # Of the platform itself nobody knows where it is.
        places.insert(0, site_of(request))
    places.insert(0, f"{request.scheme}://{request.get_host()}")
    return [f"{place}{reverse('sign_in_callback', args=[slug])}" for place in dict.fromkeys(places)]
