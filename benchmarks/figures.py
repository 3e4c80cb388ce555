"""Figures: what was measured round by round, how ours compares with the peer's, and what it should be."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Target:
    """What a figure should reach: the first aim and the one after it.  ``of_peer``: as a ratio to the peer's value."""

    first: float
    moonshot: float | None = None
    of_peer: bool = True
    higher_is_better: bool = True

    def verdict(self, value: float) -> str:
        def reaches(aim: float) -> bool:
            return value >= aim if self.higher_is_better else value <= aim

        if self.moonshot is not None and reaches(self.moonshot):
            return "moonshot"
        return "ok" if reaches(self.first) else "missed"

    def __str__(self) -> str:
        sign, unit = (">=" if self.higher_is_better else "<="), ("x" if self.of_peer else "")
        aims = [self.first] if self.moonshot is None else [self.first, self.moonshot]
        return f"{sign} " + " / ".join(f"{aim:g}{unit}" for aim in aims)


@dataclass
class Figure:
    """One measure.  ``values``: for each contender ("ours", "peer", "floor"), a value for each round."""

    name: str
    unit: str
    target: Target | None = None
    values: dict[str, list[float]] = field(default_factory=dict)

    def add(self, contender: str, value: float) -> None:
        self.values.setdefault(contender, []).append(value)

    def of(self, contender: str) -> float | None:
        """The median of a contender's rounds."""
        return median(self.values[contender]) if self.values.get(contender) else None

    @property
    def ratios(self) -> list[float]:
        """Ours against the peer's, each within one round."""
        pairs = zip(self.values.get("ours", []), self.values.get("peer", []), strict=False)
        return [ours / peer for ours, peer in pairs if peer]

    @property
    def verdict(self) -> str:
        """Whether the target is reached; empty without one."""
        if self.target is None:
            return ""
        value = median(self.ratios) if self.target.of_peer and self.ratios else self.of("ours")
        return "" if value is None or (self.target.of_peer and not self.ratios) else self.target.verdict(value)

    def row(self) -> list[str]:
        ratios = self.ratios
        ratio = f"{median(ratios):.2f}" if ratios else ""
        spread = f"{min(ratios):.2f}–{max(ratios):.2f}" if len(ratios) > 1 else ""
        values = ["" if (value := self.of(name)) is None else f"{value:,.4g}" for name in ("floor", "peer", "ours")]
        return [
            self.name,
            self.unit,
            *values,
            ratio,
            spread,
            str(self.target) if self.target else "",
            self.verdict,
        ]

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "unit": self.unit,
            "rounds": self.values,
            "ratio": median(self.ratios) if self.ratios else None,
            "target": str(self.target) if self.target else None,
            "verdict": self.verdict,
        }


_TITLES = ["measure", "unit", "floor", "peer", "ours", "ours/peer", "range", "target", ""]


def table(figures: list[Figure]) -> str:
    """All figures as text."""
    rows = [_TITLES, *(figure.row() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_TITLES))]
    lines = [
        "  ".join(
            cell.ljust(width) if column < 2 or column > 6 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])
