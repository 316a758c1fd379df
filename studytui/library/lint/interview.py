"""Interview questions and the labelled sentences of their grader: names that exist, rubrics that tell answers apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from studytui.domain.cards import Course, Objective
from studytui.domain.rubric import Point, Question
from studytui.domain.spelling import fold
from studytui.library.errors import CourseError
from studytui.library.lint.report import Finding, finding_of
from studytui.library.pairs import HALVES, MEASURED, load_pairs
from studytui.library.quizzes import INTERVIEW_FILE, load_interview
from studytui.library.toml_source import TablePlace, read

POINTS: Final = range(3, 9)
PROBES: Final = range(2, 4)
FEWEST_PHRASINGS: Final = 2
"""How many key points and follow-ups a question has, and in how many ways a point is put at least."""


class _Wrong(NamedTuple):
    """A finding without its place: `at` is the path of the field inside the question."""

    rule: str
    at: tuple[str | int, ...]
    message: str


def poor_interview(root: Path, course: Course, objectives: Sequence[Objective]) -> Iterator[Finding]:
    """Findings in quizzes/interview.toml, and then in the labelled sentences that name its points."""
    try:
        questions = load_interview(root)
    except CourseError as error:
        yield finding_of(error)
        return
    if questions:
        source = read(root, INTERVIEW_FILE)
        known = {
            "section": {section.id for chapter in course.chapters for section in chapter.sections},
            "objective": {objective.id for objective in objectives},
            "lens": {lens.id for lens in course.lenses},
        }
        for index, question in enumerate(questions):
            for wrong in (*_unknown(question, known), *_thin(question), *_confused(question)):
                yield _finding(question, source.place("question", index), wrong)
    yield from _poor_pairs(root, questions)


def _unknown(question: Question, known: dict[str, set[str]]) -> Iterator[_Wrong]:
    """Names that the course does not have."""
    named: list[tuple[str, tuple[str | int, ...], tuple[str, ...]]] = [
        ("section", ("sections",), question.sections),
        ("objective", ("covers",), question.covers),
        ("lens", ("lens",), question.lenses),
        *(("objective", ("point", at, "covers"), point.covers) for at, point in enumerate(question.points)),
    ]
    for what, at, names in named:
        for name in dict.fromkeys(names):
            if name not in known[what]:
                yield _Wrong(f"unknown-{what}", at, f"the course has no {what} “{name}”.")


def _thin(question: Question) -> Iterator[_Wrong]:
    """What a rubric lacks to tell a good answer from a poor one and to go on from it."""
    if len(question.points) not in POINTS:
        yield _Wrong("thin-rubric", ("point",), f"a question has 3 to 8 key points, not {len(question.points)}.")
    if not any(point.must for point in question.points):
        yield _Wrong("thin-rubric", ("point",), "no point is a must, so that nothing has to be said.")
    if not question.mistakes:
        yield _Wrong("thin-rubric", ("mistake",), "no common mistake is named.")
    if len(question.probes) not in PROBES:
        yield _Wrong("thin-rubric", ("probe",), f"a question has 2 or 3 follow-ups, not {len(question.probes)}.")
    for at, point in enumerate(question.points):
        if len(point.phrasings) < FEWEST_PHRASINGS:
            yield _Wrong("thin-rubric", ("point", at, "phrasings"), "a point is put in at least two ways.")
        if not point.contradicts:
            yield _Wrong("thin-rubric", ("point", at, "contradicts"), "nothing is named that would contradict it.")


def _confused(question: Question) -> Iterator[_Wrong]:
    """Sentences that stand for two things at once, and phrasings that the question gives away."""
    asked = fold(question.ask)
    stands: dict[str, tuple[str, str]] = {}
    for at, point in enumerate(question.points):
        for field, sentences in _sentences(point):
            for sentence in sentences:
                text = fold(sentence)
                if text in stands:
                    before, where = stands[text]
                    message = f"“{sentence[:60]}” stands in {where} of the point “{before}” too."
                    yield _Wrong("twice-said", ("point", at, field), message)
                stands.setdefault(text, (point.id, field))
                if field == "phrasings" and len(text.split()) > 2 and text in asked:
                    yield _Wrong(
                        "answer-in-question", ("point", at, field), f"“{sentence[:60]}” stands in the question."
                    )
    missing: dict[str, int] = {}
    for at, probe in enumerate(question.probes):
        if probe.when_missing in missing:
            message = f"the point “{probe.when_missing}” has a follow-up already, and only one is asked."
            yield _Wrong("twice-said", ("probe", at, "when_missing"), message)
        missing.setdefault(probe.when_missing, at)


def _sentences(point: Point) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "phrasings", point.phrasings
    yield "contradicts", point.contradicts


def _all_sentences(point: Point) -> Iterator[str]:
    yield from (*point.phrasings, *point.contradicts, *point.says, *point.denies, *point.near)


def _poor_pairs(root: Path, questions: Sequence[Question]) -> Iterator[Finding]:
    """Sentences with two labels, and sentences to measure on that were tuned on, or stand in the rubric."""
    points = {(question.id, point.id): point for question in questions for point in question.points}
    seen: dict[tuple[str, str, str], tuple[str, str]] = {}
    for half in HALVES:
        try:
            pairs = load_pairs(root, half, questions)
        except CourseError as error:
            yield finding_of(error)
            continue
        for pair in pairs:
            text = fold(pair.says)
            before = seen.setdefault((pair.question, pair.point, text), (half, f"{pair.path}:{pair.line}"))
            who = f"{pair.question}/{pair.point}"
            if before[1] != f"{pair.path}:{pair.line}":
                rule = "leaked-pair" if before[0] != half else "twice-said"
                yield Finding(rule, f"says: this sentence stands in {before[1]} too.", pair.path, pair.line, who)
            own = points[pair.question, pair.point]
            if half == MEASURED and text in {fold(one) for one in (own.text, *_all_sentences(own))}:
                message = "says: this sentence stands in the rubric, so that it measures nothing."
                yield Finding("leaked-pair", message, pair.path, pair.line, who)


def _finding(question: Question, place: TablePlace, wrong: _Wrong) -> Finding:
    field = ".".join(str(part) for part in wrong.at)
    return Finding(wrong.rule, f"{field}: {wrong.message}", question.path, place.at(wrong.at), question.id)
