"""Accounts: where a provider is reached, and with which key, be it the tenant's own or the installation's."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field

from django.conf import settings

from chat.agents.providers.registry import Provider
from chatplatform.lib.db_pool import in_tenant
from chatplatform.lib.errors import PlatformError
from tenants.crypto import UnreadableSecretError
from tenants.models import DataKey, ProviderKey

logger = logging.getLogger(__name__)

#: How long an answer is remembered, in seconds: a new or removed key takes effect after it, at the latest.
REMEMBERED = 10.0
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Account:
    """``is_foreign``: a tenant named the address, so that it may not lead into our own network."""

    base_url: str
    api_key: str = field(repr=False)
    is_foreign: bool = False


#: Tenant and provider -> until when it is remembered, and the tenant's own account.
_known: dict[tuple[int, str], tuple[float, Account | None]] = {}


async def account_of(provider: Provider, tenant_id: int) -> Account | None:
    """The account with which a tenant's assistants ask a provider; None without an address, or without a key that is needed.

    Up to two queries when not remembered.  An address of the tenant only ever gets the tenant's own key.

    Raises:
        PlatformError: ``assistant_unavailable``, when the tenant's key cannot be decrypted.  The installation's is not used
            instead: somebody else would pay.
    """
    base_url, api_key = _of_installation(provider)
    own = await _own_account(provider.account, tenant_id)
    if own is not None:
        return own if own.base_url else Account(base_url, own.api_key) if base_url else None
    if not base_url or (provider.needs_key and not api_key):
        return None
    return Account(base_url, api_key or "none")


def can_be_asked(provider: Provider, tenant_id: int) -> bool:
    """Whether the tenant has an account there, of its own or by the installation.  One query, or two; no key is opened."""
    base_url, api_key = _of_installation(provider)
    own = ProviderKey.objects.for_tenant(tenant_id).filter(provider=provider.account).first()
    if own is None:
        return bool(base_url) and bool(api_key or not provider.needs_key)
    sealed_with = DataKey.objects.for_tenant(tenant_id).first()
    return bool(own.base_url or base_url) and sealed_with is not None and sealed_with.can_be_opened()


def _of_installation(provider: Provider) -> tuple[str, str]:
    """The address and the key that are every tenant's; each may be empty."""
    if provider.name == "openai_compatible":
        return settings.PROVIDER_BASE_URL, settings.PROVIDER_API_KEY
    given = settings.PROVIDERS[provider.account]
    return given["base_url"] or provider.base_url, given["api_key"]


async def _own_account(provider: str, tenant_id: int) -> Account | None:
    """The tenant's; its address is empty where the installation's counts."""
    until, account = _known.get((tenant_id, provider), (0.0, None))
    if until >= time.monotonic():
        return account
    try:
        account = await in_tenant(tenant_id, _read, tenant_id, provider)
    except UnreadableSecretError:
        # Without a trace, which would hold keys.
        logger.error("the key of tenant %s for %s cannot be decrypted", tenant_id, provider)  # noqa: TRY400
        raise PlatformError("assistant_unavailable") from None
    if len(_known) >= _MOST:
        _known.clear()
    _known[tenant_id, provider] = (time.monotonic() + REMEMBERED, account)
    return account


def forget(provider: str, tenant_id: int) -> None:
    """Read a tenant's account anew (in this process)."""
    _known.pop((tenant_id, provider), None)


def _read(tenant_id: int, provider: str) -> Account | None:
    found = ProviderKey.objects.for_tenant(tenant_id).filter(provider=provider).first()
    if found is None:
        return None
    return Account(found.base_url, found.reveal("an answer"), is_foreign=bool(found.base_url))
