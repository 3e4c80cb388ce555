"""Embed and EmbedSigningKey: an assistant on a website of the tenant's, and who that site says is speaking."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import ClassVar, Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.utils import timezone

from chatplatform.lib.ids import new_id
from tenants import crypto
from tenants.constraints import TenantForeignKey, tenant_key
from tenants.managers import TenantManager
from tenants.models.assistant import Assistant
from tenants.models.audit_event import AuditEvent
from tenants.models.data_key import DataKey
from tenants.models.tenant import Tenant

MOST_ORIGINS = 20
MOST_KEYS = 10
_ORIGIN = re.compile(r"\A(https?)://(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:.]+\])(?::([1-9][0-9]{0,4}))?\Z")
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_COLOR = RegexValidator(r"\A#[0-9a-fA-F]{6}\Z", "Use a colour as #1f6f5c.")
_KEY_ID = RegexValidator(r"\A[A-Za-z0-9._-]{1,40}\Z", "Use letters, digits, '.', '_' and '-', at most 40 characters.")
#: Bytes of an HMAC secret, and bits of an RSA key: fewer can be guessed.
SHORTEST_SECRET = 32
SHORTEST_RSA = 2048
#: What the audit trail says of tokens that a key did not sign, and how often.
REFUSED = "a token that was refused"
REFUSED_EVERY = timedelta(hours=1)


def check_origin(value: str) -> None:
    """An origin exactly as browsers send it: it is compared as a whole, and stands in a Content-Security-Policy."""
    match = _ORIGIN.fullmatch(value)
    if match is None or int(match[2] or 1) > 65535:
        raise ValidationError("Use https://www.example.com in small letters, without a path.")
    if match[2] == _DEFAULT_PORTS[match[1]]:
        raise ValidationError(f"Leave out :{match[2]}: browsers do not send it.")


def new_embed_id() -> str:
    return new_id("embed")


class Embed(models.Model):
    """One place on the tenant's sites where an assistant may be opened, and what it looks like there."""

    class Identity(models.TextChoices):
        NONE = "none", "Nobody is identified"
        OPTIONAL = "optional", "Visitors, and people whom the site identifies"
        REQUIRED = "required", "Only people whom the site identifies"

    class Position(models.TextChoices):
        RIGHT = "right", "Bottom right"
        LEFT = "left", "Bottom left"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, db_index=False, related_name="+")
    # Serves: the embed that a page of a stranger names.
    audited: ClassVar[frozenset[str]] = frozenset(
        {"name", "allowed_origins", "launcher_text", "accent", "on_accent", "greeting"}
    )
    public_id = models.CharField("id", max_length=70, unique=True, default=new_embed_id, editable=False)
    name = models.CharField(max_length=80, help_text="Shown to your team, and to readers of screen readers.")
    assistant = models.ForeignKey(Assistant, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    allowed_origins = ArrayField(
        models.CharField(max_length=300, validators=[check_origin]),
        size=MOST_ORIGINS,
        default=list,
        blank=True,
        help_text="The sites that may show it, as https://www.example.com.",
    )
    identity = models.CharField(
        max_length=8,
        choices=Identity,
        default=Identity.NONE,
        help_text="Who may chat, and whether your site says who it is.",
    )
    launcher_text = models.CharField(
        "words on the button", max_length=40, blank=True, help_text="Beside the symbol of the button."
    )
    position = models.CharField(max_length=5, choices=Position, default=Position.RIGHT)
    accent = models.CharField(
        "colour",
        max_length=7,
        blank=True,
        validators=[_COLOR],
        help_text="Colour of the button; empty: the assistant's own.",
    )
    on_accent = models.CharField(
        "colour of text",
        max_length=7,
        blank=True,
        validators=[_COLOR],
        help_text="Colour of what is on it; empty: black or white.",
    )
    greeting = models.CharField(max_length=200, blank=True, help_text="Shown beside the button before anybody asks.")
    greeting_seconds = models.PositiveSmallIntegerField(
        default=5, validators=[MaxValueValidator(600)], help_text="How long after the page was opened."
    )
    is_enabled = models.BooleanField("enabled", default=True, help_text="Off: it disappears and its chat sessions end.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            tenant_key("embed_tenant_key"),
            TenantForeignKey(field="assistant", to="tenants.Assistant", name="embed_assistant_of_tenant"),
            models.CheckConstraint(
                condition=models.Q(identity__in=["none", "optional", "required"]), name="embed_identity_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class EmbedSigningKey(models.Model):
    """A key with which the tenant's server signs who is speaking.  Tokens name it, and its algorithm is never theirs to choose.

    A secret is stored under the tenant's data key, and never shown again.
    """

    class Algorithm(models.TextChoices):
        HS256 = "HS256", "HS256: a secret that both sides know"
        ES256 = "ES256", "ES256: your public key, P-256"
        RS256 = "RS256", "RS256: your public key, RSA"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, db_index=False, related_name="+")
    embed = models.ForeignKey(Embed, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    audited: ClassVar[frozenset[str]] = frozenset({"key_id"})
    key_id = models.CharField(
        "id", max_length=40, validators=[_KEY_ID], help_text="The `kid` of the tokens that it signs."
    )
    algorithm = models.CharField(max_length=5, choices=Algorithm)
    secret = models.TextField(blank=True, editable=False, help_text="Encrypted under the tenant's data key.")
    public_key = models.TextField(blank=True, max_length=4_000, help_text="PEM, for ES256 and RS256.")
    retires_at = models.DateTimeField(
        "accepted until",
        null=True,
        blank=True,
        help_text="Until when its tokens are accepted; empty: as long as it is here.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            tenant_key("embedsigningkey_tenant_key"),
            TenantForeignKey(field="embed", to="tenants.Embed", name="embedsigningkey_embed_of_tenant"),
            # Serves: the key that a token names.
            models.UniqueConstraint(fields=["embed", "key_id"], name="embedsigningkey_id_unique"),
            models.CheckConstraint(
                condition=models.Q(algorithm="HS256", public_key="") & ~models.Q(secret="")
                | models.Q(algorithm__in=["ES256", "RS256"], secret="") & ~models.Q(public_key=""),
                name="embedsigningkey_has_its_key",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key_id} ({self.algorithm})"

    @property
    def state(self) -> str:
        """``active``, ``retiring`` (still accepted, until `retires_at`), or ``retired``."""
        if self.retires_at is None:
            return "active"
        return "retiring" if self.retires_at > timezone.now() else "retired"

    def set_secret(self, secret: str) -> None:
        """Encrypt and set it; `save()` stores it.

        Raises:
            ValidationError: it is too short.
        """
        if len(secret.encode()) < SHORTEST_SECRET:
            raise ValidationError(f"A secret has at least {SHORTEST_SECRET} bytes.")
        self.secret = crypto.seal(DataKey.of(self.tenant_id), secret)

    def clean(self) -> None:
        """Raises: ValidationError: the public key is none of this algorithm, or there is one where there must not be."""
        if self.algorithm == self.Algorithm.HS256:
            if self.public_key:
                raise ValidationError({"public_key": "HS256 has a secret and no public key."})
        elif not _fits(self.algorithm, self.public_key):
            kind = (
                "a P-256 key"
                if self.algorithm == self.Algorithm.ES256
                else f"an RSA key of at least {SHORTEST_RSA} bits"
            )
            raise ValidationError({"public_key": f"This is not the PEM of {kind}."})

    def key(self) -> str | None:
        """What verifies its signatures; None: it cannot be opened any more.  Each use goes to `note_use` or `note_refusal`."""
        if self.algorithm != self.Algorithm.HS256:
            return self.public_key
        try:
            return crypto.unseal(DataKey.opened(self.tenant_id), self.secret)
        except crypto.UnreadableSecretError:
            return None

    def note_use(self, reason: str) -> None:
        """Write into the audit trail that its secret was opened."""
        if self.algorithm == self.Algorithm.HS256:
            AuditEvent.record(self.tenant_id, "embedsigningkey.decrypt", self, reason=reason)

    def note_refusal(self) -> None:
        """The same for a token that was refused: such a token anybody can send, at any pace, and the trail forgets nothing.

        So it is one event an hour, and one after each use of the key.
        """
        events = AuditEvent.objects.for_tenant(self.tenant_id)
        last = events.filter(target_type=self._meta.model_name, target_id=str(self.pk)).order_by("-id").first()
        noted = last is not None and last.reason == REFUSED and last.created_at > timezone.now() - REFUSED_EVERY
        if not noted:
            self.note_use(REFUSED)


def _fits(algorithm: str, pem: str) -> bool:
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        return False
    if algorithm == EmbedSigningKey.Algorithm.ES256:
        return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    return isinstance(key, rsa.RSAPublicKey) and key.key_size >= SHORTEST_RSA
