"""What an answer asserts: frames that deny, affirm, ask and only mention, and the order that words stand in."""

from __future__ import annotations

import itertools
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studytui.course.loader import find_course
from studytui.course.quizzes import load_interview
from studytui.study.grader import grade, split
from studytui.study.grader.assertion import Claim, claims, without_negation
from studytui.study.grader.order import FEWEST, Order, kinds, order

QUESTIONS = {question.id: question for question in load_interview(find_course())}
QUESTION = QUESTIONS["int-vit-tokens"]
SAID = "the photo is cut into a grid of small squares"


def found(text: str) -> list[Claim]:
    return claims(text, split(text))


def statuses(text: str) -> list[str]:
    return [claim.status for claim in found(text)]


DENIALS = (
    "It is not true that X.",
    "It isn't really the case that X.",
    "It would be wrong to say that X.",
    "It's false that X.",
    "X. That is wrong.",
    "X. No, that is not how it works.",
    "X, which is not the case.",
    "X - not!",
    "Many people believe that X, but they are mistaken.",
    "Some wrongly believe that X.",
    "I doubt that X.",
    "I don't think X.",
    "I do not agree with the claim that X.",
    "Nobody says that X.",
    "No serious engineer would claim that X.",
    "The claim that X is false.",
    "That X is a myth.",
    "It is a common mistake to think that X.",
    "One should not believe that X.",
    "Whoever says that X is mistaken.",
    "There is no truth in the claim that X.",
    "Under no circumstances X.",
    "None of this is right: X.",
    "The following is wrong. X.",
    "X. All of this is false.",
    "Nothing could be further from the truth than that X.",
)
AFFIRMATIONS = (
    "Don't forget that X.",
    "Nobody doubts that X.",
    "There is no doubt that X.",
    "It can't be denied that X.",
    "It would be wrong to ignore the fact that X.",
    "It is no coincidence that X.",
    "Contrary to popular belief, X.",
    "I would say that X.",
    "X, right?",
    "Is it true that X? Yes.",
    "What happens is that X.",
)


@pytest.mark.parametrize("frame", DENIALS)
def test_a_denied_sentence_is_no_claim_of_it_whatever_the_frame(frame: str) -> None:
    text = frame.replace("X", SAID)
    assert set(statuses(text)) == {"denied"}, found(text)
    assert all(SAID in text[claim.start : claim.end] for claim in found(text))
    assert grade(QUESTION, text).verdicts[0].coverage in ("contradicted", "missed", "unsure")


@pytest.mark.parametrize("frame", AFFIRMATIONS)
def test_a_frame_that_affirms_keeps_the_claim(frame: str) -> None:
    text = frame.replace("X", SAID)
    assert "asserted" in statuses(text)
    assert "denied" not in statuses(text)
    assert grade(QUESTION, text).verdicts[0].coverage in ("covered", "partly")


@pytest.mark.parametrize("text", [f"{SAID.capitalize()}?", f"Is it that {SAID}?", f"I wonder whether {SAID}."])
def test_a_question_asserts_nothing(text: str) -> None:
    assert statuses(text) == ["asked"]
    assert grade(QUESTION, text).verdicts[0].coverage == "missed"


def test_a_point_that_is_a_question_is_said_by_asking_it() -> None:
    asked = next(
        (question, number)
        for question in QUESTIONS.values()
        for number, point in enumerate(question.points)
        if sum(phrasing.startswith(("is the ", "was the ")) for phrasing in point.phrasings) >= 2
    )
    question, number = asked
    wording = next(one for one in question.points[number].phrasings if one.startswith(("is the ", "was the ")))
    assert grade(question, f"{wording.capitalize()}?").verdicts[number].coverage in ("covered", "partly")


@pytest.mark.parametrize(
    "text",
    [
        "I would talk about patches and grids and squares.",
        "The answer involves patches, squares, embeddings and positions.",
        "Patches, positions and attention are the key words.",
    ],
)
def test_naming_what_one_would_talk_about_says_nothing(text: str) -> None:
    assert statuses(text) == ["mentioned"]
    assert grade(QUESTION, text).score == 0


def test_what_is_said_and_denied_is_not_sure_and_earns_and_costs_nothing() -> None:
    result = grade(QUESTION, f"{SAID.capitalize()}. Or it is not the case that {SAID}.")
    assert result.verdicts[0].coverage == "unsure"
    assert QUESTION.points[0].id in result.unsure
    assert result.score == result.choose(QUESTION.points[0].id, "missed").score


def test_a_frame_ends_with_but() -> None:
    text = f"It is a misconception that each pixel is a token, but in fact {SAID}."
    assert statuses(text) == ["denied", "asserted"]
    assert grade(QUESTION, text).verdicts[0].coverage in ("covered", "partly")


def test_denying_a_contradiction_is_not_called_a_contradiction() -> None:
    result = grade(QUESTION, "It is not true that every single pixel becomes its own token.")
    assert result.verdicts[0].coverage != "contradicted"


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("The squares don't overlap.", "The squares overlap."),
        ("It cannot see that.", "It can see that."),
        ("It isn't cut at all.", "It is cut at all."),
        ("Not only squares overlap.", None),
        ("Squares overlap.", None),
    ],
)
def test_negations_can_be_taken_out(said: str, left: str | None) -> None:
    assert without_negation(said) == left


def test_a_contradiction_is_named() -> None:
    result = grade(QUESTION, "Every single pixel of the image becomes a token of its own.")
    assert result.verdicts[0].coverage == "contradicted"
    named = re.search("“(.+)”", result.verdicts[0].why)
    assert named is not None
    point = QUESTION.points[0]
    assert named[1] in (*point.contradicts, *point.denies)


def shuffled(text: str, seed: int) -> str:
    chance = random.Random(seed)
    mixed = []
    for sentence in split(text):
        words = re.findall(r"[\w'’-]+", text[sentence.start : sentence.end])
        chance.shuffle(words)
        mixed.append(" ".join(words) + ".")
    return " ".join(mixed)


@pytest.mark.parametrize("name", [*QUESTIONS][::17])
def test_the_same_words_in_a_chance_order_earn_nothing(name: str) -> None:
    question = QUESTIONS[name]
    result = grade(question, shuffled(question.model, 1))
    assert result.score < 0.1
    assert "order" in " ".join(result.notes)


@given(
    st.lists(st.sampled_from(["the", "patch", "cut", "is", "into", "squares", "of"]), min_size=4, max_size=7),
    st.randoms(),
)
def test_deviations_are_those_of_all_orders(words: list[str], chance: random.Random) -> None:
    """Mean and variance in closed form against every order written out."""
    from itertools import permutations

    known = Order({"the": 9, "plain": 5, "is": 4, "|": 6}, {"the plain": 7, "| the": 5, "plain is": 3, "plain |": 2})
    row = kinds(" ".join(words))

    def total(order_of: tuple[str, ...]) -> float:
        line = ["|", *order_of, "|"]
        return sum(known.score(a, b) for a, b in itertools.pairwise(line))

    chance.shuffle(row)
    if len(row) < FEWEST:
        assert known.z(row) is None
        return
    every = [total(one) for one in permutations(row)]
    mean = sum(every) / len(every)
    deviation = (sum((one - mean) ** 2 for one in every) / len(every)) ** 0.5
    z = known.z(row)
    if z is None:
        assert deviation < 1e-4
    else:
        assert z == pytest.approx((total(tuple(row)) - mean) / deviation, abs=1e-6)


def test_plain_sentences_stand_above_their_chance_orders() -> None:
    sentences = [
        question.model[one.start : one.end] for question in QUESTIONS.values() for one in split(question.model)
    ]
    above = [z for sentence in sentences if (z := order().z(kinds(sentence))) is not None]
    assert sum(z > 0.6 for z in above) > 0.97 * len(above)


@given(st.text(max_size=300))
def test_claims_stay_in_the_text_and_in_order(text: str) -> None:
    bounds = [(claim.start, claim.end) for claim in found(text)]
    assert bounds == sorted(bounds)
    assert all(0 <= start < end <= len(text) for start, end in bounds)
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(bounds))
