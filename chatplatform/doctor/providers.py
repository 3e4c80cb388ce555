"""Model providers: one request to each, with each key that is stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from asgiref.sync import async_to_sync
from django.conf import settings

from chat.agents.providers.check import check
from chatplatform.doctor.findings import Finding, error
from tenants.models import ProviderKey
from tenants.scope import cross_tenant

#: No tenant has this key, so that the installation's own account is used.
_NOBODY = 0


def accept_our_keys() -> Iterable[Finding]:
    for owner, name, tenant_id in [*_of_the_installation(), *_of_tenants()]:
        problem = async_to_sync(check)(name, tenant_id)
        if problem is not None:
            yield error("doctor.provider_failed", f"{name} of {owner}: {problem.code}. {problem.spec.message}")


def _of_the_installation() -> Iterator[tuple[str, str, int]]:
    if settings.PROVIDER_BASE_URL:
        yield "the installation", "openai_compatible", _NOBODY
    for name, account in settings.PROVIDERS.items():
        if account["api_key"] or account["base_url"]:
            yield "the installation", name, _NOBODY


def _of_tenants() -> list[tuple[str, str, int]]:
    with cross_tenant("manage.py doctor --providers"):
        keys = list(ProviderKey.objects.select_related("tenant").order_by("tenant_id", "provider"))
    return [(f"tenant {key.tenant.slug}", key.provider, key.tenant_id) for key in keys]
