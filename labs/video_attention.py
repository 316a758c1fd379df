"""What attention over space and time costs: joint, divided, and frame by frame.

Bertasius et al. 2021, "Is Space-Time Attention All You Need for Video Understanding?", arXiv:2102.05095, section 3,
equations 5 to 8. Keys that one query is compared with, for T frames of N patches:

    joint:  T·N + 1        divided:  T in time, then N + 1 in space        frame by frame:  N + 1

The blocks are transformers' TimeSformer at the size of ViT-B on torch's meta device. In that code the class token takes
no part in the time step, so a token meets T keys there (the paper counts T + 1). Costs are multiply-adds measured by
torch's FlopCounterMode, which counts two FLOPs for each; TimeSformer computes attention eagerly (it refuses the fused
kernel), so its products are there to be counted.

Axes: b sequences side by side, a heads, n tokens, d values of a token, T frames, N patches of a frame.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import torch
from torch import Tensor, nn
from transformers.models.timesformer.configuration_timesformer import TimesformerConfig
from transformers.models.timesformer.modeling_timesformer import TimesformerEmbeddings, TimesformerLayer

from labs.evidence import shape_text, source_of, versions
from labs.multiply_adds import Count, count
from labs.problems.video_attention import (
    BY_FRAME,
    DIVIDED,
    DIVIDED_CHEAPER,
    JOINT,
    JOINT_CHEAPER,
    SPACE_STEP,
    TIME_STEP,
)
from labs.protocol import Curve, Evidence, Problem, Progress, Table

PAPER: Final = "Bertasius et al. 2021, arXiv:2102.05095, eq. 5 to 8"
META: Final = "TimeSformer's own block at the size of ViT-B, run on torch's meta device"
BLOCKS: Final = 12
_KIND: Final = {JOINT: "joint_space_time", DIVIDED: "divided_space_time", BY_FRAME: "space_only"}


_embeddings: Final[Any] = TimesformerEmbeddings  # its constructor carries no types


# --- The model's side -------------------------------------------------------------------------------------------------


@torch.no_grad()
def one_block(scheme: str, frames: int, side: int, patch: int) -> tuple[TimesformerLayer, Tensor]:
    """A block of TimeSformer-B and its tokens: (1, 1 + T*N, d); frame by frame (T, 1 + N, d)."""
    config = TimesformerConfig(num_frames=frames, image_size=side, patch_size=patch, attention_type=_KIND[scheme])
    with torch.device("meta"):
        tokens: Tensor = _embeddings(config)(torch.empty(1, frames, 3, side, side))
        block = TimesformerLayer(config, 0)
    nn.Module.eval(block)
    return block, tokens


@torch.no_grad()
def attention_maps(block: TimesformerLayer, tokens: Tensor) -> dict[str, Tensor]:
    """The attention weights of each step of a block, caught behind the softmax: (b, a, queries, keys)."""
    maps: dict[str, Tensor] = {}
    for step in ("temporal_attention", "attention"):
        if hasattr(block, step):
            softmax: Any = getattr(block, step).attention.attn_drop
            softmax.register_forward_hook(lambda _, __, weights, step=step: maps.update({step: weights}))
    block(tokens)
    return maps


def cost_of_block(scheme: str, frames: int, side: int, patch: int) -> Count:
    """Multiply-adds of one block over a clip: its learned layers, and the products QK^T and AV."""
    block, tokens = one_block(scheme, frames, side, patch)
    return count(lambda: block(tokens))


# --- Solving ----------------------------------------------------------------------------------------------------------


def solve_keys(problem: Problem, progress: Progress) -> Evidence:
    """How many keys one token is compared with."""
    frames, side, patch = _clip(problem)
    found: dict[str, Tensor] = {}
    for done, scheme in enumerate((JOINT, DIVIDED, BY_FRAME)):
        progress(done / 3, f"running a block with {scheme}")
        maps = attention_maps(*one_block(scheme, frames, side, patch))
        if scheme == DIVIDED:
            found[TIME_STEP], found[SPACE_STEP] = maps["temporal_attention"], maps["attention"]
        else:
            found[scheme] = maps["attention"]
    asked = str(problem.params["scheme"])
    weights = found[asked]
    return Evidence(
        value=weights.shape[-1],
        unit="keys",
        derivation=(
            META,
            f"{asked}: attention weights {shape_text(weights.shape)}: sequences, heads, queries, keys",
            f"{frames} frames of {(side // patch) ** 2} patches -> each query meets {weights.shape[-1]} keys",
        ),
        tables=(
            Table(
                f"{frames} frames of {(side // patch) ** 2} patches",
                ("attention", "weights", "keys of a query"),
                tuple((name, shape_text(one.shape), f"{one.shape[-1]:,}") for name, one in found.items()),
            ),
        ),
        code=source_of(attention_maps),
        facts={"frames": frames, "patches": (side // patch) ** 2},
    )


def solve_attention(problem: Problem, progress: Progress) -> Evidence:
    """How many times dearer the products of joint attention are than those of divided attention."""
    frames, side, patch = _clip(problem)
    costs = {}
    for done, scheme in enumerate((JOINT, DIVIDED, BY_FRAME)):
        progress(done / 3, f"counting a block with {scheme}")
        costs[scheme] = cost_of_block(scheme, frames, side, patch)
    ratio = costs[JOINT].attention / costs[DIVIDED].attention
    return Evidence(
        value=ratio,
        unit="times",
        derivation=(
            META,
            f"{frames} frames of {(side // patch) ** 2} patches, QKᵀ and AV of one block, in multiply-adds:",
            f"joint {costs[JOINT].attention / 1e9:.3f} G, divided {costs[DIVIDED].attention / 1e9:.3f} G "
            f"-> {ratio:.2f} times",
            "FlopCounterMode shows twice as many FLOPs; the ratio is the same",
        ),
        tables=(_costs_table(costs, f"One block, {frames} frames of {side} × {side} px, patch {patch}"),),
        code=source_of(cost_of_block),
        facts={
            "whole": costs[JOINT].total / costs[DIVIDED].total,
            "by_frame": costs[JOINT].attention / costs[BY_FRAME].attention,
            "frames": frames,
            "patches": (side // patch) ** 2,
        },
    )


def solve_cheaper(problem: Problem, progress: Progress) -> Evidence:
    """Which whole block takes fewer multiply-adds, joint or divided."""
    frames, side, patch = _clip(problem)
    lengths = sorted({4, 32, frames})
    costs: dict[str, list[Count]] = {JOINT: [], DIVIDED: []}
    for done, length in enumerate(lengths):
        progress(done / len(lengths), f"counting a clip of {length} frames")
        for scheme, counted in costs.items():
            counted.append(cost_of_block(scheme, length, side, patch))
    at = lengths.index(frames)
    joint, divided = costs[JOINT][at], costs[DIVIDED][at]
    cheaper = JOINT_CHEAPER if joint.total < divided.total else DIVIDED_CHEAPER
    return Evidence(
        value=cheaper,
        derivation=(
            META,
            f"joint: {joint.layers / 1e9:.2f} G in learned layers + {joint.attention / 1e9:.2f} G in attention",
            f"divided: {divided.layers / 1e9:.2f} G in learned layers + {divided.attention / 1e9:.2f} G in attention",
            f"{joint.total / 1e9:.2f} G against {divided.total / 1e9:.2f} G multiply-adds a block -> {cheaper}",
            "Divided attention brings a second attention layer with its own matrices; the clip must be long to repay "
            "it.",
        ),
        curves=(
            Curve(
                f"One block, frames of {side} × {side} px, patch {patch}",
                "frames",
                "billion multiply-adds",
                tuple(float(length) for length in lengths),
                {scheme: tuple(one.total / 1e9 for one in counted) for scheme, counted in costs.items()},
            ),
        ),
        code=source_of(cost_of_block),
        facts={"joint": joint.total / 1e9, "divided": divided.total / 1e9},
    )


def solve_longer(problem: Problem, progress: Progress) -> Evidence:
    """By what factor the products of attention grow with the length of the clip."""
    frames, side, patch = _clip(problem)
    factor, asked = int(problem.params["factor"]), str(problem.params["scheme"])
    scheme = DIVIDED if asked in {TIME_STEP, SPACE_STEP} else asked
    step = "temporal_attention" if asked == TIME_STEP else "attention"
    pairs = {}
    for done, length in enumerate((frames, frames * factor)):
        progress(done / 2, f"running a clip of {length} frames")
        pairs[length] = attention_maps(*one_block(scheme, length, side, patch))[step]
    short, long = pairs.values()
    short_pairs, long_pairs = short[:, 0].numel(), long[:, 0].numel()
    ratio = long_pairs / short_pairs
    return Evidence(
        value=ratio,
        unit="times",
        derivation=(
            META,
            f"{frames} frames: attention weights {shape_text(short.shape)}: {short_pairs:,} pairs of a head",
            f"{frames * factor} frames: {shape_text(long.shape)}: {long_pairs:,} pairs of a head",
            f"{asked}: {long_pairs:,} / {short_pairs:,} -> {ratio:.2f} times",
        ),
        code=source_of(attention_maps),
        facts={"factor": factor},
    )


def solve_memory(problem: Problem, progress: Progress) -> Evidence:
    """How many megabytes the attention weights of one block take in half precision."""
    frames, side, patch = _clip(problem)
    block, tokens = one_block(JOINT, frames, side, patch)
    progress(0.4, "running the block in half precision")
    weights = attention_maps(block.half(), tokens.half())["attention"]
    return Evidence(
        value=weights.nbytes / 1e6,
        unit="MB",
        derivation=(
            META,
            f"{frames} frames of {(side // patch) ** 2} patches -> tokens {shape_text(tokens.shape)}",
            f"attention weights {shape_text(weights.shape)} of {weights.element_size()} bytes "
            f"-> {weights.nbytes / 1e6:,.1f} MB in one block",
            f"{BLOCKS} blocks in training keep {BLOCKS * weights.nbytes / 1e9:.2f} GB of them; fused kernels such as "
            "FlashAttention never write them out, but compute as many",
        ),
        code=source_of(attention_maps),
        facts={"tokens": tokens.shape[1], "heads": weights.shape[1], "one_head": weights[0, 0].nbytes / 1e6},
    )


def _clip(problem: Problem) -> tuple[int, int, int]:
    p = problem.params
    return int(p["frames"]), int(p["image_size"]), int(p["patch_size"])


def _costs_table(costs: Mapping[str, Count], title: str) -> Table:
    return Table(
        title,
        ("attention", "G multiply-adds in QKᵀ and AV", "in learned layers", "in all"),
        tuple(
            (name, f"{one.attention / 1e9:.3f}", f"{one.layers / 1e9:.2f}", f"{one.total / 1e9:.2f}")
            for name, one in costs.items()
        ),
    )


SOLVE: Final[Mapping[str, Callable[[Problem, Progress], Evidence]]] = {
    "video.keys": solve_keys,
    "video.attention": solve_attention,
    "video.cheaper": solve_cheaper,
    "video.longer": solve_longer,
    "video.memory": solve_memory,
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
        versions=versions("torch", "transformers"),
        seconds=time.perf_counter() - started,
    )
