"""Identities that a tenant's own site vouches for: a JWT, signed by its server for one embed and good for one use.

The key decides the algorithm, never the token.  Whatever else is wrong with one, it is refused before anybody exists for it.
"""

from __future__ import annotations

import hashlib
import time
from datetime import UTC, datetime
from typing import Annotated

import jwt
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from chatplatform.lib.db_pool import fetch
from chatplatform.lib.errors import PlatformError
from tenants.models import Embed, EmbedSigningKey

#: Seconds that a token may last, and by how much the clocks of its maker and ours may differ.
LONGEST = 300
LEEWAY = 10
MAX_TOKEN = 8_192


def _one_line(value: str) -> str:
    if not value.isprintable():
        raise ValueError("no control characters")
    return value


Line = Annotated[str, AfterValidator(_one_line)]
Name = Annotated[Line, StringConstraints(max_length=120)]
Trait = Annotated[Line, StringConstraints(max_length=200)] | bool | Annotated[int, Field(ge=-(2**53), le=2**53)] | float


class Claims(BaseModel):
    """What the site says.  A claim of another kind (null and arrays included) makes the token invalid; more claims are ignored."""

    model_config = ConfigDict(extra="ignore", strict=True, allow_inf_nan=False)

    aud: str
    sub: Annotated[Line, StringConstraints(min_length=1, max_length=255)]
    jti: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    exp: int
    iat: int = 0
    nbf: int = 0
    name: Name = ""
    email: Annotated[Line, StringConstraints(max_length=254)] = ""
    traits: Annotated[
        dict[Annotated[Line, StringConstraints(min_length=1, max_length=40)], Trait], Field(max_length=20)
    ] = Field(default_factory=dict)


def verify(embed: Embed, token: str) -> Claims:
    """The claims of a token that one of the embed's keys has signed; it is not spent yet.

    Raises:
        PlatformError: ``identity_invalid`` (the hint says what is wrong), ``identity_expired``.
    """
    key = _key_of(embed, token)
    secret = key.key()
    if secret is None:
        raise _invalid("The key cannot be opened any more: make a new one.")
    try:
        payload = jwt.PyJWS().decode(token, secret, algorithms=[key.algorithm])
    except jwt.PyJWTError:
        key.note_refusal()
        raise _invalid(f"The signature is not one of the key '{key.key_id}' by {key.algorithm}.") from None
    try:
        claims = _claims_of(embed, payload)
    except PlatformError:
        key.note_refusal()
        raise
    key.note_use(f"an identity at {embed.public_id}")
    return claims


def _claims_of(embed: Embed, payload: bytes) -> Claims:
    try:
        claims = Claims.model_validate_json(payload)
    except ValidationError as error:
        where = error.errors(include_url=False, include_input=False)[0]["loc"]
        known = str(where[0]) if where and where[0] in Claims.model_fields else "the payload"
        raise _invalid(f"Check the claim: {known}.") from None
    if claims.aud != embed.public_id:
        raise _invalid("The claim 'aud' must be the embed's id.")
    _check_times(claims)
    return claims


def spend(embed: Embed, claims: Claims) -> None:
    """Use the token up.  Call it in the transaction that acts on it.  One query.

    Raises:
        PlatformError: ``identity_replayed``, when it was used before.
    """
    spent = fetch(
        "INSERT INTO accounts_spentidentity (tenant_id, embed_id, jti_hash, expires_at) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (embed_id, jti_hash) DO NOTHING RETURNING id",
        (
            embed.tenant_id,
            embed.pk,
            hashlib.sha256(claims.jti.encode()).digest(),
            datetime.fromtimestamp(claims.exp + LEEWAY, UTC),
        ),
    )
    if not spent:
        raise PlatformError("identity_replayed")


def remove_ended(moment: datetime) -> int:
    """Forget the tokens that have ended by ``moment``: they are refused anyway."""
    gone = "DELETE FROM accounts_spentidentity WHERE expires_at < %s RETURNING id"
    return len(fetch(gone, (moment,), across="tokens of sites end in every tenant"))


def _key_of(embed: Embed, token: str) -> EmbedSigningKey:
    try:
        key_id = jwt.get_unverified_header(token).get("kid") if len(token) <= MAX_TOKEN else None
    except jwt.PyJWTError:
        raise _invalid("It is no JWT.") from None
    keys = EmbedSigningKey.objects.for_tenant(embed.tenant_id).filter(embed=embed)
    # Compared here, not in SQL: what the header holds is anybody's.
    found = next((key for key in keys if key.key_id == key_id and key.state != "retired"), None)
    if found is None:
        raise _invalid("The header 'kid' must name a key of the embed.")
    return found


def _check_times(claims: Claims) -> None:
    now = time.time()
    if claims.exp <= now - LEEWAY:
        raise PlatformError("identity_expired")
    if claims.exp > now + LONGEST + LEEWAY:
        raise _invalid(f"The claim 'exp' may be at most {LONGEST} seconds ahead.")
    if max(claims.iat, claims.nbf) > now + LEEWAY:
        raise _invalid("The token is from the future: check the clock of your server.")


def _invalid(hint: str) -> PlatformError:
    return PlatformError("identity_invalid", hint=hint)
