"""A measured row and the table of all rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One result. With a peer (or another size of our own), `limit` bounds the ratio; without one, ours itself.

    `ratio` is the median of the rounds' own ratios, so that a machine that slows down in between does no harm.
    """

    name: str
    ours: float
    unit: str
    limit: float
    peer: float | None = None
    peer_name: str = ""
    ratio: float | None = None
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def met(self) -> bool:
        return (self.ours if self.ratio is None else self.ratio) <= self.limit

    @property
    def target(self) -> str:
        return f"<= {self.limit:g} {self.unit}" if self.peer is None else f"ratio <= {self.limit:.2f}"


def paired(
    name: str,
    ours: Sequence[float],
    peer: Sequence[float],
    *,
    unit: str,
    limit: float,
    peer_name: str,
    **detail: Any,
) -> Row:
    """A row from one figure a round for each side, measured in turns."""
    ratio = median(mine / theirs for mine, theirs in zip(ours, peer, strict=True))
    detail |= {"ours": ours, "peer": peer}
    return Row(name, median(ours), unit, limit, median(peer), peer_name, ratio, detail)


def table(rows: Sequence[Row]) -> str:
    """The rows as aligned text."""
    head = ("name", "ours", "peer", "ratio", "target", "met")
    cells = [head, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(head))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def as_json(rows: Sequence[Row], *, load: float) -> str:
    """The rows as JSON, with the load of the machine while they were measured."""
    data = [{**asdict(row), "target": row.target, "met": row.met} for row in rows]
    return json.dumps({"load": load, "rows": data}, indent=2)


def _cells(row: Row) -> tuple[str, ...]:
    peer = "" if row.peer is None else f"{row.peer:.3g} {row.unit} ({row.peer_name})"
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    return row.name, f"{row.ours:.3g} {row.unit}", peer, ratio, row.target, "yes" if row.met else "NO"
