"""Every rate limit of the platform, in one table: what is counted, by which key, and how often it may happen.

Callers name what happens and everything that they know of who asks; each row of the table whose key is known counts it.
`manage.py write_reference` makes docs/reference/rate-limits.md of the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from asgiref.sync import async_to_sync
from django.conf import settings

from tenants import quotas

#: What a row may count by.  An address is an IPv4 address, or the /64 network of an IPv6 address (`client_network`).
KEYS = {
    "tenant": "tenant",
    "end_user": "end user",
    "address": "client address",
    "embed": "embed",
    "account": "account",
    "recipient": "recipient",
}


#: What is counted, by its name.
COUNTED = {
    "messages": "Messages, retries, answers to tools and questions, widget actions",
    "uploads": "Announced files, their contents, direct uploads, dictation",
    "changes": "Renamed and deleted conversations, deleted files, feedback, stopped answers",
    "searches": "Searches in the composer's menus",
    "documents": "Opened documents",
    "mint": "New chat sessions",
    "refresh": "Renewed chat sessions",
    "hosted": "Client secrets of OpenAI, for hosted assistants",
    "login": "Attempts to sign in by password",
    "code": "Codes of a second factor",
    "confirm": "Passwords that confirm who is signed in",
    "password": "Changes of a password",
    "reset": "E-mails with a link to choose a new password",
    "reset link": "Opened links to choose a new password, and new passwords",
    "company sign-in": "Sign-in by a tenant's own provider",
    "company sign-in refused": "Refused sign-ins that the audit log notes",
    "login failed": "Failed sign-ins that the audit log notes",
    "invitation link": "Opened links of invitations",
    "invitations": "E-mails with an invitation",
    "secret test": "Tests of stored keys and servers in the admin panel, each kind apart",
}


@dataclass(frozen=True, slots=True)
class RateLimit:
    """One row: so many requests of a name for each value of its key.

    Attributes:
        name: one of `COUNTED`.
        key: names of `KEYS`; a request that lacks one of them is not counted by this row.
        rate: the name of a setting, or a rate such as ``3/hour``.
    """

    name: str
    key: tuple[str, ...]
    rate: str

    @property
    def current_rate(self) -> str:
        return str(getattr(settings, self.rate)) if self.rate.isupper() else self.rate


#: Rows of one name stand together, the narrowest key first: what that refuses costs the others nothing.
#: Members are not counted by address: their number is known, and an office has one address for all of them.
RATE_LIMITS = (
    RateLimit("messages", ("tenant", "end_user"), "CHAT_RATE_LIMIT"),
    RateLimit("messages", ("tenant", "address"), "CHAT_ADDRESS_RATE_LIMIT"),
    RateLimit("messages", ("tenant", "embed"), "CHAT_EMBED_RATE_LIMIT"),
    RateLimit("uploads", ("tenant", "end_user"), "CHAT_UPLOAD_RATE_LIMIT"),
    RateLimit("uploads", ("tenant", "address"), "CHAT_ADDRESS_RATE_LIMIT"),
    RateLimit("uploads", ("tenant", "embed"), "CHAT_EMBED_RATE_LIMIT"),
    RateLimit("changes", ("tenant", "end_user"), "CHAT_CHANGE_RATE_LIMIT"),
    RateLimit("changes", ("tenant", "address"), "CHAT_ADDRESS_RATE_LIMIT"),
    RateLimit("changes", ("tenant", "embed"), "CHAT_EMBED_RATE_LIMIT"),
    RateLimit("searches", ("tenant", "end_user"), "CHAT_SEARCH_RATE_LIMIT"),
    RateLimit("searches", ("tenant", "address"), "CHAT_ADDRESS_SEARCH_RATE_LIMIT"),
    RateLimit("documents", ("tenant", "end_user"), "CHAT_SEARCH_RATE_LIMIT"),
    RateLimit("documents", ("tenant", "address"), "CHAT_ADDRESS_SEARCH_RATE_LIMIT"),
    RateLimit("mint", ("address",), "CHAT_SESSION_RATE_LIMIT"),
    RateLimit("refresh", ("address",), "CHAT_SESSION_RATE_LIMIT"),
    RateLimit("hosted", ("tenant", "end_user"), "CHAT_SESSION_RATE_LIMIT"),
    RateLimit("login", ("address", "account"), "LOGIN_RATE_LIMIT"),
    RateLimit("login", ("address",), "LOGIN_ADDRESS_RATE_LIMIT"),
    RateLimit("code", ("account",), "LOGIN_RATE_LIMIT"),
    # At what a minute lets through, six digits would be guessed in weeks by whoever knows the password.
    RateLimit("code", ("account",), "30/hour"),
    RateLimit("code", ("address",), "LOGIN_ADDRESS_RATE_LIMIT"),
    RateLimit("confirm", ("account",), "LOGIN_RATE_LIMIT"),
    RateLimit("confirm", ("address",), "LOGIN_ADDRESS_RATE_LIMIT"),
    RateLimit("password", ("account",), "LOGIN_RATE_LIMIT"),
    RateLimit("password", ("address",), "LOGIN_ADDRESS_RATE_LIMIT"),
    # Whoever asks: each attempt costs the owner of the address an e-mail.
    RateLimit("reset", ("recipient",), "3/hour"),
    RateLimit("reset", ("address",), "LOGIN_ADDRESS_RATE_LIMIT"),
    RateLimit("reset link", ("account",), "LOGIN_RATE_LIMIT"),
    RateLimit("reset link", ("address",), "LOGIN_ADDRESS_RATE_LIMIT"),
    RateLimit("company sign-in", ("address",), "LOGIN_ADDRESS_RATE_LIMIT"),
    # Whoever tries again and again must not fill the audit log.
    RateLimit("company sign-in refused", ("tenant",), "20/10minute"),
    RateLimit("login failed", ("account",), "3/10minute"),
    RateLimit("invitation link", ("address",), "LOGIN_ADDRESS_RATE_LIMIT"),
    RateLimit("invitations", ("recipient",), "INVITATION_RECIPIENT_RATE_LIMIT"),
    RateLimit("invitations", ("tenant",), "INVITATION_RATE_LIMIT"),
    RateLimit("secret test", ("tenant", "account"), "10/minute"),
)
_ROWS = {name: tuple(rows) for name, rows in groupby(RATE_LIMITS, key=lambda row: row.name)}


async def spend(name: str, **known: str | int | None) -> None:
    """Count one request of this name.

    Args:
        known: values of `KEYS`; what is None is not known.

    Raises:
        PlatformError: ``rate_limited``, with ``Retry-After`` in seconds.
    """
    for row in _ROWS[name]:
        values = [known.get(key) for key in row.key]
        if None not in values:
            await quotas.spend(row.current_rate, name, *row.key, *values)  # type: ignore[arg-type]


def spend_sync(name: str, **known: str | int | None) -> None:
    """`spend` for code that is not asynchronous."""
    async_to_sync(spend)(name, **known)
