"""Answers as people type them: what is accepted, what is refused, and the grade suggested."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs import numbers
from studytui.domain.cards import (
    Blank,
    Body,
    Card,
    Choice,
    Cloze,
    Kind,
    Match,
    Mistake,
    Numeric,
    Open,
    Option,
    Order,
    Source,
)
from studytui.domain.judging import check_response
from studytui.domain.spelling import fold, one_slip, same
from studytui.domain.verdict import Reading, Verdict


@pytest.mark.parametrize(
    "typed",
    ["self-attention", "Self-Attention", "self attention", "selfattention", "self‑attention", "self–attention."],
)
def test_hyphens_case_and_unicode_dashes_do_not_matter(typed: str) -> None:
    assert same(typed, ["self-attention"])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("patch", "patches"),
        ("the patches", "patch"),
        ("categories", "category"),
        ("colour", "color"),
        ("classes", "class"),
    ],
)
def test_plural_article_and_british_spelling_do_not_matter(typed: str, meant: str) -> None:
    assert same(typed, [meant])


@pytest.mark.parametrize("typed", ["", "  ", "cross-attention", "attention", "self"])
def test_other_words_are_refused(typed: str) -> None:
    assert not same(typed, ["self-attention"])


@pytest.mark.parametrize("typed", ["projecton", "projectiom", "porjection", "projecttion"])
def test_one_slip_of_a_finger_is_recognised(typed: str) -> None:
    assert one_slip(typed, ["projection"]) == "projection"


@pytest.mark.parametrize(("typed", "meant"), [("VAN", "GAN"), ("197", "196"), ("encoder", "decoder"), ("px", "pixel")])
def test_a_slip_is_not_forgiven_where_it_makes_another_word(typed: str, meant: str) -> None:
    assert one_slip(typed, [meant]) == ""


@given(st.text(max_size=60))
def test_folding_is_stable(text: str) -> None:
    assert isinstance(fold(text), str)
    assert not same(text, [])


def cloze(body: Cloze, typed: list[str]) -> Verdict:
    return body.check(typed, Reading(numbers))


def numeric(body: Numeric, typed: str) -> Verdict:
    return body.check(typed, Reading(numbers))


CLOZE = Cloze(("A ", " of ", " px"), (Blank(("patch", "square crop")), Blank(("16",))))


def test_every_blank_of_a_cloze_counts() -> None:
    assert cloze(CLOZE, ["Patches", "16 px"]).correct
    assert cloze(CLOZE, ["square-crop", "4 x 4"]).correct
    half = cloze(CLOZE, ["patch", "17"])
    assert (half.correct, half.score) == (False, 0.5)


@pytest.mark.parametrize(("accepted", "typed", "correct"), [
    ("768", "768 numbers", True),
    ("1,024", "1024", True),
    ("0.5", "½", True),
    ("-1", "−1", True),
    ("16×16", "256", False),
    ("768", "769", False),
    ("768", "767 or 768", False),
])  # fmt: skip
def test_a_number_in_a_blank_is_read_by_its_value(accepted: str, typed: str, correct: bool) -> None:
    assert cloze(Cloze(("", ""), (Blank((accepted,)),)), [typed]).correct is correct


def test_a_forgiven_slip_is_shown() -> None:
    verdict = cloze(Cloze(("", ""), (Blank(("projection",)),)), ["projecton"])
    assert verdict.correct
    assert "projection" in verdict.message


CHOICE = Choice((Option("one", why="no"), Option("two", correct=True), Option("three", why="never")))


def test_a_wrong_choice_says_why() -> None:
    assert CHOICE.check(1, Reading(numbers)).correct
    wrong = CHOICE.check(2, Reading(numbers))
    assert not wrong.correct
    assert "never" in wrong.message


def test_an_order_is_right_only_as_a_whole() -> None:
    body = Order(("a", "b", "c", "d"))
    assert body.check([0, 1, 2, 3], Reading(numbers)).correct
    shifted = body.check([1, 2, 3, 0], Reading(numbers))
    assert not shifted.correct
    assert shifted.score == pytest.approx(2 / 3)
    assert body.check([3, 2, 1, 0], Reading(numbers)).score == 0


def test_a_match_counts_its_pairs() -> None:
    body = Match((("a", "1"), ("b", "2")), extra=("3",))
    assert body.check([0, 1], Reading(numbers)).correct
    assert body.check([0, 2], Reading(numbers)).score == 0.5


NUMERIC = Numeric(196, "tokens", accept=("14 squared",), mistakes=(Mistake(197, "That counts the class token."),))


@pytest.mark.parametrize("typed", ["196", "196 tokens", "14 x 14 = 196", "14×14", "196.0", "14 squared"])
def test_a_number_is_right_in_every_spelling(typed: str) -> None:
    assert numeric(NUMERIC, typed).correct


def test_known_mistakes_are_named_in_every_spelling() -> None:
    for typed in ("197", "196 + 1", "one hundred ninety-seven"):
        assert "class token" in numeric(NUMERIC, typed).message
    assert numeric(NUMERIC, "200").message == "Off by 4."
    assert numeric(NUMERIC, "195").message == "Off by 1; the exact number is asked for."
    share = Numeric(60, "%", mistakes=(Mistake(98.4, "That is the accuracy."),))
    assert numeric(share, "0.984").message == "That is the accuracy."
    assert numeric(share, "0.984").read_as == "0.984 = 98.4%"


def test_a_mistake_that_another_reading_makes_right_is_right() -> None:
    body = Numeric(0.693147, tolerance=0.007, mistakes=(Mistake(0.30103, "That is base ten."),))
    assert numeric(body, "log 2").correct
    assert numeric(body, "0.30103").message == "That is base ten."


@pytest.mark.parametrize("typed", ["", "  ", "many", "?", "196 or 197", "196 px", "9" * 400, "a" * 10_000])
def test_what_is_no_number_is_not_judged(typed: str) -> None:
    verdict = numeric(NUMERIC, typed)
    assert verdict.says == "ask"
    assert verdict.message.endswith("or say that you don't know.")
    assert not verdict.parts


@pytest.mark.parametrize(("body", "typed", "correct"), [
    (Numeric(0.1111, tolerance=0.003, accept=("1/9",)), "19", False),
    (Numeric(0.1111, tolerance=0.003, accept=("1/9",)), "-1/9", False),
    (Numeric(0.333, tolerance=0.01, accept=("33%", "a third")), "33", False),
    (Numeric(0.333, tolerance=0.01, accept=("33%", "a third")), "A third", True),
    (Numeric(0.5, accept=("50%", "one half")), "50", False),
    (Numeric(33.3, "%", tolerance=0.5, accept=("1/3",)), "0.333%", False),
    (Numeric(49, "times", accept=("49 to 1", "49:1")), "491", False),
    (Numeric(9840769, tolerance=5000, accept=("9.8 million",)), "9.8M", True),
    (Numeric(9840769, tolerance=5000, accept=("9.8 million",)), "9.7M", False),
    (Numeric(0.693147, tolerance=0.007, accept=("log 2",)), "0.30103", False),
    (Numeric(7, accept=("seven layers deep",)), "Seven  layers deep", True),
])  # fmt: skip
def test_an_accepted_spelling_stands_for_its_number_and_no_other(body: Numeric, typed: str, correct: bool) -> None:
    assert numeric(body, typed).correct is correct


def test_tolerance_is_absolute_or_percent() -> None:
    assert numeric(Numeric(0.33, tolerance=0.01), "0.34").correct
    assert not numeric(Numeric(0.33, tolerance=0.01), "0.35").correct
    assert numeric(Numeric(200, tolerance_percent=1), "202").correct
    assert not numeric(Numeric(200, tolerance_percent=1), "203").correct


def test_open_points_are_counted() -> None:
    verdict = Open(("a", "b")).check([1])
    assert (verdict.correct, verdict.score) == (False, 0.5)


def card(body: Body, kind: Kind) -> Card:
    return Card("c", "1.1", (), kind, "How many tokens?", "", body, Source("x.toml", 1))


ORDER = Order(("a", "b", "c"))
MATCH = Match((("a", "1"), ("b", "2")), extra=("3",))
BODIES: list[tuple[Body, Kind]] = [
    (CLOZE, "cloze"), (CHOICE, "choice"), (ORDER, "order"), (MATCH, "match"), (NUMERIC, "numeric"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "kind"), BODIES)
def test_nothing_given_is_not_judged_on_any_kind(body: Body, kind: Kind) -> None:
    verdict = check_response(card(body, kind), None, numbers=numbers)
    assert verdict is not None
    assert verdict.says == "ask"
    assert "know" in verdict.message


@pytest.mark.parametrize(
    ("body", "kind", "response"),
    [
        (CLOZE, "cloze", ["", "  "]),
        (ORDER, "order", []),
        (ORDER, "order", [0, 1]),
        (ORDER, "order", [0, 1, 1]),
        (MATCH, "match", [None, None]),
        (MATCH, "match", [0, None]),
        (MATCH, "match", [0, -1]),
        (MATCH, "match", [0]),
        (NUMERIC, "numeric", ""),
    ],
)
def test_half_an_answer_is_not_judged(body: Body, kind: Kind, response: list[int]) -> None:
    verdict = check_response(card(body, kind), response, numbers=numbers)
    assert verdict is not None
    assert verdict.says == "ask"


@pytest.mark.parametrize(("body", "kind"), BODIES)
def test_whoever_does_not_know_is_wrong_and_told_the_answer(body: Body, kind: Kind) -> None:
    verdict = check_response(card(body, kind), None, numbers=numbers, dont_know=True)
    assert verdict is not None
    assert (verdict.says, verdict.score) == ("wrong", 0.0)
    assert verdict.message.startswith("Right answer: ")
    assert all(part.right and not part.correct for part in verdict.parts)


def test_the_question_lends_its_words_to_the_answer() -> None:
    verdict = check_response(card(Numeric(56), "numeric"), "56 tokens", numbers=numbers)
    assert verdict is not None
    assert verdict.says == "right"
