"""The app ``accounts``: who is speaking."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import trail  # It needs the models.

        trail.connect()
