"""Encryption at rest: one door, with keys that can be changed.

Two layers.  Each tenant has a data key, under which its secrets are encrypted (`tenants.models.DataKey`); the data keys are
encrypted under the installation's keys, `ENCRYPTION_KEYS`.  Those are changed without touching a secret, a secret copied to another
tenant cannot be read there, and who deletes a tenant's data key has destroyed all its secrets.

What belongs to a login and so to no tenant (second factors) is encrypted under the installation's keys themselves.

Only `tenants.models`, `chat.agents` and `accounts.adapters` may come here.
"""

from __future__ import annotations

import functools

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from chatplatform.lib.errors import PlatformError


class UnreadableSecretError(PlatformError):
    """The key that a secret was encrypted with is gone, or it belongs to somebody else."""

    def __init__(self) -> None:
        super().__init__("secret_unreadable")


def new_data_key() -> tuple[str, str]:
    """A fresh data key, encrypted, and the id of the installation's key that can open it."""
    return _ring().encrypt(Fernet.generate_key()).decode(), primary_key_id()


def open_data_key(wrapped: str) -> Fernet:
    """What encrypts and decrypts a tenant's secrets.

    Raises:
        UnreadableSecretError: no key of the installation opens it.
    """
    try:
        return Fernet(_ring().decrypt(wrapped.encode()))
    except InvalidToken:
        raise UnreadableSecretError from None


def rewrap(wrapped: str) -> tuple[str, str]:
    """The same data key under the installation's newest key, and that key's id.

    Raises:
        UnreadableSecretError: no key of the installation opens it.
    """
    try:
        return _ring().rotate(wrapped.encode()).decode(), primary_key_id()
    except InvalidToken:
        raise UnreadableSecretError from None


def seal(key: Fernet, secret: str) -> str:
    """A secret as it is stored."""
    return key.encrypt(secret.encode()).decode()


def unseal(key: Fernet, token: str) -> str:
    """The secret behind what is stored.

    Raises:
        UnreadableSecretError: it was encrypted with another key, or changed.
    """
    try:
        return key.decrypt(token.encode()).decode()
    except InvalidToken:
        raise UnreadableSecretError from None


def seal_for_login(secret: str) -> str:
    """A secret of a login as it is stored."""
    return _ring().encrypt(secret.encode()).decode()


def unseal_for_login(token: str) -> str:
    """The secret behind what is stored.

    Raises:
        UnreadableSecretError: no key of the installation opens it.
    """
    try:
        return _ring().decrypt(token.encode()).decode()
    except InvalidToken:
        raise UnreadableSecretError from None


def primary_key_id() -> str:
    """The id of the key under which new data keys are encrypted."""
    return next(iter(_keys(tuple(settings.ENCRYPTION_KEYS))))


def _ring() -> MultiFernet:
    return MultiFernet(_keys(tuple(settings.ENCRYPTION_KEYS)).values())


@functools.lru_cache(maxsize=4)
def _keys(given: tuple[str, ...]) -> dict[str, Fernet]:
    """The installation's keys by their ids, newest first.

    Raises:
        ImproperlyConfigured: there is none, or one is none.
    """
    if not given:
        raise ImproperlyConfigured(
            "ENCRYPTION_KEYS is missing, so that secrets cannot be stored; set it to <id>:<key>."
        )
    keys: dict[str, Fernet] = {}
    for entry in given:
        key_id, _, key = entry.partition(":")
        try:
            keys[key_id] = Fernet(key.encode())
        except ValueError:
            raise ImproperlyConfigured(f"ENCRYPTION_KEYS: the key {key_id!r} is no Fernet key.") from None
    return keys
