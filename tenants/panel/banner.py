"""What every page's template is told: as whom somebody of the platform acts."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from tenants.impersonation import current


def impersonation(request: HttpRequest) -> dict[str, Any]:
    """``impersonation``, or nothing.  Pages that answer before sessions are read have none."""
    return {"impersonation": current(request) if hasattr(request, "session") and hasattr(request, "user") else None}
