"""An OpenID Connect provider on this machine: honest unless a test says how it lies."""

from __future__ import annotations

import hashlib
import json
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from chatplatform.lib.ids import new_id
from tenants.models import SignIn, Tenant
from tests.support.loopback import Handler, LoopbackServer

CLIENT, SECRET = "platform", "a-client-secret-0123456789"


class IdentityProvider(LoopbackServer):
    """The server.  ``/authorize`` lets ``who`` in at once; the flow is checked as the standards ask."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.reset()
        self.listen(_Handler)

    def reset(self) -> None:
        """Be honest again."""
        #: What it says of whoever signs in.
        self.who: dict[str, Any] = {}
        #: Claims of the ID token that replace true ones; None leaves one out.
        self.lies: dict[str, Any] = {}
        #: What it says of itself, other than the truth.
        self.metadata: dict[str, Any] = {}
        #: Makes the ID token of its claims, in the place of its key.
        self.forge: Callable[[dict[str, Any]], str] | None = None
        #: What it tells at /userinfo, and not in the ID token.
        self.userinfo: dict[str, Any] | None = None
        self.is_down = False
        self._codes: dict[str, dict[str, str]] = {}

    @property
    def issuer(self) -> str:
        return self.origin

    @property
    def public_key(self) -> dict[str, Any]:
        jwk: dict[str, Any] = ECAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return {**jwk, "kid": "first", "alg": "ES256", "use": "sig"}

    def sign(self, claims: dict[str, Any], **header: str) -> str:
        return jwt.encode(claims, self._key, algorithm="ES256", headers={"kid": "first", **header})

    def authorize(self, asked: dict[str, str]) -> str:
        """Where it sends the browser back to."""
        assert asked["code_challenge_method"] == "S256"
        assert len(asked["nonce"]) > 20
        code = new_id("request")
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"

    def redeem(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        if b64decode(authorization.removeprefix("Basic ")).decode() != f"{CLIENT}:{SECRET}":
            return 401, {"error": "invalid_client"}
        asked = self._codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or (challenge, form["redirect_uri"]) != (asked["code_challenge"], asked["redirect_uri"]):
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 60, "nonce": asked["nonce"]}
        claims = {name: value for name, value in {**claims, **self.who, **self.lies}.items() if value is not None}
        return 200, {"id_token": (self.forge or self.sign)(claims), "access_token": "at", "token_type": "Bearer"}

    def document(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            **self.metadata,
        }


class _Handler(Handler):
    owner: IdentityProvider

    def do_GET(self) -> None:
        parts, provider = urlsplit(self.path), self.owner
        if provider.is_down:
            self._answer(503, {})
        elif parts.path == "/.well-known/openid-configuration":
            self._answer(200, provider.document())
        elif parts.path == "/authorize":
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self._answer(302, {}, Location=provider.authorize(asked))
        elif parts.path == "/keys":
            self._answer(200, {"keys": [provider.public_key]})
        elif parts.path == "/userinfo" and self.headers["Authorization"] == "Bearer at":
            self._answer(200, provider.userinfo or {})
        else:
            self._answer(404, {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self._answer(*self.owner.redeem(form, self.headers["Authorization"]))

    def _answer(self, status: int, value: dict[str, Any], **headers: str) -> None:
        self.answer(status, json.dumps(value).encode(), "application/json", **headers)


def trusted_by(tenant: Tenant, provider: IdentityProvider, **about: Any) -> SignIn:
    """The tenant's sign-in by this provider, switched on."""
    values = {"name": "Company", "issuer": provider.issuer, "client_id": CLIENT, "is_enabled": True, **about}
    made = SignIn(tenant=tenant, **values)
    made.set_secret(SECRET)
    made.clean_fields()
    made.save()
    return made
