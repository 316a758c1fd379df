"""A training batch: the similarity matrix, its negatives, the symmetric contrastive loss.

Radford et al. 2021, arXiv:2103.00020, figure 3:

    loss = (cross_entropy(logits, rows) + cross_entropy(logits, columns)) / 2,    logits = s · cos(I_i, T_j)

Axes: b pictures and as many captions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from labs.bench import Draw, Facts, OneOf, Show, Variants, Whole, later
from labs.clip.common import AnyClip, Clip, scale, stated
from labs.clip.scenes import embed_set, heat_map, listed, pictures_of, strip
from labs.clip.temperature import logit_scale
from labs.protocol import AnswerType, ParamError, Params
from labs.scenes.showings import BATCHES, batch, gallery

if TYPE_CHECKING:
    import torch
    from PIL import Image
    from torch import Tensor

    from labs.clip import space
    from labs.models import clip_checkpoint
else:
    torch, space = later("torch"), later("labs.clip.space")
    clip_checkpoint = later("labs.models.clip_checkpoint")

MOST_PICTURES: Final = 128


class Batch(Clip):
    """Three pictures and their captions."""

    added: ClassVar[tuple[str, ...]] = ("batch",)
    batch = Whole(-1, 0, BATCHES - 1, help="which of the fixed batches; -1: drawn from the seed")
    answer_type: ClassVar[AnswerType] = "number"

    @classmethod
    def settled(cls, params: Params, draw: Draw) -> Params:
        return {**params, "batch": batch_of(draw)} if int(params["batch"]) < 0 else params

    def facts(self) -> Facts:
        scenes, cosines = batch(self.batch), stated()["batch_cosines"][self.batch]
        rows = "; ".join(
            f"picture {i + 1} ({scene.caption}): {', '.join(f'{value:.3f}' for value in row)}"
            for i, (scene, row) in enumerate(zip(scenes, cosines, strict=True))
        )
        text = f"Cosines of three pictures with captions 1, 2, 3 (of pictures 1, 2, 3): {rows}."
        return {"scale": scale(), "cosines": cosines, "matrix_text": text}

    def pairs(self) -> tuple[list[Image.Image], list[str]]:
        """The pictures and captions of the batch."""
        scenes = batch(self.batch)
        return pictures_of(scenes, f"batch {self.batch}"), [scene.caption for scene in scenes]


def batch_of(draw: Draw) -> int:
    """One of the fixed batches with a loss worth working out."""
    cosines = stated()["batch_cosines"]
    return draw.stream("batch").choice([at for at in range(BATCHES) if 0.1 <= rows_loss(cosines[at], scale()) <= 3])


def rows_loss(cosines: Sequence[Sequence[float]], factor: float) -> float:
    """The cross-entropy of the pictures choosing captions."""
    rows = [[factor * cosine for cosine in row] for row in cosines]
    return sum(math.log(sum(math.exp(x) for x in row)) - row[i] for i, row in enumerate(rows)) / len(rows)


def show_batch(show: Show, images: Sequence[Image.Image], captions: Sequence[str], logits: Tensor, title: str) -> None:
    """The pictures of a batch and its matrix."""
    columns, row = ("picture", "caption") if title == "logits_per_text" else ("caption", "picture")
    heads = " | ".join(f"{columns} {i + 1}" for i in range(logits.shape[1]))
    rows = [(f"{row} {i + 1}", *(f"{value:.3f}" for value in values)) for i, values in enumerate(logits.tolist())]
    show.table(title, f" | {heads}", rows)
    said = "; ".join(f"{i + 1} {caption}" for i, caption in enumerate(captions))
    show.picture("batch", strip(images, [f"picture {i + 1}" for i in range(len(captions))]), said, said)
    show.picture("matrix", heat_map(logits), f"{title}: rows are {row}s", listed(logits.flatten().tolist()))


class Entry(Batch):
    """One entry of the similarity matrix."""

    name, title, covers = "clip.entry", "Find the entry of the similarity matrix", "2.4-05 2.4-06 2.4-07"
    matrix = OneOf("logits_per_image", "logits_per_text", help="which matrix: pictures in rows, or captions in rows")
    added = ("batch", "row", "column")
    row = Whole(-1, 0, 2, help="row of the entry, from 0; -1: drawn from the seed")
    column = Whole(-1, 0, 2, help="column of the entry, from 0; -1: drawn from the seed")
    prompt = (
        "{matrix_text} The logit scale is {scale:.2f}. What is the entry of {matrix} in row {row_no}, column "
        "{column_no}?"
    )
    tolerance = "0.0008 × scale + 0.01"
    tolerance_reason = "the cosine is given to three decimals, and the logit scale multiplies its error"
    hints = (
        "The name says what the rows are: one row an image, or one row a text.",
        "An entry is the cosine of that pair times the logit scale.",
    )
    right = "scale × cosine"
    slips = {
        "scale × mirrored": "rows for columns: That is row {column_no}, column {row_no}: the other way round.",
        "cosine": "forgot the scale: That is the cosine; a logit is the cosine times the logit scale.",
        "mirrored": "forgot the scale: That is a cosine, and of the mirrored entry.",
        "cosine / scale": "divided by the scale: The scale multiplies; it is one over the temperature.",
        "cosine × ln(scale)": "used the parameter: That takes the stored logarithm for the scale.",
        **{f"scale × d{n}": "the matching pair: That is a matching pair, on the diagonal." for n in (1, 2, 3)},
    }

    @classmethod
    def settled(cls, params: Params, draw: Draw) -> Params:
        params = super().settled(params, draw)
        given = (int(params["row"]), int(params["column"]))
        left = [place for place in range(3) if place not in given]
        drawn = iter(draw.stream("entry").sample(left, len(left)))
        row, column = (next(drawn) if place < 0 else place for place in given)
        return {**params, "row": row, "column": column}

    def facts(self) -> Facts:
        known = super().facts()
        cosines, at = known["cosines"], (self.row, self.column)
        row, column = at if self.matrix == "logits_per_image" else at[::-1]
        return {
            **known,
            "cosine": cosines[row][column],
            "mirrored": cosines[column][row],
            "row_no": self.row + 1,
            "column_no": self.column + 1,
            **{f"d{n + 1}": cosines[n][n] for n in range(3)},
        }

    def fits(self) -> None:
        if self.row == self.column:
            raise ParamError("column", "must be another place than the row's, off the diagonal")

    def run(self, show: Show) -> float:
        """One entry of the model's own logits_per_image or logits_per_text."""
        clip = clip_checkpoint.checkpoint()
        images, captions = self.pairs()
        show.progress(0.4, "comparing three pictures with three captions")
        _, per_image = space.own_loss(clip, images, captions)
        logits = per_image if self.matrix == "logits_per_image" else per_image.T
        rows, columns = ("picture", "caption") if self.matrix == "logits_per_image" else ("caption", "picture")
        show.line(f"{self.matrix} -> {tuple(logits.shape)}: a row is a {rows}, a column a {columns}")
        show.line(f"row {self.row_no}, column {self.column_no}: {rows} {self.row_no} with {columns} {self.column_no}")
        show_batch(show, images, captions, logits, self.matrix)
        return float(logits[self.row, self.column])


class Loss(Batch):
    """The contrastive loss of a batch of three, by hand."""

    name, title, covers = "clip.loss", "Work out the contrastive loss", "2.4-06 2.4-07 6.3-02"
    direction = Variants(
        {
            "both": {
                "question": "What is CLIP's loss for this batch (symmetric, natural logarithm)?",
                "right": "(pictures + captions) / 2",
                "slips": {
                    "pictures": "rows only: That is the pictures' direction alone.",
                    "captions": "columns only: That is the captions' direction alone.",
                    "pictures + captions": "summed the directions: The two directions are averaged, not added.",
                },
            },
            "pictures": {
                "question": "What is the cross-entropy of the pictures choosing among the captions (mean, natural "
                "logarithm)?",
                "right": "pictures",
                "slips": {
                    "captions": "columns only: That is the captions' direction alone.",
                    "(pictures + captions) / 2": "took both directions: That is the mean of both directions; one of "
                    "them was asked for.",
                },
            },
            "captions": {
                "question": "What is the cross-entropy of the captions choosing among the pictures (mean, natural "
                "logarithm)?",
                "right": "captions",
                "slips": {
                    "pictures": "rows only: That is the pictures' direction alone.",
                    "(pictures + captions) / 2": "took both directions: That is the mean of both directions; one of "
                    "them was asked for.",
                },
            },
        },
        draw=("both", "both", "pictures", "captions"),
        help="the loss of pictures choosing captions, of captions choosing pictures, or of both",
    )
    prompt = "{matrix_text} The logit scale is {scale:.2f}. {question}"
    tolerance = 0.015
    tolerance_reason = "the cosines are given to three decimals; the scale makes up to 0.01 of that in the loss"
    hints = (
        "Logits are scale × cosine. A row's loss is log(sum of exp of its logits) minus the logit on the diagonal.",
        "Pictures choose along rows, captions along columns; CLIP's loss is the mean of the two directions.",
    )
    slips = {
        "3 × right": "summed the batch: The mean over the batch is taken, not the sum.",
        "right / ln(2)": "base two: That is in bits; the loss takes the natural logarithm.",
        "unscaled if apart": "forgot the scale: That takes the bare cosines; multiply them by the logit scale first.",
        "ln(3) if apart": "took the start: That is what a model that knows nothing pays: ln 3.",
    }

    def facts(self) -> Facts:
        known = super().facts()
        cosines = known["cosines"]
        mirrored = list(zip(*cosines, strict=True))
        return {
            **known,
            "question": self.chosen("question"),
            "pictures": rows_loss(cosines, scale()),
            "captions": rows_loss(mirrored, scale()),
            "unscaled": (rows_loss(cosines, 1) + rows_loss(mirrored, 1)) / 2,
        }

    def run(self, show: Show) -> float:
        """The model's own loss of a batch of three, and its two directions."""
        clip = clip_checkpoint.checkpoint()
        images, captions = self.pairs()
        show.progress(0.4, "the loss of three pairs")
        both, logits = space.own_loss(clip, images, captions)
        target = torch.arange(len(logits))
        rows, columns = (float(torch.nn.functional.cross_entropy(one, target)) for one in (logits, logits.T))
        show.line(f"logits -> {tuple(logits.shape)}: the cosines × {clip.scale:.2f}")
        for i, row in enumerate(logits):
            show.equals("total − own", f"for picture {i + 1}", total=float(row.logsumexp(0)), own=float(row[i]))
        show.line(f"pictures choosing captions: {rows:.4f}; captions choosing pictures: {columns:.4f}")
        show.line(f"CLIPModel's own loss: {both:.4f}")
        show_batch(show, images, captions, logits, "logits_per_image")
        return {"both": both, "pictures": rows, "captions": columns}[self.direction]


class UniformLoss(AnyClip):
    """What a CLIP that knows nothing pays."""

    name, title, covers = "clip.uniform_loss", "What a CLIP pays that knows nothing", "2.4-07 6.3-02"
    batch = Whole(32, 2, 64, draw=(2, 4, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64), help="pairs in a batch")
    prompt = (
        "A CLIP knows nothing yet: all entries of its similarity matrix are equal. What is its contrastive loss on a "
        "batch of {batch} pairs?"
    )
    answer_type, tolerance = "number", 0.02
    tolerance_reason = "two decimals are enough to tell it from any other formula"
    hints = (
        "With equal logits, softmax gives every caption of the batch the same probability.",
        "The loss is minus the natural logarithm of the probability given to the right one.",
    )
    right = "ln(batch)"
    slips = {
        "log2(batch)": "base two: That is in bits; the loss takes the natural logarithm.",
        "log10(batch)": "base ten: The loss takes the natural logarithm, not that of base ten.",
        "2 × ln(batch)": "summed the directions: The two directions are averaged, not added.",
        "1 / batch": "gave the probability: That is the probability of the right caption; the loss is minus its "
        "logarithm.",
        "ln(batch − 1) if apart": "left out the pair itself: The matching pair stands in the softmax as well.",
        "ln(2) if batch ≠ 2": "took a yes-or-no loss: That is a yes-or-no loss, as of SigLIP at its start; CLIP's "
        "softmax runs over the batch.",
        "batch × ln(batch)": "summed the batch: The mean over the batch is taken, not the sum.",
        "0": "expected nothing: Equal logits are not a perfect guess: each caption gets the same small probability.",
        "batch": "gave the batch: That is how many captions compete; the loss is a logarithm.",
    }

    def run(self, show: Show) -> float:
        """The model's own loss where the logit scale is nothing, so that all logits are equal."""
        clip = clip_checkpoint.checkpoint(self.model)
        scenes = gallery()[: self.batch]
        show.progress(0.3, f"a batch of {self.batch} pairs")
        with logit_scale(clip, -40.0):
            loss, logits = space.own_loss(clip, pictures_of(scenes, "gallery"), [scene.caption for scene in scenes])
        chance = float(logits.softmax(dim=1)[0, 0])
        show.line(
            f"logits -> {tuple(logits.shape)}: from {float(logits.min()):.1g} to {float(logits.max()):.1g}",
            f"softmax gives the right caption {chance:.5f}, one in {self.batch}",
            "with the paper's batch of 32,768 pairs the start is at 10.40",
        )
        return loss


class Negatives(AnyClip):
    """How many negatives a batch holds."""

    name, title, covers = "clip.negatives", "Count the negatives", "2.4-06 2.4-07"
    batch = Whole(32, 2, 64, draw=(2, 4, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64), help="pairs in a batch")
    workers = Whole(1, 1, 8, draw=(1, 1, 2, 4), help="workers that share their embeddings")
    counted = Variants(
        {
            "each": {"asked": "Against how many wrong captions does each picture compete?", "right": "total − 1"},
            "all": {
                "asked": "How many entries of the whole similarity matrix are negatives?",
                "right": "total² − total",
            },
            "entries": {"asked": "How many entries does the whole similarity matrix have?", "right": "total²"},
        },
        draw=("each", "each", "all", "entries"),
        help="negatives of each picture, negatives in the matrix, or entries of the matrix",
    )
    prompt = "A CLIP is trained {trained}. {asked}"
    hints = (
        "The matrix has a row for each picture and a column for each caption, over all that is compared together.",
        "The diagonal holds the matching pairs; everything else is a negative.",
    )
    slips = {
        "total if apart": "counted the match: That is one row or one side; the matching pair is no negative.",
        "total − 1 if apart": "one row only: That is one picture's row; the matrix has as many rows as pictures.",
        "total² if apart": "counted the diagonal: That is all entries; those on the diagonal are the matching pairs.",
        "total² − total if apart": "left out the diagonal: Those are the negatives; the diagonal has entries too.",
        "(total² − total) / 2 if apart": "halved it: Picture i with caption j and picture j with caption i are two "
        "different pairs.",
        "2 × (total − 1) if apart": "both directions: Wrong pictures of its caption are another row's affair: counted "
        "are this picture's captions.",
        "batch if apart": "one worker only: The workers share their embeddings, so all captions compete.",
        "batch − 1 if apart": "one worker only: The workers share their embeddings, so the captions of all of them "
        "compete.",
        "batch² if apart": "one worker only: That is one worker's own matrix; the embeddings are shared.",
        "batch² − batch if apart": "one worker only: That is one worker's own matrix; the embeddings are shared.",
        "workers × (batch − 1) if apart": "a match on each worker: A picture matches one caption in all, not one on "
        "each worker.",
        "workers × (batch² − batch) if apart": "matrices of their own: That is a matrix a worker; shared embeddings "
        "make one large matrix.",
        "workers × batch² if apart": "matrices of their own: That is a matrix a worker; shared embeddings make one "
        "large matrix.",
    }

    def facts(self) -> Facts:
        shared = f" on each of {self.workers} workers, which share all their embeddings (all-gather)"
        trained = f"in batches of {self.batch} pairs{shared if self.workers > 1 else ''}"
        return {"total": self.batch * self.workers, "trained": trained, "asked": self.chosen("asked")}

    def fits(self) -> None:
        if self.total > MOST_PICTURES:
            raise ParamError("workers", f"batch times workers must be at most {MOST_PICTURES} here")

    def run(self, show: Show) -> int:
        """Count, in the model's own similarity matrix, what does not match."""
        clip = clip_checkpoint.checkpoint(self.model)
        scenes = gallery()[:MOST_PICTURES] if clip.tiny else gallery()[: self.total]
        captions = [scene.caption for scene in scenes[: self.total]]
        embedded = embed_set(clip, "gallery", scenes, show)[: self.total]
        show.progress(0.95, "the captions")
        texts = torch.split(clip.embed_texts(captions), self.batch)
        pictures = torch.split(embedded, self.batch)
        matrix = torch.cat(pictures) @ torch.cat(texts).T  # all-gather: (w * n, d) @ (d, w * n)
        negative = ~torch.eye(len(matrix), dtype=torch.bool)
        shared = f"{self.workers} × {self.batch} pairs gathered -> " if self.workers > 1 else "-> "
        show.line(f"{shared}{tuple(matrix.shape)}: each row has 1 match and {int(negative[0].sum())} negatives")
        show.line(f"all: {matrix.numel():,} entries, {len(matrix)} on the diagonal, {int(negative.sum()):,} negatives")
        show.line("captions that are true of two pictures would be false negatives; here no two say the same")
        caption = "The cosines: rows are pictures, columns captions"
        show.picture("matrix", heat_map(matrix), caption, "A square with a light diagonal")
        counted: dict[str, Any] = {"each": negative[0].sum(), "all": negative.sum(), "entries": matrix.numel()}
        return int(counted[self.counted])


EXERCISES: Final = (Entry, Loss, UniformLoss, Negatives)
