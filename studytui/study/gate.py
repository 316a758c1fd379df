"""A gate before a module: what it asks, where the learner stands, and the rows that an answer becomes."""

from __future__ import annotations

import hashlib
import json
import random
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from labs import catalog
from labs.catalog import UnknownExercise
from labs.protocol import Evidence, ParamError, Problem, scalar
from studytui.course.codec import from_json, to_json
from studytui.domain.cards import Course, GateHead
from studytui.domain.cross_examination import answered, ask_back
from studytui.domain.gate import (
    IN_PROGRESS,
    VERDICT_WORDS,
    VERDICTS,
    Computed,
    Gate,
    GateVerdict,
    Item,
    ItemVerdict,
    PartAttempt,
    PartKind,
    PartVerdict,
    Recalled,
    RetentionVerdict,
    State,
    StudyPlan,
    Written,
    gate_verdict,
    may_answer_on,
    shortest_plan,
)
from studytui.domain.judging import LONGEST_PROSE_SECONDS
from studytui.domain.plain_text import counted, storable
from studytui.domain.rubric import AnswerGrade, AskedBack, JudgedPoint, as_found
from studytui.domain.verdict import Verdict
from studytui.errors import CourseError
from studytui.store import CompiledCard, CourseCopy, FileStamp, ReviewRecord, Store
from studytui.store.log import CourseCard, GateRow, course_cards, gate_rows, scheduled_reviews
from studytui.study import labs
from studytui.study.course_sync import take_in
from studytui.study.labs import LabClient, MissingLibrary, Solved
from studytui.study.submissions import CannotGrade, grade_in_words, point_from_json, point_to_json
from studytui.study.workspace import Workspace, new_uid


class NoGate(Exception):
    """The course declares no such gate; the text names those it has."""


_read: dict[tuple[Path, GateHead], tuple[tuple[int, int], Gate]] = {}
"""Gates by their file and declaration, with size and time of the file when it was read."""


def gate_head(course: Course, name: str = "") -> GateHead:
    """The gate of an id or of the module it unlocks; the first one for "".

    Raises:
        NoGate: there is none of that name.
    """
    if not course.gates:
        raise NoGate(f"“{course.title}” has no gap audit; a course declares one as [[gate]] in its course.toml.")
    if not name:
        return course.gates[0]
    folded = name.strip().casefold()
    for head in course.gates:
        if folded in (head.id.casefold(), head.module.casefold(), head.unlocks.casefold()):
            return head
    known = ", ".join(f"{head.module} ({head.title})" for head in course.gates)
    raise NoGate(f"There is no gap audit before “{name}”; there are: {known}.")


def gate_of(root: Path, head: GateHead) -> Gate:
    """What a gate of the course in a folder asks.

    Schemas are imported the first time and whenever its file changed: call it in a thread.

    Raises:
        CourseError: the gate's file is missing or wrong.
    """
    from studytui.course.quizzes import gate_file, load_gate

    try:
        stat = (root / gate_file(head)).stat()
        stamp = (stat.st_size, stat.st_mtime_ns)
    except OSError:
        return load_gate(root, head)
    known = _read.get((root, head))
    if known is None or known[0] != stamp:
        known = _read[root, head] = (stamp, load_gate(root, head))
    return known[1]


def gate_key(course_id: str, gate_id: str) -> str:
    """The key under which the database keeps a gate: its parts are the cards of a course of their own."""
    return f"{course_id}/gate:{gate_id}"


# Attempts, disputes and overrides as the log keeps them: its rows read back


OVERRIDE: Final = "override"
"""The key of the row's card that belongs to no part."""
_KINDS: Final[tuple[PartKind, ...]] = ("explain", "compute", "reason")


@dataclass(frozen=True, slots=True)
class Dispute:
    """The learner thinks that a point was judged wrongly, and why. It changes no verdict."""

    point_id: str
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Computation:
    """What a lab was asked and measured; with it the problem can be posed, and the pictures made, again."""

    exercise: str
    params: dict[str, Any]
    seed: int
    right: str
    message: str
    derivation: tuple[str, ...]
    versions: dict[str, str]


@dataclass(frozen=True, slots=True)
class GateAnswer:
    """One attempt at a part, complete. `ask` is what was asked as it was worded then."""

    no: int
    uid: str
    key: str
    kind: PartKind
    title: str
    at: datetime
    day: date
    ask: str
    answer: str
    passed: bool
    course_version: str
    undone: bool
    points: tuple[JudgedPoint, ...] = ()
    score: float | None = None
    pass_score: float | None = None
    grader: str = ""
    notes: tuple[str, ...] = ()
    computation: Computation | None = None
    problem: str = ""
    disputes: tuple[Dispute, ...] = ()
    asked_back: tuple[AskedBack, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """What was not said, or what was wrong with the number."""
        if self.computation is not None:
            return () if self.passed else (f"{self.computation.message} Measured: {self.computation.right}.",)
        return tuple(point.text for point in self.points if point.coverage != "covered" and point.must)

    def as_attempt(self) -> PartAttempt:
        """The attempt as the verdict looks at it."""
        return PartAttempt(
            self.no,
            self.key,
            self.day,
            self.passed,
            self.answer,
            self.missing,
            self.problem,
            self.undone,
            bool(self.asked_back),
        )


@dataclass(frozen=True, slots=True)
class GateOverride:
    """The learner opened what the gate unlocks without passing it, and why; `missing` is what was missing then."""

    reason: str
    at: datetime
    day: date
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GateLog:
    """A gate's log read back. `override` is the newest one, unless the learner locked the gate again since."""

    answers: tuple[GateAnswer, ...] = ()
    override: GateOverride | None = None

    def of(self, key: str) -> tuple[GateAnswer, ...]:
        """The attempts at a part that stand, oldest first."""
        return tuple(answer for answer in self.answers if answer.key == key and not answer.undone)


def read_log(rows: Iterable[GateRow]) -> GateLog:
    """The rows of a gate's log, oldest first. A row that holds nothing of a gate is passed over."""
    answers: dict[str, GateAnswer] = {}
    disputes: dict[str, list[Dispute]] = {}
    override: GateOverride | None = None
    for row in rows:
        try:
            data = json.loads(row.evidence)
            kind = data["kind"]
            if kind in _KINDS:
                answers[row.review_uid] = _answered(row, data)
            elif kind == "dispute" and not row.undone:
                dispute = Dispute(str(data["point"]), str(data["note"]), row.at)
                disputes.setdefault(str(data["of"]), []).append(dispute)
            elif kind == OVERRIDE and not row.undone:
                missing = tuple(str(each) for each in data["missing"])
                override = GateOverride(str(data["reason"]), row.at, row.study_day, missing)
            elif kind == "lock" and not row.undone:
                override = None
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError):
            continue
    return GateLog(tuple(_disputed(answer, disputes.get(uid, ())) for uid, answer in answers.items()), override)


def _answered(row: GateRow, data: dict[str, Any]) -> GateAnswer:
    is_computed = data["kind"] == "compute"
    words = {name: data[name] for name in ("grader", "notes")} if not is_computed else {}
    if not is_computed:
        words["points"] = tuple(point_from_json(point, str(data["grader"])) for point in data["points"])
        words["asked_back"] = tuple(from_json(AskedBack, one) for one in data.get("asked_back", ()))
    shares = {name: _share(data[name]) for name in ("score", "pass_score")} if not is_computed else {}
    asked = {name: data[name] for name in ("kind", "title", "ask", "answer", "passed", "course_version")}
    return from_json(
        GateAnswer,
        words
        | shares
        | asked
        | {
            "no": row.no,
            "uid": row.review_uid,
            "key": row.key,
            "at": row.at,
            "day": row.study_day,
            "undone": row.undone,
            "computation": _computation(data) if is_computed else None,
            "problem": data["problem"] if is_computed else "",
        },
    )


def _computation(data: dict[str, Any]) -> Computation:
    kept = {name: data[name] for name in ("value", "unit", "seconds") if name in data}
    shown = {name: data[name] for name in ("derivation", "versions")}
    measured = Evidence.from_json(Evidence(0).to_json() | kept | shown)
    return Computation(
        exercise=str(data["exercise"]),
        params={name: scalar(value, name) for name, value in data["params"].items()},
        seed=int(data["seed"]),
        right=str(data["right"]),
        message=str(data["message"]),
        derivation=measured.derivation,
        versions=measured.versions,
    )


def _share(value: Any) -> float:
    share = float(value)
    if not 0 <= share <= 1:
        raise ValueError(f"{share} is no share of a rubric")
    return share


def _disputed(answer: GateAnswer, disputes: Iterable[Dispute]) -> GateAnswer:
    found = tuple(disputes)
    return replace(answer, disputes=found) if found else answer


# Where a learner stands at a gate: the verdict of the log, the shortest path, and what to say of it in a line


@dataclass(frozen=True, slots=True)
class GateStatus:
    """A gate with everything the log says about it. `cards` are those that cover its objectives, by their key."""

    gate: Gate
    verdict: GateVerdict
    path: StudyPlan
    log: GateLog
    recalled: tuple[Recalled, ...]
    cards: dict[str, CourseCard] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """What the gate unlocks is open: it is ready, or was opened without being passed."""
        return self.verdict.is_ready or self.log.override is not None


def gate_status(workspace: Workspace, head: GateHead | None = None) -> GateStatus:
    """Where the learner stands at a gate, the course's first one if none is named. Call it in a thread.

    Raises:
        NoGate: the course declares none.
        CourseError: the gate's file is missing or wrong.
        StoreError: the database cannot be read.
    """
    gate = gate_of(workspace.root, head or gate_head(workspace.course))
    return gate_status_at(workspace.store, workspace.course.id, gate, workspace.today())


def gate_status_at(store: Store, course_id: str, gate: Gate, day: date) -> GateStatus:
    """Where the learner stands at a gate of any course the database knows.

    Raises:
        StoreError: the database cannot be read.
    """
    number = store.course_no(gate_key(course_id, gate.id))
    log = read_log(gate_rows(store.path, number)) if number is not None else GateLog()
    course_no = store.course_no(course_id)
    objectives = {objective for item in gate.items for objective in item.objectives}
    found = _covering(_cards_of(store, course_no) if course_no is not None else [], objectives)
    reviews = scheduled_reviews(store.path, [card.no for card, _ in found])
    recalled = tuple(
        Recalled(card.key, covers, reviews[card.no], card.due_on, card.suspended) for card, covers in found
    )
    verdicts = gate_verdict(gate, (answer.as_attempt() for answer in log.answers), recalled, day)
    return GateStatus(
        gate, verdicts, shortest_plan(verdicts, recalled), log, recalled, {card.key: card for card, _ in found}
    )


def _cards_of(store: Store, course_no: int) -> list[CourseCard]:
    return store.mended(lambda: list(course_cards(store.path, course_no)))


def _covering(cards: Iterable[CourseCard], objectives: set[str]) -> list[tuple[CourseCard, tuple[str, ...]]]:
    """The cards that cover one of the objectives, with what they cover."""
    found = []
    for card in cards:
        data: dict[str, Any] = json.loads(card.payload)
        covers = tuple(str(each) for each in data.get("covers", ()))
        if objectives.intersection(covers):
            found.append((card, covers))
    return found


def cards_to_move(standing: GateStatus, only: Sequence[str] | None = None) -> dict[int, date]:
    """The cards of the shortest path that have to come forward, by number, with their days; `only` names some."""
    steps = standing.path.to_move
    return {standing.cards[step.key].no: step.on for step in steps if only is None or step.key in only}


# Verdicts on a gate as sentences, the same on the screen, on the command line and in a report


STATUS_SIGNS: Final[dict[State, str]] = {"ready": "✓", "vague": "◐", "unseen": "○"}
_CARDS_NAMED: Final = 3


def gate_line(standing: GateStatus) -> str:
    """The state of a gate in one line."""
    verdict = standing.verdict
    gate, count = verdict.gate, len(verdict.items)
    ready = sum(item.state == "ready" for item in verdict.items)
    if verdict.is_ready:
        return f"{gate.unlocks} is open: all {count} items of its gap audit are ready."
    if standing.log.override is not None:
        on = standing.log.override.day
        return f"{gate.unlocks} was opened on {on} without its gap audit: {ready} of {count} items ready."
    if verdict.has_faded:
        lapsed = len({key for item in verdict.items for key in item.retention.lapsed})
        lapses = f"you missed {counted(lapsed, 'card')}"
        return f"The gap audit for {gate.unlocks} has faded: {lapses}; ready again from {verdict.retention_on}."
    if verdict.is_untouched:
        return f"{gate.unlocks} is locked: its gap audit of {count} items has not been started."
    vague = sum(item.state == "vague" for item in verdict.items)
    parts = [f"{ready} of {count} ready"] + [f"{vague} {VERDICT_WORDS['vague']}"] * bool(vague)
    when = f"; retention from {verdict.retention_on}" if verdict.retention_on else ""
    return f"{gate.unlocks} is locked: {', '.join(parts)}{when}."


def item_line(item: ItemVerdict) -> str:
    """What an item's verdict rests on."""
    if item.has_faded:
        return f"has faded: you missed {named(item.retention.lapsed)}"
    if item.state == "ready":
        return VERDICT_WORDS["ready"]
    vague = [part.part.title for part in item.parts if part.state == "vague"]
    vague += ["retention"] * (item.retention.state == "vague")
    if item.state == "vague":
        return f"{VERDICT_WORDS['vague']}: {', '.join(vague)}"
    left = [part for part in item.parts if part.state == "unseen"]
    if not left:
        return f"{IN_PROGRESS}: only retention is left"
    tried = len(item.parts) - len(left)
    return f"{IN_PROGRESS}: {tried} of {len(item.parts)} parts answered" if tried else VERDICT_WORDS["unseen"]


def part_line(part: PartVerdict) -> str:
    """Where a part stands, with the day it was last answered."""
    word = VERDICT_WORDS[part.state]
    if isinstance(part.part, Computed) and part.part.count > 1 and part.counted:
        word = f"{IN_PROGRESS if part.state == 'unseen' else word}, {part.right} of {part.wanted} in a row"
    return f"{word}, {part.last.day}" if part.last is not None else word


def retention_line(retention: RetentionVerdict) -> str:
    """Whether an item stayed known, and when that can be shown."""
    if retention.by == "test-out":
        return f"tested out on {' and '.join(str(day) for day in retention.test_out_days)}"
    first = retention.objectives[0].spacing
    rule = f"{first.days} days, {first.apart_days} days apart"
    if retention.by == "recall":
        return f"recalled on {rule}"
    if retention.state == "vague":
        return f"missed: {named(retention.lapsed)}; {_when(retention)}"
    met = f"{retention.recalled} of {len(retention.objectives)} objectives recalled on {rule}"
    return f"{met}; {_when(retention)}"


def retention_short(retention: RetentionVerdict) -> str:
    """The same for a narrow place."""
    if retention.by:
        return f"{VERDICT_WORDS['ready']}, {'tested out' if retention.by == 'test-out' else 'recalled'}"
    when = f"; first on {retention.first_on}" if retention.first_on else ""
    if retention.state == "vague":
        return f"{VERDICT_WORDS['vague']}, {counted(len(retention.lapsed), 'card')} missed{when}"
    word = IN_PROGRESS if retention.recalled else VERDICT_WORDS["unseen"]
    return f"{word}, {retention.recalled} of {len(retention.objectives)} objectives{when}"


def _when(retention: RetentionVerdict) -> str:
    parts = [f"possible from {retention.first_on}"] if retention.first_on else ["not every objective has a card"]
    if retention.test_out_on is not None:
        parts.append(f"by testing out on {retention.test_out_on}")
    return ", ".join(parts)


def missing_lines(verdict: GateVerdict) -> Iterator[str]:
    """What keeps the gate shut: each item that is not ready, and below it what was said and what was missing."""
    for item in verdict.items:
        if item.state == "ready":
            continue
        yield f"{STATUS_SIGNS[item.state]} {item.item.title}: {item_line(item)}."
        for part in item.parts:
            if part.state == "ready":
                continue
            yield f"    {STATUS_SIGNS[part.state]} {part.part.title}: {part_line(part)}."
            if part.state == "vague" and part.last is not None:
                yield f"        You said: {shortened(part.last.said) or 'nothing'}"
                for text in part.last.missing:
                    yield f"        Missing: {text}"
        if item.retention.state != "ready":
            yield f"    {STATUS_SIGNS[item.retention.state]} Retention: {retention_line(item.retention)}."


def path_lines(standing: GateStatus, course: Course) -> Iterator[str]:
    """The fastest route to ready, step by step."""
    path, titles = standing.path, dict(part_titles(standing.verdict))
    if path.sections:
        yield f"Read again: {'; '.join(section_name(course, each) for each in path.sections)}."
    if path.answer:
        yield f"Answer: {'; '.join(titles[key] for key in path.answer)}."
    if path.labs:
        yield f"Run: {', '.join(path.labs)}."
    if path.cards:
        by_day = "; ".join(f"{count} on {day}" for day, count in counted_by_day([step.on for step in path.cards]))
        yield f"Recall {counted(len(path.cards), 'card')}: {by_day}."
        if path.to_move:
            yield f"Bring forward (f on the gap audit's screen): {', '.join(step.key for step in path.to_move)}."
        if suspended := [step.key for step in path.cards if step.suspended]:
            yield f"Bring back under Cards (b): {', '.join(suspended)}."
    if path.without_card:
        yield f"No card covers {', '.join(path.without_card)}: their items can only be tested out."
    if path.retention_on is not None:
        yield f"Retention at the earliest on {path.retention_on}."


def part_titles(verdict: GateVerdict) -> Iterator[tuple[str, str]]:
    """The key and the title of each part."""
    return ((part.key, part.part.title) for item in verdict.items for part in item.parts)


def section_name(course: Course, section_id: str) -> str:
    """`2.2 ViT: an image as a sequence of patches`."""
    section = course.section(section_id)
    return f"{section_id} {section.title}" if section else section_id


def counted_by_day(days: Sequence[date]) -> list[tuple[date, int]]:
    """How often each day occurs, in order."""
    return [(day, list(days).count(day)) for day in sorted(set(days))]


def named(keys: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    more = len(keys) - _CARDS_NAMED
    return ", ".join(keys[:_CARDS_NAMED]) + (f" and {more} more" if more > 0 else "")


def shortened(text: str, longest: int = 160) -> str:
    """A text in one line, cut with an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


# What the log is to keep of an attempt: everything it takes to see later why it passed or did not


@dataclass(frozen=True, slots=True)
class LabAnswer:
    """A lab's problem as it was answered, measured and judged."""

    problem: Problem
    answer: str
    measured: Evidence
    verdict: Verdict


def written_evidence(  # noqa: PLR0917  what a row is made of
    gate: Gate, item: Item, part: Written, grade: AnswerGrade, version: str, asked: Sequence[AskedBack] = ()
) -> dict[str, Any]:
    """What a row says about an answer in words.

    Keys: kind, gate, item, part, title, ask, answer, passed, course_version, points (id, text, must, weight, coverage,
    confidence, quote, why), score, pass_score, grader, notes, and where the interviewer asked back asked_back (point,
    statements, right, chosen).
    """
    grade = answered(grade, asked)
    asked_back = {"asked_back": [to_json(one) for one in asked]} if asked else {}
    return (
        _about(gate, item, part, version)
        | asked_back
        | {
            "ask": part.question.ask,
            "answer": grade.answer,
            "passed": passes(part, grade),
            "points": [_by_the_grader(point) for point in grade.points],
            "score": round(as_found(grade).score, 4),
            "pass_score": part.pass_score,
            "grader": grade.grader,
            "notes": list(grade.notes),
        }
    )


def _by_the_grader(point: JudgedPoint) -> dict[str, Any]:
    """The point without the learner's own word for it: at a gate the grader's counts."""
    kept = {name: value for name, value in point_to_json(point).items() if name not in ("covers", "chosen")}
    return {"coverage" if name == "found" else name: value for name, value in kept.items()}


def computed_evidence(gate: Gate, item: Item, part: Computed, worked: LabAnswer, version: str) -> dict[str, Any]:
    """What a row says about a number.

    Keys: kind, gate, item, part, title, ask, answer, passed, course_version, problem, options, right, message, and what
    `exercises.for_log` keeps of the lab's work.
    """
    return (
        _about(gate, item, part, version)
        | labs.for_log(worked.problem, worked.measured)
        | {
            "ask": worked.problem.prompt,
            "options": list(worked.problem.options),
            "answer": worked.answer,
            "passed": worked.verdict.correct,
            "problem": evidence_name(worked.problem),
            "right": labs.show_value(worked.measured),
            "message": worked.verdict.message,
        }
    )


def evidence_name(problem: Problem) -> str:
    """A problem with its numbers, in short: two showings that ask the same have the same name."""
    asked = "\n".join((problem.exercise, *catalog.exercise(problem.exercise).asks(problem)))
    return hashlib.sha256(asked.encode()).hexdigest()[:16]


def passes(part: Written, grade: AnswerGrade) -> bool:
    """Whether an answer covers enough of the rubric, by the grader's word alone."""
    return as_found(grade).score >= part.pass_score


def _about(gate: Gate, item: Item, part: Written | Computed, version: str) -> dict[str, Any]:
    return {
        "kind": part.kind,
        "gate": gate.id,
        "item": item.id,
        "part": part.id,
        "title": part.title,
        "course_version": version,
    }


# Writing a gate's log: attempts, disputes and overrides, one durable row each. None of them is ever changed


_PARTS: Final = "(parts)"
RIGHT: Final = 5
WRONG: Final = 1


@dataclass(slots=True)
class GateRecorder:
    """Writes to one gate's log. A row is written as soon as an answer is judged, passed or not.

    The parts are cards of a course of their own, so that log, undo and doctor hold for them unchanged and no review
    ever shows one; their rows move no schedule.
    """

    workspace: Workspace
    gate: Gate
    uid: str = field(init=False)

    def __post_init__(self) -> None:
        self.uid = new_uid(self.workspace.clock)

    def written(
        self, item: Item, part: Written, grade: AnswerGrade, asked: Sequence[AskedBack] = (), *, seconds: float = 0.0
    ) -> GateAnswer:
        """Record an answer in words, with what was chosen when the interviewer asked back.

        Raises:
            StoreError: nothing was written; the same call may be made again.
        """
        evidence = written_evidence(self.gate, item, part, grade, self.workspace.course.version, asked)
        found = answered(as_found(grade), asked).grade
        return self._answered(item.key(part), evidence, grade=found, seconds=seconds)

    def ask_back(self, item: Item, part: Written, grade: AnswerGrade) -> tuple[AskedBack, ...]:
        """What the interviewer asks back: each point once if the answer passes so far, else nothing.

        Raises:
            StoreError: the database cannot be read.
        """
        if not passes(part, grade):
            return ()
        seen = [one.statements[one.right] for answer in self.answers(item.key(part)) for one in answer.asked_back]
        return ask_back(part.question.points, seen, random.SystemRandom())

    def waits_until(self, item: Item, part: Written) -> date | None:
        """The study day on which the part may be answered again; None if it may today.

        Raises:
            StoreError: the database cannot be read.
        """
        day = may_answer_on(answer.as_attempt() for answer in self.answers(item.key(part)))
        return day if day is not None and day > self.workspace.today() else None

    def computed(self, item: Item, part: Computed, worked: LabAnswer, *, seconds: float = 0.0) -> GateAnswer:
        """Record a number.

        Raises:
            StoreError: nothing was written; the same call may be made again.
        """
        evidence = computed_evidence(self.gate, item, part, worked, self.workspace.course.version)
        grade = RIGHT if worked.verdict.correct else WRONG
        return self._answered(item.key(part), evidence, grade=grade, seconds=seconds)

    def dispute(self, answer: GateAnswer, point_id: str, note: str) -> GateAnswer:
        """Record that the learner holds a point to be judged wrongly; the answer with the note. The verdict stays.

        Raises:
            StoreError: nothing was written.
        """
        self._row(answer.key, {"kind": "dispute", "of": answer.uid, "point": point_id, "note": note})
        return self._read(answer.no)

    def answers(self, key: str) -> tuple[GateAnswer, ...]:
        """Every attempt at a part, oldest first; those taken back are among them.

        Raises:
            StoreError: the database cannot be read.
        """
        found = read_log(gate_rows(self.workspace.store.path, self._course_no()))
        return tuple(answer for answer in found.answers if answer.key == key)

    def override(self, reason: str, missing: Iterable[str]) -> None:
        """Open what the gate unlocks without passing it.

        Raises:
            StoreError: nothing was written.
            ValueError: no reason was given.
        """
        if not reason.strip():
            raise ValueError("an override needs a reason; it is written into the log")
        self._row(OVERRIDE, {"kind": OVERRIDE, "gate": self.gate.id, "reason": reason.strip(), "missing": [*missing]})

    def lock(self, reason: str = "") -> None:
        """Take an override back: what the gate unlocks is locked again until the gate is passed.

        Raises:
            StoreError: nothing was written.
        """
        self._row(OVERRIDE, {"kind": "lock", "gate": self.gate.id, "reason": reason.strip()})

    def _answered(self, key: str, evidence: dict[str, Any], *, grade: int, seconds: float) -> GateAnswer:
        return self._read(self._row(key, evidence, grade=grade, correct=bool(evidence["passed"]), seconds=seconds))

    def _read(self, no: int) -> GateAnswer:
        """The attempt of a row as the log has it."""
        rows = gate_rows(self.workspace.store.path, self._course_no())
        return next(answer for answer in read_log(rows).answers if answer.no == no)

    def _row(
        self,
        key: str,
        evidence: dict[str, Any],
        *,
        grade: int | None = None,
        correct: bool | None = None,
        seconds: float = 0.0,
    ) -> int:
        store = self.workspace.store
        card = store.card(self._course_no(), key)
        if card is None:
            raise LookupError(f"the gap audit has no part {key}")
        stamp = self.workspace.stamp(self.uid)
        return store.answer(
            ReviewRecord(
                stamp.uid(),
                card,
                "cram",
                stamp,
                grade,
                card.state,
                duration_ms=round(min(max(0.0, seconds), LONGEST_PROSE_SECONDS) * 1000),
                correct=correct,
                response=evidence.get("answer"),
                evidence=evidence,
            )
        )

    def _course_no(self) -> int:
        """The number of the gate's course in the database, its parts in line with the file."""
        return take_in(self.workspace.store, gate_copy(self.workspace.course, self.gate))[0]


def gate_copy(course: Course, gate: Gate) -> CourseCopy:
    """What the database should hold of a gate's parts."""
    cards = tuple(_compiled(gate))
    digest = hashlib.sha256("".join(f"{card.key}:{card.sha256}" for card in cards).encode()).hexdigest()
    stamp = FileStamp(_PARTS, len(cards), 0, digest)
    return CourseCopy(gate_key(course.id, gate.id), f"{course.title}: {gate.title}", course.version, (stamp,), cards)


def _compiled(gate: Gate) -> Iterator[CompiledCard]:
    yield _card(gate, 0, OVERRIDE, {"title": gate.unlocks})
    for position, (item, part) in enumerate(gate.parts(), 1):
        about = {"item": item.id, "kind": part.kind, "title": part.title, "covers": list(item.objectives)}
        card = _card(gate, position, item.key(part), about)
        section = item.sections[0]
        yield replace(card, chapter=section.split(".", 1)[0], section=section, line=part.line)


def _card(gate: Gate, position: int, key: str, payload: dict[str, Any]) -> CompiledCard:
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return CompiledCard(
        key=key,
        position=position,
        chapter="",
        section="",
        kind="exercise" if payload.get("kind") == "compute" else "open",
        sibling_group=key,
        path=gate.path,
        line=1,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        payload=text,
    )


# Fresh numbers for every attempt at a computed part


SEEDS_TRIED: Final = 200


def pose_item(part: Computed, answers: Sequence[GateAnswer], *, draw: Callable[[], int] | None = None) -> Problem:
    """A problem that no attempt at the part was asked; if all were, the one asked longest ago.

    `answers` are the attempts at the part, oldest first, those taken back among them: their numbers were seen.

    Raises:
        UnknownExercise: there is no such lab.
        ParamError: the part's parameters are out of range; the text names them.
    """
    seed_of = draw or (lambda: secrets.randbelow(2**31))
    exercise = catalog.exercise(part.lab.exercise)
    age = {answer.problem: place for place, answer in enumerate(answers)}
    oldest: tuple[int, Problem] | None = None
    for _ in range(SEEDS_TRIED):
        seed = seed_of()
        problem = exercise.pose(part.lab.fixed, seed, part.lab.vary)
        place = age.get(evidence_name(problem), -1)
        if place < 0:
            return problem
        if oldest is None or place < oldest[0]:
            oldest = (place, problem)
    assert oldest is not None
    return oldest[1]


# Holding an answer in words against a part's rubric; the learner has no say in it


def grade_written(part: Written, answer: str, root: Path | None = None) -> AnswerGrade:
    """What the offline grader finds. The embedding is loaded here: call it in a thread.

    Raises:
        CannotGrade: nothing was written, or the grader failed; the answer is the caller's to keep.
    """
    if not any(letter.isalnum() for letter in answer):
        raise CannotGrade(
            "Nothing is written yet. Say what you know, even if it is little: it shows what to read again."
        )
    try:
        return grade_in_words(part.question, storable(answer), root)
    except CannotGrade as error:
        raise CannotGrade(f"{error} Your answer is kept; try again.") from error


# The figures of a report: what the labs show, made again from the seeds in the log


@dataclass(frozen=True, slots=True)
class Remade:
    """A lab's work once more, or a sentence on why it could not be done; `is_hopeless` if no other can be either."""

    evidence: Evidence | None
    message: str = ""
    is_hopeless: bool = False


async def measured_again(
    standing: GateStatus, progress: Callable[[int, int], None], client: LabClient | None = None
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


async def remade(client: LabClient, answer: GateAnswer) -> Remade:
    """A lab's work on the problem of an attempt, once more."""
    asked = answer.computation
    assert asked is not None
    try:
        problem = catalog.exercise(asked.exercise).pose(asked.params, asked.seed)
    except (UnknownExercise, ParamError) as error:
        return Remade(None, f"The lab can no longer ask this: {error}")
    outcome = await client.solve(problem)
    if isinstance(outcome, Solved):
        return Remade(outcome.evidence)
    return Remade(None, outcome.message, is_hopeless=isinstance(outcome, MissingLibrary))


def deciding(standing: GateStatus) -> Iterator[GateAnswer]:
    """The newest attempt that counts at each computed part."""
    by_no = {answer.no: answer for answer in standing.log.answers}
    for item in standing.verdict.items:
        for part in item.parts:
            if part.last is not None and by_no[part.last.no].computation is not None:
                yield by_no[part.last.no]


# A standing at a gate as JSON with stable keys, for scripts


def gate_to_dict(standing: GateStatus) -> dict[str, Any]:
    """Keys: gate, title, unlocks, day, state, ready, faded, override, retention_on, items, path.

    An item has id, title, verdict, faded, parts and retention; a part has id, kind, title, verdict, right, wanted, day,
    said and missing; the retention part has verdict, by, first_on, test_out_on, test_out_days and objectives.
    """
    verdict, override = standing.verdict, standing.log.override
    return {
        "gate": standing.gate.id,
        "title": standing.gate.title,
        "unlocks": standing.gate.unlocks,
        "day": verdict.day.isoformat(),
        "state": gate_line(standing),
        "ready": verdict.is_ready,
        "faded": verdict.has_faded,
        "override": override and {"reason": override.reason, "day": override.day.isoformat()},
        "retention_on": _day(verdict.retention_on),
        "items": [_item(item) for item in verdict.items],
        "path": _path(standing.path),
    }


def _item(item: ItemVerdict) -> dict[str, Any]:
    return {
        "id": item.item.id,
        "title": item.item.title,
        "verdict": VERDICTS[item.state],
        "faded": item.has_faded,
        "parts": [_part(part) for part in item.parts],
        "retention": _retention(item.retention),
    }


def _part(part: PartVerdict) -> dict[str, Any]:
    last = part.last
    return {
        "id": part.key,
        "kind": part.part.kind,
        "title": part.part.title,
        "verdict": VERDICTS[part.state],
        "right": part.right,
        "wanted": part.wanted,
        "day": _day(last.day) if last else None,
        "said": last.said if last else None,
        "missing": list(last.missing) if last else [],
    }


def _retention(retention: RetentionVerdict) -> dict[str, Any]:
    return {
        "verdict": VERDICTS[retention.state],
        "by": retention.by or None,
        "first_on": _day(retention.first_on),
        "test_out_on": _day(retention.test_out_on),
        "test_out_days": [day.isoformat() for day in retention.test_out_days],
        "objectives": [
            {
                "id": one.objective,
                "recalled_on": [day.isoformat() for day in one.spaced],
                "lapsed": list(one.lapsed),
                "met": one.is_met,
                "first_on": _day(one.first_on),
            }
            for one in retention.objectives
        ],
    }


def _path(path: StudyPlan) -> dict[str, Any]:
    return {
        "sections": list(path.sections),
        "answer": list(path.answer),
        "labs": list(path.labs),
        "cards": [
            {"id": step.key, "on": step.on.isoformat(), "bring_forward": step.moves, "suspended": step.suspended}
            for step in path.cards
        ],
        "without_card": list(path.without_card),
        "retention_on": _day(path.retention_on),
    }


def _day(day: Any) -> str | None:
    return None if day is None else day.isoformat()


# The state of a course's gates in the one line that the home screen has for it
def current_gate(workspace: Workspace) -> GateStatus | None:
    """The first gate that is not ready, else the last one; None without gates. Call it in a thread.

    Raises:
        CourseError: its file cannot be read.
        StoreError: the database cannot be read.
    """
    found = None
    for head in workspace.course.gates:
        found = gate_status(workspace, head)
        if not found.verdict.is_ready:
            break
    return found


def gate_home_line(workspace: Workspace) -> str:
    """How the current gate stands, in a line; "" without gates. Call it in a thread.

    Raises:
        StoreError: the database cannot be read.
    """
    try:
        found = current_gate(workspace)
    except CourseError as error:
        return f"The gap audit cannot be read: {error}"
    return gate_line(found) if found is not None else ""
