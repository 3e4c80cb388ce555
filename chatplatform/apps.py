"""The composition root as a Django app: it carries the system checks."""

from django.apps import AppConfig


class ChatplatformConfig(AppConfig):
    name = "chatplatform"

    def ready(self) -> None:
        from chatplatform import checks  # noqa: F401 - importing it registers the checks.
