"""What becomes of a small defect, of a shuffled picture and of a shifted one, once it is cut into patches.

Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words", arXiv:2010.11929, equation 1 and section 3.1 ("inductive
bias"): a patch is projected as one, so a defect shares its token with all that lies around it, and only the position
embeddings know where a patch stood:

    z_0 = [x_class; x_p^1 E; ...; x_p^N E] + E_pos,    MSA(P z) = P MSA(z) for every permutation P of the tokens

The encoder is transformers' ViT, small and with random weights: what is measured here is true of any weights. Numbers
are float64, so that "the same" means the same to 1e-9.

Axes: b pictures, c channels, h rows of patches, w columns of patches, n tokens, d values of a token, p side of a patch.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor, nn
from transformers.models.vit.configuration_vit import ViTConfig
from transformers.models.vit.modeling_vit import ViTModel, ViTPatchEmbeddings

from labs.evidence import shape_text, source_of, versions
from labs.pictures import draw_grid, to_png
from labs.problems.patch_signal import ALL, CHANGED, CONVOLUTION, MOVED, NONE, PADDED, SAME, SOME, STAGES, window
from labs.protocol import Curve, Evidence, Picture, Problem, Progress, Table
from labs.scenes.boards import draw_board

PAPER: Final = "Dosovitskiy et al. 2021, arXiv:2010.11929, eq. 1 and section 3.1"
SAME_TO: Final = 1e-9
"""Largest difference, against the largest value, at which two vectors of float64 count as the same."""
_BURN: Final = (18, 14, 12)
_PLACE: Final = 224


# --- The model's side -------------------------------------------------------------------------------------------------


def small_vit(side: int, patch: int) -> ViTModel:
    """A ViT of two blocks and 64 values a token, random weights, float64."""
    config = ViTConfig(
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=128,
        image_size=side,
        patch_size=patch,
    )
    model = ViTModel(config, add_pooling_layer=False)
    nn.Module.eval(model).double()
    return model


def changed_share(healthy: Tensor, defective: Tensor, patch: int) -> Tensor:
    """Which share of its pixels changed, a patch: (1, c, H, W) twice -> (h, w)."""
    differs = (healthy != defective).any(dim=1)[0]  # (H, W)
    return differs.unfold(0, patch, patch).unfold(1, patch, patch).double().mean(dim=(2, 3))


def embedding_shift(embed: ViTPatchEmbeddings, healthy: Tensor, defective: Tensor) -> Tensor:
    """How far each token moves, against its own length: (1, c, H, W) twice -> (n,)."""
    before: Tensor = embed(healthy)[0]  # (n, d)
    after: Tensor = embed(defective)[0]
    moved: Tensor = (after - before).norm(dim=1) / before.norm(dim=1)
    return moved


def shuffle_patches(pixels: Tensor, patch: int, order: Tensor) -> Tensor:
    """The same patches at other places: (1, c, H, W) -> (1, c, H, W)."""
    columns = nn.functional.unfold(pixels, patch, stride=patch)  # (1, c*p*p, n)
    moved: Tensor = nn.functional.fold(columns[:, :, order], pixels.shape[2:], patch, stride=patch)
    return moved


def features(stage: str, pixels: Tensor, patch: int, model: ViTModel, kernel: Tensor) -> Tensor:
    """One stage of an encoder as a map: (1, c, H, W) -> (d, rows, columns)."""
    side = pixels.shape[-1] // patch
    if stage == CONVOLUTION:
        return nn.functional.conv2d(pixels, kernel)[0]  # (d, H-2, W-2)
    if stage == PADDED:
        return nn.functional.conv2d(pixels, kernel, padding=1)[0]  # (d, H, W)
    tokens: Tensor = {
        STAGES[0]: lambda: model.embeddings.patch_embeddings(pixels),  # (1, n, d)
        STAGES[1]: lambda: model.embeddings(pixels)[:, 1:],
        STAGES[2]: lambda: model(pixels).last_hidden_state[:, 1:],
    }[stage]()
    return tokens[0].mT.reshape(-1, side, side)  # (d, h, w)


def survivors(before: Tensor, after: Tensor, rows: int, columns: int) -> Tensor:
    """Which features of the new view stood in the old one, `rows` and `columns` further on: -> (h, w) bool.

    Only places that both views have are compared.
    """
    old = before[:, rows:, columns:]
    new = after[:, : old.shape[1], : old.shape[2]]
    old = old[:, : new.shape[1], : new.shape[2]]
    return (new - old).abs().amax(dim=0) <= SAME_TO * before.abs().max()


# --- Solving ----------------------------------------------------------------------------------------------------------


@torch.no_grad()
def solve_defect(problem: Problem, progress: Progress) -> Evidence:
    """The share of its patch that a defect changes, and how far the patch's token moves."""
    patch, side_px = int(problem.params["patch_size"]), int(problem.params["defect_px"])
    image = draw_board(_PLACE, _PLACE, problem.seed).image
    row, column = _PLACE // patch // 2, _PLACE // patch // 2 + 1
    healthy = _pixels(image)
    burned = _burn(image, row, column, patch, side_px)
    share = changed_share(healthy, _pixels(burned), patch)  # (h, w)
    progress(0.4, "embedding the burned board")
    embed = ViTPatchEmbeddings(ViTConfig(hidden_size=256, image_size=_PLACE, patch_size=patch)).double()
    sizes = sorted({max(1, patch * step // 8) for step in range(1, 9)} | {side_px})
    place = (column * patch, row * patch, (column + 1) * patch, (row + 1) * patch)  # the other patches do not change
    alone = _pixels(image.crop(place))  # (1, c, p, p)
    moved = {
        k: float(embedding_shift(embed, alone, _pixels(_burn(image, row, column, patch, k).crop(place)))) for k in sizes
    }
    value = float(share.max()) * 100
    touched = int((share > 0).sum())
    box = ((column - 1) * patch, (row - 1) * patch, (column + 2) * patch, (row + 2) * patch)
    close = burned.crop(box).resize((336, 336), Image.Resampling.NEAREST)
    return Evidence(
        value=value,
        unit="%",
        derivation=(
            f"{shape_text(healthy.shape)} -> {shape_text(share.shape)}: the share of changed pixels, a patch",
            f"{touched} of {share.numel()} patches changed: {round(value / 100 * patch**2)} of its {patch**2} pixels "
            f"= {value:.3g} %",
            f"Its token moved by {moved[side_px]:.1%} of its length, all others not at all",
        ),
        tables=(
            Table(
                f"A burn in a patch of {patch} × {patch} px",
                ("side of the burn", "share of the patch", "its token moves by"),
                tuple((f"{k} px", f"{k * k / patch**2:.1%}", f"{moved[k]:.1%}") for k in sizes),
            ),
        ),
        pictures=(
            Picture.from_png(
                "burn",
                to_png(draw_grid(close, 112, (1, 1))),
                caption=f"The burn of {side_px} × {side_px} px in its patch, enlarged with its neighbours",
                alt=f"A burned spot that fills {value:.3g} percent of a patch",
            ),
        ),
        curves=(
            Curve(
                "How far the token moves",
                "side of the burn in px",
                "share of the token's length",
                tuple(float(k) for k in sizes),
                {"shift of the embedding": tuple(moved[k] for k in sizes)},
            ),
        ),
        code=source_of(changed_share),
        facts={"touched": touched, "shift": moved[side_px] * 100, "patches": share.numel()},
    )


@torch.no_grad()
def solve_resize(problem: Problem, progress: Progress) -> Evidence:
    """How wide a defect is once the photo is resized for the model."""
    photo, size = int(problem.params["photo_px"]), int(problem.params["image_size"])
    defect = int(problem.params["defect_px"])
    row = torch.zeros(1, 1, 1, photo)  # one line of the photo: 1 on the defect
    start = photo // 2 - defect // 2
    row[..., start : start + defect] = 1
    progress(0.3, "resizing the photo")
    line = nn.functional.interpolate(row, size=(1, size), mode="bilinear", antialias=True)[0, 0, 0]  # (size,)
    width = float(line.sum())
    peak = float(line.max()) ** 2  # rows blend as columns do
    return Evidence(
        value=width,
        unit="px",
        derivation=(
            f"{shape_text(row.shape)} -> (1, 1, 1, {size}): a line of the photo, resized as the model's processor does",
            f"{defect} px of {photo} px -> {width:.3g} px of {size} px",
            f"The darkest pixel of the resized defect keeps {min(peak, 1.0):.0%} of its contrast; "
            f"in a patch of 16 px it fills {min(width**2 / 256, 1):.1%}",
        ),
        tables=(
            Table(
                "The same defect at other sizes of the input",
                ("input", "defect", "share of a 16-px patch"),
                tuple(
                    (f"{s} px", f"{width * s / size:.2f} px", f"{min((width * s / size) ** 2 / 256, 1):.1%}")
                    for s in (224, 336, 448, 672, 1344)
                ),
            ),
        ),
        code=source_of(solve_resize).split("return Evidence", maxsplit=1)[0].rstrip(),
        facts={"contrast": peak * 100, "scale": photo / size},
    )


@torch.no_grad()
def solve_shuffle(problem: Problem, progress: Progress) -> Evidence:
    """What the encoder gives out before and after its patches are shuffled, with positions and without."""
    patch, side = int(problem.params["patch_size"]), _PLACE
    with_positions = problem.params["positions"] == "with"
    image = draw_board(side, side, problem.seed).image
    pixels = _pixels(image)
    order = torch.randperm((side // patch) ** 2)
    shuffled = shuffle_patches(pixels, patch, order)
    model = small_vit(side, patch)
    model.embeddings.position_embeddings.normal_()
    learned = model.embeddings.position_embeddings.clone()
    rows = []
    answers: dict[tuple[bool, str], str] = {}
    for done, kept in enumerate((True, False)):
        progress(done / 2, f"running the encoder {'with' if kept else 'without'} positions")
        model.embeddings.position_embeddings.copy_(learned if kept else torch.zeros_like(learned))
        before, after = (model(one).last_hidden_state[0] for one in (pixels, shuffled))  # (1+n, d)
        for readout, (old, new, followed) in {
            "the mean of all patch tokens": (before[1:].mean(0), after[1:].mean(0), None),
            "the class token": (before[0], after[0], None),
            "the patch tokens": (before[1:], after[1:], before[1:][order]),
        }.items():
            apart = float((new - old).abs().max())
            led = float("inf") if followed is None else float((new - followed).abs().max())
            answers[kept, readout] = SAME if apart <= SAME_TO else MOVED if led <= SAME_TO else CHANGED
            shown = led if led <= SAME_TO else apart
            rows.append(("with" if kept else "without", readout, f"{shown:.1e}", answers[kept, readout]))
    asked = str(problem.params["readout"])
    n = len(order)
    return Evidence(
        value=answers[with_positions, asked],
        derivation=(
            f"{shape_text(pixels.shape)} -> (1, {n + 1}, 64): {n} patch tokens and the class token",
            f"{'With' if with_positions else 'Without'} position embeddings, {asked}: {answers[with_positions, asked]}",
            "Attention and MLP treat every place alike: permuted tokens in, permuted tokens out.",
        ),
        tables=(Table("Largest difference", ("positions", "output", "difference", "so"), tuple(rows)),),
        pictures=(
            Picture.from_png("before", to_png(draw_grid(image, patch, None)), caption="The board", alt="A board"),
            Picture.from_png(
                "after",
                to_png(draw_grid(_image(shuffled), patch, None)),
                caption="The same patches, shuffled",
                alt="The same board with its patches shuffled",
            ),
        ),
        code=source_of(shuffle_patches),
    )


@torch.no_grad()
def solve_shift(problem: Problem, progress: Progress) -> Evidence:
    """Which features of a stage survive a shift of the camera."""
    patch, shift = int(problem.params["patch_size"]), int(problem.params["shift_px"])
    side, stage = _PLACE, str(problem.params["stage"])
    scene, image = _scene(problem.seed, side + shift)
    before, after = scene[..., :side, :side], scene[..., :side, shift : shift + side]
    model, kernel = small_vit(side, patch), torch.randn(8, 3, 3, 3, dtype=torch.float64)
    model.embeddings.position_embeddings.normal_()
    found: dict[str, tuple[int, int, str]] = {}
    for done, one in enumerate((*STAGES, CONVOLUTION, PADDED)):
        progress(done / 5, f"comparing {one}")
        places = shift if one in (CONVOLUTION, PADDED) else round(shift / patch)
        same = survivors(
            features(one, before, patch, model, kernel), features(one, after, patch, model, kernel), 0, places
        )
        kept = int(same.sum())
        found[one] = (kept, same.numel(), ALL if kept == same.numel() else SOME if kept else NONE)
    kept, of, answer = found[stage]
    return Evidence(
        value=answer,
        derivation=(
            f"The camera moves {shift} px to the right; a patch is {patch} px wide: {shift / patch:.3g} patches",
            f"{stage}: {kept:,} of {of:,} features still in view are the same to {SAME_TO:g} -> {answer}",
        ),
        tables=(
            Table(
                f"After a shift of {shift} px",
                ("features", "the same", "of those in view", "so"),
                tuple((one, f"{k:,}", f"{n:,}", so) for one, (k, n, so) in found.items()),
            ),
        ),
        pictures=(
            Picture.from_png(
                "view",
                to_png(draw_grid(image.crop((shift, 0, shift + side, side)), patch, None)),
                caption=f"The view after the shift of {shift} px, under the same grid",
                alt="A board under a patch grid",
            ),
        ),
        code=source_of(survivors),
        facts={"kept": kept, "of": of},
    )


@torch.no_grad()
def solve_crop(problem: Problem, progress: Progress) -> Evidence:
    """How many projected patches of a crop the whole picture has as well."""
    patch = int(problem.params["patch_size"])
    left, top, size = window(problem.params)
    scene, image = _scene(problem.seed, _PLACE)
    crop = scene[..., top : top + size, left : left + size]
    embed = small_vit(_PLACE, patch).embeddings.patch_embeddings
    progress(0.5, "comparing every patch of the crop with every patch of the picture")
    whole, cut = embed(scene)[0], embed(crop)[0]  # (n, d), (m, d)
    distances = torch.cdist(cut, whole, compute_mode="donot_use_mm_for_euclid_dist")  # the quick way rounds
    nearest = distances.min(dim=1).values  # (m,): distance to the most similar patch of the picture
    kept = int((nearest <= SAME_TO * whole.norm(dim=1).max()).sum())
    outlined = image.copy()
    ImageDraw.Draw(outlined).rectangle((left, top, left + size - 1, top + size - 1), outline=(255, 64, 190), width=2)
    return Evidence(
        value=kept,
        unit="vectors",
        derivation=(
            f"the picture {shape_text(scene.shape)} -> {shape_text(whole.shape)}, "
            f"the crop {shape_text(crop.shape)} -> {shape_text(cut.shape)}",
            f"It begins {left} px = {left / patch:.4g} patches from the left, {top} px = {top / patch:.4g} from above",
            f"{kept} of its {cut.shape[0]} vectors are vectors of the picture, too",
        ),
        pictures=(
            Picture.from_png(
                "crop",
                to_png(draw_grid(outlined, patch, None)),
                caption="The crop, in pink, on the picture's own patch grid",
                alt="A crop outlined on a patch grid",
            ),
        ),
        code=source_of(solve_crop).split("outlined =", maxsplit=1)[0].rstrip(),
        facts={"crop": cut.shape[0], "picture": whole.shape[0]},
    )


def _pixels(image: Image.Image) -> Tensor:
    """(1, c, H, W) in -1..1."""
    return torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].double() / 127.5 - 1


def _image(pixels: Tensor) -> Image.Image:
    return Image.fromarray(((pixels[0].permute(1, 2, 0) + 1) * 127.5).round().byte().numpy())


def _scene(seed: int, side: int) -> tuple[Tensor, Image.Image]:
    """A board with fine grain, as a camera sees it: no two patches of it are alike."""
    image = draw_board(side, side, seed).image
    pixels = _pixels(image)
    return pixels + 0.05 * torch.rand_like(pixels), image


def _burn(image: Image.Image, row: int, column: int, patch: int, side: int) -> Image.Image:
    burned = image.copy()
    left, top = column * patch + (patch - side) // 2, row * patch + (patch - side) // 2
    ImageDraw.Draw(burned).rectangle((left, top, left + side - 1, top + side - 1), fill=_BURN)
    return burned


SOLVE: Final[Mapping[str, Callable[[Problem, Progress], Evidence]]] = {
    "patches.defect": solve_defect,
    "patches.resize": solve_resize,
    "patches.shuffle": solve_shuffle,
    "patches.shift": solve_shift,
    "patches.crop": solve_crop,
}


def solve(problem: Problem, progress: Progress) -> Evidence:
    """Run the computation of a problem of this lab.

    Raises:
        KeyError: the exercise is not of this lab.
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
