"""The ASGI application."""

from chatplatform.lib.startup import prepare_process

prepare_process()

from django.core.asgi import get_asgi_application  # noqa: E402 - the settings come first.

application = get_asgi_application()
