"""Keys of tenants for model providers: encrypted, used by their tenant alone, and gone when they are destroyed."""

import io
import logging
import sys

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from tenants.crypto import UnreadableSecretError
from tenants.models import DataKey, ProviderKey
from tests.conftest import Browse, StartServer, quick
from tests.support.cast import Cast, assistant_of
from tests.support.provider import Provider

SECRET = "sk-of-acme-0123456789"
OLD = f"2025:{Fernet.generate_key().decode()}"
NEW = f"2026:{Fernet.generate_key().decode()}"


def stored_text() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT k::text FROM tenants_providerkey k UNION ALL SELECT d::text FROM tenants_datakey d")
        return "\n".join(row[0] for row in cursor.fetchall())


def test_a_key_is_not_readable_in_the_database(cast: Cast) -> None:
    key = ProviderKey.store(cast.acme.pk, "groq", SECRET)
    assert "6789" in stored_text()
    assert SECRET[:-4] not in stored_text()
    assert SECRET not in repr(key) + str(key)
    assert key.reveal("a test") == SECRET


def test_of_a_short_key_nothing_is_shown(cast: Cast) -> None:
    assert ProviderKey.store(cast.acme.pk, "groq", "short").last_four == ""


def test_a_new_key_replaces_the_old_one(cast: Cast) -> None:
    ProviderKey.store(cast.acme.pk, "groq", "sk-first")
    ProviderKey.store(cast.acme.pk, "groq", SECRET)
    (key,) = ProviderKey.objects.for_tenant(cast.acme)
    assert key.reveal("a test") == SECRET


def test_each_decryption_is_in_the_audit_log(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    key = ProviderKey.store(cast.acme.pk, "groq", SECRET)
    with caplog.at_level(logging.INFO, "chatplatform.audit"):
        key.reveal("a test of the log")
    (record,) = [record for record in caplog.records if record.name == "chatplatform.audit"]
    assert record.getMessage() == f"providerkey.decrypt of tenant {cast.acme.pk}: providerkey {key.pk}"
    assert SECRET not in record.getMessage()


def test_a_secret_that_was_copied_to_another_tenant_stays_closed(cast: Cast) -> None:
    stolen = ProviderKey.store(cast.acme.pk, "groq", SECRET).secret
    own = ProviderKey.store(cast.globex.pk, "groq", "sk-of-globex-0123456789")
    own.secret = stolen
    with pytest.raises(UnreadableSecretError):
        own.reveal("a theft")


def test_who_deletes_the_data_key_destroys_the_secrets(cast: Cast) -> None:
    key = ProviderKey.store(cast.acme.pk, "groq", SECRET)
    DataKey.objects.for_tenant(cast.acme).delete()
    with pytest.raises(UnreadableSecretError):
        key.reveal("a test")
    ProviderKey.store(cast.acme.pk, "mistral", "sk-of-a-new-time")  # with a new data key
    with pytest.raises(UnreadableSecretError):
        key.reveal("a test")


def test_the_keys_of_the_installation_can_be_changed(cast: Cast, settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = [OLD]
    key = ProviderKey.store(cast.acme.pk, "groq", SECRET)
    ProviderKey.store(cast.globex.pk, "groq", SECRET)
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    assert key.reveal("before") == SECRET
    assert rotated("--dry-run") == "2 data keys would be changed."
    assert rotated() == "2 data keys changed."
    assert rotated() == "0 data keys changed."
    settings.ENCRYPTION_KEYS = [NEW]
    assert key.reveal("after") == SECRET
    settings.ENCRYPTION_KEYS = [OLD]
    with pytest.raises(UnreadableSecretError):
        key.reveal("with the old key")


def test_a_data_key_that_nothing_opens_stays_as_it_is(cast: Cast, settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = [OLD]
    key = ProviderKey.store(cast.acme.pk, "groq", SECRET)
    settings.ENCRYPTION_KEYS = [NEW]
    with pytest.raises(CommandError, match=str(cast.acme.pk)):
        rotated()
    settings.ENCRYPTION_KEYS = [OLD]
    assert key.reveal("still there") == SECRET


def rotated(*arguments: str) -> str:
    said = io.StringIO()
    call_command("rotate_keys", *arguments, stdout=said, no_color=True)
    return said.getvalue().strip()


@pytest.mark.parametrize("keys", [[], ["2026:short"]])
def test_without_a_key_nothing_is_stored(cast: Cast, settings: Settings, keys: list[str]) -> None:
    settings.ENCRYPTION_KEYS = keys
    with pytest.raises(ImproperlyConfigured, match="ENCRYPTION_KEYS"):
        ProviderKey.store(cast.acme.pk, "groq", SECRET)
    with pytest.raises(CommandError, match="ENCRYPTION_KEYS"):
        rotated()


def test_an_operator_sets_and_removes_a_key(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{SECRET}\n"))
    said = io.StringIO()
    call_command("set_provider_key", "acme", "groq", stdout=said)
    assert SECRET[:-4] not in said.getvalue()
    (key,) = ProviderKey.objects.for_tenant(cast.acme)
    assert key.reveal("a test") == SECRET
    call_command("set_provider_key", "acme", "groq", "--remove", stdout=said)
    assert not ProviderKey.objects.for_tenant(cast.acme).exists()


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        (["nobody", "groq"], SECRET),
        (["acme", "offline"], SECRET),
        (["acme", "groq"], ""),
        (["acme", "groq", "--base-url", "file:///etc/passwd"], SECRET),
    ],
)
def test_a_key_that_cannot_be_set_is_refused(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, arguments: list[str], given: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{given}\n"))
    with pytest.raises(CommandError):
        call_command("set_provider_key", *arguments)
    assert not ProviderKey.objects.for_tenant(cast.acme).exists()


def test_a_tenant_uses_its_own_key_and_no_other_does(
    server_with: StartServer, browse: Browse, cast: Cast, provider: Provider
) -> None:
    assistant_of(cast.acme, "own", provider="groq")
    assistant_of(cast.globex, "plain", provider="groq")
    ProviderKey.store(cast.acme.pk, "groq", SECRET)
    server = server_with(**quick(provider), GROQ_BASE_URL=provider.url, GROQ_API_KEY="sk-of-the-installation")
    browse(server=server).open("own").say("hello")
    browse(cast.carol, server=server, tenant="globex").open("plain").say("hello")
    assert provider.keys == [f"Bearer {SECRET}", "Bearer sk-of-the-installation"]
    assert SECRET not in server.log


def test_a_key_that_cannot_be_read_is_not_replaced_by_the_installations(
    server_with: StartServer, browse: Browse, cast: Cast, provider: Provider
) -> None:
    assistant_of(cast.acme, "own", provider="groq")
    ProviderKey.store(cast.acme.pk, "groq", SECRET)
    DataKey.objects.for_tenant(cast.acme).delete()
    server = server_with(**quick(provider), GROQ_BASE_URL=provider.url, GROQ_API_KEY="sk-of-the-installation")
    turn = browse(server=server).open("own").say("hello")
    assert turn.frames[-1]["platform_code"] == "assistant_unavailable"
    assert provider.keys == []


def test_a_tenant_may_have_an_address_of_its_own(
    start_server: StartServer, browse: Browse, cast: Cast, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Azure's addresses, for one, are those of a customer."""
    assistant_of(cast.acme, "own", provider="vllm", model="mine")
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{SECRET}\n"))
    call_command("set_provider_key", "acme", "vllm", "--base-url", provider.url, stdout=io.StringIO())
    server = start_server(**quick(provider), OUTBOUND_ALLOWED_HOSTS=f"127.0.0.1:{provider.port}")
    dave = browse(server=server).open("own")
    assert dave.say("hello").text == "You said: hello"
    assert dave.say("hello again").text == "You said: hello again"
    assert provider.keys == [f"Bearer {SECRET}"] * 2


def test_an_address_of_a_tenant_does_not_lead_into_our_network(
    server_with: StartServer, browse: Browse, cast: Cast, provider: Provider
) -> None:
    assistant_of(cast.acme, "own", provider="groq")
    ProviderKey.store(cast.acme.pk, "groq", SECRET, provider.url)
    # The installation's own address may lead there, a tenant's may not.
    server = server_with(**quick(provider), GROQ_BASE_URL=provider.url, GROQ_API_KEY="sk-of-the-installation")
    turn = browse(server=server).open("own").say("hello")
    assert turn.frames[-1]["platform_code"] == "provider_address"
    assert provider.requests == []
