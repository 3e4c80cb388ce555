"""The admin pages of embeds and their signing keys."""

from typing import Any

import pytest
from django.test import Client

from accounts import host_tokens
from tenants.models import Embed, EmbedSigningKey
from tenants.permissions import Role
from tests.support.cast import Cast, gather
from tests.support.hosts import SECRET, Site, key_pair, site_of
from tests.support.panel import person, signed_in

KEYS = "/admin/tenants/embedsigningkey/"


@pytest.fixture
def cast(db: None) -> Cast:
    return gather()


@pytest.fixture
def owner(cast: Cast) -> Client:
    return signed_in(person(Role.OWNER, cast.acme))


@pytest.fixture
def embed(cast: Cast) -> Embed:
    return Embed.objects.create(tenant=cast.acme, name="Shop", assistant=cast.guide, identity="optional")


def add_key(client: Client, embed: Embed, **fields: Any) -> Any:
    posted = {"embed": embed.pk, "key_id": "first", "algorithm": "HS256", "public_key": "", "new_secret": ""}
    return client.post(f"{KEYS}add/", {**posted, **fields})


def test_a_secret_goes_in_and_does_not_come_out(owner: Client, embed: Embed) -> None:
    assert add_key(owner, embed, new_secret=SECRET).status_code == 302
    key = EmbedSigningKey.objects.for_tenant(embed.tenant_id).get()
    assert host_tokens.verify(embed, Site(embed, key, SECRET).sign("ada")).sub == "ada"
    for page in (KEYS, f"{KEYS}{key.pk}/change/", f"{KEYS}{key.pk}/history/"):
        shown = owner.get(page).content.decode()
        assert SECRET not in shown
        assert key.secret not in shown


def test_a_public_key_is_taken(owner: Client, embed: Embed) -> None:
    private, public = key_pair("ES256")
    assert add_key(owner, embed, algorithm="ES256", public_key=public).status_code == 302
    key = EmbedSigningKey.objects.for_tenant(embed.tenant_id).get()
    assert host_tokens.verify(embed, Site(embed, key, private).sign("ada")).sub == "ada"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "HS256 needs a secret."),
        ({"new_secret": "short"}, "at least 32 bytes"),
        ({"new_secret": SECRET, "public_key": "x"}, "no public key"),
        ({"algorithm": "RS256", "public_key": "x"}, "not the PEM"),
        ({"algorithm": "RS256", "new_secret": SECRET, "public_key": "x"}, "Only HS256 has a secret."),
        ({"key_id": "a b", "new_secret": SECRET}, "Use letters"),
    ],
)
def test_what_is_no_key_is_refused_with_words(owner: Client, embed: Embed, fields: dict[str, str], words: str) -> None:
    response = add_key(owner, embed, **fields)
    assert response.status_code == 200
    assert words in response.content.decode()
    assert not EmbedSigningKey.objects.for_tenant(embed.tenant_id).exists()


def test_the_embed_of_another_tenant_is_no_choice(owner: Client, cast: Cast, embed: Embed) -> None:
    foreign = site_of(cast.ledger, name="Of globex").embed
    assert "Of globex" not in owner.get(f"{KEYS}add/").content.decode()
    assert add_key(owner, foreign, key_id="x", new_secret=SECRET).status_code == 200
    assert not EmbedSigningKey.objects.for_tenant(cast.acme).exists()


def test_a_key_never_changes_but_it_ends(owner: Client, embed: Embed) -> None:
    add_key(owner, embed, new_secret=SECRET)
    key = EmbedSigningKey.objects.for_tenant(embed.tenant_id).get()
    before = key.secret
    posted = {"key_id": "other", "new_secret": "x" * 40, "retires_at_0": "2020-01-01", "retires_at_1": "00:00"}
    assert owner.post(f"{KEYS}{key.pk}/change/", posted).status_code == 302
    key.refresh_from_db()
    assert (key.key_id, key.secret, key.state) == ("first", before, "retired")


def test_the_page_of_an_embed_shows_what_to_copy(owner: Client, embed: Embed) -> None:
    page = owner.get(f"/admin/tenants/embed/{embed.pk}/change/").content.decode()
    assert f'src="http://acme.localhost/embed.js" data-embed="{embed.public_id}" data-token-url' in page.replace(
        "&quot;", '"'
    )
    for language in ("Python", "Node", "PHP", "Ruby"):
        assert f"{language}, with" in page


def test_it_can_be_tried_out_as_nobody_but_oneself(owner: Client, embed: Embed, cast: Cast) -> None:
    trial = f"/admin/tenants/embed/{embed.pk}/try/"
    page = owner.get(trial)
    assert f'data-embed="{embed.public_id}"' in page.content.decode()
    assert "data-token" not in page.content.decode()
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    assert owner.post(f"{trial}token/").status_code == 404, "there is no key yet"
    add_key(owner, embed, new_secret=SECRET)
    assert f'data-token="{trial}token/"' in owner.get(trial).content.decode()
    assert owner.get(f"{trial}token/").status_code == 405
    claims = host_tokens.verify(embed, owner.post(f"{trial}token/?sub=ada").content.decode())
    assert claims.sub.startswith("trial-of-")
    viewer = signed_in(person(Role.VIEWER, cast.acme))
    assert "data-token" not in viewer.get(trial).content.decode()
    assert viewer.post(f"{trial}token/").status_code == 403
    assert signed_in(cast.carol).get(trial).status_code == 404
    assert signed_in(cast.carol).post(f"{trial}token/").status_code == 404


def test_a_site_that_is_none_is_refused_with_words(owner: Client, embed: Embed) -> None:
    posted = {
        "name": "Shop",
        "assistant": embed.assistant_id,
        "identity": "none",
        "position": "left",
        "greeting_seconds": 5,
    }
    response = owner.post(
        f"/admin/tenants/embed/{embed.pk}/change/", {**posted, "allowed_origins": "https://a.example/x"}
    )
    assert "without a path" in response.content.decode()
