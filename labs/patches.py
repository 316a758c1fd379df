"""From pixels to a sequence of tokens: how a Vision Transformer cuts a picture.

Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words", arXiv:2010.11929, section 3.1 and equation 1:

    z_0 = [x_class; x_p^1 E; x_p^2 E; ... ; x_p^N E] + E_pos,    E in R^(P^2 C x D),  E_pos in R^((N+1) x D)

A picture of H x W pixels with C channels makes N = HW / P^2 patches x_p of P^2 C values each. The modules are those of
transformers' ViT at the size of ViT-B (D = 768). Their weights are random: no shape depends on them.

Axes: b pictures, c channels, h rows of patches, w columns of patches, n tokens, d values of a token, p side of a patch.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional

from labs.evidence import shape_text, source_of, versions
from labs.lean_imports import lean_imports
from labs.pictures import draw_grid, lines_left_out, open_picture, to_png
from labs.problems.patches import sides
from labs.protocol import Evidence, Picture, Problem, Progress, Table
from labs.scenes.boards import draw_board

with lean_imports():
    from transformers.models.vit.configuration_vit import ViTConfig
    from transformers.models.vit.modeling_vit import ViTEmbeddings, ViTPatchEmbeddings

PAPER: Final = "Dosovitskiy et al. 2021, arXiv:2010.11929, eq. 1"


# --- The model's side: five functions that are the lab ---------------------------------------------------------------


def vit_base(pixels: Tensor, patch: int) -> ViTConfig:
    """ViT-B, so tokens of 768 values, for pictures of the size and channels of this one: (b, c, H, W)."""
    _, channels, height, width = pixels.shape
    return ViTConfig(hidden_size=768, image_size=(height, width), patch_size=patch, num_channels=channels)


def count_patches(pixels: Tensor, patch: int) -> tuple[Tensor, Tensor]:
    """Run the patch embedding of a ViT: (b, c, H, W) -> (b, d, h, w) -> (b, n, d)."""
    embed = ViTPatchEmbeddings(vit_base(pixels, patch))
    grids: list[Tensor] = []
    embed.projection.register_forward_hook(lambda _, __, grid: grids.append(grid))
    tokens = embed(pixels)  # (b, n, d): the grid, read row by row
    return grids[0], tokens  # (b, d, h, w): one step of the convolution a patch


def flatten_patches(pixels: Tensor, patch: int) -> Tensor:
    """Cut and flatten: (b, c, H, W) -> (b, c, h, w, p, p) -> (b, n, c*p*p)."""
    cut = pixels.unfold(2, patch, patch).unfold(3, patch, patch)  # (b, c, h, w, p, p)
    patches = cut.permute(0, 2, 3, 1, 4, 5)  # (b, h, w, c, p, p)
    return patches.flatten(3).flatten(1, 2)  # (b, n, c*p*p)


def embed_sequence(pixels: Tensor, patch: int) -> tuple[Tensor, Tensor]:
    """All of equation 1: (b, c, H, W) -> patches (b, n, d) -> with class token and positions (b, 1+n, d)."""
    embeddings = ViTEmbeddings(vit_base(pixels, patch))
    patches = embeddings.patch_embeddings(pixels)  # (b, n, d)
    sequence = embeddings(pixels)  # (b, 1+n, d): [class; patches] + positions
    return patches, sequence


def cut_ragged(pixels: Tensor, patch: int) -> tuple[Tensor, Tensor]:
    """The patch embedding on a picture that does not divide, and which pixels it saw: (b, n, d), (H, W) bool.

    A pixel was seen if the tokens change with it: if their gradient with respect to it is not zero.
    """
    pixels = pixels.double().requires_grad_()  # double: on a CPU the gradient of this convolution comes faster
    tokens = ViTPatchEmbeddings(vit_base(pixels, patch)).double().requires_grad_(False)(pixels)
    (gradient,) = torch.autograd.grad(tokens.sum(), pixels)
    seen = (gradient != 0).any(dim=1)[0]
    return tokens, seen


# --- The picture ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class View:
    """The picture of a problem: RGB for the eye, (1, c, H, W) in -1..1 for the model, and where it is from."""

    image: Image.Image
    pixels: Tensor
    notes: tuple[str, ...]
    content: str

    def grid(self, patch: int, caption: str) -> Picture:
        """The picture with its patch grid, to show."""
        png = to_png(draw_grid(self.image, patch))
        every = lines_left_out(self.image, patch)
        if every > 1:
            caption = f"{caption} (one grid line in {every} is drawn)"
        return Picture.from_png("grid", png, caption=caption, alt=f"{self.content}, cut by a grid: {caption}")


def see(problem: Problem, height: int, width: int, channels: int = 3) -> View:
    """The learner's picture, or a board drawn from the seed, at `height` × `width` px with `channels` values a pixel.

    Raises:
        ParamError: the learner's picture cannot be read.
    """
    path = str(problem.params["picture"])
    if path:
        image, (own_width, own_height) = open_picture(Path(path), width, height)
        content = f"Your picture {Path(path).name}"
        notes: tuple[str, ...] = (f"{content}, {own_width} × {own_height} px, resized to {width} × {height}",)
    else:
        board = draw_board(width, height, problem.seed)
        image, notes = board.image, ()
        content = f"A drawn circuit board ({board.description})" if board.parts else "A drawn circuit board"
    values = torch.from_numpy(as_bands(np.asarray(image, dtype=np.float32), channels))  # (H, W, c) in 0..255
    pixels = (values / 127.5 - 1).permute(2, 0, 1)[None].contiguous()  # (1, c, H, W) in -1..1
    return View(image, pixels, notes, content)


def as_bands(rgb: NDArray[np.float32], channels: int) -> NDArray[np.float32]:
    """A colour picture as a camera of `channels` bands would take it: (H, W, 3) -> (H, W, c).

    One band is the mean of the colours; more lie evenly between red and blue, each a blend of its neighbours.
    """
    if channels == 1:
        return np.asarray(rgb.mean(axis=2, keepdims=True), dtype=np.float32)
    position = np.linspace(0, 2, channels, dtype=np.float32)[:, None]  # (c, 1): 0 red, 1 green, 2 blue
    blend = np.clip(1 - np.abs(position - np.arange(3, dtype=np.float32)), 0, 1)  # (c, 3)
    return np.asarray(rgb @ blend.T, dtype=np.float32)


# --- Solving: a picture in, evidence out ------------------------------------------------------------------------------


@torch.no_grad()
def solve_count(problem: Problem, progress: Progress) -> Evidence:
    """The number of tokens that come out of transformers' ViTPatchEmbeddings."""
    patch = int(problem.params["patch_size"])
    view = see(problem, *sides(problem.params))
    progress(0.4, "embedding the patches")
    grid, tokens = count_patches(view.pixels, patch)
    _, d, h, w = grid.shape
    return Evidence(
        value=tokens.shape[1],
        unit="patches",
        derivation=(
            *view.notes,
            f"{shape_text(view.pixels.shape)} -> {shape_text(grid.shape)}: a convolution of stride {patch}",
            f"{shape_text(grid.shape)} -> {shape_text(tokens.shape)}: the grid read row by row",
            f"{h} rows × {w} columns = {tokens.shape[1]} patches",
        ),
        pictures=(view.grid(patch, f"{w} × {h} patches of {patch} × {patch} px"),),
        code=source_of(count_patches),
        facts={"rows": h, "columns": w, "embedding_width": d},
    )


@torch.no_grad()
def solve_flatten(problem: Problem, progress: Progress) -> Evidence:
    """The length of a patch cut out of the picture; the ViT's convolution is this cut and one linear layer."""
    patch, channels = int(problem.params["patch_size"]), int(problem.params["channels"])
    side = patch * (224 // patch)
    view = see(problem, side, side, channels)
    progress(0.4, "cutting the patches")
    flat = flatten_patches(view.pixels, patch)
    embed = ViTPatchEmbeddings(vit_base(view.pixels, patch))
    tokens = embed(view.pixels)
    weight = embed.projection.weight.flatten(1)  # (d, c*p*p): the matrix E of equation 1, transposed
    linear = functional.linear(flat, weight, embed.projection.bias)
    apart = float((linear - tokens).abs().max())
    per_side = side // patch
    first = view.image.crop((0, 0, patch, patch)).resize((224, 224), Image.Resampling.NEAREST)
    return Evidence(
        value=flat.shape[2],
        unit="values",
        derivation=(
            *view.notes,
            f"{shape_text(view.pixels.shape)} -> {shape_text(flat.shape)}: {flat.shape[1]} patches, each flattened",
            f"{patch} × {patch} pixels × {channels} = {flat.shape[2]} values a patch",
            f"{shape_text(flat.shape)} @ {shape_text(weight.T.shape)} -> {shape_text(linear.shape)}: the projection E",
            f"ViT's convolution gives the same tokens (largest difference {apart:.0e})",
        ),
        pictures=(
            view.grid(patch, f"{per_side} × {per_side} patches; the outlined one is flattened"),
            Picture.from_png(
                "patch",
                to_png(first),
                caption=f"The first patch, {patch} × {patch} px",
                alt="The first patch, enlarged",
            ),
        ),
        code=source_of(flatten_patches),
        facts={
            "rows": per_side,
            "columns": per_side,
            "patches": flat.shape[1],
            "channels": view.pixels.shape[1],
            "embedding_width": tokens.shape[2],
            "largest_difference": apart,
        },
    )


@torch.no_grad()
def solve_sequence(problem: Problem, progress: Progress) -> Evidence:
    """The number of tokens that come out of transformers' ViTEmbeddings."""
    patch = int(problem.params["patch_size"])
    height, width = sides(problem.params)
    view = see(problem, height, width)
    progress(0.4, "embedding the sequence")
    patches, sequence = embed_sequence(view.pixels, patch)
    h, w = height // patch, width // patch
    return Evidence(
        value=sequence.shape[1],
        unit="tokens",
        derivation=(
            *view.notes,
            f"{shape_text(view.pixels.shape)} -> {shape_text(patches.shape)}: {patches.shape[1]} patches",
            f"{shape_text(patches.shape)} -> {shape_text(sequence.shape)}: the class token in front, positions added",
            f"{patches.shape[1]} patches + 1 class token = {sequence.shape[1]} tokens",
        ),
        pictures=(
            view.grid(patch, f"{w} × {h} patches of {patch} × {patch} px; the class token is not in the picture"),
        ),
        code=source_of(embed_sequence),
        facts={"rows": h, "columns": w, "embedding_width": sequence.shape[2]},
    )


def solve_ragged(problem: Problem, progress: Progress) -> Evidence:
    """The tokens of a picture that does not divide, and the pixels no token depends on."""
    patch = int(problem.params["patch_size"])
    height, width = sides(problem.params)
    view = see(problem, height, width)
    progress(0.3, "embedding the patches and asking which pixels they saw")
    tokens, seen = cut_ragged(view.pixels, patch)
    h, w = int(seen.any(dim=1).sum()) // patch, int(seen.any(dim=0).sum()) // patch
    dropped = int((~seen).sum())
    progress(0.8, "asking a model of a fixed size")
    refusal = strict_refusal(view.pixels, patch)
    return Evidence(
        value=tokens.shape[1],
        unit="patches",
        derivation=(
            *view.notes,
            f"{shape_text(view.pixels.shape)} -> {shape_text(tokens.shape)}: the convolution takes only whole steps",
            f"rows: {height} / {patch} = {height / patch:.2f}, so {h}",
            f"columns: {width} / {patch} = {width / patch:.2f}, so {w}",
            f"{h} × {w} = {tokens.shape[1]} patches",
            f"{dropped:,} of {height * width:,} pixels ({dropped / (height * width):.1%}) have no gradient: never seen",
            f"No error was raised here. A whole ViT made for {w * patch} × {h * patch} px does raise one: “{refusal}”",
            "ViT's image processor avoids both: it first stretches every picture to the model's size.",
        ),
        tables=(
            Table(
                "What is left over",
                ("side", "pixels", "whole patches", "pixels left over"),
                (
                    ("height", str(height), str(h), str(height - h * patch)),
                    ("width", str(width), str(w), str(width - w * patch)),
                ),
            ),
        ),
        pictures=(view.grid(patch, f"{w} × {h} whole patches; the pink strip is never seen"),),
        code=source_of(cut_ragged),
        facts={"rows": h, "columns": w, "dropped_pixels": dropped, "embedding_width": tokens.shape[2]},
    )


def strict_refusal(pixels: Tensor, patch: int) -> str:
    """What ViTEmbeddings made for the whole patches alone says to this picture.

    Raises:
        RuntimeError: if it takes the picture after all.
    """
    height, width = (side // patch * patch for side in pixels.shape[2:])
    with torch.device("meta"):  # shapes without numbers: the check needs no more
        embeddings = ViTEmbeddings(vit_base(pixels[..., :height, :width], patch))
    try:
        embeddings(pixels.to("meta"))
    except ValueError as error:
        return " ".join(str(error).split())
    raise RuntimeError(f"ViTEmbeddings for {width} × {height} px took a picture of {tuple(pixels.shape)}")


SOLVE: Final[Mapping[str, Callable[[Problem, Progress], Evidence]]] = {
    "patches.count": solve_count,
    "patches.flatten": solve_flatten,
    "patches.sequence": solve_sequence,
    "patches.ragged": solve_ragged,
}


def solve(problem: Problem, progress: Progress) -> Evidence:
    """Run the computation of a problem of this lab.

    Raises:
        KeyError: the exercise is not of this lab.
        ParamError: the learner's picture cannot be read.
    """
    started = time.perf_counter()
    torch.manual_seed(problem.seed % 2**63)
    evidence = SOLVE[problem.exercise](problem, progress)
    return replace(
        evidence,
        derivation=(*evidence.derivation, f"Source: {PAPER}"),
        versions=versions("torch", "transformers", "pillow"),
        seconds=time.perf_counter() - started,
    )
