"""What a run used is kept with its end, once."""

from decimal import Decimal
from typing import Any

from chat.context import ChatContext
from chat.stores.base import PlatformStore
from chat.stores.memory import MemoryStore
from chat.stores.usage import RunUsage
from tenants.models import Usage
from tests.contracts.conftest import NewThread, opened

USED = RunUsage("openai", "gpt-4o", 2, 1000, 400, 100, 60, True, Decimal("0.00300000"), {"input_mtok": "2.5"}, 12, 340)


async def kept(store: PlatformStore, context: ChatContext) -> list[RunUsage]:
    if isinstance(store, MemoryStore):
        return list(store.usage.values())
    names = list(RunUsage.__slots__)
    rows: list[dict[str, Any]] = [row async for row in Usage.objects.for_tenant(context.tenant.id).values(*names)]
    return [RunUsage(**row) for row in rows]


async def test_it_is_kept_with_the_end_of_the_run(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    thread = await new_thread(alice)
    run = await opened(store, alice, thread.id)
    run.usage = USED
    await store.close_run(run, "completed")
    await store.close_run(run, "completed")
    assert await kept(store, alice) == [USED]


async def test_it_is_kept_of_a_run_whose_thread_is_gone(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    thread = await new_thread(alice)
    run = await opened(store, alice, thread.id)
    run.usage = USED
    await store.delete_thread(thread.id, alice)
    await store.close_run(run, "completed")
    assert await kept(store, alice) == [USED]


async def test_a_run_that_says_nothing_leaves_nothing(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    thread = await new_thread(alice)
    await store.close_run(await opened(store, alice, thread.id), "completed")
    assert await kept(store, alice) == []
