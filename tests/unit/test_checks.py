"""The system checks of the installation, each broken on purpose."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage
from django.db import connection
from pytest_django import Settings

from accounts import demo
from chatplatform import checks


def ids(check: Callable[..., Any], **arguments: Any) -> set[str | None]:
    messages: list[CheckMessage] = list(check(app_configs=None, **arguments))
    assert all(message.msg.endswith(".") for message in messages)
    return {message.id for message in messages}


@pytest.fixture
def deployed(settings: Settings) -> Settings:
    """A public installation as it should be."""
    settings.DEBUG = False
    settings.SECRET_KEY = "vX0kq_3mS8cL1pRz7YtB5nWd2GfHj9Ke4aUoQi6TxMyVbNwErDsAlPh"
    settings.SECRET_KEY_FALLBACKS = []
    settings.ENCRYPTION_KEYS = ["2026:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="]
    settings.HTTPS = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SHARED_HOSTS = ["chat.example.com"]
    settings.PUBLIC_URL = "https://chat.example.com"
    return settings


def test_a_good_installation_passes(deployed: Settings) -> None:
    for check in (
        checks.secret_key_is_strong,
        checks.secrets_can_be_encrypted,
        checks.debug_is_off,
        checks.https_is_insisted_on,
        checks.hosts_are_named,
    ):
        assert ids(check) == set()


@pytest.mark.parametrize("key", ["short", "a" * 64, "django-insecure-vX0kq_3mS8cL1pRz7YtB5nWd2GfHj9Ke4aUoQi6Tx"])
def test_a_weak_secret_key(deployed: Settings, key: str) -> None:
    deployed.SECRET_KEY = key
    assert ids(checks.secret_key_is_strong) == {"chatplatform.E001"}


def test_a_weak_fallback_key(deployed: Settings) -> None:
    deployed.SECRET_KEY_FALLBACKS = ["short"]
    assert ids(checks.secret_key_is_strong) == {"chatplatform.E001"}


@pytest.mark.parametrize("keys", [[], ["2026:short"], ["MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="]])
def test_no_key_for_secrets(deployed: Settings, keys: list[str]) -> None:
    deployed.ENCRYPTION_KEYS = keys
    assert ids(checks.secrets_can_be_encrypted) == {"chatplatform.E010"}


def test_debug(deployed: Settings) -> None:
    deployed.DEBUG = True
    assert ids(checks.debug_is_off) == {"chatplatform.E002"}


def test_cookies_without_https(deployed: Settings) -> None:
    deployed.SESSION_COOKIE_SECURE = False
    assert ids(checks.https_is_insisted_on) == {"chatplatform.E003"}


def test_no_hsts(deployed: Settings) -> None:
    deployed.SECURE_HSTS_SECONDS = 0
    assert ids(checks.https_is_insisted_on) == {"chatplatform.E004"}


def test_no_way_to_tell_https(deployed: Settings) -> None:
    deployed.SECURE_PROXY_SSL_HEADER = None
    assert ids(checks.https_is_insisted_on) == {"chatplatform.E005"}
    deployed.SECURE_SSL_REDIRECT = True
    assert ids(checks.https_is_insisted_on) == set()


def test_links_lead_nowhere(deployed: Settings) -> None:
    deployed.PUBLIC_URL = ""
    assert ids(checks.hosts_are_named) == {"chatplatform.E011"}


@pytest.mark.parametrize("hosts", [[], ["*"]])
def test_open_hosts(deployed: Settings, hosts: list[str]) -> None:
    deployed.SHARED_HOSTS = hosts
    assert ids(checks.hosts_are_named) == {"chatplatform.E006"}


@pytest.mark.django_db
def test_demo_users() -> None:
    assert ids(checks.no_demo_users) == set()
    user = get_user_model()._default_manager.create(email=demo.STAFF[0])
    assert ids(checks.no_demo_users) == {"chatplatform.E007"}
    user.is_active = False
    user.save(update_fields=["is_active"])
    assert ids(checks.no_demo_users) == set()


@pytest.mark.django_db
def test_an_old_database(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ids(checks.database_serves, databases=["default"]) == set()
    monkeypatch.setattr("chatplatform.lib.database.OLDEST_POSTGRESQL", 99)
    assert ids(checks.database_serves, databases=["default"]) == {"chatplatform.E008"}


@pytest.mark.django_db
def test_the_role_of_tests_is_held_by_row_security() -> None:
    assert ids(checks.role_is_held_by_row_security, databases=["default"]) == set()


@pytest.mark.django_db
def test_a_role_that_bypasses_row_security() -> None:
    with connection.cursor() as cursor:
        # The view of roles, as a superuser would see it: temporary tables come first in the search path.
        cursor.execute("CREATE TEMPORARY TABLE pg_roles ON COMMIT DROP AS SELECT * FROM pg_catalog.pg_roles LIMIT 0")
        cursor.execute("INSERT INTO pg_temp.pg_roles (rolname, rolsuper) VALUES (current_user, true)")
        cursor.execute("SET LOCAL search_path = pg_temp, pg_catalog, public")
    assert ids(checks.role_is_held_by_row_security, databases=["default"]) == {"chatplatform.E009"}
