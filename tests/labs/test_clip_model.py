"""The tiny CLIP and its scenes: what is drawn and said, how it is trained, that its weights are those of the card."""

from __future__ import annotations

import math
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from labs.models import clip_recipe, train, weights
from labs.models.clip_model import CONTEXT, END, PAD, START, UNKNOWN, WORDS, restore, tiny_clip, tokenize, unknown_words
from labs.scenes import captions as said
from labs.scenes.captions import HELD_OUT, PAIRS, SEEN, any_scene, many, name, one, plural, put
from labs.scenes.shapes import draw_scene
from labs.scenes.showings import BATCHES, SHOWINGS, batch, gallery, showing


def scenes(count: int) -> list[said.Scene]:
    return [any_scene(random.Random(f"test:{i}")) for i in range(count)]


def test_captions_are_plain_english() -> None:
    assert one(("orange", "star")) == "an orange star"
    assert one(("red", "circle")) == "a red circle"
    assert many(("red", "cross"), 3) == "three red crosses"
    assert many(("red", "cross"), 1) == "one red cross"
    assert plural("square") == "squares"
    assert put("a photo of a {}", ("orange", "star")) == "a photo of an orange star"
    assert put("A {} here", ("red", "star")) == "A red star here"
    assert put("three {s}", ("orange", "cross")) == "three orange crosses"
    assert put("something {colour}, a {shape}", ("orange", "cross")) == "something orange, a cross"


def test_each_colour_and_each_shape_is_held_out_once_and_never_drawn_together() -> None:
    assert len(set(HELD_OUT)) == 8
    assert {colour for colour, _ in HELD_OUT} == set(said.COLOURS)
    assert {shape for _, shape in HELD_OUT} == set(said.SHAPES)
    assert len(SEEN) == len(PAIRS) - 8 == 56
    drawn = {thing.pair for scene in scenes(2_000) for thing in scene.things}
    assert drawn == set(SEEN)


def test_things_stand_apart_inside_the_picture_and_as_the_caption_says() -> None:
    for scene in scenes(600):
        for i, a in enumerate(scene.things):
            assert a.radius <= min(a.x, a.y, 64 - a.x, 64 - a.y) + 0.6
            for b in scene.things[:i]:
                assert math.hypot(a.x - b.x, a.y - b.y) > 0.9 * (a.radius + b.radius)
        if scene.relation:
            a, b = scene.things
            right, down = a.x - b.x, a.y - b.y
            assert {"left of": -right, "right of": right, "above": -down, "below": down}[scene.relation] > 15
            assert min(abs(right), abs(down)) < 5
            assert scene.same_caption.startswith(one(b.pair))
        else:
            assert scene.same_caption == scene.caption
            assert 1 <= len(scene.things) <= 5
    with pytest.raises(ValueError, match="no room"):
        said.place_alike(random.Random(0), PAIRS[0], 40)


def test_the_same_chance_draws_the_same_pixels() -> None:
    for scene in scenes(20):
        first, again, other = (draw_scene(scene, random.Random(seed)) for seed in (1, 1, 2))
        assert first.shape == (64, 64, 3)
        assert first.dtype == np.uint8
        assert np.array_equal(first, again)
        assert not np.array_equal(first, other)


@pytest.mark.parametrize("pair", PAIRS, ids=name)
def test_a_thing_has_its_colour_where_it_stands(pair: said.Pair) -> None:
    scene = said.place_single(random.Random("colour"), pair)
    pixels = draw_scene(scene, random.Random(0), noise=False).astype(float)
    thing = scene.things[0]
    rows, columns = np.mgrid[:64, :64]
    near = np.hypot(columns - thing.x, rows - thing.y) < thing.radius
    ground = np.median(pixels[np.hypot(columns - thing.x, rows - thing.y) > 1.3 * thing.radius], axis=0)
    inside = pixels[near][np.abs(pixels[near] - ground).max(axis=1) > 40]
    assert len(inside) > 0.15 * near.sum()
    from labs.scenes.shapes import _COLOURS

    nearest = min(_COLOURS, key=lambda colour: np.abs(np.median(inside, axis=0) - _COLOURS[colour]).sum())
    assert nearest == pair[0]


def test_fixed_scenes_are_fixed_and_all_different() -> None:
    assert len({scene.caption for scene in gallery()} | {scene.same_caption for scene in gallery()}) > 1_000
    assert len({scene.caption for scene in gallery()}) == 1_000
    for index in range(SHOWINGS):
        scene, captions = showing(index)
        assert len(set(captions)) == 4
        assert (scene.caption in captions) == (index % 3 == 0)
    for index in range(BATCHES):
        assert len({scene.caption for scene in batch(index)}) == 3
    assert gallery()[0].caption == showing_free_caption()


def showing_free_caption() -> str:
    """The first scene of the gallery, drawn again from its stream."""
    return any_scene(random.Random("clip gallery")).caption


def test_words_become_ids_with_a_start_and_an_end() -> None:
    assert END != 2, "transformers takes 2 for an old convention and looks for the largest id instead"
    (row,) = tokenize(["A red circle, left of zebras."]).tolist()
    words = [WORDS[i] for i in row[1:6]]
    assert row[0] == START
    assert words == ["a", "red", "circle", "left", "of"]
    assert row[6:8] == [UNKNOWN, END]
    assert set(row[8:]) == {PAD}
    assert tokenize(["a " * 50]).shape == (1, CONTEXT)
    assert tokenize(["a " * 50])[0, -1] == END
    assert unknown_words("A red zebra <end>") == ["zebra", "<end>"]
    assert len(set(WORDS)) == len(WORDS) < 64


def test_the_text_is_read_up_to_its_end() -> None:
    model = restore(weights.load("clip"))
    ids = tokenize(["a red circle"])
    longer = torch.cat([ids, torch.full((1, 0), PAD)], dim=1)
    padded = ids[:, :5]
    with torch.no_grad():
        a, b = (model.text_model(input_ids=one_ids).pooler_output for one_ids in (longer, padded))
    assert torch.allclose(a, b, atol=1e-5)


# --- Training ---------------------------------------------------------------------------------------------------------


def test_what_is_said_is_true_and_what_is_also_true_is_no_negative() -> None:
    chance = random.Random(1)
    for scene in scenes(400):
        text, key = clip_recipe.word(scene, chance)
        assert key in clip_recipe.true_keys(scene), text
        assert unknown_words(text) == []
        assert len(text.split()) + 2 <= CONTEXT
    red = said.place_single(random.Random(0), ("red", "circle"))
    other = said.place_single(random.Random(1), ("red", "star"))
    assert ("colour", "red") in clip_recipe.true_keys(other)
    assert clip_recipe._scene_key(red) not in clip_recipe.true_keys(other)
    mirrored = said.place_related(random.Random(0), ("red", "circle"), ("red", "star"), "left of")
    turned = said.place_related(random.Random(1), ("red", "star"), ("red", "circle"), "right of")
    assert clip_recipe._scene_key(mirrored) in clip_recipe.true_keys(turned)


def test_the_loss_is_the_models_own_where_nothing_is_masked() -> None:
    torch.manual_seed(0)
    model = tiny_clip()
    drawn = [said.place_single(random.Random(i), pair) for i, pair in enumerate((SEEN[0], SEEN[10], SEEN[30]))]
    pixels = torch.rand(3, 3, 64, 64)
    words = [(scene.caption, clip_recipe._scene_key(scene)) for scene in drawn]
    loss = clip_recipe.contrastive_loss(model, pixels, words, [clip_recipe.true_keys(scene) for scene in drawn])
    own = model(input_ids=tokenize([text for text, _ in words]), pixel_values=pixels, return_loss=True).loss
    assert float(loss.detach()) == pytest.approx(float(own.detach()), abs=1e-5)
    same = [*words[:2], words[0]]
    truths = [clip_recipe.true_keys(scene) for scene in (drawn[0], drawn[1], drawn[0])]
    masked = clip_recipe.contrastive_loss(model, pixels, same, truths)
    assert torch.isfinite(masked)


def test_the_first_iterations_are_the_same_to_the_bit() -> None:
    first, again = (clip_recipe.fit(lambda _: None, steps=3, scenes=320).state_dict() for _ in range(2))
    assert all(torch.equal(first[key], again[key]) for key in first)
    other = clip_recipe.fit(lambda _: None, steps=3, scenes=320, seed=1).state_dict()
    assert any(not torch.equal(first[key], other[key]) for key in first)


def test_the_card_says_how_it_was_made_and_what_it_can_do() -> None:
    card = weights.card("clip")
    assert train.RECIPES["clip"] == "labs.models.clip_recipe"
    assert (card["seed"], card["iterations"]) == (clip_recipe.SEED, clip_recipe.STEPS)
    assert card["weights"] == sum(parameter.numel() for parameter in tiny_clip().parameters())
    scores = card["scores"]
    assert scores["unseen_pairs"] >= 0.95
    assert scores["recall_at_5"] >= 0.95
    assert abs(scores["left_or_right"] - 0.5) < 0.1
    assert abs(scores["above_or_below"] - 0.5) < 0.1
    assert scores["unseen_colour"] > 0.98
    assert card["other_seeds"] == clip_recipe.OTHER_SEEDS
    assert len(card["other_seeds"]) >= 2
    for other in card["other_seeds"].values():
        assert other["unseen_pairs"] >= 0.95
        assert other["recall_at_5"] >= 0.95
        assert max(abs(other[key] - 0.5) for key in ("left_or_right", "above_or_below")) < 0.1
    assert (weights.FOLDER / "clip.safetensors").stat().st_size == card["bytes"] < 1_000_000


def test_the_weights_are_those_the_scores_were_measured_with() -> None:
    from labs.models import clip_scores

    model = restore(weights.load("clip"))
    assert clip_scores.zero_shot(model, each=100)["unseen_pairs"] == pytest.approx(
        weights.card("clip")["scores"]["unseen_pairs"], abs=0.01
    )
    stated = clip_scores.stated(model)
    card = weights.card("clip")["stated"]
    assert np.allclose(stated["showing_cosines"], card["showing_cosines"], atol=2e-3)  # type: ignore[arg-type]
    assert np.allclose(stated["batch_cosines"], card["batch_cosines"], atol=2e-3)  # type: ignore[arg-type]
    ranks, said_ranks = np.array(stated["gallery_ranks"]), np.array(card["gallery_ranks"])
    assert np.mean(ranks != said_ranks) < 0.02


def test_damaged_or_foreign_weights_are_refused(tmp_path: Path) -> None:
    for file in ("clip.toml", "clip.safetensors"):
        shutil.copy(weights.FOLDER / file, tmp_path)
    assert weights.load("clip", tmp_path).keys() == weights.load("clip").keys()
    data = bytearray((tmp_path / "clip.safetensors").read_bytes())
    data[-1] ^= 1
    (tmp_path / "clip.safetensors").write_bytes(data)
    with pytest.raises(weights.WeightsDamaged, match="sha256"):
        weights.load("clip", tmp_path)
    with pytest.raises(ValueError, match="not the weights of the tiny CLIP"):
        restore({"logit_scale": torch.tensor(1.0)})
