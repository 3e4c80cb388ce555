"""Environment variables with a type, a limit and, when they are wrong, one sentence that names the variable."""

import re
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any, Final, TypeVar

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping

#: Django's, which tells the server for which tenant a statement is.
ENGINE: Final = "chatplatform.lib.postgresql"

_Number = TypeVar("_Number", int, float)
_RATE = re.compile(r"[1-9]\d{0,8}/(second|minute|hour|day)")


class Env:
    """Reads variables. Every one may come from a file instead: ``NAME_FILE=/run/secrets/name``."""

    def __init__(self) -> None:
        self._source = environ.FileAwareEnv()
        self._source.ENVIRON = FileAwareMapping(cache=False)  # The library's own one is shared and remembers files.

    def text(self, name: str, default: str = "") -> str:
        try:
            value: str = self._source.str(name, default=default)
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE names a file that cannot be read: {error.strerror}.") from None
        return value.strip()  # Files of secrets tend to end with a line break.

    def choice(self, name: str, default: str, choices: Sequence[str]) -> str:
        value = self.text(name, default).lower()
        if value not in choices:
            raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}; it is {value!r}.")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.text(name).lower()
        if not value:
            return default
        if value in environ.Env.BOOLEAN_TRUE_STRINGS:
            return True
        if value in ("false", "off", "n", "no", "0"):
            return False
        raise ImproperlyConfigured(f"{name} must be true or false; it is {value!r}.")

    def integer(self, name: str, default: int, *, minimum: int = 0) -> int:
        return self._number(name, default, minimum, int, "a whole number")

    def seconds(self, name: str, default: float, *, minimum: float = 0.0) -> float:
        return self._number(name, default, minimum, float, "a number")

    def words(self, name: str, default: Sequence[str] = ()) -> list[str]:
        """A list, divided by commas."""
        value = self.text(name)
        return [word.strip() for word in value.split(",") if word.strip()] if value else list(default)

    def packages(self, name: str) -> list[str]:
        """Python packages, divided by commas, that can be imported."""
        packages = self.words(name)
        for package in packages:
            if not package.isidentifier() or find_spec(package) is None:
                raise ImproperlyConfigured(f"{name} names {package!r}, but there is no such package beside manage.py.")
        return packages

    def url(self, name: str, default: str = "", *, schemes: Sequence[str] = ("https", "http")) -> str:
        """An address, or an empty text."""
        value = self.text(name, default)
        scheme, separator, rest = value.partition("://")
        if value and (not separator or not rest or scheme.lower() not in schemes):
            raise ImproperlyConfigured(f"{name} must be an address that starts with {schemes[0]}://.")
        return value

    def rate(self, name: str, default: str) -> str:
        """A limit such as ``60/minute``, in the notation of the library ``limits``."""
        value = self.text(name, default).lower()
        if not _RATE.fullmatch(value):
            raise ImproperlyConfigured(f"{name} must be a rate such as 60/minute; it is {value!r}.")
        return value

    def database(self, name: str) -> dict[str, Any] | None:
        """The keys of a Django database, or nothing where the variable is empty. PostgreSQL only."""
        url = self.url(name, schemes=("postgresql", "postgres"))
        if not url:
            return None
        try:
            found: dict[str, Any] = dict(environ.Env.db_url_config(url))
        except ValueError:
            raise ImproperlyConfigured(f"{name} is not a valid address of a database.") from None
        if not found.get("NAME"):
            raise ImproperlyConfigured(f"{name} must name a database: postgresql://user:password@host:5432/name.")
        options = dict(found.get("OPTIONS") or {})
        for option in ("host", "port"):  # The usual spelling of a Unix socket, `?host=/folder`.
            if option in options:
                found[option.upper()] = options.pop(option)
        return {**found, "ENGINE": ENGINE, "OPTIONS": options}

    def email(self, name: str, default: str) -> dict[str, Any]:
        """Django's settings of a mail server."""
        try:
            found = environ.Env.email_url_config(self.text(name, default))
        except (ImproperlyConfigured, ValueError):
            raise ImproperlyConfigured(f"{name} must be smtp+tls://user:password@host:587 or the like.") from None
        return {key: value for key, value in found.items() if value is not None}

    def _number(
        self, name: str, default: _Number, minimum: _Number, cast: Callable[[str], _Number], kind: str
    ) -> _Number:
        value = self.text(name)
        if not value:
            return default
        try:
            number = cast(value)
        except ValueError:
            number = None
        if number is None or not number >= minimum or number == float("inf"):
            raise ImproperlyConfigured(f"{name} must be {kind} of at least {minimum}; it is {value!r}.")
        return number
