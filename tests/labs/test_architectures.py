"""Whole ViTs on the meta device: measured numbers agree with formulas by hand and with whole models."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from labs import architectures, catalog
from labs.multiply_adds import count, parameters
from labs.problems.architectures import ARCHITECTURES, OUTPUTS, STEPS
from labs.protocol import ParamError, Problem
from tests.examples import examples
from tests.labs.solving import assert_judged, assert_shown, solved, verdict

SEEDS = range(examples(50))
NAMES = [one.name for one in catalog.exercises() if one.module == architectures.__name__]


def by_hand(problem: Problem) -> Any:
    p = problem.params
    size = ARCHITECTURES[str(p["model"])]
    d, m, layers = size.width, size.hidden, size.layers
    patch, side = int(p["patch_size"]), int(p["image_size"])
    n = (side // patch) ** 2
    projection, positions = d * patch * patch * 3 + d, (n + 1) * d
    block = 4 * (d * d + d) + (d * m + m) + (m * d + d) + 4 * d
    match problem.exercise:
        case "patches.parameters":
            return projection if p["part"] == "the patch projection" else positions
        case "patches.size":
            return (projection + positions + d + layers * block + 2 * d) / 1e6
        case "patches.compute":
            t = n + 1
            return (n * d * patch * patch * 3 + layers * (t * (4 * d * d + 2 * d * m) + 2 * t * t * d)) / 1e9
        case "patches.growth":
            more = n * int(p["factor"]) ** 2
            ratio = (more + 1) / (n + 1)
            return ratio if p["quantity"] == "tokens" else ratio**2
        case "patches.shapes":
            h = side // patch
            return {
                OUTPUTS[0]: f"(1, {n + 1}, {d})",
                OUTPUTS[1]: f"(1, {n}, {d})",
                OUTPUTS[2]: f"(1, {d}, {h}, {h})",
                OUTPUTS[3]: f"(1, {d})",
                OUTPUTS[4]: f"(1, {size.heads}, {n + 1}, {n + 1})",
            }[str(p["output"])]
        case "patches.tour":
            return [step for step in STEPS if step in problem.options]
    raise AssertionError(problem.exercise)


@pytest.mark.parametrize("name", NAMES)
def test_the_model_agrees_with_the_formula_at_every_seed(name: str) -> None:
    for seed in SEEDS:
        problem, evidence = solved(name, seed)
        expected = by_hand(problem)
        if isinstance(expected, float):
            expected = pytest.approx(expected, rel=1e-9)
        assert evidence.value == expected, problem.params
        assert_judged(problem, evidence)


@pytest.mark.parametrize("name", NAMES)
def test_evidence_is_whole(name: str) -> None:
    assert_shown(*solved(name, 3))


@pytest.mark.parametrize(("name", "image_size", "patch"), [("ViT-B", 224, 16), ("ViT-L", 224, 14), ("ViT-S", 384, 32)])
def test_one_block_times_their_number_is_what_the_whole_model_takes(name: str, image_size: int, patch: int) -> None:
    model, pixels = architectures.encoder(name, image_size, patch), architectures.picture(image_size)
    embedding, block = architectures.count_encoder(model, pixels)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(pixels)
    pooler = ARCHITECTURES[name].width ** 2
    assert 2 * ((embedding + block * ARCHITECTURES[name].layers).total + pooler) == counter.get_total_flops()


def test_published_figures_come_out() -> None:
    assert solved("patches.size", model="ViT-B", image_size=224, patch_size=16)[1].value == pytest.approx(
        85.8, abs=0.05
    )
    assert solved("patches.size", model="ViT-L", image_size=224, patch_size=16)[1].value == pytest.approx(
        303.3, abs=0.05
    )
    base = solved("patches.compute", model="ViT-B", image_size=224, patch_size=16)[1].value
    assert base == pytest.approx(17.56, abs=0.01)
    clip = solved("patches.compute", model="ViT-L", image_size=336, patch_size=14)[1].value  # CLIP ViT-L/14 at 336
    assert clip == pytest.approx(190.96, abs=0.05)
    assert solved("patches.parameters", part="the patch projection", model="ViT-B", patch_size=16)[1].value == 590_592


def test_attention_is_counted_apart_from_layers() -> None:
    a, layer = torch.empty(4, 10, 8, device="meta"), torch.nn.Linear(8, 16, device="meta")
    counted = count(lambda: (a @ a.mT, layer(a)))
    assert (counted.attention, counted.layers) == (4 * 10 * 10 * 8, 4 * 10 * 8 * 16)
    assert (counted + counted * 2).total == 3 * counted.total
    assert parameters(layer) == 8 * 16 + 16
    assert count(lambda: None).total == 0


def test_doubling_the_side_makes_four_times_the_tokens_and_nearly_sixteen_times_the_pairs() -> None:
    fixed: dict[str, Any] = {"model": "ViT-B", "image_size": 224, "patch_size": 16, "factor": 2}
    tokens = solved("patches.growth", quantity="tokens", **fixed)
    pairs = solved("patches.growth", quantity="attention pairs", **fixed)
    assert verdict("4", *tokens).correct
    assert verdict("16", *pairs).correct
    assert pairs[1].value == pytest.approx(15.88, abs=0.01)
    assert pairs[1].curves[0].x == (224.0, 448.0, 672.0, 896.0)


B16 = {"model": "ViT-B", "image_size": 224, "patch_size": 16}


@pytest.mark.parametrize(
    ("name", "params", "typed", "mistake"),
    [
        ("patches.parameters", {"part": "the patch projection"}, "589824", "forgot the bias"),
        ("patches.parameters", {"part": "the patch projection"}, "196608", "forgot the channels"),
        ("patches.parameters", {"part": "the patch projection"}, "768", "length of a patch"),
        ("patches.parameters", {"part": "the patch projection"}, "196 * 590592", "a projection for each patch"),
        ("patches.parameters", {"part": "the patch projection"}, "151296", "the other part"),
        ("patches.parameters", {"part": "the position embeddings"}, "150528", "forgot the class token"),
        ("patches.parameters", {"part": "the position embeddings"}, "197", "one number a position"),
        ("patches.parameters", {"part": "the position embeddings"}, "28 * 768", "row and column"),
        ("patches.parameters", {"part": "the position embeddings"}, "590592", "the other part"),
        ("patches.size", {}, "7.1", "one block only"),
        ("patches.size", {}, "28.3", "forgot the MLP"),
        ("patches.size", {}, "56.7", "forgot attention"),
        ("patches.size", {}, "343", "gave bytes"),
        ("patches.compute", {}, "35.1", "gave FLOPs"),
        ("patches.compute", {}, "1.45", "one block only"),
        ("patches.compute", {}, "0.71", "products of attention alone"),
        ("patches.compute", {"image_size": 448}, "67", "forgot the products of attention"),
        ("patches.compute", {}, "0.0858", "gave the parameters"),
        ("patches.growth", {"quantity": "tokens", "factor": 2}, "2", "the side's own factor"),
        ("patches.growth", {"quantity": "tokens", "factor": 2}, "16", "pairs, not tokens"),
        ("patches.growth", {"quantity": "attention pairs", "factor": 2}, "4", "tokens, not pairs"),
        ("patches.growth", {"quantity": "attention pairs", "factor": 3}, "27", "the wrong power"),
        ("patches.growth", {"quantity": "tokens", "factor": 3}, "6", "the wrong power"),
        ("patches.shapes", {"output": OUTPUTS[0]}, "(1, 196, 768)", f"took {OUTPUTS[1]}"),
        ("patches.shapes", {"output": OUTPUTS[3]}, "(1, 12, 197, 197)", f"took {OUTPUTS[4]}"),
    ],
)
def test_known_mistakes_are_named(name: str, params: dict[str, Any], typed: str, mistake: str) -> None:
    judged = verdict(typed, *solved(name, 1, **{**B16, **params}))
    assert not judged.correct
    assert judged.mistake == mistake
    assert judged.message.endswith(".")


@pytest.mark.parametrize(
    ("name", "params", "says"),
    [
        ("patches.size", {"image_size": 225, "patch_size": 16}, "16 does not divide a side of 225 px"),
        ("patches.size", {"model": "ViT-XXL"}, "one of ViT-S, ViT-B, ViT-L, ViT-H"),
        ("patches.growth", {"factor": 5}, "from 2 to 4"),
        ("patches.shapes", {"output": "nothing"}, "one of"),
    ],
)
def test_parameters_out_of_range_are_refused(name: str, params: dict[str, Any], says: str) -> None:
    with pytest.raises(ParamError, match=says):
        catalog.exercise(name).pose(params, 0)


@pytest.mark.parametrize("model", list(ARCHITECTURES))
def test_the_largest_model_and_picture_work(model: str) -> None:
    value = solved("patches.compute", model=model, image_size=1008, patch_size=14)[1].value
    assert isinstance(value, float)
    assert value > 100
