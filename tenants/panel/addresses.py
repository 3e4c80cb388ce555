"""Where a tenant's people are sent: `address_of()`."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from tenants import domains, hosts
from tenants.models import Tenant


def address_of(request: HttpRequest, tenant: Tenant) -> str:
    """Scheme and host of the tenant's pages: its primary host, or the one that the panel is on.  One query."""
    host = domains.primary_host(tenant.pk)
    return origin_of(request, host) if host else f"{request.scheme}://{request.get_host()}"


def origin_of(request: HttpRequest, host: str) -> str:
    """Scheme, name and port of another host of this server: behind the port of the panel, which in development is no usual one."""
    here = request.get_host()
    return f"{request.scheme}://{host}{here.removeprefix(hosts.name_of(here))}"


def chat_of(request: HttpRequest, tenant: Tenant) -> str:
    """The address of the tenant's chat page.  One query."""
    address = address_of(request, tenant)
    is_own = hosts.tenant_slug_of_host(address.partition("://")[2]) == tenant.slug
    return f"{address}{reverse('home') if is_own else reverse('chat', args=[tenant.slug])}"
