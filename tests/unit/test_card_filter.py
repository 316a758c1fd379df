"""The filter line of the list of cards."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from studytui.domain.cards import Basic, Card, Kind, Source
from studytui.domain.sm2 import Schedule
from studytui.domain.statistics import stage
from studytui.store import CardState
from studytui.study.cards import CardEntry, card_states, parse_filter

DAY = date(2026, 3, 10)


def entry(
    key: str = "vit-count",
    *,
    section: str = "2.1",
    kind: Kind = "basic",
    state: CardState | None = None,
    archived: bool = False,
    front: str = "How many tokens?",
) -> CardEntry:
    card = Card(
        id=key,
        section=section,
        covers=("2.1-01",),
        kind=kind,
        front=front,
        back="The class token counts.",
        body=Basic(),
        source=Source("content/cards/02.toml", 3),
        helpers=("eye", "patch"),
        lenses=("reasoner",),
        tags=("shapes",),
    )
    return CardEntry(1, card, state or CardState(), archived, front, f"{key}\n{front}\n{card.back}\nshapes".casefold())


def due(days: int, interval: int = 6, **more: Any) -> CardState:
    return CardState(Schedule(due_on=DAY + timedelta(days=days), interval_days=interval, repetitions=2), **more)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "tokens",
        "TOKENS class",
        '"class token"',
        "kind:basic",
        "kind:bas",
        "kind:choice,basic",
        "section:2.1",
        "section:2",
        "chapter:2",
        "helper:eye helper:patch",
        "lens:reasoner",
        "tag:shapes",
        "id:vit",
        "state:new -kind:choice",
        "-state:due",
        "kind:",
        "  state:new   tokens  ",
    ],
)
def test_a_line_that_holds(line: str) -> None:
    assert parse_filter(line).matches(entry(), DAY)


@pytest.mark.parametrize(
    "line",
    [
        "absent",
        '"token class"',
        "kind:choice",
        "section:2.10",
        "section:1",
        "chapter:1",
        "-tokens",
        "state:due",
        "tag:x",
    ],
)
def test_a_line_that_does_not_hold(line: str) -> None:
    assert not parse_filter(line).matches(entry(), DAY)


def test_a_section_is_not_taken_for_one_that_begins_alike() -> None:
    assert not parse_filter("section:2.1").matches(entry(section="2.10"), DAY)
    assert parse_filter("section:2.1").matches(entry(section="2.1"), DAY)


def test_a_word_before_a_colon_that_is_no_key_is_searched_as_text() -> None:
    assert parse_filter("ratio:2").matches(entry(front="a ratio:2 picture"), DAY)
    assert not parse_filter("ratio:2").matches(entry(), DAY)


def test_an_unknown_state_is_named() -> None:
    assert parse_filter("state:dew").problem.startswith("There is no state “dew”")
    assert parse_filter("kind:essay").problem.startswith("There is no kind “essay”")
    assert not parse_filter("state:su").problem


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (CardState(), ["new"]),
        (due(0), ["due", "learning"]),
        (due(-3, 30), ["due", "mature"]),
        (due(2, 15), ["young"]),
        (due(0, suspended=True), ["suspended", "learning"]),
        (due(1, flagged=True, leech=True), ["learning", "leech", "flagged"]),
        (CardState(Schedule(due_on=DAY + timedelta(days=1), interval_days=1, reask_on=DAY)), ["settle", "learning"]),
        (CardState(buried_on=DAY), ["buried", "new"]),
        (CardState(buried_on=DAY - timedelta(days=1)), ["new"]),
    ],
)
def test_the_words_of_a_state_most_telling_first(state: CardState, words: list[str]) -> None:
    assert card_states(entry(state=state), DAY) == words


def test_archived_cards_are_asked_for_by_the_line() -> None:
    assert parse_filter("state:archived").asks_for_archived
    assert not parse_filter("-state:archived").asks_for_archived
    assert card_states(entry(archived=True), DAY)[0] == "archived"


@pytest.mark.parametrize(("days", "expected"), [(1, "learning"), (6, "learning"), (15, "young"), (21, "mature")])
def test_stages_by_interval(days: int, expected: str) -> None:
    assert stage(due(1, days).schedule) == expected
