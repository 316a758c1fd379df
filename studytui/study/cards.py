"""The filter line of the list of cards: `kind:choice state:due lapses>3 attention`, all of which must hold."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import isfinite
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias

from studytui.course.loader import decode
from studytui.domain.cards import KINDS, Card
from studytui.domain.sm2 import Schedule
from studytui.domain.statistics import STAGES, stage
from studytui.store import CardState, reports
from studytui.store.reports import LogEntry
from studytui.study.course_lock import lock_of
from studytui.study.pictures import shown_in_words
from studytui.study.reading import unread_sections
from studytui.study.workspace import Workspace

CARD_STATES: Final = (
    *STAGES,
    "due",
    "repeat",
    "locked",
    "suspended",
    "buried",
    "leech",
    "flagged",
    "archived",
)
FILTER_KEYS: Final = ("chapter", "section", "kind", "state", "helper", "lens", "tag", "id", "rated", "saved")

FILTERS: Final = "filters/"
"""Before the course's id: the saved filters, by their names."""
NAME_CELLS: Final = 40

NUMBER_KEYS: Final = ("lapses", "ease", "interval", "due")
"""What a word such as `lapses>3`, `ease<2`, `interval>=30` (days) or `due<7` (days from today) compares."""

_COMPARED: Final = re.compile(rf"({'|'.join(NUMBER_KEYS)}):?(<=|>=|<|>|=)(.*)")
_TOKEN: Final = re.compile(r'(-?)(?:([a-z]+):)?(?:"([^"]*)"?|(\S*))')


@dataclass(frozen=True, slots=True)
class CardEntry:
    """A card with its state, as the list of cards shows and searches it. `text` is folded for searching.

    `locked` cards wait for a gate: they keep their day and are not due.
    """

    no: int
    card: Card
    state: CardState
    archived: bool
    title: str
    text: str
    locked: bool = False

    @property
    def tags(self) -> tuple[str, ...]:
        """The card's, and those that the learner gave it."""
        return tuple(dict.fromkeys((*self.card.tags, *self.state.tags.split())))


@dataclass(frozen=True, slots=True)
class Condition:
    """One word of the filter; several values are alternatives. `saved` are the filters that `saved:` names."""

    key: str
    values: tuple[str, ...]
    negated: bool = False
    saved: tuple[CardFilter, ...] = ()

    def holds(self, entry: CardEntry, day: date) -> bool:
        if self.key == "saved":
            found = any(one.matches(entry, day) for one in self.saved)
        else:
            found = any(_TESTS[self.key](entry, value, day) for value in self.values)
        return found is not self.negated


@dataclass(frozen=True, slots=True)
class CardFilter:
    """A parsed filter line. `problem` names what in it can match nothing."""

    conditions: tuple[Condition, ...] = ()
    problem: str = ""

    @property
    def asks_for_archived(self) -> bool:
        """True if the line itself names archived cards, which are otherwise left out."""
        return any(
            not c.negated
            and (
                (c.key == "state" and any("archived".startswith(v) for v in c.values))
                or any(one.asks_for_archived for one in c.saved)
            )
            for c in self.conditions
        )

    def matches(self, entry: CardEntry, day: date) -> bool:
        """True if every condition holds on study day `day`."""
        return all(condition.holds(entry, day) for condition in self.conditions)


def parse_filter(line: str, saved: Mapping[str, str] = MappingProxyType({}), *, is_saved: bool = False) -> CardFilter:
    """Read a filter line; a word before a colon that is no key is searched as text.

    `saved` are the filters that `saved:` can name, which one that `is_saved` itself does not.
    """
    conditions = []
    problem = ""
    for minus, key, quoted, plain in _TOKEN.findall(line.casefold()):
        value = quoted or plain
        if key in FILTER_KEYS:
            values = (quoted,) if quoted else tuple(part for part in value.split(",") if part)
            if key == "state":  # its former name, which saved filters may hold
                values = tuple("repeat" if part == "settle" else part for part in values)
            problem = problem or _problem(key, values)
            condition = Condition(key, values, minus == "-")
            if key == "saved":
                named = tuple(_saved(name, saved, is_inside=is_saved) for name in values)
                problem = problem or next((one.problem for one in named if one.problem), "")
                condition = replace(condition, saved=named)
        elif not quoted and (compared := _COMPARED.fullmatch(f"{key}:{value}" if key else value)):
            name, sign, number = compared.groups()
            if not _is_number(number):
                problem = problem or f"{name}{sign} needs a number: {name}{sign}3."
                continue
            condition = Condition(name, (sign + number,), minus == "-")
        else:
            condition = Condition("text", (f"{key}:{value}" if key else value,), minus == "-")
        if any(condition.values):
            conditions.append(condition)
    return CardFilter(tuple(conditions), problem)


def _saved(name: str, saved: Mapping[str, str], *, is_inside: bool) -> CardFilter:
    """The filter saved under a name; one with a problem, which no card matches, where it cannot be."""
    nothing = (Condition("saved", (name,)),)
    if is_inside:
        return CardFilter(nothing, f"A saved filter cannot name another one, as here “{name}”.")
    if name not in saved:
        names = ", ".join(sorted(saved)) or "none yet"
        return CardFilter(nothing, f"There is no saved filter “{name}”; there are {names}.")
    return parse_filter(saved[name], saved, is_saved=True)


def saved_filters(workspace: Workspace) -> dict[str, str]:
    """The filter lines the learner saved for this course, by name. Raises StoreError."""
    found = workspace.store.states(f"{FILTERS}{workspace.course.id}", _line)
    return dict(sorted(found.items()))


def save_filter(workspace: Workspace, name: str, line: str) -> str:
    """Save a filter line, in place of one of that name; gives the name as it is kept: folded, blanks single.

    Raises:
        FilterError: the name cannot be typed after `saved:`, or the line can match nothing.
        StoreError: nothing was saved.
    """
    name = " ".join(name.casefold().split())
    if not name or len(name) > NAME_CELLS or '"' in name or not name.isprintable():
        raise FilterError(f"A name has 1 to {NAME_CELLS} letters and no quotes.")
    if not parse_filter(line).conditions:
        raise FilterError("There is no filter to save; type one with /.")
    if problem := parse_filter(line, saved_filters(workspace) | {name: line}, is_saved=True).problem:
        raise FilterError(problem)
    workspace.store.put_state(f"{FILTERS}{workspace.course.id}", name, line.strip(), at=workspace.clock.now())
    return name


def delete_filter(workspace: Workspace, name: str) -> None:
    """Take a saved filter away, if it is there. Raises StoreError."""
    workspace.store.delete_state(f"{FILTERS}{workspace.course.id}", name)


def saved_word(name: str) -> str:
    """What is typed for a saved filter."""
    return f"saved:{name}" if name.isalnum() else f'saved:"{name}"'


def _line(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a filter is a line")
    return value


def card_states(entry: CardEntry, day: date) -> list[str]:
    """Every word of STATES that holds, the most telling one first."""
    state, schedule = entry.state, entry.state.schedule
    hidden = state.suspended or entry.archived or entry.locked or state.buried_on == day
    found = {
        "archived": entry.archived,
        "locked": entry.locked and not entry.archived,
        "suspended": state.suspended,
        "buried": state.buried_on == day,
        "repeat": schedule.reask_on == day and not hidden,
        "due": schedule.due_on is not None and schedule.due_on <= day and not hidden,
        stage(schedule): True,
        "leech": state.leech,
        "flagged": state.flagged,
    }
    return [word for word, holds in found.items() if holds]


def _is_number(text: str) -> bool:
    try:
        return isfinite(float(text))
    except ValueError:
        return False


def _problem(key: str, values: tuple[str, ...]) -> str:
    if key == "rated":
        wrong = next((value for value in values if not (value.isdecimal() and 0 < int(value) < 10_000)), None)
        return f"rated:{wrong} is not a number of days: rated:1 is today, rated:7 the last week." if wrong else ""
    known = {"state": CARD_STATES, "kind": KINDS}.get(key)
    for value in values if known else ():
        if not any(word.startswith(value) for word in known or ()):
            return f"There is no {key} “{value}”; there are {', '.join(known or ())}."
    return ""


def _in_section(entry: CardEntry, value: str, _: date) -> bool:
    section = entry.card.section
    return section == value or (section.startswith(value) if value.endswith(".") else section.startswith(f"{value}."))


def _any_starts(words: tuple[str, ...], value: str) -> bool:
    return any(word.casefold().startswith(value) for word in words)


def _rated(entry: CardEntry, value: str, day: date) -> bool:
    """Reviewed within so many days, today being the first."""
    on = entry.state.schedule.reviewed_on
    return value.isdecimal() and on is not None and 0 <= (day - on).days < int(value)


_SIGNS: Final[dict[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
}


def _compares(number: Callable[[Schedule, date], float | None]) -> Callable[[CardEntry, str, date], bool]:
    """A test of a number of the schedule against a value such as `>=30`; a card without the number never holds."""

    def test(entry: CardEntry, value: str, day: date) -> bool:
        sign = value[:2] if value[1] == "=" else value[0]
        found = number(entry.state.schedule, day)
        return found is not None and _SIGNS[sign](found, float(value[len(sign) :]))

    return test


_TESTS: Final[dict[str, Callable[[CardEntry, str, date], bool]]] = {
    "text": lambda entry, value, _: value in entry.text,
    "id": lambda entry, value, _: value in entry.card.id,
    "chapter": lambda entry, value, _: entry.card.chapter == value,
    "section": _in_section,
    "kind": lambda entry, value, _: entry.card.kind.startswith(value),
    "state": lambda entry, value, day: _any_starts(tuple(card_states(entry, day)), value),
    "helper": lambda entry, value, _: _any_starts(entry.card.helpers, value),
    "lens": lambda entry, value, _: _any_starts(entry.card.lenses, value),
    "tag": lambda entry, value, _: _any_starts(entry.tags, value),
    "rated": _rated,
    "lapses": _compares(lambda schedule, _: schedule.lapses),
    "ease": _compares(lambda schedule, _: None if schedule.is_new else schedule.ease_factor / 100),
    "interval": _compares(lambda schedule, _: None if schedule.is_new else schedule.interval_days),
    "due": _compares(lambda schedule, day: (schedule.due_on - day).days if schedule.due_on else None),
}


# All cards of the course with their states, for the list of cards and the reader


Order: TypeAlias = Literal["course", "due", "ease", "lapses"]
ORDERS: Final[tuple[Order, ...]] = ("course", "due", "ease", "lapses")
TITLE_CELLS: Final = 200

_EMPHASIS: Final = re.compile(r"(?<![^\W_])(\*\*|\*|`)(?=\S)(.{1,200}?)(?<=\S)\1(?![^\W_])")


def card_entries(workspace: Workspace) -> list[CardEntry]:
    """Every card, archived ones too, in the order of the course. It reads much: call it in a thread.

    Raises:
        StoreError: the database cannot be read.
    """
    rows = reports.cards(workspace.store, workspace.course_no, archived=True)
    locked = lock_of(workspace) is not None
    return [card_entry(row.no, decode(row.payload), row.state, archived=row.archived, locked=locked) for row in rows]


def card_entry(no: int, card: Card, state: CardState, *, archived: bool = False, locked: bool = False) -> CardEntry:
    """A card with its state as lists show it."""
    return CardEntry(no, card, state, archived, _title(card), _search_text(card), locked)


def matching_cards(
    all_entries: Iterable[CardEntry], wanted: CardFilter, day: date, *, archived: bool = False, order: Order = "course"
) -> list[CardEntry]:
    """The entries a filter lets through; archived ones only if asked for, by `archived` or by the filter itself."""
    archived = archived or wanted.asks_for_archived
    found = [e for e in all_entries if (archived or not e.archived) and wanted.matches(e, day)]
    return ordered(found, order)


def ordered(found: list[CardEntry], order: Order) -> list[CardEntry]:
    """By due date (new ones last), lowest ease first, or most lapses first; `course` leaves them as they are."""
    match order:
        case "due":
            return sorted(found, key=lambda e: e.state.schedule.due_on or date.max)
        case "ease":
            return sorted(found, key=lambda e: (e.state.schedule.is_new, e.state.schedule.ease_factor))
        case "lapses":
            return sorted(found, key=lambda e: -e.state.schedule.lapses)
    return found


def own_tags(all_entries: Iterable[CardEntry]) -> dict[str, list[int]]:
    """The tags that the learner gave, in order, with the numbers of the cards that have each."""
    found: dict[str, list[int]] = {}
    for entry in all_entries:
        for tag in entry.state.tags.split():
            found.setdefault(tag, []).append(entry.no)
    return dict(sorted(found.items()))


def cards_of_section(all_entries: Sequence[CardEntry], section: str) -> list[CardEntry]:
    """The live cards of a section."""
    return [entry for entry in all_entries if entry.card.section == section and not entry.archived]


def _title(card: Card) -> str:
    text = card.question or card.back
    title = " ".join(_EMPHASIS.sub(r"\2", text[: 4 * TITLE_CELLS]).split())
    return title if len(title) <= TITLE_CELLS else f"{title[: TITLE_CELLS - 1].rstrip()}…"


def _search_text(card: Card) -> str:
    return "\n".join((card.id, card.front, card.body.right_answer, card.back, *card.tags)).casefold()


# The cards as `studytui cards` prints them


class FilterError(ValueError):
    """A filter that can match nothing; the text names what is wrong in it."""


def listing(workspace: Workspace, filter_text: str = "") -> list[dict[str, Any]]:
    """The cards a filter lets through, each with stable keys: id, kind, section, covers, state, states, due_on,
    interval_days, ease_factor, repetitions, lapses, helpers, lenses, tags, own_tags, source, front. `own_tags` are
    those of `tags` that the learner gave. `pictures` says of each picture in words what it shows.

    Raises:
        FilterError: the filter names a state, a kind or a saved filter that does not exist.
        StoreError: the database cannot be read.
    """
    wanted = parse_filter(filter_text, saved_filters(workspace))
    if wanted.problem:
        raise FilterError(wanted.problem)
    day = workspace.today()
    rows = []
    for entry in matching_cards(card_entries(workspace), wanted, day):
        card, schedule = entry.card, entry.state.schedule
        found = card_states(entry, day)
        rows.append(
            {
                "id": card.id,
                "kind": card.kind,
                "section": card.section,
                "covers": list(card.covers),
                "state": found[0],
                "states": found,
                "due_on": schedule.due_on.isoformat() if schedule.due_on else None,
                "interval_days": schedule.interval_days,
                "ease_factor": schedule.ease_factor / 100,
                "repetitions": schedule.repetitions,
                "lapses": schedule.lapses,
                "helpers": list(card.helpers),
                "lenses": list(card.lenses),
                "tags": list(entry.tags),
                "own_tags": entry.state.tags.split(),
                "source": str(card.source),
                "front": entry.title,
                "pictures": shown_in_words(card),
            }
        )
    return rows


# A card's own history: what each answer did to its schedule, and why it is due when it is


CRAMMED = "practice"
_ACTS = {
    "suspend": "suspended",
    "unsuspend": "back in reviews",
    "bury": "hidden until the next day",
    "unbury": "shown again",
    "flag": "flagged",
    "unflag": "flag removed",
    "set_due": "due day set by you",
    "reset": "made new again",
    "cram": CRAMMED,
    "tag": "tagged",
    "untag": "tag taken off",
    "move": "moved",
}


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """One line of the log as a person reads it. `reason` says which rule of SM-2 made the new interval."""

    day: date
    what: str
    grade: int | None
    before: Schedule
    after: Schedule
    reason: str
    seconds: float
    undone: bool


@dataclass(frozen=True, slots=True)
class CardStory:
    """A card with its whole history, oldest first, and one sentence on why it is due when it is."""

    entry: CardEntry
    day: date
    events: tuple[HistoryEvent, ...]
    why: str


def card_story(workspace: Workspace, card_no: int) -> CardStory:
    """Everything about one card. It reads much: call it in a thread.

    Raises:
        LookupError: there is no card of that number.
        StoreError: the database cannot be read.
    """
    stored = workspace.store.card_by_no(card_no)
    if stored is None:
        raise LookupError(f"there is no card of number {card_no}")
    day = workspace.today()
    entry = card_entry(stored.no, decode(stored.payload), stored.state, locked=lock_of(workspace) is not None)
    log = reports.history(workspace.store, card_no)
    events = tuple(_event(row) for row in log if row.action != "undo")
    why = why_due(stored.state.schedule, [e for e in events if not e.undone], day)
    if stored.state.schedule.is_new and entry.card.section in unread_sections(workspace):
        why += f" It comes once section {entry.card.section} is read or declared known."
    return CardStory(entry, day, events, why)


def why_due(schedule: Schedule, events: Sequence[HistoryEvent], day: date) -> str:
    """The reason in a sentence, from the last event that moved the schedule."""
    if schedule.due_on is None:
        return "The card is new: it has no schedule until its first review."
    moved = [event for event in events if event.before != event.after]
    last = moved[-1] if moved else None
    if schedule.reask_on == day:
        return (
            "You graded it below 4 today, so you repeat it today until it gets a 4 or 5, three times at most; "
            "its due day does not change."
        )
    days = (schedule.due_on - day).days
    when = "due today" if days == 0 else f"due in {days} d" if days > 0 else f"overdue by {-days} d"
    if last is None:
        return f"It is {when}, on {schedule.due_on:%Y-%m-%d}."
    if last.what == "due day set by you":
        return f"It is {when}: you set the day {schedule.due_on:%Y-%m-%d} on {last.day:%Y-%m-%d}."
    return f"It is {when}: reviewed on {last.day:%Y-%m-%d}, interval {schedule.interval_days} d. {last.reason}"


def _event(row: LogEntry) -> HistoryEvent:
    before, after = row.before.schedule, row.after.schedule
    what = {"review": "review", "reask": "repeated"}.get(row.action) or _ACTS.get(row.action, row.action)
    return HistoryEvent(
        day=row.study_day,
        what=what,
        grade=row.grade,
        before=before,
        after=after,
        reason=interval_rule(before, after, row.grade) if row.action == "review" else "",
        seconds=row.duration_ms / 1000,
        undone=row.undone,
    )


def interval_rule(before: Schedule, after: Schedule, grade: int | None) -> str:
    """Which rule of SM-2 gave the new interval, with its numbers."""
    if grade is None:
        return ""
    if grade < 3:
        return f"Grade {grade} restarts the repetitions: I = 1 d, ease stays {after.ease_factor / 100:.2f}."
    ease = f"ease {before.ease_factor / 100:.2f} → {after.ease_factor / 100:.2f}"
    if after.repetitions <= 2:
        return f"I({after.repetitions}) = {after.interval_days} d. {ease}."
    return (
        f"I({after.repetitions}) = ⌈{before.interval_days} × {after.ease_factor / 100:.2f}⌉ = "
        f"{after.interval_days} d. {ease}."
    )
