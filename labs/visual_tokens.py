"""How many tokens a picture costs a language model: four bridges, tiles, and a grid that follows the picture.

Liu et al. 2023, "Improved Baselines with Visual Instruction Tuning" (LLaVA-1.5), arXiv:2310.03744, section 3.3, and
LLaVA-NeXT's tiles; Wang et al. 2024, "Qwen2-VL", arXiv:2409.12191, section 2.1; Li et al. 2023, "BLIP-2",
arXiv:2301.12597, section 3.1; Zhai et al. 2023, "Sigmoid Loss for Language Image Pre-Training", arXiv:2303.15343:

    H_v = W · g(X_v),   g the tower's features without the class token,   W the projector's two layers

Towers, projectors and queries are transformers' own at full width on torch's meta device: shapes without numbers. Two
blocks stand for all of a tower's, as no block changes the number of tokens.

Axes: b pictures or tiles, c channels, n tokens, d values of a token, q learned queries.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor, nn

from labs.evidence import shape_text, source_of, versions
from labs.pictures import to_png
from labs.problems.visual_tokens import MERGE, PATCH, TILE
from labs.protocol import Evidence, Picture, Problem, Progress, Table
from labs.scenes.boards import draw_board

PAPER: Final = "Liu et al. 2023, arXiv:2310.03744; Wang et al. 2024, arXiv:2409.12191; Li et al. 2023, arXiv:2301.12597"
META: Final = "Run on torch's meta device, two blocks of the tower: no block changes the number of tokens"
_GRID: Final = (255, 176, 0)


# --- Towers and bridges -----------------------------------------------------------------------------------------------


def clip_tower(side: int) -> Any:
    """The vision tower of LLaVA: CLIP ViT-L/14, (b, 3, side, side) -> (b, 1+n, 1024)."""
    from transformers.models.clip.configuration_clip import CLIPVisionConfig
    from transformers.models.clip.modeling_clip import CLIPVisionModel

    config = CLIPVisionConfig(
        hidden_size=1024,
        intermediate_size=4096,
        num_attention_heads=16,
        num_hidden_layers=2,
        image_size=side,
        patch_size=PATCH,
    )
    return nn.Module.eval(CLIPVisionModel(config))


def llava(pixels: Tensor) -> list[Tensor]:
    """LLaVA-1.5: CLIP ViT-L/14 at its last layer but one, without the class token, and a projector of two layers."""
    from transformers.models.llava.configuration_llava import LlavaConfig
    from transformers.models.llava.modeling_llava import LlavaMultiModalProjector

    config = LlavaConfig()
    every = clip_tower(pixels.shape[-1])(pixels, output_hidden_states=True).hidden_states
    features = every[config.vision_feature_layer]  # (b, 1+n, 1024): -2, the last layer but one
    patches = features[:, 1:]  # (b, n, 1024): "default" leaves the class token out
    return [features, patches, LlavaMultiModalProjector(config)(patches)]  # (b, n, 4096): as wide as the LLM


def siglip(pixels: Tensor) -> list[Tensor]:
    """PaliGemma: SigLIP So400m/14, which has no class token, through one linear layer."""
    from transformers.models.siglip.configuration_siglip import SiglipVisionConfig
    from transformers.models.siglip.modeling_siglip import SiglipVisionModel

    config = SiglipVisionConfig(
        hidden_size=1152,
        intermediate_size=4304,
        num_attention_heads=16,
        num_hidden_layers=2,
        image_size=pixels.shape[-1],
        patch_size=PATCH,
    )
    features = nn.Module.eval(SiglipVisionModel(config))(pixels).last_hidden_state  # (b, n, 1152)
    return [features, nn.Linear(1152, 2048)(features)]  # (b, n, 2048)


def qwen2(pixels: Tensor) -> list[Tensor]:
    """Qwen2-VL: patches of 14 px, then each 2 × 2 of them made one token by an MLP."""
    from transformers.models.qwen2_vl.modeling_qwen2_vl import PatchEmbed, PatchMerger

    grid = pixels.unfold(2, PATCH, PATCH).unfold(3, PATCH, PATCH)  # (b, c, h, w, 14, 14)
    flat = grid.permute(0, 2, 3, 1, 4, 5).flatten(0, 2)  # (h*w, c, 14, 14)
    twice = torch.stack((flat, flat), dim=2)  # (h*w, c, 2, 14, 14): a still picture stands for two frames
    patches = PatchEmbed(PATCH, 2, 3, embed_dim=1280)(twice)  # (h*w, 1280)
    merged = PatchMerger(dim=3584, context_dim=1280, spatial_merge_size=MERGE)(patches)  # (h*w/4, 3584)
    return [patches[None], merged[None]]  # with the axis of pictures in front again


def blip2(pixels: Tensor) -> list[Tensor]:
    """BLIP-2: 32 learned queries look at all features of the tower; the queries are what goes on."""
    from transformers.models.blip_2.configuration_blip_2 import Blip2Config, Blip2QFormerConfig, Blip2VisionConfig
    from transformers.models.blip_2.modeling_blip_2 import Blip2QFormerModel, Blip2VisionModel

    tower = Blip2VisionModel(Blip2VisionConfig(image_size=pixels.shape[-1], patch_size=PATCH, num_hidden_layers=2))
    features = nn.Module.eval(tower)(pixels).last_hidden_state  # (b, 1+n, 1408)
    config = Blip2QFormerConfig(num_hidden_layers=2)
    queries = torch.empty(1, Blip2Config().num_query_tokens, config.hidden_size)  # (1, q, 768): learned, q = 32
    former = nn.Module.eval(Blip2QFormerModel(config))
    return [features, former(query_embeds=queries, encoder_hidden_states=features).last_hidden_state]  # (b, q, 768)


BRIDGES: Final[Mapping[str, Callable[[Tensor], list[Tensor]]]] = {
    "LLaVA-1.5": llava,
    "PaliGemma": siglip,
    "Qwen2-VL": qwen2,
    "BLIP-2": blip2,
}


def cut_tiles(pixels: Tensor) -> Tensor:
    """LLaVA-NeXT: a small copy of the whole picture and its tiles: (1, c, H, W) -> (1 + tiles, c, 336, 336)."""
    overview = nn.functional.interpolate(pixels, size=(TILE, TILE), mode="bilinear", antialias=True)
    tiles = pixels.unfold(2, TILE, TILE).unfold(3, TILE, TILE)  # (1, c, rows, columns, 336, 336)
    return torch.cat((overview, tiles[0].permute(1, 2, 0, 3, 4).flatten(0, 1)))


# --- Solving ----------------------------------------------------------------------------------------------------------


@torch.no_grad()
def solve_visual_tokens(problem: Problem, progress: Progress) -> Evidence:
    """The tokens that reach the language model over one bridge."""
    side, family = int(problem.params["image_size"]), str(problem.params["family"])
    progress(0.2, f"running the eye and the bridge of {family}")
    with torch.device("meta"):
        pixels = torch.empty(1, 3, side, side)
        steps = BRIDGES[family](pixels)
    seen, sent = steps[0], steps[-1]
    return Evidence(
        value=sent.shape[1],
        unit="tokens",
        derivation=(
            META,
            f"{family}: {' -> '.join(shape_text(one.shape) for one in (pixels, *steps))}",
            f"{seen.shape[1]} tokens in the eye, {sent.shape[1]} tokens to the language model",
        ),
        tables=(
            Table(
                f"A picture of {side} × {side} px in {family}",
                ("where", "tokens", "values of each", "numbers in all"),
                tuple(
                    (where, f"{one.shape[1]:,}", f"{one.shape[2]:,}", f"{one.numel():,}")
                    for where, one in (("in the eye", seen), ("to the language model", sent))
                ),
            ),
        ),
        code=source_of(BRIDGES[family]),
        facts={"seen": seen.shape[1], "patches": (side // PATCH) ** 2, "width": sent.shape[2]},
    )


@torch.no_grad()
def solve_tiles(problem: Problem, progress: Progress) -> Evidence:
    """The tokens of a picture that is cut into tiles, with an overview."""
    columns, rows = int(problem.params["columns"]), int(problem.params["rows"])
    image, pixels = _board(problem.seed, columns * TILE, rows * TILE)
    progress(0.4, "cutting the tiles")
    tiles = cut_tiles(pixels)
    with torch.device("meta"):
        sent = llava(tiles.to("meta"))[-1]
    tokens = sent.shape[0] * sent.shape[1]
    return Evidence(
        value=tokens,
        unit="tokens",
        derivation=(
            META,
            f"{shape_text(pixels.shape)} -> {shape_text(tiles.shape)}: {rows} × {columns} tiles and an overview",
            f"{shape_text(tiles.shape)} -> {shape_text(sent.shape)}: each of them through the same eye",
            f"{sent.shape[0]} × {sent.shape[1]} = {tokens} tokens",
            "LLaVA-NeXT then adds a token at each line's end and leaves out tokens of padding; not counted here.",
        ),
        pictures=(
            Picture.from_png(
                "tiles",
                to_png(_ruled(image, TILE)),
                caption=f"{columns} × {rows} tiles of {TILE} px; the overview is the whole picture, shrunk",
                alt=f"A drawn circuit board cut into {columns} × {rows} tiles",
            ),
        ),
        code=source_of(cut_tiles),
        facts={"tiles": sent.shape[0] - 1, "each": sent.shape[1]},
    )


@torch.no_grad()
def solve_dynamic(problem: Problem, progress: Progress) -> Evidence:
    """The tokens of a picture whose grid follows its own width and height."""
    width, height = int(problem.params["width"]), int(problem.params["height"])
    step = PATCH * MERGE
    fitted_width, fitted_height = round(width / step) * step, round(height / step) * step
    image, pixels = _board(problem.seed, fitted_width, fitted_height)
    progress(0.4, "embedding and merging the patches")
    with torch.device("meta"):
        patches, merged = qwen2(pixels.to("meta"))
    return Evidence(
        value=merged.shape[1],
        unit="tokens",
        derivation=(
            f"{width} × {height} px is resized to {fitted_width} × {fitted_height} px, whole multiples of {step} px",
            f"{shape_text(pixels.shape)} -> {shape_text(patches.shape)}: "
            f"{fitted_width // PATCH} × {fitted_height // PATCH} patches of {PATCH} px",
            f"{shape_text(patches.shape)} -> {shape_text(merged.shape)}: {MERGE} × {MERGE} patches make one token",
            f"{merged.shape[1]} tokens; two more, around the picture, mark where it begins and ends",
        ),
        pictures=(
            Picture.from_png(
                "grid",
                to_png(_ruled(image, step)),
                caption=f"{fitted_width // step} × {fitted_height // step} tokens of {step} × {step} px",
                alt="A drawn circuit board under the grid of its merged tokens",
            ),
        ),
        code=source_of(qwen2),
        facts={"patches": patches.shape[1]},
    )


def _board(seed: int, width: int, height: int) -> tuple[Image.Image, Tensor]:
    image = draw_board(width, height, seed).image
    pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float() / 127.5 - 1  # (1, c, H, W)
    return image, pixels


def _ruled(image: Image.Image, step: int) -> Image.Image:
    shown = image.copy()
    pen = ImageDraw.Draw(shown)
    line = max(1, image.width // 300)
    for x in range(step, image.width, step):
        pen.line((x, 0, x, image.height), fill=_GRID, width=line)
    for y in range(step, image.height, step):
        pen.line((0, y, image.width, y), fill=_GRID, width=line)
    return shown


SOLVE: Final[Mapping[str, Callable[[Problem, Progress], Evidence]]] = {
    "patches.visual_tokens": solve_visual_tokens,
    "patches.tiles": solve_tiles,
    "patches.dynamic": solve_dynamic,
}


def solve(problem: Problem, progress: Progress) -> Evidence:
    """Run the computation of a problem of this lab.

    Raises:
        KeyError: the exercise is not of this lab.
    """
    started = time.perf_counter()
    progress(0.0, "building the model")
    evidence = SOLVE[problem.exercise](problem, progress)
    return replace(
        evidence,
        derivation=(*evidence.derivation, f"Source: {PAPER}"),
        versions=versions("torch", "transformers", "pillow"),
        seconds=time.perf_counter() - started,
    )
