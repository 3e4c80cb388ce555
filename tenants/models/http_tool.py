"""HttpTool: a tool that a tenant's admin defines, as a request to a server of theirs."""

from __future__ import annotations

import json
import re
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models

from chatplatform.lib.json_schema import check_schema
from tenants import crypto
from tenants.constraints import tenant_key
from tenants.managers import TenantManager
from tenants.models.audit_event import AuditEvent
from tenants.models.data_key import DataKey
from tenants.models.tenant import Tenant

_NAME = RegexValidator(r"\A[a-z][a-z0-9_]{0,39}\Z", "Use a-z, 0-9 and '_', at most 40 characters.")
PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


def check_address(value: str) -> None:
    """An address whose host is written out: what a model writes must not choose who is asked."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or "{" in parts.netloc or "@" in parts.netloc:
        raise ValidationError("Use http(s)://host/path, with placeholders behind the host only.")


def check_headers(headers: dict[str, str]) -> None:
    """Headers that go over the wire as they are written."""
    for name, value in headers.items():
        if not re.fullmatch(r"[A-Za-z0-9-]{1,60}", name) or not value.isprintable() or not value.isascii():
            raise ValidationError("A header has a name of letters and '-', and one line of ASCII.")


class UnreadableHeadersError(Exception):
    """The headers were encrypted with a key that is gone."""


class SecretHeaders(models.Model):
    """Headers that may hold a key: encrypted under the tenant's data key, and never shown again."""

    headers = models.TextField(blank=True, editable=False, help_text="Encrypted JSON: name to value.")

    class Meta:
        abstract = True

    tenant_id: int

    def set_headers(self, headers: dict[str, str]) -> None:
        """Encrypt and set them; `save()` stores them.

        Raises:
            ValidationError: a header could not be sent.
        """
        check_headers(headers)
        self.headers = crypto.seal(DataKey.of(self.tenant_id), json.dumps(headers)) if headers else ""

    def open_headers(self) -> dict[str, str]:
        """Decrypt them, which the audit trail notes.  Two queries.

        Raises:
            UnreadableHeadersError: the tenant's data key is gone.
        """
        if not self.headers:
            return {}
        try:
            opened: dict[str, str] = json.loads(crypto.unseal(DataKey.opened(self.tenant_id), self.headers))
        except crypto.UnreadableSecretError:
            raise UnreadableHeadersError from None
        AuditEvent.record(self.tenant_id, f"{self._meta.model_name}.decrypt", self)
        return opened


class HttpTool(SecretHeaders):
    """A request that the model may have made.  Assistants name it in their tools as ``http:<name>``."""

    class Method(models.TextChoices):
        GET = "GET", "GET"
        POST = "POST", "POST"
        PUT = "PUT", "PUT"
        PATCH = "PATCH", "PATCH"
        DELETE = "DELETE", "DELETE"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, db_index=False, related_name="+")
    audited: ClassVar[frozenset[str]] = frozenset({"name", "description", "url_template", "parameters"})
    name = models.CharField(max_length=40, validators=[_NAME])
    description = models.TextField(help_text="What the model is told about it.")
    method = models.CharField(max_length=6, choices=Method, default=Method.GET)
    url_template = models.CharField(
        "address", max_length=2_000, validators=[check_address], help_text="As https://host/orders/{number}."
    )
    parameters = models.JSONField(default=dict, blank=True, help_text="JSON schema of the arguments: an object.")
    needs_approval = models.BooleanField("asks first", default=True, help_text="Ask the user before each request.")
    is_enabled = models.BooleanField("enabled", default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        verbose_name = "HTTP tool"
        constraints = [
            tenant_key("httptool_tenant_key"),
            # Serves: the tools of an assistant, by their names.
            models.UniqueConstraint(fields=["tenant", "name"], name="httptool_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Raises: ValidationError: the schema describes no object, or lacks a placeholder."""
        schema: Any = self.parameters or {}
        if not isinstance(schema, dict) or schema.get("type", "object") != "object":
            raise ValidationError({"parameters": "Describe an object."})
        try:
            check_schema(schema)
        except ValueError as error:
            raise ValidationError({"parameters": str(error)}) from error
        missing = set(PLACEHOLDER.findall(self.url_template)) - set(schema.get("properties", {}))
        if missing:
            raise ValidationError({"parameters": f"Describe {', '.join(sorted(missing))} too."})
