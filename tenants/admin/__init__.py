"""The admin pages of tenants: one model or concept in each file."""

from tenants.admin import domain, http_tool, membership, tenant

__all__ = ["domain", "http_tool", "membership", "tenant"]
