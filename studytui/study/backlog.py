"""Coming back from a break: what is overdue is spread over some days, what is most likely forgotten first."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Self

from studytui.domain.simulation import GradeRates, recall_chance
from studytui.domain.sm2 import add_days
from studytui.study.card_actions import set_due_together, take_back
from studytui.study.review import own_answers
from studytui.study.today import SPREADS, forget_spread, let_new_wait

if TYPE_CHECKING:
    from studytui.store.records import LiveCard
    from studytui.study.workspace import Workspace

AWAY_DAYS: Final = 4
"""From so many days without a review on a break is spoken of, if cards are overdue."""
FEWEST_OVERDUE: Final = 20
MANY_OVERDUE: Final = 100
"""So many overdue cards are a backlog without a break, too."""
MOST_DAYS: Final = 60
KEPT_WHOLE: Final = "backlog-kept-whole"


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits: the cards due up to today, how many of them since before today, and the days without a review.

    `coming` are the cards due on each later day, `recalled` the share recalled on the day a card is due.
    """

    day: date
    cards: tuple[LiveCard, ...]
    overdue: int
    away_days: int
    coming: Mapping[date, int]
    recalled: float
    is_offered: bool

    @property
    def words(self) -> str:
        """What waits, as a sentence."""
        count = f"{self.overdue} card{'s are' if self.overdue != 1 else ' is'} overdue"
        return f"Back after {self.away_days} days: {count}." if self.away_days >= AWAY_DAYS else f"{count}."

    def a_day(self, days: int) -> int:
        """About how many cards a day will bring if this is spread over so many."""
        ahead = sum(self.coming.get(add_days(self.day, number), 0) for number in range(1, days))
        return -(-(len(self.cards) + ahead) // days)


def read_backlog(workspace: Workspace) -> Backlog:
    """What waits today; some milliseconds, in any thread.

    Raises:
        StoreError: the database cannot be read.
    """
    day, course_no = workspace.today(), workspace.course_no
    with workspace.store.reading() as store:
        cards = [card for card in store.live_cards(course_no) if not card.suspended]
        rates = GradeRates.of(own_answers(store, course_no))
        kept_whole = _kept_whole(workspace, store.state)
    waiting, coming = [], Counter[date]()
    last = None
    for card in cards:
        schedule = card.schedule
        if schedule.reviewed_on is not None and schedule.reviewed_on < day:
            last = max(last or schedule.reviewed_on, schedule.reviewed_on)
        if schedule.due_on is None or schedule.reask_on == day:
            continue
        if schedule.due_on <= day:
            waiting.append(card)
        else:
            coming[schedule.due_on] += 1
    overdue = sum(card.schedule.due_on is not None and card.schedule.due_on < day for card in waiting)
    away = (day - last).days if last is not None else 0
    is_much = overdue >= MANY_OVERDUE or (away >= AWAY_DAYS and overdue >= FEWEST_OVERDUE)
    offered = is_much and not (kept_whole is not None and (last is None or kept_whole > last))
    return Backlog(day, tuple(waiting), overdue, away, coming, rates.recalled, offered)


def _kept_whole(workspace: Workspace, state: Any) -> date | None:
    try:
        found: date | None = state(KEPT_WHOLE, workspace.course.id, date.fromisoformat)
    except ValueError:
        return None
    return found


def keep_whole(workspace: Workspace) -> None:
    """Do all that is overdue as it is: it is not offered again for this break.

    Raises:
        StoreError: it cannot be kept.
    """
    value = workspace.today().isoformat()
    workspace.store.put_state(KEPT_WHOLE, workspace.course.id, value, at=workspace.clock.now())


def spread_over(
    cards: Sequence[LiveCard], day: date, days: int, *, coming: Mapping[date, int], recalled: float
) -> dict[int, date]:
    """A day for each card, by number: `days` days in a row from `day` on that bring about equally many cards.

    What is most likely forgotten comes first: a short interval loses most with each further day, a long one little.
    Siblings come on different days as far as there are days enough.
    """
    chances = {card.no: _chance(card, day, recalled) for card in cards}
    order = sorted(cards, key=lambda card: chances[card.no])
    ahead = [add_days(day, number) for number in range(days)]
    room = _room([coming.get(each, 0) for each in ahead], len(cards))
    groups: defaultdict[date, set[str]] = defaultdict(set)
    found: dict[int, date] = {}
    for card in order:
        free = [number for number, left in enumerate(room) if left]
        number = next((one for one in free if card.group not in groups[ahead[one]]), free[0])
        room[number] -= 1
        groups[ahead[number]].add(card.group)
        found[card.no] = ahead[number]
    return found


def _chance(card: LiveCard, day: date, recalled: float) -> float:
    schedule = card.schedule
    if schedule.reviewed_on is None:
        return 0.0
    return recall_chance(schedule.interval_days, (day - schedule.reviewed_on).days, recalled)


def _room(taken: Iterable[int], count: int) -> list[int]:
    """How many more each day takes so that all are about as full, `count` in all; the first days the odd ones."""
    full = list(taken)
    room = [0] * len(full)
    for _ in range(count):
        number = min(range(len(full)), key=lambda one: full[one] + room[one])
        room[number] += 1
    return room


@dataclass(frozen=True, slots=True)
class Spread:
    """What was spread last: the group in the log, on which day, and the first day on which new cards come again."""

    uid: str
    day: date
    until: date
    cards: int

    @classmethod
    def read(cls, noted: Any) -> Self:
        """A spread from its JSON; raises ValueError, KeyError or TypeError if it is none."""
        return cls(
            str(noted["uid"]),
            date.fromisoformat(noted["day"]),
            date.fromisoformat(noted["until"]),
            int(noted["cards"]),
        )

    @property
    def words(self) -> str:
        """What was done, as a sentence."""
        days = (self.until - self.day).days
        cards = f"{self.cards} card{'s' * (self.cards != 1)}"
        return f"{cards} spread over {days} days. New cards wait until {self.until}."


def spread_backlog(workspace: Workspace, days: int) -> Spread | None:
    """Spread what is due over `days` days, as one act in the log; new cards wait meanwhile. None if nothing is due.

    Raises:
        StoreError: nothing was moved.
        ValueError: `days` is out of range.
    """
    if not 2 <= days <= MOST_DAYS:
        raise ValueError(f"choose from 2 to {MOST_DAYS} days, not {days}")
    found = read_backlog(workspace)
    if not found.cards:
        return None
    placed = spread_over(found.cards, found.day, days, coming=found.coming, recalled=found.recalled)
    moved = {no: on for no, on in placed.items() if on != found.day}
    uid = set_due_together(workspace, moved)
    until = add_days(found.day, days)
    spread = Spread(uid, found.day, until, len(found.cards))
    value = {"uid": uid, "day": found.day.isoformat(), "until": until.isoformat(), "cards": spread.cards}
    workspace.store.put_state(SPREADS, workspace.course.id, value, at=workspace.clock.now())
    let_new_wait(workspace, until)
    return spread


def last_spread(workspace: Workspace) -> Spread | None:
    """The spread that can be taken back; None where there is none, or its days are over.

    Raises:
        StoreError: the database cannot be read.
    """
    try:
        found = workspace.store.state(SPREADS, workspace.course.id, Spread.read)
    except ValueError:
        return None
    return found if found is not None and workspace.today() < found.until else None


def undo_spread(workspace: Workspace) -> int | None:
    """Give the cards their days back, but for those answered or moved since, and let new cards come; returns how many.

    None where nothing was spread.

    Raises:
        StoreError: nothing was changed.
    """
    found = last_spread(workspace)
    if found is None:
        return None
    count = take_back(workspace, found.uid)
    forget_spread(workspace.store, workspace.course_no)
    return count


# Leeches


def leeches(workspace: Workspace) -> tuple[LiveCard, ...]:
    """The course's leeches, those with most lapses first.

    Raises:
        StoreError: the database cannot be read.
    """
    with workspace.store.reading() as store:
        found = [card for card in store.live_cards(workspace.course_no) if card.leech]
    return tuple(sorted(found, key=lambda card: -card.schedule.lapses))


NAMED: Final = 2


def leech_words(found: Sequence[LiveCard]) -> str:
    """The leeches by name, and what to do; "" without any."""
    if not found:
        return ""
    names = ", ".join(f"{card.key} ({card.section})" for card in found[:NAMED])
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    count = f"{len(found)} card{'s' * (len(found) != 1)} you keep forgetting"
    return f"{count}: {names}{more}. Reword them, read their section, or practise their neighbours."
