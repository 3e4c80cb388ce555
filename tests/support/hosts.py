"""A tenant's own website, as far as it signs who its visitors are."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from chatplatform.lib.ids import new_id
from tenants.models import Assistant, Embed, EmbedSigningKey

SECRET = "a-secret-of-the-site-that-is-long-enough"


@dataclass
class Site:
    """One embed, and the key that the site's server holds."""

    embed: Embed
    key: EmbedSigningKey
    private: str = field(default=SECRET, repr=False)

    @property
    def id(self) -> str:
        return self.embed.public_id

    def claims(self, sub: str = "ada", **more: Any) -> dict[str, Any]:
        return {"sub": sub, "aud": self.id, "exp": int(time.time()) + 60, "jti": new_id("request"), **more}

    def sign(self, sub: str = "ada", **more: Any) -> str:
        """A good token."""
        return self.sign_as_it_is(self.claims(sub, **more))

    def sign_as_it_is(self, claims: Any, *, kid: str | None = None, **header: Any) -> str:
        headers = {"kid": kid or self.key.key_id, **header}
        return jwt.PyJWS().encode(_json(claims), self.private, algorithm=self.key.algorithm, headers=headers)


def site_of(assistant: Assistant, *, algorithm: str = "HS256", key_id: str = "first", **about: Any) -> Site:
    """An embed with a signing key."""
    values: dict[str, Any] = {
        "tenant": assistant.tenant,
        "assistant": assistant,
        "name": "Shop",
        "identity": Embed.Identity.OPTIONAL,
        "allowed_origins": ["https://shop.example"],
        **about,
    }
    embed = Embed.objects.create(**values)
    return with_key(embed, algorithm=algorithm, key_id=key_id)


def with_key(embed: Embed, *, algorithm: str = "HS256", key_id: str = "first", secret: str = SECRET) -> Site:
    """One more key of an embed, and the site that signs with it."""
    key = EmbedSigningKey(tenant_id=embed.tenant_id, embed=embed, key_id=key_id, algorithm=algorithm)
    private = secret
    if algorithm == "HS256":
        key.set_secret(secret)
    else:
        private, key.public_key = key_pair(algorithm)
    key.clean()
    key.save()
    return Site(embed, key, private)


def key_pair(algorithm: str) -> tuple[str, str]:
    """Private and public key, as PEM."""
    made: Any
    if algorithm == "ES256":
        made = ec.generate_private_key(ec.SECP256R1())
    else:
        made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = made.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def _json(claims: Any) -> bytes:
    return claims if isinstance(claims, bytes) else json.dumps(claims).encode()
