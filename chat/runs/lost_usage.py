"""What lost runs used: an estimate of what is stored of them, once for each, as nobody is left to tell."""

from __future__ import annotations

from django.utils import timezone

from chat.agents.providers.build import default_model_of
from chat.agents.providers.meter import Meter
from chat.agents.providers.registry import PROVIDERS
from chat.stores.lost_usage_queries import LostUsage, keep_once, lost_without_usage
from chatplatform.lib.tenant_setting import for_tenant
from tenants.models import Usage


def keep_lost_usage() -> int:
    """Write the rows that are missing (some of them); how many.  Synchronous; two processes may do it at once."""
    found = lost_without_usage()
    for lost in found:
        with for_tenant(lost.tenant_id):
            keep_once(_estimated(lost))
    return len(found)


def _estimated(lost: LostUsage) -> Usage:
    meter = Meter(lost.provider, lost.model or default_model_of(PROVIDERS.get(lost.provider)))
    if lost.given:
        meter.estimate(lost.given, lost.written)
    used = meter.usage
    return Usage(
        tenant_id=lost.tenant_id,
        assistant_id=lost.assistant_id,
        run=lost.run_id,
        end_user=lost.end_user,
        provider=used.provider,
        model=used.model,
        requests=used.requests,
        input_tokens=used.input_tokens,
        cached_tokens=0,
        output_tokens=used.output_tokens,
        reasoning_tokens=0,
        is_estimated=True,
        cost=used.cost,
        prices=used.prices,
        total_ms=lost.milliseconds,
        outcome="lost",
        error_code=lost.error_code,
        created_at=timezone.now(),
    )
