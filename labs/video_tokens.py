"""From a clip to a sequence of tokens: patches of single frames, and tubelets that reach through time.

Bertasius et al. 2021, "Is Space-Time Attention All You Need for Video Understanding?" (TimeSformer), arXiv:2102.05095,
section 3; Arnab et al. 2021, "ViViT", arXiv:2103.15691, section 3.2; Tong et al. 2022, "VideoMAE", arXiv:2203.12602:

    frames one by one:  N = T · HW / P^2             tubelets of t frames:  N = floor(T/t) · floor(H/P) · floor(W/P)

The embeddings are transformers' own; their weights are random, no shape depends on them. Where only shapes are asked
they run on torch's meta device.

Axes: b clips, t frames, c channels, h rows of patches, w columns of patches, n tokens, d values of a token.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import torch
from torch import Tensor
from transformers.models.timesformer.configuration_timesformer import TimesformerConfig
from transformers.models.timesformer.modeling_timesformer import TimesformerEmbeddings
from transformers.models.videomae.configuration_videomae import VideoMAEConfig
from transformers.models.videomae.modeling_videomae import VideoMAEPatchEmbeddings
from transformers.models.vivit.configuration_vivit import VivitConfig
from transformers.models.vivit.modeling_vivit import VivitEmbeddings

from labs.evidence import shape_text, source_of, versions
from labs.pictures import to_png
from labs.problems.video_tokens import CLIP_SIDE
from labs.protocol import Evidence, Picture, Problem, Progress, Table
from labs.scenes.clip_scripts import plain_script
from labs.scenes.clips import film, flash, frame_tape, pixels_of

PAPER: Final = (
    "Bertasius et al. 2021, arXiv:2102.05095; Arnab et al. 2021, arXiv:2103.15691; Tong et al. 2022, arXiv:2203.12602"
)
META: Final = "Run on torch's meta device: every tensor has its shape, none has numbers"


_timesformer: Final[Any] = TimesformerEmbeddings  # their constructors carry no types
_videomae: Final[Any] = VideoMAEPatchEmbeddings


# --- The models' side -------------------------------------------------------------------------------------------------


def embed_frames(clip: Tensor, patch: int) -> tuple[Tensor, Tensor]:
    """TimeSformer: each frame by itself: (b, t, c, H, W) -> patches (b*t, n, d) -> sequence (b, 1 + t*n, d)."""
    _, frames, _, side, _ = clip.shape
    embeddings: Any = _timesformer(TimesformerConfig(num_frames=frames, image_size=side, patch_size=patch))
    patches, _, _ = embeddings.patch_embeddings(clip)  # (b*t, n, d): a picture each
    sequence: Tensor = embeddings(clip)  # (b, 1 + t*n, d): one class token for the whole clip
    return patches, sequence


def embed_vivit(clip: Tensor, patch: int, tubelet: int) -> Tensor:
    """ViViT: tubelets and one class token: (b, t, c, H, W) -> (b, 1+n, d)."""
    _, frames, _, side, _ = clip.shape
    config = VivitConfig(num_frames=frames, image_size=side, tubelet_size=[tubelet, patch, patch])
    sequence: Tensor = VivitEmbeddings(config)(clip)
    return sequence


def embed_videomae(clip: Tensor, patch: int, tubelet: int, width: int = 768) -> Tensor:
    """VideoMAE: tubelets alone, there is no class token: (b, t, c, H, W) -> (b, n, d)."""
    _, frames, _, side, _ = clip.shape
    config = VideoMAEConfig(
        num_frames=frames, image_size=side, patch_size=patch, tubelet_size=tubelet, hidden_size=width
    )
    tokens: Tensor = _videomae(config).to(clip.dtype)(clip)  # fixed positions are then added; no shape changes
    return tokens


def tubelet_kernel(patch: int, tubelet: int, channels: int) -> Tensor:
    """The weights a VideoMAE lays over one tubelet: (d, c, t, p, p)."""
    config = VideoMAEConfig(patch_size=patch, tubelet_size=tubelet, num_channels=channels, image_size=patch)
    weight: Tensor = _videomae(config).projection.weight
    return weight


def moved_tokens(before: Tensor, after: Tensor, patch: int, tubelet: int) -> Tensor:
    """How far each token moved from one clip to the other: (1, t, c, H, W) twice -> (n,)."""
    both = embed_videomae(torch.cat((before, after)), patch, tubelet, width=48)  # (2, n, d)
    moved: Tensor = (both[1] - both[0]).norm(dim=1)
    return moved


# --- Solving ----------------------------------------------------------------------------------------------------------


@torch.no_grad()
def solve_frames(problem: Problem, progress: Progress) -> Evidence:
    """The tokens of a clip whose frames are cut one by one."""
    frames, side, patch = (int(problem.params[name]) for name in ("frames", "image_size", "patch_size"))
    progress(0.3, "embedding the frames")
    with torch.device("meta"):
        clip = torch.empty(1, frames, 3, side, side)
        patches, sequence = embed_frames(clip, patch)
    return Evidence(
        value=sequence.shape[1],
        unit="tokens",
        derivation=(
            META,
            f"{shape_text(clip.shape)} -> {shape_text(patches.shape)}: {frames} frames, each cut like a picture",
            f"{shape_text(patches.shape)} -> {shape_text(sequence.shape)}: laid behind one another, one class token",
            f"{frames} × {patches.shape[1]} + 1 = {sequence.shape[1]} tokens",
        ),
        pictures=_tape(problem.seed, f"A frame tape; TimeSformer cuts each frame into {patches.shape[1]} patches"),
        code=source_of(embed_frames),
        facts={"patches": patches.shape[1], "frames": frames, "width": sequence.shape[2]},
    )


@torch.no_grad()
def solve_tubelets(problem: Problem, progress: Progress) -> Evidence:
    """The tokens of a clip that is cut into tubelets."""
    frames, side, patch, tubelet = _cut(problem)
    progress(0.3, "embedding the tubelets")
    with torch.device("meta"):
        clip = torch.empty(1, frames, 3, side, side)
        found = {
            "ViViT": embed_vivit(clip, patch, tubelet),
            "VideoMAE": embed_videomae(clip, patch, tubelet),
            "frame by frame (TimeSformer)": embed_frames(clip, patch)[1],
        }
    model = str(problem.params["model"])
    value, grid = found[model].shape[1], (side // patch) ** 2
    return Evidence(
        value=value,
        unit="tokens",
        derivation=(
            META,
            f"{shape_text(clip.shape)} -> {shape_text(found[model].shape)}: {model}'s embeddings",
            f"{frames} / {tubelet} = {frames // tubelet} slices of time, {side // patch} × {side // patch} places each"
            f"{', and one class token' if model == 'ViViT' else '; VideoMAE has no class token'} -> {value} tokens",
        ),
        tables=(
            Table(
                f"{frames} frames of {side} × {side} px, patch {patch}",
                ("embedding", "tokens"),
                tuple((name, f"{tokens.shape[1]:,}") for name, tokens in found.items()),
            ),
        ),
        pictures=_tape(problem.seed, f"A frame tape; a tubelet takes one place of {tubelet} frames in a row"),
        code=source_of(embed_vivit if model == "ViViT" else embed_videomae),
        facts={
            "slices": frames // tubelet,
            "grid": grid,
            "flat": found["frame by frame (TimeSformer)"].shape[1],
            "width": found[model].shape[2],
        },
    )


def solve_length(problem: Problem, progress: Progress) -> Evidence:
    """How many values one tubelet holds."""
    patch, tubelet, channels = (int(problem.params[name]) for name in ("patch_size", "tubelet", "channels"))
    progress(0.3, "building the projection")
    with torch.device("meta"):
        kernel = tubelet_kernel(patch, tubelet, channels)
    values = kernel[0].numel()
    return Evidence(
        value=values,
        unit="values",
        derivation=(
            META,
            f"VideoMAE's projection {shape_text(kernel.shape)}: {kernel.shape[0]} filters, each over a whole tubelet",
            f"{tubelet} frames × {patch} × {patch} px × {channels} -> {values} values in, {kernel.shape[0]} out",
        ),
        code=source_of(tubelet_kernel),
        facts={"width": kernel.shape[0]},
    )


@torch.no_grad()
def solve_index(problem: Problem, progress: Progress) -> Evidence:
    """The index of the token that changes when a light flashes in one frame of a drawn clip."""
    frames, patch, tubelet, frame, x, y = (
        int(problem.params[name]) for name in ("frames", "patch_size", "tubelet", "frame", "x", "y")
    )
    dark = film(plain_script(problem.seed, frames, CLIP_SIDE, CLIP_SIDE))
    lit = flash(dark, frame, x, y)
    progress(0.3, "embedding the clip with the flash and without")
    moved = moved_tokens(pixels_of(dark), pixels_of(lit), patch, tubelet)  # (n,)
    changed = moved.nonzero().flatten().tolist()
    index = int(moved.argmax())
    per_side = CLIP_SIDE // patch
    slice_of_time, place = divmod(index, per_side**2)
    row, column = divmod(place, per_side)
    left, top = column * patch, row * patch
    return Evidence(
        value=index,
        unit="",
        derivation=(
            f"(1, {frames}, 3, {CLIP_SIDE}, {CLIP_SIDE}) -> (1, {len(moved)}, 48): "
            f"{frames // tubelet} slices of time × {per_side} rows × {per_side} columns",
            f"With the flash {len(changed)} of {len(moved)} tokens changed: no. {index}, counted from 0",
            f"{slice_of_time} × {per_side**2} + {row} × {per_side} + {column} -> {index}",
        ),
        pictures=(
            Picture.from_png(
                "tape",
                to_png(frame_tape(lit, (slice_of_time * tubelet, tubelet, (left, top, left + patch, top + patch)))),
                caption=f"The frame tape; outlined in {tubelet} frames is the tubelet that changed, no. {index}",
                alt=f"{frames} frames of a moving ball, a tubelet outlined from frame {slice_of_time * tubelet} on",
            ),
        ),
        code=source_of(moved_tokens),
        facts={"changed": len(changed), "slice": slice_of_time, "row": row, "column": column, "side": per_side},
    )


def _cut(problem: Problem) -> tuple[int, int, int, int]:
    p = problem.params
    return int(p["frames"]), int(p["image_size"]), int(p["patch_size"]), int(p["tubelet"])


def _tape(seed: int, caption: str) -> tuple[Picture, ...]:
    frames = film(plain_script(seed, 8, CLIP_SIDE, CLIP_SIDE))
    return (Picture.from_png("tape", to_png(frame_tape(frames)), caption=caption, alt="Frames of a moving ball"),)


SOLVE: Final[Mapping[str, Callable[[Problem, Progress], Evidence]]] = {
    "video.frames": solve_frames,
    "video.tubelets": solve_tubelets,
    "video.tubelet_length": solve_length,
    "video.index": solve_index,
}


def solve(problem: Problem, progress: Progress) -> Evidence:
    """Run the computation of a problem of this lab.

    Raises:
        KeyError: the exercise is not of this lab.
    """
    started = time.perf_counter()
    progress(0.0, "building the model")
    torch.manual_seed(problem.seed % 2**63)
    evidence = SOLVE[problem.exercise](problem, progress)
    return replace(
        evidence,
        derivation=(*evidence.derivation, f"Source: {PAPER}"),
        versions=versions("torch", "transformers", "pillow"),
        seconds=time.perf_counter() - started,
    )
