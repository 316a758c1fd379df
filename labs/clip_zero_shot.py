"""Solving the CLIP lab's questions on zero-shot use: captions that win, prompts, pairs never seen together."""

from __future__ import annotations

import random
from collections.abc import Sequence

import torch

from labs.clip_scenes import as_list, embed_set, picture_of, see, share, strip, vocabulary_note
from labs.clip_space import Compared, classify, compare, put_labels
from labs.evidence import shape_text, source_of
from labs.models.clip_checkpoint import checkpoint
from labs.problems.clip_captions import unsure_showing
from labs.problems.clip_common import showing_of
from labs.problems.clip_prompts import SHOWN, prompts_of
from labs.protocol import Evidence, Problem, Progress, Table
from labs.scenes.captions import (
    COLOURS,
    HELD_OUT,
    PAIRS,
    RELATIONS,
    SEEN,
    SHAPES,
    Pair,
    Scene,
    name,
    one,
    place_alike,
    place_related,
    place_single,
    put,
)
from labs.scenes.showings import showing


def solve_caption(problem: Problem, progress: Progress) -> Evidence:
    """The caption whose embedding lies nearest to the picture's."""
    clip = checkpoint(str(problem.params["model"]))
    seen = see(problem, clip, showing_of(problem.seed))
    progress(0.4, "comparing")
    found = compare(clip, [seen.image], problem.options)
    winner = problem.options[int(found.logits[0].argmax())]
    chance = float(found.probabilities[0].max())
    return Evidence(
        value=winner,
        derivation=(
            *seen.notes,
            *vocabulary_note(clip, problem.options),
            *_shapes(found),
            f"The largest of {len(problem.options)} cosines is that of “{winner}”: {float(found.cosines.max()):.3f}",
        ),
        tables=(captions_table(found, problem.options),),
        pictures=(seen.shown(f"{seen.content}: “{winner}” wins with {chance:.1%}"),),
        code=source_of(compare),
        facts={"probabilities": as_list(found.probabilities[0]), "cosines": as_list(found.cosines[0])},
    )


def solve_probability(problem: Problem, progress: Progress) -> Evidence:
    """Softmax over the logits of one picture."""
    clip = checkpoint()
    index, asked = unsure_showing(problem.seed)
    scene, captions = showing(index)
    image = picture_of(scene, "showing", index)
    progress(0.4, "comparing")
    found = compare(clip, [image], captions)
    logit, chance = float(found.logits[0, asked]), float(found.probabilities[0, asked])
    return Evidence(
        value=100 * chance,
        unit="%",
        derivation=(
            *_shapes(found),
            f"logit: {float(found.cosines[0, asked]):.3f} × {found.scale:.2f} = {logit:.2f}",
            f"softmax: exp({logit:.2f}) / sum of the four = {chance:.4f}",
        ),
        tables=(captions_table(found, captions),),
        pictures=(strip([image], ["the picture"], "picture", f"The picture: {scene.caption}", scene.caption),),
        code=source_of(compare),
        facts={
            "probabilities": as_list(found.probabilities[0]),
            "cosines": as_list(found.cosines[0]),
            "asked": asked,
            "scale": found.scale,
        },
    )


def solve_unseen(problem: Problem, progress: Progress) -> Evidence:
    """The share of new pictures whose nearest label is right, for pairs seen together or held out."""
    clip = checkpoint()
    pairs = HELD_OUT if problem.params["pairs"] == "unseen" else SEEN
    labels = str(problem.params["labels"])
    truth = [pair for pair in pairs for _ in range(112 // len(pairs))]
    scenes = _singles(truth, f"zero-shot {problem.params['pairs']}")
    pictures = embed_set(clip, f"zero-shot {problem.params['pairs']}", scenes, progress)
    prompts, right = {
        "pairs": ([one(pair) for pair in PAIRS], [PAIRS.index(pair) for pair in truth]),
        "colours": ([f"something {colour}" for colour in COLOURS], [COLOURS.index(pair[0]) for pair in truth]),
        "shapes": ([f"a {shape}" for shape in SHAPES], [SHAPES.index(pair[1]) for pair in truth]),
    }[labels]
    progress(0.95, "classifying")
    classifier = put_labels(clip, [prompts])
    found = classify(pictures, classifier)
    hits = found == torch.tensor(right)
    wrong = [i for i, hit in enumerate(hits.tolist()) if not hit]
    shown = (wrong + list(range(0, len(truth), len(truth) // 5)))[:5]
    return Evidence(
        value=share(hits),
        unit="%",
        derivation=(
            f"{shape_text(pictures.shape)} @ {shape_text(classifier.T.shape)} -> "
            f"({len(truth)}, {len(prompts)}): a cosine for each picture and label",
            f"the nearest label is right for {int(hits.sum())} of {len(truth)} pictures = {share(hits):.1f}%",
            f"guessing among {len(prompts)} labels: {100 / len(prompts):.1f}%",
        ),
        tables=(
            Table(
                "Wrong ones" if wrong else "No wrong ones",
                ("picture", "nearest label"),
                tuple((one(truth[i]), prompts[int(found[i])]) for i in wrong[:12]),
            ),
        ),
        pictures=(
            strip(
                [picture_of(scenes[i], f"zero-shot {problem.params['pairs']}", i) for i in shown],
                [prompts[int(found[i])] for i in shown],
                "named",
                "Pictures and their nearest labels, the wrong ones first",
                "; ".join(f"{one(truth[i])}, named “{prompts[int(found[i])]}”" for i in shown),
            ),
        ),
        code=source_of(classify),
        facts={"chance": 1 / len(prompts)},
    )


def solve_prompts(problem: Problem, progress: Progress) -> Evidence:
    """The share of pictures named right with the learner's template."""
    template = str(problem.params["template"])
    ways: dict[str, tuple[str, ...]] = {f"“{template}”": (template,), "“a {}”": ("a {}",)}
    evidence, shares = _compared_prompts(problem, progress, ways)
    return Evidence(
        value=shares[0],
        unit="%",
        derivation=evidence.derivation,
        tables=evidence.tables,
        pictures=evidence.pictures,
        code=evidence.code,
        facts={"plain": shares[-1]},
    )


def solve_ensemble(problem: Problem, progress: Progress) -> Evidence:
    """The way of putting the labels that names most pictures right."""
    evidence, shares = _compared_prompts(problem, progress, {option: prompts_of(option) for option in problem.options})
    return Evidence(
        value=problem.options[shares.index(max(shares))],
        derivation=evidence.derivation,
        tables=evidence.tables,
        pictures=evidence.pictures,
        code=evidence.code,
        facts={"accuracies": [repr(one) for one in shares]},
    )


def _compared_prompts(
    problem: Problem, progress: Progress, ways: dict[str, tuple[str, ...]]
) -> tuple[Evidence, list[float]]:
    """How many of the same pictures each way of putting the 64 labels names right, in percent."""
    clip = checkpoint(str(problem.params["model"]))
    shown_kind = str(problem.params["shown"])
    truth = [pair for pair in PAIRS for _ in range(2 if clip.tiny else 1)]
    scenes = scenes_shown(shown_kind, truth)
    pictures = embed_set(clip, f"prompts {shown_kind}", scenes, progress)
    right = torch.tensor([PAIRS.index(pair) for pair in truth])
    shares, rows, found = [], [], right
    for count, (way, templates) in enumerate(ways.items()):
        progress(0.9 + 0.1 * count / len(ways), f"putting the labels as {way}")
        classifier = put_labels(clip, [[put(template, pair) for pair in PAIRS] for template in templates])
        named = classify(pictures, classifier)
        found = named if count == 0 else found
        shares.append(share(named == right))
        rows.append((way, put(templates[0], PAIRS[4]), f"{shares[-1]:.1f}%"))
    shown = list(range(0, len(truth), len(truth) // 5))[:5]
    every = [template for templates in ways.values() for template in templates]
    return (
        Evidence(
            value=0,
            derivation=(
                *vocabulary_note(clip, [put(template, PAIRS[0]) for template in every]),
                f"{len(truth)} pictures, two of each pair" if clip.tiny else f"{len(truth)} pictures, one of each pair",
                f"{shape_text(pictures.shape)} @ ({pictures.shape[1]}, 64) -> ({len(truth)}, 64): 64 cosines each",
                *(f"{way}: {percent}" for way, _, percent in rows),
            ),
            tables=(Table("Named right", ("prompts", "for instance", "right"), tuple(rows)),),
            pictures=(
                strip(
                    [picture_of(scenes[i], f"prompts {shown_kind}", i) for i in shown],
                    [name(PAIRS[int(found[i])]) for i in shown],
                    "named",
                    f"Some of the pictures, as named with {next(iter(ways))}",
                    "; ".join(f"{one(truth[i])}, named {name(PAIRS[int(found[i])])}" for i in shown),
                ),
            ),
            code=source_of(put_labels),
        ),
        shares,
    )


def scenes_shown(kind: str, pairs: Sequence[Pair]) -> list[Scene]:
    """Scenes that show each of the pairs alone, three times, or beside a red star (a red star: beside a blue ring)."""
    if kind == SHOWN[0]:
        return _singles(pairs, "prompts")
    scenes = []
    for index, pair in enumerate(pairs):
        chance = random.Random(f"clip prompts {kind}:{index}")
        other = ("blue", "ring") if pair == ("red", "star") else ("red", "star")
        beside = kind == SHOWN[2]
        scenes.append(
            place_related(chance, pair, other, chance.choice(RELATIONS)) if beside else place_alike(chance, pair, 3)
        )
    return scenes


def captions_table(found: Compared, captions: Sequence[str]) -> Table:
    """Cosine, logit and probability of each caption of one picture."""
    return Table(
        "One picture, its captions",
        ("caption", "cosine", f"logit (× {found.scale:.2f})", "probability"),
        tuple(
            (caption, f"{cosine:.3f}", f"{logit:.2f}", f"{chance:.2%}")
            for caption, cosine, logit, chance in zip(
                captions,
                found.cosines[0].tolist(),
                found.logits[0].tolist(),
                found.probabilities[0].tolist(),
                strict=True,
            )
        ),
    )


def _shapes(found: Compared) -> tuple[str, ...]:
    pictures, texts = found.shapes
    return (
        f"picture -> {shape_text(pictures)}, captions -> {shape_text(texts)}, each of length 1",
        f"{shape_text(pictures)} @ {shape_text(texts[::-1])} -> {shape_text(found.cosines.shape)}: the cosines",
        f"times exp(logit_scale) = {found.scale:.2f}: the logits",
    )


def _singles(pairs: Sequence[Pair], salt: str) -> list[Scene]:
    return [place_single(random.Random(f"clip {salt}:{i}"), pair) for i, pair in enumerate(pairs)]
