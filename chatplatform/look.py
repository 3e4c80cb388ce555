"""How the admin panel looks: the colours of the pages around the chat (static/chatplatform/page.css), in unfold's scales."""

from __future__ import annotations

from typing import Any


def stylesheet(_request: object) -> str:
    return _address("chatplatform/admin.css")


def icon(_request: object) -> str:
    return _address("chatplatform/icon.svg")


def _address(name: str) -> str:
    from django.templatetags.static import static  # It needs the settings, which import this module.

    return static(name)


def documentation(_request: object) -> dict[str, str]:
    """For every template: where the documentation is."""
    from django.conf import settings

    return {"docs_url": settings.DOCS_URL}


PANEL: dict[str, Any] = {
    "SITE_TITLE": "chatplatform",
    "SITE_SYMBOL": "forum",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "chatplatform.look.icon"}],
    "STYLES": ["chatplatform.look.stylesheet"],
    "BORDER_RADIUS": "9px",
    "SHOW_BACK_BUTTON": True,
    "DASHBOARD_CALLBACK": "chat.admin.dashboard.with_dashboard",
    "COLORS": {
        "base": {
            "50": "#fbfbf9",
            "100": "#f0f1ee",
            "200": "#e3e5e1",
            "300": "#cdd1cc",
            "400": "#a4aaa6",
            "500": "#646a66",
            "600": "#4a504c",
            "700": "#3b403d",
            "800": "#292c2a",
            "900": "#1f2120",
            "950": "#171817",
        },
        "primary": {
            "50": "#eefaf6",
            "100": "#d5f2e8",
            "200": "#aee4d3",
            "300": "#7dd3b8",
            "400": "#4fc3a1",
            "500": "#3bb391",
            "600": "#1f6f5c",
            "700": "#185a4a",
            "800": "#14483c",
            "900": "#0f3a31",
            "950": "#08211c",
        },
    },
}
