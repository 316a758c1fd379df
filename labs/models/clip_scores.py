"""What the tiny CLIP can and cannot do, measured on scenes it was not trained on; the scores of its card."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import numpy as np
import torch
from torch import Tensor

from labs.models.clip_model import CLIPModel, to_pixel_values, tokenize
from labs.scenes import showings
from labs.scenes.captions import (
    COLOURS,
    HELD_OUT,
    NUMBERS,
    OPPOSITE,
    PAIRS,
    SEEN,
    SHAPES,
    Pair,
    Relation,
    Scene,
    many,
    one,
    place_alike,
    place_related,
    place_single,
)
from labs.scenes.shapes import draw_scene

Place = Callable[[random.Random], Scene]
_BATCH: Final = 100


@torch.no_grad()
def embed_scenes(model: CLIPModel, scenes: Sequence[Scene], name: str) -> Tensor:
    """Scenes drawn and embedded on the unit sphere: n scenes -> (n, 64)."""
    pictures = np.stack([draw_scene(scene, showings.ground(name, i)) for i, scene in enumerate(scenes)])
    rows = [
        _pooled(model.get_image_features(pixel_values=to_pixel_values(pictures[start : start + _BATCH])))
        for start in range(0, len(pictures), _BATCH)
    ]
    return _unit(torch.cat(rows))


@torch.no_grad()
def embed_texts(model: CLIPModel, texts: Sequence[str]) -> Tensor:
    """n texts -> (n, 64) on the unit sphere."""
    return _unit(_pooled(model.get_text_features(input_ids=tokenize(texts))))


def measure(model: CLIPModel, report: Callable[[str], None]) -> dict[str, float]:
    """All scores of the card."""
    scores = {**zero_shot(model), **weaknesses(model), **retrieval(model)}
    report(", ".join(f"{key} {value:.3f}" for key, value in scores.items()))
    return scores


def zero_shot(model: CLIPModel, each: int = 100) -> dict[str, float]:
    """Shares of right captions among all 64 pairs: pairs never seen together, seen pairs, and by wording."""
    scores: dict[str, float] = {}
    for key, pairs, number in (("unseen_pairs", HELD_OUT, each), ("seen_pairs", SEEN, max(1, each // 7))):
        truth = [pair for pair in pairs for _ in range(number)]
        scenes = [place_single(random.Random(f"clip:{key}:{i}"), pair) for i, pair in enumerate(truth)]
        pictures = embed_scenes(model, scenes, f"{key}")
        found = [PAIRS[i] for i in (pictures @ embed_texts(model, [one(p) for p in PAIRS]).T).argmax(dim=1)]
        scores[key] = _share(a == b for a, b in zip(found, truth, strict=True))
        if key == "unseen_pairs":
            scores["unseen_colour"] = _share(a[0] == b[0] for a, b in zip(found, truth, strict=True))
            scores["unseen_shape"] = _share(a[1] == b[1] for a, b in zip(found, truth, strict=True))
            for wording in ("{} {}", "a photo of a {} {}", "something {}, a {}"):
                texts = embed_texts(model, [wording.format(*pair) for pair in PAIRS])
                right = [PAIRS[i] for i in (pictures @ texts.T).argmax(dim=1)]
                label = wording.format("colour", "shape").replace(",", "").replace(" ", "_")
                scores[f"unseen_pairs_as_{label}"] = _share(a == b for a, b in zip(right, truth, strict=True))
    for key, words, wording, axis in (("colour_alone", COLOURS, "something {}", 0), ("shape_alone", SHAPES, "a {}", 1)):
        truth = [random.Random(f"clip:{key}:pair:{i}").choice(PAIRS) for i in range(400)]
        scenes = [place_single(random.Random(f"clip:{key}:{i}"), pair) for i, pair in enumerate(truth)]
        similar = embed_scenes(model, scenes, f"{key}") @ embed_texts(model, [wording.format(w) for w in words]).T
        scores[key] = _share(words[i] == pair[axis] for i, pair in zip(similar.argmax(dim=1), truth, strict=True))
    return scores


def weaknesses(model: CLIPModel, number: int = 400) -> dict[str, float]:
    """Shares of right picks where an embedding of a whole picture is known to fail."""
    scores: dict[str, float] = {}
    by_number = []
    for count in range(1, 6):
        pairs = _some_pairs(f"count {count}", number // 4)
        scenes = [place_alike(random.Random(f"clip:count:{count}:{i}"), pair, count) for i, pair in enumerate(pairs)]
        pictures = embed_scenes(model, scenes, f"count:{count}")
        texts = [many(pair, n) if n > 1 else one(pair) for pair in pairs for n in range(1, 6)]
        picked = _picked(pictures, embed_texts(model, texts), 5)
        scores[f"counting_{NUMBERS[count - 1]}"] = _share(i == count - 1 for i in picked)
        by_number.append(scores[f"counting_{NUMBERS[count - 1]}"])
    scores["counting"] = sum(by_number) / 5
    relations: tuple[tuple[str, tuple[Relation, Relation]], ...] = (
        ("left_or_right", ("left of", "right of")),
        ("above_or_below", ("above", "below")),
    )
    for key, both in relations:
        scenes = _related(key, number, both)
        pictures = embed_scenes(model, scenes, f"{key}")
        texts = []
        for scene in scenes:
            assert scene.relation
            first, second = (thing.pair for thing in scene.things)
            texts += [scene.caption, f"{one(first)} {OPPOSITE[scene.relation]} {one(second)}"]
        scores[key] = _share(i == 0 for i in _picked(pictures, embed_texts(model, texts), 2))
    scenes = _related("binding", number, ("left of", "right of", "above", "below"))
    pictures = embed_scenes(model, scenes, "binding")
    texts = []
    for scene in scenes:
        (colour_a, shape_a), (colour_b, shape_b) = (thing.pair for thing in scene.things)
        texts += [
            f"{one((colour_a, shape_a))} and {one((colour_b, shape_b))}",
            f"{one((colour_b, shape_a))} and {one((colour_a, shape_b))}",
        ]
    scores["binding"] = _share(i == 0 for i in _picked(pictures, embed_texts(model, texts), 2))
    return scores


def retrieval(model: CLIPModel) -> dict[str, float]:
    """Shares of captions whose picture is among the first k of the gallery."""
    ranks = gallery_ranks(model)
    return {f"recall_at_{k}": _share(rank <= k for rank in ranks) for k in (1, 5, 10)}


def gallery_ranks(model: CLIPModel) -> list[int]:
    """At which rank, from 1, each caption of the gallery finds its own picture."""
    scenes = showings.gallery()
    similar = embed_texts(model, [scene.caption for scene in scenes]) @ embed_scenes(model, scenes, "gallery").T
    return [1 + int(ahead) for ahead in (similar > similar.diagonal()[:, None]).sum(dim=1)]


def stated(model: CLIPModel) -> dict[str, object]:
    """What problems of the lab state about the fixed scenes: cosines to three decimals, ranks, the logit scale."""
    cosines, leads = [], []
    for index in range(showings.SHOWINGS):
        scene, captions = showings.showing(index)
        picture = to_pixel_values(draw_scene(scene, showings.ground("showing", index))[None])
        exact = _cosines(model, picture, captions)[0]
        best, second = exact.sort(descending=True).values[:2]
        cosines.append(_rounded(exact))
        leads.append(float(f"{float((model.logit_scale.exp() * (best - second)).exp()):.3g}"))
    batches = []
    for index in range(showings.BATCHES):
        scenes = showings.batch(index)
        drawn = np.stack([draw_scene(s, showings.ground(f"batch {index}", i)) for i, s in enumerate(scenes)])
        exact = _cosines(model, to_pixel_values(drawn), [scene.caption for scene in scenes])
        batches.append([_rounded(row) for row in exact])
    return {
        "logit_scale": round(float(model.logit_scale.exp()), 2),
        "showing_cosines": cosines,
        "showing_leads": leads,
        "batch_cosines": batches,
        "gallery_ranks": gallery_ranks(model),
    }


@torch.no_grad()
def _cosines(model: CLIPModel, pictures: Tensor, captions: Sequence[str]) -> Tensor:
    output = model(input_ids=tokenize(captions), pixel_values=pictures)
    cosines: Tensor = output.image_embeds @ output.text_embeds.T
    return cosines


def _rounded(row: Tensor) -> list[float]:
    return [round(float(cosine), 3) for cosine in row]


def _some_pairs(salt: str, number: int) -> list[Pair]:
    return [random.Random(f"clip:{salt}:pair:{i}").choice(SEEN) for i in range(number)]


def _related(salt: str, number: int, relations: Sequence[Relation]) -> list[Scene]:
    """Two things of different colours and different shapes, of pairs that stay seen when their colours are swapped."""
    chance = random.Random(f"clip:{salt}")
    scenes: list[Scene] = []
    while len(scenes) < number:
        a, b = chance.sample(SEEN, 2)
        if a[0] != b[0] and a[1] != b[1] and {(a[0], b[1]), (b[0], a[1])} <= set(SEEN):
            scenes.append(place_related(chance, a, b, chance.choice(relations)))
    return scenes


def _picked(pictures: Tensor, texts: Tensor, options: int) -> list[int]:
    """Which of its own options each picture is nearest to: (n, d), (n * options, d) -> n."""
    similar = torch.einsum("nd,nod->no", pictures, texts.reshape(-1, options, texts.shape[1]))
    return [int(i) for i in similar.argmax(dim=1)]


def _pooled(output: object) -> Tensor:
    """The projected embedding, which some versions of transformers wrap in an output object."""
    found = getattr(output, "pooler_output", output)
    assert isinstance(found, Tensor)
    return found


def _unit(rows: Tensor) -> Tensor:
    unit: Tensor = rows / rows.norm(dim=1, keepdim=True)
    return unit


def _share(hits: Iterable[bool]) -> float:
    found = list(hits)
    return sum(found) / len(found)
