"""Sentences compared by their very words: against the closed form, and what a vote does."""

from __future__ import annotations

import numpy as np
import pytest

from studytui.study.grader.matching import RIDGE, CharSimilarity

SENTENCES = (
    "a patch is a token",
    "a patch is not a token",
    "attention grows with the square",
    "noise hides the signal",
)


def test_a_sentence_is_most_like_itself() -> None:
    surface = CharSimilarity(SENTENCES)
    for at, sentence in enumerate(SENTENCES):
        likeness, vote = surface.compare(sentence)
        assert likeness[at] == pytest.approx(1)
        assert likeness.index(max(likeness)) == vote.index(max(vote)) == at


def test_the_vote_solves_the_regression() -> None:
    surface = CharSimilarity(SENTENCES)
    kernel = np.array([surface.compare(sentence)[0] for sentence in SENTENCES])
    likeness, vote = surface.compare("the patch is one token of noise")
    np.testing.assert_allclose((kernel + RIDGE * np.eye(4)) @ vote, likeness, atol=1e-12)


def test_small_words_and_their_order_count() -> None:
    surface = CharSimilarity(SENTENCES)
    says, denies = surface.compare("one patch isn't a token")[1][:2]
    assert denies > says


def test_sentences_that_say_the_same_share_a_vote() -> None:
    alone = CharSimilarity(SENTENCES).compare("a patch is a token")[1][0]
    twice = CharSimilarity((*SENTENCES, SENTENCES[0])).compare("a patch is a token")[1]
    assert twice[0] == pytest.approx(twice[4])
    assert twice[0] < alone < twice[0] + twice[4]


@pytest.mark.parametrize("said", ["", "…", "日本語", "zebra"])
def test_what_shares_no_word_has_no_vote(said: str) -> None:
    likeness, vote = CharSimilarity(SENTENCES).compare(said)
    assert not any(likeness)
    assert not any(vote)
