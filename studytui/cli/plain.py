"""The review session line by line: for screen readers, pipes and scripts. The same session as on the full screen."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from dataclasses import dataclass
from typing import Final

from labs.protocol import ParamError, Problem
from studytui.cli.replaced import offer_missing, settle
from studytui.domain.cards import Card, Choice, Cloze, Match, Open, Order
from studytui.domain.grading import Response, Verdict, suggest_grade
from studytui.domain.plain_text import safe
from studytui.domain.queue import Scope
from studytui.domain.showing import judge, right_answer
from studytui.services import exercises
from studytui.services.cram import CramChoice, read, select
from studytui.services.cram_session import cram
from studytui.services.lab_client import LabClient, Solved
from studytui.services.session import Answer, Preview, Session, Turn
from studytui.services.workspace import Workspace
from studytui.store.errors import DuplicateReview, Replaced, StaleCard, StoreError

NAMES: Final = {0: "blackout", 1: "wrong", 2: "again", 3: "hard", 4: "good", 5: "easy"}
HELP: Final = (
    "Type an answer, then a grade, or Enter for the suggested one. "
    "Instead of a grade: u undo, - bury, @ suspend, * flag, q quit."
)


SURE: Final = "How sure are you, 1 (guess) to 5 (certain)? Enter: no word:"


class _Left(Exception):
    """The learner quit, or standard input ended."""


@dataclass(slots=True)
class _Reply:
    response: Response = None
    verdict: Verdict | None = None
    evidence: dict[str, object] | None = None
    confidence: int | None = None


def run(workspace: Workspace, scope: Scope) -> None:
    """Review until nothing is left, `q`, or the end of standard input. Every graded answer is saved at once."""
    for notice in workspace.notices:
        say(notice)
    try:
        offer_missing(workspace, ask=ask, say=say)
    except _Left:
        return
    session = workspace.session(scope)
    counts = session.counts
    say(f"{workspace.course.title}. {counts.due} due, {counts.new} new, {counts.reask} to settle.")
    if not counts.total:
        say("Nothing is waiting today.")
        return
    _go_through(workspace, session, "Nothing is left today.")


def run_cram(workspace: Workspace, choice: CramChoice) -> None:
    """Go through chosen cards until each is Good, `q`, or the end of standard input.

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
        lab = LabClient()
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
    print(safe(text), flush=True)  # noqa: T201


def ask(prompt: str) -> str:
    """One line of input; the end of input leaves the session."""
    print(safe(prompt), end=" ", flush=True)  # noqa: T201
    line = sys.stdin.readline()
    if not line or line.strip() == "q":
        say()
        raise _Left
    return line.rstrip("\n")


def _take(workspace: Workspace, session: Session, turn: Turn, lab: LabClient, runner: asyncio.Runner) -> int:
    """One card from question to saved grade; 1 if it was answered, 0 if it was put aside."""
    card = turn.card
    origin = {"new": "new", "due": "due", "reask": "asked again", "cram": "extra"}[turn.origin]
    say(f"\n[{card.id}] {card.section} · {origin}")
    started = time.monotonic()
    problem = _pose(turn)
    if card.kind != "exercise" or card.front:
        say(turn.showing.question)
    if problem:
        say(problem.prompt)
    reply = _answer(session, turn, problem, lab, runner)
    seconds = time.monotonic() - started
    if reply.verdict:
        say(("Right. " if reply.verdict.correct else "Wrong. ") + reply.verdict.message)
    if right := right_answer(card):
        say(f"Answer: {right}")
    say(card.back)
    if card.note:
        say(f"Your note: {card.note}")
    suggested = suggest_grade(reply.verdict, kind=card.kind, seconds=seconds) if reply.verdict else 4
    suggested = max(suggested, session.grades[0])
    answer = Answer(
        response=reply.response,
        verdict=reply.verdict,
        suggested_grade=suggested if reply.verdict else None,
        confidence=reply.confidence,
        duration_ms=int(seconds * 1000),
        evidence=dict(reply.evidence or {}),
    )
    return _grade(workspace, session, turn, answer, suggested)


def _grade(workspace: Workspace, session: Session, turn: Turn, answer: Answer, suggested: int) -> int:
    keys = {str(i): grade for i, grade in enumerate(session.grades, 1)}
    if session.settings.grade_keys == "six":
        keys = {str(grade): grade for grade in session.grades}
    scale = ", ".join(f"{key} {NAMES[grade]} ({describe_days(turn.previews[grade])})" for key, grade in keys.items())
    while True:
        key = ask(f"Grade: {scale}; Enter for {NAMES[suggested]}:").strip()
        try:
            if key in keys or not key:
                grade = keys.get(key, suggested)
                graded = session.answer(turn, grade, answer)
                say(f"Saved: {NAMES[grade]}.")
                if graded.became_leech:
                    say("This card lapsed often and is suspended. Reword it so that it asks for one thing only.")
                return 1
            if key == "*":
                turn = session.flag(turn)
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
            turn = followed
            say("Give the grade again to save it.")
        except StoreError as error:
            say(f"Not saved: {error} {error.hint} Give the grade again to retry.")


def _put_aside(session: Session, turn: Turn, key: str) -> bool:
    """Undo, bury or suspend; True if the session goes on to another card."""
    match key:
        case "u":
            undone = session.undo()
            say(f"Taken back: {undone.action}." if undone else "There is nothing to take back.")
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


def _pose(turn: Turn) -> Problem | None:
    if turn.card.kind != "exercise":
        return None
    try:
        return exercises.pose(turn.card, turn.showing.review_uid)
    except (ParamError, ValueError) as error:
        say(f"The lab cannot pose this exercise: {error}")
        return None


def _answer(session: Session, turn: Turn, problem: Problem | None, lab: LabClient, runner: asyncio.Runner) -> _Reply:
    card = turn.card
    if problem is not None:
        typed = ask("Your answer:")
        sure = ask_sure(session.settings.ask_confidence)
        say("The lab is computing…")
        outcome = runner.run(lab.solve(problem))
        if not isinstance(outcome, Solved):
            say(outcome.message)
            return _Reply(typed, confidence=sure)
        verdict = exercises.judge(problem, typed, outcome.evidence)
        for line in outcome.evidence.derivation:
            say(f"  {line}")
        return _Reply(typed, verdict, exercises.for_log(problem, outcome.evidence), sure)
    response = _read(card, turn.showing.permutation)
    sure = ask_sure(session.settings.ask_confidence)
    if isinstance(card.body, Open):
        response = _points_said(card.body)
    return _Reply(response, judge(card, response), confidence=sure)


def ask_sure(wanted: bool) -> int | None:
    """How sure the learner is, 1 to 5, before anything is shown; None without a word, or where it is not wanted."""
    if not wanted:
        return None
    return sure_of(ask(SURE))


def sure_of(line: str) -> int | None:
    """The confidence that was typed."""
    return int(line) if line.strip() in {"1", "2", "3", "4", "5"} else None


def _points_said(body: Open) -> Response:
    for place, point in enumerate(body.points, 1):
        say(f"  {place}. {point}")
    return list(_places(ask("Numbers of the points you said:"), tuple(range(len(body.points)))))


def _read(card: Card, permutation: tuple[int, ...]) -> Response:
    match card.body:
        case Choice() as body:
            for place, index in enumerate(permutation, 1):
                say(f"  {place}. {body.options[index].text}")
            picked = _places(ask("Number of your choice:"), permutation)
            return picked[0] if picked else None
        case Order() as body:
            for place, index in enumerate(permutation, 1):
                say(f"  {place}. {body.steps[index]}")
            return list(_places(ask("The numbers in the right order:"), permutation))
        case Match() as body:
            for place, index in enumerate(permutation, 1):
                say(f"  {place}. {body.rights[index]}")
            rights: list[int] = []
            for left, _ in body.pairs:
                picked = _places(ask(f"{left}: number of its match:"), permutation)
                rights.append(picked[0] if picked else -1)
            return rights
        case Cloze() as body:
            return [ask(f"Blank {i} of {len(body.blanks)}:") for i in range(1, len(body.blanks) + 1)]
        case Open():
            ask("Say or write your answer, then press Enter:")
            return None
    if card.kind == "numeric":
        return ask("Your answer:")
    ask("Press Enter to see the answer.")
    return None


def _places(line: str, permutation: tuple[int, ...]) -> list[int]:
    """The author's indices of the places typed; what is no place is left out."""
    numbers = [int(number) for number in re.findall(r"\d+", line[:200])]
    return [permutation[number - 1] for number in numbers if 1 <= number <= len(permutation)]


def describe_days(preview: Preview) -> str:
    """When a card comes back after a grade, in words."""
    if not preview.moves:
        return "again, schedule stays" if preview.asks_again else "schedule stays"
    days = "tomorrow" if preview.interval_days == 1 else f"in {preview.interval_days} days"
    return f"again today, then {days}" if preview.asks_again else days
