"""Every type of the SDK comes back from our stores as it was given to them, with every field that it has.

The objects are made from the SDK's own models, so that a field or a type which a later version adds cannot be lost unnoticed.
"""

from collections.abc import Iterator
from datetime import datetime
from types import NoneType, UnionType
from typing import Annotated, Any, ForwardRef, Literal, Union, get_args, get_origin

import orjson
import pytest
from chatkit import types
from chatkit.types import Attachment, ThreadItem, ThreadMetadata
from chatkit.widgets import WidgetRoot
from pydantic import AnyUrl, BaseModel, TypeAdapter

from chat.context import ChatContext
from chat.server import PlatformChatKitServer
from chat.stores import codec
from chat.stores.base import PlatformStore, ThreadChanges
from chat.stores.codec import UnknownItem
from tests.contracts.conftest import NewThread
from tests.contracts.sdk import Caller

MOMENT = "2024-02-29T12:30:15.123456"
SECRET = "SENTINEL-of-metadata"
#: Widgets have a suite of their own: what is kept of them is shown by a few.
WIDGETS = [
    {"type": "Card", "children": [{"type": "Col", "padding": {"x": 4}, "children": [{"type": "Text", "value": "A"}]}]},
    {"type": "Card", "children": [], "border": {"size": 1}, "unheard_of": {"nothing": None}},
    {
        "type": "Card",
        "children": [{"type": "Table", "children": [{"type": "Table.Row", "header": True, "children": []}]}],
    },
]


def samples(kind: Any) -> list[Any]:
    """JSON values of a type: none of them None, and each member of each union and literal among them."""
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is WidgetRoot:
        return WIDGETS
    if isinstance(kind, ForwardRef):
        return samples(eval(kind.__forward_arg__, vars(types)))
    if origin is Annotated:
        patterns = [limit.pattern for limit in arguments[1:] if getattr(limit, "pattern", None)]
        return [f"{pattern.lstrip('^')}name" for pattern in patterns] or samples(arguments[0])
    if origin in (Union, UnionType):
        return [value for member in arguments if member is not NoneType for value in samples(member)]
    if origin is Literal:
        return list(arguments)
    if origin is list:
        return [samples(arguments[0])]
    if origin is dict and arguments[1] is str:
        return [{"X-Header": "a value"}]
    if origin is dict:
        return [{"secret": SECRET, "deep": {"nothing": None, "list": [1, 2.5, "“ü”"]}}]
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return list(_instances(kind))
    return _PLAIN[kind]


_PLAIN: dict[Any, list[Any]] = {
    str: ["some “text” \\ of ours"],
    int: [7],
    bool: [True, False],
    datetime: [MOMENT],
    AnyUrl: ["https://files.example/a?b=c"],
    Any: [{"any": ["thing", None]}, "words", None],
}


def _instances(model: type[BaseModel]) -> Iterator[dict[str, Any]]:
    """As many as it takes to have each value of each field in one of them."""
    fields = {name: samples(field.annotation) for name, field in model.model_fields.items()}
    for at in range(max(len(values) for values in fields.values())):
        yield {name: values[at % len(values)] for name, values in fields.items()}


def _with_widgets(kind: Any) -> Iterator[dict[str, Any]]:
    """The instances of a union's models; `WidgetRoot` is an alias, which a field shows as its union."""
    for member in get_args(get_args(kind)[0]):
        if "widget" in member.model_fields:
            plain = {"type": "widget", "copy_text": "A", "id": "", "thread_id": "", "created_at": MOMENT}
            yield from ({**plain, "widget": widget} for widget in WIDGETS)
        else:
            yield from _instances(member)


_ITEMS: TypeAdapter[ThreadItem] = TypeAdapter(ThreadItem)
_ATTACHMENTS: TypeAdapter[Attachment] = TypeAdapter(Attachment)


def items_of(thread_id: str) -> list[ThreadItem]:
    raws = [raw | {"id": f"item-{at}", "thread_id": thread_id} for at, raw in enumerate(_with_widgets(ThreadItem))]
    return [_ITEMS.validate_python(raw) for raw in raws]


def test_every_item_type_of_the_sdk_is_among_the_samples() -> None:
    kinds = {member.model_fields["type"].default for member in get_args(get_args(ThreadItem)[0])}
    made = items_of("thread-1")
    assert {item.type for item in made} == kinds
    for item in made:
        assert {name for name, value in item.model_dump().items() if value is None} <= {"content", "output"}


async def test_items_come_back_whole(store: PlatformStore, alice: ChatContext, new_thread: NewThread) -> None:
    thread = await new_thread(alice)
    items = items_of(thread.id)
    for item in items:
        await store.add_thread_item(thread.id, item, alice)
    page = await store.load_thread_items(thread.id, None, 1_000, "asc", alice)
    assert [type(item) for item in page.data] == [type(item) for item in items]
    for item, kept in zip(items, page.data, strict=True):
        assert not isinstance(kept, UnknownItem)
        assert kept == item, item.type
    for item in items:  # And again, as the SDK's servers do: load, change, save.
        await store.save_item(thread.id, await store.load_item(thread.id, item.id, alice), alice)
        assert await store.load_item(thread.id, item.id, alice) == item


async def test_threads_come_back_whole(store: PlatformStore, alice: ChatContext) -> None:
    for at, raw in enumerate(_instances(ThreadMetadata)):
        thread = ThreadMetadata.model_validate(raw | {"id": f"thread:{at}"})
        await store.save_thread(thread, alice)
        assert await store.load_thread(thread.id, alice) == thread
        page = await store.load_threads(1, None, "desc", alice)
        assert page.data == [thread]


def test_a_run_stores_every_field_of_a_thread_that_may_change() -> None:
    assert set(ThreadChanges.__annotations__) == set(ThreadMetadata.model_fields) - {"id", "created_at"}


async def test_attachments_come_back_whole(store: PlatformStore, alice: ChatContext, new_thread: NewThread) -> None:
    thread = await new_thread(alice)
    raws = [raw for member in get_args(get_args(Attachment)[0]) for raw in _instances(member)]
    for at, raw in enumerate(raws):
        attachment = _ATTACHMENTS.validate_python(raw | {"id": f"file.{at}", "thread_id": thread.id})
        await store.save_attachment(attachment, alice)
        assert await store.load_attachment(attachment.id, alice) == attachment


async def test_metadata_reaches_the_servers_code_and_no_browser(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    thread = await new_thread(alice, metadata={"secret": SECRET})
    messages = [item for item in items_of(thread.id) if item.type == "user_message"]
    for item in messages:
        await store.add_thread_item(thread.id, item, alice)
        await store.add_feedback(thread.id, [item.id], "positive", alice)
    caller = Caller(PlatformChatKitServer(store), alice)
    shown = [
        await caller.ask("items.list", thread_id=thread.id),
        await caller.ask("threads.get_by_id", thread_id=thread.id),
        await caller.ask("threads.list"),
    ]
    assert [len(page["data"]) for page in (shown[0], shown[1]["items"])] == [len(messages)] * 2
    assert {item["feedback"] for item in shown[0]["data"]} == {"positive"}
    attached = [attachment for item in shown[0]["data"] for attachment in item["attachments"]]
    assert attached
    assert not any("metadata" in attachment for attachment in attached)
    # A tag's data is the browser's own.
    assert SECRET not in orjson.dumps([attached, {**shown[1], "items": None}, shown[2]]).decode()
    kept = await store.load_item(thread.id, messages[0].id, alice)
    assert kept.attachments[0].metadata is not None  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "value", [datetime.fromisoformat(MOMENT), {1: "one"}, {"a", "b"}, float("inf"), ThreadMetadata, "a\0b"]
)
async def test_a_thread_takes_what_the_servers_code_puts_into_its_metadata(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread, value: Any
) -> None:
    """The SDK's stores write whatever pydantic can."""
    given = ThreadMetadata(id="t", created_at=datetime.fromisoformat(MOMENT)) if value is ThreadMetadata else value
    thread = await new_thread(alice, metadata={"given": given})
    first = (await store.load_thread(thread.id, alice)).metadata
    changed = await store.change_thread(thread.id, {"metadata": {"given": given}}, alice)
    assert changed.metadata.keys() == first.keys() == {"given"}
    assert changed == await store.load_thread(thread.id, alice)


async def test_a_title_and_a_reason_are_cut_where_the_database_ends(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    thread = await new_thread(alice, title="x" * 999)
    assert (await store.load_thread(thread.id, alice)).title == "x" * 199 + "…"
    status = {"type": "locked", "reason": "y" * 999}
    changed = await store.change_thread(
        thread.id,
        {"title": "z" * 999, "status": ThreadMetadata.model_validate({**thread.model_dump(), "status": status}).status},
        alice,
    )
    assert (changed.title, changed.status.reason) == ("z" * 199 + "…", "y" * 499 + "…")  # type: ignore[union-attr]


def test_times_keep_their_microseconds() -> None:
    assert codec.utc_text(datetime.fromisoformat(MOMENT)) == f"{MOMENT}Z"
