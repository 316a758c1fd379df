"""The trained eyes: whole files, a repeatable training, and the trades that the cards tell of."""

from __future__ import annotations

import pytest
import torch

from labs.eyes import nets, sights, training
from labs.models import train, weights
from tests.labs.solving import solved


def silent(line: str) -> None:
    """A report nobody reads."""


@pytest.mark.parametrize("name", ["eyes_vit", "eyes_cnn"])
def test_weights_are_whole_small_and_described(name: str) -> None:
    assert name in train.RECIPES
    card = weights.card(name)
    tensors = weights.load(name)
    assert sum(tensor.numel() for tensor in tensors.values()) == card["weights"]
    assert all(torch.isfinite(tensor).all() for tensor in tensors.values())
    assert card["bytes"] <= 1_000_000
    assert {"data", "seed", "iterations", "seconds", "scores", "weakness", "versions"} <= set(card)


@pytest.mark.parametrize(("eye", "task"), [("vit", "digits_1500"), ("cnn", "scenes"), ("cnn", "lines")])
def test_the_card_states_what_the_weights_score(eye: str, task: str) -> None:
    stated = weights.card(f"eyes_{eye}")["scores"]
    for name, score in training.measured(nets.trained(eye, task), task).items():
        assert score == pytest.approx(stated[f"{task}_{name}"], abs=1e-3)


def test_trainings_repeat_to_the_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "ITERATIONS", {"digits": 3, "scraps": 3, "scenes": 3, "lines": 3})
    for eye, task in (("vit", "digits_30"), ("vit", "scraps"), ("cnn", "lines")):
        first, second = (training.fit(eye, task, silent).state_dict() for _ in range(2))
        assert all(torch.equal(first[key], second[key]) for key in first)


def test_attention_is_shared_out_and_hidden_patches_are_no_tokens() -> None:
    pictures, _ = sights.held_out(3, seed=1)
    kept = torch.tensor([2, 5, 11])
    _, attentions = nets.vit("scraps").look(pictures, kept)
    for attention in attentions:
        assert attention.shape == (3, 4, 4, 4)
        assert torch.allclose(attention.sum(3), torch.ones(3, 4, 4), atol=1e-5)


def test_what_happens_to_a_picture_is_what_is_said() -> None:
    pictures, _ = sights.held_out(4, seed=2)
    assert torch.equal(sights.moved(pictures, 0, 3)[..., 3:], pictures[..., :-3])
    assert torch.equal(sights.moved(pictures, 2, 0)[:, :, :2], torch.full((4, 1, 2, 16), -1.0))
    assert torch.allclose(sights.turned(pictures, 90), pictures.rot90(1, (2, 3)), atol=1e-4)
    assert (sights.blurred(pictures, 1) + 1).sum() == pytest.approx(float((pictures + 1).sum()), rel=0.06)
    small = sights.shrunk(pictures, 2)
    assert small.std() < pictures.std()
    lines, lengths = sights.lines(200, torch.Generator().manual_seed(3))
    spans = [(one[0] > -0.5).nonzero().float() for one in lines]
    diagonal = torch.tensor([float((one.amax(0) - one.amin(0)).norm()) for one in spans])
    assert torch.allclose(diagonal, lengths, atol=6)  # a line is up to 3 px wide


def test_a_cnn_needs_fewer_digits_than_a_vit() -> None:
    for learned_from in (30, 100, 300):
        vit, cnn = (solved("eyes.data", 4, eye=eye, learned_from=learned_from)[1].value for eye in ("ViT", "CNN"))
        assert isinstance(vit, int)
        assert isinstance(cnn, int)
        assert cnn > vit


def test_answers_hang_on_the_thing_and_not_on_the_ground() -> None:
    thing, ground = (
        float(str(solved("eyes.grounded", 3, eye="CNN", covered=covered)[1].value))
        for covered in ("the thing", "a piece of ground of the same size")
    )
    assert thing > 70
    assert ground < 10


def test_shuffled_weights_see_nothing() -> None:
    net = nets.fresh("vit", "digits_1500")
    chance = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, one in nets.vit("digits_1500").state_dict().items():
            values = one.flatten()
            net.get_parameter(name).copy_(values[torch.randperm(len(values), generator=chance)].reshape(one.shape))
        pictures, labels = sights.held_out(297, seed=0)
        assert training.share(net(pictures), labels) < 0.3
