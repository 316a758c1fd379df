"""Latent video: a causal 3-D autoencoder shrinks time and space before anything is made a token.

Yu et al. 2023, "Language Model Beats Diffusion: Tokenizer is Key to Visual Generation" (MAGVIT-v2), arXiv:2310.05737,
section 3.2; Yang et al. 2024, "CogVideoX", arXiv:2408.06072, section 2.1. Convolutions look only backwards in time, so
that the first frame can stand alone, as a picture:

    (1 + 4k) x H x W  ->  (1 + k) x H/8 x W/8 x 16,      patches of 2 x 2:  (1 + k) · H/16 · W/16 tokens

The encoder below is a small one of that kind: the strides are those of the large ones, the widths are not, and its
weights are random. Shapes come from torch's meta device; which frame depends on which is asked of real gradients.

Axes: b clips, c channels, t frames, H and W pixels, n tokens.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from labs.evidence import shape_text, source_of, versions
from labs.problems.video_latents import LATENT_CHANNELS, PATCH
from labs.protocol import Evidence, Problem, Progress, Table

PAPER: Final = "Yu et al. 2023, arXiv:2310.05737, section 3.2; Yang et al. 2024, arXiv:2408.06072, section 2.1"
META: Final = "A small causal 3-D encoder run on torch's meta device: every tensor has its shape, none has numbers"


# --- The model --------------------------------------------------------------------------------------------------------


class CausalConv3d(nn.Conv3d):
    """A convolution that sees no later frame: all of its padding in time stands in front, copies of the first frame."""

    def forward(self, clip: Tensor) -> Tensor:
        """(b, c, t, H, W) -> (b, c', t', H', W')."""
        in_front = self.kernel_size[0] - 1
        before = clip[:, :, :1].expand(-1, -1, in_front, -1, -1)
        return super().forward(torch.cat((before, clip), dim=2))


class CausalEncoder(nn.Module):
    """Eight times smaller in space, four times in time, 16 values a place."""

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        stages = []
        channels = 3
        for stride in ((1, 2, 2), (2, 2, 2), (2, 2, 2)):  # time, height, width
            stages.append(CausalConv3d(channels, width, kernel_size=3, stride=stride, padding=(0, 1, 1)))
            channels = width
        self.stages = nn.ModuleList(stages)
        self.to_latent = CausalConv3d(width, LATENT_CHANNELS, kernel_size=3, padding=(0, 1, 1))

    def forward(self, clip: Tensor) -> Tensor:
        """(b, 3, t, H, W) -> (b, 16, (t-1)/4 + 1, H/8, W/8)."""
        for stage in self.stages:
            clip = functional.silu(stage(clip))
        latent: Tensor = self.to_latent(clip)
        return latent


def cut_latent(latent: Tensor) -> Tensor:
    """The video transformer's patches, 2 × 2 places of one latent frame: (b, 16, t, h, w) -> (b, n, d)."""
    patches = nn.Conv3d(LATENT_CHANNELS, 64, kernel_size=(1, PATCH, PATCH), stride=(1, PATCH, PATCH))
    tokens: Tensor = patches(latent).flatten(2).mT
    return tokens


@torch.no_grad()
def encode(frames: int, height: int, width: int) -> tuple[Tensor, Tensor, Tensor]:
    """The clip, its latent and its tokens, without numbers."""
    with torch.device("meta"):
        clip = torch.empty(1, 3, frames, height, width)
        latent = CausalEncoder()(clip)
        return clip, latent, cut_latent(latent)


def frames_seen(latent_frame: int | None, frames: int) -> Tensor:
    """Which frames of a clip one latent frame depends on, or any of them, by the gradient: (t,) bool."""
    clip = torch.randn(1, 3, frames, 8, 8, dtype=torch.float64, requires_grad=True)
    latent = CausalEncoder(width=2).double().requires_grad_(False)(clip)  # (1, 16, t', 1, 1)
    asked = latent if latent_frame is None else latent[:, :, latent_frame]
    (gradient,) = torch.autograd.grad(asked.sum(), clip)
    return (gradient != 0).transpose(0, 2).flatten(1).any(dim=1)


# --- Solving ----------------------------------------------------------------------------------------------------------


def solve_latent_frames(problem: Problem, progress: Progress) -> Evidence:
    """How many latent frames a clip has."""
    frames = int(problem.params["frames"])
    progress(0.3, "encoding the clip")
    unseen = frames - int(frames_seen(None, frames).sum())
    found = {length: encode(length, 64, 64)[1].shape for length in (frames - 1, frames, frames + 1, frames + 4)}
    return Evidence(
        value=found[frames][2],
        unit="latent frames",
        derivation=(
            META,
            f"(1, 3, {frames}, 64, 64) -> {shape_text(found[frames])}",
            "The first frame makes a latent frame by itself, every four after it one more",
            f"1 + ({frames} - 1) / 4 = {1 + (frames - 1) / 4:g}, rounded down -> {found[frames][2]}",
            f"By its gradients the latent depends on all but {unseen} of the frames: "
            + ("the last ones make no whole group of four" if unseen else "clips of 4k + 1 frames waste none"),
        ),
        tables=(
            Table(
                "Clips of about that length",
                ("frames", "latent frames"),
                tuple((str(length), str(shape[2])) for length, shape in found.items()),
            ),
        ),
        code=source_of(CausalConv3d.forward),
        facts={"frames": frames, "unseen": unseen},
    )


def solve_causal(problem: Problem, progress: Progress) -> Evidence:
    """The last frame that a latent frame depends on."""
    asked, frames = int(problem.params["latent_frame"]), int(problem.params["frames"])
    progress(0.2, "asking the gradients")
    seen = frames_seen(asked, frames)
    last = int(seen.nonzero().max())
    others = {latent: frames_seen(latent, frames) for latent in range(min(4, (frames - 1) // 4 + 1))} | {asked: seen}
    return Evidence(
        value=last,
        unit="",
        derivation=(
            "A small causal 3-D encoder with real numbers: which frames change latent frame "
            f"{asked}? Those where its gradient is not zero",
            f"(1, 3, {frames}, 8, 8) -> (1, {LATENT_CHANNELS}, {(frames - 1) // 4 + 1}, 1, 1): "
            f"frames {int(seen.nonzero().min())} to {last}, none after {last}",
            f"The first frame stands alone, then four frames make one: 4 × {asked} -> {last}",
        ),
        tables=(
            Table(
                "Which frames a latent frame depends on",
                ("latent frame", "frames"),
                tuple(
                    (str(latent), f"{int(one.nonzero().min())} to {int(one.nonzero().max())}")
                    for latent, one in sorted(others.items())
                ),
            ),
        ),
        code=source_of(frames_seen),
        facts={"frames": frames},
    )


def solve_latent_tokens(problem: Problem, progress: Progress) -> Evidence:
    """How many tokens a latent clip makes."""
    frames, height, width = _clip(problem)
    progress(0.3, "encoding the clip")
    clip, latent, tokens = encode(frames, height, width)
    one_by_one = encode(1, height, width)[2].shape[1] * frames
    return Evidence(
        value=tokens.shape[1],
        unit="tokens",
        derivation=(
            META,
            f"the clip {shape_text(clip.shape)}: {clip.numel():,} values",
            f"{shape_text(clip.shape)} -> {shape_text(latent.shape)}: {latent.numel():,} values, the latent",
            f"{shape_text(latent.shape)} -> {shape_text(tokens.shape)}: patches of 2 × 2 latent places "
            f"-> {tokens.shape[1]:,} tokens ({tokens.shape[1]})",
            f"Without compression in time, frame by frame: {one_by_one:,} tokens",
        ),
        tables=(
            Table(
                f"{frames} frames of {width} × {height} px",
                ("what", "shape", "how many"),
                (
                    ("pixel values", shape_text(clip.shape), f"{clip.numel():,}"),
                    ("latent values", shape_text(latent.shape), f"{latent.numel():,}"),
                    ("tokens", shape_text(tokens.shape[:2]), f"{tokens.shape[1]:,}"),
                    ("pairs in full attention", "", f"{tokens.shape[1] ** 2:,}"),
                ),
            ),
        ),
        code=source_of(encode),
        facts={
            "latent_frames": latent.shape[2],
            "latent_height": latent.shape[3],
            "latent_width": latent.shape[4],
            "one_by_one": one_by_one,
            "frames": frames,
        },
    )


def solve_compression(problem: Problem, progress: Progress) -> Evidence:
    """How many times fewer values the latent has than the clip."""
    frames, height, width = _clip(problem)
    progress(0.3, "encoding the clip")
    clip, latent, _ = encode(frames, height, width)
    ratio = clip.numel() / latent.numel()
    return Evidence(
        value=ratio,
        unit="times",
        derivation=(
            META,
            f"the clip {shape_text(clip.shape)}: {clip.numel():,} values",
            f"{shape_text(clip.shape)} -> {shape_text(latent.shape)}: {latent.numel():,} values",
            f"{clip.numel():,} / {latent.numel():,} -> {ratio:.1f} times",
            f"4 × 8 × 8 = 256 times fewer places, each with {LATENT_CHANNELS} values instead of 3; the first frame, "
            "which stands alone, costs a little",
        ),
        code=source_of(encode),
        facts={"places": clip[0, 0].numel() / latent[0, 0].numel()},
    )


def solve_second(problem: Problem, progress: Progress) -> Evidence:
    """How many tokens one more second adds."""
    frames, height, width = _clip(problem)
    fps = int(problem.params["fps"])
    progress(0.3, "encoding the clip and one a second longer")
    before, after = encode(frames, height, width), encode(frames + fps, height, width)
    added = after[2].shape[1] - before[2].shape[1]
    values = after[0].numel() - before[0].numel()
    return Evidence(
        value=added,
        unit="tokens",
        derivation=(
            META,
            f"{frames} frames: {shape_text(before[0].shape)} -> {shape_text(before[2].shape)}",
            f"{frames + fps} frames: {shape_text(after[0].shape)} -> {shape_text(after[2].shape)}",
            f"{after[2].shape[1]:,} - {before[2].shape[1]:,} = {added:,} tokens ({added}) for {values:,} pixel values",
            f"Full attention over all of them then compares {after[2].shape[1] ** 2 / before[2].shape[1] ** 2:.2f} "
            "times as many pairs",
        ),
        code=source_of(encode),
        facts={"before": before[2].shape[1], "a_frame": encode(1, height, width)[2].shape[1], "values": values},
    )


def _clip(problem: Problem) -> tuple[int, int, int]:
    p = problem.params
    width, height = (int(side) for side in str(p["size"]).split("x"))
    return int(p["seconds"]) * int(p["fps"]) + 1, height, width


SOLVE: Final[Mapping[str, Callable[[Problem, Progress], Evidence]]] = {
    "video.latent_frames": solve_latent_frames,
    "video.causal": solve_causal,
    "video.latent_tokens": solve_latent_tokens,
    "video.compression": solve_compression,
    "video.second": solve_second,
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
        versions=versions("torch"),
        seconds=time.perf_counter() - started,
    )
