"""The key with which a tenant's assistants ask a provider: its own, or the installation's."""

from __future__ import annotations

import logging
import time

from chatplatform.lib.db_pool import in_database
from chatplatform.lib.errors import PlatformError
from tenants.crypto import UnreadableSecretError
from tenants.models import ProviderKey

logger = logging.getLogger(__name__)

#: How long an answer is remembered, in seconds: a new or removed key takes effect after it, at the latest.
REMEMBERED = 10.0
_MOST = 10_000
#: Tenant and provider -> until when it is remembered, and the tenant's key.
_known: dict[tuple[int, str], tuple[float, str | None]] = {}


async def key_of_tenant(tenant_id: int, provider: str) -> str | None:
    """The tenant's own key for a provider; None when it uses the installation's.  Up to two queries when not remembered.

    Raises:
        PlatformError: ``assistant_unavailable``, when it cannot be decrypted.  The installation's is not used instead: somebody
            else would pay.
    """
    until, key = _known.get((tenant_id, provider), (0.0, None))
    if until >= time.monotonic():
        return key
    try:
        key = await in_database(_read, tenant_id, provider)
    except UnreadableSecretError:
        logger.error("the key of tenant %s for %s cannot be decrypted", tenant_id, provider)  # noqa: TRY400 - no trace: it would hold keys
        raise PlatformError("assistant_unavailable") from None
    if len(_known) >= _MOST:
        _known.clear()
    _known[tenant_id, provider] = (time.monotonic() + REMEMBERED, key)
    return key


def _read(tenant_id: int, provider: str) -> str | None:
    found = ProviderKey.objects.for_tenant(tenant_id).filter(provider=provider).first()
    return found.reveal("an answer") if found is not None else None
