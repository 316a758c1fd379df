"""Questions on a training batch: the similarity matrix, its negatives, the symmetric contrastive loss."""

from __future__ import annotations

import math
from typing import Final

from labs.checking import Mistake, check_number
from labs.exercise import fitting, stream
from labs.problems.clip_common import (
    MODEL,
    SLOW_SECONDS,
    completed,
    exercise,
    model_name,
    number,
    numbers,
    scale,
    stated,
)
from labs.protocol import Evidence, Param, ParamError, Params, Problem, Verdict
from labs.scenes.showings import BATCHES, batch

MOST_PICTURES: Final = 128
_MATRIX: Final = Param(
    "matrix",
    "text",
    "logits_per_image",
    "which matrix: pictures in rows, or captions in rows",
    choices=("logits_per_image", "logits_per_text"),
    vary=("logits_per_image", "logits_per_text"),
)
_DIRECTION: Final = Param(
    "direction",
    "text",
    "both",
    "the loss of pictures choosing captions, of captions choosing pictures, or of both",
    choices=("both", "pictures", "captions"),
    vary=("both", "both", "pictures", "captions"),
)
_BATCH: Final = Param(
    "batch", "integer", 32, "pairs in a batch", low=2, high=64, vary=(2, 4, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64)
)
_WORKERS: Final = Param(
    "workers", "integer", 1, "workers that share their embeddings", low=1, high=8, vary=(1, 1, 2, 4)
)
_COUNTED: Final = Param(
    "counted",
    "text",
    "each",
    "negatives of each picture, negatives in the matrix, or entries of the matrix",
    choices=("each", "all", "entries"),
    vary=("each", "each", "all", "entries"),
)


def batch_of(seed: int) -> int:
    """Which of the fixed batches a seed shows: one with a loss worth working out."""
    worth = [index for index in range(BATCHES) if 0.1 <= _loss(stated()["batch_cosines"][index]) <= 3]
    return stream(seed, "batch").choice(worth)


def entry_of(seed: int) -> tuple[int, int]:
    """Row and column, from 0, of the entry a seed asks for; never on the diagonal."""
    row, column = stream(seed, "entry").sample(range(3), 2)
    return row, column


def pose_entry(params: Params, seed: int) -> Problem:
    """One entry of the similarity matrix."""
    full = completed((_MATRIX,), params, seed)
    row, column = entry_of(seed)
    return Problem(
        "clip.entry",
        full,
        seed,
        f"{_matrix_text(seed)} The logit scale is {scale():.2f}. "
        f"What is the entry of {full['matrix']} in row {row + 1}, column {column + 1}?",
        "number",
        tolerance=round(0.0008 * scale() + 0.01, 3),
        tolerance_reason="the cosine is given to three decimals, and the logit scale multiplies its error",
        hints=(
            "The name says what the rows are: one row an image, or one row a text.",
            "An entry is the cosine of that pair times the logit scale.",
        ),
    )


def check_entry(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The logit; names the mirrored entry, a forgotten scale, a division, the diagonal."""
    right, mirrored, factor = float(str(evidence.value)), number(evidence, "mirrored"), number(evidence, "scale")
    row, column = entry_of(problem.seed)
    diagonal = numbers(evidence, "diagonal")
    mistakes = [
        Mistake(mirrored, "rows for columns", f"That is row {column + 1}, column {row + 1}: the other way round."),
        Mistake(right / factor, "forgot the scale", "That is the cosine; a logit is the cosine times the logit scale."),
        Mistake(mirrored / factor, "forgot the scale", "That is a cosine, and of the mirrored entry."),
        Mistake(right / factor**2, "divided by the scale", "The scale multiplies; it is one over the temperature."),
        Mistake(
            right / factor * math.log(factor), "used the parameter", "That takes the stored logarithm for the scale."
        ),
        *(Mistake(one, "the matching pair", "That is a matching pair, on the diagonal.") for one in diagonal),
    ]
    return check_number(problem, answer, evidence, _near(mistakes, problem))


def pose_loss(params: Params, seed: int) -> Problem:
    """The contrastive loss of a batch of three, by hand."""
    full = completed((_DIRECTION,), params, seed)
    what = {
        "both": "What is CLIP's loss for this batch (symmetric, natural logarithm)?",
        "pictures": "What is the cross-entropy of the pictures choosing among the captions (mean, natural logarithm)?",
        "captions": "What is the cross-entropy of the captions choosing among the pictures (mean, natural logarithm)?",
    }[str(full["direction"])]
    return Problem(
        "clip.loss",
        full,
        seed,
        f"{_matrix_text(seed)} The logit scale is {scale():.2f}. {what}",
        "number",
        tolerance=0.015,
        tolerance_reason="the cosines are given to three decimals; the scale makes up to 0.01 of that in the loss",
        hints=(
            "Logits are scale × cosine. A row's loss is log(sum of exp of its logits) minus the logit on the diagonal.",
            "Pictures choose along rows, captions along columns; CLIP's loss is the mean of the two directions.",
        ),
    )


def check_loss(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The loss; names one direction alone, the sum, base two, a forgotten scale."""
    both, rows, columns = (number(evidence, name) for name in ("both", "pictures", "captions"))
    right, unscaled = float(str(evidence.value)), number(evidence, "unscaled")
    wanted = str(problem.params["direction"])
    mistakes = [
        Mistake(rows, "rows only", "That is the pictures' direction alone."),
        Mistake(columns, "columns only", "That is the captions' direction alone."),
        Mistake(both, "took both directions", "That is the mean of both directions; one of them was asked for."),
        Mistake(rows + columns, "summed the directions", "The two directions are averaged, not added."),
        Mistake(3 * right, "summed the batch", "The mean over the batch is taken, not the sum."),
        Mistake(right / math.log(2), "base two", "That is in bits; the loss takes the natural logarithm."),
        Mistake(unscaled, "forgot the scale", "That takes the bare cosines; multiply them by the logit scale first."),
        Mistake(math.log(3), "took the start", "That is what a model that knows nothing pays: ln 3."),
    ]
    if wanted != "both":
        mistakes = [m for m in mistakes if m.name not in {"summed the directions"}]
    return check_number(problem, answer, evidence, _near(mistakes, problem))


def pose_uniform_loss(params: Params, seed: int) -> Problem:
    """What a CLIP that knows nothing pays."""
    full = completed((_BATCH, MODEL), params, seed)
    full = {**full, MODEL.name: model_name(full)}
    return Problem(
        "clip.uniform_loss",
        full,
        seed,
        f"A CLIP knows nothing yet: all entries of its similarity matrix are equal. What is its contrastive loss on a "
        f"batch of {full['batch']} pairs?",
        "number",
        tolerance=0.02,
        tolerance_reason="two decimals are enough to tell it from any other formula",
        hints=(
            "With equal logits, softmax gives every caption of the batch the same probability.",
            "The loss is minus the natural logarithm of the probability given to the right one.",
        ),
    )


def check_uniform_loss(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """ln N; names other logarithms, the probability, a doubled loss."""
    n = int(problem.params["batch"])
    mistakes = [
        Mistake(math.log2(n), "base two", "That is in bits; the loss takes the natural logarithm."),
        Mistake(math.log10(n), "base ten", "The loss takes the natural logarithm, not that of base ten."),
        Mistake(2 * math.log(n), "summed the directions", "The two directions are averaged, not added."),
        Mistake(
            1 / n,
            "gave the probability",
            "That is the probability of the right caption; the loss is minus its logarithm.",
        ),
        Mistake(math.log(n - 1), "left out the pair itself", "The matching pair stands in the softmax as well."),
        Mistake(
            math.log(2),
            "took a yes-or-no loss",
            "That is a yes-or-no loss, as of SigLIP at its start; CLIP's softmax runs over the batch.",
        ),
        Mistake(n * math.log(n), "summed the batch", "The mean over the batch is taken, not the sum."),
        Mistake(2 * math.log(n**0.5) * 2, "summed the directions", "The two directions are averaged, not added."),
        Mistake(
            0, "expected nothing", "Equal logits are not a perfect guess: each caption gets the same small probability."
        ),
        Mistake(n, "gave the batch", "That is how many captions compete; the loss is a logarithm."),
    ]
    return check_number(problem, answer, evidence, _near(mistakes, problem, 0.006))


def pose_negatives(params: Params, seed: int) -> Problem:
    """How many negatives a batch holds."""
    full = fitting((_BATCH, _WORKERS, _COUNTED, MODEL), params, seed, _small_enough)
    if full is None:
        raise ParamError("workers", f"batch times workers must be at most {MOST_PICTURES} here")
    full = {**full, MODEL.name: model_name(full)}
    workers = int(full["workers"])
    trained = f"in batches of {full['batch']} pairs"
    if workers > 1:
        trained += f" on each of {workers} workers, which share all their embeddings (all-gather)"
    asked = {
        "each": "Against how many wrong captions does each picture compete?",
        "all": "How many entries of the whole similarity matrix are negatives?",
        "entries": "How many entries does the whole similarity matrix have?",
    }[str(full["counted"])]
    return Problem(
        "clip.negatives",
        full,
        seed,
        f"A CLIP is trained {trained}. {asked}",
        "integer",
        hints=(
            "The matrix has a row for each picture and a column for each caption, over all that is compared together.",
            "The diagonal holds the matching pairs; everything else is a negative.",
        ),
    )


def check_negatives(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The count; names the diagonal, one worker only, halves, one row for the matrix."""
    n, workers = int(problem.params["batch"]), int(problem.params["workers"])
    total = n * workers
    mistakes = [
        Mistake(total, "counted the match", "That is one row or one side; the matching pair is no negative."),
        Mistake(total - 1, "one row only", "That is one picture's row; the matrix has as many rows as pictures."),
        Mistake(total**2, "counted the diagonal", "That is all entries; those on the diagonal are the matching pairs."),
        Mistake(total**2 - total, "left out the diagonal", "Those are the negatives; the diagonal has entries too."),
        Mistake(
            (total**2 - total) / 2,
            "halved it",
            "Picture i with caption j and picture j with caption i are two different pairs.",
        ),
        Mistake(
            2 * (total - 1),
            "both directions",
            "Wrong pictures of its caption are another row's affair: counted are this picture's captions.",
        ),
        Mistake(n, "one worker only", "The workers share their embeddings, so all captions compete."),
        Mistake(
            n - 1, "one worker only", "The workers share their embeddings, so the captions of all of them compete."
        ),
        Mistake(n**2, "one worker only", "That is one worker's own matrix; the embeddings are shared."),
        Mistake(n**2 - n, "one worker only", "That is one worker's own matrix; the embeddings are shared."),
        Mistake(
            workers * (n - 1), "a match on each worker", "A picture matches one caption in all, not one on each worker."
        ),
        Mistake(
            workers * (n**2 - n),
            "matrices of their own",
            "That is a matrix a worker; shared embeddings make one large matrix.",
        ),
        Mistake(
            workers * n**2,
            "matrices of their own",
            "That is a matrix a worker; shared embeddings make one large matrix.",
        ),
    ]
    return check_number(problem, answer, evidence, mistakes)


def _small_enough(params: Params) -> bool:
    return int(params["batch"]) * int(params["workers"]) <= MOST_PICTURES


def _loss(cosines: list[list[float]]) -> float:
    """About the loss of the pictures choosing captions; it only picks batches and judges nothing."""
    rows = [[scale() * cosine for cosine in row] for row in cosines]
    return sum(math.log(sum(math.exp(x) for x in row)) - row[i] for i, row in enumerate(rows)) / len(rows)


def _matrix_text(seed: int) -> str:
    index = batch_of(seed)
    scenes = batch(index)
    rows = stated()["batch_cosines"][index]
    listed = "; ".join(
        f"picture {i + 1} ({scene.caption}): {', '.join(f'{value:.3f}' for value in row)}"
        for i, (scene, row) in enumerate(zip(scenes, rows, strict=True))
    )
    return f"Cosines of three pictures with captions 1, 2, 3 (of pictures 1, 2, 3): {listed}."


def _near(mistakes: list[Mistake], problem: Problem, width: float = 0.0) -> list[Mistake]:
    """The mistakes at the values people reach from the rounded numbers they are given."""
    step = width or problem.tolerance / 3
    spread = []
    for m in mistakes:
        spread += [
            Mistake(round(m.value, places), m.name, m.why) for places in (4, 3, 2, 1) if 10**-places / 2 <= step * 2
        ]
        spread.append(m)
    return spread


EXERCISES: Final = (
    exercise(
        "clip.entry",
        "Find the entry of the similarity matrix",
        covers=("2.4-05", "2.4-06", "2.4-07"),
        params=(_MATRIX,),
        poser=pose_entry,
        checker=check_entry,
    ),
    exercise(
        "clip.loss",
        "Work out the contrastive loss",
        covers=("2.4-06", "2.4-07", "6.3-02"),
        params=(_DIRECTION,),
        poser=pose_loss,
        checker=check_loss,
    ),
    exercise(
        "clip.uniform_loss",
        "What a CLIP pays that knows nothing",
        covers=("2.4-07", "6.3-02"),
        params=(_BATCH, MODEL),
        poser=pose_uniform_loss,
        checker=check_uniform_loss,
        seconds_allowed=SLOW_SECONDS,
    ),
    exercise(
        "clip.negatives",
        "Count the negatives",
        covers=("2.4-06", "2.4-07"),
        params=(_BATCH, _WORKERS, _COUNTED, MODEL),
        truth="formula",
        poser=pose_negatives,
        checker=check_negatives,
        seconds_allowed=SLOW_SECONDS,
    ),
)
