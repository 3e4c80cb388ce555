"""What django-allauth asks the platform: where links lead, how secrets are stored, how e-mails leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from chatplatform.lib.client_address import client_address
from tenants import crypto
from tenants.hosts import tenant_slug_of_host

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse  # noqa: TID251 - what the methods pass on

    from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth comes without types
    """Nobody signs up, redirects stay on this host, and a mail server that is away breaks no page."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """On this very host: the others are of other tenants."""
        request = context.request
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request.META)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("mfa_index")

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        return redirect("account_login")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The key stands behind a '#': no server and no log sees it."""
        return f"{site_of(context.request)}{reverse('account_reset_password_link')}#{key}"

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        super().send_notification_mail(template_prefix, user, context, email or user.email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A failure is in the log."""
        message = self.render_mail(template_prefix, email, {"email": email, **context})
        transaction.on_commit(message.send, robust=True)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors are stored encrypted."""

    def encrypt(self, text: str) -> str:
        return crypto.seal_for_login(text)

    def decrypt(self, encrypted_text: str) -> str:
        return crypto.unseal_for_login(encrypted_text)


def site_of(request: HttpRequest) -> str:
    """Where a link to a login leads: where the platform is, and not where the request says, whose port is anybody's to write.

    In DEBUG, and without `PUBLIC_URL`, the host that was asked for; but never a tenant's own, whose owner could read one day what
    comes there.

    Raises:
        ImproperlyConfigured: the request came to such a host, and `PUBLIC_URL` does not say where else the platform is.
    """
    known = settings.PUBLIC_URL.rstrip("/")
    if tenant_slug_of_host(request.get_host()) is None and (settings.DEBUG or not known):
        return f"{request.scheme}://{request.get_host()}"
    if not known:
        raise ImproperlyConfigured("PUBLIC_URL is missing: links of e-mails cannot lead to the host of a tenant.")
    return known
