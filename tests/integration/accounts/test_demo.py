"""The demo, which every `make run` looks after."""

import pytest

from accounts import demo
from tenants import versions
from tenants.models import Assistant, Embed, Tenant
from tenants.scope import tenant_scope


@pytest.mark.django_db
def test_what_people_made_of_it_outlives_the_next_start() -> None:
    demo.seed("8000")
    acme = Tenant.objects.get(slug="acme")
    with tenant_scope(acme):
        guide = Assistant.objects.for_tenant(acme).get()
        draft = versions.draft_of(guide)
        draft.instructions = "Speak of llamas."
        draft.save()
        versions.publish(guide)
        guide.is_default = False
        guide.save()
        Assistant.objects.create(tenant=acme, slug="other", name="Other", is_default=True)
        shop = Embed.objects.for_tenant(acme).get()
        shop.allowed_origins.append("https://shop.example")
        shop.save()
    demo.seed("8001")
    guide.refresh_from_db()
    assert guide.published_version is not None
    assert guide.published_version.instructions == "Speak of llamas."
    assert not guide.is_default
    shop.refresh_from_db()
    assert {"http://localhost:8001", "https://shop.example"} <= set(shop.allowed_origins)
