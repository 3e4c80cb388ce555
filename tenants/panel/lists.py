"""Lists of a million rows: newest first, and no page is dearer than the first."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from unfold.paginator import InfinitePaginator
from unfold.views import ChangeList

#: Where a page begins: after the row with this key.
BEFORE = "before"
#: Rows in which one page of a search looks for words.
STEP = 100_000
_LARGEST_KEY = 2**63 - 1


class NewestFirstList(ChangeList):  # type: ignore[misc]  # unfold comes without types
    """Pages by the key of the last row that was seen; nothing is counted.

    A search for words reads so many rows and no more, says so, and goes on from there.
    """

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> models.QuerySet[Any]:
        # No parameter of a filter, and no part of the links that filters make: another filter begins at the newest row.
        for params in (self.params, self.filter_params):
            params.pop(BEFORE, None)
        given = request.GET.get(BEFORE, "")
        self.before = (
            min(int(given), _LARGEST_KEY) if given.isascii() and given.isdecimal() and len(given) < 20 else None
        )
        rows: models.QuerySet[Any] = super().get_queryset(request, exclude_parameters)
        in_reach = self.root_queryset.order_by("-pk")
        if self.before is not None:
            rows, in_reach = rows.filter(pk__lt=self.before), in_reach.filter(pk__lt=self.before)
        self.floor: int | None = None
        if words := self.query.strip():
            for name in self.model_admin.exact_fields:
                if self.root_queryset.filter(**{name: words}).exists():
                    return rows.filter(**{name: words})
            self.floor = in_reach.values_list("pk", flat=True)[STEP : STEP + 1].first()
        return rows if self.floor is None else rows.filter(pk__gt=self.floor)

    def get_ordering(self, request: HttpRequest, queryset: Any) -> list[str]:
        return ["-pk"]

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows = list(self.queryset[: self.list_per_page + 1])
        self.result_list = rows[: self.list_per_page]
        is_more = len(rows) > self.list_per_page
        self.older = self.get_query_string({BEFORE: self.result_list[-1].pk}) if is_more else ""
        self.further = self.get_query_string({BEFORE: self.floor + 1}) if self.floor is not None and not is_more else ""


class KeyPaginator(InfinitePaginator):  # type: ignore[misc]
    """Shows where to go from a page of a `NewestFirstList`."""

    template_name = "admin/_newest_first.html"


class NewestFirst:
    """Mixed into a page of the panel: its list is a `NewestFirstList`, which nobody sorts otherwise."""

    paginator = KeyPaginator
    ordering: ClassVar[list[str]] = ["-pk"]
    sortable_by: ClassVar[tuple[str, ...]] = ()
    #: Columns with an index of their own, in which a whole word that is searched for is looked up first.
    exact_fields: ClassVar[tuple[str, ...]] = ()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[NewestFirstList]:
        return NewestFirstList
