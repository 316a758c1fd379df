"""What an examination found, with the table and row it is about."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal, TypeAlias

Level: TypeAlias = Literal["error", "warning", "info"]

MOST_OF_A_KIND: Final = 20
BRING_BACK: Final = "Bring back a backup with `studytui restore FILE`; backups are in the folder beside the database."
REPAIR: Final = "Run this again with --repair: {}."


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the examination found. `error` and `warning` are wrong; `info` is only worth knowing.

    `table` and `row` (its rowid) say where it stands, if it stands in one row of the database.
    """

    level: Level
    what: str
    how_to_fix: str = ""
    table: str = ""
    row: int | None = None

    def __str__(self) -> str:
        return f"{self.level}: {self.what} {self.how_to_fix}".rstrip()

    def to_json(self) -> dict[str, Any]:
        """Keys: level, what, how_to_fix, table, row."""
        return asdict(self)


class Findings:
    """Findings by kind, in the order in which the kinds were first met: the first of each in full, the rest counted."""

    def __init__(self) -> None:
        self._of: dict[str, list[Finding]] = {}
        self._more: Counter[str] = Counter()

    def add(self, kind: str, finding: Finding) -> None:
        found = self._of.setdefault(kind, [])
        if len(found) < MOST_OF_A_KIND:
            found.append(finding)
        else:
            self._more[kind] += 1

    def advise(self, kind: str, how_to_fix: str) -> None:
        """Say what to do about all findings of a kind."""
        self._of[kind] = [replace(finding, how_to_fix=how_to_fix) for finding in self._of[kind]]

    def all(self) -> list[Finding]:
        told = []
        for kind, found in self._of.items():
            told += found
            if more := self._more[kind]:
                told.append(Finding(found[0].level, f"And {more} more of the same kind.", found[0].how_to_fix))
        return told
