"""The app ``accounts``: who is speaking."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from accounts import trail  # It needs the models.
        from accounts.middleware import bind

        trail.connect()
        user_logged_in.connect(bind)
