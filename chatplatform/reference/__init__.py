"""The pages of docs/reference/ that the code writes: `manage.py write_reference`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from chatplatform.reference import errors, openapi, rate_limits

#: What each file says, by its name in docs/reference/.
PAGES: Final[dict[str, Callable[[], str]]] = {
    "errors.md": errors.page,
    "openapi.json": openapi.page,
    "rate-limits.md": rate_limits.page,
}
