"""An interview rehearsed: the questions it asks, the rows its answers become, the grader, the scorecard."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from studytui.course.loader import decode
from studytui.domain import cross_examination, sm2
from studytui.domain.cards import Course
from studytui.domain.judging import LONGEST_PROSE_SECONDS
from studytui.domain.plain_text import counted, storable
from studytui.domain.rubric import (
    LEVELS,
    WORTH,
    YOURSELF,
    AnswerGrade,
    AskedBack,
    JudgedPoint,
    Question,
    Submission,
    as_found,
    nothing_said,
    self_check,
)
from studytui.domain.settings import MOCK_COUNT, MOCK_MINUTES
from studytui.store import CardState, ReviewRecord, Undone, reports
from studytui.store.reports import ListedCard
from studytui.study.attempt import Stopwatch
from studytui.study.learner_state import Draft, Drafts
from studytui.study.submissions import (
    CannotGrade,
    QuestionEntry,
    RehearsedAnswer,
    chapter_of,
    chapters_of,
    grade_in_words,
)
from studytui.study.workspace import Workspace, new_uid

if TYPE_CHECKING:
    from studytui.study.llm_grader import Judge


Kind: TypeAlias = Literal["due", "new", "seven", "weakest", "mock", "chapter", "level", "one", "drafts"]

EMPTY_CHOICE: Final[dict[Kind, str]] = {
    "due": "Nothing is due. Take new questions, a chapter or a mock interview.",
    "new": "Every question was asked before. The weakest points come next.",
    "seven": "This course has no set of seven.",
    "weakest": "Nothing is open: each point of your last answers was covered, or you have answered no question yet.",
    "mock": "There are no questions.",
    "chapter": "This chapter has no questions yet.",
    "level": "No question is of this level.",
    "one": "The course has no such question.",
    "drafts": "No answer is under way.",
}
"""What to do where a set holds nothing."""


@dataclass(frozen=True, slots=True)
class QuestionChoice:
    """A set to rehearse. `value` is the chapter, level or question id; `minutes` the time of a mock interview."""

    kind: Kind
    value: str = ""
    count: int | None = None
    minutes: int | None = None

    @property
    def is_mock(self) -> bool:
        """Nothing is shown before the end."""
        return self.kind == "mock"

    def title(self, course: Course) -> str:
        """The set in words."""
        match self.kind:
            case "due":
                return "Due today"
            case "new":
                return "New questions"
            case "seven":
                return "The seven questions"
            case "weakest":
                return "Weakest points first"
            case "mock":
                count, minutes = self.count or MOCK_COUNT, self.minutes or MOCK_MINUTES
                return f"Mock interview: {counted(count, 'question')} in {counted(minutes, 'minute')}"
            case "chapter":
                chapter = next((each for each in course.chapters if str(each.number) == self.value), None)
                return f"Chapter {self.value}{f'  {chapter.title}' if chapter else ''}"
            case "level":
                return f"Level: {self.value}"
            case "drafts":
                return "Answers under way"
        return self.value


def question_choices(course: Course) -> list[QuestionChoice]:
    """All sets, in the order in which they are offered."""
    chapters = [QuestionChoice("chapter", str(chapter.number)) for chapter in course.chapters]
    levels = [QuestionChoice("level", level) for level in LEVELS]
    return [
        QuestionChoice("due"),
        QuestionChoice("new"),
        QuestionChoice("seven"),
        QuestionChoice("weakest"),
        QuestionChoice("mock", count=MOCK_COUNT, minutes=MOCK_MINUTES),
        *chapters,
        *levels,
    ]


def select_questions(
    choice: QuestionChoice, everything: Iterable[QuestionEntry], day: date, *, drafts: Sequence[str] = (), seed: int = 0
) -> list[QuestionEntry]:
    """The questions of a set in the order in which they are asked. Archived ones are not asked.

    Due ones come first, then the weaker before the stronger, then new ones. `drafts` are the ids of questions with an
    answer under way; `seed` shuffles a mock interview.
    """
    live = [entry for entry in everything if not entry.archived]
    match choice.kind:
        case "due":
            found = [entry for entry in live if entry.is_due(day)]
        case "new":
            return _first([entry for entry in live if entry.state.schedule.is_new], choice.count)
        case "seven":
            return _first([entry for entry in live if entry.question.is_one_of_seven], choice.count)
        case "weakest":
            found = sorted((entry for entry in live if weakness(entry) > 0), key=weakness, reverse=True)
            return _first(found, choice.count)
        case "mock":
            return _mock(live, choice.count or MOCK_COUNT, seed)
        case "chapter":
            found = [entry for entry in live if choice.value in chapters_of(entry.question)]
        case "level":
            found = [entry for entry in live if entry.question.level == choice.value]
        case "one":
            return [entry for entry in live if entry.question.id == choice.value]
        case "drafts":
            wanted = {name.partition("/")[0] for name in drafts}
            return [entry for entry in live if entry.question.id in wanted]
    return _first(sorted(found, key=lambda entry: _urgency(entry, day)), choice.count)


def weakness(entry: QuestionEntry) -> float:
    """The weight of what the last answer left open: its missing points, musts counted twice; 0 for a new question."""
    if entry.last is None:
        return 0.0
    weights = {point.id: point.weight for point in entry.question.points}
    return sum((1 + point.must) * weights.get(point.id, 1) * (1 - WORTH[point.coverage]) for point in entry.last.points)


def _urgency(entry: QuestionEntry, day: date) -> tuple[bool, bool, date, float]:
    schedule = entry.state.schedule
    return not entry.is_due(day), schedule.is_new, schedule.due_on or date.max, -weakness(entry)


def _mock(live: Sequence[QuestionEntry], count: int, seed: int) -> list[QuestionEntry]:
    """`count` questions at random, spread over chapters: one of each before a second of any."""
    chance = random.Random(f"mock:{seed}")
    by_chapter: dict[str, list[QuestionEntry]] = {}
    for entry in live:
        by_chapter.setdefault(entry.chapter, []).append(entry)
    piles = list(by_chapter.values())
    for pile in piles:
        chance.shuffle(pile)
    chance.shuffle(piles)
    picked: list[QuestionEntry] = []
    while piles and len(picked) < count:
        picked += [pile.pop() for pile in piles]
        piles = [pile for pile in piles if pile]
    picked = picked[:count]
    chance.shuffle(picked)
    return picked


def _first(found: list[QuestionEntry], count: int | None) -> list[QuestionEntry]:
    return found if count is None else found[:count]


# One rehearsal: which question is asked next, when an answer is graded, and the row of the log it becomes


@dataclass(frozen=True, slots=True)
class RehearsalTask:
    """Something to answer: a question, or a follow-up to the answer `probe_of` about the point it missed."""

    entry: QuestionEntry
    question: Question
    probe_of: str = ""
    probe_point: str = ""

    @property
    def is_probe(self) -> bool:
        return bool(self.probe_of)


@dataclass(frozen=True, slots=True)
class RehearsalStep:
    """What comes next: a task is asked, or an answer that was handed in is judged."""

    task: RehearsalTask
    given: Submission | None = None

    @property
    def do(self) -> Literal["ask", "judge"]:
        return "ask" if self.given is None else "judge"


@dataclass(frozen=True, slots=True)
class Recorded:
    """An answer that is safely in the log."""

    review_id: int
    task: RehearsalTask
    given: Submission
    grade: AnswerGrade
    before: CardState
    after: CardState
    probe: RehearsalTask | None


@dataclass(slots=True)
class Rehearsal:
    """A set of questions from the first to the last. Not thread-safe; one store, one learner.

    In a mock interview answers are held back and judged once the last question is over; follow-ups come then.
    `unasked` is how many questions its time left no room for.
    """

    workspace: Workspace
    course_no: int
    choice: QuestionChoice
    drafts: Drafts
    total: int = 0
    unasked: int = 0
    recorded: list[Recorded] = field(default_factory=list)
    uid: str = field(init=False)
    _queue: deque[RehearsalTask] = field(default_factory=deque)
    _held: deque[RehearsalStep] = field(default_factory=deque)
    _ready: deque[RehearsalStep] = field(default_factory=deque)
    _seconds_used: float = 0.0
    _asked: int = 0
    _numbers: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.uid = new_uid(self.workspace.clock)

    @classmethod
    def of(
        cls, workspace: Workspace, course_no: int, choice: QuestionChoice, entries: Sequence[QuestionEntry]
    ) -> Rehearsal:
        """A rehearsal of the entries in their order. Answers handed in before, but not graded, are judged first."""
        drafts = drafts_of(workspace)
        rehearsal = cls(workspace, course_no, choice, drafts)
        waiting = {draft.question_id: draft for draft in drafts.all()} if choice.kind == "drafts" else {}
        for entry in entries:
            for task in (
                _under_way(entry, waiting) if choice.kind == "drafts" else (RehearsalTask(entry, entry.question),)
            ):
                draft = waiting.get(task.question.id)
                if draft is not None and draft.handed_in:
                    rehearsal._ready.append(RehearsalStep(task, draft.given))
                else:
                    rehearsal._queue.append(task)
        rehearsal.total = len(rehearsal._queue)
        return rehearsal

    @property
    def day(self) -> date:
        """Today's study day."""
        return self.workspace.today()

    @property
    def number(self) -> int:
        """Which question is on the table, counted from 1; follow-ups are not counted."""
        return self._asked

    def number_of(self, task: RehearsalTask) -> int:
        """Which question a task was, counted from 1; 0 if it was handed in before this rehearsal."""
        return self._numbers.get(task.entry.question.id, 0)

    @property
    def seconds_left(self) -> float | None:
        """What is left of a mock interview before the present question; None without such a limit, or any clock."""
        if not self.choice.is_mock or self._held_is_over or not self.workspace.settings.rehearsal_clock:
            return None
        return (self.choice.minutes or MOCK_MINUTES) * 60 - self._seconds_used

    @property
    def out_of_time(self) -> str:
        """What the end of a mock interview's time left out, as a sentence."""
        was = "question was" if self.unasked == 1 else "questions were"
        return f"The time of the interview is over: {self.unasked} {was} not asked."

    def next_step(self) -> RehearsalStep | None:
        """What comes now, or None at the end."""
        if self._ready:
            return self._ready[0]
        if self._queue and (self._queue[0].is_probe or not self._is_out_of_time):
            return RehearsalStep(self._queue[0])
        self.unasked += len(self._queue)
        self._queue.clear()
        if self._held:
            self._ready.append(self._held.popleft())
            return self._ready[0]
        return None

    def began(self, task: RehearsalTask) -> None:
        """The task was put on the table."""
        if not task.is_probe:
            self._asked = min(self.total, self._asked + 1)
            self._numbers[task.question.id] = self._asked

    def hand_in(self, task: RehearsalTask, given: Submission) -> None:
        """An answer is complete. It is kept as a draft until it is in the log.

        Raises:
            StoreError: it cannot be kept; it is still judged.
        """
        if self._queue and self._queue[0] is task:
            self._queue.popleft()
        given = replace(given, answer=storable(given.answer))
        held = self.choice.is_mock and not task.is_probe
        (self._held if held else self._ready).append(RehearsalStep(task, given))
        self._seconds_used += given.seconds if held else 0.0
        self.drafts.save(Draft.of(task.question.id, given, self.workspace.clock.now(), handed_in=True))

    def skip(self, task: RehearsalTask, seconds: float = 0.0) -> None:
        """Go on without an answer, after so much time; a draft stays where it is."""
        if self._queue and self._queue[0] is task:
            self._queue.popleft()
        self._seconds_used += 0.0 if task.is_probe else seconds

    def stop(self) -> None:
        """Ask nothing more; what a mock interview holds back is still judged."""
        self._queue.clear()

    def put_off(self) -> None:
        """Judge nothing more either: what was handed in waits as drafts."""
        self._queue.clear()
        self._held.clear()
        self._ready.clear()

    def record(self, task: RehearsalTask, given: Submission, grade: AnswerGrade) -> Recorded:
        """Write a judged answer durably, on the study day of this moment; a follow-up moves no schedule.

        Raises:
            StoreError: nothing was written; the same call may be made again.
            LookupError: the question is no longer in the database.
        """
        stored = self.workspace.store.card_by_no(task.entry.no)
        if stored is None:
            raise LookupError(f"the question {task.entry.question.id} is no longer in the database")
        stamp, before = self.workspace.stamp(self.uid), stored.state
        moved = sm2.review(before.schedule, grade.grade, on=stamp.day)
        after = before if task.is_probe else replace(before, schedule=moved)
        record = ReviewRecord(
            stamp.uid(),
            stored,
            "cram" if task.is_probe else "reask" if before.schedule.is_reask(stamp.day) else "review",
            stamp,
            grade.grade,
            after,
            suggested_grade=None if grade.grader == YOURSELF else as_found(grade).grade,
            confidence=given.confidence,
            duration_ms=round(min(given.seconds, LONGEST_PROSE_SECONDS) * 1000),
            correct=None if grade.turns_on_unsure else grade.grade >= sm2.PASSING_GRADE,
            response=given.answer,
            evidence=self._evidence(task, given, grade),
        )
        review_id = self.workspace.store.answer(record)
        self.drafts.drop(task.question.id)
        if self._ready and self._ready[0].task is task:
            self._ready.popleft()
        probe = None if task.is_probe else _probe_task(task, grade, record.review_uid)
        if probe is not None:
            self._queue.appendleft(probe)
        recorded = Recorded(review_id, task, given, grade, before, after, probe)
        self.recorded.append(recorded)
        return recorded

    def ask_back(self, task: RehearsalTask, given: Submission, grade: AnswerGrade) -> tuple[AskedBack, ...]:
        """What the interviewer asks back: the points that decide, in a mock interview or where it is set so."""
        if task.is_probe or given.mode == "aloud" or not (self.choice.is_mock or self.workspace.settings.ask_back):
            return ()
        seen = [one.statements[one.right] for answer in task.entry.attempts for one in answer.asked_back]
        return cross_examination.ask_back(cross_examination.deciding(grade), seen, random.SystemRandom())

    def undo(self) -> list[Undone]:
        """Take back the last answer with the follow-ups it had; its text is a draft again. Empty: nothing was left.

        Raises:
            StoreError: what could not be taken back stands; a text that cannot be kept as a draft stays in the log.
        """
        undone: list[Undone] = []
        while not undone or undone[-1].action == "cram":
            step = self.workspace.store.undo(self.course_no, self.workspace.stamp(self.uid))
            if step is None:
                break
            undone.append(step)
        gone = {step.review_id for step in undone}
        taken = [each for each in self.recorded if each.review_id in gone]
        self.recorded = [each for each in self.recorded if each.review_id not in gone]
        for each in taken:
            if not each.task.is_probe:
                now = self.workspace.clock.now()
                self.drafts.save(Draft.of(each.task.question.id, each.given, now, handed_in=True))
        return undone

    def _evidence(self, task: RehearsalTask, given: Submission, grade: AnswerGrade) -> dict[str, Any]:
        from studytui.study.submissions import evidence_of

        about = {"kind": self.choice.kind, "value": self.choice.value, "minutes": self.choice.minutes}
        return evidence_of(grade, given, rehearsal=about, probe_of=task.probe_of, probe_point=task.probe_point)

    @property
    def _is_out_of_time(self) -> bool:
        left = self.seconds_left
        return left is not None and left <= 0

    @property
    def _held_is_over(self) -> bool:
        return bool(self.recorded)


def drafts_of(workspace: Workspace) -> Drafts:
    """The drafts of the workspace's course."""
    return Drafts(workspace.store, workspace.course.id)


def _probe_task(task: RehearsalTask, grade: AnswerGrade, uid: str) -> RehearsalTask | None:
    probe = grade.probe
    if probe is None:
        return None
    return RehearsalTask(task.entry, grade.question.as_probe(probe), uid, probe.when_missing)


def _under_way(entry: QuestionEntry, waiting: dict[str, Draft]) -> list[RehearsalTask]:
    """The tasks of a question that have a draft: itself, or a follow-up to its last answer."""
    question = entry.question
    tasks = [RehearsalTask(entry, question)] if question.id in waiting else []
    if entry.last is not None:
        for probe in question.probes:
            follow_up = question.as_probe(probe)
            if follow_up.id in waiting:
                tasks.append(RehearsalTask(entry, follow_up, entry.last.review_uid, probe.when_missing))
    return tasks


# What was missed comes back: the cards of missed objectives are due today, and one key undoes it


@dataclass(frozen=True, slots=True)
class Reschedule:
    """Cards to be brought forward to `day`, number and key each; `objectives` are those that have any."""

    day: date
    cards: tuple[tuple[int, str], ...]
    objectives: tuple[str, ...]

    @property
    def days(self) -> dict[int, date]:
        """Each card's new day by its number."""
        return {no: self.day for no, _ in self.cards}

    @property
    def words(self) -> str:
        """How many, in words."""
        return f"{counted(len(self.cards), 'card')} of {counted(len(self.objectives), 'objective')}"


def missed_objectives(attempts: Iterable[RehearsedAnswer]) -> tuple[str, ...]:
    """The objectives of what was not wholly covered, in the order of the answers.

    A point that a follow-up then covered was known after all.
    """
    found: dict[str, None] = {}
    for attempt in attempts:
        made_up = {probe.probe_point for probe in attempt.probes if not probe.missed}
        for point in attempt.missed:
            if point.id not in made_up:
                found.update(dict.fromkeys(point.covers))
    return tuple(found)


def plan_reschedule(workspace: Workspace, objectives: Iterable[str]) -> Reschedule:
    """The cards of these objectives that are not due yet. It reads much: call it in a thread.

    Suspended cards stay out; what is due already needs nothing.

    Raises:
        StoreError: the database cannot be read.
    """
    wanted = set(objectives)
    day = workspace.today()
    cards: list[tuple[int, str]] = []
    touched: set[str] = set()
    for row in reports.cards(workspace.store, workspace.course_no):
        covered = wanted.intersection(decode(row.payload).covers)
        if covered and _may_move(row, day):
            cards.append((row.no, row.key))
            touched |= covered
    return Reschedule(day, tuple(cards), tuple(sorted(touched)))


def taken_back_words(count: int) -> str:
    """So many cards were taken back, as a sentence."""
    return "1 card has its day back." if count == 1 else f"{count} cards have their days back."


def _may_move(row: ListedCard, day: date) -> bool:
    due_on = row.state.schedule.due_on
    return not row.state.suspended and (due_on is None or due_on > day)


# The two clocks of a question: thinking, then answering; both stand still in a pause


Phase: TypeAlias = Literal["thinking", "answering", "done"]


class TwoClocks:
    """Seconds thought and answered, from what a draft brings along on."""

    def __init__(self, *, thought: float = 0.0, answered: float = 0.0) -> None:
        spent: dict[Phase, float] = {"thinking": thought, "answering": answered, "done": 0.0}
        self.phase: Phase = "thinking"
        self._watches = {
            phase: Stopwatch(lambda: monotonic(), before=before, running=phase == self.phase)  # noqa: PLW0108
            for phase, before in spent.items()
        }

    @property
    def thought(self) -> float:
        return self._watches["thinking"].seconds

    @property
    def answered(self) -> float:
        return self._watches["answering"].seconds

    @property
    def is_paused(self) -> bool:
        return not self._watches[self.phase].is_running

    def go(self, phase: Phase) -> None:
        """End the present phase and begin another; a pause ends with it."""
        self.pause()
        self.phase = phase
        self.resume()

    def pause(self) -> None:
        """Stand still."""
        self._watches[self.phase].pause()

    def resume(self) -> None:
        """Go on."""
        self._watches[self.phase].resume()


# Who grades an answer: the offline grader, the judge if there is one, or the learner alone


def grade_offline(question: Question, given: Submission, root: Path | None = None) -> AnswerGrade:
    """Hold an answer against its rubric without any network. The embedding is loaded here: call it in a thread.

    What was said aloud only the learner can judge. Whatever goes wrong in the grader, the answer is kept and the
    learner judges.
    """
    if given.mode == "aloud":
        return self_check(question, given.answer)
    if given.is_empty:
        return nothing_said(question, given.answer)
    try:
        return grade_in_words(question, given.answer, root)
    except CannotGrade as error:
        return self_check(question, given.answer, f"{error} Judge each point yourself.")


def wants_judge(given: Submission) -> bool:
    """There is something a judge could read."""
    return given.mode == "written" and not given.is_empty


def grade_with(judge: Judge | None, question: Question, given: Submission, root: Path | None = None) -> AnswerGrade:
    """The judge's grade where there is a judge and something to read, else the offline one. Call it in a thread."""
    offline = grade_offline(question, given, root)
    if judge is None or not wants_judge(given):
        return offline
    from studytui.study import llm_grader as judging

    return judging.grade(judge, question, given.answer, offline, root)


# What a rehearsal came to: by question, chapter and lens, with time, missed points and trends


_BARS: Final = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One question of the rehearsal: its answer, and the scores of the answers before it, oldest first."""

    question: Question
    attempt: RehearsedAnswer
    earlier: tuple[float, ...]

    @property
    def change(self) -> float | None:
        """Against the answer before; None at the first one."""
        return self.attempt.score - self.earlier[-1] if self.earlier else None


@dataclass(frozen=True, slots=True)
class ScoreMean:
    """The mean score of some questions, 0 to 1."""

    name: str
    count: int
    score: float


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The answers of one rehearsal that stand, in their order. Times are in seconds.

    `seconds_given` sums over the answers that ran against a clock, and `seconds_used` over the same.
    """

    lines: tuple[ScoreLine, ...]
    chapters: tuple[ScoreMean, ...]
    lenses: tuple[ScoreMean, ...]
    seconds_used: float
    seconds_given: float

    @property
    def score(self) -> float:
        """The mean over the questions; 0 without any."""
        return sum(line.attempt.score for line in self.lines) / len(self.lines) if self.lines else 0.0

    @property
    def attempts(self) -> tuple[RehearsedAnswer, ...]:
        return tuple(line.attempt for line in self.lines)

    @property
    def missed(self) -> tuple[tuple[Question, JudgedPoint], ...]:
        """Every point that was not wholly covered, in the order of the answers; musts of a question first."""
        return tuple(
            (line.question, point)
            for line in self.lines
            for point in sorted(line.attempt.missed, key=lambda point: not point.must)
        )


def scorecard(entries: Iterable[QuestionEntry], session_uid: str) -> Scorecard:
    """The scorecard of one rehearsal, from what stands in the log."""
    lines = []
    for entry in entries:
        standing = entry.standing
        for at, attempt in enumerate(standing):
            if attempt.session_uid == session_uid:
                lines.append(ScoreLine(entry.question, attempt, tuple(each.score for each in standing[:at])))
    lines.sort(key=lambda line: line.attempt.review_id)
    timed = [line.attempt.given for line in lines if line.attempt.given.seconds_given is not None]
    return Scorecard(
        lines=tuple(lines),
        chapters=_means((chapter_of(line.question), line.attempt.score) for line in lines),
        lenses=_means((lens, line.attempt.score) for line in lines for lens in line.question.lenses),
        seconds_used=sum(given.seconds_answered for given in timed),
        seconds_given=sum(given.seconds_given or 0 for given in timed),
    )


def trend_bars(scores: Sequence[float]) -> str:
    """Scores as one bar each, oldest first."""
    return "".join(_BARS[min(len(_BARS) - 1, int(score * len(_BARS)))] for score in scores)


def trend_words(line: ScoreLine) -> str:
    """How the answer stands against the one before it."""
    if line.change is None:
        return "first time"
    points = round(line.change * 100)
    return "as before" if points == 0 else f"{points:+d} points"


def _means(scores: Iterable[tuple[str, float]]) -> tuple[ScoreMean, ...]:
    grouped: dict[str, list[float]] = {}
    for name, score in scores:
        if name:
            grouped.setdefault(name, []).append(score)
    return tuple(ScoreMean(name, len(found), sum(found) / len(found)) for name, found in sorted(grouped.items()))
