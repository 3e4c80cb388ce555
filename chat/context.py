"""ChatContext: who is speaking, to which assistant, in which tenant.

It is made once by the gate, is frozen, and travels as an argument.  Nothing below reads a tenant from ambient state.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from accounts.speaker import AssistantRef, EndUserRef, TenantRef, VerifiedSession


@dataclass(frozen=True, slots=True)
class ChatContext:
    """What every operation knows about its caller.

    ``page`` and ``locale`` come from the browser: data for the model, never part of a system prompt, never an identity.
    ``origin`` is the address that the request came to, as ``https://chat.example``; links for the browser begin with it.
    """

    session: VerifiedSession
    request_id: str
    origin: str = ""
    locale: str = ""
    page: dict[str, Any] = field(default_factory=dict)

    @property
    def tenant(self) -> TenantRef:
        return self.session.tenant

    @property
    def end_user(self) -> EndUserRef:
        return self.session.end_user

    @property
    def assistant(self) -> AssistantRef:
        return self.session.assistant
