"""The ASGI application: the chat's streaming API in front of Django."""

from chatplatform.lib.garbage import freeze_start_up, postpone_collection
from chatplatform.lib.startup import prepare_process

postpone_collection()
prepare_process()

from channels.routing import ProtocolTypeRouter  # noqa: E402 - the settings come first.
from django.core.asgi import get_asgi_application  # noqa: E402

_django = get_asgi_application()

from chat.routing import ChatApi, body_limit  # noqa: E402 - the apps come first.
from chatplatform.lib.bodies import BoundedBodies  # noqa: E402
from chatplatform.lib.daphne import improve_daphne  # noqa: E402
from chatplatform.lib.security_headers import SecurityHeaders  # noqa: E402
from chatplatform.lib.websockets import refuse  # noqa: E402

_http = SecurityHeaders(ChatApi(BoundedBodies(_django)))
application = ProtocolTypeRouter({"http": _http, "websocket": refuse})
improve_daphne(body_limit, _http.complete)
freeze_start_up()
