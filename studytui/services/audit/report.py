"""An audit written down: what was asked, said, measured and missing, as Markdown; `report_html` makes a page of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Self

from studytui import __version__
from studytui.domain.cards import Course
from studytui.domain.gate import WORDS, ItemVerdict, PartVerdict
from studytui.domain.plain_text import safe
from studytui.domain.rehearsal import by_whom
from studytui.library.errors import CourseError
from studytui.library.loader import load_syllabus
from studytui.services.audit.evidence import Answered, JudgedPoint
from studytui.services.audit.figures import Remade
from studytui.services.audit.standing import Standing
from studytui.services.audit.words import SIGNS, gate_line, item_line, part_line, path_lines, retention_line
from studytui.services.rehearsal.export import SIGNS as POINT_SIGNS
from studytui.services.rehearsal.export import escaped
from studytui.services.report_files import authored, write_both
from studytui.services.workspace import Workspace

FOLDER: Final = Path("studytui-audits")


class ReportError(Exception):
    """The files cannot be written; the text names the folder and says why."""


@dataclass(frozen=True, slots=True)
class Report:
    """A standing to be written down. `figures` are the labs' evidence by the uid of the attempt, `facts` what the
    objectives say.
    """

    course: Course
    at: datetime
    standing: Standing
    figures: Mapping[str, Remade] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, workspace: Workspace, standing: Standing, figures: Mapping[str, Remade]) -> Self:
        """The report of this moment. A syllabus that cannot be read leaves the objectives without their words."""
        facts: dict[str, str] = {}
        with suppress(CourseError):
            facts = {each.id: each.text for each in load_syllabus(workspace.root)}
        return cls(workspace.course, workspace.clock.now(), standing, figures, facts)

    @property
    def title(self) -> str:
        return self.standing.gate.title

    @property
    def about(self) -> str:
        """When it was made, of which course and by what."""
        return f"{self.at:%Y-%m-%d %H:%M} · {self.course.title}, version {self.course.version} · studytui {__version__}"

    def answers(self, item: ItemVerdict, part: PartVerdict) -> list[Answered]:
        """The attempts that decided a part and those of the days that count for testing out, oldest first."""
        wanted, days = {attempt.no for attempt in part.counted}, item.retention.test_out_days
        return [answer for answer in self.standing.log.of(part.key) if answer.no in wanted or answer.day in days]

    def objective(self, objective_id: str) -> str:
        """An objective by its id, with its words where they are known."""
        return f"{objective_id} {self.facts.get(objective_id, '')}".rstrip()


def save(report: Report, folder: Path = FOLDER) -> tuple[Path, Path]:
    """Write both files, over no other report; returns their paths.

    Raises:
        ReportError: the folder cannot be written.
    """
    from studytui.services.audit.report_html import html

    stem = f"audit-{report.standing.gate.id}-{report.at:%Y-%m-%d-%H%M}"
    try:
        return write_both(folder, stem, markdown=markdown(report), html=html(report))
    except OSError as error:
        raise ReportError(f"{folder.absolute()} cannot be written ({error.strerror or error}).") from error


def markdown(report: Report) -> str:
    """The report as Markdown. What was typed stands in fences or escaped: it forms nothing."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    standing = report.standing
    yield f"# {escaped(report.title)}"
    yield f"\n{escaped(report.about)}"
    yield f"\n**{escaped(gate_line(standing))}**"
    if (override := standing.log.override) is not None:
        yield f"\nOpened without passing on {override.day}. The reason given: {escaped(override.reason)}"
    yield "\n| item | verdict | retention |\n|---|---|---|"
    for item in standing.verdict.items:
        verdict = f"{SIGNS[item.state]} {escaped(item_line(item))}"
        yield f"| {escaped(item.item.title)} | {verdict} | {escaped(retention_line(item.retention))} |"
    for number, item in enumerate(standing.verdict.items, 1):
        yield from _item(report, number, item)
    if steps := list(path_lines(standing, report.course)):
        yield "\n## The shortest way to ready\n"
        yield from (f"- {escaped(step)}" for step in steps)


def _item(report: Report, number: int, item: ItemVerdict) -> Iterator[str]:
    yield f"\n## {number}. {escaped(item.item.title)}: {SIGNS[item.state]} {WORDS[item.state]}"
    yield f"\nSections {', '.join(item.item.sections)}"
    for part in item.parts:
        yield f"\n### {escaped(part.part.title)}: {SIGNS[part.state]} {escaped(part_line(part))}"
        for answer in report.answers(item, part):
            yield from _answer(report, answer)
    yield f"\n### Retention: {SIGNS[item.retention.state]} {WORDS[item.retention.state]}"
    yield f"\n{escaped(retention_line(item.retention))}"
    yield "\n| objective | recalled on | in a lapse |\n|---|---|---|"
    for one in item.retention.objectives:
        days, lapsed = ", ".join(map(str, one.spaced)), escaped(", ".join(one.lapsed))
        yield f"| {escaped(report.objective(one.objective))} | {days} | {lapsed} |"


def _answer(report: Report, answer: Answered) -> Iterator[str]:
    yield f"\n{authored(answer.ask)}"
    yield f"\n**Answered on {answer.day}** ({escaped(judged(answer))})\n"
    yield fenced(answer.answer)
    for point in answer.points:
        yield f"\n- {POINT_SIGNS[point.coverage]} **{point.coverage}**: {escaped(point.text)}{_quote(point)}"
    for dispute in answer.disputes:
        yield f"\n- disputed on {dispute.at:%Y-%m-%d}: {escaped(dispute.point_id)}: {escaped(dispute.note)}"
    if answer.computation is not None:
        yield f"\nMeasured: **{escaped(answer.computation.right)}**. {escaped(answer.computation.message)}\n"
        yield fenced("\n".join(answer.computation.derivation))
        remade = report.figures.get(answer.uid)
        for picture in remade.evidence.pictures if remade and remade.evidence else ():
            yield f"\nPicture: {escaped(picture.caption)} ({escaped(picture.alt)})"
        if remade and remade.message:
            yield f"\n{escaped(remade.message)}"


def judged(answer: Answered) -> str:
    """How an attempt was judged, in one line."""
    word = "passed" if answer.passed else "not passed"
    if answer.score is None or answer.pass_score is None:
        seed = answer.computation.seed if answer.computation else 0
        exercise = answer.computation.exercise if answer.computation else ""
        return f"{word}, {exercise} with seed {seed}"
    return f"{word}: {answer.score:.0%} of the rubric, {answer.pass_score:.0%} needed, {by_whom(answer.grader)}"


def _quote(point: JudgedPoint) -> str:
    return f" — “{escaped(point.quote.text)}”" if point.quote else ""


def fenced(text: str) -> str:
    """A text in a fence longer than any in it."""
    shown = safe(text) or "(nothing)"
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", shown)), default=0))
    return f"{fence}text\n{shown}\n{fence}"
