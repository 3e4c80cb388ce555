"""The composition root as Django apps: the system checks, and the admin panel with the pages of our own apps."""

from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin.apps import SimpleAdminConfig

from chatplatform.extra_apps import modules_of_extra_apps


class ChatplatformConfig(AppConfig):
    name = "chatplatform"

    def ready(self) -> None:
        from chatplatform import checks  # noqa: F401 - importing it registers the checks.
        from chatplatform.lib.logs import log_uncaught

        log_uncaught()
        for module in modules_of_extra_apps("assistant"):
            import_module(module)


class PanelConfig(SimpleAdminConfig):
    """Pages that packages bring along know nothing of tenants: they stay out."""

    default = False
    default_site = "tenants.panel.site.PlatformAdminSite"

    def ready(self) -> None:
        super().ready()
        for app in ("tenants", "accounts", "chat"):
            import_module(f"{app}.admin")
