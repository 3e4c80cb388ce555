"""The app ``tenants``: who pays and what they may do."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class TenantsConfig(AppConfig):
    name = "tenants"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from tenants import checks  # noqa: F401 - importing it registers the checks.
        from tenants.walls import build_walls

        post_migrate.connect(build_walls, sender=self)
