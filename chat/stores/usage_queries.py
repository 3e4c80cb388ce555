"""The row that is kept of what was no run, and asked a model all the same; a run's is kept by the statement that ends it."""

from __future__ import annotations

from django.utils import timezone

from chat.stores.usage import RunUsage
from chatplatform.lib.ids import new_id
from tenants.models import Usage


def keep_usage(
    usage: RunUsage, purpose: Usage.Purpose, *, tenant_id: int, assistant_id: int | None = None, end_user: str = ""
) -> None:
    """One statement, in the tenant's scope.  ``assistant_id``, ``end_user``: for whom it was, where it was for one."""
    Usage.objects.create(
        tenant_id=tenant_id,
        assistant_id=assistant_id,
        run=new_id("run"),
        end_user=end_user,
        purpose=purpose,
        provider=usage.provider,
        model=usage.model,
        requests=usage.requests,
        input_tokens=usage.input_tokens,
        cached_tokens=usage.cached_tokens,
        output_tokens=usage.output_tokens,
        reasoning_tokens=usage.reasoning_tokens,
        is_estimated=usage.is_estimated,
        cost=usage.cost,
        prices=usage.prices,
        first_token_ms=usage.first_token_ms,
        total_ms=usage.total_ms,
        outcome="completed",
        created_at=timezone.now(),
    )
