"""Applications of an installation's own, `EXTRA_APPS`: where what they bring along is found."""

from importlib import import_module

from django.conf import settings
from django.utils.module_loading import module_has_submodule


def modules_of_extra_apps(name: str) -> list[str]:
    """The modules of this name, as ``shop.urls``, of those that have one."""
    return [f"{app}.{name}" for app in settings.EXTRA_APPS if module_has_submodule(import_module(app), name)]
