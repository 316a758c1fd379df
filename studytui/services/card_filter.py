"""The filter line of the list of cards: `kind:choice state:due section:2.2 attention`, all of which must hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from studytui.domain.cards import KINDS, Card
from studytui.domain.stages import STAGES, stage
from studytui.store import CardState

STATES: Final = (
    *STAGES,
    "due",
    "settle",
    "locked",
    "suspended",
    "buried",
    "leech",
    "flagged",
    "archived",
)
KEYS: Final = ("chapter", "section", "kind", "state", "helper", "lens", "tag", "id")

_TOKEN: Final = re.compile(r'(-?)(?:([a-z]+):)?(?:"([^"]*)"?|(\S*))')


@dataclass(frozen=True, slots=True)
class Entry:
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


@dataclass(frozen=True, slots=True)
class Condition:
    """One word of the filter; several values are alternatives."""

    key: str
    values: tuple[str, ...]
    negated: bool = False

    def holds(self, entry: Entry, day: date) -> bool:
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
            c.key == "state" and not c.negated and any("archived".startswith(v) for v in c.values)
            for c in self.conditions
        )

    def matches(self, entry: Entry, day: date) -> bool:
        """True if every condition holds on study day `day`."""
        return all(condition.holds(entry, day) for condition in self.conditions)


def parse(line: str) -> CardFilter:
    """Read a filter line; a word before a colon that is no key is searched as text."""
    conditions = []
    problem = ""
    for minus, key, quoted, plain in _TOKEN.findall(line.casefold()):
        value = quoted or plain
        if key in KEYS:
            values = (quoted,) if quoted else tuple(part for part in value.split(",") if part)
            problem = problem or _problem(key, values)
            condition = Condition(key, values, minus == "-")
        else:
            condition = Condition("text", (f"{key}:{value}" if key else value,), minus == "-")
        if any(condition.values):
            conditions.append(condition)
    return CardFilter(tuple(conditions), problem)


def states(entry: Entry, day: date) -> list[str]:
    """Every word of STATES that holds, the most telling one first."""
    state, schedule = entry.state, entry.state.schedule
    hidden = state.suspended or entry.archived or entry.locked or state.buried_on == day
    found = {
        "archived": entry.archived,
        "locked": entry.locked and not entry.archived,
        "suspended": state.suspended,
        "buried": state.buried_on == day,
        "settle": schedule.reask_on == day and not hidden,
        "due": schedule.due_on is not None and schedule.due_on <= day and not hidden,
        stage(schedule): True,
        "leech": state.leech,
        "flagged": state.flagged,
    }
    return [word for word, holds in found.items() if holds]


def _problem(key: str, values: tuple[str, ...]) -> str:
    known = {"state": STATES, "kind": KINDS}.get(key)
    for value in values if known else ():
        if not any(word.startswith(value) for word in known or ()):
            return f"There is no {key} “{value}”; there are {', '.join(known or ())}."
    return ""


def _in_section(entry: Entry, value: str, _: date) -> bool:
    section = entry.card.section
    return section == value or (section.startswith(value) if value.endswith(".") else section.startswith(f"{value}."))


def _any_starts(words: tuple[str, ...], value: str) -> bool:
    return any(word.casefold().startswith(value) for word in words)


_TESTS: Final[dict[str, Callable[[Entry, str, date], bool]]] = {
    "text": lambda entry, value, _: value in entry.text,
    "id": lambda entry, value, _: value in entry.card.id,
    "chapter": lambda entry, value, _: entry.card.chapter == value,
    "section": _in_section,
    "kind": lambda entry, value, _: entry.card.kind.startswith(value),
    "state": lambda entry, value, day: _any_starts(tuple(states(entry, day)), value),
    "helper": lambda entry, value, _: _any_starts(entry.card.helpers, value),
    "lens": lambda entry, value, _: _any_starts(entry.card.lenses, value),
    "tag": lambda entry, value, _: _any_starts(entry.card.tags, value),
}
