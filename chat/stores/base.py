"""PlatformStore: ChatKit's `Store` plus what a platform needs, over a few primitives.

A concrete store implements the primitives (rows in, JSON out); the SDK's interface stands here once, for all of them.  Every
primitive takes the context and answers only for its tenant, end user and assistant: a foreign id is an unknown id.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, TypedDict, cast

import orjson
from chatkit.store import NotFoundError, Store, StoreItemType
from chatkit.types import (
    Attachment,
    FeedbackKind,
    Page,
    StructuredInputSubmission,
    ThreadItem,
    ThreadMetadata,
    ThreadStatus,
    UserMessageItem,
)

from chat.context import ChatContext
from chat.stores import codec
from chat.stores.trace import Trace
from chat.stores.usage import RunUsage
from chatplatform.lib.ids import ID_RULE, MAX_ID_LENGTH, is_storable_id, new_id

#: Page sizes: ChatKit's default, and the most that one request may ask for.
DEFAULT_PAGE = 20
MAX_PAGE = 100
#: The most that the server's own code may ask a store for at once.
MAX_STORE_PAGE = 1_000

Interruption = Literal["cancelled", "error", "lost"]
#: Why a run must stop: somebody wants it to, or another one has its thread.
Stop = Literal["cancelled", "superseded"]

#: No result given (None is a result).
UNSET: Any = object()


@dataclass(slots=True)
class RawPage:
    """A page of JSON texts, and the cursor of the next one."""

    data: list[str]
    has_more: bool = False
    after: str | None = None

    def to_json(self) -> bytes:
        """ChatKit's ``Page`` as it goes over the wire."""
        cursor = f',"after":{orjson.dumps(self.after).decode()}' if self.after is not None else ""
        return f'{{"data":[{",".join(self.data)}],"has_more":{"true" if self.has_more else "false"}{cursor}}}'.encode()


@dataclass(slots=True)
class FullThread:
    """A thread with its first items and, if one is going on, the id of its run."""

    thread: ThreadMetadata
    items: RawPage
    run_id: str | None


@dataclass(frozen=True, slots=True)
class Answering:
    """Since when a store has answered a process without a gap, and when it did so last, by the store's own clock.

    A lease is time in which its producer could have renewed it.  Whoever calls a run lost says by this for how long that was so.
    """

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class LostRun:
    """A run that was given up, and the process that it belonged to."""

    run_id: str
    owner: str


@dataclass(frozen=True, slots=True)
class Opening:
    """What a streaming request changes before its answer begins.  Exactly one of the changes is set, or none (an action)."""

    run_id: str
    operation: str
    owner: str
    thread_id: str
    creates: ThreadMetadata | None = None
    adds: UserMessageItem | None = None
    tool_result: Any = UNSET
    retries: str | None = None
    sender: str | None = None
    #: The id of a structured input, and what was answered to it.
    answers: tuple[str, StructuredInputSubmission] | None = None
    #: By this it may take the thread over from a run whose process is silent; without it, it does not.
    answering: Answering | None = None


@dataclass(slots=True)
class OpenedRun:
    """A run that holds its thread's lock.

    ``history`` is the raw JSON of the newest items, oldest first, hidden ones included.  ``item`` is the user's message that is
    answered, the widget that sent the action, or the structured input with its answers.  ``usage`` is filled by whoever answers,
    and kept when the run is closed; ``trace`` is there for runs that are looked at closely, and kept after that.  ``took_over``
    are the lost runs whose thread it has now.
    """

    run_id: str
    thread: ThreadMetadata
    context: ChatContext
    history: list[str] = field(default_factory=list)
    item: ThreadItem | None = None
    usage: RunUsage | None = None
    trace: Trace | None = None
    took_over: list[LostRun] = field(default_factory=list)
    #: Items that show the user's own words, or the server's: output rules leave them as they are.
    exempt: set[str] = field(default_factory=set)
    #: Takes out of the thread what output rules do not let be seen; called with what was stored last, and the thread.
    clean_thread: Callable[[ThreadMetadata, ThreadMetadata], None] | None = None
    #: From where images load by themselves where the thread names no domains.
    image_domains: list[str] = field(default_factory=list)

    def thread_json(self, thread: ThreadMetadata) -> dict[str, Any]:
        """The thread as browsers get it."""
        return {"allowed_image_domains": self.image_domains, **codec.dump_thread(thread)}

    def items(self) -> list[ThreadItem]:
        """The history as SDK objects."""
        return [codec.load_item(orjson.loads(raw)) for raw in self.history]

    def put(self, item: ThreadItem) -> None:
        """Show the model an item: in the place of the one with its id, else as the last one."""
        text = codec.to_text(codec.dump_stored(item))
        for at, known in enumerate(self.history):
            if orjson.loads(known)["id"] == item.id:
                self.history[at] = text
                return
        self.history.append(text)


class ThreadChanges(TypedDict, total=False):
    """The fields of a thread that may change."""

    title: str | None
    status: ThreadStatus
    allowed_image_domains: list[str] | None
    metadata: dict[str, Any]


def changes_between(before: ThreadMetadata, after: ThreadMetadata) -> ThreadChanges:
    """What was changed in a thread object."""
    return cast(
        "ThreadChanges",
        {
            name: value
            for name in ThreadChanges.__annotations__
            if (value := getattr(after, name)) != getattr(before, name)
        },
    )


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of an unfinished item, so that a killed process loses at most a second of it."""

    run_id: str
    thread_id: str
    item: dict[str, Any]
    context: ChatContext


class PlatformStore(Store[ChatContext]):
    """The interface between the server, the runs and the stored conversation.

    What a run's task writes (`chat.stores.fence`) is refused with ``run_superseded`` once another run has its thread.
    """

    # ---- primitives: threads

    @abstractmethod
    async def raw_threads(
        self, limit: int, after: str | None, order: str, context: ChatContext
    ) -> Page[ThreadMetadata]:
        """A page of the caller's threads; a stale cursor gives an empty page."""

    @abstractmethod
    async def thread_page(self, limit: int, after: str | None, order: str, context: ChatContext) -> RawPage:
        """The same as it goes over the wire: without items and metadata."""

    @abstractmethod
    async def load_full_thread(self, thread_id: str, limit: int, context: ChatContext) -> FullThread:
        """A thread with its oldest ``limit`` visible items.

        Raises:
            NotFoundError: unknown or foreign.
        """

    @abstractmethod
    async def change_thread(self, thread_id: str, changes: ThreadChanges, context: ChatContext) -> ThreadMetadata:
        """Set only the named fields, so that a run in progress and a rename do not overwrite each other."""

    # ---- primitives: items

    @abstractmethod
    async def raw_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: ChatContext, *, include_hidden: bool
    ) -> RawPage:
        """A page of items as JSON texts; hidden ones do not count towards ``limit`` unless included."""

    @abstractmethod
    async def put_item(
        self, thread_id: str, item: ThreadItem, context: ChatContext, *, run_id: str | None = None
    ) -> None:
        """Insert or update an item.  An existing one keeps its place and the fields the SDK does not know."""

    @abstractmethod
    async def raw_item(self, thread_id: str, item_id: str, context: ChatContext) -> str:
        """The JSON text of one item."""

    @abstractmethod
    async def add_feedback(self, thread_id: str, item_ids: list[str], kind: FeedbackKind, context: ChatContext) -> None:
        """Set the caller's verdict on items; all of them must be visible items of the thread."""

    # ---- primitives: attachments

    @abstractmethod
    async def load_attachments(self, attachment_ids: list[str], context: ChatContext) -> list[Attachment]:
        """The caller's attachments with these ids, in this order.

        Raises:
            NotFoundError: one of them is unknown or foreign.
        """

    @abstractmethod
    async def attachments_of(self, thread_id: str, context: ChatContext) -> list[str]:
        """The ids of the attachments in a thread; none where the thread is unknown or foreign."""

    # ---- primitives: runs

    @abstractmethod
    async def open_run(self, opening: Opening, context: ChatContext) -> OpenedRun:
        """Take the thread's run lock and make the opening's change, in one transaction.

        Raises:
            NotFoundError: the thread or a named item is unknown or foreign.
            PlatformError: ``run_in_progress``, ``thread_locked``, ``thread_closed``, ``no_pending_tool_call``,
                ``not_a_user_message``, ``not_a_widget``, and what `chat.stores.questions.answered` raises.
        """

    @abstractmethod
    async def close_run(
        self, run: OpenedRun, state: str, error_code: str = "", leftovers: list[dict[str, Any]] | None = None
    ) -> None:
        """Store what was left unfinished (JSON with its ``interrupted`` mark) and what was used, and give the lock back.

        Raises:
            PlatformError: ``run_superseded``: only what was used was stored, once.
        """

    async def keep_trace(self, run: OpenedRun, trace: Trace) -> None:
        """Keep the close look at a run that has ended; nothing where its thread is gone.  A store may do without."""

    @abstractmethod
    async def checkpoint(self, checkpoints: list[Checkpoint]) -> None:
        """Store unfinished items of this process's runs, in bulk; nothing of a run that has lost its thread."""

    @abstractmethod
    async def renew_leases(self, run_ids: list[str]) -> dict[str, Stop]:
        """Renew the leases of this process's runs; returns those that must stop, and why.

        ``cancelled``: it was requested.  ``superseded``: they are not their threads' running ones any more.
        """

    @abstractmethod
    async def look_for_silent_runs(self) -> tuple[datetime, bool]:
        """The store's clock, and whether the lease of any running run is past."""

    @abstractmethod
    async def give_up_silent_runs(self, answering: Answering) -> list[LostRun]:
        """End all runs as lost whose processes have not renewed their leases, though the store answered all the time."""

    @abstractmethod
    async def request_cancel(self, run_id: str, context: ChatContext) -> str | None:
        """Ask a run's producer to stop; returns its owner, or None when the run has ended.

        Raises:
            NotFoundError: unknown or foreign.
        """

    @abstractmethod
    async def run_state(self, run_id: str, context: ChatContext) -> RunState:
        """What is stored of a run, for a reader that is not at its producer's process.

        Raises:
            NotFoundError: unknown or foreign.
        """

    # ---- ChatKit's interface

    def generate_thread_id(self, context: ChatContext) -> str:
        return new_id("thread")

    def generate_item_id(self, item_type: StoreItemType, thread: ThreadMetadata, context: ChatContext) -> str:
        return new_id(item_type)

    async def load_threads(
        self, limit: int, after: str | None, order: str, context: ChatContext
    ) -> Page[ThreadMetadata]:
        return await self.raw_threads(clamp(limit, MAX_STORE_PAGE), after, order, context)

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: ChatContext
    ) -> Page[ThreadItem]:
        most = clamp(limit, MAX_STORE_PAGE)
        page = await self.raw_items(thread_id, after, most, order, context, include_hidden=True)
        items = [codec.load_item(orjson.loads(raw)) for raw in page.data]
        return Page[ThreadItem].model_construct(data=items, has_more=page.has_more, after=page.after)

    async def load_item(self, thread_id: str, item_id: str, context: ChatContext) -> ThreadItem:
        return codec.load_item(orjson.loads(await self.raw_item(thread_id, item_id, context)))

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: ChatContext) -> None:
        await self.put_item(thread_id, item, context)

    async def save_item(self, thread_id: str, item: ThreadItem, context: ChatContext) -> None:
        await self.put_item(thread_id, item, context)


def not_found(kind: str, public_id: str) -> NotFoundError:
    """What is unknown, or somebody else's, named as the SDK's own stores name it."""
    shown = public_id if is_storable_id(public_id) else ascii(public_id[:MAX_ID_LENGTH])
    return NotFoundError(f"{kind} {shown} not found")


def storable(kind: str, public_id: str) -> str:
    """An id that a row can keep.

    Raises:
        ValueError: it breaks `chatplatform.lib.ids.ID_RULE`: the generator of ids has to be mended.
    """
    if not is_storable_id(public_id):
        raise ValueError(f"The id {public_id[:MAX_ID_LENGTH]!a} of a new {kind} is none: use {ID_RULE}.")
    return public_id


@dataclass(frozen=True, slots=True)
class RunState:
    """What is stored of a run: its state, its items as JSON texts in order, and the owner of a run that is alive."""

    state: str
    owner: str | None
    error_code: str
    thread: ThreadMetadata
    items: list[str]


def clamp(limit: int | None, most: int = MAX_PAGE) -> int:
    """A page size between 1 and ``most``; 0 and None mean ChatKit's default, as in the SDK."""
    return min(max(limit or DEFAULT_PAGE, 1), most)


def now() -> datetime:
    """The time as the SDK wants it: naive UTC."""
    return codec.naive_utc(datetime.now(UTC))
