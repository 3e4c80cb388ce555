"""Settings."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from chatplatform.doctor.findings import Finding, Level, error, warning
from tenants.models import DataKey
from tenants.scope import cross_tenant


def system_checks() -> Iterable[Finding]:
    """All that `manage.py check --deploy --database default` says; in development without what only a public place must hold."""
    said = checks.run_checks(include_deployment_checks=not settings.DEBUG, databases=["default"])
    for message in sorted(said, key=lambda message: (-message.level, message.id or "")):
        if message.level >= checks.WARNING and not message.is_silenced():
            level: Level = "error" if message.is_serious() else "warning"
            yield Finding(message.id or "check", level, message.msg, message.hint or "")


def has_address() -> Iterable[Finding]:
    if not settings.PUBLIC_URL:
        yield warning("doctor.public_url_missing")


def counts_proxies() -> Iterable[Finding]:
    if settings.SECURE_PROXY_SSL_HEADER and not settings.TRUSTED_PROXY_COUNT:
        yield warning("doctor.proxies_uncounted")


def opens_secrets() -> Iterable[Finding]:
    """Whether ENCRYPTION_KEYS are those with which the tenants' secrets were encrypted."""
    with cross_tenant("manage.py doctor"):
        try:
            closed = [key.tenant.slug for key in DataKey.objects.select_related("tenant") if not key.can_be_opened()]
        except ImproperlyConfigured:
            return  # what is wrong with the keys themselves is a system check
    if closed:
        more = f" and {len(closed) - 3} more" if len(closed) > 3 else ""
        yield error(
            "doctor.secrets_closed", f"No key of ENCRYPTION_KEYS opens the secrets of {', '.join(closed[:3])}{more}."
        )
