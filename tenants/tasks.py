"""Work on tenants in the background, done by ``manage.py db_worker``.  It gets keys, and finds everything by its tenant."""

from __future__ import annotations

from django_tasks import task

from tenants import domains
from tenants.models import Domain
from tenants.scope import tenant_scope


@task(priority=-10)
def look_at_domain(tenant_id: int, domain_id: int) -> None:
    """See whether a verified host still is its tenant's, and come back."""
    with tenant_scope(tenant_id):
        domain = Domain.objects.for_tenant(tenant_id).filter(pk=domain_id, verified_at__isnull=False).first()
        if domain is not None:
            domains.watch(domain)  # first, in case that this worker is killed
            domains.look_again(domain)
