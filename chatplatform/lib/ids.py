"""Public ids: a prefix that says what it names, and 128 random bits.

ChatKit's own ids carry 32 random bits, which collide at about 77,000 ids, and they double as access handles.
"""

from __future__ import annotations

import re
import secrets

#: Prefix of each kind of public id.  The first block is fixed by ChatKit's item kinds.
PREFIXES = {
    "thread": "thr",
    "message": "msg",
    "tool_call": "tc",
    "workflow": "wf",
    "task": "tsk",
    "attachment": "atc",
    "structured_input": "sin",
    "sdk_hidden_context": "shc",
    "run": "run",
    "end_user": "eu",
    "chat_session": "cs",
    "request": "req",
    "knowledge_source": "ks",
    "document": "doc",
    "embed": "emb",
}

#: The longest id that a thread, an item or an attachment may have.
MAX_ID_LENGTH = 128
#: What such an id may look like where a store generates its own: characters that need no escaping in a path, a file name or JSON.
ID_RULE = f"1 to {MAX_ID_LENGTH} characters out of A-Z a-z 0-9 _ - . ~ : @ + =, and not only dots"
_STORABLE_ID = re.compile(r"[A-Za-z0-9_.~:@+=-]+")
_PUBLIC_ID = re.compile(r"[a-z]{2,4}_[0-9a-zA-Z_-]{1,64}")


def new_id(kind: str) -> str:
    """A fresh id for ``kind`` (a key of :data:`PREFIXES`), for example ``thr_`` and 32 hex digits."""
    return f"{PREFIXES[kind]}_{secrets.token_hex(16)}"


def is_storable_id(value: str) -> bool:
    """Whether a thread, an item or an attachment may have this id: `ID_RULE`."""
    return len(value) <= MAX_ID_LENGTH and _STORABLE_ID.fullmatch(value) is not None and value.strip(".") != ""


def is_public_id(value: str) -> bool:
    """Whether ``value`` has the shape of an id of ours: cheap refusal before it reaches a query or a log."""
    return len(value) <= 70 and _PUBLIC_ID.fullmatch(value) is not None
