"""Solving the CLIP lab's questions on where the shared space breaks."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from labs.clip_scenes import as_list, embed_set, picture_of, pictures_of, share, strip
from labs.clip_space import choose, linear_probe
from labs.evidence import shape_text, source_of
from labs.exercise import stream
from labs.models.clip_checkpoint import Checkpoint, checkpoint
from labs.problems.clip_limits import (
    BANDS,
    KNOWS_FROM,
    READERS,
    binding_captions,
    binding_scene,
    example,
)
from labs.protocol import Evidence, Problem, Progress, Table
from labs.scenes.captions import (
    COLOURS,
    NUMBERS,
    OPPOSITE,
    SEEN,
    SHAPES,
    Scene,
    many,
    one,
    place_alike,
    place_related,
    place_single,
)

_PROBED = (500, 300)
"""Pictures a probe learns from, and those it is measured on."""


def solve_breaks(problem: Problem, progress: Progress) -> Evidence:
    """How often the true one of two captions wins that differ in one thing."""
    clip = checkpoint(str(problem.params["model"]))
    task = str(problem.params["task"])
    return _judged(clip, task, example(task, problem.seed), progress)


def solve_counting(problem: Problem, progress: Progress) -> Evidence:
    """How often each number of things wins among the captions of one to five."""
    clip = checkpoint(str(problem.params["model"]))
    count = int(problem.params["count"])
    each = 100 if clip.tiny else 12
    shares, tables = [], []
    for shown in range(1, 6):
        pairs = [random.Random(f"clip counting {shown} pair:{i}").choice(SEEN) for i in range(each)]
        scenes = [place_alike(random.Random(f"clip counting {shown}:{i}"), pair, shown) for i, pair in enumerate(pairs)]
        pictures = embed_set(clip, f"counting {shown}", scenes, progress)
        progress(0.1 + 0.16 * shown, f"{NUMBERS[shown - 1]} things")
        picked = choose(pictures, _numbered_captions(clip)[[SEEN.index(pair) for pair in pairs]])
        shares.append(share(picked == shown - 1))
        tables.append([int((picked == other).sum()) for other in range(5)])
        if shown == count:
            asked = scenes[:5], [NUMBERS[int(i)] for i in picked[:5]]
    return Evidence(
        value=shares[count - 1],
        unit="%",
        derivation=(
            f"({each}, {pictures.shape[1]}) with ({each}, 5, {pictures.shape[1]}) -> ({each}, 5): five cosines each",
            *(f"{NUMBERS[i]}: named right in {value:.0f}%" for i, value in enumerate(shares)),
            "guessing: 20%",
        ),
        tables=(
            Table(
                "How often each number was chosen",
                ("on the picture", *NUMBERS),
                tuple((NUMBERS[i], *map(str, row)) for i, row in enumerate(tables)),
            ),
        ),
        pictures=(
            strip(
                [picture_of(scene, f"counting {count}", i) for i, scene in enumerate(asked[0])],
                [f"named {word}" for word in asked[1]],
                "counted",
                f"Pictures of {NUMBERS[count - 1]}, and the number that won",
                "; ".join(scene.caption for scene in asked[0]),
            ),
        ),
        code=source_of(choose),
        facts={"by_number": [repr(value) for value in shares]},
    )


def solve_binding(problem: Problem, progress: Progress) -> Evidence:
    """Whether the true caption or the one with swapped colours lies nearer to this picture."""
    clip = checkpoint(str(problem.params["model"]))
    scene = binding_scene(problem.seed)
    options = binding_captions(problem.seed)
    overall = _judged(clip, "which has which", example("which has which", problem.seed), progress)
    progress(0.95, "this picture")
    image = picture_of(scene, "binding", problem.seed)
    picture, captions = clip.embed_pictures([image]), clip.embed_texts(options)
    cosines = (picture @ captions.T)[0]
    winner = options[int(choose(picture, captions[None])[0])]
    first, second = (thing.pair for thing in scene.things)
    true = f"{one(first)} and {one(second)}"
    return Evidence(
        value=winner,
        derivation=(
            f"{shape_text(picture.shape)} @ {shape_text(captions.T.shape)} -> (1, 2)",
            *(f"“{option}”: {cosine:.4f}" for option, cosine in zip(options, cosines.tolist(), strict=True)),
            f"nearest: “{winner}”, {'the true one' if winner == true else 'the swapped one'}",
            f"over {int(str(overall.facts['pictures']))} such pictures the true caption wins in "
            f"{float(str(overall.facts['accuracy'])):.0f}%",
        ),
        pictures=(strip([image], ["the picture"], "picture", scene.caption, scene.caption),),
        code=source_of(choose),
        facts={**overall.facts, "true": true, "cosines": as_list(cosines)},
    )


def solve_probe(problem: Problem, progress: Progress) -> Evidence:
    """R² of a linear probe from the patch tokens and from the embedding."""
    clip = checkpoint()
    target_name = str(problem.params["target"])
    learn, _ = _PROBED
    progress(0.05, "features of the pictures")
    patches, embedding, scenes = _features(clip, progress)
    colour = stream(problem.seed, "colour").choice(COLOURS)
    random_numbers = np.random.default_rng(problem.seed % 2**63).standard_normal(len(scenes))
    target = torch.tensor(
        [
            {
                "across": scene.things[0].x,
                "down": scene.things[0].y,
                "colour": float(scene.things[0].pair[0] == colour),
                "size": scene.things[0].radius,
                "chance": float(random_numbers[i]),
            }[target_name]
            for i, scene in enumerate(scenes)
        ]
    )
    progress(0.9, "two linear probes")
    r2 = [linear_probe((x[:learn], target[:learn]), (x[learn:], target[learn:])) for x in (patches, embedding)]
    knows = [value >= KNOWS_FROM for value in r2]
    value = READERS[0] if all(knows) else READERS[1] if knows[0] else READERS[2] if knows[1] else READERS[3]
    return Evidence(
        value=value,
        derivation=(
            f"{len(scenes)} pictures of one thing: {learn} to learn from, {len(scenes) - learn} to measure on",
            f"second-last layer (b, 1+64, 96) -> without the class token (b, 64, 96) -> {shape_text(patches.shape)}",
            f"class token -> norm -> projection -> {shape_text(embedding.shape)}",
            f"R² from the patch tokens {r2[0]:.3f}, from the embedding {r2[1]:.3f}: {value}",
        ),
        tables=(
            Table("A linear probe", ("reads", "R²"), (("patch tokens", f"{r2[0]:.3f}"), ("embedding", f"{r2[1]:.3f}"))),
        ),
        pictures=(
            strip(
                [picture_of(scene, "probe", i) for i, scene in enumerate(scenes[:5])],
                [f"{value:.1f}" for value in target[:5].tolist()],
                "probed",
                "Some of the pictures and the number the probe is to read",
                "; ".join(scene.caption for scene in scenes[:5]),
            ),
        ),
        code=source_of(linear_probe),
        facts={"r2_patches": r2[0], "r2_embedding": r2[1]},
    )


def _judged(clip: Checkpoint, task: str, shown: tuple[str, str], progress: Progress) -> Evidence:
    """The share of a fixed set of pictures whose true caption beats the other one."""
    scenes, captions = task_set(task, 120 if clip.tiny else 40)
    pictures = embed_set(clip, f"task {task}", scenes, progress)
    progress(0.95, "choosing between two captions")
    texts = _task_captions(clip, task, len(scenes))
    right = choose(pictures, texts) == 0
    accuracy = share(right)
    wrong_first = right.to(torch.int64).argsort(stable=True)[:5].tolist()
    return Evidence(
        value=BANDS[0] if accuracy < 60 else BANDS[1] if accuracy <= 90 else BANDS[2],
        derivation=(
            f"{shape_text(pictures.shape)} with {shape_text(texts.shape)} -> ({len(scenes)}, 2): two cosines a picture",
            f"captions such as “{shown[0]}” against “{shown[1]}”",
            f"the true one wins for {int(right.sum())} of {len(scenes)} pictures = {accuracy:.1f}%; guessing: 50%",
        ),
        tables=(
            Table(
                "Some of the pictures",
                ("true caption", "other caption", "won"),
                tuple((*captions[i], "true" if right[i] else "other") for i in wrong_first),
            ),
        ),
        pictures=(
            strip(
                [picture_of(scenes[i], f"task {task}", i) for i in wrong_first],
                ["true won" if right[i] else "other won" for i in wrong_first],
                "judged",
                "Some of the pictures, the misjudged ones first",
                "; ".join(captions[i][0] for i in wrong_first),
            ),
        ),
        code=source_of(choose),
        facts={"accuracy": accuracy, "pictures": len(scenes)},
    )


def task_set(task: str, count: int) -> tuple[list[Scene], list[tuple[str, str]]]:
    """Fixed scenes of a task, each with its true caption and the other one."""
    scenes, captions = [], []
    for index in range(count):
        chance = random.Random(f"clip task {task}:{index}")
        scenes.append(_task_scene(task, chance))
        captions.append(_task_captions_of(task, scenes[-1], chance))
    return scenes, captions


def _task_captions_of(task: str, scene: Scene, chance: random.Random) -> tuple[str, str]:
    first, last = scene.things[0].pair, scene.things[-1].pair
    match task:
        case "colour":
            other = one((chance.choice([colour for colour in COLOURS if colour != first[0]]), first[1]))
        case "shape":
            other = one((first[0], chance.choice([shape for shape in SHAPES if shape != first[1]])))
        case "one or many":
            other = many(first, 4) if len(scene.things) == 1 else one(first)
        case "four or five":
            other = many(first, 9 - len(scene.things))
        case "which has which":
            return f"{one(first)} and {one(last)}", f"{one((last[0], first[1]))} and {one((first[0], last[1]))}"
        case _:
            assert scene.relation
            other = f"{one(first)} {OPPOSITE[scene.relation]} {one(last)}"
    return scene.caption, other


def _task_scene(task: str, chance: random.Random) -> Scene:
    a, b = chance.sample(SEEN, 2)
    while a[0] == b[0] or a[1] == b[1] or not {(a[0], b[1]), (b[0], a[1])} <= set(SEEN):
        a, b = chance.sample(SEEN, 2)
    match task:
        case "colour" | "shape":
            return place_single(chance, a)
        case "one or many":
            return place_alike(chance, a, chance.choice((1, 4)))
        case "four or five":
            return place_alike(chance, a, chance.choice((4, 5)))
        case "left or right":
            return place_related(chance, a, b, chance.choice(("left of", "right of")))
        case "above or below":
            return place_related(chance, a, b, chance.choice(("above", "below")))
        case _:
            return place_related(chance, a, b, chance.choice(("left of", "right of", "above", "below")))


@lru_cache(maxsize=16)
def _task_captions(clip: Checkpoint, task: str, count: int) -> Tensor:
    """(b, 2, d): the true caption of each picture, and the other one."""
    _, captions = task_set(task, count)
    embedded = clip.embed_texts([caption for both in captions for caption in both])
    return embedded.reshape(count, 2, -1)


@lru_cache(maxsize=2)
def _numbered_captions(clip: Checkpoint) -> Tensor:
    """(56, 5, d): the captions of one to five things of each pair of the training."""
    texts = [one(pair) if count == 1 else many(pair, count) for pair in SEEN for count in range(1, 6)]
    return clip.embed_texts(texts).reshape(len(SEEN), 5, -1)


_probe_kept: list[tuple[Tensor, Tensor, Sequence[Scene]]] = []


@torch.no_grad()
def _features(clip: Checkpoint, progress: Progress) -> tuple[Tensor, Tensor, Sequence[Scene]]:
    """Patch tokens (b, 64 * 96) and embeddings (b, 64) of the probe's pictures; worked out once a worker."""
    if not _probe_kept:
        scenes = []
        for index in range(sum(_PROBED)):
            chance = random.Random(f"clip probe:{index}")
            scenes.append(place_single(chance, chance.choice(SEEN)))
        pictures = pictures_of(scenes, "probe")
        tokens = []
        for start in range(0, len(pictures), 50):
            progress(0.1 + 0.7 * start / len(pictures), f"tokens of {len(pictures)} pictures")
            pixels = clip.to_pixels(pictures[start : start + 50])
            layers = clip.model.vision_model(pixel_values=pixels, output_hidden_states=True).hidden_states
            tokens.append(layers[-2][:, 1:].flatten(1))  # (b, 1+n, 96) -> (b, n, 96) -> (b, n * 96)
        _probe_kept.append((torch.cat(tokens), clip.embed_pictures(pictures), scenes))
    return _probe_kept[0]
