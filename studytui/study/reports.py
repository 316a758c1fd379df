"""A report as two files side by side: Markdown to keep and HTML to print; and a course's Markdown made fit for them."""

from __future__ import annotations

import html as markup
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Final, Self

from labs.protocol import Curve, Evidence
from studytui import __version__
from studytui.course.loader import load_syllabus
from studytui.course.markdown import emphasis_to_html
from studytui.domain.cards import Course
from studytui.domain.gate import VERDICT_WORDS, ItemVerdict, PartVerdict
from studytui.domain.plain_text import safe
from studytui.domain.rubric import Coverage, Question, Submission, by_whom, is_changed
from studytui.errors import CourseError
from studytui.files import write_atomically
from studytui.study.gate import (
    STATUS_SIGNS,
    GateAnswer,
    GatePoint,
    GateStatus,
    Remade,
    gate_line,
    item_line,
    part_line,
    path_lines,
    retention_line,
    timeline_svg,
)
from studytui.study.rehearsal import Scorecard, ScoreLine, ScoreMean, trend_words
from studytui.study.submissions import JudgedPoint, Mark, RehearsedAnswer, marked
from studytui.study.workspace import Workspace

SCHEMES: Final = frozenset({"http", "https", "mailto"})
"""What a link in a report may lead to, besides places in the same folder."""
_LEFT_OUT: Final = "(link left out)"
_LONGEST_TARGET: Final = 2_000
_TARGET: Final = re.compile(r"\](?:\(|:)[ \t]{0,99}(?:\n[ \t]{0,99})?")
"""What stands before the address of a link, and of a link's definition."""
_ESCAPE: Final = re.compile(r"\\(?=[!-/:-@\[-`{-~])")
_PASSED_OVER: Final = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_SCHEME: Final = re.compile(r"([^:/?#]{0,2000}):")
_TAG: Final = re.compile(r"(?<!\\)((?:\\\\)*+)<(?=[a-zA-Z/!?])")
"""The beginning of a tag that no backslash stands before; two backslashes are one of the text."""


def write_both(folder: Path, stem: str, *, markdown: str, html: str) -> tuple[Path, Path]:
    """Write `stem`.md and `stem`.html, numbered where a report of that name stands already; returns both paths.

    Raises:
        OSError: the folder cannot be written.
    """
    number, name = 1, stem
    while (folder / f"{name}.md").exists() or (folder / f"{name}.html").exists():
        number += 1
        name = f"{stem}-{number}"
    files = folder / f"{name}.md", folder / f"{name}.html"
    for path, text in zip(files, (markdown, html), strict=True):
        write_atomically(path, text.encode(errors="replace"))
    return files


def authored(text: str) -> str:
    """The Markdown of a course or a lab, in which no tag is one and no link leads to a script or into the page itself.

    A link to anything but a web page, an address or a place nearby loses its address.
    """
    return _TAG.sub(r"\1\\<", "".join(_without_odd_links(safe(text))))


def _without_odd_links(text: str) -> Iterator[str]:
    at = 0
    for opening in _TARGET.finditer(text):
        if opening.start() < at:
            continue
        end = _end_of_target(text, opening.end(), in_brackets=text[opening.start() + 1] == "(")
        if leads_somewhere_safe(text[opening.end() : end]):
            continue
        yield text[at : opening.start() + 1]
        if text[opening.start() + 1] == "(":
            yield f" {_LEFT_OUT}"
            at = end + (text[end : end + 1] == ")")
        else:
            yield ": #"
            at = end
    yield text[at:]


def leads_somewhere_safe(target: str) -> bool:
    """Whether a link's address, as it is written in Markdown, has no scheme or one of `SCHEMES`."""
    for _ in range(3):
        target = markup.unescape(target)
    target = _PASSED_OVER.sub("", _ESCAPE.sub("", target)).lstrip("<")
    scheme = _SCHEME.match(target)
    return scheme is None or scheme[1].lower() in SCHEMES


def _end_of_target(text: str, at: int, *, in_brackets: bool) -> int:
    """Where an address ends: at the bracket that closes the link, or at the end of a definition's word."""
    open_brackets = 0
    for place in range(at, min(len(text), at + _LONGEST_TARGET)):
        letter = text[place]
        if text[place - 1] == "\\":
            continue
        if letter == "(":
            open_brackets += 1
        elif letter == ")" and in_brackets:
            if not open_brackets:
                return place
            open_brackets -= 1
        elif letter == "\n" or (letter in " \t" and not in_brackets):
            return place
    return min(len(text), at + _LONGEST_TARGET)


# A whole rehearsal as a Markdown and an HTML file that need nothing else to be read


REHEARSAL_FOLDER: Final = Path("studytui-rehearsals")
POINT_SIGNS: Final[dict[Coverage, str]] = {"covered": "✓", "partly": "◐", "missed": "○", "contradicted": "✗"}
_MARKDOWN: Final = re.compile(r"([\\`*_\[\]#|<>~$&])")


class ExportError(Exception):
    """The files cannot be written; the text names the folder and says why."""


@dataclass(frozen=True, slots=True)
class RehearsalReport:
    """A rehearsal to be written down."""

    title: str
    at: datetime
    course: Course
    card: Scorecard

    def chapter_name(self, number: str) -> str:
        """The chapter of a number with its title."""
        chapter = next((each for each in self.course.chapters if str(each.number) == number), None)
        return f"{number} {chapter.title}" if chapter else number

    def lens_name(self, lens_id: str) -> str:
        """The debugging question of a lens."""
        lens = next((each for each in self.course.lenses if each.id == lens_id), None)
        return lens.question if lens else lens_id


def save_rehearsal(report: RehearsalReport, folder: Path = REHEARSAL_FOLDER) -> tuple[Path, Path]:
    """Write both files into a folder, without overwriting another rehearsal's; returns their paths.

    Raises:
        ExportError: the folder cannot be written.
    """

    stem = f"rehearsal-{report.at:%Y-%m-%d-%H%M}"
    try:
        return write_both(folder, stem, markdown=rehearsal_markdown(report), html=rehearsal_html(report))
    except OSError as error:
        raise ExportError(f"{folder.absolute()} cannot be written ({error.strerror or error}).") from error


def rehearsal_markdown(report: RehearsalReport) -> str:
    """The rehearsal as Markdown. What the learner typed stands in fences or escaped: it forms nothing."""
    return "\n".join(_rehearsal_lines(report)) + "\n"


def _rehearsal_lines(report: RehearsalReport) -> Iterator[str]:
    card = report.card
    yield f"# {escaped(report.title)}"
    yield ""
    yield f"{report.at:%Y-%m-%d %H:%M} · {questions(len(card.lines))} · score {card.score:.0%}{time_words(card)}"
    yield ""
    yield "| question | score | grade | time | trend |"
    yield "|---|---|---|---|---|"
    for line in card.lines:
        attempt = line.attempt
        asked = authored(_one_line(line.question.ask)).replace("|", "\\|")
        yield f"| {asked} | {attempt.score:.0%} | {attempt.grade} | {used_of_given(attempt)} | {trend_words(line)} |"
    yield from _means_line("By chapter", card.chapters, report.chapter_name)
    yield from _means_line("By lens", card.lenses, report.lens_name)
    for number, line in enumerate(card.lines, 1):
        yield from _question_lines(number, line)


def _means_line(title: str, means: tuple[ScoreMean, ...], name: object) -> Iterator[str]:
    if means and callable(name):
        yield ""
        yield f"**{title}:** " + "; ".join(f"{escaped(name(mean.name))} {mean.score:.0%}" for mean in means)


def _question_lines(number: int, line: ScoreLine) -> Iterator[str]:
    question, attempt = line.question, line.attempt
    yield ""
    yield f"## {number}. {escaped(question.id)}"
    yield ""
    yield authored(question.ask)
    yield ""
    yield from _answer_lines(attempt)
    yield ""
    yield "**A model answer**"
    yield ""
    yield authored(question.model)
    yield from _mistakes(question)
    for probe in attempt.probes:
        yield ""
        yield f"### Follow-up ({probe.score:.0%})"
        yield ""
        yield authored(probe.ask)
        yield ""
        yield from _answer_lines(probe)


def _answer_lines(attempt: RehearsedAnswer) -> Iterator[str]:
    yield f"**Your answer** ({attempt_words(attempt)})"
    yield ""
    text = safe(attempt.given.answer) or "(nothing)"
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    yield f"{fence}text\n{text}\n{fence}"
    yield ""
    for point in attempt.points:
        evidence = _evidence_lines(point, attempt.grader)
        yield f"- {POINT_SIGNS[point.coverage]} **{point.coverage}**: {escaped(point.text)}{evidence}"


def _evidence_lines(point: JudgedPoint, grader: str) -> str:
    quote = f" — “{escaped(_one_line(point.quote.text))}”" if point.quote else ""
    changed = f" (grader: {point.found})" if is_changed(point.found, point.chosen, grader) else ""
    return quote + changed


def _mistakes(question: Question) -> Iterator[str]:
    if question.mistakes:
        yield ""
        yield "**Common mistakes**"
        yield ""
        for mistake in question.mistakes:
            yield f"- {escaped(mistake.says)} → {escaped(mistake.correction)}"


def escaped(text: str) -> str:
    """A text that Markdown shows as it is."""
    return _MARKDOWN.sub(r"\\\1", _one_line(safe(text)))


def attempt_words(attempt: RehearsedAnswer) -> str:
    """How an answer was given and graded, in one line."""
    parts = [attempt.given.mode, used_of_given(attempt), f"score {attempt.score:.0%}", f"grade {attempt.grade}"]
    if attempt.given.confidence is not None:
        parts.append(f"sure {attempt.given.confidence} of 5")
    return ", ".join([*parts, by_whom(attempt.grader)])


def used_of_given(attempt: RehearsedAnswer) -> str:
    """The time of the answer against what there was: 1:32 of 2:00."""
    return attempt_time(attempt.given)


def attempt_time(given: Submission) -> str:
    """The time of an answer that was handed in, against what there was."""
    used = minutes(given.seconds_answered)
    return f"{used} of {minutes(given.seconds_given)}" if given.seconds_given is not None else used


def time_words(card: Scorecard) -> str:
    """The time of all answers that ran against a clock."""
    if not card.seconds_given:
        return ""
    return f" · {minutes(card.seconds_used)} of {minutes(card.seconds_given)} used"


def questions(count: int) -> str:
    """1 question, 5 questions."""
    return f"{count} question{'s' * (count != 1)}"


def minutes(seconds: float) -> str:
    """0:07, 12:30."""
    whole = int(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


# The HTML of a rehearsal: one file with its own style, no script, nothing loaded, everything typed escaped


_REHEARSAL_STYLE: Final = """
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif;
  color-scheme: light dark; }
table { border-collapse: collapse; } td, th { padding: .2rem .6rem; border: 1px solid #8886; text-align: left; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; border-left: 3px solid #8886; padding-left: .8rem; }
mark { border-radius: .2rem; padding: 0 .1rem; } .covered { background: #8f89; } .partly { background: #fd69; }
.contradicted { background: #f889; text-decoration: underline wavy; } .quiet { opacity: .75; } li { margin: .2rem 0; }
"""
_INLINE: Final = (
    (re.compile(r"\*\*(?=\S)(.{1,300}?)(?<=\S)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"(?<!\*)\*(?=[^\s*])([^*]{1,300}?)(?<=\S)\*(?!\*)"), r"<em>\1</em>"),
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
)


def rehearsal_html(report: RehearsalReport) -> str:
    """The rehearsal as one page."""
    return "\n".join(_rehearsal_page(report)) + "\n"


def _rehearsal_page(report: RehearsalReport) -> Iterator[str]:
    card = report.card
    title = _plain(report.title)
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    yield f"<title>{title}</title>\n<style>{_REHEARSAL_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>"
    yield (
        f"<p>{report.at:%Y-%m-%d %H:%M} · {questions(len(card.lines))} · score {card.score:.0%}"
        f"{_plain(time_words(card))}</p>"
    )
    yield "<table>\n<tr><th>question</th><th>score</th><th>grade</th><th>time</th><th>trend</th></tr>"
    for number, line in enumerate(card.lines, 1):
        attempt = line.attempt
        cells = (f"{attempt.score:.0%}", str(attempt.grade), used_of_given(attempt), trend_words(line))
        row = "".join(f"<td>{_plain(cell)}</td>" for cell in cells)
        yield f'<tr><td><a href="#q{number}">{_authored_text(line.question.ask)}</a></td>{row}</tr>'
    yield "</table>"
    yield from _means_html("By chapter", [(report.chapter_name(mean.name), mean) for mean in card.chapters])
    yield from _means_html("By lens", [(report.lens_name(mean.name), mean) for mean in card.lenses])
    for number, line in enumerate(card.lines, 1):
        yield from _question_html(number, line)
    yield "</body>\n</html>"


def _means_html(title: str, means: Sequence[tuple[str, ScoreMean]]) -> Iterator[str]:
    if means:
        rows = "".join(f"<li>{_plain(name)}: {mean.score:.0%} ({mean.count})</li>" for name, mean in means)
        yield f"<h2>{title}</h2>\n<ul>{rows}</ul>"


def _question_html(number: int, line: ScoreLine) -> Iterator[str]:
    question = line.question
    yield f'<h2 id="q{number}">{number}. {_authored_text(question.ask)}</h2>'
    yield from _answer_html(line.attempt)
    yield f'<h3>A model answer</h3>\n<p class="text">{_authored_text(question.model)}</p>'
    if question.mistakes:
        rows = "".join(
            f"<li>{_authored_text(each.says)} → {_authored_text(each.correction)}</li>" for each in question.mistakes
        )
        yield f"<h3>Common mistakes</h3>\n<ul>{rows}</ul>"
    for probe in line.attempt.probes:
        yield f"<h3>Follow-up: {_authored_text(probe.ask)}</h3>"
        yield from _answer_html(probe)


def _answer_html(attempt: RehearsedAnswer) -> Iterator[str]:
    yield f'<p class="quiet">Your answer ({_plain(attempt_words(attempt))})</p>'
    text = "".join(_marked_answer(part, mark) for part, mark in marked(attempt.given.answer, attempt.points))
    yield f'<div class="text">{text or "(nothing)"}</div>\n<ul>'
    for point in attempt.points:
        evidence = _evidence_html(point, attempt.grader)
        yield f"<li>{POINT_SIGNS[point.coverage]} <b>{point.coverage}</b>: {_authored_text(point.text)}{evidence}</li>"
    yield "</ul>"


def _marked_answer(part: str, mark: Mark | None) -> str:
    text = _plain(part)
    if mark is None:
        return text
    return f'<mark class="{mark.coverage}" title="{_plain(", ".join(mark.points))}">{text}</mark>'


def _evidence_html(point: JudgedPoint, grader: str) -> str:
    quote = f" — “{_plain(point.quote.text)}”" if point.quote else ""
    changed = (
        f' <span class="quiet">(grader: {point.found})</span>' if is_changed(point.found, point.chosen, grader) else ""
    )
    return quote + changed


def _plain(text: str) -> str:
    """A text that a browser shows as it is."""
    return markup.escape(safe(text), quote=True)


def _authored_text(text: str) -> str:
    """The course's own text: escaped first, so that only its emphasis becomes markup."""
    found = _plain(text)
    for pattern, replacement in _INLINE:
        found = pattern.sub(replacement, found)
    return found


# An audit written down: what was asked, said, measured and missing, as Markdown; `report_html` makes a page of


GATE_FOLDER: Final = Path("studytui-audits")


class ReportError(Exception):
    """The files cannot be written; the text names the folder and says why."""


@dataclass(frozen=True, slots=True)
class GateReport:
    """A standing to be written down. `figures` are the labs' evidence by the uid of the attempt, `facts` what the
    objectives say.
    """

    course: Course
    at: datetime
    standing: GateStatus
    figures: Mapping[str, Remade] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, workspace: Workspace, standing: GateStatus, figures: Mapping[str, Remade]) -> Self:
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

    def answers(self, item: ItemVerdict, part: PartVerdict) -> list[GateAnswer]:
        """The attempts that decided a part and those of the days that count for testing out, oldest first."""
        wanted, days = {attempt.no for attempt in part.counted}, item.retention.test_out_days
        return [answer for answer in self.standing.log.of(part.key) if answer.no in wanted or answer.day in days]

    def objective(self, objective_id: str) -> str:
        """An objective by its id, with its words where they are known."""
        return f"{objective_id} {self.facts.get(objective_id, '')}".rstrip()


def save_gate(report: GateReport, folder: Path = GATE_FOLDER) -> tuple[Path, Path]:
    """Write both files, over no other report; returns their paths.

    Raises:
        ReportError: the folder cannot be written.
    """

    stem = f"audit-{report.standing.gate.id}-{report.at:%Y-%m-%d-%H%M}"
    try:
        return write_both(folder, stem, markdown=gate_markdown(report), html=gate_html(report))
    except OSError as error:
        raise ReportError(f"{folder.absolute()} cannot be written ({error.strerror or error}).") from error


def gate_markdown(report: GateReport) -> str:
    """The report as Markdown. What was typed stands in fences or escaped: it forms nothing."""
    return "\n".join(_gate_lines(report)) + "\n"


def _gate_lines(report: GateReport) -> Iterator[str]:
    standing = report.standing
    yield f"# {escaped(report.title)}"
    yield f"\n{escaped(report.about)}"
    yield f"\n**{escaped(gate_line(standing))}**"
    if (override := standing.log.override) is not None:
        yield f"\nOpened without passing on {override.day}. The reason given: {escaped(override.reason)}"
    yield "\n| item | verdict | retention |\n|---|---|---|"
    for item in standing.verdict.items:
        verdict = f"{STATUS_SIGNS[item.state]} {escaped(item_line(item))}"
        yield f"| {escaped(item.item.title)} | {verdict} | {escaped(retention_line(item.retention))} |"
    for number, item in enumerate(standing.verdict.items, 1):
        yield from _gate_item(report, number, item)
    if steps := list(path_lines(standing, report.course)):
        yield "\n## The shortest way to ready\n"
        yield from (f"- {escaped(step)}" for step in steps)


def _gate_item(report: GateReport, number: int, item: ItemVerdict) -> Iterator[str]:
    yield f"\n## {number}. {escaped(item.item.title)}: {STATUS_SIGNS[item.state]} {VERDICT_WORDS[item.state]}"
    yield f"\nSections {', '.join(item.item.sections)}"
    for part in item.parts:
        yield f"\n### {escaped(part.part.title)}: {STATUS_SIGNS[part.state]} {escaped(part_line(part))}"
        for answer in report.answers(item, part):
            yield from _gate_answer(report, answer)
    yield f"\n### Retention: {STATUS_SIGNS[item.retention.state]} {VERDICT_WORDS[item.retention.state]}"
    yield f"\n{escaped(retention_line(item.retention))}"
    yield "\n| objective | recalled on | in a lapse |\n|---|---|---|"
    for one in item.retention.objectives:
        days, lapsed = ", ".join(map(str, one.spaced)), escaped(", ".join(one.lapsed))
        yield f"| {escaped(report.objective(one.objective))} | {days} | {lapsed} |"


def _gate_answer(report: GateReport, answer: GateAnswer) -> Iterator[str]:
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


def judged(answer: GateAnswer) -> str:
    """How an attempt was judged, in one line."""
    word = "passed" if answer.passed else "not passed"
    if answer.score is None or answer.pass_score is None:
        seed = answer.computation.seed if answer.computation else 0
        exercise = answer.computation.exercise if answer.computation else ""
        return f"{word}, {exercise} with seed {seed}"
    return f"{word}: {answer.score:.0%} of the rubric, {answer.pass_score:.0%} needed, {by_whom(answer.grader)}"


def _quote(point: GatePoint) -> str:
    return f" — “{escaped(point.quote.text)}”" if point.quote else ""


def fenced(text: str) -> str:
    """A text in a fence longer than any in it."""
    shown = safe(text) or "(nothing)"
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", shown)), default=0))
    return f"{fence}text\n{shown}\n{fence}"


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


def plot_svg(curve: Curve) -> str:
    """The curve with its series, axes, labels and legend; points that are not finite are left out."""
    points = {name: list(_finite(curve.x, ys)) for name, ys in curve.series.items()}
    xs = [x for series in points.values() for x, _ in series] or [0.0, 1.0]
    ys = [y for series in points.values() for _, y in series] or [0.0, 1.0]
    logarithmic = min(ys) > 0 and max(ys) / min(ys) > LOG_SPAN
    scale = _Scale(min(xs), max(xs), min(ys), max(ys), logarithmic)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f"<title>{escape(curve.title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="20" font-size="14" font-weight="bold">{escape(curve.title)}</text>',
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
        parts.append(f'<text x="{x + 28}" y="{y}">{escape(name)}</text>')
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
    yield f'<text x="{(LEFT + right) / 2}" y="{HEIGHT - 8}" text-anchor="middle">{escape(curve.x_label)}</text>'
    middle = (TOP + bottom) / 2
    turned = f'x="14" y="{middle}" text-anchor="middle" transform="rotate(-90 14 {middle})"'
    yield f"<text {turned}>{escape(curve.y_label)}</text>"


def _finite(xs: Sequence[float], ys: Sequence[float]) -> Iterator[tuple[float, float]]:
    return ((x, y) for x, y in zip(xs, ys, strict=False) if math.isfinite(x) and math.isfinite(y))


# An audit as one HTML page: its own style, no script, nothing loaded, all that was typed escaped, fit to print


_GATE_STYLE: Final = """
body { max-width: 52rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; color: #111;
  background: #fff; }
h1, h2, h3 { line-height: 1.2; } h2 { border-bottom: 1px solid #888; margin-top: 2.5rem; }
table { border-collapse: collapse; } td, th { padding: .2rem .6rem; border: 1px solid #999; text-align: left;
  vertical-align: top; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; border-left: 3px solid #999; padding-left: .8rem; }
.quiet { color: #444; } .state { font-weight: bold; } li { margin: .2rem 0; } figure { margin: 1rem 0; }
figcaption { color: #444; font-size: .9rem; } img { image-rendering: pixelated; min-width: 12rem; max-width: 100%; }
svg { max-width: 100%; height: auto; } mark { background: #e7f5e4; } mark.partly { background: #fdf3d0; }
mark.contradicted { background: #fbe0e0; text-decoration: underline wavy; } pre { white-space: pre-wrap; }
@page { margin: 18mm; }
@media print { body { max-width: none; margin: 0; font-size: 10pt; } h2, h3 { break-after: avoid; }
  figure, tr, li { break-inside: avoid; } img { max-height: 12cm; } a { color: inherit; text-decoration: none; }
  mark { print-color-adjust: exact; text-decoration: underline; } }
"""
_NOT_BASE64: Final = re.compile(r"[^A-Za-z0-9+/=]")
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def gate_html(report: GateReport) -> str:
    """The report as one page."""
    return "\n".join(_gate_page(report)) + "\n"


def _gate_page(report: GateReport) -> Iterator[str]:
    standing = report.standing
    title = _plain(report.title)
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield f"<title>{title}</title>\n<style>{_GATE_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>"
    yield f'<p class="quiet">{_plain(report.about)}</p>'
    yield f'<p class="state">{_plain(gate_line(standing))}</p>'
    if (override := standing.log.override) is not None:
        reason = _plain(override.reason)
        yield f"<p>Opened without passing on {override.day}. The reason given: {reason}</p>"
    yield "<table>\n<tr><th>item</th><th>verdict</th><th>retention</th></tr>"
    for number, item in enumerate(standing.verdict.items, 1):
        cells = (f"{STATUS_SIGNS[item.state]} {item_line(item)}", retention_line(item.retention))
        row = "".join(f"<td>{_plain(cell)}</td>" for cell in cells)
        yield f'<tr><td><a href="#item-{number}">{_plain(item.item.title)}</a></td>{row}</tr>'
    yield "</table>"
    if steps := list(path_lines(standing, report.course)):
        rows = "".join(f"<li>{_plain(step)}</li>" for step in steps)
        yield f"<h2>The shortest way to ready</h2>\n<ul>{rows}</ul>"
    for number, item in enumerate(standing.verdict.items, 1):
        yield from _item_html(report, number, item)
    yield "</body>\n</html>"


def _item_html(report: GateReport, number: int, item: ItemVerdict) -> Iterator[str]:
    state = f"{STATUS_SIGNS[item.state]} {VERDICT_WORDS[item.state]}"
    yield f'<h2 id="item-{number}">{number}. {_plain(item.item.title)}: {state}</h2>'
    yield f'<p class="quiet">Sections {_plain(", ".join(item.item.sections))}</p>'
    if drawing := timeline_svg(report.standing, item):
        yield f"<figure>{drawing}<figcaption>When each part was answered: ● passed, × not.</figcaption></figure>"
    for part in item.parts:
        yield from _part(report, item, part)
    retention = item.retention
    yield f"<h3>Retention: {STATUS_SIGNS[retention.state]} {VERDICT_WORDS[retention.state]}</h3>"
    yield f"<p>{_plain(retention_line(retention))}</p>"
    yield "<table>\n<tr><th>objective</th><th>recalled on</th><th>in a lapse</th></tr>"
    for one in retention.objectives:
        name, lapsed = _authored_html(report.objective(one.objective)), _plain(", ".join(one.lapsed))
        yield f"<tr><td>{name}</td><td>{', '.join(map(str, one.spaced))}</td><td>{lapsed}</td></tr>"
    yield "</table>"


def _part(report: GateReport, item: ItemVerdict, part: PartVerdict) -> Iterator[str]:
    yield f"<h3>{_plain(part.part.title)}: {STATUS_SIGNS[part.state]} {_plain(part_line(part))}</h3>"
    for answer in report.answers(item, part):
        yield f"<p>{_authored_html(answer.ask)}</p>"
        yield f'<p class="quiet">Answered on {answer.day} ({_plain(judged(answer))})</p>'
        yield f'<div class="text">{_marked_points(answer) or "(nothing)"}</div>'
        if answer.points:
            rows = "".join(f"<li>{_point(point)}</li>" for point in answer.points)
            yield f"<ul>{rows}</ul>"
        for dispute in answer.disputes:
            where = f"disputed on {dispute.at:%Y-%m-%d}: {dispute.point_id}: "
            yield f'<p class="quiet">{_plain(where + dispute.note)}</p>'
        if answer.computation is not None:
            yield from _computed(report, answer)


def _computed(report: GateReport, answer: GateAnswer) -> Iterator[str]:
    computation = answer.computation
    assert computation is not None
    yield f"<p>Measured: <strong>{_plain(computation.right)}</strong>. {_plain(computation.message)}</p>"
    if computation.derivation:
        yield f"<pre>{_plain(chr(10).join(computation.derivation))}</pre>"
    remade = report.figures.get(answer.uid)
    if remade is not None and remade.evidence is not None:
        yield from _figures(remade.evidence)
    elif remade is not None:
        yield f'<p class="quiet">{_plain(remade.message)}</p>'


def _figures(evidence: Evidence) -> Iterator[str]:
    for picture in evidence.pictures:
        source = f"data:image/png;base64,{_NOT_BASE64.sub('', picture.png_base64)}"
        caption = f"<figcaption>{_plain(picture.caption)}</figcaption>"
        yield f'<figure><img alt="{_plain(picture.alt)}" src="{source}">{caption}</figure>'
    for curve in evidence.curves:
        yield f"<figure>{plot_svg(curve)}</figure>"


def _marked_points(answer: GateAnswer) -> str:
    """The answer with the words that count for a point marked; of several the weightiest verdict."""
    texts = {point.id: point.text for point in answer.points}
    found = []
    for part, mark in marked(answer.answer, answer.points):
        text = _plain(part)
        if mark is not None:
            about = _plain("; ".join(texts[each] for each in mark.points))
            text = f'<mark class="{mark.coverage}" title="{about}">{text}</mark>'
        found.append(text)
    return "".join(found)


def _point(point: GatePoint) -> str:
    quote = f" — “{_plain(point.quote.text)}”" if point.quote else ""
    return f"{POINT_SIGNS[point.coverage]} <b>{point.coverage}</b>: {_authored_html(point.text)}{quote}"


def _authored_html(text: str) -> str:
    """The course's own text, of whose markup only the emphasis counts."""
    return emphasis_to_html(safe(text))
