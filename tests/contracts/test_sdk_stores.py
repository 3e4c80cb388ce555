"""What a server that was written for the SDK stores: answers that were cancelled, attachments, ids; and what it may be made of."""

import asyncio
import itertools
from typing import Any

import orjson
import pytest
from chatkit.store import NotFoundError, StoreItemType
from chatkit.types import (
    AttachmentCreateParams,
    ThreadItem,
    ThreadMetadata,
)
from django.core.exceptions import ImproperlyConfigured

from chat import sdk_servers
from chat.context import ChatContext
from chat.runs.registry import registry
from chat.server import PlatformChatKitServer
from chat.stores.attachments import PlatformAttachmentStore
from chat.stores.base import PlatformStore
from chat.stores.memory import MemoryStore
from chatplatform.lib.errors import PlatformError
from tests.contracts.conftest import People
from tests.contracts.sdk import Caller, kinds
from tests.support.sdk_servers import Everything, Files, Minimal


def moved_in(kind: type, store: PlatformStore, files: Any = None) -> PlatformChatKitServer:
    """An instance of a server class, as `CHATKIT_SERVER` makes it."""
    composed = sdk_servers.with_platform(kind, PlatformChatKitServer)
    made = sdk_servers.construct(composed, store, files or PlatformAttachmentStore())
    assert isinstance(made, PlatformChatKitServer)
    return made


@pytest.fixture
def caller(store: PlatformStore, alice: ChatContext) -> Caller:
    Everything.called.clear()
    return Caller(moved_in(Everything, store), alice)


def text_of(events: list[dict[str, Any]]) -> str:
    return str(events[-1]["item"]["content"][0]["text"])


# ---- cancellation


async def cancelled(caller: Caller) -> tuple[str, list[dict[str, Any]]]:
    """A turn that is stopped after its first word."""
    stream = asyncio.create_task(caller.create("wait"))
    while not (runs := [run for run in registry()._runs.values() if run.pending]):
        await asyncio.sleep(0.01)
    await caller.store.checkpoint(runs[0].checkpoints())
    runs[0].cancel()
    return await stream


async def test_a_server_that_keeps_nothing_of_a_cancelled_answer_leaves_nothing(caller: Caller) -> None:
    thread_id, events = await cancelled(caller)
    assert Everything.called[-1] == "handle_stream_cancelled"
    assert kinds(events)[-1] == "thread.item.removed"
    items = (await caller.store.load_thread_items(thread_id, None, 20, "asc", caller.context)).data
    assert [item.type for item in items] == ["user_message"]
    assert kinds(await caller.say(thread_id))[-1] != "error"


@pytest.mark.parametrize("calls_base", [True, False])
async def test_a_server_may_keep_a_cancelled_answer(store: PlatformStore, alice: ChatContext, calls_base: bool) -> None:
    class Keeping(Everything):
        async def handle_stream_cancelled(
            self, thread: ThreadMetadata, pending_items: list[ThreadItem], context: Any
        ) -> None:
            if calls_base:
                await super(Everything, self).handle_stream_cancelled(thread, pending_items, context)
            else:
                for item in pending_items:
                    await self.store.add_thread_item(thread.id, item, context=context)

    thread_id, events = await cancelled(caller := Caller(moved_in(Keeping, store), alice))
    kept = next(event["item"] for event in events[::-1] if event["type"] == "thread.item.done")
    assert kept["content"][0]["text"] == "One"
    assert kept.get("interrupted") == ("cancelled" if calls_base else None)
    items = (await caller.store.load_thread_items(thread_id, None, 20, "asc", caller.context)).data
    note = ["sdk_hidden_context"] if calls_base else []
    assert [item.type for item in items] == ["user_message", "assistant_message", *note]


async def test_a_handler_that_fails_leaves_it_to_the_platform(store: PlatformStore, alice: ChatContext) -> None:
    class Failing(Everything):
        async def handle_stream_cancelled(
            self, thread: ThreadMetadata, pending_items: list[ThreadItem], context: Any
        ) -> None:
            raise RuntimeError

    thread_id, events = await cancelled(caller := Caller(moved_in(Failing, store), alice))
    assert events[-1]["item"]["interrupted"] == "cancelled"
    items = (await caller.store.load_thread_items(thread_id, None, 20, "asc", caller.context)).data
    assert [item.type for item in items] == ["user_message", "assistant_message", "sdk_hidden_context"]


# ---- attachments


@pytest.fixture
def files() -> Files:
    return Files()


@pytest.mark.parametrize("mime", ["image/png", "text/plain"])
async def test_an_attachment_store_of_the_servers_own(
    store: PlatformStore, people: People, files: Files, mime: str
) -> None:
    caller = Caller(moved_in(Minimal, store, files), people.alice)
    made = await caller.ask("attachments.create", name="map", size=7, mime_type=mime)
    assert made["upload_descriptor"]["url"] == "https://files.example/up"
    assert made.get("preview_url") == ("https://files.example/preview" if mime == "image/png" else None)
    assert "metadata" not in made
    thread_id, events = await caller.create(attachments=[made["id"]])
    stored = await store.load_attachment(made["id"], people.alice)
    assert (stored.thread_id, stored.metadata) == (thread_id, {"bucket": "SENTINEL"})
    page = await caller.ask("items.list", thread_id=thread_id)
    for item in (events[1]["item"], page["data"][-1]):
        (shown,) = item["attachments"]
        assert shown.get("preview_url") == made.get("preview_url")
        assert "SENTINEL" not in orjson.dumps(item).decode()
    item = await store.load_item(thread_id, events[1]["item"]["id"], people.alice)
    assert item.attachments[0].metadata == {"bucket": "SENTINEL"}  # type: ignore[union-attr]
    with pytest.raises(PlatformError, match="attachment_in_use"):
        await caller.ask("attachments.delete", attachment_id=made["id"])
    assert await caller.ask("threads.delete", thread_id=thread_id) == {}
    assert files.known == {}


async def test_a_file_of_the_servers_own_store_is_deleted_by_its_owner_alone(
    store: PlatformStore, people: People, files: Files
) -> None:
    caller = Caller(moved_in(Minimal, store, files), people.alice)
    made = await caller.ask("attachments.create", name="map", size=7, mime_type="text/plain")
    for other in people.others:
        with pytest.raises(NotFoundError):
            await Caller(caller.server, other).ask("attachments.delete", attachment_id=made["id"])
        with pytest.raises(NotFoundError):
            await Caller(caller.server, other).create(attachments=[made["id"]])
    assert list(files.known) == [made["id"]]
    assert await caller.ask("attachments.delete", attachment_id=made["id"]) == {}
    assert files.known == {}
    with pytest.raises(NotFoundError):
        await store.load_attachment(made["id"], people.alice)


async def test_the_platforms_attachment_store_asks_its_own_generator(store: PlatformStore, alice: ChatContext) -> None:
    if isinstance(store, MemoryStore):
        return  # Uploads are kept in rows.

    class Numbered(PlatformAttachmentStore):
        def generate_attachment_id(self, mime_type: str, context: ChatContext) -> str:
            return f"file:{mime_type.replace('/', '-')}"

    announced = AttachmentCreateParams(name="map", size=7, mime_type="text/plain")
    made = await Numbered().create_attachment(announced, alice)
    assert made.id == "file:text-plain"
    assert "/file%3Atext-plain/content?" in str(made.upload_descriptor and made.upload_descriptor.url)


# ---- ids


async def test_the_stores_generators_are_asked_for_every_id(store: PlatformStore, alice: ChatContext) -> None:
    asked, numbers = [], itertools.count(1)

    def item_id(item_type: StoreItemType, thread: ThreadMetadata, context: ChatContext) -> str:
        asked.append((item_type, thread.id))
        return f"{item_type}_custom_{next(numbers)}_{thread.id}"

    store.generate_item_id = item_id  # type: ignore[method-assign]
    store.generate_thread_id = lambda context: "conversation-1"  # type: ignore[method-assign]
    caller = Caller(moved_in(Minimal, store), alice)
    thread_id, events = await caller.create()
    assert thread_id == "conversation-1"
    assert events[1]["item"]["id"] == "message_custom_1_conversation-1"
    await caller.say(thread_id)
    assert asked == [("message", thread_id)] * 4
    store.generate_thread_id = lambda context: "conversation-2"  # type: ignore[method-assign]

    class Waiting(PlatformChatKitServer):
        respond = Everything.respond
        _respond = Everything._respond
        called = Everything.called

    thread_id, _events = await cancelled(Caller(Waiting(store), alice))
    newest = (await store.load_thread_items(thread_id, None, 1, "desc", alice)).data[0]
    assert newest.id == f"sdk_hidden_context_custom_6_{thread_id}"


# ---- classes that cannot serve


def test_a_store_of_the_servers_own_is_refused_in_words(alice: ChatContext) -> None:
    class Own:
        pass

    class WithOwnStore(Minimal):
        def __init__(self) -> None:
            super().__init__(Own())  # type: ignore[arg-type]

    with pytest.raises(ImproperlyConfigured, match=r"^WithOwnStore brings a store of its own \(Own\)\."):
        moved_in(WithOwnStore, MemoryStore())


def test_a_store_that_overrides_what_is_passed_by_is_refused_in_words() -> None:
    class Mirror(MemoryStore):
        async def save_thread(self, thread: ThreadMetadata, context: ChatContext) -> None:
            await super().save_thread(thread, context)

    with pytest.raises(ImproperlyConfigured, match=r"^Mirror overrides save_thread, which the platform passes by"):
        moved_in(Minimal, Mirror())


@pytest.mark.parametrize("arguments", ["", "store", "data_store, files", "store, attachment_store=None, *, model='m'"])
def test_constructors_get_the_stores_that_they_ask_for(arguments: str, files: Files) -> None:
    store = MemoryStore()
    inside = {"": "fallback", "store": "store", "data_store, files": "data_store, files"}.get(
        arguments, "store, attachment_store"
    )
    names: dict[str, Any] = {"Minimal": Minimal, "fallback": store}
    exec(
        f"class Made(Minimal):\n    def __init__(self{', ' + arguments if arguments else ''}):\n        super().__init__({inside})",
        names,
    )
    server = moved_in(names["Made"], store, files)
    assert server.store is store
    assert (server.attachment_store is files) == ("files" in arguments or "attachment_store" in arguments)


def test_a_constructor_that_wants_more_is_refused_in_words() -> None:
    class Wanting(Minimal):
        def __init__(self, store: Any, files: Any, model: str) -> None:
            super().__init__(store, files)

    with pytest.raises(ImproperlyConfigured, match=r"^Wanting.__init__\(\) wants 'model'"):
        moved_in(Wanting, MemoryStore())
    with pytest.raises(ImproperlyConfigured, match="which is no subclass"):
        sdk_servers.with_platform(dict, PlatformChatKitServer)
