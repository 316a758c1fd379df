"""The verdict on any log agrees with a slow reading of the rules; and each rule once by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings

from studytui.domain.gate import GateVerdict, PartAttempt, Recalled, gate_verdict, shortest_plan
from tests.examples import examples
from tests.gate import oracle
from tests.gate.logs import START, Log, logs, small_gate

GATE = small_gate()
PARTS = ("one/tell", "one/count", "one/why")


def look(log: Log) -> GateVerdict:
    return gate_verdict(log.gate, log.attempts, log.cards, log.day)


@given(logs())
@settings(max_examples=examples(400), deadline=None)
def test_every_verdict_is_that_of_the_slow_reading(log: Log) -> None:
    found = look(log)
    for item in found.items:
        assert item.state == oracle.item_state(log, item.item)
        for part in item.parts:
            assert part.state == oracle.part_state(log, item.item, part.part)
        assert item.retention.state == oracle.retention_state(log, item.item)
    assert found.is_ready == all(oracle.item_state(log, item) == "ready" for item in log.gate.items)


@given(logs())
@settings(max_examples=examples(200), deadline=None)
def test_the_dates_are_the_first_ones_that_living_on_reaches(log: Log) -> None:
    for item in look(log).items:
        retention = item.retention
        if retention.state == "ready":
            assert retention.first_on is None
            assert retention.test_out_on is None
        else:
            assert retention.first_on == oracle.first_retained_on(log, item.item)
            assert retention.test_out_on == oracle.first_tested_out_on(log, item.item)


@given(logs())
@settings(max_examples=examples(150), deadline=None)
def test_the_order_in_which_the_log_is_read_does_not_matter(log: Log) -> None:
    backwards = gate_verdict(log.gate, reversed(log.attempts), list(reversed(log.cards)), log.day)
    for one, other in zip(look(log).items, backwards.items, strict=True):
        assert one.state == other.state
        assert [part.state for part in one.parts] == [part.state for part in other.parts]
        assert one.retention.first_on == other.retention.first_on


@given(logs())
@settings(max_examples=examples(150), deadline=None)
def test_doing_what_the_path_says_on_its_days_meets_the_retention_part(log: Log) -> None:
    found = look(log)
    cards = {card.key: card for card in log.cards}
    for _ in range(8):
        path = shortest_plan(found, cards.values())
        if not path.cards:
            break
        for step in path.cards:
            card = cards[step.key]
            cards[step.key] = replace(card, reviews=(*card.reviews, (step.on, 5)))
        found = gate_verdict(log.gate, log.attempts, cards.values(), max(step.on for step in path.cards))
    assert all(item.retention.state == "ready" or item.state == "ready" for item in found.items)


def day(offset: int) -> date:
    return START + timedelta(days=offset)


def shown(*days: int, keys: tuple[str, ...] = PARTS, problem: str = "") -> list[PartAttempt]:
    """Every part right on these days, the computed one twice with numbers of the day."""
    found: list[PartAttempt] = []
    for offset in days:
        for key in keys:
            for turn in range(2 if key == "one/count" else 1):
                name = f"{problem or offset}/{turn}" if key == "one/count" else ""
                found.append(PartAttempt(len(found), key, day(offset), True, problem=name))
    return found


def kept(*days: int) -> list[Recalled]:
    """Both objectives of the first item recalled on these days."""
    return [Recalled("b", ("1.1-01", "1.1-02"), tuple((day(offset), 4) for offset in days), due_on=day(30))]


def one(attempts: list[PartAttempt], cards: list[Recalled], on: int) -> tuple[str, str]:
    item = gate_verdict(GATE, attempts, cards, day(on)).items[0]
    return item.state, item.retention.by


def test_parts_and_two_recalls_three_days_apart_are_ready() -> None:
    assert one(shown(0), kept(0, 3), 3) == ("ready", "recall")


def test_two_recalls_on_following_days_are_not_enough() -> None:
    assert one(shown(0), kept(0, 1, 2), 2) == ("unseen", "")
    assert gate_verdict(GATE, shown(0), kept(0, 1, 2), day(2)).items[0].retention.first_on == day(3)


def test_an_item_nobody_tried_is_not_yet_seen_however_well_its_cards_are_kept() -> None:
    assert one([], kept(0, 3), 3) == ("unseen", "recall")


def test_all_parts_right_on_two_days_test_out_and_on_one_day_do_not() -> None:
    assert one(shown(0), [], 0) == ("unseen", "")
    assert one(shown(0, 1), [], 1) == ("ready", "test-out")


def test_the_same_numbers_again_do_not_test_out() -> None:
    assert one([*shown(0, problem="same"), *_later(shown(1, problem="same"))], [], 1) == ("unseen", "")


def test_a_wrong_answer_spoils_its_day_for_testing_out() -> None:
    spoiled = [*shown(0, 1), PartAttempt(99, "one/tell", day(1), False), PartAttempt(100, "one/tell", day(1), True)]
    assert one(spoiled, [], 1) == ("unseen", "")
    assert gate_verdict(GATE, spoiled, [], day(1)).items[0].retention.test_out_on == day(2)


def test_a_lapse_fades_the_pass_and_asks_for_the_retention_part_alone() -> None:
    lapsed = [replace(card, reviews=(*card.reviews, (day(9), 2))) for card in kept(0, 3)]
    item = gate_verdict(GATE, shown(0), lapsed, day(9)).items[0]
    assert (item.state, item.has_faded, item.retention.lapsed) == ("vague", True, ("b",))
    assert [part.state for part in item.parts] == ["ready"] * 3
    assert item.retention.first_on == day(10)
    recalled = [replace(card, reviews=(*card.reviews, (day(10), 3))) for card in lapsed]
    assert one(shown(0), recalled, 10) == ("ready", "recall")


def test_a_lapse_after_testing_out_fades_too_and_testing_out_again_or_recalling_mends_it() -> None:
    lapsed = [Recalled("b", ("1.1-01", "1.1-02"), ((day(5), 1),))]
    item = gate_verdict(GATE, shown(0, 1), lapsed, day(5)).items[0]
    assert (item.state, item.has_faded, item.retention.first_on) == ("vague", True, day(6))
    assert one([*shown(0, 1), *_later(shown(6, 7))], lapsed, 7) == ("ready", "test-out")
    assert one(shown(0, 1), [replace(lapsed[0], reviews=((day(5), 1), (day(6), 4)))], 6) == ("ready", "test-out")


def test_a_day_of_testing_out_that_was_broken_off_goes_on_with_the_parts_it_lacks() -> None:
    def asked(attempts: list[PartAttempt], on: int) -> list[str]:
        return [part.key for part in gate_verdict(GATE, attempts, [], day(on)).items[0].to_ask(day(on))]

    assert asked([], 0) == list(PARTS)
    assert asked(shown(0, keys=("one/tell",)), 0) == ["one/count", "one/why"]
    assert asked(shown(0), 0) == list(PARTS)
    assert asked(shown(0), 1) == list(PARTS)
    begun = [*shown(0), *_later(shown(1, keys=("one/tell",)))]
    assert asked(begun, 1) == ["one/count", "one/why"]
    half = [*begun, PartAttempt(5000, "one/count", day(1), True, problem="1/0")]
    assert asked(half, 1) == ["one/count", "one/why"]
    assert asked([*half, PartAttempt(5001, "one/count", day(1), True, problem="1/1")], 1) == ["one/why"]


def test_the_last_answer_decides_a_written_part() -> None:
    failed = PartAttempt(50, "one/why", day(4), False, said="because", missing=("The reason",))
    item = gate_verdict(GATE, [*shown(0), failed], kept(0, 3), day(4)).items[0]
    assert item.state == "vague"
    last = item.parts[2].last
    assert last is not None
    assert (last.said, last.missing) == ("because", ("The reason",))
    assert one([*shown(0), replace(failed, undone=True)], kept(0, 3), 4) == ("ready", "recall")


def test_a_wrong_number_starts_the_row_of_right_ones_anew() -> None:
    wrong = PartAttempt(50, "one/count", day(1), False, problem="w")
    part = gate_verdict(GATE, [*shown(0), wrong], [], day(1)).items[0].parts[1]
    assert (part.state, part.right, part.wanted) == ("vague", 0, 2)
    again = [PartAttempt(51 + n, "one/count", day(1), True, problem=str(n)) for n in range(2)]
    assert gate_verdict(GATE, [*shown(0), wrong, again[0]], [], day(1)).items[0].parts[1].right == 1
    assert gate_verdict(GATE, [*shown(0), wrong, *again], [], day(1)).items[0].parts[1].state == "ready"
    twice = [again[0], replace(again[1], problem="0")]
    assert gate_verdict(GATE, [*shown(0), wrong, *twice], [], day(1)).items[0].parts[1].right == 1


def test_an_objective_without_a_card_has_no_date_and_can_still_be_tested_out() -> None:
    found = gate_verdict(GATE, shown(0), [], day(0))
    assert found.items[0].retention.first_on is None
    assert found.retention_on is None
    assert found.items[0].retention.test_out_on == day(1)
    assert shortest_plan(found, []).without_card == ("1.1-01", "1.1-02", "1.2-01")


def test_the_path_names_sections_answers_labs_and_as_few_cards_as_cover_the_objectives() -> None:
    cards = [
        Recalled("a", ("1.1-01",), ((day(0), 4),), due_on=day(6)),
        Recalled("b", ("1.1-01", "1.1-02"), ((day(0), 4),), due_on=day(2)),
        Recalled("c", ("1.2-01",), (), due_on=None),
    ]
    found = gate_verdict(GATE, [PartAttempt(0, "one/tell", day(1), False)], cards, day(1))
    path = shortest_plan(found, cards)
    assert path.sections == ("1.1", "1.2")
    assert path.answer == ("one/tell", "one/why")
    assert path.labs == ("patches.count", "patches.sequence")
    assert [(step.key, step.on, step.moves) for step in path.cards] == [("c", day(1), True), ("b", day(3), False)]
    assert path.retention_on == day(4)


def _later(attempts: list[PartAttempt]) -> list[PartAttempt]:
    return [replace(attempt, no=attempt.no + 1000) for attempt in attempts]
