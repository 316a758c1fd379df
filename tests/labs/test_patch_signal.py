"""What a patch keeps: measured shares, widths and survivors agree with arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from labs import catalog, patch_signal
from labs.problems.patch_signal import ALL, CHANGED, CONVOLUTION, MOVED, NONE, PADDED, SAME, SOME, STAGES
from labs.protocol import ParamError, Problem
from tests.examples import examples
from tests.labs.solving import assert_judged, assert_shown, solved, verdict

SEEDS = range(examples(50))
NAMES = [one.name for one in catalog.exercises() if one.module == patch_signal.__name__]


def by_hand(problem: Problem) -> Any:
    p: dict[str, Any] = dict(problem.params)
    match problem.exercise:
        case "patches.defect":
            return 100 * p["defect_px"] ** 2 / p["patch_size"] ** 2
        case "patches.resize":
            return p["defect_px"] * p["image_size"] / p["photo_px"]
        case "patches.shuffle":
            if p["positions"] == "with":
                return CHANGED
            return MOVED if p["readout"] == "the patch tokens" else SAME
        case "patches.shift":
            whole = p["shift_px"] % p["patch_size"] == 0
            return {STAGES[0]: ALL if whole else NONE, CONVOLUTION: ALL, PADDED: SOME}.get(p["stage"], NONE)
        case "patches.crop":
            on_grid = p["left"] % p["patch_size"] == 0 and p["top"] % p["patch_size"] == 0
            return (p["crop_size"] // p["patch_size"]) ** 2 if on_grid else 0
    raise AssertionError(problem.exercise)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_measured_is_what_must_come_out_at_every_seed(name: str) -> None:
    values = set()
    for seed in SEEDS:
        problem, evidence = solved(name, seed)
        expected = by_hand(problem)
        if isinstance(expected, float):
            expected = pytest.approx(expected, rel=0.02)
        assert evidence.value == expected, problem.params
        assert_judged(problem, evidence)
        values.add(str(evidence.value))
    assert len(values) >= 3, "the right answer must vary"


@pytest.mark.parametrize("name", NAMES)
def test_evidence_is_whole(name: str) -> None:
    assert_shown(*solved(name, 3))


def test_a_defect_moves_its_own_token_alone_and_the_more_the_larger_it_is() -> None:
    problem, evidence = solved("patches.defect", 2, patch_size=16, defect_px=4)
    assert evidence.value == 6.25
    assert evidence.facts["touched"] == 1
    shifts = next(iter(evidence.curves[0].series.values()))
    assert shifts[-1] > 2 * shifts[0] > 0
    assert verdict("6", problem, evidence).correct is False
    assert verdict("6.3", problem, evidence).correct


def test_a_resized_line_is_what_pillow_makes_of_the_photo() -> None:
    from PIL import Image

    photo = np.zeros((1024, 1024), dtype=np.float32)
    photo[500:524, 500:524] = 1
    small = np.asarray(Image.fromarray(photo).resize((224, 224), Image.Resampling.BILINEAR))
    _, evidence = solved("patches.resize", photo_px=1024, image_size=224, defect_px=24)
    assert evidence.value == pytest.approx(np.sqrt(small.sum()), rel=0.02)


def test_shuffling_moves_whole_patches() -> None:
    pixels = torch.arange(16.0).reshape(1, 1, 4, 4)
    moved = patch_signal.shuffle_patches(pixels, 2, torch.tensor([3, 1, 2, 0]))
    assert moved[0, 0].tolist() == [[10, 11, 2, 3], [14, 15, 6, 7], [8, 9, 0, 1], [12, 13, 4, 5]]


def test_survivors_are_found_at_their_shifted_place() -> None:
    scene = torch.rand(3, 6, 9)
    assert patch_signal.survivors(scene[:, :, :6], scene[:, :, 2:8], 0, 2).all()
    assert not patch_signal.survivors(scene[:, :, :6], scene[:, :, 2:8], 0, 1).any()
    assert patch_signal.survivors(scene[:, :4], scene[:, 1:5], 1, 0).shape == (3, 9)


@pytest.mark.parametrize(
    ("name", "params", "typed", "mistake"),
    [
        ("patches.defect", {"defect_px": 4, "patch_size": 16}, "25", "compared the sides"),
        ("patches.defect", {"defect_px": 4, "patch_size": 16}, "93.75", "gave the rest"),
        ("patches.defect", {"defect_px": 4, "patch_size": 16}, "16", "gave pixels"),
        ("patches.defect", {"defect_px": 8, "patch_size": 32}, "0.128", "compared with the board"),
        ("patches.resize", {"photo_px": 2048, "image_size": 224, "defect_px": 24}, "24", "did not shrink it"),
        ("patches.resize", {"photo_px": 2048, "image_size": 224, "defect_px": 24}, "9.14", "gave the factor"),
        ("patches.resize", {"photo_px": 2048, "image_size": 224, "defect_px": 24}, "0.287", "shrank it twice"),
        ("patches.resize", {"photo_px": 2048, "image_size": 224, "defect_px": 24}, "6.9", "gave the area"),
        ("patches.resize", {"photo_px": 2048, "image_size": 224, "defect_px": 24}, "219", "enlarged it"),
        ("patches.shuffle", {"positions": "with", "readout": "the class token"}, SAME, "forgot the positions"),
        ("patches.shuffle", {"positions": "without", "readout": "the class token"}, CHANGED, "imagined an order"),
        ("patches.shift", {"stage": STAGES[0], "shift_px": 3, "patch_size": 16}, ALL, "took patches for pixels"),
        ("patches.shift", {"stage": STAGES[0], "shift_px": 32, "patch_size": 16}, NONE, "missed the grid"),
        ("patches.shift", {"stage": STAGES[1], "shift_px": 32, "patch_size": 16}, ALL, "forgot the positions"),
        ("patches.shift", {"stage": STAGES[2], "shift_px": 32, "patch_size": 16}, ALL, "forgot attention"),
        ("patches.shift", {"stage": CONVOLUTION, "shift_px": 3, "patch_size": 16}, NONE, "took it for a ViT"),
        ("patches.shift", {"stage": PADDED, "shift_px": 3, "patch_size": 16}, ALL, "forgot the edge"),
        ("patches.crop", {"crop_size": 112, "left": 8, "top": 0, "patch_size": 16}, "49", "missed the grid"),
        (
            "patches.crop",
            {"crop_size": 112, "left": 16, "top": 0, "patch_size": 16},
            "0",
            "expected nothing to survive",
        ),
        ("patches.crop", {"crop_size": 112, "left": 16, "top": 0, "patch_size": 16}, "196", "counted the picture"),
        ("patches.crop", {"crop_size": 112, "left": 16, "top": 0, "patch_size": 16}, "147", "counted what was cut off"),
    ],
)
def test_known_mistakes_are_named(name: str, params: dict[str, Any], typed: str, mistake: str) -> None:
    judged = verdict(typed, *solved(name, 1, **params))
    assert not judged.correct
    assert judged.mistake == mistake
    assert judged.message.endswith(".")


@pytest.mark.parametrize(
    ("name", "params", "says"),
    [
        ("patches.defect", {"defect_px": 20, "patch_size": 16}, "larger than the patch"),
        ("patches.defect", {"patch_size": 17}, "one of 8, 14, 16, 28, 32"),
        ("patches.resize", {"photo_px": 300, "image_size": 448}, "must be larger than the model's input"),
        ("patches.crop", {"crop_size": 200, "left": 100, "top": 0}, "inside the picture"),
        ("patches.shift", {"shift_px": 0}, "from 1 to 96"),
    ],
)
def test_parameters_out_of_range_are_refused(name: str, params: dict[str, Any], says: str) -> None:
    with pytest.raises(ParamError, match=says):
        catalog.exercise(name).pose(params, 0)
