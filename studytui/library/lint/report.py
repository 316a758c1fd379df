"""What linting found, for the terminal and for scripts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

from studytui.domain.cards import Card
from studytui.library.errors import CourseError
from studytui.library.toml_source import TablePlace, find_places, read_text

Level: TypeAlias = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong (`error`), grew old or may go wrong (`warning`), and where it stands."""

    rule: str
    message: str
    path: str
    line: int
    card: str = ""
    level: Level = "error"
    field: str = ""
    """The field's path in the card's table (`options.2.why`); '' where the card or the file as a whole is meant."""

    def __str__(self) -> str:
        who = f" [{self.card}]" if self.card else ""
        what = f" {self.field}:" if self.field else ""
        return f"{self.path}:{self.line}:{who}{what} {self.message} ({self.rule})"


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

    def with_more(self, findings: Iterable[Finding]) -> Report:
        """The report with other findings among its own, in the order of the files."""
        both = (*self.findings, *findings)
        return replace(self, findings=tuple(sorted(both, key=lambda finding: (finding.path, finding.line))))

    def to_json(self) -> dict[str, Any]:
        """Keys: cards, machine_checked, objectives, objectives_covered, findings.

        A finding has rule, message, path, line, card, level and field.
        """
        return asdict(self)


def about(card: Card, rule: str, message: str, *, field: str = "", level: Level = "error") -> Finding:
    """A finding on a card, at its first line; `Places` brings it to the line of its field."""
    return Finding(rule, message, card.source.path, card.source.line, card.id, level, field)


def finding_of(error: CourseError) -> Finding:
    """An error of reading as a finding."""
    return Finding("schema", error.message, error.path, max(1, error.line), error.card, field=error.field)


class Places:
    """Where the fields of authored tables stand: a finding at a table's first line moves to the line of its field."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._tables: dict[str, dict[int, TablePlace]] = {}

    def placed(self, finding: Finding) -> Finding:
        """The finding at the line of its field, where the file still tells it."""
        if not finding.field or not finding.path.endswith(".toml"):
            return finding
        if finding.path not in self._tables:
            self._tables[finding.path] = self._read(finding.path)
        table = self._tables[finding.path].get(finding.line)
        if table is None:
            return finding
        path = [int(part) if part.isdigit() else part for part in finding.field.split(".")]
        return replace(finding, line=table.at(path))

    def _read(self, path: str) -> dict[int, TablePlace]:
        try:
            found = find_places(read_text(self._root, path))
        except CourseError:
            return {}
        return {table.line: table for name, tables in found.items() if name for table in tables}
