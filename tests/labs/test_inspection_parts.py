"""Eye, bridge and reasoner: shapes, what each can see, lessons that are true, trainings that repeat to the bit."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from labs.models.inspection.parts import (
    DAMAGED,
    LONGEST,
    SLOTS,
    WORDS,
    Bridge,
    Eye,
    Reasoner,
    frozen,
    ids,
    in_slots,
    question_at,
    stored,
    to_pixel_values,
)
from labs.models.inspection.training import (
    Drawn,
    Lessons,
    answer_at,
    fit_probe,
    patch_tokens,
    train_bridge,
    train_eye,
    train_reasoner,
    training_views,
    tune_reasoner,
    untrained_bridge,
)
from labs.scenes.burns import PARTS

BURNED = PARTS.index("burned")


def silent(line: str) -> None:
    """A report nobody reads."""


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    return training_views.__wrapped__(6, 1)


@pytest.fixture(scope="module")
def lessons_tokens(drawn: Drawn) -> torch.Tensor:
    torch.manual_seed(3)
    return patch_tokens(Eye(), drawn.pictures)


def same(first: torch.nn.Module, second: torch.nn.Module) -> bool:
    pairs = zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


def test_shapes_from_pixels_to_words() -> None:
    torch.manual_seed(0)
    eye, bridge, reasoner = Eye(), Bridge(), Reasoner()
    pixels = to_pixel_values(np.full((3, 64, 64, 3), 255, dtype=np.uint8))
    assert pixels.shape == (3, 3, 64, 64)
    assert float(pixels.min()) == 1.0
    tokens = eye(pixels)
    assert tokens.shape == (3, 64, 64)
    slots = bridge(tokens)
    assert slots.shape == (3, SLOTS, 96)
    question = ids(DAMAGED).expand(3, -1)
    assert reasoner(slots, question).shape == (3, 4, len(WORDS))
    assert reasoner.margins(slots).shape == (3,)
    assert all(set(text.split()) <= set(WORDS) for text in reasoner.answers(slots, question))


def test_a_slot_sees_its_own_four_patches_or_with_fewer_tokens_the_rest() -> None:
    torch.manual_seed(0)
    tokens = torch.randn(1, 64, 64)
    changed = tokens.clone()
    changed[0, 8 * 3 + 6] += 1  # row 3, column 6: slot row 1, column 3
    for count, touched in ((16, {7}), (4, {2, 3, 6, 7}), (1, set(range(16)))):
        bridge = Bridge(count)
        with torch.no_grad():
            differs = (bridge(tokens) != bridge(changed)).any(dim=2)[0]
        assert set(differs.nonzero().flatten().tolist()) == touched
    with pytest.raises(ValueError, match="16, 4 or 1"):
        Bridge(5)


def test_the_reasoner_cannot_read_ahead() -> None:
    torch.manual_seed(0)
    reasoner, slots = Reasoner(), torch.randn(1, SLOTS, 96)
    first, second = ids("what is at row one"), ids("what is at row two")
    with torch.no_grad():
        a, b = reasoner(slots, first[None]), reasoner(slots, second[None])
    assert torch.allclose(a[:, :-1], b[:, :-1], atol=1e-6)
    assert not torch.allclose(a[:, -1], b[:, -1], atol=1e-3)


def test_a_board_in_words_is_the_sum_of_its_words() -> None:
    torch.manual_seed(0)
    reasoner = Reasoner()
    shown = torch.zeros(1, SLOTS, len(PARTS))
    shown[0, 5, [PARTS.index("capacitor"), BURNED]] = 1
    with torch.no_grad():
        told = reasoner.told(shown)[0]
    words = reasoner.words.weight
    assert torch.allclose(told[5], words[WORDS.index("capacitor")] + words[WORDS.index("burned")])
    assert torch.allclose(told[0], words[WORDS.index("bare")])


def test_slots_hold_what_their_patches_show(drawn: Drawn) -> None:
    slots = in_slots(drawn.labels)
    for row, column in ((0, 0), (1, 3), (3, 2)):
        four = drawn.labels[:, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2].any(axis=(1, 2))
        assert np.array_equal(slots[:, 4 * row + column], four)
    assert question_at(7) == "what is at row two column four ?"
    assert len(question_at(7).split()) + len(["burned", "capacitor", "."]) == LONGEST


def test_training_views_show_the_burn_in_burned_copies_alone(drawn: Drawn) -> None:
    first_of_pair = np.arange(len(drawn.burned)) % 10 < 5
    assert not drawn.burned[~first_of_pair].any()
    assert drawn.healthy[~first_of_pair].all()
    assert drawn.burned[first_of_pair].mean() > 0.7
    assert not (drawn.burned & drawn.healthy).any()
    assert not drawn.labels[drawn.healthy][..., BURNED].any()
    assert drawn.labels[drawn.burned][..., BURNED].any(axis=(1, 2)).mean() > 0.9  # but not a tiny one on a corner


def test_lessons_say_what_is_there(drawn: Drawn, lessons_tokens: torch.Tensor) -> None:
    lessons = Lessons(drawn, lessons_tokens, "true")
    for row in range(0, len(lessons_tokens), 7):
        question, answer = lessons._about_the_board(row)
        part = PARTS.index(question.split()[3])
        assert answer == ("yes ." if drawn.labels[row, ..., part].any() else "no .")
        question, answer = lessons._about_a_slot(row)
        assert answer.split()[0] in (*PARTS, "bare")
    assert answer_at(torch.tensor([1, 0, 0, 0, 0, 0, 1])) == "burned capacitor ."
    assert answer_at(torch.tensor([0, 0, 1, 0, 0, 0, 0])) == "chip ."
    assert answer_at(torch.zeros(7)) == "bare ."


def test_trainings_repeat_to_the_bit_and_touch_no_other_part(drawn: Drawn, lessons_tokens: torch.Tensor) -> None:
    def lessons() -> Lessons:
        return Lessons(drawn, lessons_tokens, "repeat")

    assert same(*(train_eye(drawn, silent, 1) for _ in range(2)))
    (bridge, reasoner), (bridge_again, reasoner_again) = (train_reasoner(lessons(), silent, 2) for _ in range(2))
    assert same(bridge, bridge_again)
    assert same(reasoner, reasoner_again)
    before = {key: value.clone() for key, value in reasoner.state_dict().items()}
    assert same(*(train_bridge(lessons(), reasoner, 1, silent, steps=1) for _ in range(2)))
    sceptic = tune_reasoner(lessons(), bridge, reasoner, silent, healthy_share=0.98, steps=1)
    assert not same(sceptic, reasoner)
    assert all(torch.equal(before[key], value) for key, value in reasoner.state_dict().items())
    assert same(bridge, bridge_again)
    assert same(untrained_bridge(), untrained_bridge())


def test_parts_survive_their_file(drawn: Drawn) -> None:
    torch.manual_seed(5)
    bridge, again = Bridge(4), Bridge(4)
    tensors = {key: value.float() for key, value in stored({"bridge_four_tokens": bridge}).items()}
    frozen(again, tensors, "bridge_four_tokens")
    assert all(torch.equal(value, tensors[f"bridge_four_tokens.{key}"]) for key, value in again.state_dict().items())
    assert not any(parameter.requires_grad for parameter in again.parameters())
    with pytest.raises(RuntimeError, match="Missing key"):
        frozen(again, tensors, "bridge")


def test_the_probe_is_the_maximum_likelihood_fit() -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(2_000, 3, generator=generator)
    truth = torch.tensor([1.5, -2.0, 0.0])
    labels = (torch.rand(2_000, generator=generator) < (x @ truth + 0.5).sigmoid()).float()
    found = fit_probe(x, labels)
    assert torch.allclose(found, torch.tensor([1.5, -2.0, 0.0, 0.5]), atol=0.25)
    p = (x @ found[:-1] + found[-1]).sigmoid()
    assert torch.allclose(x.T @ (p - labels) / 2_000, torch.zeros(3), atol=1e-4)  # the gradient is gone
