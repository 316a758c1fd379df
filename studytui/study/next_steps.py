"""What to do now and how long it takes, and how gate, interview and labs stand: the same on home and after a session.

Nothing is said of a gate, an interview or a lab before the learner has begun to study.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from studytui.domain.plain_text import counted
from studytui.errors import CourseError
from studytui.study.progress import TodayOverview, advice, today_overview
from studytui.study.reading import Unread

if TYPE_CHECKING:
    from studytui.study.gate import GateStatus
    from studytui.study.workspace import Workspace

Do: TypeAlias = Literal["review", "read", "wait", "rest"]

LABS: Final = "labs-run/"
"""Before the course's id: the lab exercises that were run on the bench, with the first day."""


@dataclass(frozen=True, slots=True)
class NowStep:
    """The one thing to do now. `section` is what to read; `then` what it leads to, "" where it leads to nothing."""

    do: Do
    words: str
    section: str = ""
    then: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a part of the course beside its cards is, and what to do next there; `target` names it for a front."""

    part: Literal["gate", "interview", "lab"]
    sign: str
    words: str
    step: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class NextSteps:
    """What now, and what stands beside the cards. `read` and `ran` are what was read and run today."""

    now: NowStep
    beside: tuple[Standing, ...] = ()
    read: tuple[str, ...] = ()
    ran: int = 0

    def of(self, part: str) -> Standing | None:
        """How a part stands; None while nothing is to be said of it."""
        return next((each for each in self.beside if each.part == part), None)


def now_step(state: TodayOverview, *, worst_section: str = "") -> NowStep:
    """What to do now; cheap, for the first paint."""
    words = advice(state, worst_section=worst_section)
    if state.lock:
        return NowStep("wait", words)
    then = ""
    if state.to_read is not None and state.brings_new:
        if not state.counts.total:
            return NowStep("read", reading_words(state.to_read), state.to_read.section, _cards_words(state))
        more = f"{state.brings_new} more new card{'s' * (state.brings_new != 1)}"
        then = f"Then read {state.to_read.name} ({state.to_read.minutes} min): it brings {more}."
    return NowStep("review" if state.counts.total else "rest", words, then=then)


def reading_words(unread: Unread) -> str:
    """A section to read, with its minutes."""
    return f"Read {unread.name} ({unread.minutes} min)"


def _cards_words(state: TodayOverview) -> str:
    return f"then answer {counted(state.brings_new, 'card')} from it."


def next_steps(workspace: Workspace, state: TodayOverview | None = None, *, worst_section: str = "") -> NextSteps:
    """Everything at once, as of the workspace's clock. It reads much: call it in a thread.

    Raises:
        StoreError: the database cannot be read.
    """
    state = state or today_overview(workspace)
    now = now_step(state, worst_section=worst_section)
    read = tuple(read_on(workspace, state.day))
    gate = _gate(workspace)
    if state.lock or not workspace.store.has_answers:
        return NextSteps(now, (gate,) if gate is not None else (), read)
    ran = labs_run(workspace)
    beside = (gate, _interview(workspace, state), _lab(workspace, state.unread, ran))
    today = sum(on == state.day.isoformat() for on in ran.values())
    return NextSteps(now, tuple(each for each in beside if each is not None), read, today)


def read_on(workspace: Workspace, day: date) -> Iterable[str]:
    """The sections that were read on a study day, in the order of the course."""
    from studytui.study.reading import SECTIONS

    found = workspace.store.states(f"{SECTIONS}{workspace.course.id}", _on_if_read)
    order = [section.id for chapter in workspace.course.chapters for section in chapter.sections]
    return [section for section in order if found.get(section) == day.isoformat()]


def _on_if_read(noted: Any) -> str:
    return str(noted["on"]) if noted["how"] == "read" else ""


def _gate(workspace: Workspace) -> Standing | None:
    """The current gate, once its audit was begun."""
    from studytui.study.gate import current_gate

    try:
        found = current_gate(workspace)
    except CourseError as error:
        return Standing("gate", "○", f"The gap audit cannot be read: {error}")
    if found is None or (found.verdict.is_untouched and found.log.override is None):
        return None
    return gate_standing(found)


def gate_standing(found: GateStatus) -> Standing:
    """How a gate stands, and the first of its parts that is not ready."""
    from studytui.study.gate import gate_line

    verdict = found.verdict
    left = (part.part.title for item in verdict.items for part in item.parts if part.state != "ready")
    sign = "●" if verdict.is_ready else "◐"
    return Standing("gate", sign, gate_line(found), "" if verdict.is_ready else next(left, ""))


def _interview(workspace: Workspace, state: TodayOverview) -> Standing | None:
    """How many questions were rehearsed, once one was."""
    number = workspace.interview_no
    cards = workspace.store.live_cards(number) if number is not None else []
    asked = sum(not card.schedule.is_new for card in cards)
    if not asked:
        return None
    due = state.questions_due
    step = f"Answer the {counted(due, 'interview question')} that {'is' if due == 1 else 'are'} due" if due else ""
    if not due and asked < len(cards):
        step = "Answer a new interview question"
    return Standing("interview", "●" if asked == len(cards) else "◐", f"{asked} of {len(cards)} answered", step)


def _lab(workspace: Workspace, unread: Sequence[str], ran: dict[str, str]) -> Standing | None:
    """The lab of the day: the first one that was not run, of a section that was read before others."""
    from labs import catalog

    exercises = list(catalog.exercises())
    if not exercises:
        return None
    done = sum(one.name in ran for one in exercises)
    words = f"{done} of {counted(len(exercises), 'lab')} run"
    left = [one for one in exercises if one.name not in ran]
    if not left:
        return Standing("lab", "●", words)
    place = {
        section.id: index
        for index, section in enumerate(each for chapter in workspace.course.chapters for each in chapter.sections)
    }
    waiting = set(unread)

    def rank(sections: Iterable[str]) -> tuple[bool, int]:
        """Those of sections read first, the latest of them before others; then in the order of the catalogue."""
        read = [place[section] for section in sections if section in place and section not in waiting]
        return not read, -max(read, default=0) if unread else 0

    chosen = min(left, key=lambda one: rank(one.sections))
    return Standing("lab", "◐" if done else "○", words, chosen.title, chosen.name)


def labs_run(workspace: Workspace) -> dict[str, str]:
    """The lab exercises that were run on the bench, and the study day of each one's newest run.

    Raises:
        StoreError: the database cannot be read.
    """
    return workspace.store.states(f"{LABS}{workspace.course.id}", _on)


def _on(noted: Any) -> str:
    return str(noted["on"])


def note_lab(workspace: Workspace, exercise: str) -> None:
    """Note that a lab was run today.

    Raises:
        StoreError: the note cannot be written.
    """
    value = {"on": workspace.today().isoformat()}
    workspace.store.put_state(f"{LABS}{workspace.course.id}", exercise, value, at=workspace.clock.now())
