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
        (CardState(Schedule(due_on=DAY + timedelta(days=1), interval_days=1, reask_on=DAY)), ["repeat", "learning"]),
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


def scheduled(*, ease: int = 250, interval: int = 6, lapses: int = 0, due_in: int = 0, ago: int = 6) -> CardEntry:
    schedule = Schedule(
        ease_factor=ease,
        interval_days=interval,
        repetitions=2,
        lapses=lapses,
        due_on=DAY + timedelta(days=due_in),
        reviewed_on=DAY - timedelta(days=ago),
    )
    return entry(state=CardState(schedule))


@pytest.mark.parametrize(
    ("line", "holds", "fails"),
    [
        ("rated:1", scheduled(ago=0), scheduled(ago=1)),
        ("rated:7", scheduled(ago=6), scheduled(ago=7)),
        ("lapses>3", scheduled(lapses=4), scheduled(lapses=3)),
        ("lapses>=3", scheduled(lapses=3), scheduled(lapses=2)),
        ("-lapses>3", scheduled(lapses=3), scheduled(lapses=4)),
        ("ease<2", scheduled(ease=199), scheduled(ease=200)),
        ("ease<=1.96", scheduled(ease=196), scheduled(ease=197)),
        ("interval>30", scheduled(interval=31), scheduled(interval=30)),
        ("interval=6", scheduled(interval=6), scheduled(interval=7)),
        ("due<7", scheduled(due_in=6), scheduled(due_in=7)),
        ("due<0", scheduled(due_in=-1), scheduled(due_in=0)),
        ("due:<7", scheduled(due_in=6), scheduled(due_in=7)),
        ("LAPSES>3 ease<2", scheduled(lapses=4, ease=130), scheduled(lapses=4)),
    ],
)
def test_numbers_of_the_schedule(line: str, holds: CardEntry, fails: CardEntry) -> None:
    wanted = parse_filter(line)
    assert not wanted.problem
    assert wanted.matches(holds, DAY)
    assert not wanted.matches(fails, DAY)


@pytest.mark.parametrize("line", ["ease<3", "interval<30", "due<7", "rated:7"])
def test_a_new_card_has_no_numbers(line: str) -> None:
    assert not parse_filter(line).matches(entry(), DAY)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("lapses>", "lapses> needs a number: lapses>3."),
        ("ease<x", "ease< needs a number: ease<3."),
        ("due<nan", "due< needs a number: due<3."),
        ("rated:x", "rated:x is not a number of days: rated:1 is today, rated:7 the last week."),
        ("rated:0", "rated:0 is not a number of days: rated:1 is today, rated:7 the last week."),
    ],
)
def test_a_comparison_without_a_number_is_said(line: str, problem: str) -> None:
    assert parse_filter(line).problem == problem


def test_a_quoted_comparison_is_text() -> None:
    assert parse_filter('"lapses>3"').conditions[0].key == "text"
