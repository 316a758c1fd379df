"""Cloze cards of the course, and harder ones, answered as people type: right in other clothes, wrong if only alike."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Container
from itertools import islice
from pathlib import Path

import pytest

from labs import numbers
from studytui.course.loader import card_files, find_course, load_cards, load_course
from studytui.course.schema import parse_cloze
from studytui.course.user_cards import CourseWords
from studytui.domain.cards import Cloze
from studytui.domain.verdict import Reading, Verdict
from tests.cases.cloze_variants import variants


def check_cloze(body: Cloze, typed: list[str], course_words: Container[str] = frozenset()) -> Verdict:
    return body.check(typed, Reading(numbers, course_words))


ROOT = find_course()
CASES = tomllib.loads((Path(__file__).parents[1] / "cases/clozes.toml").read_text(encoding="utf-8"))["cloze"]
CARDS = [card for path in card_files(load_course(ROOT)) for card in load_cards(ROOT, path)]
CLOZES = {card.id: card.body for card in CARDS if isinstance(card.body, Cloze)}
CLOZES |= {case["id"]: parse_cloze(case["front"]) for case in CASES}
BODIES = list(CLOZES.values())
WORDS = CourseWords(ROOT)


@pytest.mark.parametrize("body", BODIES, ids=list(CLOZES))
def test_a_cloze_is_judged_right_in_other_clothes_and_wrong_where_it_only_looks_alike(body: Cloze) -> None:
    told = [
        (kind, typed, expected, verdict.says, verdict.message)
        for kind, expected, typed in variants(body, BODIES, course_words=WORDS)
        if (verdict := check_cloze(body, typed, course_words=WORDS)).says != expected
    ]
    assert told == []


def test_the_variants_are_many_and_of_every_kind() -> None:
    kinds = Counter(kind for body in BODIES for kind, _, _ in variants(body, BODIES, course_words=WORDS))
    assert sum(kinds.values()) > 3000
    assert min(kinds.values()) >= 5, kinds
    assert len(kinds) >= 13
    assert len(list(islice(variants(BODIES[0]), 5))) == 5


@pytest.mark.parametrize(
    ("card", "blank", "typed"),
    [
        ("stage-b-cloze", 2, "large language model"),
        ("vlm-two-powers", 0, "vision transformer"),
        ("vit-class-token", 0, "CLS embedding"),
        ("vit-projection-is-conv", 0, "nn.Conv2d"),
        ("vit-projection-is-conv", 0, "conv layer"),
        ("vit-projection-is-conv", 0, "two-dimensional convolution"),
        ("vit-attention-softmax-row", 0, "sqrt"),
        ("gen-signal-and-noise-terms", 2, "signal to noise"),
        ("gen-signal-and-noise-terms", 2, "signal-noise ratio"),
        ("gen-t2i-default-family", 0, "diffusion-based models"),
        ("gen-t2i-default-family", 0, "latent diffusion models"),
        ("gen-t2i-default-family", 0, "denoising diffusion"),
        ("vit-positions-added", 0, "added"),
        ("vit-positions-added", 0, "plus"),
        ("vit-positions-added", 0, "summation"),
        ("vit-positions-added", 0, "+"),
        ("vlm-eye-objectives", 0, "supervised learning"),
        ("vid-joint-distribution", 0, "independently"),
        ("vid-joint-distribution", 0, "i.i.d."),
        ("rec-q5-mechanisms", 2, "denoise"),
        ("vid-causal-padding", 0, "previous"),
        ("vid-causal-padding", 0, "preceding frames"),
        ("vid-causal-padding", 0, "prior frames"),
        ("vid-causal-padding", 1, "single image"),
        ("clip-shared-space-cloze", 0, "semantic"),
        ("clip-shared-space-cloze", 0, "unified embedding space"),
        ("vid-token-third-index", 0, "time index"),
        ("vid-token-third-index", 0, "temporal index"),
        ("vid-token-third-index", 0, "time axis"),
        ("clip-symmetric-loss", 0, "cross-entropy terms"),
        ("clip-symmetric-loss", 0, "contrastive losses"),
        ("vid-temporal-spatial-cloze", 0, "row and column"),
        ("vid-temporal-spatial-cloze", 0, "coordinates"),
        ("vid-systems-makers", 0, "Sora 2"),
        ("vid-systems-makers", 1, "Veo 3"),
        ("vid-systems-makers", 2, "Runway ML"),
        ("gen-vae-loss-terms", 1, "Kullback-Leibler divergence"),
        ("gen-latent-space-term", 0, "latent space"),
    ],
)
def test_what_any_teacher_would_pass_is_right(card: str, blank: int, typed: str) -> None:
    body = CLOZES[card]
    answer = [one.accepted[0] for one in body.blanks]
    answer[blank] = typed
    verdict = check_cloze(body, answer, course_words=WORDS)
    assert verdict.correct, verdict.message


@pytest.mark.parametrize(
    ("card", "blank", "typed"),
    [
        ("cap-omission-term", 0, "emission"),
        ("gen-latent-space-term", 0, "patent"),
        ("vit-name-and-paper", 1, "256"),
        ("clip-shared-space-cloze", 0, "point"),
        ("vid-temporal-spatial-cloze", 0, "plane"),
        ("vid-token-third-index", 0, "flame"),
        ("gen-signal-and-noise-terms", 1, "poise"),
        ("rec-q5-mechanisms", 2, "renoising"),
        ("vit-positions-added", 0, "padding"),
        ("eli5-visual-word", 0, "visual token"),
        ("eli5-visual-word", 0, "batch"),
        ("gen-map-dalle3", 0, "DALL-E 2"),
        ("gen-signal-and-noise-terms", 2, "PSNR"),
        ("vlm-eye-objectives", 0, "unsupervised"),
        ("vid-joint-distribution", 0, "dependent"),
        ("vid-systems-makers", 0, "Soar"),
        ("stage-b-cloze", 2, "vision-language model"),
    ],
)
def test_what_no_teacher_would_pass_is_wrong(card: str, blank: int, typed: str) -> None:
    body = CLOZES[card]
    answer = [one.accepted[0] for one in body.blanks]
    answer[blank] = typed
    assert check_cloze(body, answer, course_words=WORDS).says == "wrong"
