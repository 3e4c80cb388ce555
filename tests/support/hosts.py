"""A tenant's own website: its pages with the chat in them, and what its server signs about its visitors."""

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
from tests.support.loopback import Handler, LoopbackServer

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


class Website(LoopbackServer):
    """The site's server.  Every address is the page with the script in it, but ``/token``, which signs who is signed in there."""

    def __init__(self) -> None:
        self.site: Site | None = None
        self.script = ""
        #: Attributes of the script's tag, and what else is on the page.
        self.attributes = ""
        self.html = ""
        #: Who is signed in at the site.
        self.who = ""
        self.listen(_Page)

    @property
    def origin(self) -> str:
        """Another site than 127.0.0.1, on which the platform is."""
        return f"http://localhost:{self.port}"

    def page(self, path: str) -> tuple[str, bytes]:
        if path == "/favicon.ico":
            return "text/plain", b"-"
        if path == "/token":
            return "text/plain", self.site.sign(
                self.who, name=self.who.title()
            ).encode() if self.site and self.who else b""
        queue = "window.chatplatform ||= function () { (chatplatform.q ||= []).push(arguments) }"
        parts = [
            '<!doctype html><html lang="en"><title>Boots of the shop</title><meta name="viewport" content="width=device-width">',
            f"<main><h1>Boots</h1></main><script>{queue}</script>{self.html}",
            f'<script async src="{self.script}" data-embed="{self.site.id if self.site else ""}" {self.attributes}></script>',
        ]
        return "text/html", "".join(parts).encode()


class _Page(Handler):
    owner: Website

    def do_GET(self) -> None:
        kind, body = self.owner.page(self.path)
        self.answer(200 if body else 404, body, f"{kind}; charset=utf-8")
