"""Addresses of an attachment's content: signed, bound to its owner, and with an end.

A link is what a browser holds that may not send our cookie, as the frame of OpenAI's client.  It names the attachment, what it
is good for and when it ends; the signature also covers tenant and end user, so that one made for one's own page never opens what
belongs to somebody else.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from django.conf import settings
from django.core.signing import Signer
from django.utils.crypto import constant_time_compare

from chat.context import ChatContext
from chatplatform.lib.errors import PlatformError

Use = Literal["upload", "read", "preview"]
USES: tuple[Use, ...] = ("upload", "read", "preview")
_SALT = "chat.attachment"


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a link is made for, and the address that it begins with."""

    tenant_id: int
    end_user_id: int
    origin: str

    @classmethod
    def of(cls, context: ChatContext) -> Reader:
        return cls(context.tenant.id, context.end_user.id, context.origin)


@dataclass(frozen=True, slots=True)
class Link:
    """A link that came with a request; `opens` says whether it was made by us, for this owner."""

    attachment_id: str
    use: Use
    expires: int
    signature: str

    @classmethod
    def from_query(cls, attachment_id: str, query: Mapping[str, str]) -> Link | None:
        """The link in a request's query; None where there is none."""
        use, expires = query.get("use", ""), query.get("expires", "")
        if (
            "signature" not in query
            or use not in USES
            or not (expires.isascii() and expires.isdigit())
            or len(expires) > 12
        ):
            return None
        return cls(attachment_id, use, int(expires), query["signature"])

    def opens(self, tenant_id: int, end_user_id: int) -> bool:
        """Whether the signature is ours for an attachment of this owner.

        Raises:
            PlatformError: ``link_expired``, when it is, but too late.
        """
        value = _value(self.attachment_id, self.use, self.expires, tenant_id, end_user_id)
        signer = Signer(salt=_SALT)
        keys = [signer.key, *signer.fallback_keys]
        if not any(constant_time_compare(self.signature, signer.signature(value, key)) for key in keys):
            return False
        if self.expires < time.time():
            raise PlatformError("link_expired")
        return True


def link_to(attachment_id: str, use: Use, reader: Reader) -> str:
    """An absolute address that works for `CHAT_ATTACHMENT_LINK_SECONDS`, if the attachment is the reader's."""
    expires = int(time.time()) + settings.CHAT_ATTACHMENT_LINK_SECONDS
    value = _value(attachment_id, use, expires, reader.tenant_id, reader.end_user_id)
    query = {"use": use, "expires": expires, "signature": Signer(salt=_SALT).signature(value)}
    return f"{reader.origin or 'http://localhost'}/api/chatkit/attachments/{attachment_id}/content?{urlencode(query)}"


def _value(attachment_id: str, use: str, expires: int, tenant_id: int, end_user_id: int) -> str:
    return f"{attachment_id}:{use}:{expires}:{tenant_id}:{end_user_id}"
