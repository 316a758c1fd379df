"""The patches family: its functions against what they stand for, published figures, odd parameters.

That values are right, slips named and evidence whole is tested for all exercises at once in `test_exercises`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.flop_counter import FlopCounterMode

from labs import catalog
from labs.multiply_adds import count, parameters
from labs.patches import board, cut, encoders, signal, visual_tokens
from labs.patches.encoders import ARCHITECTURES
from labs.protocol import ParamError
from labs.scenes.boards import draw_board
from tests.labs.solving import solved, verdict


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
    flat = cut.flatten_patches(pixels, 4)
    assert flat.shape == (1, 6, 32)
    assert torch.equal(flat[0, 4], pixels[0, :, 4:8, 4:8].flatten())


def test_a_ragged_edge_is_dropped_without_a_word_and_refused_by_a_whole_model() -> None:
    _, evidence = solved("patches.ragged", image_size=300, patch_size=16)
    assert evidence.value == 18 * 18
    assert evidence.facts["lost"] == 300 * 300 - 288 * 288
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
    assert (ragged.value, ragged.facts["lost"]) == (12, 64 * 2)


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


@pytest.mark.parametrize("typed", ["5", "100000"])
def test_an_unknown_mistake_is_measured(typed: str) -> None:
    judged = verdict(typed, *solved("patches.count", image_size=224, patch_size=16))
    assert not judged.correct
    assert not judged.mistake
    assert "times too" in judged.message


@pytest.mark.parametrize(
    ("name", "params", "says"),
    [
        ("patches.count", {"image_size": 31}, "from 32 to 1024"),
        ("patches.count", {"image_size": 1025}, "from 32 to 1024"),
        ("patches.count", {"patch_size": 3}, "from 4 to 64"),
        ("patches.count", {"patch_size": 16.0}, "a whole number"),
        ("patches.count", {"patch_size": "16"}, "a whole number"),
        ("patches.count", {"image_width": 16}, "from 32 to 1024"),
        ("patches.count", {"image_size": 225, "patch_size": 16}, "16 does not divide image_size, 225"),
        ("patches.count", {"image_size": 224, "image_width": 225, "patch_size": 16}, "225"),
        ("patches.count", {"image_size": 1021}, "no patch_size of 4 to 64 divides 1021"),
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
    assert board.as_bands(rgb, 1).tolist() == [[[60.0]]]
    assert board.as_bands(rgb, 2).tolist() == [[[90.0, 30.0]]]
    assert board.as_bands(rgb, 3).tolist() == rgb.tolist()
    assert board.as_bands(rgb, 5).tolist() == [[[90.0, 75.0, 60.0, 45.0, 30.0]]]


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


# A defect, shuffled patches, a moved camera


def test_a_defect_moves_its_own_token_alone_and_the_more_the_larger_it_is() -> None:
    problem, evidence = solved("patches.defect", 2, patch_size=16, defect_px=4)
    assert evidence.value == 6.25
    assert evidence.facts["touched"] == 1
    shifts = next(iter(evidence.curves[0].series.values()))
    assert shifts[-1] > 2 * shifts[0] > 0
    assert verdict("6", problem, evidence).correct is False
    assert verdict("6.3", problem, evidence).correct


def test_a_resized_line_is_what_pillow_makes_of_the_photo() -> None:
    photo = np.zeros((1024, 1024), dtype=np.float32)
    photo[500:524, 500:524] = 1
    small = np.asarray(Image.fromarray(photo).resize((224, 224), Image.Resampling.BILINEAR))
    _, evidence = solved("patches.resize", photo_px=1024, image_size=224, defect_px=24)
    assert evidence.value == pytest.approx(np.sqrt(small.sum()), rel=0.02)


def test_shuffling_moves_whole_patches() -> None:
    pixels = torch.arange(16.0).reshape(1, 1, 4, 4)
    moved = signal.shuffle_patches(pixels, 2, torch.tensor([3, 1, 2, 0]))
    assert moved[0, 0].tolist() == [[10, 11, 2, 3], [14, 15, 6, 7], [8, 9, 0, 1], [12, 13, 4, 5]]


def test_survivors_are_found_at_their_shifted_place() -> None:
    scene = torch.rand(3, 6, 9)
    assert signal.survivors(scene[:, :, :6], scene[:, :, 2:8], 0, 2).all()
    assert not signal.survivors(scene[:, :, :6], scene[:, :, 2:8], 0, 1).any()
    assert signal.survivors(scene[:, :4], scene[:, 1:5], 1, 0).shape == (3, 9)


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
def test_defects_and_windows_out_of_range_are_refused(name: str, params: dict[str, Any], says: str) -> None:
    with pytest.raises(ParamError, match=says):
        catalog.exercise(name).pose(params, 0)


# Whole encoders


@pytest.mark.parametrize(("name", "image_size", "patch"), [("ViT-B", 224, 16), ("ViT-L", 224, 14), ("ViT-S", 384, 32)])
def test_one_block_times_their_number_is_what_the_whole_model_takes(name: str, image_size: int, patch: int) -> None:
    model, pixels = encoders.encoder(name, image_size, patch), encoders.picture(image_size)
    embedding, block = encoders.count_encoder(model, pixels)
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


@pytest.mark.parametrize(
    ("name", "params", "says"),
    [
        ("patches.size", {"image_size": 225, "patch_size": 16}, "16 does not divide image_size, 225"),
        ("patches.size", {"model": "ViT-XXL"}, "one of ViT-B, ViT-S, ViT-L, ViT-H"),
        ("patches.growth", {"factor": 5}, "from 2 to 4"),
        ("patches.shapes", {"output": "nothing"}, "one of"),
    ],
)
def test_encoders_out_of_range_are_refused(name: str, params: dict[str, Any], says: str) -> None:
    with pytest.raises(ParamError, match=says):
        catalog.exercise(name).pose(params, 0)


@pytest.mark.parametrize("model", list(ARCHITECTURES))
def test_the_largest_model_and_picture_work(model: str) -> None:
    value = solved("patches.compute", model=model, image_size=1008, patch_size=14)[1].value
    assert isinstance(value, float)
    assert value > 100


# Tokens for a language model


def test_the_papers_numbers_come_out() -> None:
    assert solved("patches.visual_tokens", family="LLaVA-1.5", image_size=336)[1].value == 576
    assert solved("patches.visual_tokens", family="PaliGemma", image_size=224)[1].value == 256
    assert solved("patches.visual_tokens", family="BLIP-2", image_size=224)[1].value == 32
    assert solved("patches.visual_tokens", family="Qwen2-VL", image_size=224)[1].value == 64  # plus two marks: 66
    assert solved("patches.tiles", columns=2, rows=2)[1].value == 2_880


def test_tiles_are_the_picture_and_the_first_is_all_of_it() -> None:
    pixels = torch.rand(1, 3, 672, 336)
    tiles = visual_tokens.cut_tiles(pixels, 336)
    assert tiles.shape == (3, 3, 336, 336)
    assert torch.equal(torch.cat((tiles[1], tiles[2]), dim=1), pixels[0])
    assert float(tiles[0].mean()) == pytest.approx(float(pixels.mean()), abs=1e-3)


@pytest.mark.parametrize(
    ("name", "params", "says"),
    [
        ("patches.visual_tokens", {"image_size": 225}, "a multiple of 28"),
        ("patches.tiles", {"columns": 7}, "from 1 to 6"),
        ("patches.dynamic", {"width": 1920, "height": 1080}, "must stay below"),
    ],
)
def test_pictures_out_of_range_are_refused(name: str, params: dict[str, Any], says: str) -> None:
    with pytest.raises(ParamError, match=says):
        catalog.exercise(name).pose(params, 0)


def test_a_grid_without_a_size_of_tiles_is_posed_as_it_was_when_there_was_one_size() -> None:
    exercise = catalog.exercise("patches.tiles")
    assert {exercise.pose({"columns": 2, "rows": 2}, seed).params["tile"] for seed in range(8)} == {336}
    assert {exercise.pose({}, seed).params["tile"] for seed in range(20)} == {224, 336}


@pytest.mark.parametrize(("name", "least"), [("patches.tiles", 40), ("denoising.latent_neighbours", 40)])
def test_there_are_many_showings(name: str, least: int) -> None:
    exercise = catalog.exercise(name)
    assert len({exercise.pose({}, seed).prompt for seed in range(400)}) >= least
