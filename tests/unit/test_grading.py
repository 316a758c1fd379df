"""Answers as people type them: what is accepted, what is refused, and the grade suggested."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs.answers import read_number
from studytui.domain import grading
from studytui.domain.cards import Blank, Choice, Cloze, Match, Mistake, Numeric, Open, Option, Order
from studytui.domain.spelling import fold, one_slip, same


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("196", 196),
        ("196 tokens", 196),
        ("14 x 14 = 196", 196),
        ("14×14", 196),
        ("14*14+1", 197),
        ("1,024", 1024),
        ("1 024", 1024),
        ("1\u202f024", 1024),
        ("3.5e-4", 3.5e-4),
        ("50 %", 50),
        ("1/4", 0.25),
        ("≈ 0.33", 0.33),
        ("−5", -5),
        ("86.6 M", 86.6e6),
        ("2^10", 1024),
        ("197 (196 + 1)", 197),
    ],
)
def test_numbers_are_read_as_people_type_them(typed: str, value: float) -> None:
    assert read_number(typed) == pytest.approx(value)


@pytest.mark.parametrize("typed", ["", "none", "x", "1e999", "10**9999", "1/0", "…"])
def test_what_is_no_number_is_none(typed: str) -> None:
    assert read_number(typed) is None


@given(st.text(max_size=300))
def test_reading_a_number_never_raises(text: str) -> None:
    value = read_number(text)
    assert value is None or isinstance(value, float)


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


CLOZE = Cloze(("A ", " of ", " px"), (Blank(("patch", "square crop")), Blank(("16",))))


def test_every_blank_of_a_cloze_counts() -> None:
    assert grading.check_cloze(CLOZE, ["Patches", "16 px"]).correct
    assert grading.check_cloze(CLOZE, ["square-crop", "4 x 4"]).correct
    half = grading.check_cloze(CLOZE, ["patch", "17"])
    assert (half.correct, half.score) == (False, 0.5)
    assert grading.check_cloze(CLOZE, []).score == 0


def test_a_forgiven_slip_is_shown() -> None:
    verdict = grading.check_cloze(Cloze(("", ""), (Blank(("projection",)),)), ["projecton"])
    assert verdict.correct
    assert "projection" in verdict.message


CHOICE = Choice((Option("one", why="no"), Option("two", correct=True), Option("three", why="never")))


def test_a_wrong_choice_says_why() -> None:
    assert grading.check_choice(CHOICE, 1).correct
    wrong = grading.check_choice(CHOICE, 2)
    assert not wrong.correct
    assert "never" in wrong.message
    assert not grading.check_choice(CHOICE, None).correct


def test_an_order_is_right_only_as_a_whole() -> None:
    body = Order(("a", "b", "c", "d"))
    assert grading.check_order(body, [0, 1, 2, 3]).correct
    shifted = grading.check_order(body, [1, 2, 3, 0])
    assert not shifted.correct
    assert shifted.score == pytest.approx(2 / 3)
    assert grading.check_order(body, [3, 2, 1, 0]).score == 0


def test_a_match_counts_its_pairs() -> None:
    body = Match((("a", "1"), ("b", "2")), extra=("3",))
    assert grading.check_match(body, [0, 1]).correct
    assert grading.check_match(body, [0, 2]).score == 0.5
    assert grading.check_match(body, [None, None]).score == 0


NUMERIC = Numeric(196, "tokens", accept=("14 squared",), mistakes=(Mistake(197, "That counts the class token."),))


@pytest.mark.parametrize("typed", ["196", "196 tokens", "14 x 14 = 196", "14×14", "196.0", "14 squared"])
def test_a_number_is_right_in_every_spelling(typed: str) -> None:
    assert grading.check_numeric(NUMERIC, typed).correct


def test_known_mistakes_are_named() -> None:
    assert "class token" in grading.check_numeric(NUMERIC, "197").message
    assert "Off by 4" in grading.check_numeric(NUMERIC, "200").message
    assert "No number" in grading.check_numeric(NUMERIC, "many").message
    assert "Nothing" in grading.check_numeric(NUMERIC, "").message


def test_tolerance_is_absolute_or_percent() -> None:
    assert grading.check_numeric(Numeric(0.33, tolerance=0.01), "0.34").correct
    assert not grading.check_numeric(Numeric(0.33, tolerance=0.01), "0.35").correct
    assert grading.check_numeric(Numeric(200, tolerance_percent=1), "202").correct
    assert not grading.check_numeric(Numeric(200, tolerance_percent=1), "203").correct


def test_open_points_are_counted() -> None:
    verdict = grading.check_open(Open(("a", "b")), [1])
    assert (verdict.correct, verdict.score) == (False, 0.5)
