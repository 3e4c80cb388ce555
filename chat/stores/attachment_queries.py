"""The SQL behind attachments: rows only; their bytes are in `chat.stores.files`.

Synchronous, one statement each.  An attachment belongs to a tenant, an end user and an assistant, which are compared on its row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from chatkit.types import Attachment
from django.conf import settings

from chat.context import ChatContext
from chat.limits import MAX_ATTACHMENTS
from chat.stores import codec
from chat.stores.base import not_found
from chat.stores.budget import COUNTS, FULL, check_room
from chat.stores.queries import ATTACHMENT_COLUMNS, MINE, OWNED, attachment_of, one, owned, owner
from chatplatform.lib.db_pool import fetch
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.ids import is_storable_id

#: Longer than any upload takes from the moment when its content is complete: an inspection, and a slow disk.
CLAIM_MINUTES = 10
_FREE = f"(state = 'pending' OR (state = 'storing' AND claimed_at < now() - interval '{CLAIM_MINUTES} minutes'))"
#: Contents of one attachment that could not be read, until it is refused for good.
MOST_FAILURES = 3


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What the doors need to know of an attachment; the owner's ids are for the signature of a link."""

    id: str
    tenant_id: int
    tenant_slug: str
    end_user_id: int
    assistant_id: int
    is_stored: bool
    is_refused: bool
    size: int
    attachment: Attachment

    @classmethod
    def of(cls, attachment: Attachment, size: int, context: ChatContext) -> StoredFile:
        """One of the caller's that has no row yet."""
        return cls(
            id=attachment.id,
            tenant_id=context.tenant.id,
            tenant_slug=context.tenant.slug,
            end_user_id=context.end_user.id,
            assistant_id=context.assistant.id,
            is_stored=False,
            is_refused=False,
            size=size,
            attachment=attachment,
        )


@dataclass(frozen=True, slots=True)
class Readable:
    """What the model may be told of an attachment."""

    id: str
    tenant_id: int
    name: str
    mime: str
    text: str


def create(attachment: Attachment, size: int, context: ChatContext) -> None:
    """Announce a file whose content is still to come: as many bytes of an end user as one message may have, at most.

    Raises:
        PlatformError: ``storage_full``, ``too_many_uploads``.
    """
    rows = fetch(
        "INSERT INTO chat_attachment (tenant_id, end_user_id, assistant_id, public_id, state, data, size, sha256, text, "
        f"created_at) SELECT %s, %s, %s, %s, 'pending', %s::jsonb, %s, '', '', now() WHERE NOT {FULL} "
        "AND %s >= (SELECT coalesce(sum(size), 0) FROM chat_attachment "
        f"WHERE tenant_id = %s AND end_user_id = %s AND state = 'pending' AND {COUNTS}) RETURNING id",
        (
            *(*owner(context), attachment.id, codec.to_text(attachment.model_dump(mode="json")), size),
            *(size, context.tenant.id),
            *(MAX_ATTACHMENTS * settings.CHAT_MAX_ATTACHMENT_BYTES - size, context.tenant.id, context.end_user.id),
        ),
    )
    if not rows:
        check_room(context.tenant.id, size)
        raise PlatformError("too_many_uploads")


def create_stored(attachment: Attachment, size: int, sha256: str, context: ChatContext) -> None:
    """A file that the assistant made, in the thread that it names.

    Raises:
        NotFoundError: the thread is gone.
        PlatformError: ``storage_full``.
    """
    rows = fetch(
        "INSERT INTO chat_attachment (tenant_id, end_user_id, assistant_id, thread_id, public_id, state, data, size, sha256, text, "
        "created_at) SELECT t.tenant_id, t.end_user_id, t.assistant_id, t.id, %s, 'stored', %s::jsonb, %s, %s, '', now() "
        f"FROM chat_thread t WHERE {OWNED} AND NOT {FULL} RETURNING id",
        (
            *(attachment.id, codec.to_text(attachment.model_dump(mode="json")), size, sha256),
            *owned(attachment.thread_id or "", context),
            *(size, context.tenant.id),
        ),
    )
    if not rows:
        check_room(context.tenant.id, size)
    one(rows, "Thread", attachment.thread_id or "")


def find(attachment_id: str) -> StoredFile:
    """An attachment of any owner: the caller compares the owner, and asks whether the session still counts.

    Raises:
        NotFoundError
    """
    if not is_storable_id(attachment_id):
        raise not_found("Attachment", attachment_id)
    rows = fetch(
        "SELECT a.tenant_id, n.slug, a.end_user_id, a.assistant_id, a.state, a.failures, a.size, a.data::text "
        "FROM chat_attachment a JOIN tenants_tenant n ON n.id = a.tenant_id WHERE a.public_id = %s",
        (attachment_id,),
        across="a signed link says whose attachment it is",
    )
    tenant_id, slug, end_user_id, assistant_id, state, failures, size, data = one(rows, "Attachment", attachment_id)
    return StoredFile(
        id=attachment_id,
        tenant_id=tenant_id,
        tenant_slug=slug,
        end_user_id=end_user_id,
        assistant_id=assistant_id,
        is_stored=state == "stored",
        is_refused=failures >= MOST_FAILURES,
        size=size,
        attachment=codec.load_attachment(orjson.loads(data)),
    )


def claim(file: StoredFile) -> bool:
    """Take the right to store the content; of two uploads at once, one gets it, and none after too many failures.

    An upload whose process died, or lost the database, had its right for `CLAIM_MINUTES`.

    Raises:
        PlatformError: ``storage_full``: it comes so late that its bytes are no longer counted, and there is no room left.
    """
    waits = f"public_id = %s AND tenant_id = %s AND {_FREE} AND failures < %s"
    values = (file.id, file.tenant_id, MOST_FAILURES)
    is_claimed = fetch(
        f"UPDATE chat_attachment SET state = 'storing', claimed_at = now() WHERE {waits} AND ({COUNTS} OR NOT {FULL}) RETURNING id",
        (*values, file.size, file.tenant_id),
    )
    if not is_claimed and fetch(f"SELECT id FROM chat_attachment WHERE {waits}", values):
        raise PlatformError("storage_full")
    return bool(is_claimed)


def give_up(file: StoredFile, failures: int) -> None:
    """The upload failed, with so many failures of the content: another may be tried, unless that was the last."""
    fetch(
        "UPDATE chat_attachment SET state = 'pending', failures = failures + %s WHERE public_id = %s AND tenant_id = %s "
        "AND state = 'storing' RETURNING id",
        (failures, file.id, file.tenant_id),
    )


def finish(file: StoredFile, sha256: str, text: str) -> Attachment:
    """The content is stored: the attachment may be sent.

    Raises:
        NotFoundError: it was deleted meanwhile.
    """
    rows = fetch(
        "UPDATE chat_attachment SET state = 'stored', sha256 = %s, text = %s, data = data - 'upload_descriptor' "
        "WHERE public_id = %s AND tenant_id = %s AND state = 'storing' RETURNING data::text",
        (sha256, text, file.id, file.tenant_id),
    )
    return codec.load_attachment(orjson.loads(one(rows, "Attachment", file.id)[0]))


def remove_unsent(attachment_id: str, context: ChatContext) -> bool:
    """Delete an attachment that no message names; False when one does.

    Raises:
        NotFoundError
    """
    gone = fetch(
        f"DELETE FROM chat_attachment a WHERE {MINE} AND a.thread_id IS NULL RETURNING a.id",
        (attachment_id, *owner(context)),
    )
    if gone:
        return True
    rows = fetch(f"SELECT a.id FROM chat_attachment a WHERE {MINE}", (attachment_id, *owner(context)))
    one(rows, "Attachment", attachment_id)
    return False


def of_thread(thread_id: str, context: ChatContext) -> list[str]:
    """The ids of the attachments in one of the caller's threads."""
    rows = fetch(
        "SELECT a.public_id FROM chat_thread t JOIN chat_attachment a ON a.thread_id = t.id "
        "WHERE t.public_id = %s AND t.tenant_id = %s AND t.end_user_id = %s AND t.assistant_id = %s",
        (thread_id, *owner(context)),
    )
    return [row[0] for row in rows]


def load_many(attachment_ids: list[str], context: ChatContext) -> list[Attachment]:
    """The caller's attachments, in this order.

    Raises:
        NotFoundError: one of them is unknown or foreign.
    """
    rows = fetch(
        f"SELECT {ATTACHMENT_COLUMNS}, a.public_id FROM chat_attachment a WHERE a.public_id = ANY(%s::text[]) AND a.tenant_id = %s "
        "AND a.end_user_id = %s AND a.assistant_id = %s",
        (attachment_ids, *owner(context)),
    )
    found = {row[2]: row for row in rows}
    for attachment_id in attachment_ids:
        if attachment_id not in found:
            raise not_found("Attachment", attachment_id)
    return [attachment_of(found[attachment_id]) for attachment_id in attachment_ids]


def readable(attachment_ids: list[str], characters: int, context: ChatContext) -> list[Readable]:
    """What the stored ones among the caller's attachments say, up to so many characters of each."""
    rows = fetch(
        "SELECT a.public_id, a.tenant_id, a.data->>'name', a.data->>'mime_type', left(a.text, %s) FROM chat_attachment a "
        "WHERE a.public_id = ANY(%s::text[]) AND a.tenant_id = %s AND a.end_user_id = %s AND a.assistant_id = %s "
        "AND a.state = 'stored'",
        (characters, attachment_ids, *owner(context)),
    )
    return [Readable(*row) for row in rows]


# ---- what cleanup_attachments needs


_BY_AGE = "files are forgotten in every tenant"
_UNUSED = "FROM chat_attachment WHERE thread_id IS NULL AND created_at < %s"


def count_unused(before: Any) -> int:
    """How many attachments no message named, of those made before a moment."""
    return int(fetch(f"SELECT count(*) {_UNUSED}", (before,), across=_BY_AGE)[0][0])


def remove_unused(before: Any, most: int) -> list[tuple[int, str]]:
    """Delete up to ``most`` of them; returns (tenant key, public id).  Rows in use elsewhere wait for later."""
    rows = fetch(
        f"DELETE FROM chat_attachment WHERE id IN (SELECT id {_UNUSED} LIMIT %s FOR UPDATE SKIP LOCKED) "
        "RETURNING tenant_id, public_id",
        (before, most),
        across=_BY_AGE,
    )
    return [(row[0], row[1]) for row in rows]


def known_among(tenant_id: int, ids: list[str]) -> set[str]:
    """Those of the ids that have stored files: attachments, and documents of the tenant's knowledge."""
    rows = fetch(
        "SELECT public_id FROM chat_attachment WHERE tenant_id = %s AND public_id = ANY(%s::text[]) "
        "UNION ALL SELECT public_id FROM chat_document WHERE tenant_id = %s AND public_id = ANY(%s::text[])",
        (tenant_id, ids, tenant_id, ids),
    )
    return {row[0] for row in rows}
