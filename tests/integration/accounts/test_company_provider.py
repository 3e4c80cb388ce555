"""A tenant's provider that lies, that is somebody else, or that leads to addresses inside, gets nobody in."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client

from tenants.models import AuditEvent, SignIn
from tests.support.cast import Cast
from tests.support.company import START, is_in, refusal, sign_in, way_back, way_there
from tests.support.identity_provider import CLIENT, SECRET, IdentityProvider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_passwords")]


@pytest.fixture
def cast(trusting: Cast) -> Cast:
    return trusting


def _by_hmac(claims: dict[str, Any], key: bytes, algorithm: str) -> str:
    """As a forger does it, past what a library refuses to sign."""
    parts = [json.dumps(one).encode() for one in ({"alg": algorithm, "kid": "first", "typ": "JWT"}, claims)]
    signed = b".".join(urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    return f"{signed.decode()}.{urlsafe_b64encode(hmac.digest(key, signed, 'sha256')).rstrip(b'=').decode()}"


def _another_key(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, ec.generate_private_key(ec.SECP256R1()), "ES256", {"kid": "first"})


LIES: dict[str, tuple[dict[str, Any], str]] = {
    "another issuer": ({"iss": "https://login.example"}, "sign_in_unproven"),
    "another audience": ({"aud": "another-client"}, "sign_in_unproven"),
    "several audiences": ({"aud": [CLIENT, "another-client"]}, "sign_in_unproven"),
    "another party": ({"azp": "another-client"}, "sign_in_unproven"),
    "another nonce": ({"nonce": "x" * 43}, "sign_in_unproven"),
    "no nonce": ({"nonce": None}, "sign_in_unproven"),
    "ended": ({"exp": 1_700_000_000}, "sign_in_unproven"),
    "no end": ({"exp": None}, "sign_in_unproven"),
    "from the future": ({"iat": 4_000_000_000, "exp": 4_000_000_060}, "sign_in_unproven"),
    "nobody": ({"sub": ""}, "sign_in_unproven"),
    "an unverified address": ({"email_verified": False}, "sign_in_unverified"),
    "an address said to be verified by a word": ({"email_verified": "true"}, "sign_in_unproven"),
    "no word about the address": ({"email_verified": None}, "sign_in_unverified"),
    "no address": ({"email": "bob"}, "sign_in_unverified"),
    "two addresses": ({"email": ["bob@acme.example"]}, "sign_in_unproven"),
}


def test_a_token_that_proves_nothing(cast: Cast, company: IdentityProvider) -> None:
    for name, (company.lies, code) in LIES.items():
        assert refusal(company)[0] == code, name


def test_a_token_of_another_signature(cast: Cast, company: IdentityProvider) -> None:
    public = json.dumps(company.public_key).encode()
    forgeries = {
        "none": lambda claims: _by_hmac(claims, b"", "none").rpartition(".")[0] + ".",
        "HS256 with the public key": lambda claims: _by_hmac(claims, public, "HS256"),
        "HS256 with the client's secret": lambda claims: _by_hmac(claims, SECRET.encode(), "HS256"),
        "HMAC under another name": lambda claims: _by_hmac(claims, public, "ES256"),
        "another key": _another_key,
        "a key that there is not": lambda claims: company.sign(claims, kid="second"),
        "no token": lambda claims: "a.b.c",
    }
    for name, forge in forgeries.items():
        company.forge = forge
        assert refusal(company)[0] == "sign_in_unproven", name
    company.forge = None
    assert is_in(sign_in(company)), "and the honest one comes in"


def test_what_the_provider_tells_elsewhere_is_about_the_same_person(cast: Cast, company: IdentityProvider) -> None:
    company.userinfo = {**company.who, "sub": "1"}
    company.who = {}
    assert is_in(sign_in(company))
    company.userinfo["sub"] = "2"
    assert refusal(company) == ("sign_in_unproven", "userinfo: about somebody else")


def test_an_address_inside_is_asked_nothing(cast: Cast) -> None:
    for issuer in ("https://127.0.0.1", "https://169.254.169.254", "https://[::1]", "https://localhost"):
        SignIn.objects.for_tenant(cast.acme).update(issuer=issuer)
        assert Client().post(START).status_code == 502, issuer
        event = AuditEvent.objects.for_tenant(cast.acme).latest("pk")
        assert event.after == {"code": "sign_in_unavailable", "why": "discovery: not public"}, issuer


METADATA: dict[str, dict[str, Any]] = {
    "somebody else": {"issuer": "https://login.example"},
    "tokens inside": {"token_endpoint": "https://169.254.169.254/token"},
    "keys inside": {"jwks_uri": "https://127.0.0.1/keys"},
    "userinfo without https": {"userinfo_endpoint": "http://login.example/userinfo"},
    "a script": {"authorization_endpoint": "javascript:alert(1)"},
    "nothing": {"token_endpoint": None},
}


def test_a_provider_that_leads_elsewhere(cast: Cast, company: IdentityProvider) -> None:
    for name, lie in METADATA.items():
        company.metadata, client = lie, Client()
        response = client.post(START)
        if response.status_code == 200:  # It leads there later.
            company.metadata = {}
            back = way_back(way_there(client), company)
            company.metadata = lie
            response = client.get(back)
        assert response.status_code == 502, name
        assert not is_in(client), name
