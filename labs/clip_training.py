"""Solving the CLIP lab's questions on temperature, the similarity matrix, its negatives and the contrastive loss."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator

import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from labs.clip_scenes import as_list, embed_set, heat_map, picture_of, pictures_of, see, strip, vocabulary_note
from labs.clip_space import compare, own_loss
from labs.clip_zero_shot import captions_table
from labs.evidence import shape_text, source_of
from labs.exercise import stream
from labs.models.clip_checkpoint import Checkpoint, checkpoint
from labs.problems.clip_batch import MOST_PICTURES, batch_of, entry_of
from labs.problems.clip_common import own_captions, showing_of
from labs.problems.clip_temperature import CHANGES, MOVES, leads, undecided_showing
from labs.protocol import Curve, Evidence, Picture, Problem, Progress, Table
from labs.scenes.showings import batch, gallery, showing


@contextlib.contextmanager
def logit_scale(clip: Checkpoint, parameter: float) -> Iterator[None]:
    """The model with another value of its parameter logit_scale, for the time being."""
    kept = clip.model.logit_scale.data.clone()
    clip.model.logit_scale.data.fill_(parameter)
    try:
        yield
    finally:
        clip.model.logit_scale.data.copy_(kept)


def log_odds(logits: Tensor, at: int) -> Tensor:
    """ln p / (1 - p) of one of the captions, exact even where p is nearly 0 or 1: (t,) -> ()."""
    others = torch.cat([logits[:at], logits[at + 1 :]])  # (t - 1,)
    return logits[at] - others.logsumexp(dim=0)


def solve_temperature(problem: Problem, progress: Progress) -> Evidence:
    """Run the model before and after the change and compare the probability."""
    clip = checkpoint(str(problem.params["model"]))
    index = undecided_showing(problem.seed)
    captions = own_captions(problem.params) or showing(index)[1]
    seen = see(problem, clip, index)
    change = str(problem.params["change"])
    progress(0.3, "comparing, before and after")
    before = compare(clip, [seen.image], captions)
    stored = float(clip.model.logit_scale)
    with logit_scale(clip, stored + math.log({"double": 2, "halve": 0.5, "cooler": 4, "warmer": 0.25}.get(change, 1))):
        after = compare(clip, [seen.image], captions)
    new_logits = after.logits + (5 if change == "add" else 0)
    chances, new_chances = (logits.double().softmax(dim=1)[0] for logits in (before.logits, new_logits))
    winner = problem.params["asked"] == "winner"
    at = int(before.logits[0].argmax() if winner else before.logits[0].argmin())
    was, now = float(chances[at]), float(new_chances[at])
    apart = float(log_odds(new_logits[0], at) - log_odds(before.logits[0], at))
    moved = MOVES[2] if abs(apart) < 1e-4 else MOVES[0] if apart > 0 else MOVES[1]
    temperatures = torch.logspace(-2.3, 0, 40)
    curves = (before.cosines / temperatures[:, None]).softmax(dim=1)  # (40, t)
    return Evidence(
        value=moved,
        derivation=(
            *seen.notes,
            *vocabulary_note(clip, captions),
            f"logits {shape_text(before.logits.shape)} before: {_listed(before.logits[0].tolist())}",
            f"after, where {CHANGES[change]}: {_listed(new_logits[0].tolist())}",
            f"the probability of “{captions[at]}” goes from {was:.4g} to {now:.4g}: {moved}",
        ),
        tables=(captions_table(before, captions),),
        pictures=(seen.shown(seen.content),),
        curves=(
            Curve(
                title="Probability of each caption against the temperature",
                x_label="temperature (1 / logit scale)",
                y_label="probability",
                x=tuple(temperatures.tolist()),
                series={caption: tuple(curves[:, i].tolist()) for i, caption in enumerate(captions)},
            ),
        ),
        code=source_of(compare),
        facts={"before": was, "after": now, "temperature": 1 / before.scale},
    )


def solve_odds(problem: Problem, progress: Progress) -> Evidence:
    """The ratio of the two best probabilities under another logit scale."""
    clip = checkpoint()
    factor = float(problem.params["factor"])
    index, _ = stream(problem.seed, "showing").choice([(i, o) for i, o in leads() if 1.2 <= o**factor <= 2_000])
    scene, captions = showing(index)
    image = picture_of(scene, "showing", index)
    progress(0.4, "comparing, before and after")
    before = compare(clip, [image], captions)
    with logit_scale(clip, float(clip.model.logit_scale) + math.log(factor)):
        after = compare(clip, [image], captions)
    first, second = before.logits[0].topk(2).indices.tolist()
    was = float(before.probabilities[0, first] / before.probabilities[0, second])
    now = float(after.probabilities[0, first] / after.probabilities[0, second])
    gap = float(before.cosines[0, first] - before.cosines[0, second])
    return Evidence(
        value=now,
        unit="times",
        derivation=(
            f"cosines {shape_text(before.cosines.shape)}: the two best are {gap:.4f} apart",
            f"before: exp({before.scale:.2f} × {gap:.4f}) = {was:.4g}",
            f"after: exp({after.scale:.2f} × {gap:.4f}) = {now:.4g}, which is {was:.4g} to the power of {factor:g}",
        ),
        tables=(captions_table(before, captions), captions_table(after, captions)),
        pictures=(strip([image], ["the picture"], "picture", f"The picture: {scene.caption}", scene.caption),),
        code=source_of(compare),
        facts={"before": was},
    )


def solve_logit_scale(problem: Problem, progress: Progress) -> Evidence:
    """Set the parameter, run the model, and divide its logits by its cosines."""
    clip = checkpoint(str(problem.params["model"]))
    scene, captions = showing(showing_of(problem.seed))
    image = picture_of(scene, "showing", showing_of(problem.seed))
    progress(0.4, "running the model")
    with logit_scale(clip, float(problem.params["parameter"])):
        found = compare(clip, [image], captions)
    ratio = float((found.logits * found.cosines).sum() / found.cosines.square().sum())
    wanted = ratio if problem.params["wanted"] == "scale" else 1 / ratio
    return Evidence(
        value=wanted,
        derivation=(
            f"logits {shape_text(found.logits.shape)}: {_listed(found.logits[0].tolist())}",
            f"cosines {shape_text(found.cosines.shape)}: {_listed(found.cosines[0].tolist(), 3)}",
            f"each logit is {ratio:.4f} times its cosine: exp({float(problem.params['parameter']):g})",
            f"as a temperature: 1 / {ratio:.4f} = {1 / ratio:.4f}",
            "The paper starts at a temperature of 0.07 (parameter 2.66) and holds the factor at 100 at most (4.61).",
        ),
        tables=(captions_table(found, captions),),
        code=source_of(compare),
        facts={"ratio": ratio},
    )


def solve_entry(problem: Problem, progress: Progress) -> Evidence:
    """One entry of the model's own logits_per_image or logits_per_text."""
    clip = checkpoint()
    images, captions = _batch(problem)
    progress(0.4, "comparing three pictures with three captions")
    _, per_image = own_loss(clip, images, captions)
    per_text = per_image.T
    matrix = str(problem.params["matrix"])
    logits = per_image if matrix == "logits_per_image" else per_text
    row, column = entry_of(problem.seed)
    value = float(logits[row, column])
    rows, columns = ("picture", "caption") if matrix == "logits_per_image" else ("caption", "picture")
    return Evidence(
        value=value,
        derivation=(
            f"{matrix} {shape_text(logits.shape)}: row = {rows}, column = {columns}",
            f"row {row + 1}, column {column + 1}: {rows} {row + 1} with {columns} {column + 1}",
            f"cosine {value / clip.scale:.3f} × {clip.scale:.2f} = {value:.3f}",
        ),
        tables=(_matrix_table(logits, matrix, columns),),
        pictures=(
            _batch_strip(images, captions),
            heat_map(logits, "matrix", f"{matrix}: rows are {rows}s", _listed(logits.flatten().tolist())),
        ),
        code=source_of(own_loss),
        facts={
            "mirrored": float(logits[column, row]),
            "scale": clip.scale,
            "diagonal": as_list(logits.diagonal()),
        },
    )


def solve_loss(problem: Problem, progress: Progress) -> Evidence:
    """The model's own loss of a batch of three, and its two directions."""
    clip = checkpoint()
    images, captions = _batch(problem)
    progress(0.4, "the loss of three pairs")
    both, logits = own_loss(clip, images, captions)
    with logit_scale(clip, 0.0):
        unscaled, _ = own_loss(clip, images, captions)
    target = torch.arange(len(logits))
    pictures = float(functional.cross_entropy(logits, target))
    texts = float(functional.cross_entropy(logits.T, target))
    values = {"both": both, "pictures": pictures, "captions": texts}
    return Evidence(
        value=values[str(problem.params["direction"])],
        derivation=(
            f"logits {shape_text(logits.shape)}: the cosines × {clip.scale:.2f}",
            *(
                f"picture {i + 1}: log(sum of exp) {float(row.logsumexp(0)):.3f} − diagonal {float(row[i]):.3f} "
                f"= {float(row.logsumexp(0) - row[i]):.3f}"
                for i, row in enumerate(logits)
            ),
            f"pictures choosing captions: {pictures:.4f}; captions choosing pictures: {texts:.4f}",
            f"({pictures:.4f} + {texts:.4f}) / 2 = {(pictures + texts) / 2:.4f}; CLIPModel's own loss: {both:.4f}",
        ),
        tables=(_matrix_table(logits, "logits_per_image", "caption"),),
        pictures=(
            _batch_strip(images, captions),
            heat_map(logits, "matrix", "logits: rows are pictures", _listed(logits.flatten().tolist())),
        ),
        code=source_of(own_loss),
        facts={**values, "unscaled": unscaled},
    )


def solve_uniform_loss(problem: Problem, progress: Progress) -> Evidence:
    """The model's own loss where the logit scale is nothing, so that all logits are equal."""
    clip = checkpoint(str(problem.params["model"]))
    count = int(problem.params["batch"])
    images, captions = _some_pairs(count)
    progress(0.3, f"a batch of {count} pairs")
    with logit_scale(clip, -40.0):
        loss, logits = own_loss(clip, images, captions)
    chance = float(logits.softmax(dim=1)[0, 0])
    return Evidence(
        value=loss,
        derivation=(
            f"logits {shape_text(logits.shape)}: from {float(logits.min()):.1g} to {float(logits.max()):.1g}",
            f"softmax gives the right caption {chance:.5f}, one in {count}",
            f"−ln {chance:.5f} = {-math.log(chance):.4f}; CLIPModel's own loss: {loss:.4f}",
            "with the paper's batch of 32,768 pairs the start is at 10.40",
        ),
        code=source_of(own_loss),
        facts={"chance": chance},
    )


def solve_negatives(problem: Problem, progress: Progress) -> Evidence:
    """Count, in the model's own similarity matrix, what does not match."""
    clip = checkpoint(str(problem.params["model"]))
    each, workers = int(problem.params["batch"]), int(problem.params["workers"])
    count = each * workers
    scenes = gallery()[:MOST_PICTURES] if clip.tiny else gallery()[:count]
    captions = [scene.caption for scene in scenes[:count]]
    embedded = embed_set(clip, "gallery", scenes, progress)[:count]
    progress(0.95, "the captions")
    parts = list(zip(torch.split(embedded, each), torch.split(clip.embed_texts(captions), each), strict=True))
    pictures = torch.cat([picture for picture, _ in parts])  # all-gather: (w * n, d)
    texts = torch.cat([text for _, text in parts])
    matrix = pictures @ texts.T  # (w * n, w * n)
    negative = ~torch.eye(len(matrix), dtype=torch.bool)
    counted = {"each": int(negative[0].sum()), "all": int(negative.sum()), "entries": matrix.numel()}
    shared = f"{workers} × {each} pairs gathered: " if workers > 1 else ""
    return Evidence(
        value=counted[str(problem.params["counted"])],
        derivation=(
            f"{shared}{shape_text(pictures.shape)} @ {shape_text(texts.T.shape)} -> {shape_text(matrix.shape)}",
            f"each row: 1 match and {counted['each']} negatives",
            f"all: {matrix.numel():,} entries, {len(matrix)} on the diagonal, {counted['all']:,} negatives",
            "captions that are true of two pictures would be false negatives; here no two say the same",
        ),
        pictures=(
            heat_map(
                matrix, "matrix", "The cosines: rows are pictures, columns captions", "A square with a light diagonal"
            ),
        ),
        code=source_of(solve_negatives),
        facts={"pairs": len(matrix)},
    )


def _batch(problem: Problem) -> tuple[list[Image.Image], list[str]]:
    index = batch_of(problem.seed)
    scenes = batch(index)
    return pictures_of(scenes, f"batch {index}"), [scene.caption for scene in scenes]


def _some_pairs(count: int) -> tuple[list[Image.Image], list[str]]:
    scenes = gallery()[:count]
    return pictures_of(scenes, "gallery"), [scene.caption for scene in scenes]


def _matrix_table(logits: Tensor, title: str, columns: str) -> Table:
    row = "caption" if columns == "picture" else "picture"
    return Table(
        title,
        ("", *(f"{columns} {i + 1}" for i in range(logits.shape[1]))),
        tuple((f"{row} {i + 1}", *(f"{value:.3f}" for value in values)) for i, values in enumerate(logits.tolist())),
    )


def _batch_strip(images: list[Image.Image], captions: list[str]) -> Picture:
    labels = [f"picture {i + 1}" for i in range(len(captions))]
    said = "; ".join(f"{i + 1} {caption}" for i, caption in enumerate(captions))
    return strip(images, labels, "batch", said, said)


def _listed(values: list[float], places: int = 2) -> str:
    return ", ".join(f"{value:.{places}f}" for value in values)
