"""A whole rehearsal as a Markdown and an HTML file that need nothing else to be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from studytui.domain.cards import Course
from studytui.domain.plain_text import safe
from studytui.domain.rehearsal import Given, by_whom, is_changed
from studytui.domain.rubric import Coverage, Question
from studytui.services.rehearsal.attempts import Attempt, JudgedPoint
from studytui.services.rehearsal.scorecard import Line, Mean, Scorecard, trend_words
from studytui.services.report_files import authored, write_both

FOLDER: Final = Path("studytui-rehearsals")
SIGNS: Final[dict[Coverage, str]] = {"covered": "✓", "partly": "◐", "missed": "○", "contradicted": "✗"}
_MARKDOWN: Final = re.compile(r"([\\`*_\[\]#|<>~$&])")


class ExportError(Exception):
    """The files cannot be written; the text names the folder and says why."""


@dataclass(frozen=True, slots=True)
class Report:
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


def save(report: Report, folder: Path = FOLDER) -> tuple[Path, Path]:
    """Write both files into a folder, without overwriting another rehearsal's; returns their paths.

    Raises:
        ExportError: the folder cannot be written.
    """
    from studytui.services.rehearsal.export_html import html

    stem = f"rehearsal-{report.at:%Y-%m-%d-%H%M}"
    try:
        return write_both(folder, stem, markdown=markdown(report), html=html(report))
    except OSError as error:
        raise ExportError(f"{folder.absolute()} cannot be written ({error.strerror or error}).") from error


def markdown(report: Report) -> str:
    """The rehearsal as Markdown. What the learner typed stands in fences or escaped: it forms nothing."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
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
    yield from _means("By chapter", card.chapters, report.chapter_name)
    yield from _means("By lens", card.lenses, report.lens_name)
    for number, line in enumerate(card.lines, 1):
        yield from _question(number, line)


def _means(title: str, means: tuple[Mean, ...], name: object) -> Iterator[str]:
    if means and callable(name):
        yield ""
        yield f"**{title}:** " + "; ".join(f"{escaped(name(mean.name))} {mean.score:.0%}" for mean in means)


def _question(number: int, line: Line) -> Iterator[str]:
    question, attempt = line.question, line.attempt
    yield ""
    yield f"## {number}. {escaped(question.id)}"
    yield ""
    yield authored(question.ask)
    yield ""
    yield from _answer(attempt)
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
        yield from _answer(probe)


def _answer(attempt: Attempt) -> Iterator[str]:
    yield f"**Your answer** ({attempt_words(attempt)})"
    yield ""
    text = safe(attempt.given.answer) or "(nothing)"
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    yield f"{fence}text\n{text}\n{fence}"
    yield ""
    for point in attempt.points:
        yield f"- {SIGNS[point.coverage]} **{point.coverage}**: {escaped(point.text)}{_evidence(point, attempt.grader)}"


def _evidence(point: JudgedPoint, grader: str) -> str:
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


def attempt_words(attempt: Attempt) -> str:
    """How an answer was given and graded, in one line."""
    parts = [attempt.given.mode, used_of_given(attempt), f"score {attempt.score:.0%}", f"grade {attempt.grade}"]
    if attempt.given.confidence is not None:
        parts.append(f"sure {attempt.given.confidence} of 5")
    return ", ".join([*parts, by_whom(attempt.grader)])


def used_of_given(attempt: Attempt) -> str:
    """The time of the answer against what there was: 1:32 of 2:00."""
    return attempt_time(attempt.given)


def attempt_time(given: Given) -> str:
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
