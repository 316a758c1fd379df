"""The review session line by line: for screen readers, pipes and scripts. The same session as on the full screen."""

from __future__ import annotations

import asyncio
from typing import Final

from studytui.cli.console import read_line
from studytui.cli.replaced import offer_missing, settle
from studytui.domain.queue import Scope
from studytui.library.markdown import plain_markdown
from studytui.services.attempt import SAY_SO, Attempt, evidence_lines
from studytui.services.card_acts import undone_words
from studytui.services.cram import CramChoice, read, select
from studytui.services.cram_session import cram
from studytui.services.lab_client import LabClient
from studytui.services.session import Graded, Preview, Session, Turn, open_session
from studytui.services.workspace import Workspace
from studytui.store.errors import DuplicateReview, Replaced, StaleCard, StoreError

NAMES: Final = {0: "blackout", 1: "wrong", 2: "again", 3: "hard", 4: "good", 5: "easy"}
HELP: Final = (
    "Type an answer, then a grade, or Enter for the suggested one. Instead of an answer: :h hint, :x don't know, "
    ":q quit. Instead of a grade: g I guessed, u undo, - bury, @ suspend, * flag, q quit."
)
SURE: Final = "How sure are you, 1 (guess) to 5 (certain)? Enter: no word:"
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


def run(workspace: Workspace, scope: Scope) -> None:
    """Review until nothing is left, `:q`, or the end of standard input. Every graded answer is saved at once."""
    try:
        offer_missing(workspace, ask=ask, say=say)
    except _Left:
        return
    session = open_session(workspace, scope)
    counts = session.counts
    say(
        f"{workspace.course.title}. {counts.due} due, {counts.new} new, {counts.reask} to repeat"
        f"{f', about {session.minutes_left} min' if counts.total else ''}."
    )
    if not counts.total:
        say("Nothing is waiting today.")
        return
    _go_through(workspace, session, "All done for today.")


def run_cram(workspace: Workspace, choice: CramChoice) -> None:
    """Go through chosen cards until each is Good, `:q`, or the end of standard input.

    Raises:
        FilterError: the choice names what the course does not have.
        StoreError: the database cannot be read.
    """
    found = select(read(workspace), choice)
    if not found:
        say("No card is of that kind now. Without options, every card of the course is studied.")
        return
    session = cram(workspace, choice, found)
    effect = "grades count as reviews" if choice.counts else "no schedule moves"
    say(f"{workspace.course.title}. {len(found)} card{'s' * (len(found) != 1)} beside the schedule; {effect}.")
    _go_through(workspace, session, "Every card was Good.")


def _go_through(workspace: Workspace, session: Session, end: str) -> None:
    say(HELP)
    answered = 0
    with asyncio.Runner() as runner:
        lab = LabClient(device=session.settings.lab_device)
        try:
            while turn := session.next():
                answered += _take(workspace, session, turn, lab, runner)
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


def _take(workspace: Workspace, session: Session, turn: Turn, lab: LabClient, runner: asyncio.Runner) -> int:
    """One card from question to saved grade; 1 if it was answered, 0 if it was put aside."""
    card = turn.card
    origin = {"new": "new", "due": "due", "reask": "asked again", "cram": "extra"}[turn.origin]
    say(f"\n[{card.id}] {card.section} · {origin}")
    attempt = Attempt.at(turn, workspace.words)
    if attempt.trouble:
        say(attempt.trouble)
    tell(attempt.question)
    for place, option in enumerate(attempt.options, 1):
        tell(f"  {place}. {option.text}")
    if attempt.lefts:
        tell(f"To be matched: {'; '.join(attempt.lefts)}.")
    while not _answered(session, attempt, lab, runner):
        attempt.withdraw()
    _show(attempt)
    return _grade(workspace, session, attempt)


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
    match attempt.form:
        case "blanks":
            lines = [_line(attempt, f"Blank {at} of {attempt.blanks}:") for at in range(1, attempt.blanks + 1)]
        case "match":
            lines = [_line(attempt, f"{left}: number of its match:") for left in attempt.lefts]
        case "number":
            lines = [_line(attempt, f"Your answer{f' in {attempt.unit}' if attempt.unit else ''}:")]
        case form:
            # What is only said or revealed has no answer that a lone q could be.
            lines = [_line(attempt, ASKED[form], leave=("q", ":q") if form in ("reveal", "points") else (":q",))]
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
    scale = ", ".join(f"{key} {NAMES[grade]} ({describe_days(turn.previews[grade])})" for key, grade in keys.items())
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
        say("This card lapsed often and is suspended. Reword it so that it asks for one thing only.")
    if graded.let_go:
        say("Asked often enough today: it comes back another day.")


def _put_aside(session: Session, turn: Turn, key: str) -> bool:
    """Undo, bury or suspend; True if the session goes on to another card."""
    match key:
        case "u":
            undone = session.undo()
            word = NAMES[undone.grade] if undone and undone.grade is not None else ""
            say(undone_words(undone, word) if undone else "There is nothing to take back.")
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
        return "again, schedule stays" if preview.asks_again else "schedule stays"
    days = "tomorrow" if preview.interval_days == 1 else f"in {preview.interval_days} days"
    return f"again today, then {days}" if preview.asks_again else days
