"""The first steps of every process of the platform, be it a command or a server."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured


def prepare_process(*, needs_database: bool = True) -> None:
    """Load the settings and make sure that the database serves; where that fails, say why in one sentence and exit."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatplatform.settings")
    try:
        from django.conf import settings

        settings.DATABASES  # noqa: B018 - the access loads the settings.
        if needs_database:
            from chatplatform.lib.database import require_database

            require_database()
    except ImproperlyConfigured as error:
        sys.exit(f"chatplatform cannot start. {error}")
