"""The rehearsal line by line: for screen readers, pipes and scripts. The same rehearsal as on the full screen."""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from studytui.cli.console import read_line
from studytui.cli.failure import UsageError
from studytui.cli.plain import SURE, say, sure_of
from studytui.domain.rehearsal import Given, Mode, by_whom, word_count
from studytui.domain.rubric import COVERAGES, AnswerGrade, Coverage
from studytui.services import judge_consent
from studytui.services.card_acts import take_back
from studytui.services.judge import Judge, request_body
from studytui.services.rehearsal import export, forward
from studytui.services.rehearsal.choice import EMPTY, Choice, select
from studytui.services.rehearsal.drafts import Draft
from studytui.services.rehearsal.graders import grade_with, wants_judge
from studytui.services.rehearsal.questions import bring_up_to_date, entries, read_questions
from studytui.services.rehearsal.scorecard import Scorecard, scorecard, trend_words
from studytui.services.rehearsal.session import Recorded, Rehearsal, Step, Task, drafts_of
from studytui.services.workspace import Workspace
from studytui.store.errors import StoreError

HOW: Final = (
    "Write your answer; a line with only . ends it. .aloud: you speak and judge yourself. .new: start over. "
    ".skip: the next question. .q: leave; what you typed is kept."
)
_OPTIONS: Final = {"one": "question", "chapter": "chapter"}
_CHANGE: Final = re.compile(r"(?<!\d)(\d{1,3})\s{0,9}=\s{0,9}([a-z]+)")


class _Left(Exception):
    """The learner leaves, or standard input ended where a choice was needed."""


class _Skipped(Exception):
    """The learner goes on without an answer, after so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


@dataclass(slots=True)
class _Lines:
    """Standard input, line by line; `ended` once it is over."""

    ended: bool = False

    def next(self, prompt: str = "") -> str | None:
        """One line, or None at the end."""
        line = None if self.ended else read_line(prompt)
        if line is None:
            self.ended = True
            say()
        return line


@dataclass(slots=True)
class PlainRehearsal:
    """One rehearsal on standard input and output."""

    workspace: Workspace
    choice: Choice
    export_to: Path | None = None
    lines: _Lines = field(default_factory=_Lines)

    def run(self) -> None:
        """From the first question to the scorecard. Every judged answer is saved at once.

        Raises:
            CourseError, StoreError: the questions cannot be read.
            UsageError: the course has no such question, or the chapter none.
            ExportError: the rehearsal cannot be written down; it is saved.
        """
        workspace = self.workspace
        for notice in workspace.notices:
            say(notice)
        course_no, _ = bring_up_to_date(workspace, read_questions(workspace))
        drafts = [draft.question_id for draft in drafts_of(workspace).all()]
        everything = entries(workspace, course_no)
        day = Rehearsal.of(workspace, course_no, self.choice, ()).day
        found = select(self.choice, everything, day, drafts=drafts, seed=secrets.randbits(31))
        if not found and self.choice.kind == "due":
            say(EMPTY["due"])
            self.choice = Choice("new", count=self.choice.count)
            found = select(self.choice, everything, day)
        if not found:
            if self.choice.kind in ("one", "chapter"):
                raise UsageError(f"--{_OPTIONS[self.choice.kind]} {self.choice.value}: {EMPTY[self.choice.kind]}")
            say(EMPTY[self.choice.kind])
            return
        rehearsal = Rehearsal.of(workspace, course_no, self.choice, found)
        say(f"{self.choice.title(workspace.course)}. {len(found)} question{'s' * (len(found) != 1)}.")
        say(HOW)
        while step := rehearsal.next_step():
            try:
                if step.do == "ask":
                    self._ask(rehearsal, step.task)
                else:
                    self._judge(rehearsal, step)
            except _Skipped as skipped:
                rehearsal.skip(step.task, skipped.seconds)
            except _Left:
                self._leave(rehearsal, step)
        if rehearsal.unasked:
            say(rehearsal.out_of_time)
        self._end(rehearsal, course_no)

    def _leave(self, rehearsal: Rehearsal, step: Step) -> None:
        """Stop asking; what a mock interview holds back is still judged, unless it is being judged."""
        if step.do == "ask":
            rehearsal.stop()
        else:
            rehearsal.put_off()
        say("Stopped. Every judged answer is saved; others are kept as drafts.")

    # Asking

    def _ask(self, rehearsal: Rehearsal, task: Task) -> None:
        rehearsal.began(task)
        question = task.question
        what = "Follow-up" if task.is_probe else f"Question {rehearsal.number} of {rehearsal.total}"
        say(f"\n{what} [{question.id}] {', '.join(question.sections)} · {question.level}")
        say(question.ask)
        clock = self.workspace.settings.rehearsal_clock
        if clock:
            think, answer = export.minutes(question.think_seconds), export.minutes(question.answer_seconds)
            left = rehearsal.seconds_left
            whole = f" {export.minutes(max(0, left))} of the interview are left." if left is not None else ""
            say(f"Time: {think} to think, {answer} to answer.{whole}")
        given = self._read(rehearsal, task)
        if clock:
            say(f"{word_count(given.answer)} words in {export.attempt_time(given)}.")
            if given.seconds_answered > question.answer_seconds:
                say("The time was over before; all that you wrote is kept.")
        try:
            rehearsal.hand_in(task, given)
        except StoreError as error:
            say(f"Not kept as a draft: {error} {error.hint}")

    def _read(self, rehearsal: Rehearsal, task: Task) -> Given:
        question, drafts = task.question, rehearsal.drafts
        draft = drafts.load(question.id)
        typed: list[str] = draft.text.split("\n") if draft else []
        if draft:
            say(f"Your draft comes first, {draft.words} words; .new starts over:\n{draft.text}")
        before = draft.seconds_answered if draft else 0.0
        mode: Mode = draft.mode if draft else "written"
        started = time.monotonic()

        def so_far() -> Given:
            given = question.answer_seconds if self.workspace.settings.rehearsal_clock else None
            seconds = before + time.monotonic() - started
            return Given("\n".join(typed), mode, 0.0, seconds, given)

        while True:
            line = self.lines.next()
            match line and line.strip():
                case None | "." if line is None or typed or mode == "aloud" or self._leaves_empty():
                    if line is None and not typed:
                        raise _Left
                    break
                case ".":
                    continue
                case ".q":
                    raise _Left
                case ".skip":
                    raise _Skipped(time.monotonic() - started)
                case ".new":
                    typed.clear()
                    drafts.drop(question.id)
                case ".aloud":
                    mode = "aloud"
                    say("Speak now. Lines you type are notes; a line with only . when you are done.")
                case _:
                    typed.append(line or "")
                    self._keep(rehearsal, Draft.of(question.id, so_far(), self.workspace.clock.now()))
        answered = so_far()
        return replace(answered, confidence=self._sure())

    def _leaves_empty(self) -> bool:
        answer = self.lines.next("You wrote nothing. Leave it empty? It counts as nothing said. y or n:")
        return (answer or "").strip().casefold() == "y"

    def _keep(self, rehearsal: Rehearsal, draft: Draft) -> None:
        try:
            rehearsal.drafts.save(draft)
        except StoreError as error:
            say(f"Not kept as a draft: {error} {error.hint}")

    def _sure(self) -> int | None:
        if not self.workspace.settings.ask_confidence_in_rehearsal:
            return None
        return sure_of(self.lines.next(SURE) or "")

    # Judging

    def _judge(self, rehearsal: Rehearsal, step: Step) -> None:
        assert step.given is not None
        question = step.task.question
        if self.choice.is_mock and not step.task.is_probe:
            say(f"\nYour answer to [{question.id}]: {question.ask}")
        grade = grade_with(self._judge_for(step), question, step.given)
        self._say_grade(grade)
        say(f"A model answer: {question.model}")
        for mistake in question.mistakes:
            say(f"A common mistake: “{mistake.says}” {mistake.correction}")
        while True:
            line = self.lines.next("Change points as 2=covered, or Enter to record:")
            changed = self._changed(grade, line or "")
            if changed is not grade:
                grade = changed
                self._say_grade(grade)
            elif (line or "").strip() in ("q", ".q"):
                raise _Left
            elif self._recorded(rehearsal, step, grade):
                return
            elif line is None:
                raise _Left

    def _judge_for(self, step: Step) -> Judge | None:
        judge = Judge.of(self.workspace.settings)
        assert step.given is not None
        if judge is None or not wants_judge(step.given):
            return None
        if judge.problem or judge_consent.agreed(self.workspace, judge):
            return judge
        say(judge_consent.consent_text(judge))
        say(judge_consent.shown_body(request_body(judge, step.task.question, step.given.answer)))
        if (self.lines.next("Send it, now and from now on? y or n:") or "").strip().casefold() != "y":
            say("Nothing was sent.")
            return None
        judge_consent.agree(self.workspace, judge)
        return judge

    @staticmethod
    def _say_grade(grade: AnswerGrade) -> None:
        say(f"Score {grade.score:.0%}, grade {grade.grade} of 5, {by_whom(grade.grader)}.")
        for note in grade.notes:
            say(note)
        for number, verdict in enumerate(grade.verdicts, 1):
            point = grade.question.point(verdict.point_id)
            quote = f" — “{' '.join(verdict.quote.text.split())}”" if verdict.quote else ""
            bonus = "" if point.must else " (bonus)"
            say(f"  {number}. {export.SIGNS[verdict.coverage]} {verdict.coverage}: {point.text}{bonus}{quote}")

    @staticmethod
    def _changed(grade: AnswerGrade, line: str) -> AnswerGrade:
        for number, word in _CHANGE.findall(line.casefold()):
            coverage: Coverage | None = next((each for each in COVERAGES if each.startswith(word)), None)
            if coverage is not None and 1 <= int(number) <= len(grade.verdicts):
                grade = grade.choose(grade.verdicts[int(number) - 1].point_id, coverage)
        return grade

    @staticmethod
    def _recorded(rehearsal: Rehearsal, step: Step, grade: AnswerGrade) -> bool:
        assert step.given is not None
        try:
            recorded: Recorded = rehearsal.record(step.task, step.given, grade)
        except StoreError as error:
            say(f"Not saved: {error} {error.hint} Enter tries again, .q leaves; the answer is kept.")
            return False
        after = recorded.after.schedule
        when = "" if step.task.is_probe or after.due_on is None else f", due again on {after.due_on:%Y-%m-%d}"
        say(f"Saved: grade {grade.grade}{when}.")
        return True

    # The end

    def _end(self, rehearsal: Rehearsal, course_no: int) -> None:
        if not rehearsal.recorded:
            return
        card = scorecard(entries(self.workspace, course_no), rehearsal.uid)
        self._say_card(card)
        planned = forward.plan(self.workspace, forward.missed_objectives(card.attempts))
        if planned.cards:
            answer = self.lines.next(f"Missed, and due later: {planned.words}. Bring them to today? y or n:")
            if (answer or "").strip().casefold() == "y":
                done = forward.bring_forward(self.workspace, planned)
                say("They are due today.")
                if (self.lines.next("u takes it back; Enter:") or "").strip() == "u":
                    say(forward.taken_back_words(take_back(self.workspace, done.group_uid)))
        if self.export_to is not None:
            course = self.workspace.course
            title = f"Rehearsal: {self.choice.title(course)}"
            paths = export.save(export.Report(title, self.workspace.clock.now(), course, card), self.export_to)
            say(f"Saved {' and '.join(str(path) for path in paths)}.")

    @staticmethod
    def _say_card(card: Scorecard) -> None:
        say(f"\nDone: {export.questions(len(card.lines))}, score {card.score:.0%}{export.time_words(card)}.")
        for line in card.lines:
            attempt = line.attempt
            say(f"  {attempt.score:>4.0%}  {line.question.id}, {export.used_of_given(attempt)}, {trend_words(line)}")
        for mean in card.chapters:
            say(f"  chapter {mean.name}: {mean.score:.0%} of {export.questions(mean.count)}")
        for mean in card.lenses:
            say(f"  lens {mean.name}: {mean.score:.0%} of {export.questions(mean.count)}")
        for question, point in card.missed:
            say(f"  {export.SIGNS[point.coverage]} {point.coverage}: {point.text} [{question.id}]")
