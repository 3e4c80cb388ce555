"""The admin pages of tenants: one model or concept in each file."""

from tenants.admin import audit_event, domain, embed, http_tool, mcp_server, platform_event, tenant, usage

__all__ = [
    "audit_event",
    "domain",
    "embed",
    "http_tool",
    "mcp_server",
    "platform_event",
    "tenant",
    "usage",
]
