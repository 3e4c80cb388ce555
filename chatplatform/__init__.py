"""The composition root: settings, routes, the ASGI application and the checks of the whole platform."""
