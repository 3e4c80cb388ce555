"""The contract of `PlatformStore`, run for each store that we have."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageItem,
    HiddenContextItem,
    InferenceOptions,
    ThreadItem,
    ThreadMetadata,
    UserMessageItem,
    UserMessageTextContent,
)
from django.utils import timezone

from chat.context import ChatContext
from chat.models import Run
from chat.stores.base import Answering, OpenedRun, Opening, PlatformStore, now
from chat.stores.django import DjangoStore
from chat.stores.memory import MemoryStore
from chatplatform.lib.db_pool import in_database
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.ids import new_id
from tenants.scope import cross_tenant
from tests.support.cast import Cast


@dataclass(frozen=True)
class People:
    """The callers.  ``alice`` owns what the tests make; ``others`` are all those who may not see it."""

    alice: ChatContext
    alice_at_second: ChatContext
    bob: ChatContext
    carol: ChatContext
    others: list[ChatContext] = field(default_factory=list)


@pytest.fixture(params=[DjangoStore, MemoryStore], ids=["django", "memory"])
def store(request: pytest.FixtureRequest, committed_database: None) -> PlatformStore:
    made: PlatformStore = request.param()
    return made


@pytest.fixture
def people(cast: Cast) -> People:
    alice = cast.context(cast.alice, cast.guide)
    at_second = cast.context(cast.alice, cast.second)
    bob = cast.context(cast.bob, cast.guide)
    carol = cast.context(cast.carol, cast.ledger)
    return People(alice, at_second, bob, carol, [at_second, bob, carol])


@pytest.fixture
def alice(people: People) -> ChatContext:
    return people.alice


NewThread = Callable[..., Any]


@pytest.fixture
def new_thread(store: PlatformStore) -> NewThread:
    """``await new_thread(alice, title="Boots")``: a stored thread."""

    async def make(context: ChatContext, **fields: Any) -> ThreadMetadata:
        values = {"id": store.generate_thread_id(context), "created_at": now(), **fields}
        thread = ThreadMetadata(**values)
        await store.save_thread(thread, context)
        return thread

    return make


def user_message(thread_id: str, text: str = "Hello", **fields: Any) -> UserMessageItem:
    values: dict[str, Any] = {
        "id": new_id("message"),
        "thread_id": thread_id,
        "created_at": now(),
        "content": [UserMessageTextContent(text=text)],
        "attachments": [],
        "inference_options": InferenceOptions(),
        **fields,
    }
    return UserMessageItem(**values)


def text_of(item: ThreadItem) -> str:
    """The text of an assistant's message."""
    assert isinstance(item, AssistantMessageItem)
    return "".join(part.text for part in item.content)


def answer(thread_id: str, text: str = "Hello to you", **fields: Any) -> AssistantMessageItem:
    values: dict[str, Any] = {
        "id": new_id("message"),
        "thread_id": thread_id,
        "created_at": now(),
        "content": [AssistantMessageContent(text=text, annotations=[])],
        **fields,
    }
    return AssistantMessageItem(**values)


def note(thread_id: str, content: Any = "secret", **fields: Any) -> HiddenContextItem:
    values: dict[str, Any] = {"id": new_id("message"), "thread_id": thread_id, "created_at": now(), **fields}
    return HiddenContextItem(content=content, **values)


def opening(thread_id: str, **change: Any) -> Opening:
    """What a streaming request asks for."""
    return Opening(
        run_id=new_id("run"), operation="threads.add_user_message", owner="nobody", thread_id=thread_id, **change
    )


async def opened(store: PlatformStore, context: ChatContext, thread_id: str, text: str = "Hello") -> OpenedRun:
    """A run that answers a new message."""
    return await store.open_run(opening(thread_id, adds=user_message(thread_id, text)), context)


def always() -> Answering:
    """The word of a process that has looked at the store for an hour."""
    return Answering(since=timezone.now() - timedelta(hours=1), until=timezone.now())


async def let_the_lease_run_out(store: PlatformStore, run_id: str) -> None:
    """As if its process had been silent for long."""
    if isinstance(store, MemoryStore):
        (run,) = [thread.runs[run_id] for thread in store._threads.values() if run_id in thread.runs]
        run.lease_expires_at -= timedelta(hours=1)
        return

    @cross_tenant("a test makes time pass")
    def update() -> None:
        row = Run._base_manager.get(public_id=run_id)
        Run._base_manager.filter(pk=row.pk).update(lease_expires_at=row.lease_expires_at - timedelta(hours=1))

    await in_database(update)


async def code_of(attempt: Any) -> str:
    with pytest.raises(PlatformError) as caught:
        await attempt
    return caught.value.code
