"""The overview: what happened in the last days, in figures and charts, in a tenant or in all of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Sum
from django.db.models.functions import TruncDate
from django.http import HttpRequest

from chat.models import Feedback, Run, Thread
from tenants.models import Domain, UsageDay
from tenants.panel.scope import AdminScope, scope_of
from tenants.permissions import Action

PERIODS: Final = (7, 30, 90)
_DEFAULT: Final = 30
_GOOD, _QUIET, _BAD, _ODD = "var(--color-primary-600)", "var(--color-base-400)", "#c8554a", "#d39a35"
_OUTCOMES: Final = {
    Run.State.COMPLETED: ("Completed", _GOOD),
    Run.State.CANCELLED: ("Cancelled", _QUIET),
    Run.State.FAILED: ("Failed", _BAD),
    Run.State.LOST: ("Lost", _ODD),
}
_TICKS: Final = {"color": "#8b918d", "maxRotation": 0, "autoSkipPadding": 16}


@dataclass(frozen=True)
class Series:
    """One line or colour of a chart: a number for each day."""

    name: str
    values: list[float]
    color: str


@dataclass(frozen=True)
class Chart:
    """One chart, and the same as a table for whoever does not see it."""

    title: str
    days: list[date]
    series: list[Series]
    kind: str = "bar"

    @property
    def value(self) -> str:
        """Chart.js' data."""
        sets = [
            {
                "label": one.name,
                "data": one.values,
                "backgroundColor": one.color,
                "borderColor": one.color,
                "borderWidth": 2 if self.kind == "line" else 0,
                "pointRadius": 0,
                "tension": 0.25,
                "maxBarThickness": 14,
            }
            for one in self.series
        ]
        return json.dumps({"labels": [f"{day:%d %b}" for day in self.days], "datasets": sets})

    @property
    def options(self) -> str:
        """Chart.js' options."""
        is_stacked = self.kind == "bar"
        return json.dumps(
            {
                "animation": False,
                "responsive": True,
                "maintainAspectRatio": False,
                "interaction": {"mode": "index", "intersect": False},
                "plugins": {"legend": {"display": False}},
                "scales": {
                    "x": {"stacked": is_stacked, "grid": {"display": False}, "border": {"width": 0}, "ticks": _TICKS},
                    "y": {"stacked": is_stacked, "beginAtZero": True, "grid": {"tickWidth": 0}, "border": {"width": 0}}
                    | {"ticks": {**_TICKS, "maxTicksLimit": 5}},
                },
            }
        )

    @property
    def rows(self) -> Iterable[tuple[date, list[float]]]:
        """The table, the newest day first."""
        return [(day, [one.values[at] for one in self.series]) for at, day in reversed([*enumerate(self.days)])]


@dataclass
class _Days:
    """Numbers by day, under a name."""

    days: list[date]
    of: dict[str, dict[date, float]] = field(default_factory=dict)

    def add(self, name: str, day: date, number: float | Decimal) -> None:
        kept = self.of.setdefault(name, {})
        kept[day] = kept.get(day, 0) + float(number)

    def list(self, name: str) -> list[float]:
        return [round(self.of.get(name, {}).get(day, 0), 4) for day in self.days]

    def total(self, name: str) -> float:
        return sum(self.of.get(name, {}).values())


def with_dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The overview's context (`UNFOLD["DASHBOARD_CALLBACK"]`).  Four queries."""
    scope = scope_of(request)
    if not scope.may(Action.USAGE_VIEW):
        raise PermissionDenied
    asked = request.GET.get("days", "")
    period = next((days for days in PERIODS if str(days) == asked), _DEFAULT)
    numbers = _numbers(scope, period)
    return context | {
        "title": "Overview",
        "period": period,
        "periods": PERIODS,
        "is_quiet": not numbers.of,
        "facts": _facts(numbers),
        "charts": _charts(numbers),
        "lost_domains": _lost_domains(scope),
    }


def _lost_domains(scope: AdminScope) -> list[Domain]:
    """Hosts of the tenant whose records are missing, for those who may see its hosts."""
    if scope.tenant is None or not scope.may(Action.DOMAINS_VIEW):
        return []
    return list(scope.rows(Domain).filter(record_missing_since__isnull=False).order_by("host"))


def _numbers(scope: AdminScope, period: int) -> _Days:
    today = datetime.now(UTC).date()
    days = [today - timedelta(days=ago) for ago in reversed(range(period))]
    since = datetime.combine(days[0], time.min, UTC)
    numbers = _Days(days)
    used = scope.rows(UsageDay).filter(day__gte=days[0]).values("day", "outcome").order_by()
    names = ("answers", "input_tokens", "output_tokens", "cost", "first_token_ms", "first_tokens")
    for row in used.annotate(**{f"all_{name}": Sum(name) for name in names}):
        numbers.add(row["outcome"], row["day"], row["all_answers"])
        for name in names:
            numbers.add(name, row["day"], row[f"all_{name}"])
    # `created_at` is counted and not the key: so the index on it has all that is needed.
    begun = scope.rows(Thread).filter(created_at__gte=since).order_by()
    for day, count in begun.values_list(TruncDate("created_at", tzinfo=UTC)).annotate(n=Count("created_at")):
        numbers.add("threads", day, count)
    verdicts = scope.rows(Feedback).filter(updated_at__gte=since).order_by()
    by_day = verdicts.values_list(TruncDate("updated_at", tzinfo=UTC), "kind").annotate(n=Count("updated_at"))
    for day, kind, count in by_day:
        numbers.add(kind, day, count)
    return numbers


def _facts(numbers: _Days) -> list[tuple[str, str]]:
    """Totals, as words."""
    answers, verdicts = numbers.total("answers"), numbers.total("positive") + numbers.total("negative")
    firsts, troubles = numbers.total("first_tokens"), numbers.total("failed") + numbers.total("lost")
    return [
        ("Conversations", f"{numbers.total('threads'):,.0f}"),
        ("Answers", f"{answers:,.0f}"),
        ("Failed", f"{troubles / answers:.1%}" if answers else "none"),
        (
            "First token, mean",
            f"{numbers.total('first_token_ms') / firsts / 1000:.2f} s" if firsts else "unknown",
        ),
        ("Tokens", _short(numbers.total("input_tokens") + numbers.total("output_tokens"))),
        ("Cost", f"${numbers.total('cost'):,.2f}"),
        ("Good feedback", f"{numbers.total('positive') / verdicts:.0%} of {verdicts:,.0f}" if verdicts else "none"),
    ]


def _charts(numbers: _Days) -> list[Chart]:
    days = numbers.days
    pairs = zip(numbers.list("first_token_ms"), numbers.list("first_tokens"), strict=True)
    waits = [round(sum_ / count / 1000, 3) if count else 0 for sum_, count in pairs]
    outcomes = [Series(name, numbers.list(state), color) for state, (name, color) in _OUTCOMES.items()]
    return [
        Chart(
            "Conversations and answers",
            days,
            [
                Series("Answers", numbers.list("answers"), _GOOD),
                Series("New conversations", numbers.list("threads"), _QUIET),
            ],
            "line",
        ),
        Chart("Answers by outcome", days, outcomes),
        Chart("Seconds to the first token", days, [Series("On average", waits, _GOOD)], "line"),
        Chart(
            "Tokens",
            days,
            [
                Series("Input", numbers.list("input_tokens"), _QUIET),
                Series("Output", numbers.list("output_tokens"), _GOOD),
            ],
        ),
        Chart("Cost in US dollars", days, [Series("Cost", numbers.list("cost"), _GOOD)]),
        Chart(
            "Feedback",
            days,
            [Series("Good", numbers.list("positive"), _GOOD), Series("Bad", numbers.list("negative"), _BAD)],
        ),
    ]


def _short(number: float) -> str:
    for size, unit in ((1e9, "billion"), (1e6, "million")):
        if number >= size:
            return f"{number / size:,.1f} {unit}"
    return f"{number:,.0f}"
