"""One rehearsal: which question is asked next, when an answer is graded, and the row of the log it becomes."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from studytui.domain import sm2
from studytui.domain.clock import study_day
from studytui.domain.plain_text import storable
from studytui.domain.rehearsal import MOCK_MINUTES, YOURSELF, Given, as_found
from studytui.domain.rubric import AnswerGrade, Question
from studytui.domain.suggestion import LONGEST_PROSE_SECONDS
from studytui.services.clock import new_uid
from studytui.services.rehearsal.choice import Choice
from studytui.services.rehearsal.drafts import Draft, Drafts
from studytui.services.rehearsal.questions import Entry
from studytui.services.workspace import Workspace
from studytui.store import CardState, ReviewRecord, Undone


@dataclass(frozen=True, slots=True)
class Task:
    """Something to answer: a question, or a follow-up to the answer `probe_of` about the point it missed."""

    entry: Entry
    question: Question
    probe_of: str = ""
    probe_point: str = ""

    @property
    def is_probe(self) -> bool:
        return bool(self.probe_of)


@dataclass(frozen=True, slots=True)
class Step:
    """What comes next: a task is asked, or an answer that was handed in is judged."""

    task: Task
    given: Given | None = None

    @property
    def do(self) -> Literal["ask", "judge"]:
        return "ask" if self.given is None else "judge"


@dataclass(frozen=True, slots=True)
class Recorded:
    """An answer that is safely in the log."""

    review_id: int
    task: Task
    given: Given
    grade: AnswerGrade
    before: CardState
    after: CardState
    probe: Task | None


@dataclass(slots=True)
class Rehearsal:
    """A set of questions from the first to the last. Not thread-safe; one store, one learner.

    In a mock interview answers are held back and judged once the last question is over; follow-ups come then.
    `unasked` is how many questions its time left no room for.
    """

    workspace: Workspace
    course_no: int
    choice: Choice
    drafts: Drafts
    total: int = 0
    unasked: int = 0
    recorded: list[Recorded] = field(default_factory=list)
    uid: str = field(init=False)
    _queue: deque[Task] = field(default_factory=deque)
    _held: deque[Step] = field(default_factory=deque)
    _ready: deque[Step] = field(default_factory=deque)
    _seconds_used: float = 0.0
    _asked: int = 0

    def __post_init__(self) -> None:
        self.uid = new_uid(self.workspace.clock)

    @classmethod
    def of(cls, workspace: Workspace, course_no: int, choice: Choice, entries: Sequence[Entry]) -> Rehearsal:
        """A rehearsal of the entries in their order. Answers handed in before, but not graded, are judged first."""
        drafts = drafts_of(workspace)
        rehearsal = cls(workspace, course_no, choice, drafts)
        waiting = {draft.question_id: draft for draft in drafts.all()} if choice.kind == "drafts" else {}
        for entry in entries:
            for task in _under_way(entry, waiting) if choice.kind == "drafts" else (Task(entry, entry.question),):
                draft = waiting.get(task.question.id)
                if draft is not None and draft.handed_in:
                    rehearsal._ready.append(Step(task, draft.given))
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

    def next_step(self) -> Step | None:
        """What comes now, or None at the end."""
        if self._ready:
            return self._ready[0]
        if self._queue and (self._queue[0].is_probe or not self._is_out_of_time):
            return Step(self._queue[0])
        self.unasked += len(self._queue)
        self._queue.clear()
        if self._held:
            self._ready.append(self._held.popleft())
            return self._ready[0]
        return None

    def began(self, task: Task) -> None:
        """The task was put on the table."""
        if not task.is_probe:
            self._asked = min(self.total, self._asked + 1)

    def hand_in(self, task: Task, given: Given) -> None:
        """An answer is complete. It is kept as a draft until it is in the log.

        Raises:
            StoreError: it cannot be kept; it is still judged.
        """
        if self._queue and self._queue[0] is task:
            self._queue.popleft()
        given = replace(given, answer=storable(given.answer))
        held = self.choice.is_mock and not task.is_probe
        (self._held if held else self._ready).append(Step(task, given))
        self._seconds_used += given.seconds if held else 0.0
        self.drafts.save(Draft.of(task.question.id, given, self.workspace.clock.now(), handed_in=True))

    def skip(self, task: Task, seconds: float = 0.0) -> None:
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

    def record(self, task: Task, given: Given, grade: AnswerGrade) -> Recorded:
        """Write a judged answer durably, on the study day of this moment; a follow-up moves no schedule.

        Raises:
            StoreError: nothing was written; the same call may be made again.
            LookupError: the question is no longer in the database.
        """
        stored = self.workspace.store.card_by_no(task.entry.no)
        if stored is None:
            raise LookupError(f"the question {task.entry.question.id} is no longer in the database")
        now, before = self.workspace.clock.now(), stored.state
        day = study_day(now, self.workspace.settings.rollover_hour)
        is_reask = before.schedule.is_reask(day)
        after = before if task.is_probe else replace(before, schedule=sm2.review(before.schedule, grade.grade, on=day))
        uid = new_uid(self.workspace.clock)
        write = self.workspace.store.record_cram if task.is_probe else self.workspace.store.record_review
        review_id = write(
            ReviewRecord(
                review_uid=uid,
                card_no=stored.no,
                action="cram" if task.is_probe else "reask" if is_reask else "review",
                session_uid=self.uid,
                at=now,
                study_day=day,
                grade=grade.grade,
                suggested_grade=None if grade.grader == YOURSELF else as_found(grade).grade,
                confidence=given.confidence,
                duration_ms=round(min(given.seconds, LONGEST_PROSE_SECONDS) * 1000),
                hints_used=0,
                correct=grade.grade >= sm2.PASSING_GRADE,
                response=json.dumps(given.answer, ensure_ascii=False),
                evidence=json.dumps(self._evidence(task, given, grade), ensure_ascii=False),
                before=before,
                after=after,
                expected_last_review_id=stored.last_review_id,
            )
        )
        self.drafts.drop(task.question.id)
        if self._ready and self._ready[0].task is task:
            self._ready.popleft()
        probe = None if task.is_probe else _probe_task(task, grade, uid)
        if probe is not None:
            self._queue.appendleft(probe)
        recorded = Recorded(review_id, task, given, grade, before, after, probe)
        self.recorded.append(recorded)
        return recorded

    def undo(self) -> list[Undone]:
        """Take back the last answer with the follow-ups it had; its text is a draft again. Empty: nothing was left.

        Raises:
            StoreError: what could not be taken back stands; a text that cannot be kept as a draft stays in the log.
        """
        undone: list[Undone] = []
        while not undone or undone[-1].action == "cram":
            now = self.workspace.clock.now()
            step = self.workspace.store.undo_last(
                course_no=self.course_no,
                at=now,
                study_day=study_day(now, self.workspace.settings.rollover_hour),
                session_uid=self.uid,
                review_uid=new_uid(self.workspace.clock),
            )
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

    def _evidence(self, task: Task, given: Given, grade: AnswerGrade) -> dict[str, Any]:
        from studytui.services.rehearsal.attempts import evidence_of

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


def _probe_task(task: Task, grade: AnswerGrade, uid: str) -> Task | None:
    probe = grade.probe
    if probe is None:
        return None
    return Task(task.entry, grade.question.as_probe(probe), uid, probe.when_missing)


def _under_way(entry: Entry, waiting: dict[str, Draft]) -> list[Task]:
    """The tasks of a question that have a draft: itself, or a follow-up to its last answer."""
    question = entry.question
    tasks = [Task(entry, question)] if question.id in waiting else []
    if entry.last is not None:
        for probe in question.probes:
            follow_up = question.as_probe(probe)
            if follow_up.id in waiting:
                tasks.append(Task(entry, follow_up, entry.last.review_uid, probe.when_missing))
    return tasks
