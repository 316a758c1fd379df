"""What linting found, for the terminal and for scripts."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from studytui.library.errors import CourseError


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong (`error`) or grew old (`warning`), and where it stands."""

    rule: str
    message: str
    path: str
    line: int
    card: str = ""
    level: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        who = f" [{self.card}]" if self.card else ""
        return f"{self.path}:{self.line}:{who} {self.message} ({self.rule})"


@dataclass(frozen=True, slots=True)
class Report:
    """The findings, and how much there is."""

    cards: int
    machine_checked: int
    objectives: int
    objectives_covered: int
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> int:
        """How many findings are more than warnings."""
        return sum(finding.level == "error" for finding in self.findings)

    def to_json(self) -> dict[str, Any]:
        """Keys: cards, machine_checked, objectives, objectives_covered, findings.

        A finding has rule, message, path, line, card and level.
        """
        return asdict(self)


def finding_of(error: CourseError) -> Finding:
    """An error of reading as a finding."""
    message = f"{error.field}: {error.message}" if error.field else error.message
    return Finding("schema", message, error.path, max(1, error.line), error.card)
