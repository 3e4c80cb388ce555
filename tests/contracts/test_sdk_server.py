"""A server that was written for the SDK answers here as it did there, on each of our stores."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest
from chatkit.actions import Action
from chatkit.server import ChatKitServer
from chatkit.store import NotFoundError
from chatkit.types import (
    ClientToolCallItem,
    StreamOptions,
    ThreadItemDoneEvent,
    ThreadMetadata,
    ThreadStreamEvent,
    UserMessageItem,
    WidgetItem,
)

from chat import sdk_servers
from chat.context import ChatContext
from chat.server import PlatformChatKitServer
from chat.stores.attachments import PlatformAttachmentStore
from chat.stores.base import PlatformStore, now
from chat.stores.memory import MemoryStore
from tests.contracts.conftest import People
from tests.contracts.sdk import Caller, kinds, says
from tests.support.sdk_servers import Everything, Minimal


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


# ---- respond


async def test_respond_answers_and_its_turn_has_the_events_of_the_sdk(store: PlatformStore, alice: ChatContext) -> None:
    caller = Caller(moved_in(Minimal, store), alice)
    thread_id, events = await caller.create("Hello", quoted_text="Before")
    assert kinds(events) == [
        "thread.created",
        "thread.item.done user_message",
        "stream_options",
        "thread.item.done assistant_message",
    ]
    assert "title" not in events[0]["thread"]
    assert (events[1]["item"]["quoted_text"], text_of(events)) == ("Before", "You said Hello.")
    question = events[1]["item"]["id"]
    assert kinds(await caller.say(thread_id, "Again")) == kinds(events)[1:]
    again = await caller.stream("threads.retry_after_item", thread_id=thread_id, item_id=question)
    assert (kinds(again), text_of(again)) == (kinds(events)[2:], "You said Hello.")
    page = await caller.ask("items.list", thread_id=thread_id)
    assert [item["type"] for item in page["data"]] == ["assistant_message", "user_message"]


async def test_a_server_names_its_threads_itself(caller: Caller) -> None:
    thread_id, events = await caller.create("boots")
    assert events[-1]["type"] == "thread.updated"
    assert (await caller.ask("threads.get_by_id", thread_id=thread_id))["title"] == "About boots"
    assert kinds(await caller.say(thread_id, "socks"))[-1] == "thread.item.done assistant_message"


async def test_a_retry_gives_respond_the_message_that_it_was_given_first(
    store: PlatformStore, alice: ChatContext
) -> None:
    given: list[UserMessageItem | None] = []

    class Noting(ChatKitServer[Any]):
        async def respond(self, thread: ThreadMetadata, input_user_message: Any, context: Any) -> AsyncIterator[Any]:
            given.append(input_user_message)
            assert context is alice
            return
            yield

    caller = Caller(moved_in(Noting, store), alice)
    tool = {"tool_choice": {"id": "a_tool_of_the_page"}, "model": "a-model-of-the-page"}
    thread_id, events = await caller.create("Hello", inference_options=tool)
    await caller.stream("threads.retry_after_item", thread_id=thread_id, item_id=events[1]["item"]["id"])
    assert given[0] is not None
    assert given[0] == given[1]
    assert given[0].inference_options.tool_choice.id == "a_tool_of_the_page"  # type: ignore[union-attr]


async def test_respond_goes_on_after_a_client_tool(store: PlatformStore, alice: ChatContext) -> None:
    class Asking(ChatKitServer[Any]):
        async def respond(self, thread: ThreadMetadata, input_user_message: Any, context: Any) -> AsyncIterator[Any]:
            if input_user_message is not None:
                place: dict[str, Any] = {"id": "call-item", "thread_id": thread.id, "created_at": now()}
                yield ThreadItemDoneEvent(
                    item=ClientToolCallItem(**place, call_id="c", name="n", arguments={"a": None})
                )
                return
            call = await self.store.load_item(thread.id, "call-item", context)
            yield says(thread, f"{call.status} {call.output}", "answer")  # type: ignore[union-attr]

    caller = Caller(moved_in(Asking, store), alice)
    thread_id, events = await caller.create()
    assert events[-1]["item"]["arguments"] == {"a": None}
    events = await caller.stream("threads.add_client_tool_output", thread_id=thread_id, result={"text": "Wow"})
    assert (kinds(events)[0], text_of(events)) == ("stream_options", "completed {'text': 'Wow'}")


async def test_an_error_of_respond_is_told_in_the_stream(store: PlatformStore, alice: ChatContext) -> None:
    class Broken(ChatKitServer[Any]):
        def respond(self, thread: ThreadMetadata, input_user_message: Any, context: Any) -> AsyncIterator[Any]:
            raise ValueError("not even a generator")

    caller = Caller(moved_in(Broken, store), alice)
    thread_id, events = await caller.create()
    assert (events[-1]["type"], events[-1]["code"], events[-1]["allow_retry"]) == ("error", "stream.error", True)
    assert kinds(await caller.say(thread_id))[-1] == "error"  # the thread is free again


async def test_an_override_may_call_the_platforms_answer(store: PlatformStore, alice: ChatContext) -> None:
    class Greeting(PlatformChatKitServer):
        async def respond(
            self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: ChatContext
        ) -> AsyncIterator[ThreadStreamEvent]:
            yield says(thread, "First mine.", "greeting")
            async for event in super().respond(thread, input_user_message, context):
                yield event

    _thread_id, events = await Caller(Greeting(store), alice).create("calculate 2+3")
    done = [event["item"] for event in events if event["type"] == "thread.item.done"]
    assert [item["type"] for item in done][:2] == ["user_message", "assistant_message"]
    assert done[1]["content"][0]["text"] == "First mine."
    assert len(done) > 2
    assert done[-1]["type"] == "assistant_message"
    if isinstance(store, MemoryStore):
        assert len(store.usage) == 1  # what the platform's answer used is counted


async def test_a_server_that_overrides_nothing_is_on_the_fast_path(store: PlatformStore, alice: ChatContext) -> None:
    server = PlatformChatKitServer(store)
    public = {name for name in vars(ChatKitServer) if not name.startswith("_")}
    assert not any(server.has_own(name) for name in public)
    assert public <= set(vars(PlatformChatKitServer))


# ---- actions


async def test_actions_reach_the_servers_own_method(caller: Caller) -> None:
    thread_id, events = await caller.create("widget")
    widget_id = next(event["item"]["id"] for event in events if event.get("item", {}).get("type") == "widget")
    action = {"type": "never.offered", "payload": {"a": 1}}
    asked = {"thread_id": thread_id, "item_id": widget_id, "action": action}
    events = await caller.stream("threads.custom_action", **asked)
    assert kinds(events) == ["stream_options", "progress_update", "thread.item.updated"]
    assert events[1]["text"] == "never.offered {'a': 1}"
    page = await caller.stream("threads.custom_action", thread_id=thread_id, action=action)
    assert kinds(page) == ["stream_options", "progress_update"]
    response = await caller.ask("threads.sync_custom_action", **asked)
    assert response["updated_item"]["widget"]["children"][0]["value"] == "At once"
    assert isinstance(await caller.store.load_item(thread_id, widget_id, caller.context), WidgetItem)


async def test_an_override_of_action_may_call_the_registered_handlers(store: PlatformStore, alice: ChatContext) -> None:
    class Passing(PlatformChatKitServer):
        async def action(
            self, thread: ThreadMetadata, action: Action[str, Any], sender: WidgetItem | None, context: ChatContext
        ) -> AsyncIterator[ThreadStreamEvent]:
            async for event in super().action(thread, action, sender, context):
                yield event

    caller = Caller(Passing(store), alice)
    thread_id, _events = await caller.create()
    events = await caller.stream("threads.custom_action", thread_id=thread_id, action={"type": "unknown"})
    assert events[-1]["platform_code"] == "unknown_action"


# ---- feedback, speech, options


async def test_feedback_reaches_the_server_and_stays_in_the_platform(caller: Caller) -> None:
    thread_id, events = await caller.create()
    item_id = next(event["item"]["id"] for event in events[3:] if "item" in event)
    assert await caller.ask("items.feedback", thread_id=thread_id, item_ids=[item_id], kind="negative") == {}
    assert Everything.called[-1] == "add_feedback"
    page = await caller.ask("items.list", thread_id=thread_id)
    assert [item.get("feedback") for item in page["data"] if item["id"] == item_id] == ["negative"]


async def test_feedback_on_foreign_items_does_not_reach_the_server(caller: Caller, people: People) -> None:
    thread_id, events = await caller.create()
    item_id = events[1]["item"]["id"]
    Everything.called.clear()
    for other in people.others:
        with pytest.raises(NotFoundError):
            await Caller(caller.server, other).ask(
                "items.feedback", thread_id=thread_id, item_ids=[item_id], kind="positive"
            )
    assert "add_feedback" not in Everything.called


async def test_speech_reaches_the_server_as_it_was_recorded(caller: Caller) -> None:
    audio = base64.b64encode(b"hello audio").decode()
    heard = await caller.ask("input.transcribe", audio_base64=audio, mime_type="audio/webm;codecs=opus")
    assert heard == {"text": "b'hello audio' audio/webm;codecs=opus audio/webm"}


async def test_stream_options_are_the_servers(caller: Caller) -> None:
    _thread_id, events = await caller.create()
    assert {"type": "stream_options", "stream_options": {"allow_cancel": False}} in events


async def test_stream_options_that_fail_leave_the_thread_free(store: PlatformStore, alice: ChatContext) -> None:
    class Failing(Minimal):
        fails = True

        def get_stream_options(self, thread: ThreadMetadata, context: Any) -> StreamOptions:
            if self.fails:
                raise RuntimeError
            return StreamOptions(allow_cancel=True)

    server = moved_in(Failing, store)
    caller = Caller(server, alice)
    server.fails = False  # type: ignore[attr-defined]
    thread_id, _events = await caller.create()
    server.fails = True  # type: ignore[attr-defined]
    with pytest.raises(RuntimeError):
        await caller.say(thread_id)
    server.fails = False  # type: ignore[attr-defined]
    assert kinds(await caller.say(thread_id))[-1] == "thread.item.done assistant_message"
