"""The form of a row with a secret, which is typed in once and never shown."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from unfold.widgets import UnfoldAdminPasswordWidget

from tenants.panel.base import TenantForm


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
                self.fields["new_secret"].help_text = f"Stored: …{self.instance.last_four}. Left empty, it stays."

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if self.instance.pk and self.goes_to in self.changed_data and not given.get("new_secret"):
            self.add_error("new_secret", self.ask_again)
        return given

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        if self.cleaned_data.get("new_secret"):
            self.instance.set_secret(self.cleaned_data["new_secret"].strip())
        return super().save(commit)
