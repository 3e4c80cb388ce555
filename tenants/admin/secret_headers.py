"""Headers that hold a key: typed in once, never shown again, and never sent to another host than they were typed in for."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldBooleanSwitchWidget

from chatplatform.lib.errors import PlatformError
from tenants.models.http_tool import check_headers
from tenants.panel.base import TenantForm, TenantModelAdmin

_MOST_CHARS = 8_000


class SecretHeadersForm(TenantForm):
    """The form of a `SecretHeaders` model whose address is in the field ``address_field``."""

    address_field: ClassVar[str] = "url"

    new_headers = forms.CharField(
        label="Secret headers",
        required=False,
        max_length=_MOST_CHARS,
        widget=UnfoldAdminTextareaWidget({"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
        help_text="One in each line, as “Authorization: Bearer …”. Never shown again; left empty, those that are stored stay.",
    )
    remove_headers = forms.BooleanField(
        label="Remove the stored headers", required=False, widget=UnfoldBooleanSwitchWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.headers:
            self.fields.pop("remove_headers", None)

    def clean_new_headers(self) -> dict[str, str]:
        headers = {}
        for line in str(self.cleaned_data["new_headers"]).splitlines():
            name, colon, value = line.partition(":")
            if line.strip():
                if not colon:
                    raise ValidationError("Write each header as “Name: value”.")
                headers[name.strip()] = value.strip()
        check_headers(headers)
        return headers

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        is_elsewhere = _host(self.initial.get(self.address_field)) != _host(given.get(self.address_field))
        if self.instance.headers and is_elsewhere and not given.get("new_headers") and not given.get("remove_headers"):
            self.add_error(
                "new_headers",
                "The address leads to another host: type the headers in again, or remove those that are stored.",
            )
        if given.get("new_headers") or given.get("remove_headers"):
            try:
                self.instance.set_headers(given.get("new_headers") or {})
            except PlatformError as error:
                self.add_error("new_headers", f"{error.spec.message} {error.hint}")
        return given


class SecretHeadersAdmin(TenantModelAdmin):
    """The page of such a model; the fields for its secrets are for those who may change it."""

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        if not self.has_change_permission(request, obj):
            return [*self.fieldsets]
        secrets = ["new_headers", *(["remove_headers"] if obj is not None and obj.headers else [])]
        return [*self.fieldsets, ("Secrets", {"fields": secrets})]

    @method_decorator(sensitive_post_parameters("new_headers"))
    def changeform_view(self, *args: Any, **kwargs: Any) -> Any:
        return super().changeform_view(*args, **kwargs)


def _host(address: object) -> tuple[str, str]:
    parts = urlsplit(str(address or ""))
    return parts.scheme, parts.netloc.lower()
