"""The figures of a report: what the labs show, made again from the seeds in the log, and when what was shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Final

from labs.catalog import UnknownExercise
from labs.protocol import Evidence, ParamError
from studytui.domain.gate import ItemVerdict
from studytui.services.audit.evidence import Answered
from studytui.services.audit.posing import pose_again
from studytui.services.audit.standing import Standing
from studytui.services.lab_client import LabClient, MissingLibrary, Solved

WIDTH: Final = 680
LEFT: Final = 250
ROW: Final = 22
TOP: Final = 8
_RIGHT: Final = "#15803d"
_WRONG: Final = "#b91c1c"
_RECALLED: Final = "#1d4ed8"


@dataclass(frozen=True, slots=True)
class Remade:
    """A lab's work once more, or a sentence on why it could not be done; `is_hopeless` if no other can be either."""

    evidence: Evidence | None
    message: str = ""
    is_hopeless: bool = False


async def measured_again(
    standing: Standing, progress: Callable[[int, int], None], client: LabClient | None = None
) -> dict[str, Remade]:
    """The evidence of the attempt that decided each computed part, by its uid. Nothing that goes wrong raises."""
    wanted = list(deciding(standing))
    found: dict[str, Remade] = {}
    lab = client or LabClient()
    last = Remade(None)
    try:
        for done, answer in enumerate(wanted, 1):
            last = found[answer.uid] = last if last.is_hopeless else await remade(lab, answer)
            progress(done, len(wanted))
    finally:
        if lab is not client:
            await lab.close()
    return found


async def remade(client: LabClient, answer: Answered) -> Remade:
    """A lab's work on the problem of an attempt, once more."""
    assert answer.computation is not None
    try:
        problem = pose_again(answer.computation)
    except (UnknownExercise, ParamError) as error:
        return Remade(None, f"The lab cannot pose this problem any more: {error}")
    outcome = await client.solve(problem)
    if isinstance(outcome, Solved):
        return Remade(outcome.evidence)
    return Remade(None, outcome.message, is_hopeless=isinstance(outcome, MissingLibrary))


def deciding(standing: Standing) -> Iterator[Answered]:
    """The newest attempt that counts at each computed part."""
    by_no = {answer.no: answer for answer in standing.log.answers}
    for item in standing.verdict.items:
        for part in item.parts:
            if part.last is not None and by_no[part.last.no].computation is not None:
                yield by_no[part.last.no]


def timeline_svg(standing: Standing, item: ItemVerdict) -> str:
    """When the parts of an item were answered and its cards recalled or failed, a row each; "" if nothing happened."""
    rows = list(_rows(standing, item))
    days = [day for _, marks in rows for day, *_ in marks]
    if not days:
        return ""
    first, last = min(days), max([*days, standing.verdict.day])
    span = max(1, (last - first).days)
    height = TOP + ROW * len(rows) + 26
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'font-family="sans-serif" font-size="12" role="img">',
        f"<title>{escape(f'{item.item.title}: what was shown when')}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
    ]

    def x(day: date) -> float:
        return LEFT + 12 + (day - first).days / span * (WIDTH - LEFT - 30)

    for place, (title, marks) in enumerate(rows):
        y = TOP + ROW * place + ROW / 2
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{escape(title)}</text>')
        parts.append(f'<line x1="{LEFT}" y1="{y}" x2="{WIDTH - 8}" y2="{y}" stroke="#e5e7eb"/>')
        parts += [_mark(x(day), y, shape, f"{day}: {words}") for day, shape, words in marks]
    bottom = height - 8
    for day, anchor in ((first, "start"), (last, "end")):
        parts.append(f'<text x="{x(day):.1f}" y="{bottom}" text-anchor="{anchor}" fill="#475569">{day}</text>')
    return "\n".join([*parts, "</svg>"])


def _rows(standing: Standing, item: ItemVerdict) -> Iterator[tuple[str, list[tuple[date, str, str]]]]:
    for part in item.parts:
        answers = standing.log.of(part.key)
        marks = [(a.day, "right" if a.passed else "wrong", "passed" if a.passed else "not passed") for a in answers]
        yield part.part.title, marks
    keys = {key for one in item.retention.objectives for key in one.cards}
    reviews = [
        (day, "recalled" if grade >= 3 else "wrong", f"{card.key}, graded {grade}")
        for card in standing.recalled
        if card.key in keys
        for day, grade in card.reviews
        if grade is not None
    ]
    if reviews:
        yield "Cards recalled (●) or failed (×)", sorted(reviews)


def _mark(x: float, y: float, shape: str, words: str) -> str:
    """A disc for what was right, a cross for what was not: told apart without colour."""
    title = f"<title>{escape(words)}</title>"
    if shape == "wrong":
        cross = f"M{x - 4:.1f} {y - 4:.1f}L{x + 4:.1f} {y + 4:.1f}M{x - 4:.1f} {y + 4:.1f}L{x + 4:.1f} {y - 4:.1f}"
        return f'<path d="{cross}" stroke="{_WRONG}" stroke-width="2">{title}</path>'
    colour = _RIGHT if shape == "right" else _RECALLED
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{colour}">{title}</circle>'
