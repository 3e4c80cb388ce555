"""Forms of signing in that differ from django-allauth's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm

from accounts.adapters import site_of

if TYPE_CHECKING:
    from django.http import HttpRequest  # noqa: TID251 - what the method takes

    from accounts.models import User


class ResetPasswordForm(AllauthResetPasswordForm):  # type: ignore[misc]  # allauth comes without types
    """Every address gets an e-mail, so that neither the page nor its time tells who has an account."""

    users: list[User]

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Send the link, also to whoever has no password yet; to strangers, an e-mail that says so."""
        site_of(request)  # An installation where no link can be made must fail for every address.
        email: str = self.cleaned_data["email"]
        if self.users:
            return str(super().save(request, **kwargs))
        get_adapter(request).send_mail("account/email/no_password", email, {})
        return email
