"""Line by line: what becomes of a session when another program has put its own file in the database's place."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from studytui.cli.console import read_line
from studytui.cli.options import UsageError
from studytui.course.markdown import plain_markdown
from studytui.domain.cross_examination import OPENING, answered
from studytui.domain.plain_text import clock_text, counted
from studytui.domain.queue import Scope
from studytui.domain.rubric import (
    COVERAGES,
    NOT_SURE,
    SIGNS,
    AnswerGrade,
    Coverage,
    Mode,
    Submission,
    by_whom,
    percent,
    word_count,
)
from studytui.domain.sm2 import grade_label
from studytui.errors import DuplicateReview, KeptBeside, Replaced, StaleCard, StoreError
from studytui.study import llm_grader, reports
from studytui.study import rehearsal as forward
from studytui.study.attempt import SAY_SO, Attempt, evidence_lines, look_lines
from studytui.study.card_actions import set_due_together, take_back, undone_words
from studytui.study.cram import CramChoice, read_pool, select_cards, start_cram
from studytui.study.labs import LabClient
from studytui.study.learner_state import Draft
from studytui.study.llm_grader import Judge, request_body
from studytui.study.progress import advice, today_overview
from studytui.study.rehearsal import (
    EMPTY_CHOICE,
    QuestionChoice,
    Recorded,
    Rehearsal,
    RehearsalStep,
    RehearsalTask,
    Scorecard,
    drafts_of,
    grade_with,
    scorecard,
    select_questions,
    trend_words,
    wants_judge,
)
from studytui.study.review import Graded, Preview, QueueItem, Session, Sitting, open_session
from studytui.study.submissions import question_entries, read_questions, sync_questions
from studytui.study.workspace import Workspace

GO_ON: Final = "1"
KEEP: Final = "2"
CHOICE: Final = (
    f"{GO_ON} go on with both: one database with all answers. {KEEP} keep yours beside the new file and stop:"
)
PUT_BACK: Final = f"There is no database now. {GO_ON} put yours back and go on. {KEEP} keep it in the backups and stop:"


def settle(workspace: Workspace, *, ask: Callable[[str], str], say: Callable[[str], None]) -> bool:
    """Ask what becomes of the two files; True if the session goes on with both.

    What `ask` raises at the end of input passes through: closing the workspace then keeps ours beside the new file.
    """
    while True:
        choice = ask(CHOICE if workspace.new_file_is_database() else PUT_BACK).strip()
        try:
            if choice == GO_ON:
                added = workspace.go_on()
                say(f"One database holds all answers now; {added} came from the new file.")
                return True
            if choice == KEEP:
                say(f"What your database held is kept in {workspace.leave_beside()}.")
                return False
        except KeptBeside as error:
            say(str(error))
            return False
        except StoreError as error:
            say(f"Not done: {error} {error.hint}")


def offer_missing(workspace: Workspace, *, ask: Callable[[str], str], say: Callable[[str], None]) -> None:
    """Where the file that was found lacks answers of this machine: offer to add them. The sentence on it was said."""
    arrival = workspace.store.arrival
    if arrival is None or arrival.kept is None:
        return
    if ask("Type add to put them into it now, or press Enter to leave them there:").strip().casefold() != "add":
        return
    try:
        say(f"{workspace.merge(arrival.kept)} added.")
    except StoreError as error:
        say(f"Not added: {error} {error.hint}")


# The review session line by line: for screen readers, pipes and scripts. The same session as on the full screen


NAMES: Final = {grade: grade_label(grade, four=True).lower() for grade in range(6)}
HELP: Final = (
    "Type an answer, then a grade, or Enter for the suggested one. Instead of an answer: :h hint, :x don't know, "
    ":q quit. Instead of a grade: g I guessed, u undo, - bury, @ suspend, * flag, q quit."
)
SURE: Final = "How sure are you, 1 (guess) to 5 (certain)? Enter skips:"
ASKED: Final = {
    "reveal": "Press Enter to see the answer.",
    "points": "Say or write your answer, then press Enter:",
    "choice": "Number of your choice:",
    "order": "The numbers in the right order:",
}


class _Left(Exception):
    """The learner quit, or standard input ended."""


class _GaveUp(Exception):
    """The learner does not know the answer."""


def run(workspace: Workspace, scope: Scope, sitting: Sitting | None = None) -> None:
    """Review until nothing is left, the sitting is over, `:q`, or the end of input. Each grade is saved at once."""
    try:
        offer_missing(workspace, ask=ask, say=say)
    except _Left:
        return
    session = open_session(workspace, scope, sitting)
    counts = session.counts
    say(
        f"{workspace.course.title}. {counts.due} due, {counts.new} new, {counts.reask} to repeat"
        f"{f', about {session.minutes_left} min' if counts.total else ''}."
    )
    if not counts.total:
        state = today_overview(workspace)
        say("Nothing is waiting today.")
        if state.to_read is not None and state.brings_new:
            say(f"{advice(state)} Or declare it known: studytui known {state.to_read.section}")
        return
    _go_through(workspace, session, "All done for today.")


def run_cram(workspace: Workspace, choice: CramChoice) -> None:
    """Go through chosen cards until each is Good, `:q`, or the end of standard input.

    Raises:
        FilterError: the choice names what the course does not have.
        StoreError: the database cannot be read.
    """
    found = select_cards(read_pool(workspace), choice)
    if not found:
        say("No card matches now. Without options you practise the whole course.")
        return
    session = start_cram(workspace, choice, found)
    effect = "grades count as reviews" if choice.counts else "schedules stay unchanged"
    say(f"{workspace.course.title}. {len(found)} card{'s' * (len(found) != 1)} to practise; {effect}.")
    _go_through(workspace, session, "You knew every card.")


def _go_through(workspace: Workspace, session: Session, end: str) -> None:
    say(HELP)
    answered = 0
    with asyncio.Runner() as runner:
        lab = LabClient(device=session.settings.lab_device)
        try:
            while turn := session.next():
                answered += _take(workspace, session, turn, lab, runner)
            end = session.sitting.words if session.is_sat_out else end
            say(f"Done: {answered} answer{'s' * (answered != 1)}. {end}")
        except _Left:
            say(f"Stopped after {answered} answer{'s' * (answered != 1)}; all are saved.")
        finally:
            runner.run(lab.close())


def say(text: str = "") -> None:
    """One block of output, flushed, so that a reader of the pipe sees it before being asked."""
    print(text, flush=True)  # noqa: T201


def tell(text: str) -> None:
    """Authored text, its emphasis left out: a screen reader would speak the stars."""
    say(plain_markdown(text))


def ask(prompt: str, *, leave: tuple[str, ...] = ("q", ":q")) -> str:
    """One line of input; a word of `leave` or the end of input leaves the session."""
    line = read_line(prompt)
    if line is None or line.strip() in leave:
        say()
        raise _Left
    return line


def _take(workspace: Workspace, session: Session, turn: QueueItem, lab: LabClient, runner: asyncio.Runner) -> int:
    """One card from question to saved grade; 1 if it was answered, 0 if it was put aside."""
    card = turn.card
    origin = {"new": "new", "due": "due", "reask": "to repeat", "cram": "practice"}[turn.origin]
    say(f"\n[{card.id}] {card.section} · {origin}")
    attempt = Attempt.at(turn, workspace.words)
    if attempt.trouble:
        say(attempt.trouble)
    tell(attempt.told)
    if attempt.shows_something:
        runner.run(attempt.draw(lab))
        say(attempt.look_trouble or "In the picture:")
        for line in look_lines(attempt.look) if attempt.look else ():
            say(f"  {line}")
    if not attempt.covered:
        _tell_options(attempt)
    if attempt.lefts:
        tell(f"To be matched: {'; '.join(attempt.lefts)}.")
    while not _answered(session, attempt, lab, runner):
        attempt.withdraw()
    _show(attempt)
    return _grade(workspace, session, attempt)


def _tell_options(attempt: Attempt) -> None:
    for place, option in enumerate(attempt.options, 1):
        tell(f"  {place}. {option.text}")


def _answered(session: Session, attempt: Attempt, lab: LabClient, runner: asyncio.Runner) -> bool:
    """Take an answer and have it judged; False where it turned out to be none, and the question stays."""
    try:
        while refusal := _take_answer(attempt):
            say(refusal.replace(SAY_SO, "type :x if you don't know"))
    except _GaveUp:
        attempt.give_up()
    else:
        attempt.confidence = ask_sure(session.settings.ask_confidence)
    if attempt.form == "points":
        for place, point in enumerate(attempt.points, 1):
            tell(f"  {place}. {point}")
        attempt.tick(_ticked(attempt))
    elif attempt.needs_lab:
        say("The lab is computing…")
        refusal = runner.run(attempt.measure(lab, _Quarters()))
        if refusal:
            say(refusal.replace(SAY_SO, "type :x if you don't know"))
            return False
    else:
        attempt.check()
    return True


class _Quarters:
    """Progress in lines: one a quarter, so that a screen reader is not talked over."""

    def __init__(self) -> None:
        self._said = -0.25

    def __call__(self, fraction: float, words: str) -> None:
        if fraction >= self._said + 0.25:
            self._said = fraction
            say(f"  {fraction:.0%} {words}")


def _take_answer(attempt: Attempt) -> str:
    """Ask for what the question takes: '', or what to type instead."""
    if attempt.covered:
        attempt.uncover()
        _line(attempt, "Have an answer in mind; Enter tells the options:")
        _tell_options(attempt)
    match attempt.form:
        case "blanks":
            lines = [_line(attempt, f"Blank {at} of {attempt.blanks}:") for at in range(1, attempt.blanks + 1)]
        case "match":
            lines = [_line(attempt, f"{left}: number of its match:") for left in attempt.lefts]
        case "number":
            lines = [_line(attempt, f"Your answer{f' in {attempt.unit}' if attempt.unit else ''}:")]
        case form:
            # What is only said or revealed has no answer that a lone q could be.
            lines = [
                _line(
                    attempt,
                    ASKED.get(form, "Your answer:"),
                    leave=("q", ":q") if form in ("reveal", "points") else (":q",),
                )
            ]
            if form == "points":
                attempt.written = lines[0].strip()
    response, refusal = attempt.read(lines)
    return refusal or attempt.answer(response)


def _line(attempt: Attempt, prompt: str, *, leave: tuple[str, ...] = (":q",)) -> str:
    """One typed line that is no command. Commands begin with a colon, so that every letter can be an answer."""
    while True:
        line = ask(prompt, leave=leave)
        match line.strip():
            case ":h":
                hint = attempt.next_hint()
                tell(f"Hint {attempt.hints_used}. {hint}" if hint else "There are no more hints.")
            case ":x":
                raise _GaveUp
            case ":?":
                say(HELP)
            case _:
                return line


def _ticked(attempt: Attempt) -> list[int]:
    count = len(attempt.points)
    while True:
        words = ask("Numbers of the points you said:").replace(",", " ").split()
        if all(word.isdecimal() and 1 <= int(word) <= count for word in words):
            return sorted({int(word) - 1 for word in words})
        say(f"Type numbers from 1 to {count}, or Enter for none.")


def _show(attempt: Attempt) -> None:
    """What came of it: the verdict, the right answer, the evidence, the back and the learner's note."""
    if attempt.verdict is not None:
        if attempt.verdict.read_as:
            say(f"Read as {attempt.verdict.read_as}.")
        word = "Right." if attempt.verdict.correct else "Not known." if attempt.gave_up else "Wrong."
        say(word if attempt.verdict.message == word else f"{word} {attempt.verdict.message}")
        say(f"Suggested: {NAMES[attempt.default_grade]}. {attempt.reason}")
    elif attempt.trouble:
        say(f"Not checked: {attempt.trouble} Compare and grade yourself.")
    if attempt.right_answer:
        say(f"{'Measured' if attempt.measured else 'Answer'}: {attempt.right_answer}")
    if attempt.measured is not None:
        for line in evidence_lines(attempt.measured):
            say(f"  {line}")
    tell(attempt.turn.card.back)
    if attempt.turn.card.note:
        say(f"Your note: {attempt.turn.card.note}")


def _grade(workspace: Workspace, session: Session, attempt: Attempt) -> int:
    turn = attempt.turn
    keys = {str(i): grade for i, grade in enumerate(session.grades, 1)}
    if session.settings.grade_keys == "six":
        keys = {str(grade): grade for grade in session.grades}
    previews = session.previews(turn)
    scale = ", ".join(f"{key} {NAMES[grade]} ({describe_days(previews[grade])})" for key, grade in keys.items())
    while True:
        key = ask(f"Grade: {scale}; Enter for {NAMES[attempt.default_grade]}:").strip()
        try:
            if key == "g" and attempt.may_be_guessed:
                attempt.guess()
                key = ""
            if key in keys or not key:
                grade = keys.get(key, attempt.default_grade)
                graded = session.answer(turn, grade, attempt.as_answer())
                _say_saved(graded)
                return 1
            if key == "*":
                turn = attempt.turn = session.flag(turn)
                say("Flagged." if turn.stored.state.flagged else "Flag removed.")
            elif _put_aside(session, turn, key):
                return 0
        except DuplicateReview:
            return 1
        except StaleCard:
            say("This card was answered in another window meanwhile; going on.")
            session.recount()
            return 0
        except Replaced as error:
            say(f"Not saved: {error} {error.hint}")
            if not settle(workspace, ask=ask, say=say):
                raise _Left from error
            followed = session.follow(workspace.course_no, turn)
            if followed is None:
                say("The new database does not have this card; going on.")
                return 0
            turn = attempt.turn = followed
            say("Give the grade again to save it.")
        except StoreError as error:
            say(f"Not saved: {error} {error.hint} Give the grade again to retry.")


def _say_saved(graded: Graded) -> None:
    say(f"Saved: {NAMES[graded.grade]}.")
    if graded.became_leech:
        say("You missed this card often, so it is suspended. Reword it so that it asks for one thing only.")
    if graded.let_go:
        say("Repeated often enough today: it comes back another day.")


def _put_aside(session: Session, turn: QueueItem, key: str) -> bool:
    """Undo, bury or suspend; True if the session goes on to another card."""
    match key:
        case "u":
            undone = session.undo()
            word = NAMES[undone.grade] if undone and undone.grade is not None else ""
            say(undone_words(undone, word) if undone else "There is nothing to undo.")
            return undone is not None
        case "-":
            session.bury(turn)
            say("Buried until tomorrow.")
            return True
        case "@":
            session.suspend(turn)
            say("Suspended.")
            return True
    say(HELP)
    return False


def ask_sure(wanted: bool) -> int | None:
    """How sure the learner is, 1 to 5, before anything is shown; None without a word, or where it is not wanted."""
    if not wanted:
        return None
    return sure_of(ask(SURE))


def sure_of(line: str) -> int | None:
    """The confidence that was typed."""
    return int(line) if line.strip() in {"1", "2", "3", "4", "5"} else None


def describe_days(preview: Preview) -> str:
    """When a card comes back after a grade, in words."""
    if not preview.moves:
        return "no change, ask again" if preview.asks_again else "no change"
    days = "tomorrow" if preview.interval_days == 1 else f"in {preview.interval_days} days"
    return f"again today, then {days}" if preview.asks_again else days


# The rehearsal line by line: for screen readers, pipes and scripts. The same rehearsal as on the full screen


HOW: Final = (
    "Write your answer; a line with only . ends it. .aloud: you speak and judge yourself. .new: start over. "
    ".skip: the next question. .q: leave; what you typed is kept."
)
_OPTIONS: Final = {"one": "question", "chapter": "chapter"}
_CHANGE: Final = re.compile(r"(?<!\d)(\d{1,3})\s{0,9}=\s{0,9}([a-z]+)")


class _LeftRehearsal(Exception):
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
    choice: QuestionChoice
    export_to: Path | None = None
    lines: _Lines = field(default_factory=_Lines)

    def run(self) -> None:
        """From the first question to the scorecard. Every judged answer is saved at once.

        Raises:
            CourseError, StoreError: the questions cannot be read.
            UsageError: the course has no such question, or the chapter none.
            ReportError: the rehearsal cannot be written down; it is saved.
        """
        workspace = self.workspace
        for notice in workspace.notices:
            say(notice)
        course_no, _ = sync_questions(workspace, read_questions(workspace))
        drafts = [draft.question_id for draft in drafts_of(workspace).all()]
        everything = question_entries(workspace, course_no)
        day = Rehearsal.of(workspace, course_no, self.choice, ()).day
        found = select_questions(self.choice, everything, day, drafts=drafts, seed=secrets.randbits(31))
        if not found and self.choice.kind == "due":
            say(EMPTY_CHOICE["due"])
            self.choice = QuestionChoice("new", count=self.choice.count)
            found = select_questions(self.choice, everything, day)
        if not found:
            if self.choice.kind in ("one", "chapter"):
                raise UsageError(
                    f"--{_OPTIONS[self.choice.kind]} {self.choice.value}: {EMPTY_CHOICE[self.choice.kind]}"
                )
            say(EMPTY_CHOICE[self.choice.kind])
            return
        rehearsal = Rehearsal.of(workspace, course_no, self.choice, found)
        say(f"{self.choice.title(workspace.course)}. {counted(len(found), 'question')}.")
        say(HOW)
        while step := rehearsal.next_step():
            try:
                if step.do == "ask":
                    self._ask(rehearsal, step.task)
                else:
                    self._judge(rehearsal, step)
            except _Skipped as skipped:
                rehearsal.skip(step.task, skipped.seconds)
            except _LeftRehearsal:
                self._leave(rehearsal, step)
        if rehearsal.unasked:
            say(rehearsal.out_of_time)
        self._end(rehearsal, course_no)

    def _leave(self, rehearsal: Rehearsal, step: RehearsalStep) -> None:
        """Stop asking; what a mock interview holds back is still judged, unless it is being judged."""
        if step.do == "ask":
            rehearsal.stop()
        else:
            rehearsal.put_off()
        say("Stopped. Every judged answer is saved; others are kept as drafts.")

    # Asking

    def _ask(self, rehearsal: Rehearsal, task: RehearsalTask) -> None:
        rehearsal.began(task)
        question = task.question
        what = "Follow-up" if task.is_probe else f"Question {rehearsal.number} of {rehearsal.total}"
        say(f"\n{what} [{question.id}] {', '.join(question.sections)} · {question.level}")
        say(question.ask)
        clock = self.workspace.settings.rehearsal_clock
        if clock:
            think, answer = clock_text(question.think_seconds), clock_text(question.answer_seconds)
            left = rehearsal.seconds_left
            whole = f" {clock_text(max(0, left))} of the interview are left." if left is not None else ""
            say(f"Time: {think} to think, {answer} to answer.{whole}")
        given = self._read(rehearsal, task)
        if clock:
            say(f"{word_count(given.answer)} words in {reports.attempt_time(given)}.")
            if given.seconds_answered > question.answer_seconds:
                say("The time was over before; all that you wrote is kept.")
        try:
            rehearsal.hand_in(task, given)
        except StoreError as error:
            say(f"Not saved as a draft: {error} {error.hint}")

    def _read(self, rehearsal: Rehearsal, task: RehearsalTask) -> Submission:
        question, drafts = task.question, rehearsal.drafts
        draft = drafts.load(question.id)
        typed: list[str] = draft.text.split("\n") if draft else []
        if draft:
            say(f"Your draft comes first, {draft.words} words; .new starts over:\n{draft.text}")
        before = draft.seconds_answered if draft else 0.0
        mode: Mode = draft.mode if draft else "written"
        started = time.monotonic()

        def so_far() -> Submission:
            given = question.answer_seconds if self.workspace.settings.rehearsal_clock else None
            seconds = before + time.monotonic() - started
            return Submission("\n".join(typed), mode, 0.0, seconds, given)

        while True:
            line = self.lines.next()
            match line and line.strip():
                case None | "." if line is None or typed or mode == "aloud" or self._leaves_empty():
                    if line is None and not typed:
                        raise _LeftRehearsal
                    break
                case ".":
                    continue
                case ".q":
                    raise _LeftRehearsal
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
            say(f"Not saved as a draft: {error} {error.hint}")

    def _sure(self) -> int | None:
        if not self.workspace.settings.ask_confidence_in_rehearsal:
            return None
        return sure_of(self.lines.next(SURE) or "")

    # Judging

    def _judge(self, rehearsal: Rehearsal, step: RehearsalStep) -> None:
        assert step.given is not None
        question = step.task.question
        if self.choice.is_mock and not step.task.is_probe:
            say(f"\nYour answer to [{question.id}]: {question.ask}")
        grade = grade_with(self._judge_for(step), question, step.given, self.workspace.root)
        grade = self._asked_back(rehearsal, step, grade)
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
                raise _LeftRehearsal
            elif self._recorded(rehearsal, step, grade):
                return
            elif line is None:
                raise _LeftRehearsal

    def _asked_back(self, rehearsal: Rehearsal, step: RehearsalStep, grade: AnswerGrade) -> AnswerGrade:
        """The interviewer asks back, one point after another; anything but a number chooses nothing."""
        assert step.given is not None
        chosen = []
        for one in rehearsal.ask_back(step.task, step.given, grade):
            say(OPENING)
            for place, statement in enumerate(one.statements, 1):
                say(f"  {place}. {statement}")
            line = (self.lines.next(f"1 to {len(one.statements)}:") or "").strip()
            chosen.append(replace(one, chosen=int(line) - 1 if line in ("1", "2", "3") else None))
        return answered(grade, chosen) if chosen else grade

    def _judge_for(self, step: RehearsalStep) -> Judge | None:
        judge = Judge.of(self.workspace.settings)
        assert step.given is not None
        if judge is None or not wants_judge(step.given):
            return None
        if judge.problem or llm_grader.has_consent(self.workspace, judge):
            return judge
        say(llm_grader.consent_text(judge))
        say(llm_grader.shown_body(request_body(judge, step.task.question, step.given.answer)))
        if (self.lines.next("Send it, now and from now on? y or n:") or "").strip().casefold() != "y":
            say("Nothing was sent.")
            return None
        llm_grader.give_consent(self.workspace, judge)
        return judge

    @staticmethod
    def _say_grade(grade: AnswerGrade) -> None:
        say(f"Score {percent(grade.score)}, grade {grade.grade} of 5, {by_whom(grade.grader)}.")
        for note in grade.notes:
            say(note)
        for number, verdict in enumerate(grade.verdicts, 1):
            point = grade.question.point(verdict.point_id)
            quote = f" — “{' '.join(verdict.quote.text.split())}”" if verdict.quote else ""
            bonus = "" if point.must else " (bonus)"
            word = NOT_SURE if verdict.coverage == "unsure" else verdict.coverage
            say(f"  {number}. {SIGNS[verdict.coverage]} {word}: {point.text}{bonus}{quote}")

    @staticmethod
    def _changed(grade: AnswerGrade, line: str) -> AnswerGrade:
        for number, word in _CHANGE.findall(line.casefold()):
            coverage: Coverage | None = next((each for each in COVERAGES if each.startswith(word)), None)
            if coverage is not None and 1 <= int(number) <= len(grade.verdicts):
                grade = grade.choose(grade.verdicts[int(number) - 1].point_id, coverage)
        return grade

    @staticmethod
    def _recorded(rehearsal: Rehearsal, step: RehearsalStep, grade: AnswerGrade) -> bool:
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
        card = scorecard(question_entries(self.workspace, course_no), rehearsal.uid)
        self._say_card(card)
        planned = forward.plan_reschedule(self.workspace, forward.missed_objectives(card.attempts))
        if planned.cards:
            answer = self.lines.next(f"Missed, and due later: {planned.words}. Bring them to today? y or n:")
            if (answer or "").strip().casefold() == "y":
                moved = set_due_together(self.workspace, planned.days)
                say("They are due today.")
                if (self.lines.next("u undoes it; Enter goes on:") or "").strip() == "u":
                    say(forward.taken_back_words(take_back(self.workspace, moved)))
        if self.export_to is not None:
            paths = reports.save_rehearsal(self.workspace, self.choice, card, self.export_to)
            say(f"Saved {' and '.join(str(path) for path in paths)}.")

    @staticmethod
    def _say_card(card: Scorecard) -> None:
        say(f"\nDone: {counted(len(card.lines), 'question')}, score {card.score:.0%}{reports.time_words(card)}.")
        for line in card.lines:
            used = reports.attempt_time(line.attempt.given)
            say(f"  {line.attempt.score:>4.0%}  {line.question.id}, {used}, {trend_words(line)}")
        for mean in card.chapters:
            say(f"  chapter {mean.name}: {mean.score:.0%} of {counted(mean.count, 'question')}")
        for mean in card.lenses:
            say(f"  lens {mean.name}: {mean.score:.0%} of {counted(mean.count, 'question')}")
        for question, point in card.missed:
            say(f"  {SIGNS[point.coverage]} {point.coverage}: {point.text} [{question.id}]")
