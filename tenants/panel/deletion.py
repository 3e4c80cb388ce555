"""DeletesContents: a page whose rows are deleted one at a time, with everything below them, after a page that says what goes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django.http import HttpRequest

from tenants.panel.contents import contents_of


class DeletesContents:
    """Mixed into a `TenantModelAdmin`.  The database deletes what is below a row; the page counts it before."""

    #: The verb that deletes a row and records it in the audit log.
    delete_verb: ClassVar[Callable[[Any], None]]

    def get_deleted_objects(
        self, objs: Sequence[Any], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """What the page says: how many rows of each kind go.  Their own pages have no say in it."""
        counted: dict[str, int] = {}
        for obj in objs:
            for name, number in contents_of(obj).items():
                counted[name] = counted.get(name, 0) + number
        return [f"{number} {name}" for name, number in counted.items()], counted, set(), []

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Without Django's deletion of all rows that are ticked: nobody read what goes with each."""
        actions: dict[str, Any] = super().get_actions(request)  # type: ignore[misc]  # of the page that this is mixed into
        actions.pop("delete_selected", None)
        return actions

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        """The verb records it."""

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        type(self).delete_verb(obj)
