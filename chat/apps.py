"""The app ``chat``: the conversation."""

from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "chat"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from chat import deleted_files  # It needs the models.

        deleted_files.connect()
