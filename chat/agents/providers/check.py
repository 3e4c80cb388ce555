"""Whether a provider can be reached with the key that a tenant has stored."""

from __future__ import annotations

from chat.agents.providers import accounts
from chat.agents.providers.build import client_of, close_clients
from chat.agents.providers.errors import explain
from chatplatform.lib.errors import PlatformError

_SECONDS = 10.0


async def check(name: str, tenant_id: int) -> PlatformError | None:
    """Ask for the provider's list of models, once; what went wrong, or None.  Runs in an event loop of its own."""
    accounts.forget(name, tenant_id)  # it may have been changed a moment ago
    try:
        client = await client_of(name, tenant_id)
        if client is None:
            return PlatformError("assistant_unavailable")
        await client.with_options(timeout=_SECONDS, max_retries=0).models.list()
    except Exception as error:
        problem = explain(error)
        if problem is None:
            raise
        return problem
    finally:
        await close_clients()
    return None
