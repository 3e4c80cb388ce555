"""McpServer: a server of tools that a tenant's admin connects."""

from __future__ import annotations

from typing import ClassVar, Self

from django.core.validators import RegexValidator
from django.db import models

from tenants.constraints import tenant_key
from tenants.managers import TenantManager
from tenants.models.http_tool import SecretHeaders, check_address
from tenants.models.tenant import Tenant

# Without "_", which divides the parts of the name by which the model calls one of its tools.
_NAME = RegexValidator(r"\A[a-z][a-z0-9]{0,19}\Z", "Use a-z and 0-9, at most 20 characters.")


class McpServer(SecretHeaders):
    """An MCP server over HTTP; another kind cannot be stored.  Assistants name it in their tools as ``mcp:<name>``."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, db_index=False, related_name="+")
    audited: ClassVar[frozenset[str]] = frozenset({"name", "url", "allowed_tools"})
    name = models.CharField(max_length=20, validators=[_NAME])
    url = models.CharField("address", max_length=2_000, validators=[check_address])
    allowed_tools = models.JSONField(
        default=list, blank=True, help_text="Names of its tools that may be used; empty: all of them."
    )
    needs_approval = models.BooleanField(
        "asks first",
        default=True,
        help_text="Ask the user before each call, unless the tool is named above and says that it only reads.",
    )
    is_enabled = models.BooleanField("enabled", default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField("last change", auto_now=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        verbose_name = "MCP server"
        constraints = [
            tenant_key("mcpserver_tenant_key"),
            # Serves: the servers of an assistant, by their names.
            models.UniqueConstraint(fields=["tenant", "name"], name="mcpserver_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name
