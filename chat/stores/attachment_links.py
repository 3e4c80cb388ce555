"""Addresses of an attachment's content: signed, bound to its owner, and with an end.

A link is what a browser holds that may not send our cookie, as the frame of OpenAI's client.  It names the attachment, the chain of
the chat session that it was made for, what it is good for and when it ends; the signature also covers tenant and end user, so that
one made for one's own page never opens what belongs to somebody else.  A link ends with its session (`accounts.session_policy`).
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol
from urllib.parse import quote, urlencode

from django.conf import settings
from django.core.signing import Signer
from django.utils.crypto import constant_time_compare

from chat.context import ChatContext
from chatplatform.lib.errors import PlatformError

Use = Literal["upload", "read", "preview"]
USES: tuple[Use, ...] = ("upload", "read", "preview")
_SALT = "chat.attachment"
_CHAIN = re.compile("[0-9a-f]{32}")


class Links(Protocol):
    """Where a reader finds the files of a conversation."""

    def link(self, attachment_id: str, use: Use) -> str:
        """The absolute address of a file, if it is the reader's."""
        ...


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom signed links are made for, and the address that they begin with."""

    tenant_id: int
    end_user_id: int
    chain: uuid.UUID
    origin: str

    @classmethod
    def of(cls, context: ChatContext) -> Reader:
        return cls(context.tenant.id, context.end_user.id, context.session.chain, context.origin)

    def link(self, attachment_id: str, use: Use) -> str:
        """An absolute address that works for `CHAT_ATTACHMENT_LINK_SECONDS`, if the attachment is the reader's."""
        expires = int(time.time()) + settings.CHAT_ATTACHMENT_LINK_SECONDS
        value = _value(attachment_id, self.chain, use, expires, self.tenant_id, self.end_user_id)
        query = {
            "session": self.chain.hex,
            "use": use,
            "expires": expires,
            "signature": Signer(salt=_SALT).signature(value),
        }
        place = f"/api/chatkit/attachments/{quote(attachment_id, safe='')}/content"
        return f"{self.origin or 'http://localhost'}{place}?{urlencode(query)}"


@dataclass(frozen=True, slots=True)
class Link:
    """A link that came with a request; `opens` says whether it was made by us, for this owner."""

    attachment_id: str
    chain: uuid.UUID
    use: Use
    expires: int
    signature: str

    @classmethod
    def from_query(cls, attachment_id: str, query: Mapping[str, str]) -> Link | None:
        """The link in a request's query; None where there is none."""
        use, expires, chain = query.get("use", ""), query.get("expires", ""), query.get("session", "")
        if (
            "signature" not in query
            or use not in USES
            or not (expires.isascii() and expires.isdigit())
            or len(expires) > 12
            or not _CHAIN.fullmatch(chain)
        ):
            return None
        return cls(attachment_id, uuid.UUID(chain), use, int(expires), query["signature"])

    def opens(self, tenant_id: int, end_user_id: int) -> bool:
        """Whether the signature is ours for an attachment of this owner.  The caller asks whether the session still counts.

        Raises:
            PlatformError: ``link_expired``, when it is, but too late.
        """
        value = _value(self.attachment_id, self.chain, self.use, self.expires, tenant_id, end_user_id)
        signer = Signer(salt=_SALT)
        keys = [signer.key, *signer.fallback_keys]
        if not any(constant_time_compare(self.signature, signer.signature(value, key)) for key in keys):
            return False
        if self.expires < time.time():
            raise PlatformError("link_expired")
        return True


def _value(attachment_id: str, chain: uuid.UUID, use: str, expires: int, *owner: int) -> str:
    return ":".join(map(str, (attachment_id, chain.hex, use, expires, *owner)))
