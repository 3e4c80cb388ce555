"""Daphne without the reading of forms, which Twisted does for every POST before an application sees it.

Twisted would read a multipart body with the parser of e-mails, on the event loop and before our gate: a stranger's 20 MB stop every
stream for a quarter of a second.  It answers a broken one itself, and spends 40 us on the content type of every other request.
ASGI applications never see what it found.
"""

from __future__ import annotations

from typing import Any

from daphne import http_protocol


class FormlessRequest(http_protocol.WebRequest):  # type: ignore[misc]  # Daphne has no types.
    """A request whose body is left to the application."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options, parsePOSTFormSubmission=False)


def leave_forms_alone() -> None:
    """Have Daphne make such requests; it has no setting for the class."""
    http_protocol.WebRequest = FormlessRequest
