"""The load of the coming days, and a date to be ready by: what it takes, what each day costs, what will be known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal, Self, TypeAlias

from studytui.domain.queue import Counts, Limits
from studytui.domain.simulation import DayLoad, GradeRates, Rules, SimulatedCard, Simulation, simulate
from studytui.domain.sm2 import add_days
from studytui.domain.statistics import Pace
from studytui.errors import CourseError
from studytui.study.course_lock import lock_of
from studytui.study.reading import minutes_of, unread_sections
from studytui.study.review import FORECAST_DAYS, own_answers
from studytui.study.today import choice_of, day_limits, new_wait_until

if TYPE_CHECKING:
    from studytui.domain.settings import Settings
    from studytui.store.records import LiveCard
    from studytui.study.workspace import Workspace

MOST_MINUTES: Final = 120
"""A plan whose busiest week takes more minutes a day is out of reach, where the learner names no other limit."""
LONGEST_DAYS: Final = 730
"""No plan looks further."""
MOST_NEW: Final = 200
"""No plan asks for more new cards a day."""
WEEK: Final = 7
QUESTIONS_A_DAY: Final = 2
"""A day has room for so many questions to rehearse, and for more only where the date leaves no other way."""
RETENTION_DAYS: Final = 7
"""After its last section is met an item of a gate needs its cards recalled on two days: after one day and six more."""
PLANS: Final = "plan"

GoalKind: TypeAlias = Literal["course", "chapter", "gate", "interview"]


class PlanError(ValueError):
    """A plan cannot be made of what was typed; the text says why."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What is to be ready: all cards, or those that `keys` (of cards) or `sections` name."""

    kind: GoalKind
    title: str
    sections: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()

    def holds(self, card: LiveCard) -> bool:
        """True for a card that belongs to it."""
        return self.kind == "course" or card.section in self.sections or card.key in self.keys


@dataclass(frozen=True, slots=True)
class Learner:
    """What a simulation starts from: the course's cards, the rates and the pace of the newest answers, the day.

    `limits` gives those of each day from `day` on for a number of new cards a day; today's are what today has left.
    """

    day: date
    cards: tuple[LiveCard, ...]
    rates: GradeRates
    pace: Pace
    settings: Settings
    limits: Callable[[int, date], Limits]

    def simulate(
        self, days: int, *, new_per_day: int | None = None, goal: Goal | None = None, runs: int = 3
    ) -> Simulation:
        """The next days, with another number of new cards a day where one is given."""
        settings = self.settings
        rules = Rules(
            partial(self.limits, settings.new_per_day if new_per_day is None else new_per_day),
            bury_siblings=settings.bury_siblings,
            review_order=settings.review_order,
            leech_lapses=settings.leech_lapses,
            suspend_leeches=settings.suspend_leeches,
            wanted_only=goal is not None and goal.kind != "course",
        )
        return simulate(self.simulated(goal), rules, self.rates, self.pace, start=self.day, days=days, runs=runs)

    def simulated(self, goal: Goal | None = None) -> list[SimulatedCard]:
        """The cards in reviews as the simulation takes them."""
        today = self.day
        tomorrow = add_days(today, 1)
        return [
            SimulatedCard(
                kind=card.kind,
                section=card.section,
                group=card.group,
                ease_factor=schedule.ease_factor,
                interval_days=schedule.interval_days,
                repetitions=schedule.repetitions,
                lapses=schedule.lapses,
                due_on=due_on.toordinal() if due_on else None,
                reviewed_on=schedule.reviewed_on.toordinal() if schedule.reviewed_on else None,
                asks_again=schedule.reask_on == today,
                wanted=goal is None or goal.holds(card),
            )
            for card in self.cards
            if not card.suspended
            for schedule in (card.schedule,)
            for due_on in (_shown_on(schedule.due_on, tomorrow) if card.buried_on == today else schedule.due_on,)
        ]


def _shown_on(due_on: date | None, tomorrow: date) -> date | None:
    """When a card that is buried today comes."""
    return max(due_on, tomorrow) if due_on is not None else None


def read_learner(workspace: Workspace) -> Learner:
    """What a simulation starts from; some ten milliseconds, in any thread.

    Raises:
        StoreError: the database cannot be read.
    """
    course_no, settings = workspace.course_no, workspace.settings
    today = workspace.today()
    with workspace.store.reading() as store:
        answers = own_answers(store, course_no)
        done = store.done_today(course_no, today)
        choice, until = choice_of(store, course_no, today), new_wait_until(store, course_no)
        cards = tuple(store.live_cards(course_no))

    def limits(new_per_day: int, day: date) -> Limits:
        chosen = choice if day == today else None
        found = day_limits(replace(settings, new_per_day=new_per_day), day, chosen, until)
        return found.left(new_today=done.new, reviews_today=done.reviews) if day == today else found

    return Learner(today, cards, GradeRates.of(answers), Pace.of(answers), settings, limits)


def read_goal(workspace: Workspace, text: str = "") -> Goal:
    """The goal of what was typed: "", "chapter 3", "3", "gate" or "interview".

    Raises:
        PlanError: the course has no such thing.
        CourseError: the file that says what belongs to it cannot be read.
        StoreError: the database cannot be read.
    """
    course = workspace.course
    words = text.casefold().replace(":", " ").split()
    match words:
        case [] | ["course"]:
            return Goal("course", "the course")
        case ["gate"] if course.gates:
            from studytui.study.gate import gate_status

            standing = gate_status(workspace, course.gates[0])
            return Goal("gate", f"the gap audit for {course.gates[0].unlocks}", keys=frozenset(standing.cards))
        case ["interview"]:
            from studytui.study.submissions import read_questions

            sections = frozenset(section for one in read_questions(workspace) for section in one.sections)
            if sections:
                return Goal("interview", "the interview", sections)
            raise PlanError("The course has no interview questions.")
        case ["chapter", number] | [number]:
            chapter = next((one for one in course.chapters if str(one.number) == number), None)
            if chapter is not None:
                sections = frozenset(section.id for section in chapter.sections)
                return Goal("chapter", f"chapter {number}", sections)
    known = [f"chapter {one.number}" for one in course.chapters] + ["gate"] * bool(course.gates) + ["interview"]
    raise PlanError(f"--for {text}: the course has no such part; there are {', '.join(known)}.")


# A date to be ready by


@dataclass(frozen=True, slots=True)
class Milestone:
    """What falls on a day beside the cards: questions to rehearse, or an item of the gate with its parts."""

    day: date
    kind: Literal["rehearsal", "gate"]
    title: str
    parts: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Keys: date, kind, title, parts."""
        return {"date": self.day, "kind": self.kind, "title": self.title, "parts": list(self.parts)}


@dataclass(frozen=True, slots=True)
class DatePlan:
    """What it takes to be ready by a day.

    Attributes:
        new_per_day: new cards a day that are needed; where it is not `reachable`, the most that is bearable.
        simulation: the days up to the one before `by`.
        reachable: every card of the goal is met before `by`, and no week takes more than `most_minutes` a day.
        instead: where it is not reachable, the first day by which it is, at `new_per_day`; None within two years.
        milestones: rehearsals and parts of the gate, by day.
    """

    goal: Goal
    day: date
    by: date
    new_per_day: int
    simulation: Simulation
    reachable: bool
    most_minutes: int
    instead: date | None = None
    milestones: tuple[Milestone, ...] = ()
    own_answers: int = 0

    @property
    def known(self) -> float:
        """The share of the goal's cards that are expected to be recalled on the day."""
        return self.simulation.share_known

    @property
    def known_by_section(self) -> dict[str, float]:
        """The same of each section."""
        found = self.simulation
        return {section: found.known[section] / count for section, count in found.cards.items()}

    @property
    def is_short_of_days(self) -> bool:
        """Out of reach however many minutes a day: siblings come on different days, and a gate asks for a week."""
        return not self.reachable and self.busiest < self.most_minutes * 0.8

    @property
    def busiest(self) -> float:
        """Minutes a day in the week that takes most."""
        return busiest_minutes(self.simulation.days)

    def to_json(self) -> dict[str, Any]:
        """Keys: by, goal, new_per_day, days (date, due, new, answers, minutes), known_on_the_day, known_by_section,
        met, cards, milestones, reachable, reachable_by, most_minutes."""
        cards = sum(self.simulation.cards.values())
        return {
            "by": self.by,
            "for": self.goal.title,
            "new_per_day": self.new_per_day,
            "days": [
                {
                    "date": load.day,
                    "due": round(load.due),
                    "new": round(load.new),
                    "answers": round(load.answers),
                    "minutes": round(load.minutes),
                }
                for load in self.simulation.days
            ],
            "known_on_the_day": round(self.known, 3),
            "known_by_section": {section: round(share, 3) for section, share in self.known_by_section.items()},
            "cards": cards,
            "cards_met": round(cards - self.simulation.unmet),
            "milestones": [each.to_json() for each in self.milestones],
            "reachable": self.reachable,
            "reachable_by": self.by if self.reachable else self.instead,
            "most_minutes": self.most_minutes,
        }


def busiest_minutes(days: Sequence[DayLoad]) -> float:
    """The minutes a day of the week that takes most; of fewer days than a week, their mean."""
    length = min(WEEK, len(days))
    if not length:
        return 0.0
    minutes = [load.minutes for load in days]
    window = most = sum(minutes[:length])
    for last in range(length, len(minutes)):
        window += minutes[last] - minutes[last - length]
        most = max(most, window)
    return most / length


def date_plan(workspace: Workspace, by: date, goal: Goal, *, most_minutes: int = MOST_MINUTES) -> DatePlan:
    """How to be ready by a day. Some tenths of a second: call it in a thread.

    Raises:
        PlanError: the day is not after today, or too far.
        StoreError: the database cannot be read.
    """
    learner = read_learner(workspace)
    days = (by - learner.day).days
    if days < 1:
        raise PlanError(f"--by {by}: choose a day after today ({learner.day}).")
    if days > LONGEST_DAYS:
        raise PlanError(f"--by {by}: choose a day within two years (up to {add_days(learner.day, LONGEST_DAYS)}).")
    if not any(goal.holds(card) and not card.suspended for card in learner.cards):
        raise PlanError(f"There is no card in reviews for {goal.title}.")
    number, reachable = _fewest(learner, days, goal, most_minutes)
    found = learner.simulate(days, new_per_day=number, goal=goal)
    instead = None
    if not reachable:
        longer = learner.simulate(min(LONGEST_DAYS, max(4 * days, 366)), new_per_day=number, goal=goal, runs=1)
        settling = 1 + RETENTION_DAYS * (goal.kind == "gate")
        instead = add_days(longer.met_on, settling) if longer.met_on is not None else None
    milestones = tuple(sorted(_milestones(workspace, goal, learner.day, by, found), key=lambda one: one.day))
    return DatePlan(
        goal, learner.day, by, number, found, reachable, most_minutes, instead, milestones, learner.rates.answers
    )


def _fewest(learner: Learner, days: int, goal: Goal, most_minutes: int) -> tuple[int, bool]:
    """The fewest new cards a day that are enough, and True; or the most that are bearable, and False.

    A gate asks for cards that were recalled on two days, so its cards are met a week earlier.
    """
    left = sum(card.schedule.is_new and not card.suspended and goal.holds(card) for card in learner.cards)
    if not left:
        return 0, True
    last = add_days(learner.day, days - 1 - RETENTION_DAYS * (goal.kind == "gate"))
    tried: dict[int, Simulation] = {}

    def run(number: int) -> Simulation:
        if number not in tried:
            tried[number] = learner.simulate(days, new_per_day=number, goal=goal, runs=1)
        return tried[number]

    def is_enough(number: int) -> bool:
        met_on = run(number).met_on
        return met_on is not None and met_on <= last

    def is_too_much(number: int) -> bool:
        return busiest_minutes(run(number).days) > most_minutes

    least = min(MOST_NEW, max(1, -(-left // days)))
    top = min(MOST_NEW, left)
    number = _first(is_enough, least, top) if is_enough(top) else None
    if number is not None and not is_too_much(number):
        return number, True
    if is_too_much(top):
        bearable = _first(is_too_much, 1, top)
        return max(1, (min(bearable, number) if number else bearable) - 1), False
    # Days are short, not time: more a day than this meets no more cards.
    return _first(lambda number: run(number).unmet <= run(top).unmet, 1, top), False


def _first(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The least number from `low` to `high` for which something holds that goes on to hold from there."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return high


def _milestones(workspace: Workspace, goal: Goal, today: date, by: date, found: Simulation) -> Iterator[Milestone]:
    """Rehearsals and parts of the gate, each once what it asks for has been met."""
    met = _Met(today, by, found)
    if goal.kind != "gate":
        yield from _rehearsals(workspace, goal, met)
    if goal.kind in {"course", "gate"} and workspace.course.gates:
        yield from _gate_items(workspace, met)


@dataclass(frozen=True, slots=True)
class _Met:
    """When sections are met, from `today` to the day before `by`."""

    today: date
    by: date
    found: Simulation

    @property
    def last(self) -> date:
        return add_days(self.by, -1)

    def all_of(self, sections: Collection[str]) -> date:
        """The first day after that on which the last of these is met; the plan's last day where one is not."""
        if self.found.sections_unmet.intersection(sections):
            return self.last
        days = [add_days(self.found.sections_met[one], 1) for one in sections if one in self.found.sections_met]
        return min(max(days, default=self.today), self.last)


def _rehearsals(workspace: Workspace, goal: Goal, met: _Met) -> Iterator[Milestone]:
    """Each question once, spread evenly over the days from the one on which its sections are met."""
    from studytui.study.submissions import read_questions

    number = workspace.interview_no
    with workspace.store.reading() as store:
        asked = store.live_cards(number) if number is not None else []
    seen = {card.key for card in asked if not card.schedule.is_new}
    try:
        questions = read_questions(workspace)
    except CourseError:
        return
    wanted = [
        one
        for one in questions
        if one.id not in seen and (goal.kind != "chapter" or goal.sections.intersection(one.sections))
    ]
    a_day = max(QUESTIONS_A_DAY, -(-len(wanted) // (met.by - met.today).days))
    ready = sorted((met.all_of(one.sections), place) for place, one in enumerate(wanted))
    given: defaultdict[date, list[str]] = defaultdict(list)
    for on, place in ready:
        later = (add_days(on, number) for number in range((met.by - on).days))
        earlier = (add_days(on, -number) for number in range(1, (on - met.today).days + 1))
        day = next(day for day in (*later, *earlier, on) if len(given[day]) < a_day or day == on == met.today)
        given[day].append(wanted[place].id)
    for day, names in given.items():
        if count := len(names):
            yield Milestone(day, "rehearsal", f"{count} interview question{'s' * (count > 1)}", tuple(names))


def _gate_items(workspace: Workspace, met: _Met) -> Iterator[Milestone]:
    """Each item of the gate that is not ready: when its sections are met and its cards were recalled on two days."""
    from studytui.study.gate import gate_status

    try:
        standing = gate_status(workspace, workspace.course.gates[0])
    except CourseError:
        return
    for verdict in standing.verdict.items:
        if verdict.state == "ready":
            continue
        on = met.all_of(verdict.item.sections)
        parts = tuple(part.part.title for part in verdict.parts if part.state != "ready")
        recalled = add_days(on, RETENTION_DAYS) if on > met.today else on
        if verdict.retention.first_on is not None:
            recalled = max(recalled, verdict.retention.first_on)
        yield Milestone(min(recalled, met.last), "gate", verdict.item.title, parts)


# The plan that is kept: its date is looked at again each day


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """The date a learner wants to be ready by, and for what, as typed."""

    by: date
    goal: str = ""
    most_minutes: int = MOST_MINUTES

    @classmethod
    def read(cls, noted: Any) -> Self:
        """A plan from its JSON; raises ValueError, KeyError or TypeError if it is none."""
        return cls(date.fromisoformat(noted["by"]), str(noted["goal"]), int(noted["most_minutes"]))


def keep_plan(workspace: Workspace, kept: KeptPlan | None) -> None:
    """Keep the date, in place of an earlier one; None keeps none.

    Raises:
        StoreError: it cannot be kept.
    """
    name = workspace.course.id
    if kept is None:
        workspace.store.delete_state(PLANS, name)
        return
    value = {"by": kept.by.isoformat(), "goal": kept.goal, "most_minutes": kept.most_minutes}
    workspace.store.put_state(PLANS, name, value, at=workspace.clock.now())


def kept_plan(workspace: Workspace) -> KeptPlan | None:
    """The date that was kept; None where none was, or it is over.

    Raises:
        StoreError: the database cannot be read.
    """
    try:
        found = workspace.store.state(PLANS, workspace.course.id, KeptPlan.read)
    except ValueError:
        return None
    return found if found is not None and found.by > workspace.today() else None


# In words


def minutes_words(minutes: float) -> str:
    """25 minutes, 1 h 20 min."""
    whole = round(minutes)
    if whole < 60:
        return f"{whole} minute{'s' * (whole != 1)}"
    return f"{whole // 60} h {whole % 60} min" if whole % 60 else f"{whole // 60} h"


def month_words(day: date) -> str:
    """Beginning, middle or end of its month: the end of February."""
    part = "the beginning of" if day.day <= 10 else "the middle of" if day.day <= 20 else "the end of"
    return f"{part} {day:%B}"


@dataclass(frozen=True, slots=True)
class LoadAhead:
    """What a number of new cards a day will mean: in a sentence, and the minutes a day of each week as a curve."""

    words: str
    curve: str


def load_ahead(workspace: Workspace, new_per_day: int | None = None) -> LoadAhead:
    """What so many new cards a day will mean, or as many as are set; some tens of milliseconds, in any thread.

    Raises:
        StoreError: the database cannot be read.
    """
    learner = read_learner(workspace)
    number = learner.settings.new_per_day if new_per_day is None else new_per_day
    found = learner.simulate(LOOK_AHEAD_DAYS, new_per_day=number, runs=1)
    weeks = [found.days[first : first + WEEK] for first in range(0, LOOK_AHEAD_DAYS - WEEK + 1, WEEK)]
    minutes = [sum(load.minutes for load in week) / len(week) for week in weeks]
    most = max(minutes)
    bars = "".join(_BARS[round(each / most * (len(_BARS) - 1))] if most else _BARS[0] for each in minutes)
    curve = f"{bars} minutes a day over {len(weeks)} weeks, {round(most)} at most" if most else ""
    return LoadAhead(_load_words(learner, number, found), curve)


_BARS: Final = "▁▂▃▄▅▆▇█"


def load_words(learner: Learner, new_per_day: int) -> str:
    """What so many new cards a day will mean, in a sentence."""
    found = learner.simulate(LOOK_AHEAD_DAYS, new_per_day=new_per_day, runs=1)
    return _load_words(learner, new_per_day, found)


def _load_words(learner: Learner, new_per_day: int, found: Simulation) -> str:
    cards = sum(not card.suspended for card in learner.cards)
    if not new_per_day:
        return "No new cards: you only review the ones you have started."
    week = found.days[4 * WEEK : 5 * WEEK]
    answers, minutes = (sum(getattr(load, name) for load in week) / WEEK for name in ("answers", "minutes"))
    start = f"{new_per_day} a day: about {round(answers)} answers, {minutes_words(minutes)} a day in week 5"
    if found.met_on is not None and found.met_on > learner.day:
        return f"{start}; all {cards} cards met by {month_words(found.met_on)}."
    if found.met_on is not None:
        return f"{start}; all {cards} cards are met."
    met = round(cards - found.unmet)
    return f"{start}; {met} of {cards} cards met in {LOOK_AHEAD_DAYS // 30} months."


@dataclass(frozen=True, slots=True)
class Forecast:
    """Due cards of each of the next days, today first: of the cards that were begun, and what new ones will add."""

    due: tuple[int, ...]
    from_new: tuple[int, ...]

    @property
    def total(self) -> tuple[int, ...]:
        """All that will be due."""
        return tuple(due + new for due, new in zip(self.due, self.from_new, strict=True))


def forecast(workspace: Workspace, left: Counts, *, days: int = FORECAST_DAYS) -> Forecast:
    """The scheduler run ahead of time; `left` is what today still brings. Some ten milliseconds, in any thread.

    It counts on a learner who does each day's cards, and reads on where new cards wait for that. In a locked course no
    card comes.

    Raises:
        StoreError: the database cannot be read.
    """
    if lock_of(workspace) is not None:
        return Forecast((0,) * days, (0,) * days)
    learner = read_learner(workspace)

    def limits(new_per_day: int, day: date) -> Limits:
        found = learner.limits(new_per_day, day)
        return replace(found, new_per_day=left.new) if day == learner.day else found

    loads = replace(learner, limits=limits).simulate(days).days[1:]
    from_new = (0, *(round(load.due_from_new) for load in loads))
    due = (left.due, *(round(load.due) - new for load, new in zip(loads, from_new[1:], strict=True)))
    return Forecast(due, from_new)


LOOK_AHEAD_DAYS: Final = 120
"""So far a number of new cards a day is followed."""


def plan_line(workspace: Workspace) -> str:
    """How the plan that was kept stands today, in a line; "" without one. Call it in a thread.

    While the number of new cards that is set is enough, one run of the simulation shows it; the rest is for when it is
    not.

    Raises:
        StoreError: the database cannot be read.
    """
    kept = kept_plan(workspace)
    if kept is None:
        return ""
    try:
        goal = read_goal(workspace, kept.goal)
        learner = read_learner(workspace)
        ahead = learner.simulate((kept.by - learner.day).days, goal=goal, runs=1)
        if goal.kind != "gate" and not ahead.unmet and busiest_minutes(ahead.days) <= kept.most_minutes:
            return _on_the_way(kept.by, ahead, goal)
        found = date_plan(workspace, kept.by, goal, most_minutes=kept.most_minutes)
    except (PlanError, CourseError):
        return ""
    return standing_words(found, workspace.settings.new_per_day)


def standing_words(plan: DatePlan, new_per_day: int) -> str:
    """Whether a plan is still within reach at the number of new cards a day that is set."""
    if not plan.reachable:
        return f"Ready by {plan.by}? No longer {_within(plan)}: {instead_words(plan)}"
    if plan.new_per_day > new_per_day:
        return f"Ready by {plan.by} needs {plan.new_per_day} new cards a day; you have {new_per_day}."
    return _on_the_way(plan.by, plan.simulation, plan.goal)


def _on_the_way(by: date, found: Simulation, goal: Goal) -> str:
    return f"On the way to {by}: {found.share_known:.0%} of {goal.title} known on that day."


def _within(plan: DatePlan) -> str:
    if plan.is_short_of_days:
        return "in so few days (cards on one objective come on different days)"
    return f"within {minutes_words(plan.most_minutes)} a day"


def instead_words(plan: DatePlan) -> str:
    """What is reachable where the date is not."""
    cards = sum(plan.simulation.cards.values())
    met = round(cards - plan.simulation.unmet)
    later = f"all of it by {plan.instead}" if plan.instead is not None else "not all of it within two years"
    return f"with {plan.new_per_day} new a day, {met} of {cards} cards are met by {plan.by}, and {later}."


def unread_words(workspace: Workspace) -> str:
    """What has to be read beside the cards, which every plan counts on; "" where nothing is unread.

    Raises:
        StoreError: the database cannot be read.
    """
    unread = unread_sections(workspace)
    if not unread:
        return ""
    count = f"{len(unread)} section{'s are' if len(unread) > 1 else ' is'} unread"
    left = minutes_words(minutes_of(workspace, unread))
    return f"This counts on you reading on: {count} ({left}), and new cards wait for that."


def plan_lines(plan: DatePlan, new_per_day: int) -> Iterator[str]:
    """A plan as text: what is needed, what it costs by week, what is known, what falls when."""
    days = plan.simulation.days
    if plan.reachable and plan.new_per_day:
        yield f"Ready for {plan.goal.title} by {plan.by}: {plan.new_per_day} new cards a day (you have {new_per_day})."
    elif plan.reachable:
        yield f"Ready for {plan.goal.title} by {plan.by}: every card has been met; only reviews are left."
    else:
        yield f"Not reachable by {plan.by} {_within(plan)}: {instead_words(plan)}"
        also = "" if plan.is_short_of_days else " or more time a day"
        yield f"A later date or a smaller part of the course{also} would do."
    yield f"The busiest week takes {minutes_words(plan.busiest)} a day."
    if plan.own_answers < 200:
        yield "Until you have given 200 answers, usual pass rates and times are used in place of yours."
    yield ""
    yield "week of       due   new  answers  minutes   (a day)"
    for first in range(0, len(days), WEEK):
        week = days[first : first + WEEK]
        due, new, answers, minutes = (
            sum(getattr(load, name) for load in week) / len(week) for name in ("due", "new", "answers", "minutes")
        )
        yield f"{week[0].day}  {due:>5.0f} {new:>5.0f} {answers:>8.0f} {minutes:>8.0f}"
    yield ""
    yield f"Known on {plan.by}: {plan.known:.0%} of the cards, as expected recall."
    by_chapter = plan.goal.kind == "course"
    shares: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for section, count in plan.simulation.cards.items():
        place = section.split(".", 1)[0] if by_chapter else section
        shares[place][0] += plan.simulation.known[section]
        shares[place][1] += float(count)
    name = "chapter" if by_chapter else "section"
    for place, (known, total) in shares.items():
        yield f"  {name} {place:<5} {known / total:>4.0%}  of {total:.0f}"
    if plan.milestones:
        yield ""
        yield "Beside the cards:"
        yield from (f"  {day}  {what}" for day, what in sorted(_beside(plan)))


def _beside(plan: DatePlan) -> Iterator[tuple[date, str]]:
    """The milestones as lines: an item of the gate each, and questions to rehearse by week."""
    weeks: defaultdict[date, int] = defaultdict(int)
    for each in plan.milestones:
        if each.kind == "gate":
            yield each.day, f"gap audit: {each.title} ({len(each.parts)} parts)"
        else:
            weeks[add_days(plan.day, (each.day - plan.day).days // WEEK * WEEK)] += len(each.parts)
    for day, count in weeks.items():
        yield day, f"{count} interview question{'s' * (count > 1)} in the week from this day"


def home_lines(workspace: Workspace) -> list[str]:
    """What the home screen says of the load: a break, leeches, the date that was kept. Call it in a thread.

    Raises:
        StoreError: the database cannot be read.
    """
    from studytui.study.backlog import last_spread, leech_words, leeches, read_backlog

    lines = []
    backlog = read_backlog(workspace)
    if backlog.is_offered:
        lines.append(f"{backlog.words} p spreads them over some days.")
    elif (spread := last_spread(workspace)) is not None:
        lines.append(f"{spread.words} p undoes it.")
    lines += [line for line in (leech_words(leeches(workspace)), plan_line(workspace)) if line]
    return lines
