"""Fixtures of tests that sign in: ``quick_passwords`` are hashed cheaply, and nobody has used up an attempt yet.

``company`` is an identity provider, and ``trusting`` the cast whose acme lets it say that somebody is bob.
"""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tenants import hosts, quotas
from tests.support.cast import Cast, gather
from tests.support.identity_provider import IdentityProvider, trusted_by


@pytest.fixture
def quick_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    quotas._limiter_of_process.cache_clear()
    quotas._limiter.cache_clear()


@pytest.fixture(scope="session")
def _running() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()
    yield provider
    provider.stop()


@pytest.fixture
def company(_running: IdentityProvider, settings: Settings) -> IdentityProvider:
    _running.reset()
    settings.OUTBOUND_ALLOWED_HOSTS = [_running.host]
    return _running


@pytest.fixture
def trusting(company: IdentityProvider) -> Cast:
    cast = gather()
    trusted_by(cast.acme, company)
    company.who = {"email": cast.bob.email, "email_verified": True, "name": "Bob"}
    hosts.forget()
    return cast
