"""System checks of the installation: ``manage.py check``, with ``--deploy`` for what only a public one must hold."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.db.utils import DatabaseError

from chatplatform.lib.database import VECTOR_OF_SERVER, problem_of
from chatplatform.lib.problems.checks import CHECKS

DEMO_EMAIL_ENDING: Final = ".localhost"
"""Addresses of ``manage.py seed_demo``, whose passwords are public. No mail ever reaches one, so no real user has one."""

_SHORTEST_SECRET: Final = 50
_FEWEST_CHARACTERS: Final = 10


@register(Tags.security, deploy=True)
def secret_key_is_strong(**_: Any) -> Iterable[CheckMessage]:
    for name, key in [
        ("SECRET_KEY", settings.SECRET_KEY),
        *(("SECRET_KEY_FALLBACKS", k) for k in settings.SECRET_KEY_FALLBACKS),
    ]:
        if len(key) < _SHORTEST_SECRET or len(set(key)) < _FEWEST_CHARACTERS or key.startswith("django-insecure-"):
            yield _error("chatplatform.E001", f"{name} is short or simple, so cookies and tokens can be forged.")


@register(Tags.security, deploy=True)
def secrets_can_be_encrypted(**_: Any) -> Iterable[CheckMessage]:
    try:
        for entry in settings.ENCRYPTION_KEYS:
            Fernet(entry.partition(":")[2])
    except ValueError:
        yield _error("chatplatform.E010", "ENCRYPTION_KEYS holds what is no key.")
    if not settings.ENCRYPTION_KEYS:
        yield _error("chatplatform.E010", "ENCRYPTION_KEYS is missing: no secret of a tenant can be stored.")


@register(Tags.security, deploy=True)
def debug_is_off(**_: Any) -> Iterable[CheckMessage]:
    if settings.DEBUG:
        yield _error("chatplatform.E002", "DEBUG is on: errors show code and settings to everybody.")


@register(Tags.security, deploy=True)
def https_is_insisted_on(**_: Any) -> Iterable[CheckMessage]:
    if not (settings.HTTPS and settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE):
        yield _error("chatplatform.E003", "Cookies also travel by http, where anybody on the way reads them.")
    if not settings.SECURE_HSTS_SECONDS:
        yield _error("chatplatform.E004", "Browsers are not told to insist on https.")
    if not (settings.SECURE_SSL_REDIRECT or settings.SECURE_PROXY_SSL_HEADER):
        yield _error("chatplatform.E005", "The platform cannot tell https from http.")


@register(Tags.security, deploy=True)
def hosts_are_named(**_: Any) -> Iterable[CheckMessage]:
    if not settings.SHARED_HOSTS or "*" in settings.SHARED_HOSTS:
        yield _error("chatplatform.E006", "ALLOWED_HOSTS is empty or open to every name.")
    if not settings.PUBLIC_URL:
        yield _error("chatplatform.E011", "PUBLIC_URL is missing: e-mails have nowhere to lead.")


@register(Tags.security, deploy=True)
def no_demo_users(**_: Any) -> Iterable[CheckMessage]:
    """Demo users have published passwords. Without a database there is nothing to look at."""
    from django.contrib.auth import get_user_model

    try:
        found = get_user_model()._default_manager.filter(email__iendswith=DEMO_EMAIL_ENDING, is_active=True).exists()
    except DatabaseError:
        return
    if found:
        yield _error("chatplatform.E007", "Demo users, whose passwords are public, can sign in.")


@register(Tags.database)
def database_serves(databases: Sequence[str] | None = None, **_: Any) -> Iterable[CheckMessage]:
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
            (version,) = cursor.fetchone()
            cursor.execute(VECTOR_OF_SERVER)
            (vector,) = cursor.fetchone() or (None,)
        problem = problem_of(version=version, vector=vector)
        if problem:
            yield _error("chatplatform.E008", problem)


@register(Tags.database)
def role_is_held_by_row_security(databases: Sequence[str] | None = None, **_: Any) -> Iterable[CheckMessage]:
    """A superuser sees every row whatever the policies say, so the last wall between tenants would be none."""
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
            (bypasses,) = cursor.fetchone()
        if bypasses:
            yield _error("chatplatform.E009", "The database role bypasses row-level security.")


def _error(code: str, message: str) -> Error:
    return Error(message, hint=CHECKS[code].fix, id=code)
