"""Who is speaking: what a verified chat session says of its tenant, end user and assistant."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from tenants.acting import Actor


@dataclass(frozen=True, slots=True)
class TenantRef:
    """The tenant of a verified session."""

    id: int
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class EndUserRef:
    """The end user of a verified session.

    ``role`` is that of a member, ``email`` and ``traits`` (JSON) are what the tenant's site says of somebody; else empty.
    """

    id: int
    public_id: str
    kind: str
    display_name: str
    user_id: int | None
    role: str
    email: str = ""
    traits: str = "{}"


@dataclass(frozen=True, slots=True)
class AssistantRef:
    """The assistant of a verified session; ``version_id`` is None while nothing is published."""

    id: int
    slug: str
    name: str
    version_id: int | None


@dataclass(frozen=True, slots=True)
class VerifiedSession:
    """A chat session whose token was just checked.

    ``embed`` is the public id of the embed that it was opened in, or empty.  ``acting`` is whom the audit trail names where
    somebody of the platform acts as the end user; ``is_read_only``: they only look.
    """

    id: int
    public_id: str
    chain: uuid.UUID
    origin: str
    expires_at: datetime
    absolute_expires_at: datetime
    tenant: TenantRef
    end_user: EndUserRef
    assistant: AssistantRef
    embed: str = ""
    acting: Actor | None = None
    is_read_only: bool = False
