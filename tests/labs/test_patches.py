"""The patch lab: measured values agree with the closed form, and answers are judged by them."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from labs import catalog, patches
from labs.protocol import Evidence, ParamError, Problem, SolveRequest
from labs.scenes.boards import draw_board
from tests.examples import examples

SEEDS = range(examples(50))
NAMES = [exercise.name for exercise in catalog.exercises() if exercise.module == patches.__name__]


def quiet(fraction: float, text: str) -> None:
    """Progress nobody watches."""


def solved(name: str, seed: int = 0, **params: Any) -> tuple[Problem, Evidence]:
    problem = catalog.exercise(name).pose(params, seed)
    return problem, patches.solve(problem, quiet)


def verdict(answer: str, problem: Problem, evidence: Evidence) -> Any:
    return catalog.exercise(problem.exercise).check(problem, answer, evidence)


def closed_form(problem: Problem) -> int:
    p = {name: value for name, value in problem.params.items() if isinstance(value, int)}
    if problem.exercise == "patches.flatten":
        return p["patch_size"] ** 2 * p["channels"]
    height, width = p["image_size"], p["image_width"] or p["image_size"]
    count = (height // p["patch_size"]) * (width // p["patch_size"])
    return count + (problem.exercise == "patches.sequence")


@pytest.mark.parametrize("name", NAMES)
def test_the_model_agrees_with_the_closed_form_and_wrong_answers_are_refused(name: str) -> None:
    for seed in SEEDS:
        problem, evidence = solved(name, seed)
        right = closed_form(problem)
        assert evidence.value == right, problem.params
        assert verdict(str(right), problem, evidence).correct
        assert verdict(f"{right:,} {problem.unit}", problem, evidence).correct
        for wrong in (right + 1, right - 1, right * 2, -right, right + 0.5):
            refused = verdict(str(wrong), problem, evidence)
            assert not refused.correct
            assert refused.error == abs(wrong - right)
            assert refused.message.endswith(".")


@pytest.mark.parametrize("name", NAMES)
def test_evidence_shows_how_the_value_came_about(name: str) -> None:
    problem, evidence = solved(name, 4)
    assert str(evidence.value) in "".join(evidence.derivation)
    assert any("->" in line for line in evidence.derivation)
    assert evidence.code.startswith("def ")
    assert '"""' not in evidence.code
    assert evidence.unit == problem.unit
    assert {"python", "torch", "transformers", "pillow"} <= set(evidence.versions)
    assert 0 < evidence.seconds < 20
    for picture in evidence.pictures:
        assert len(picture.png) <= 60_000
        image = Image.open(io.BytesIO(picture.png))
        image.load()
        assert max(image.size) <= 448
        assert picture.alt
        assert picture.caption
    assert Evidence.from_json(evidence.to_json()) == evidence
    assert SolveRequest.from_line(SolveRequest("1", problem).to_line()).problem == problem


def test_the_shapes_of_vit_base_are_those_of_the_paper() -> None:
    _, count = solved("patches.count", image_size=224, patch_size=16)
    assert count.derivation[0].startswith("(1, 3, 224, 224) -> (1, 768, 14, 14)")
    assert count.derivation[1].startswith("(1, 768, 14, 14) -> (1, 196, 768)")
    _, sequence = solved("patches.sequence", image_size=224, patch_size=16)
    assert sequence.derivation[1].startswith("(1, 196, 768) -> (1, 197, 768)")


def test_flattening_and_one_linear_layer_are_the_convolution() -> None:
    for channels in (1, 2, 3, 4, 16):
        _, evidence = solved("patches.flatten", patch_size=14, channels=channels)
        assert evidence.value == 14 * 14 * channels
        difference = evidence.facts["largest_difference"]
        assert isinstance(difference, float)
        assert difference < 1e-4


def test_a_flattened_patch_holds_the_pixels_of_that_patch() -> None:
    pixels = torch.arange(2 * 8 * 12, dtype=torch.float32).reshape(1, 2, 8, 12)
    flat = patches.flatten_patches(pixels, 4)
    assert flat.shape == (1, 6, 32)
    assert torch.equal(flat[0, 4], pixels[0, :, 4:8, 4:8].flatten())


def test_a_ragged_edge_is_dropped_without_a_word_and_refused_by_a_whole_model() -> None:
    _, evidence = solved("patches.ragged", image_size=300, patch_size=16)
    assert evidence.value == 18 * 18
    assert evidence.facts["dropped_pixels"] == 300 * 300 - 288 * 288
    text = "\n".join(evidence.derivation)
    assert "7,056 of 90,000 pixels" in text
    assert "(300*300) doesn't match model (288*288)" in text
    assert evidence.tables[0].rows[0] == ("height", "300", "18", "12")


def test_pictures_need_not_be_square() -> None:
    problem, evidence = solved("patches.count", image_size=480, image_width=640, patch_size=16)
    assert evidence.value == 1_200
    assert "640 × 480" in problem.prompt
    assert verdict("1600", problem, evidence).mistake == "took it as square"
    assert solved("patches.sequence", image_size=64, image_width=32, patch_size=16)[1].value == 9
    _, ragged = solved("patches.ragged", image_size=64, image_width=50, patch_size=16)
    assert (ragged.value, ragged.facts["dropped_pixels"]) == (12, 64 * 2)


@pytest.mark.parametrize(
    ("name", "params", "value"),
    [
        ("patches.count", {"image_size": 1024, "patch_size": 64}, 256),
        ("patches.count", {"image_size": 32, "patch_size": 4}, 64),
        ("patches.count", {"image_size": 64, "patch_size": 64}, 1),
        ("patches.sequence", {"image_size": 512, "patch_size": 4}, 16_385),
        ("patches.flatten", {"patch_size": 64, "channels": 16}, 65_536),
        ("patches.flatten", {"patch_size": 4, "channels": 1}, 16),
        ("patches.ragged", {"image_size": 33, "patch_size": 32}, 1),
        ("patches.ragged", {"image_size": 1023, "patch_size": 64}, 225),
    ],
)
def test_the_ends_of_the_ranges_work(name: str, params: dict[str, Any], value: int) -> None:
    assert solved(name, **params)[1].value == value


@pytest.mark.parametrize(
    "typed",
    [
        "196",
        "196 tokens",
        "14 x 14 = 196",
        "14×14",
        "14 · 14",
        "14²",
        "(224/16)^2",
        " 196. ",
        "１９６",
        "about 196",
        "196 patches",
    ],
)
def test_answers_are_read_generously(typed: str) -> None:
    assert verdict(typed, *solved("patches.count", image_size=224, patch_size=16)).correct


@pytest.mark.parametrize("typed", ["1,024", "1 024", "1\u202f024", "1'024", "1.024", "32 x 32", "2^10", "1024 = 32²"])
def test_thousands_are_read_in_any_spelling(typed: str) -> None:
    assert verdict(typed, *solved("patches.count", image_size=512, patch_size=16)).correct


@pytest.mark.parametrize("typed", ["", "  ", "many", "?", "1e999", "196 or 197", "196 px"])
def test_what_is_no_number_of_patches_is_not_judged(typed: str) -> None:
    judged = verdict(typed, *solved("patches.count", image_size=224, patch_size=16))
    assert judged.asks
    assert judged.error is None
    assert judged.message.endswith("or say that you don't know.")


@pytest.mark.parametrize(
    ("name", "params", "typed", "mistake"),
    [
        ("patches.count", {"image_size": 224, "patch_size": 16}, "197", "counted the class token"),
        ("patches.count", {"image_size": 224, "patch_size": 16}, "14", "one side only"),
        ("patches.count", {"image_size": 224, "patch_size": 16}, "28", "added the sides"),
        ("patches.count", {"image_size": 224, "patch_size": 16}, "588", "multiplied by colour"),
        ("patches.count", {"image_size": 224, "patch_size": 16}, "256", "pixels of a patch"),
        ("patches.count", {"image_size": 224, "patch_size": 16}, "768", "length of a patch"),
        ("patches.count", {"image_size": 224, "patch_size": 16}, "224 x 224", "gave pixels"),
        ("patches.count", {"image_size": 224, "patch_size": 16}, "3136", "divided once"),
        ("patches.count", {"image_size": 224, "patch_size": 16}, "209 x 209", "stride of one"),
        ("patches.sequence", {"image_size": 224, "patch_size": 16}, "196", "forgot the class token"),
        ("patches.sequence", {"image_size": 224, "patch_size": 16}, "198", "one token too many"),
        ("patches.sequence", {"image_size": 224, "patch_size": 16}, "225", "class token on each side"),
        ("patches.sequence", {"image_size": 224, "patch_size": 16}, "15", "one side and the class token"),
        ("patches.sequence", {"image_size": 224, "patch_size": 16}, "589", "multiplied by colour"),
        ("patches.sequence", {"image_size": 448, "patch_size": 16}, "768", "length of a patch"),
        ("patches.sequence", {"image_size": 448, "patch_size": 14}, "768", "gave the width"),
        ("patches.flatten", {"patch_size": 16, "channels": 3}, "256", "forgot the channels"),
        ("patches.flatten", {"patch_size": 16, "channels": 3}, "48", "one side only"),
        ("patches.flatten", {"patch_size": 16, "channels": 4}, "768", "took three channels"),
        ("patches.flatten", {"patch_size": 16, "channels": 3}, "259", "added the channels"),
        ("patches.flatten", {"patch_size": 14, "channels": 3}, "768", "gave the width after the projection"),
        ("patches.flatten", {"patch_size": 16, "channels": 3}, "769", "counted one more"),
        ("patches.flatten", {"patch_size": 16, "channels": 3}, "16", "gave the side"),
        ("patches.flatten", {"patch_size": 16, "channels": 3}, "196", "gave the number of patches"),
        ("patches.ragged", {"image_size": 300, "patch_size": 16}, "361", "rounded up"),
        ("patches.ragged", {"image_size": 230, "image_width": 300, "patch_size": 16}, "266", "rounded to the nearest"),
        ("patches.ragged", {"image_size": 300, "patch_size": 16}, "351", "divided the areas"),
        ("patches.ragged", {"image_size": 300, "patch_size": 16}, "351.56", "divided the areas"),
        ("patches.ragged", {"image_size": 300, "patch_size": 16}, "325", "counted the class token"),
        ("patches.ragged", {"image_size": 300, "patch_size": 16}, "18", "one side only"),
        ("patches.ragged", {"image_size": 300, "patch_size": 16}, "7056", "gave the lost pixels"),
        ("patches.ragged", {"image_size": 300, "patch_size": 16}, "0", "expected an error"),
    ],
)
def test_known_mistakes_are_named(name: str, params: dict[str, Any], typed: str, mistake: str) -> None:
    judged = verdict(typed, *solved(name, **params))
    assert not judged.correct
    assert judged.mistake == mistake
    assert judged.message.endswith(".")


@pytest.mark.parametrize("typed", ["5", "100000"])
def test_an_unknown_mistake_is_measured(typed: str) -> None:
    judged = verdict(typed, *solved("patches.count", image_size=224, patch_size=16))
    assert not judged.correct
    assert not judged.mistake
    assert "measured value" in judged.message


@pytest.mark.parametrize(
    ("name", "params", "says"),
    [
        ("patches.count", {"image_size": 31}, "from 32 to 1024"),
        ("patches.count", {"image_size": 1025}, "from 32 to 1024"),
        ("patches.count", {"patch_size": 3}, "from 4 to 64"),
        ("patches.count", {"patch_size": 16.0}, "a whole number"),
        ("patches.count", {"patch_size": "16"}, "a whole number"),
        ("patches.count", {"image_width": 16}, "from 32 to 1024"),
        ("patches.count", {"image_size": 225, "patch_size": 16}, "16 px does not divide a side of 225 px"),
        ("patches.count", {"image_size": 224, "image_width": 225, "patch_size": 16}, "225"),
        ("patches.count", {"image_size": 1021}, "no patch of 4 to 64 px divides 1021 px"),
        ("patches.sequence", {"image_size": 224, "patch_size": 15}, "does not divide"),
        ("patches.ragged", {"image_size": 224, "patch_size": 16}, "leaves no edge"),
        ("patches.ragged", {"image_size": 32, "patch_size": 64}, "larger than a side of 32 px"),
        ("patches.flatten", {"channels": 0}, "from 1 to 16"),
        ("patches.flatten", {"image_size": 224}, "no such parameter"),
        ("patches.count", {"picture": 3}, "the path of a file"),
        ("patches.count", {"picture": "/nowhere/at/all.png"}, "there is no file"),
        ("patches.count", {"picture": "a\0b.png"}, "NUL"),
        ("patches.count", {"picture": "x" * 5_000 + ".png"}, "cannot be opened"),
    ],
)
def test_parameters_out_of_range_or_at_odds_are_refused(name: str, params: dict[str, Any], says: str) -> None:
    with pytest.raises(ParamError) as caught:
        catalog.exercise(name).pose(params, 0)
    assert says in str(caught.value)


def test_one_given_side_finds_a_patch_that_fits() -> None:
    for size in (36, 65, 148, 999):
        problem = catalog.exercise("patches.count").pose({"image_size": size}, 1)
        assert size % int(problem.params["patch_size"]) == 0
    for patch in range(4, 65):
        problem = catalog.exercise("patches.ragged").pose({"patch_size": patch}, 1)
        assert int(problem.params["image_size"]) % patch


def test_bands_of_a_camera_are_blends_of_the_colours() -> None:
    rgb = np.array([[[90.0, 60.0, 30.0]]], dtype=np.float32)
    assert patches.as_bands(rgb, 1).tolist() == [[[60.0]]]
    assert patches.as_bands(rgb, 2).tolist() == [[[90.0, 30.0]]]
    assert patches.as_bands(rgb, 3).tolist() == rgb.tolist()
    assert patches.as_bands(rgb, 5).tolist() == [[[90.0, 75.0, 60.0, 45.0, 30.0]]]


def test_a_board_is_the_same_for_a_seed_and_knows_its_parts() -> None:
    board = draw_board(320, 200, 3)
    assert board.image.size == (320, 200)
    assert board.image.tobytes() == draw_board(320, 200, 3).image.tobytes()
    assert board.image.tobytes() != draw_board(320, 200, 4).image.tobytes()
    assert board.parts
    for part in board.parts:
        left, top, right, bottom = part.box
        assert 0 <= left < right <= 320.01
        assert 0 <= top < bottom <= 200.01
        inside = np.asarray(board.image.crop((int(left), int(top), int(right) + 1, int(bottom) + 1)))
        assert inside.std() > 5, f"nothing is drawn where the {part.kind} should be"
    for width, height in ((1, 1), (32, 32), (1024, 32), (7, 900)):
        assert draw_board(width, height, 1).image.size == (width, height)
    with pytest.raises(ValueError, match="0 × 5"):
        draw_board(0, 5, 1)
