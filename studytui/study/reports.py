"""A rehearsal and a gate as documents, and the curves and time lines in them as SVG."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from html import escape
from pathlib import Path
from typing import Final

from labs.protocol import Curve
from studytui import __version__
from studytui.course.loader import load_syllabus
from studytui.domain.cards import Course
from studytui.domain.gate import VERDICT_WORDS, ItemVerdict, PartVerdict
from studytui.domain.plain_text import clock_text, counted, safe
from studytui.domain.rubric import Submission, by_whom
from studytui.errors import CourseError
from studytui.study.document import (
    Answer,
    Authored,
    Block,
    BulletList,
    Code,
    Document,
    Drawing,
    Heading,
    Link,
    Paragraph,
    Picture,
    Points,
    Strong,
    Table,
    save,
)
from studytui.study.gate import (
    STATUS_SIGNS,
    GateAnswer,
    GateStatus,
    Remade,
    gate_line,
    item_line,
    part_line,
    path_lines,
    retention_line,
)
from studytui.study.rehearsal import QuestionChoice, Scorecard, ScoreLine, ScoreMean, trend_words
from studytui.study.submissions import RehearsedAnswer
from studytui.study.workspace import Workspace

REHEARSAL_FOLDER: Final = Path("studytui-rehearsals")
GATE_FOLDER: Final = Path("studytui-audits")


def save_rehearsal(
    workspace: Workspace, choice: QuestionChoice, card: Scorecard, folder: Path = REHEARSAL_FOLDER
) -> tuple[Path, Path]:
    """Write a rehearsal as Markdown and HTML, over no other; returns the paths.

    Raises:
        ReportError: the folder cannot be written.
    """
    return save(rehearsal_document(workspace, choice, card), folder, f"rehearsal-{workspace.clock.now():%Y-%m-%d-%H%M}")


def rehearsal_document(workspace: Workspace, choice: QuestionChoice, card: Scorecard) -> Document:
    """What was asked and said, with its verdicts and model answers."""
    course = workspace.course
    return Document(f"Interview: {choice.title(course)}", tuple(_rehearsal(workspace, card)))


def _rehearsal(workspace: Workspace, card: Scorecard) -> Iterator[Block]:
    course = workspace.course
    asked = f"{counted(len(card.lines), 'question')} · score {card.score:.0%}{time_words(card)}"
    yield Paragraph(f"{workspace.clock.now():%Y-%m-%d %H:%M} · {asked}")
    yield Table(
        ("question", "score", "grade", "time", "trend"),
        tuple(
            (
                Link(Authored(line.question.ask), f"q{number}"),
                f"{line.attempt.score:.0%}",
                str(line.attempt.grade),
                attempt_time(line.attempt.given),
                trend_words(line),
            )
            for number, line in enumerate(card.lines, 1)
        ),
    )
    yield from _means("By chapter", card.chapters, lambda number: chapter_name(course, number))
    yield from _means("By lens", card.lenses, lambda lens_id: lens_name(course, lens_id))
    for number, line in enumerate(card.lines, 1):
        yield from _question(number, line)


def _means(title: str, means: Sequence[ScoreMean], name: Callable[[str], str]) -> Iterator[Block]:
    if means:
        scores = (f"{name(mean.name)} {mean.score:.0%} of {counted(mean.count, 'question')}" for mean in means)
        yield Paragraph((Strong(f"{title}:"), f" {'; '.join(scores)}"))


def _question(number: int, line: ScoreLine) -> Iterator[Block]:
    question = line.question
    yield Heading(2, f"{number}. {question.id}", f"q{number}")
    yield Authored(question.ask)
    yield from _rehearsed(line.attempt)
    yield Paragraph(Strong("A model answer"))
    yield Authored(question.model)
    if question.mistakes:
        yield Paragraph(Strong("Common mistakes"))
        yield BulletList(
            tuple((Authored(mistake.says), " → ", Authored(mistake.correction)) for mistake in question.mistakes)
        )
    for probe in line.attempt.probes:
        yield Heading(3, f"Follow-up ({probe.score:.0%})")
        yield Authored(probe.ask)
        yield from _rehearsed(probe)


def _rehearsed(attempt: RehearsedAnswer) -> Iterator[Block]:
    yield Paragraph((Strong("Your answer"), f" ({attempt_words(attempt)})"), is_quiet=True)
    yield Answer(attempt.given.answer, attempt.points)
    yield Points(attempt.points)


def chapter_name(course: Course, number: str) -> str:
    """The chapter of a number with its title."""
    chapter = next((each for each in course.chapters if str(each.number) == number), None)
    return f"{number} {chapter.title}" if chapter else number


def lens_name(course: Course, lens_id: str) -> str:
    """The debugging question of a lens."""
    lens = next((each for each in course.lenses if each.id == lens_id), None)
    return lens.question if lens else lens_id


def attempt_words(attempt: RehearsedAnswer) -> str:
    """How an answer was given and graded, in one line."""
    parts = [attempt.given.mode, attempt_time(attempt.given), f"score {attempt.score:.0%}", f"grade {attempt.grade}"]
    if attempt.given.confidence is not None:
        parts.append(f"sure {attempt.given.confidence} of 5")
    return ", ".join([*parts, by_whom(attempt.grader)])


def attempt_time(given: Submission) -> str:
    """The time of an answer that was handed in, against what there was."""
    used = clock_text(given.seconds_answered)
    return f"{used} of {clock_text(given.seconds_given)}" if given.seconds_given is not None else used


def time_words(card: Scorecard) -> str:
    """The time of all answers that ran against a clock."""
    if not card.seconds_given:
        return ""
    return f" · {clock_text(card.seconds_used)} of {clock_text(card.seconds_given)} used"


# A gate: what was asked, said, measured and missing


def save_gate(
    workspace: Workspace, standing: GateStatus, figures: Mapping[str, Remade], folder: Path = GATE_FOLDER
) -> tuple[Path, Path]:
    """Write where the learner stands at a gate as Markdown and HTML, over no other report; returns the paths.

    Raises:
        ReportError: the folder cannot be written.
    """
    stem = f"audit-{standing.gate.id}-{workspace.clock.now():%Y-%m-%d-%H%M}"
    return save(gate_document(workspace, standing, figures), folder, stem)


def gate_document(workspace: Workspace, standing: GateStatus, figures: Mapping[str, Remade]) -> Document:
    """The verdict of a gate with its evidence; `figures` are the labs' work by the uid of the attempt.

    A syllabus that cannot be read leaves the objectives without their words.
    """
    facts: dict[str, str] = {}
    with suppress(CourseError):
        facts = {each.id: each.text for each in load_syllabus(workspace.root)}
    return Document(standing.gate.title, tuple(_gate(workspace, standing, figures, facts)))


def _gate(
    workspace: Workspace, standing: GateStatus, figures: Mapping[str, Remade], facts: Mapping[str, str]
) -> Iterator[Block]:
    course, items = workspace.course, standing.verdict.items
    made = f"{workspace.clock.now():%Y-%m-%d %H:%M} · {course.title}, version {course.version}"
    yield Paragraph(f"{made} · studytui {__version__}", is_quiet=True)
    yield Paragraph(Strong(gate_line(standing)))
    if (override := standing.log.override) is not None:
        yield Paragraph(f"Opened without passing on {override.day}. The reason given: {override.reason}")
    yield Table(
        ("item", "verdict", "retention"),
        tuple(
            (
                Link(item.item.title, f"item-{number}"),
                f"{STATUS_SIGNS[item.state]} {item_line(item)}",
                retention_line(item.retention),
            )
            for number, item in enumerate(items, 1)
        ),
    )
    for number, item in enumerate(items, 1):
        state = f"{STATUS_SIGNS[item.state]} {VERDICT_WORDS[item.state]}"
        yield Heading(2, f"{number}. {item.item.title}: {state}", f"item-{number}")
        yield Paragraph(f"Sections {', '.join(item.item.sections)}", is_quiet=True)
        if drawing := timeline_svg(standing, item):
            yield Drawing(drawing, "When each part was answered: ● passed, × not.")
        for part in item.parts:
            yield Heading(3, f"{part.part.title}: {STATUS_SIGNS[part.state]} {part_line(part)}")
            for answer in _decisive(standing, item, part):
                yield from _gate_answer(answer, figures.get(answer.uid))
        yield from _retention(item, facts)
    if steps := tuple(path_lines(standing, course)):
        yield Heading(2, "Fastest route to ready")
        yield BulletList(steps)


def _decisive(standing: GateStatus, item: ItemVerdict, part: PartVerdict) -> Iterator[GateAnswer]:
    """The attempts that decided a part and those of the days that count for testing out, oldest first."""
    wanted, days = {attempt.no for attempt in part.counted}, item.retention.test_out_days
    return (answer for answer in standing.log.of(part.key) if answer.no in wanted or answer.day in days)


def _retention(item: ItemVerdict, facts: Mapping[str, str]) -> Iterator[Block]:
    retention = item.retention
    yield Heading(3, f"Retention: {STATUS_SIGNS[retention.state]} {VERDICT_WORDS[retention.state]}")
    yield Paragraph(retention_line(retention))
    yield Table(
        ("objective", "recalled on", "in a lapse"),
        tuple(
            (
                (f"{one.objective} ", Authored(facts.get(one.objective, ""))),
                ", ".join(map(str, one.spaced)),
                ", ".join(one.lapsed),
            )
            for one in retention.objectives
        ),
    )


def _gate_answer(answer: GateAnswer, remade: Remade | None) -> Iterator[Block]:
    yield Authored(answer.ask)
    yield Paragraph((Strong(f"Answered on {answer.day}"), f" ({judged(answer)})"), is_quiet=True)
    yield Answer(answer.answer, answer.points)
    if answer.points:
        yield Points(answer.points)
    if answer.disputes:
        yield BulletList(
            tuple(f"disputed on {each.at:%Y-%m-%d}: {each.point_id}: {each.note}" for each in answer.disputes)
        )
    if answer.computation is None:
        return
    yield Paragraph(("Measured: ", Strong(answer.computation.right), f". {answer.computation.message}"))
    if answer.computation.derivation:
        yield Code("\n".join(answer.computation.derivation))
    if remade is not None and remade.evidence is not None:
        for picture in remade.evidence.pictures:
            yield Picture(picture.png_base64, picture.caption, picture.alt)
        for curve in remade.evidence.curves:
            yield Drawing(plot_svg(curve))
    elif remade is not None:
        yield Paragraph(remade.message, is_quiet=True)


def judged(answer: GateAnswer) -> str:
    """How an attempt was judged, in one line."""
    word = "passed" if answer.passed else "not passed"
    if answer.score is None or answer.pass_score is None:
        seed = answer.computation.seed if answer.computation else 0
        exercise = answer.computation.exercise if answer.computation else ""
        return f"{word}, {exercise} with seed {seed}"
    return f"{word}: {answer.score:.0%} of the rubric, {answer.pass_score:.0%} needed, {by_whom(answer.grader)}"


# A lab's curves as a self-contained SVG: for files and reports, where no terminal draws them


WIDTH: Final = 640
HEIGHT: Final = 320
LEFT: Final = 70
RIGHT: Final = 150
TOP: Final = 34
BOTTOM: Final = 46
TICKS: Final = 5
LOG_SPAN: Final = 300.0
"""Positive values that span more than this are drawn on a logarithmic axis."""
COLOURS: Final = ("#2563eb", "#d97706", "#059669", "#dc2626", "#7c3aed", "#475569")
DASHES: Final = ("", "6 3", "2 3", "8 3 2 3", "1 4", "10 4")
"""Printed without colour the series are told apart by these."""


def plot_svg(curve: Curve, *, is_even: bool = False) -> str:
    """The curve with its series, axes, labels and legend; points that are not finite are left out.

    With `is_even` its upward axis never goes by powers of ten.
    """
    points = {name: list(_finite(curve.x, ys)) for name, ys in curve.series.items()}
    xs = [x for series in points.values() for x, _ in series] or [0.0, 1.0]
    ys = [y for series in points.values() for _, y in series] or [0.0, 1.0]
    logarithmic = not is_even and min(ys) > 0 and max(ys) / min(ys) > LOG_SPAN
    scale = _Scale(min(xs), max(xs), min(ys), max(ys), logarithmic)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f"<title>{_text(curve.title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="20" font-size="14" font-weight="bold">{_text(curve.title)}</text>',
        *_axes(scale, curve),
    ]
    for place, (name, series) in enumerate(points.items()):
        colour, dash = COLOURS[place % len(COLOURS)], DASHES[place % len(DASHES)]
        path = " ".join(f"{scale.x(x):.1f},{scale.y(y):.1f}" for x, y in series)
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dashed}/>')
        y = TOP + 12 + 18 * place
        x = WIDTH - RIGHT + 10
        parts.append(
            f'<line x1="{x}" y1="{y - 4}" x2="{x + 22}" y2="{y - 4}" stroke="{colour}" stroke-width="2"{dashed}/>'
        )
        parts.append(f'<text x="{x + 28}" y="{y}">{_text(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])


class _Scale:
    """From values to places on the drawing."""

    def __init__(self, x_low: float, x_high: float, y_low: float, y_high: float, logarithmic: bool) -> None:
        self.logarithmic = logarithmic
        self.x_low, self.x_span = x_low, (x_high - x_low) or 1.0
        self.y_low, self.y_high = (math.log10(y_low), math.log10(y_high)) if logarithmic else (y_low, y_high)
        self.y_span = (self.y_high - self.y_low) or 1.0

    def x(self, value: float) -> float:
        return LEFT + (value - self.x_low) / self.x_span * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        at = math.log10(value) if self.logarithmic else value
        return HEIGHT - BOTTOM - (at - self.y_low) / self.y_span * (HEIGHT - TOP - BOTTOM)

    def ticks(self) -> Iterator[tuple[float, float]]:
        """(x value, y value) of each tick."""
        for step in range(TICKS + 1):
            y = self.y_low + self.y_span * step / TICKS
            yield self.x_low + self.x_span * step / TICKS, 10**y if self.logarithmic else y


def _axes(scale: _Scale, curve: Curve) -> Iterator[str]:
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    for x, y in scale.ticks():
        yield f'<line x1="{LEFT}" y1="{scale.y(y):.1f}" x2="{right}" y2="{scale.y(y):.1f}" stroke="#e5e7eb"/>'
        yield f'<text x="{LEFT - 6}" y="{scale.y(y) + 4:.1f}" text-anchor="end">{y:.3g}</text>'
        yield f'<text x="{scale.x(x):.1f}" y="{bottom + 16}" text-anchor="middle">{x:.4g}</text>'
    yield f'<path d="M{LEFT} {TOP} V{bottom} H{right}" fill="none" stroke="#111827"/>'
    yield f'<text x="{(LEFT + right) / 2}" y="{HEIGHT - 8}" text-anchor="middle">{_text(curve.x_label)}</text>'
    middle = (TOP + bottom) / 2
    turned = f'x="14" y="{middle}" text-anchor="middle" transform="rotate(-90 14 {middle})"'
    yield f"<text {turned}>{_text(curve.y_label)}</text>"


def _finite(xs: Sequence[float], ys: Sequence[float]) -> Iterator[tuple[float, float]]:
    return ((x, y) for x, y in zip(xs, ys, strict=False) if math.isfinite(x) and math.isfinite(y))


def _text(text: str) -> str:
    return escape(safe(text))


# When the parts of an item were answered, and its cards recalled, as SVG


TIMELINE_WIDTH: Final = 680
TIMELINE_LEFT: Final = 250
TIMELINE_ROW: Final = 22
TIMELINE_TOP: Final = 8
_RIGHT: Final = "#15803d"
_WRONG: Final = "#b91c1c"
_RECALLED: Final = "#1d4ed8"


def timeline_svg(standing: GateStatus, item: ItemVerdict) -> str:
    """When the parts of an item were answered and its cards recalled or failed, a row each; "" if nothing happened."""
    rows = list(_rows(standing, item))
    days = [day for _, marks in rows for day, *_ in marks]
    if not days:
        return ""
    first, last = min(days), max([*days, standing.verdict.day])
    span = max(1, (last - first).days)
    height = TIMELINE_TOP + TIMELINE_ROW * len(rows) + 26
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="0 0 {TIMELINE_WIDTH} {height}" width="{TIMELINE_WIDTH}" height="{height}" '
        'font-family="sans-serif" font-size="12" role="img">',
        f"<title>{_text(f'{item.item.title}: what was shown when')}</title>",
        f'<rect width="{TIMELINE_WIDTH}" height="{height}" fill="white"/>',
    ]

    def x(day: date) -> float:
        return TIMELINE_LEFT + 12 + (day - first).days / span * (TIMELINE_WIDTH - TIMELINE_LEFT - 30)

    for place, (title, marks) in enumerate(rows):
        y = TIMELINE_TOP + TIMELINE_ROW * place + TIMELINE_ROW / 2
        parts.append(f'<text x="{TIMELINE_LEFT - 8}" y="{y + 4}" text-anchor="end">{_text(title)}</text>')
        parts.append(f'<line x1="{TIMELINE_LEFT}" y1="{y}" x2="{TIMELINE_WIDTH - 8}" y2="{y}" stroke="#e5e7eb"/>')
        parts += [_mark(x(day), y, shape, f"{day}: {words}") for day, shape, words in marks]
    bottom = height - 8
    for day, anchor in ((first, "start"), (last, "end"))[: 1 + (first != last)]:
        parts.append(f'<text x="{x(day):.1f}" y="{bottom}" text-anchor="{anchor}" fill="#475569">{day}</text>')
    return "\n".join([*parts, "</svg>"])


def _rows(standing: GateStatus, item: ItemVerdict) -> Iterator[tuple[str, list[tuple[date, str, str]]]]:
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
    title = f"<title>{_text(words)}</title>"
    if shape == "wrong":
        cross = f"M{x - 4:.1f} {y - 4:.1f}L{x + 4:.1f} {y + 4:.1f}M{x - 4:.1f} {y + 4:.1f}L{x + 4:.1f} {y - 4:.1f}"
        return f'<path d="{cross}" stroke="{_WRONG}" stroke-width="2">{title}</path>'
    colour = _RIGHT if shape == "right" else _RECALLED
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{colour}">{title}</circle>'
