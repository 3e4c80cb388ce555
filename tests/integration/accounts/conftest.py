"""Fixtures of tests that sign in: ``quick_passwords`` are hashed cheaply, and nobody has used up an attempt yet."""

import pytest
from pytest_django import Settings

from tenants import quotas


@pytest.fixture
def quick_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    quotas._limiter_of_process.cache_clear()
    quotas._limiter.cache_clear()
