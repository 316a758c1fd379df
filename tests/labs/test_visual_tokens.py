"""Visual tokens: bridges, tiles and dynamic grids agree with arithmetic and with what the papers say."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from labs import catalog, visual_tokens
from labs.protocol import ParamError, Problem
from tests.examples import examples
from tests.labs.solving import assert_judged, assert_shown, solved, verdict

SEEDS = range(examples(50))
NAMES = [one.name for one in catalog.exercises() if one.module == visual_tokens.__name__]


def by_hand(problem: Problem) -> int:
    p: dict[str, Any] = dict(problem.params)
    match problem.exercise:
        case "patches.visual_tokens":
            n: int = (p["image_size"] // 14) ** 2
            return {"Qwen2-VL": n // 4, "BLIP-2": 32}.get(p["family"], n)
        case "patches.tiles":
            return int((p["columns"] * p["rows"] + 1) * 576)
        case "patches.dynamic":
            return int(round(p["width"] / 28) * round(p["height"] / 28))
    raise AssertionError(problem.exercise)


@pytest.mark.parametrize("name", NAMES)
def test_the_model_agrees_with_arithmetic_at_every_seed(name: str) -> None:
    for seed in SEEDS:
        problem, evidence = solved(name, seed)
        assert evidence.value == by_hand(problem), problem.params
        assert_judged(problem, evidence)


@pytest.mark.parametrize("name", NAMES)
def test_evidence_is_whole(name: str) -> None:
    assert_shown(*solved(name, 3))


def test_the_papers_numbers_come_out() -> None:
    assert solved("patches.visual_tokens", family="LLaVA-1.5", image_size=336)[1].value == 576
    assert solved("patches.visual_tokens", family="PaliGemma", image_size=224)[1].value == 256
    assert solved("patches.visual_tokens", family="BLIP-2", image_size=224)[1].value == 32
    assert solved("patches.visual_tokens", family="Qwen2-VL", image_size=224)[1].value == 64  # plus two marks: 66
    assert solved("patches.tiles", columns=2, rows=2)[1].value == 2_880


def test_tiles_are_the_picture_and_the_first_is_all_of_it() -> None:
    pixels = torch.rand(1, 3, 672, 336)
    tiles = visual_tokens.cut_tiles(pixels)
    assert tiles.shape == (3, 3, 336, 336)
    assert torch.equal(torch.cat((tiles[1], tiles[2]), dim=1), pixels[0])
    assert float(tiles[0].mean()) == pytest.approx(float(pixels.mean()), abs=1e-3)


@pytest.mark.parametrize(
    ("name", "params", "typed", "mistake"),
    [
        ("patches.visual_tokens", {"family": "LLaVA-1.5"}, "577", "counted the class token"),
        ("patches.visual_tokens", {"family": "LLaVA-1.5"}, "24", "one side only"),
        ("patches.visual_tokens", {"family": "LLaVA-1.5"}, "144", "merged what is not merged"),
        ("patches.visual_tokens", {"family": "LLaVA-1.5"}, "4096", "gave the width"),
        ("patches.visual_tokens", {"family": "LLaVA-1.5"}, "1", "took one token a picture"),
        ("patches.visual_tokens", {"family": "LLaVA-1.5"}, "32", "took BLIP-2's queries"),
        ("patches.visual_tokens", {"family": "Qwen2-VL"}, "576", "forgot the merge"),
        ("patches.visual_tokens", {"family": "Qwen2-VL"}, "288", "merged pairs"),
        ("patches.visual_tokens", {"family": "BLIP-2"}, "576", "counted the features"),
        ("patches.visual_tokens", {"family": "BLIP-2"}, "577", "counted the features"),
        ("patches.tiles", {"columns": 2, "rows": 2}, "2304", "forgot the overview"),
        ("patches.tiles", {"columns": 2, "rows": 2}, "576", "one tile only"),
        ("patches.tiles", {"columns": 2, "rows": 2}, "2885", "counted class tokens"),
        ("patches.tiles", {"columns": 2, "rows": 2}, "5", "gave the tiles"),
        ("patches.dynamic", {"width": 1280, "height": 720}, "4784", "forgot the merge"),
        ("patches.dynamic", {"width": 1280, "height": 720}, "1125", "rounded down"),
        ("patches.dynamic", {"width": 1024, "height": 600}, "814", "rounded up"),
        ("patches.dynamic", {"width": 1280, "height": 720}, "1175", "divided the areas"),
        ("patches.dynamic", {"width": 1280, "height": 720}, "576", "took LLaVA's number"),
    ],
)
def test_known_mistakes_are_named(name: str, params: dict[str, Any], typed: str, mistake: str) -> None:
    defaults = {"image_size": 336} if name == "patches.visual_tokens" else {}
    judged = verdict(typed, *solved(name, 1, **defaults, **params))
    assert not judged.correct
    assert judged.mistake == mistake
    assert judged.message.endswith(".")


@pytest.mark.parametrize(
    ("name", "params", "says"),
    [
        ("patches.visual_tokens", {"image_size": 225}, "a multiple of 28 px"),
        ("patches.tiles", {"columns": 5}, "from 1 to 4"),
        ("patches.dynamic", {"width": 1920, "height": 1080}, "must stay below"),
    ],
)
def test_parameters_out_of_range_are_refused(name: str, params: dict[str, Any], says: str) -> None:
    with pytest.raises(ParamError, match=says):
        catalog.exercise(name).pose(params, 0)
