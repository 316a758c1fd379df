"""Which words of an answer count for which point: the answer cut where quotes begin and end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Protocol

from studytui.domain.rubric import Coverage, Quote

_STRONGEST: Final[dict[Coverage, int]] = {"contradicted": 3, "covered": 2, "partly": 1, "missed": 0}


class Evidence(Protocol):
    """A point with its verdict and the words it rests on."""

    @property
    def id(self) -> str: ...
    @property
    def coverage(self) -> Coverage: ...
    @property
    def quote(self) -> Quote | None: ...


@dataclass(frozen=True, slots=True)
class Mark:
    """The points that a run of words counts for, and the verdict that weighs most among them."""

    points: tuple[str, ...]
    coverage: Coverage


def marked(answer: str, points: Sequence[Evidence]) -> Iterator[tuple[str, Mark | None]]:
    """The answer in order, cut into parts that each count for the same points; None where a part counts for none.

    Parts joined are the answer. A point that was missed marks nothing; a quote past the answer's end is cut.
    """
    quotes = []
    for point in points:
        if point.quote is None or point.coverage == "missed":
            continue
        start, end = max(0, point.quote.start), min(len(answer), point.quote.end)
        if start < end:
            quotes.append((start, end, point))
    cuts = sorted({0, len(answer), *(cut for start, end, _ in quotes for cut in (start, end))})
    for start, end in pairwise(cuts):
        over = [point for begin, stop, point in quotes if begin <= start and end <= stop]
        if over:
            strongest = max((point.coverage for point in over), key=_STRONGEST.__getitem__)
            yield answer[start:end], Mark(tuple(point.id for point in over), strongest)
        else:
            yield answer[start:end], None
