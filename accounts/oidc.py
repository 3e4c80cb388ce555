"""OpenID Connect as a client: the authorization code flow with PKCE, at the provider that a tenant names.

The provider is a stranger: every request to it goes through `chatplatform.lib.outbound`, every answer has a limit and a shape, and
an ID token counts when it was signed by a public key of this issuer, for this client, in answer to this very request.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import b64encode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import quote_plus, urlencode

import httpx2
import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.utils.crypto import constant_time_compare
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from chatplatform.lib import outbound
from tenants.models import SignIn

#: Signatures by public keys only: with a secret's, a public key could be passed off as the secret.
ALGORITHMS: Final = frozenset({"RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"})
#: Seconds by which the clocks of the provider and ours may differ.
LEEWAY: Final = 30
SHORTEST_RSA: Final = 2048
MOST_KEYS: Final = 50
_SECONDS, _MAX_BYTES, _MAX_TOKEN = 8.0, 200_000, 32_768


class OidcError(Exception):
    """``reason`` is for the tenant's audit trail, and holds nothing that the provider wrote."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class UnavailableError(OidcError):
    """The provider does not answer as it must."""


class UnprovenError(OidcError):
    """What it answered proves nothing."""


def _guarded(url: str) -> str:
    if not outbound.is_guarded(url):
        raise ValueError("not by https")
    return url


_Url = Annotated[str, Field(max_length=2_000), AfterValidator(_guarded)]


class Metadata(BaseModel):
    """What the provider says of itself."""

    model_config = ConfigDict(extra="ignore", strict=True)

    issuer: str
    authorization_endpoint: _Url
    token_endpoint: _Url
    jwks_uri: _Url
    userinfo_endpoint: _Url | None = None
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]


class Claims(BaseModel):
    """What it says of somebody.  Claims of another kind make the token invalid."""

    model_config = ConfigDict(extra="ignore", strict=True)

    sub: str = Field(min_length=1, max_length=255)
    email: str | None = Field(default=None, max_length=254)
    email_verified: bool = False
    name: str = ""


class _Token(Claims):
    nonce: str
    aud: str | list[str]
    azp: str | None = None


class _Tokens(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    id_token: str = Field(max_length=_MAX_TOKEN)
    access_token: str = Field(default="", max_length=_MAX_TOKEN)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way to the provider and back: kept in the session of the browser, and used once."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str

    @classmethod
    def begin(cls, redirect_uri: str) -> Attempt:
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(state, nonce, verifier, redirect_uri)


Kind = TypeVar("Kind", bound=BaseModel)


async def discover(issuer: str) -> Metadata:
    """What the provider says of itself, at the address that its issuer gives it.

    Raises:
        UnavailableError: it does not answer, says nothing of use, or that it is somebody else.
    """
    async with _client() as client:
        return await _discover(client, issuer)


def authorization_url(metadata: Metadata, client_id: str, attempt: Attempt) -> str:
    """Where the browser goes."""
    digest = hashlib.sha256(attempt.verifier.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": attempt.redirect_uri,
        "scope": "openid email profile",
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    address = metadata.authorization_endpoint
    return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"


async def redeem(sign_in: SignIn, secret: str, attempt: Attempt, code: str) -> Claims:
    """Who came back with this code.

    Raises:
        UnavailableError, UnprovenError
    """
    async with _client() as client:
        metadata = await _discover(client, sign_in.issuer)
        answer = await _ask_for_tokens(client, metadata, sign_in.client_id, secret, attempt=attempt, code=code)
        if answer.status != 200:
            raise UnavailableError(f"the provider refused the code: {answer.status}")
        tokens = _read(answer, _Tokens, "tokens")
        keys = await _keys(client, metadata)
        claims = _verified(keys, metadata.issuer, sign_in.client_id, tokens.id_token, attempt.nonce)
        if claims.email is not None or metadata.userinfo_endpoint is None or not tokens.access_token:
            return claims
        bearer = {"authorization": f"Bearer {tokens.access_token}"}
        said = _read(await _get(client, metadata.userinfo_endpoint, "userinfo", bearer), Claims, "userinfo")
    if said.sub != claims.sub:
        raise UnprovenError("userinfo: about somebody else")
    return said


async def examine(issuer: str, client_id: str, secret: str, redirect_uri: str) -> None:
    """Whether a provider can be used as it was typed in: whether it answers, has keys, and knows the client.

    Raises:
        OidcError: what is wrong, for whoever typed it in.
    """
    async with _client() as client:
        metadata = await _discover(client, issuer)
        await _keys(client, metadata)
        attempt = Attempt.begin(redirect_uri)
        answer = await _ask_for_tokens(client, metadata, client_id, secret, attempt=attempt, code="a-test")
    # A code that nobody gave out is refused as such by who knows the client.
    if answer.status == 401 or b'"invalid_client"' in answer.body:
        raise UnavailableError("the provider does not know this client ID with this secret")


def _client() -> httpx2.AsyncClient:
    """For all requests of one step of the way: most go to one host, over a connection that stays."""
    return outbound.guarded_client(max_bytes=_MAX_BYTES)


async def _discover(client: httpx2.AsyncClient, issuer: str) -> Metadata:
    url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    metadata = _read(await _get(client, url, "discovery"), Metadata, "discovery")
    if metadata.issuer != issuer:
        raise UnavailableError("discovery: another issuer")
    return metadata


async def _ask_for_tokens(
    client: httpx2.AsyncClient, metadata: Metadata, client_id: str, secret: str, *, attempt: Attempt, code: str
) -> outbound.Response:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": attempt.redirect_uri,
        "code_verifier": attempt.verifier,
    }
    headers = {"accept": "application/json", "content-type": "application/x-www-form-urlencoded"}
    methods = metadata.token_endpoint_auth_methods_supported
    if "client_secret_basic" in methods or "client_secret_post" not in methods:
        pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
        headers["authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    else:
        form |= {"client_id": client_id, "client_secret": secret}
    content = urlencode(form).encode()
    return await _request(client, "POST", metadata.token_endpoint, "tokens", headers=headers, content=content)


async def _keys(client: httpx2.AsyncClient, metadata: Metadata) -> list[jwt.PyJWK]:
    """The keys with which it may have signed: public ones, long enough, of an algorithm that we take."""
    answer = await _get(client, metadata.jwks_uri, "keys")
    try:
        keys = jwt.PyJWKSet.from_json(answer.text).keys[:MOST_KEYS]
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
        raise UnavailableError("keys: none of use") from None
    return [one for one in keys if one.algorithm_name in ALGORITHMS and _is_long_enough(one.key)]


def _is_long_enough(key: Any) -> bool:
    return not isinstance(key, RSAPublicKey) or key.key_size >= SHORTEST_RSA


def _verified(keys: list[jwt.PyJWK], issuer: str, client_id: str, token: str, nonce: str) -> Claims:
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise UnprovenError("the ID token is no JWT") from None
    algorithm, key_id = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS:
        raise UnprovenError("the ID token is signed by an algorithm that is not taken")
    fitting = [one for one in keys if one.algorithm_name == algorithm and key_id in (None, one.key_id)]
    if len(fitting) != 1:
        raise UnprovenError("the ID token names no key of the provider")
    try:
        given = jwt.decode(
            token,
            fitting[0],
            algorithms=[algorithm],
            audience=client_id,
            issuer=issuer,
            leeway=LEEWAY,
            options={"require": ["iss", "sub", "aud", "exp", "iat"]},
        )
        claims = _Token.model_validate(given)
    except ValidationError:
        raise UnprovenError("the ID token has a claim of another kind, or lacks one") from None
    except jwt.PyJWTError as error:
        raise UnprovenError(f"the ID token is not valid: {type(error).__name__}") from None
    if not constant_time_compare(claims.nonce, nonce):
        raise UnprovenError("the ID token answers another request")
    is_for_many = not isinstance(claims.aud, str) and len(claims.aud) > 1
    if claims.azp != client_id and (is_for_many or claims.azp is not None):
        raise UnprovenError("the ID token was made for another client")
    return claims


async def _get(
    client: httpx2.AsyncClient, url: str, what: str, headers: dict[str, str] | None = None
) -> outbound.Response:
    answer = await _request(client, "GET", url, what, headers={"accept": "application/json", **(headers or {})})
    if answer.status != 200:
        raise UnavailableError(f"{what}: status {answer.status}")
    return answer


async def _request(client: httpx2.AsyncClient, method: str, url: str, what: str, **given: Any) -> outbound.Response:
    try:
        # Without redirects: one could lead past https.
        return await outbound.ask(client, method, url, seconds=_SECONDS, redirects=0, **given)
    except outbound.OutboundError as error:
        raise UnavailableError(f"{what}: {error.reason}") from None


def _read(answer: outbound.Response, kind: type[Kind], what: str) -> Kind:
    try:
        return kind.model_validate_json(answer.body)
    except ValidationError:
        raise UnavailableError(f"{what}: not what was asked for") from None
