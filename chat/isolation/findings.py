"""What the proof has tried, and what it has found."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Report:
    """``tried``: how many times each kind of attack was tried.  ``findings``: sentences about what came through."""

    tried: dict[str, int] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)

    def expect(self, attack: str, finding: str, *, holds: bool) -> None:
        """One attempt; where the wall did not hold, it is a finding."""
        self.tried[attack] = self.tried.get(attack, 0) + 1
        if not holds:
            self.findings.append(finding)
