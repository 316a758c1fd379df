"""The interview questions with their schedule. They are a course of their own in the same database, so that queue, log,
undo and doctor hold for them unchanged and a daily review never shows one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from studytui.domain.cards import Course
from studytui.domain.queue import REASK_GAPS
from studytui.domain.rubric import Question
from studytui.library.compiled_question import FORMAT, decode, encode
from studytui.services.rehearsal.attempts import Attempt, attempts_of
from studytui.services.workspace import Workspace, interview_key
from studytui.store import CardState, CompiledCard, CourseCopy, FileStamp, SyncReport

_FORMAT_PATH: Final = "(compiled questions)"
_QUESTIONS: Final = "(questions)"


@dataclass(frozen=True, slots=True)
class Entry:
    """A question with its schedule and every answer given to it, oldest first; those taken back are among them."""

    no: int
    question: Question
    state: CardState
    attempts: tuple[Attempt, ...] = ()
    archived: bool = False

    @property
    def standing(self) -> tuple[Attempt, ...]:
        """The answers that were not taken back."""
        return tuple(attempt for attempt in self.attempts if not attempt.undone)

    @property
    def last(self) -> Attempt | None:
        return self.standing[-1] if self.standing else None

    @property
    def chapter(self) -> str:
        return chapter_of(self.question)

    def answers_left(self, day: date) -> int:
        """How many answers the study day still has room for: the first one and as many as a missed card is asked again.

        Never below 0.
        """
        return max(0, 1 + len(REASK_GAPS) - sum(attempt.day == day for attempt in self.standing))

    def asks_again(self, day: date) -> bool:
        """It is to be asked again on the study day, and was not asked as often as a day allows."""
        return self.state.schedule.reask_on == day and self.answers_left(day) > 0

    def is_due(self, day: date) -> bool:
        """It waits on the study day, or is to be asked again on it."""
        schedule = self.state.schedule
        if schedule.reask_on == day:
            return self.asks_again(day)
        return schedule.due_on is not None and schedule.due_on <= day


def chapter_of(question: Question) -> str:
    """The chapter of the question's first section, where it is counted; "" for one that stands in none."""
    return next(iter(chapters_of(question)), "")


def chapters_of(question: Question) -> tuple[str, ...]:
    """Every chapter the question touches, in the order of its sections."""
    return tuple(dict.fromkeys(section.split(".", 1)[0] for section in question.sections))


def read_questions(workspace: Workspace) -> list[Question]:
    """The questions as the course's file has them now. Schemas are imported here: call it in a thread.

    Raises:
        CourseError: the file is wrong, with line, question and field.
    """
    from studytui.library.quizzes import load_interview

    return load_interview(workspace.root)


def bring_up_to_date(workspace: Workspace, questions: Sequence[Question]) -> tuple[int, SyncReport | None]:
    """Bring the database in line with the file; the number of the questions' course, and what changed, if anything.

    Raises:
        StoreError: the database cannot be written.
    """
    store, copy = workspace.store, copy_of(workspace.course, questions)
    number = store.course_no(copy.key)
    if number is not None and store.course_files(copy.key) == {stamp.path: stamp for stamp in copy.files}:
        return number, None
    report = store.sync_course(copy.key, copy.title, copy.version, copy.files, copy.cards)
    number = store.course_no(copy.key)
    assert number is not None
    return number, report


def copy_of(course: Course, questions: Sequence[Question]) -> CourseCopy:
    """What the database should hold of the questions."""
    cards = tuple(_compiled(question, position) for position, question in enumerate(questions))
    digest = hashlib.sha256("".join(card.sha256 for card in cards).encode()).hexdigest()
    stamps = FileStamp(_FORMAT_PATH, FORMAT, 0, str(FORMAT)), FileStamp(_QUESTIONS, len(cards), 0, digest)
    return CourseCopy(interview_key(course), f"{course.title}: interview", course.version, stamps, cards)


def entries(workspace: Workspace, course_no: int) -> list[Entry]:
    """Every question, archived ones too, with its answers. Statistics code is imported: call it in a thread.

    Raises:
        StoreError: the database cannot be read.
    """
    from studytui.store import reports

    answers = attempts_of(reports.course_rows(workspace.store, course_no))
    return [
        Entry(row.no, decode(row.payload), row.state, tuple(answers.get(row.key, ())), row.archived)
        for row in reports.cards(workspace.store, course_no, archived=True)
    ]


def _compiled(question: Question, position: int) -> CompiledCard:
    payload = encode(question)
    return CompiledCard(
        key=question.id,
        position=position,
        chapter=chapter_of(question),
        section=question.sections[0] if question.sections else "",
        kind="open",
        sibling_group=question.id,
        path=question.path,
        line=question.line,
        sha256=hashlib.sha256(payload.encode()).hexdigest(),
        payload=payload,
    )
