"""The grade suggested for an answer: what time, hints, guesses and breaks make of it, and the sentence that says so."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studytui.domain.cards import (
    Basic,
    Blank,
    Card,
    Choice,
    Cloze,
    Kind,
    Match,
    Numeric,
    Option,
    Order,
    Source,
    odds_among,
)
from studytui.domain.judging import believed_seconds, suggestion, words_of
from studytui.domain.verdict import Verdict

RIGHT = Verdict(True, 1.0, "")
WRONG = Verdict(False, 0.0, "")
HALF = Verdict(False, 0.5, "")
KINDS: tuple[Kind, ...] = get_args(Kind)
USUAL: dict[str, Any] = {"kind": "numeric", "seconds": 5}


def card(body: Any, *, kind: Kind = "basic", front: str = "") -> Card:
    return Card("c", "1.1", (), kind, front, "", body, Source("", 1))


@pytest.mark.parametrize(
    ("verdict", "how", "grade"),
    [
        (WRONG, {}, 1),
        (HALF, {}, 2),
        (RIGHT, {"seconds": 20}, 5),
        (RIGHT, {"seconds": 21}, 4),
        (RIGHT, {"seconds": 80}, 4),
        (RIGHT, {"seconds": 81}, 3),
        (RIGHT, {"seconds": 81, "words": 100}, 4),
        (RIGHT, {"seconds": 50, "words": 100}, 5),
        (RIGHT, {"hints_used": 1}, 3),
        (RIGHT, {"is_new": True}, 4),
        (RIGHT, {"kind": "choice"}, 4),
        (RIGHT, {"odds": 1 / 6}, 4),
        (RIGHT, {"odds": 1 / 24}, 5),
        (RIGHT, {"guessed": True}, 3),
        (WRONG, {"guessed": True}, 1),
        (RIGHT, {"seconds": 3600}, 4),
        (RIGHT, {"seconds": 100, "paused": True}, 4),
        (RIGHT, {"seconds": 3600, "hints_used": 2}, 3),
        (RIGHT, {"seconds": 3600, "guessed": True}, 3),
        (Verdict(False, 0.6, ""), {"kind": "open"}, 3),
        (Verdict(False, 0.3, ""), {"kind": "open"}, 2),
        (Verdict(False, 0.1, ""), {"kind": "open"}, 1),
    ],
)
def test_the_suggested_grade(verdict: Verdict, how: dict[str, Any], grade: int) -> None:
    assert suggestion(verdict, **(USUAL | how)).grade == grade


@pytest.mark.parametrize(
    ("verdict", "how", "said"),
    [
        (WRONG, {}, "The answer was not right."),
        (HALF, {}, "At least half of it was right, but not all."),
        (RIGHT, {"words": 100}, "Right in 5 s; up to 50 s is at once, for this card."),
        (RIGHT, {"seconds": 60, "words": 100}, "Right in 60 s; up to 50 s would be at once, for this card."),
        (RIGHT, {"seconds": 200, "words": 100}, "Right in 200 s; more than 110 s is slow for this card."),
        (RIGHT, {"hints_used": 2}, "It took 2 hints."),
        (RIGHT, {"guessed": True}, "You guessed, so you repeat it today."),
        (RIGHT, {"paused": True}, "Right. The time says nothing, since you seem to have been away."),
        (RIGHT, {"kind": "choice"}, "Right in 5 s, but what can be picked can be guessed: never more than Good."),
        (RIGHT, {"is_new": True}, "Right in 5 s, but for the first time: never more than Good."),
        (Verdict(False, 0.5, ""), {"kind": "open"}, "50% of the points were said."),
    ],
)
def test_the_reason_for_it(verdict: Verdict, how: dict[str, Any], said: str) -> None:
    assert suggestion(verdict, **(USUAL | how)).reason == said


CIRCUMSTANCES = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(KINDS),
        "seconds": st.floats(0, 1e6),
        "words": st.integers(0, 400),
        "hints_used": st.integers(0, 3),
        "is_new": st.booleans(),
        "guessed": st.booleans(),
        "paused": st.booleans(),
        "odds": st.floats(0, 1),
    }
)


@given(how=CIRCUMSTANCES, correct=st.booleans(), score=st.floats(0, 1))
def test_no_circumstances_make_a_grade_that_was_not_earned(how: dict[str, Any], correct: bool, score: float) -> None:
    verdict = Verdict(correct, 1.0 if correct else score, "")
    away = how["paused"] or how["seconds"] > believed_seconds(how["kind"], how["words"])
    found = suggestion(verdict, **how)
    assert 1 <= found.grade <= 5
    assert found.reason.endswith(".")
    assert correct or found.grade <= 3
    assert not correct or found.grade >= 3
    if found.grade == 5:
        assert how["kind"] != "choice"
        assert not (how["is_new"] or how["guessed"] or away or how["hints_used"])
    if correct and away and not (how["hints_used"] or how["guessed"]):
        assert found.grade == 4, "a break says nothing"
    if not away:
        more = how | {"words": how["words"] + 50}
        assert suggestion(verdict, **more).grade >= found.grade, "more to read never makes an answer slower"


def test_words_to_read_are_those_of_the_front_and_of_what_is_chosen_from() -> None:
    two = (Option("one two", correct=True), Option("three"))
    assert words_of(card(Choice(two), front="What is *it*?")) == 6
    assert words_of(card(Order(("a b", "c")), front="Sort.")) == 4
    assert words_of(card(Match((("l", "r s"),), extra=("x",)), front="Match them.")) == 6
    assert words_of(card(Cloze(("A ", " has ", "."), (Blank(("patch",)), Blank(("3",)))), front="A {{patch}}…")) == 3
    assert words_of(card(Basic(), front="")) == 0


def test_the_odds_of_a_blind_guess() -> None:
    options = tuple(Option(str(n), correct=not n) for n in range(4))
    assert Choice(options).odds == 0.25
    assert Order(("a", "b", "c")).odds == pytest.approx(1 / 6)
    assert Match((("a", "1"), ("b", "2")), extra=("3",)).odds == pytest.approx(1 / 6)
    assert Numeric(196).odds == Basic().odds == odds_among(0) == 0
