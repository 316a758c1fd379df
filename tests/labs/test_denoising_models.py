"""The denoising lab's models: whole files, repeatable trainings, honest cards, a cheap import."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from labs.models import (
    denoiser_2d_recipe,
    denoiser_digits_recipe,
    digits_judge_recipe,
    digits_vae_recipe,
    train,
    weights,
)
from labs.models.digits import FILE, TRAINING, digits
from labs.models.scores import precision_recall, sliced_wasserstein, spread
from labs.models.shapes_2d import CLIP, SHAPES, draw_points

NAMES = ["denoiser_2d", "digits_judge", "denoiser_digits", "digits_vae", "vae_sweep"]


def silent(line: str) -> None:
    """A report nobody reads."""


@pytest.mark.parametrize("name", NAMES)
def test_weights_are_whole_small_and_described(name: str) -> None:
    assert name in train.RECIPES
    card = weights.card(name)
    tensors = weights.load(name)
    assert sum(tensor.numel() for tensor in tensors.values()) == card["weights"]
    assert all(torch.isfinite(tensor).all() for tensor in tensors.values())
    assert card["bytes"] <= 1_000_000
    assert {"data", "seed", "iterations", "seconds", "scores", "weakness", "versions"} <= set(card)


@pytest.mark.parametrize("name", NAMES)
def test_a_changed_byte_is_noticed(tmp_path: Path, name: str) -> None:
    for suffix in (".toml", ".safetensors"):
        data = bytearray((weights.FOLDER / f"{name}{suffix}").read_bytes())
        if suffix == ".safetensors":
            data[-7] ^= 1
        (tmp_path / f"{name}{suffix}").write_bytes(data)
    with pytest.raises(weights.WeightsDamaged, match=name):
        weights.load(name, tmp_path)


def test_trainings_repeat_to_the_bit() -> None:
    def same(first: torch.nn.Module, second: torch.nn.Module) -> bool:
        pairs = zip(first.state_dict().values(), second.state_dict().values(), strict=True)
        return all(torch.equal(a, b) for a, b in pairs)

    for fit in (denoiser_digits_recipe.fit, digits_judge_recipe.fit, digits_vae_recipe.fit):
        assert same(fit(4, silent), fit(4, silent))
    for prediction in ("epsilon", "v"):
        assert same(
            denoiser_2d_recipe.fit(prediction, 4, silent),
            denoiser_2d_recipe.fit(prediction, 4, silent),
        )


def test_all_models_are_made_on_two_cores_in_an_order_that_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[str, ...]] = []

    class Process:
        def __init__(self, target: object, args: tuple[list[str], Path]) -> None:
            started.append(tuple(args[0]))
            self.exitcode = 1 if "clip" in args[0] else 0

        def start(self) -> None: ...

        def join(self) -> None: ...

    monkeypatch.setattr(multiprocessing, "get_context", lambda _: SimpleNamespace(Process=Process))
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert train.main(["--out", str(tmp_path)]) == 1  # one of them failed
    assert started == [("clip",), tuple(name for name in train.RECIPES if name != "clip")]
    others = list(train.RECIPES)
    assert others.index("digits_judge") < others.index("denoiser_digits")  # which is scored by the judge
    made: list[str] = []
    monkeypatch.setattr(train, "_make_each", lambda names, _: made.extend(names))
    assert train.main(["digits_vae", "--out", str(tmp_path)]) == 0
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert train.main(["--out", str(tmp_path)]) == 0
    assert made == ["digits_vae", *train.RECIPES]
    assert len(started) == 2


def test_the_cards_hold_what_the_exercises_teach() -> None:
    digits_card, points = weights.card("denoiser_digits")["scores"], weights.card("denoiser_2d")["scores"]
    accuracy = [digits_card[f"accuracy_guidance_{scale}_25_steps"] for scale in ("0", "0_5", "1", "2")]
    assert accuracy == sorted(accuracy)
    assert accuracy[0] < 0.2
    assert min(accuracy[2:]) >= 0.98
    variety = [digits_card[f"recall_guidance_{scale}_25_steps"] for scale in ("1", "2", "4")]
    assert variety == sorted(variety, reverse=True)
    for shape in SHAPES:
        floor = points[f"distance_{shape}_data_from_data"]
        assert points[f"distance_{shape}_v_25_steps"] < 2.5 * floor
        assert points[f"distance_{shape}_v_25_steps"] < points[f"distance_{shape}_epsilon_25_steps"]


def test_the_digits_are_the_known_ones() -> None:
    pictures, labels = digits()
    assert pictures.shape == (1_797, 1, 8, 8)
    assert FILE.stat().st_size < 60_000
    assert (float(pictures.min()), float(pictures.max())) == (-1.0, 1.0)
    assert torch.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert len(labels) - TRAINING == 297


def test_shapes_have_variance_one_and_stay_within_the_clip() -> None:
    for shape in SHAPES:
        points = draw_points(shape, 20_000, torch.Generator().manual_seed(0))
        assert points.mean(0).abs().max() < 0.06
        assert float(points.std()) == pytest.approx(1, abs=0.02)
        assert points.abs().max() < CLIP
    with pytest.raises(ValueError, match="no shape square"):
        draw_points("square", 3, torch.Generator())


def test_scores_measure_what_they_say() -> None:
    generator = torch.Generator().manual_seed(1)
    cloud = torch.randn(900, 2, generator=generator)
    assert sliced_wasserstein(cloud, cloud) == 0
    moved = sliced_wasserstein(cloud + torch.tensor([0.5, 0.0]), cloud)
    assert moved == pytest.approx(0.5 * 2 / torch.pi, rel=0.02)  # the mean of |cos| over all directions
    larger = torch.randn(4_500, 2, generator=generator)
    assert sliced_wasserstein(cloud, larger) == sliced_wasserstein(larger, cloud) < 0.08
    real = torch.randn(300, 4, generator=generator)
    assert precision_recall(real, real) == (1.0, 1.0)
    precision, recall = precision_recall(real, 0.1 * real)
    assert precision > 0.95
    assert recall < 0.3  # all in the middle: good, and all alike
    assert spread(torch.stack([torch.zeros(1, 8, 8), torch.ones(1, 8, 8)])) == pytest.approx(1.0)


def test_the_lab_is_cheap_to_import_beside_torch() -> None:
    code = (
        "import sys, json, time, torch, numpy, PIL.Image\n"
        "before = set(sys.modules)\n"
        "import labs.denoising, labs.denoising.trained\n"
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    added = json.loads(done.stdout)
    heavy = ("torch._dynamo", "torch.distributed", "torch._inductor", "scipy", "sklearn", "transformers", "diffusers")
    assert not [name for name in added if name.startswith(heavy)]
    assert not [name for name in added if name.endswith("_recipe")], "a lab loads weights, it does not train"
