"""Who is speaking: User (a Django login), EndUser (who chats in a tenant), ChatSession (the credential of a chat).

Beside them SpentIdentity: what a tenant's site said about somebody is taken once.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from tenants.constraints import TenantForeignKey, tenant_key
from tenants.managers import TenantManager
from tenants.models import Assistant, AssistantVersion, Embed, Impersonation, Membership, SignIn, Tenant


class UserManager(BaseUserManager["User"]):
    """Creates users by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Insert a user.  ``email`` is stored in lower case; without a password the account cannot sign in with one.

        Raises:
            ValueError: without an address.
        """
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, **{**fields, "is_staff": True, "is_superuser": True})

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person who can sign in: platform staff, or a member of tenants (`tenants.Membership`).  Belongs to no tenant itself."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField("may sign in", default=True)
    is_staff = models.BooleanField(
        "platform staff", default=False, help_text="Platform staff: may open the admin panel for all tenants."
    )
    is_demo = models.BooleanField(
        default=False, help_text="Made by seed_demo.  A deployment check refuses such accounts."
    )
    created_at = models.DateTimeField("created", auto_now_add=True)

    #: Whether a tenant's own provider vouched for the login of this request (`accounts.middleware`).
    is_confined = False

    objects = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_lower")]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def may_open_admin(self) -> bool:
        """Whether the admin panel has something for them.  One query, for staff none."""
        return self.is_staff or bool(Membership.of_login(self.pk))


class EndUser(models.Model):
    """Who chats in a tenant: a member, somebody the tenant's site identified, or an anonymous visitor.

    Threads belong to an end user, never to a `User`: the same person in two tenants is two end users.
    """

    class Kind(models.TextChoices):
        MEMBER = "member", "Member"
        EXTERNAL = "external", "Identified by the tenant's site"
        ANONYMOUS = "anonymous", "Anonymous visitor"
        PREVIEW = "preview", "Somebody who tries a draft"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, db_index=False, related_name="+")
    public_id = models.CharField("id", max_length=70, unique=True)
    kind = models.CharField(max_length=12, choices=Kind)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    external_id = models.CharField("id at the site", max_length=255, null=True, blank=True)
    display_name = models.CharField("name", max_length=120, blank=True)
    email = models.CharField(max_length=254, blank=True, help_text="As the tenant's site says; nobody has verified it.")
    traits = models.JSONField(default=dict, blank=True, help_text="What else it says: name to text, number or flag.")
    suspended_at = models.DateTimeField("suspended since", null=True, blank=True)
    created_at = models.DateTimeField("first seen", auto_now_add=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            tenant_key("enduser_tenant_key"),
            # Serves: the end user of a Django login at mint.
            models.UniqueConstraint(fields=["tenant", "user", "kind"], name="enduser_member_once"),
            # Serves: the end user of a host-signed identity at mint.
            models.UniqueConstraint(fields=["tenant", "external_id"], name="enduser_external_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["member", "preview"], user__isnull=False, external_id__isnull=True)
                | models.Q(kind="external", user__isnull=True, external_id__isnull=False)
                | models.Q(kind="anonymous", user__isnull=True, external_id__isnull=True),
                name="enduser_kind_matches_identity",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or self.public_id


class ChatSession(models.Model):
    """The httpOnly credential of a chat.  Only the SHA-256 of its token is stored.

    A rotation inserts a successor in the same ``chain`` and dates ``rotated_at`` here.  ``absolute_expires_at`` is that of the
    first session in the chain: activity and rotation never extend it.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    end_user = models.ForeignKey(EndUser, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    assistant = models.ForeignKey(Assistant, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    embed = models.ForeignKey(
        Embed, on_delete=models.DO_NOTHING, db_constraint=False, null=True, blank=True, related_name="+"
    )
    version = models.ForeignKey(
        AssistantVersion,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="+",
        help_text="The draft that is tried out; empty for everybody else, to whom the published version answers.",
    )
    impersonation = models.ForeignKey(
        Impersonation,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="+",
        help_text="With which somebody of the platform opened it; it ends with that.",
    )
    sign_in = models.ForeignKey(
        SignIn,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="+",
        help_text="The tenant's own provider that vouched for the login; it ends with that.",
    )
    network_hash = models.BinaryField(
        max_length=32,
        null=True,
        blank=True,
        help_text="Keyed hash of the client's address, for blocks (accounts.blocks).",
    )
    device_hash = models.BinaryField(
        max_length=32, null=True, blank=True, help_text="Keyed hash of the id in the device cookie, for blocks."
    )
    public_id = models.CharField(max_length=70, unique=True)
    chain = models.UUIDField()
    # Serves: the session of a token, on every request (accounts.sessions.verify).
    token_hash = models.BinaryField(max_length=32, unique=True)
    origin = models.CharField(
        max_length=300, blank=True, help_text="Origin of the page that opened the session; empty for a bearer."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField()
    expires_at = models.DateTimeField(help_text="The token's own end: after it, a refresh is due.")
    absolute_expires_at = models.DateTimeField()
    rotated_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            TenantForeignKey(field="end_user", to="accounts.EndUser", name="chatsession_end_user_of_tenant"),
            TenantForeignKey(field="assistant", to="tenants.Assistant", name="chatsession_assistant_of_tenant"),
            TenantForeignKey(field="version", to="tenants.AssistantVersion", name="chatsession_version_of_tenant"),
            TenantForeignKey(field="embed", to="tenants.Embed", name="chatsession_embed_of_tenant"),
            TenantForeignKey(
                field="impersonation", to="tenants.Impersonation", name="chatsession_impersonation_of_tenant"
            ),
            TenantForeignKey(field="sign_in", to="tenants.SignIn", name="chatsession_sign_in_of_tenant"),
        ]
        indexes = [
            # Serves: revoking the whole chain when a rotated token comes back.
            models.Index(fields=["chain"], name="chatsession_chain"),
            # Serves: ending every session of an end user (suspension, logout everywhere).
            models.Index(fields=["end_user"], name="chatsession_end_user"),
            # Serves: cleanup_sessions, which walks sessions by their end.
            models.Index(fields=["absolute_expires_at"], name="chatsession_absolute_end"),
            models.Index(fields=["last_used_at"], name="chatsession_last_used"),
        ]

    def __str__(self) -> str:
        return self.public_id


class Block(models.Model):
    """Keeps visitors with a cookie, a device or an address out of a tenant until `expires_at` (`accounts.blocks`)."""

    class Kind(models.TextChoices):
        COOKIE = "cookie", "Chat cookie"
        DEVICE = "device", "Device"
        ADDRESS = "address", "Client address"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, db_index=False, related_name="+")
    kind = models.CharField("recognised by", max_length=8, choices=Kind)
    key_hash = models.BinaryField(
        max_length=32,
        null=True,
        blank=True,
        help_text="Keyed hash of the device's id or of the address; empty for a cookie.",
    )
    end_user = models.ForeignKey(
        EndUser,
        verbose_name="visitor",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="+",
        help_text="Whose cookie, device or address it is.",
    )
    reason = models.CharField(max_length=300)
    created_at = models.DateTimeField("since", auto_now_add=True)
    expires_at = models.DateTimeField("until")

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            TenantForeignKey(
                field="end_user", to="accounts.EndUser", name="block_end_user_of_tenant", on_delete="SET NULL"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="cookie", key_hash=None) | models.Q(kind__in=["device", "address"]),
                name="block_key_matches_kind",
            ),
        ]
        indexes = [
            # Serves: whether a session may be opened or renewed (accounts.blocks.check), and the list of a tenant's blocks.
            models.Index(fields=["tenant", "expires_at"], name="block_of_tenant"),
            # Serves: cleanup_sessions.
            models.Index(fields=["expires_at"], name="block_end"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, until {self.expires_at:%d %b %Y, %H:%M}"


class SpentIdentity(models.Model):
    """A host-signed identity that was used, by the hash of its `jti`; kept until the token would not be taken anyway."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    embed = models.ForeignKey(Embed, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    jti_hash = models.BinaryField(max_length=32)
    expires_at = models.DateTimeField()

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            TenantForeignKey(field="embed", to="tenants.Embed", name="spentidentity_embed_of_tenant"),
            # Serves: whether a token was used before (accounts.host_tokens.spend).
            models.UniqueConstraint(fields=["embed", "jti_hash"], name="spentidentity_once"),
        ]
        indexes = [
            # Serves: cleanup_sessions.
            models.Index(fields=["expires_at"], name="spentidentity_end"),
        ]

    def __str__(self) -> str:
        return f"used at embed {self.embed_id}"
