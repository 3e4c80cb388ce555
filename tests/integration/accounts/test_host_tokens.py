"""A host-signed identity is taken once, and only if everything about it is right."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts import embed_visitors, host_tokens
from accounts.blocks import Client
from accounts.models import EndUser, SpentIdentity
from chatplatform.lib.errors import PlatformError
from tenants.models import AuditEvent, DataKey, Embed, EmbedSigningKey
from tenants.models.embed import REFUSED
from tests.support.cast import Cast, gather
from tests.support.hosts import SECRET, Site, key_pair, site_of, with_key


@pytest.fixture
def cast(db: None) -> Cast:
    """Nobody else needs to see it."""
    return gather()


@pytest.fixture
def site(cast: Cast) -> Site:
    return site_of(cast.guide)


def refusal_of(site: Site, token: str) -> str:
    with pytest.raises(PlatformError) as caught:
        host_tokens.verify(site.embed, token)
    assert SECRET not in caught.value.hint
    return caught.value.code


@pytest.mark.parametrize("algorithm", EmbedSigningKey.Algorithm.values)
def test_what_the_site_signs_is_believed(cast: Cast, algorithm: str) -> None:
    site = site_of(cast.guide, algorithm=algorithm)
    traits = {"plan": "gold", "seats": 3, "is_new": True, "score": 0.5}
    claims = host_tokens.verify(site.embed, site.sign("ada", name="Ada", email="ada@shop.example", traits=traits))
    assert (claims.sub, claims.name, claims.email, claims.traits) == ("ada", "Ada", "ada@shop.example", traits)


def encoded(part: Any) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unsigned(site: Site, **header: Any) -> str:
    return f"{encoded({'alg': 'none', 'kid': 'first', **header})}.{encoded(site.claims())}."


def signed_with_the_public_key(site: Site) -> str:
    """The classic: what verifies RS256 is taken for the secret of HS256."""
    head = f"{encoded({'alg': 'HS256', 'kid': 'rsa'})}.{encoded(site.claims())}"
    public = EmbedSigningKey.objects.for_tenant(site.embed.tenant_id).get(key_id="rsa").public_key
    return f"{head}.{encoded(hmac.digest(public.encode(), head.encode(), hashlib.sha256))}"


FORGERIES: dict[str, Callable[[Site], str]] = {
    "no algorithm": unsigned,
    "no algorithm, in capitals": lambda site: unsigned(site, alg="None"),
    "an array of algorithms": lambda site: unsigned(site, alg=["HS256"]),
    "a key id that is an array": lambda site: unsigned(site, kid=["first"]),
    "no key id": lambda site: unsigned(site, kid=""),
    "an unknown key id": lambda site: site.sign_as_it_is(site.claims(), kid="other"),
    "a public key as a secret": signed_with_the_public_key,
    "another secret": lambda site: Site(site.embed, site.key, "x" * 40).sign(),
    "a signature that is cut off": lambda site: site.sign()[:-2],
    "another payload": lambda site: ".".join(
        [site.sign().split(".")[0], encoded(site.claims("eve")), site.sign().split(".")[2]]
    ),
    "a critical header": lambda site: site.sign_as_it_is(site.claims(), crit=["x"], x=1),
    "nothing": lambda site: "",
    "no JWT": lambda site: "x.y",
    "bytes of all kinds": lambda site: "\x00é.\x00.\x00",
    "a deep header": lambda site: f"{encoded(b'[' * 5_000)}.e30.x",
    "a long token": lambda site: site.sign_as_it_is(site.claims(), x="x" * 9_000),
}


@pytest.mark.parametrize("how", FORGERIES)
def test_a_forgery_is_refused(site: Site, how: str) -> None:
    with_key(site.embed, algorithm="RS256", key_id="rsa")
    assert refusal_of(site, FORGERIES[how](site)) == "identity_invalid"


WRONG_CLAIMS: dict[str, Any] = {
    "sub": [None, "", ["ada"], 7, {"a": 1}, True, "x" * 256, "a\0b", "a\nb"],
    "aud": [None, "", ["{own}"], "emb_00000000000000000000000000000000", 1],
    "jti": [None, "", ["x"], 1, "x" * 129],
    "exp": [None, "soon", True, 1e300, "{now}", ["{now}"]],
    "iat": [None, "x", True],
    "nbf": [None, [1]],
    "name": [None, ["Ada"], 1, "x" * 121, "A\x1b[31m"],
    "email": [None, {"a": "b"}, "x" * 255],
    "traits": [
        None,
        [],
        "x",
        {"a": None},
        {"a": []},
        {"a": {}},
        {"": 1},
        {"x" * 41: 1},
        {"a": "x" * 201},
        {"a": 10**400},
    ],
}


@pytest.mark.parametrize("claim", WRONG_CLAIMS)
def test_claims_of_the_wrong_kind_are_refused(site: Site, claim: str) -> None:
    for value in WRONG_CLAIMS[claim]:
        claims = {**site.claims(), claim: [site.id] if value == ["{own}"] else value}
        assert refusal_of(site, site.sign_as_it_is(claims)) == "identity_invalid", value
    too_many = {str(number): 1 for number in range(21)}
    assert refusal_of(site, site.sign_as_it_is({**site.claims(), "traits": too_many})) == "identity_invalid"


@pytest.mark.parametrize(
    "payload", [b"", b"null", b"[]", b"[" * 4_000, b'{"exp": NaN}', b'{"sub": "\\ud800"}', b"\xff"]
)
def test_a_payload_that_is_no_object_is_refused(site: Site, payload: bytes) -> None:
    assert refusal_of(site, site.sign_as_it_is(payload)) == "identity_invalid"


@pytest.mark.parametrize("claim", ["sub", "aud", "jti", "exp"])
def test_a_claim_that_is_missing_is_refused(site: Site, claim: str) -> None:
    claims = {name: value for name, value in site.claims().items() if name != claim}
    assert refusal_of(site, site.sign_as_it_is(claims)) == "identity_invalid"


def test_it_lasts_five_minutes_at_most(site: Site) -> None:
    now = int(time.time())
    assert refusal_of(site, site.sign(exp=now - 20)) == "identity_expired"
    assert refusal_of(site, site.sign(exp=now + 330)) == "identity_invalid"
    assert refusal_of(site, site.sign(iat=now + 60)) == "identity_invalid"
    assert refusal_of(site, site.sign(nbf=now + 60)) == "identity_invalid"
    assert host_tokens.verify(site.embed, site.sign(exp=now + 300, iat=now, nbf=now)).sub == "ada"


def test_it_is_for_one_embed(cast: Cast, site: Site) -> None:
    """Also where another one has a key of the same name with the same secret, in this tenant or another."""
    for other in (site_of(cast.second), site_of(cast.ledger)):
        assert refusal_of(other, site.sign()) == "identity_invalid"


def test_it_is_taken_once(site: Site) -> None:
    claims = host_tokens.verify(site.embed, site.sign(jti="one"))
    host_tokens.spend(site.embed, claims)
    with pytest.raises(PlatformError, match="identity_replayed"):
        host_tokens.spend(site.embed, claims)
    host_tokens.spend(site.embed, host_tokens.verify(site.embed, site.sign(jti="two")))


def test_what_was_spent_is_forgotten_when_it_has_ended(site: Site) -> None:
    host_tokens.spend(site.embed, host_tokens.verify(site.embed, site.sign()))
    spent = SpentIdentity.objects.for_tenant(site.embed.tenant_id)
    call_command("cleanup_sessions")
    assert spent.count() == 1
    spent.update(expires_at=timezone.now() - timedelta(seconds=1))
    call_command("cleanup_sessions")
    assert spent.count() == 0


def test_keys_are_changed_without_a_gap(site: Site) -> None:
    new = with_key(site.embed, key_id="second", secret="another-secret-that-is-long-enough-too")
    site.key.retires_at = timezone.now() + timedelta(minutes=5)
    site.key.save()
    assert (site.key.state, new.key.state) == ("retiring", "active")
    assert host_tokens.verify(site.embed, site.sign()).sub == host_tokens.verify(site.embed, new.sign()).sub
    site.key.retires_at = timezone.now()
    site.key.save()
    assert refusal_of(site, site.sign()) == "identity_invalid"


def test_a_secret_is_not_readable_in_the_database(site: Site) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT k::text FROM tenants_embedsigningkey k")
        assert SECRET not in str(cursor.fetchall())
    DataKey.objects.for_tenant(site.embed.tenant_id).delete()
    assert refusal_of(site, site.sign()) == "identity_invalid"


@pytest.mark.parametrize(
    "origin",
    ["*", "https://*.shop.example", "shop.example", "https://shop.example/", "https://Shop.example", "https://a b",
     "https://shop.example:443", "http://shop.example:80", "https://shop.example;script-src", "null", "https://a:99999",
     "javascript://x", "https://user@shop.example", "https://shop.example?x"],
)  # fmt: skip
def test_what_no_browser_sends_is_no_origin(cast: Cast, origin: str) -> None:
    with pytest.raises(ValidationError):
        Embed(tenant=cast.acme, name="x", assistant=cast.guide, allowed_origins=[origin]).clean_fields()


@pytest.mark.parametrize("origin", ["https://shop.example", "http://localhost:3000", "https://[::1]:8443"])
def test_what_browsers_send_is_an_origin(cast: Cast, origin: str) -> None:
    Embed(tenant=cast.acme, name="x", assistant=cast.guide, allowed_origins=[origin]).clean_fields()


@pytest.mark.parametrize(
    ("algorithm", "public_key"),
    [("ES256", "x"), ("ES256", ""), ("ES256", "RS256"), ("RS256", "ES256"), ("HS256", "ES256")],
)
def test_a_key_of_another_kind_is_refused(site: Site, algorithm: str, public_key: str) -> None:
    pem = key_pair(public_key)[1] if public_key in ("ES256", "RS256") else public_key
    key = EmbedSigningKey(tenant=site.embed.tenant, embed=site.embed, algorithm=algorithm, public_key=pem)
    with pytest.raises(ValidationError):
        key.clean()


def test_a_short_secret_is_refused(site: Site) -> None:
    with pytest.raises(ValidationError):
        site.key.set_secret("x" * 31)


def test_strangers_do_not_fill_the_audit_trail_with_bad_tokens(site: Site) -> None:
    events = AuditEvent.objects.for_tenant(site.embed.tenant_id).filter(action="embedsigningkey.decrypt")

    def noted() -> list[str]:
        return list(events.order_by("id").values_list("reason", flat=True))

    def forge() -> None:
        forged = Site(site.embed, site.key, "x" * 40).sign()
        with pytest.raises(PlatformError, match="identity_invalid"):
            embed_visitors.end_user_in(site.embed, identity=forged, client=Client(""))

    expired = site.sign(exp=int(time.time()) - 20)
    for _try in range(3):
        forge()
        assert refusal_of(site, expired) == "identity_expired"
    assert noted() == [REFUSED]
    assert not EndUser.objects.for_tenant(site.embed.tenant_id).exists()
    embed_visitors.end_user_in(site.embed, identity=site.sign(), client=Client(""))
    forge()
    forge()
    assert noted() == [REFUSED, f"an identity at {site.id}", REFUSED]


def test_a_forgery_is_noted_again_in_another_hour(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenants.models.embed.REFUSED_EVERY", timedelta(0))
    for _try in range(2):
        assert refusal_of(site, Site(site.embed, site.key, "x" * 40).sign()) == "identity_invalid"
    assert AuditEvent.objects.for_tenant(site.embed.tenant_id).filter(reason=REFUSED).count() == 2


def test_a_public_key_has_no_secret_to_open(cast: Cast) -> None:
    site = site_of(cast.guide, algorithm="ES256")
    other, _public = key_pair("ES256")
    assert refusal_of(site, Site(site.embed, site.key, other).sign()) == "identity_invalid"
    host_tokens.verify(site.embed, site.sign())
    assert not AuditEvent.objects.for_tenant(site.embed.tenant_id).filter(action="embedsigningkey.decrypt").exists()
