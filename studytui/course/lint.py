"""Interview questions and the labelled sentences of their grader: names that exist, rubrics that tell answers apart."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

from labs import catalog
from labs.catalog import Exercise, UnknownExercise
from labs.protocol import ParamError
from studytui.course import lint_cards
from studytui.course.lint_cards import Finding, Level, Material, Places, Report, about, finding_of
from studytui.course.lint_contrast import telling_contrasts
from studytui.course.loader import card_files, chapter_text, dated_lines, load_course, load_syllabus, read_cards
from studytui.course.quizzes import (
    HALVES,
    INTERVIEW_FILE,
    MEASURED,
    load_gate,
    load_interview,
    load_lexicon,
    load_pairs,
    load_prompts,
    load_tasks,
)
from studytui.course.settings import read_what_is_right
from studytui.course.toml_file import TablePlace, read, read_text
from studytui.course.user_cards import load_overrides, own_files, read_own_cards
from studytui.domain.cards import Card, Chapter, GateHead, Objective, Prompt, Task
from studytui.domain.gate import Computed, Gate, Item
from studytui.domain.rubric import Point, Question
from studytui.domain.spelling import fold
from studytui.errors import CourseError

POINTS: Final = range(3, 9)
PROBES: Final = range(2, 4)
FEWEST_PHRASINGS: Final = 2
"""How many key points and follow-ups a question has, and in how many ways a point is put at least."""


class _Wrong(NamedTuple):
    """A finding without its place: `at` is the path of the field inside the question."""

    rule: str
    at: tuple[str | int, ...]
    message: str


def poor_interview(what: Material) -> Iterator[Finding]:
    """Findings in quizzes/interview.toml, and then in the labelled sentences that name its points."""
    try:
        questions = load_interview(what.root)
    except CourseError as error:
        yield finding_of(error)
        return
    try:
        load_lexicon(what.root)
    except CourseError as error:
        yield finding_of(error)
    if questions:
        source = read(what.root, INTERVIEW_FILE)
        for index, question in enumerate(questions):
            for wrong in (*_unknown(question, what.known), *_thin(question), *_confused(question)):
                yield _finding(question, source.place("question", index), wrong)
    yield from _poor_pairs(what.root, questions)


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
                    message = f"“{sentence[:60]}” is also in {where} of the point “{before}”."
                    yield _Wrong("twice-said", ("point", at, field), message)
                stands.setdefault(text, (point.id, field))
                if field == "phrasings" and len(text.split()) > 2 and text in asked:
                    yield _Wrong("answer-in-question", ("point", at, field), f"“{sentence[:60]}” is in the question.")
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
                yield Finding(rule, f"this sentence is also in {before[1]}.", pair.path, pair.line, who, field="says")
            own = points[pair.question, pair.point]
            if half == MEASURED and text in {fold(one) for one in (own.text, *_all_sentences(own))}:
                message = "this sentence is in the rubric, so it measures nothing."
                yield Finding("leaked-pair", message, pair.path, pair.line, who, field="says")


def _finding(question: Question, place: TablePlace, wrong: _Wrong) -> Finding:
    field = ".".join(str(part) for part in wrong.at)
    return Finding(wrong.rule, wrong.message, question.path, place.at(wrong.at), question.id, field=field)


# Gates that cannot be passed as written: names the course does not have, labs that cannot ask, no cards


SEEDS_POSED: Final = 400
"""Showings in which a part has to find as many different problems as passing it and testing out take."""
FEWEST_POSED: Final = 20
GUESSED: Final = 0.01
"""From this chance on a part with options can be passed by guessing."""


def broken_gates(what: Material) -> Iterator[Finding]:
    """Everything wrong with the gates of a course."""
    for head in what.course.gates:
        try:
            gate = load_gate(what.root, head)
        except CourseError as error:
            yield finding_of(error)
            continue
        for item in gate.items:
            yield from _unknown_in_gate(gate, item, what.known)
            for objective in item.objectives:
                if objective in what.known["objective"] and objective not in what.covered:
                    yield _gate_finding(gate, item, "no-card", f"no card covers {objective}, so it cannot be recalled.")
            for part in item.parts:
                if isinstance(part, Computed):
                    yield from _lab(gate, head, item, part)


def _unknown_in_gate(gate: Gate, item: Item, known: dict[str, set[str]]) -> Iterator[Finding]:
    points = [
        objective
        for part in item.parts
        if not isinstance(part, Computed)
        for point in part.question.points
        for objective in point.covers
    ]
    named = {"section": item.sections, "objective": (*item.objectives, *points), "lens": item.lenses}
    for what, names in named.items():
        for name in dict.fromkeys(names):
            if name not in known[what]:
                yield _gate_finding(gate, item, f"unknown-{what}", f"the course has no {what} “{name}”.")


def _lab(gate: Gate, head: GateHead, item: Item, part: Computed) -> Iterator[Finding]:
    who = f"{item.id}/{part.id}"
    try:
        exercise = catalog.exercise(part.lab.exercise)
        found = _problems(exercise, part, wanted := part.count * head.test_out_days)
    except UnknownExercise as error:
        yield Finding("unknown-exercise", str(error), gate.path, part.line, who)
    except ParamError as error:
        message = f"{part.lab.exercise} cannot be posed: {error}"
        yield Finding("lab-parameter", message, gate.path, part.line, who)
    else:
        if found < wanted:
            message = f"it can ask only {found} different problems; testing out takes {wanted}."
            yield Finding("few-problems", message, gate.path, part.line, who)
        options = len(exercise.pose(part.lab.fixed, 0, part.lab.vary).options)
        if options and (chance := options**-part.count) >= GUESSED:
            message = f"guessing one of {options} passes {part.count} in a row at {chance:.0%}; ask for more in a row."
            yield Finding("guessable", message, gate.path, part.line, who, field="count")


def _problems(exercise: Exercise, part: Computed, wanted: int) -> int:
    """How many different problems the part asks, counted up to `wanted`."""
    seen: set[tuple[str, ...]] = set()
    for seed in range(SEEDS_POSED):
        seen.add(exercise.asks(exercise.pose(part.lab.fixed, seed, part.lab.vary)))
        if len(seen) >= wanted and seed >= FEWEST_POSED:
            break
    return len(seen)


def _gate_finding(gate: Gate, item: Item, rule: str, message: str) -> Finding:
    return Finding(rule, message, gate.path, item.line, item.id)


# Prompts and exercises: whether they can be read, lead where they say, and leave something to recall


def poor_quizzes(what: Material) -> Iterator[Finding]:
    """Findings in quizzes/recall.toml and quizzes/exercises.toml."""
    loaders: tuple[Callable[[Path], Sequence[Prompt | Task]], ...] = (load_prompts, load_tasks)
    for load in loaders:
        try:
            found = load(what.root)
        except CourseError as error:
            yield finding_of(error)
            continue
        for one in found:
            if one.section not in what.known["section"]:
                yield _recall_finding(one, "unknown-section", f"the course has no section “{one.section}”.", "section")
            for covered in one.covers:
                if covered not in what.known["objective"]:
                    yield _recall_finding(
                        one, "unknown-objective", f"the course has no objective “{covered}”.", "covers"
                    )
            is_prompt = isinstance(one, Prompt)
            question, points = (one.ask, one.points) if isinstance(one, Prompt) else (one.task, one.strong)
            asked = fold(question)
            for point in points:
                if len(fold(point).split()) > 2 and fold(point) in asked:
                    yield _recall_finding(
                        one,
                        "answer-in-question",
                        f"“{point[:60]}” is in what is asked.",
                        "ask" if is_prompt else "task",
                    )


def _recall_finding(one: Prompt | Task, rule: str, message: str, field: str) -> Finding:
    return Finding(rule, message, one.source.path, one.source.line, one.id, field=field)


# The learner's own cards, notes and settings: whether they can be read, and whether they lead where they say


def wrong_in(folder: Path, what: Material, taken: Mapping[str, str]) -> Iterator[Finding]:
    """What is wrong in a learner's folder, with whole paths. `taken` tells where the ids of the course stand."""
    try:
        names = own_files(folder)
    except CourseError as error:
        yield finding_of(error)
        names = []
    cards, findings, _ = _read_cards(names, lambda name: read_own_cards(folder, name), dict(taken))
    yield from findings
    places = Places(folder)
    yield from map(places.placed, _findings(replace(what, cards=cards, own=folder), OWN_RULES))
    try:
        load_overrides(folder)
    except CourseError as error:
        yield finding_of(error)


def wrong_settings(path: Path) -> Iterator[Finding]:
    """What is wrong in a learner's settings."""
    for error in read_what_is_right(path)[1]:
        message = str(error).removeprefix(f"{path}:{error.line}: ")
        yield Finding("settings", message, str(path), max(1, error.line))


# Facts that age: cards and lists that carry a day, and are due to be looked at again


GOOD_FOR_DAYS: Final = 180
"""A list of leading systems is looked at again after half a year."""


def dated_card(what: Material, card: Card) -> Iterator[Finding]:
    """A warning for a card that was dated longer ago than `GOOD_FOR_DAYS`, and an error for a day that is none."""
    if card.dated and (wrong := _held_against(card.dated, what.today)):
        yield about(card, "dated", wrong[1], field="dated", level=wrong[0])


def dated_chapter(what: Material, chapter: Chapter, text: str) -> Iterator[Finding]:
    """The same for lists in a chapter."""
    for line, day in dated_lines(text):
        if wrong := _held_against(day, what.today):
            yield Finding("dated", wrong[1], f"content/{chapter.text}", line, level=wrong[0])


def _held_against(text: str, today: date) -> tuple[Level, str] | None:
    try:
        age_days = (today - date.fromisoformat(text)).days
    except ValueError:
        return "error", f"“{text}” is not a day."
    if age_days > GOOD_FOR_DAYS:
        return "warning", f"dated {text}, {age_days} days ago; look at it again and set a new date."
    return None


# Objectives with an idea for a lab: those whose exercise exists, and those that still want one


@dataclass(frozen=True, slots=True)
class Wanted:
    """An objective with a lab idea. `exercises` are those that serve it, `linked` the cards that run one of them."""

    objective: str
    idea: str
    exercises: tuple[str, ...]
    linked: tuple[str, ...]

    @property
    def is_served(self) -> bool:
        """True if an exercise exists for it."""
        return bool(self.exercises)

    def __str__(self) -> str:
        state = (
            f"linked by {', '.join(self.linked)}" if self.linked else "no card links it" if self.exercises else "wanted"
        )
        names = ", ".join(self.exercises) or "no exercise yet"
        return f"{self.objective}  {names}  ({state}): {self.idea}"

    def to_json(self) -> dict[str, Any]:
        """Keys: objective, idea, exercises, linked."""
        return asdict(self)


def wanted(objectives: Sequence[Objective], cards: Sequence[Card]) -> list[Wanted]:
    """Every objective with a lab idea, in the order of the syllabus."""
    serving: dict[str, list[str]] = {}
    for exercise in catalog.exercises():
        for covered in exercise.covers:
            serving.setdefault(covered, []).append(exercise.name)
    found = []
    for objective in objectives:
        if not objective.lab:
            continue
        exercises = tuple(serving.get(objective.id, ()))
        linked = tuple(
            card.id for card in cards if objective.id in card.covers and card.lab and card.lab.exercise in exercises
        )
        found.append(Wanted(objective.id, objective.lab, exercises, linked))
    return found


# Linting a course: formats, ids and links first, then what makes a card hard to answer or easy to guess


__all__ = ["Finding", "Report", "Wanted", "check", "finding_of", "readable_cards", "wanted"]

_OBJECTIVE: Final = re.compile(r"(?<!\d)\d++\.\d++-\d++")


class Rules(NamedTuple):
    """The rules of a course: those that look at one card, at a chapter and its text, and at everything."""

    card: tuple[Callable[[Material, Card], Iterator[Finding]], ...]
    chapter: tuple[Callable[[Material, Chapter, str], Iterator[Finding]], ...] = ()
    course: tuple[Callable[[Material], Iterator[Finding]], ...] = ()


_LINKS = lint_cards.broken_links  # unknown-section, -objective, -helper, -lens, -exercise, lab-parameter
_ANSWERS = lint_cards.contradictory_answer  # answer-not-in-back, mistake-is-right, mistake-twice, answer-in-hint
_MARKS = lint_cards.marred_card  # anki-cloze, blank-elsewhere, emphasis, wrong-sum
_PICTURES = lint_cards.broken_pictures  # picture
OWN_RULES: Final = Rules((_LINKS, _ANSWERS, _MARKS, _PICTURES))
"""What a learner's own cards are held against."""
COURSE_RULES: Final = Rules(
    card=(
        _LINKS,
        lint_cards.misfiled,
        lint_cards.weak_card,  # empty-back, bare-back, long-front, yes-no, no-reason, give-away, answer-in-question
        _ANSWERS,
        _MARKS,
        _PICTURES,
        lint_cards.unsourced_card,  # unsourced
        dated_card,
    ),
    chapter=(
        lint_cards.headings,  # missing-text, unknown-section, other-heading
        lint_cards.marred_chapter,  # emphasis, wrong-sum
        lint_cards.unsourced_chapter,
        dated_chapter,
    ),
    course=(
        lint_cards.twins,  # near-duplicate
        lint_cards.near_words,
        lint_cards.units_spelt_apart,
        lint_cards.uncovered,
        lint_cards.early_terms,
        broken_gates,  # unknown-…, no-card, few-problems, guessable, lab-parameter
        poor_quizzes,  # unknown-…, answer-in-question
        poor_interview,  # unknown-…, thin-rubric, twice-said, answer-in-question, leaked-pair
        telling_contrasts,  # telling-contrast
    ),
)


def _findings(what: Material, rules: Rules) -> Iterator[Finding]:
    for rule in rules.card:
        for card in what.cards:
            yield from rule(what, card)
    for chapter in what.course.chapters if rules.chapter else ():
        try:
            text = chapter_text(what.root, chapter)
        except CourseError as error:
            yield finding_of(error)
            continue
        for look in rules.chapter:
            yield from look(what, chapter, text)
    for find in rules.course:
        yield from find(what)


def _read_cards(
    paths: Iterable[str], read: Callable[[str], tuple[list[Card], list[CourseError]]], seen: dict[str, str]
) -> tuple[list[Card], list[Finding], list[str]]:
    """The cards of files, what is wrong with them, and the files that have something wrong; `seen`: where ids stand."""
    cards: list[Card] = []
    findings: list[Finding] = []
    unread: list[str] = []
    for path in paths:
        try:
            found, errors = read(path)
        except CourseError as error:
            found, errors = [], [error]
        findings += map(finding_of, errors)
        unread += [path] * bool(errors)
        for card in found:
            if card.id in seen:
                findings.append(about(card, "duplicate-id", f"this id is also in {seen[card.id]}.", field="id"))
            seen.setdefault(card.id, str(card.source))
        cards += found
    return cards, findings, unread


def check(root: Path, *, today: date, own: Path | None = None, settings: Path | None = None) -> Report:
    """All findings in a course, in the order of its files. `today` is the day dated lists are held against.

    `own` tells a learner's folder by the course's id: its cards are held against formats, ids and links, and counted
    apart from the course's. `settings` is the learner's settings file.

    Raises:
        CourseError: course.toml or the syllabus cannot be read, so that nothing else can be judged.
    """
    course = load_course(root)
    objectives = load_syllabus(root)
    seen: dict[str, str] = {}
    cards, findings, unread = _read_cards(card_files(course), lambda path: read_cards(root, path), seen)
    covered = {objective for card in cards for objective in card.covers}
    likely = (name for path in unread for name in _objectives_named(root, path))
    what = Material(root, course, objectives, cards, today, covered.union(likely))
    findings = list(map(Places(root).placed, [*findings, *_findings(what, COURSE_RULES)]))
    if settings is not None:
        findings += wrong_settings(settings)
    if own is not None:
        findings += wrong_in(own, what, seen)
    return Report(
        cards=len(cards),
        machine_checked=sum(card.is_machine_checked for card in cards),
        objectives=len(objectives),
        objectives_covered=len(covered & {one.id for one in objectives}),
        findings=tuple(sorted(findings, key=lambda finding: (finding.path, finding.line))),
    )


def readable_cards(root: Path, own: Path | None = None) -> list[Card]:
    """The cards of a course, and of a learner's folder with whole paths, that can be read whatever else is wrong.

    Raises:
        CourseError: course.toml cannot be read.
    """
    cards: list[Card] = []
    for path in card_files(load_course(root)):
        with contextlib.suppress(CourseError):
            cards += read_cards(root, path)[0]
    for name in own_files(own) if own is not None else ():
        with contextlib.suppress(CourseError):
            cards += read_own_cards(own or root, name)[0]
    return cards


def _objectives_named(root: Path, path: str) -> set[str]:
    """What a file with an error in it covers in all likelihood: one error is one finding, not one an objective."""
    try:
        return set(_OBJECTIVE.findall(read_text(root, path)))
    except CourseError:
        return set()
