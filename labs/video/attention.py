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

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from labs.bench import Exercise, Facts, Show, Variants, Whole, later

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from labs import multiply_adds
    from labs.multiply_adds import Count

    timesformer: Any  # constructors without types
    timesformer_config: Any
else:
    torch, nn, multiply_adds = later("torch"), later("torch.nn"), later("labs.multiply_adds")
    timesformer = later("transformers.models.timesformer.modeling_timesformer")
    timesformer_config = later("transformers.models.timesformer.configuration_timesformer")

JOINT: Final = "joint space-time attention"
DIVIDED: Final = "divided space-time attention"
BY_FRAME: Final = "attention frame by frame"
TIME_STEP: Final = "the time step of divided attention"
SPACE_STEP: Final = "the space step of divided attention"
JOINT_CHEAPER: Final = "the joint block takes fewer"
DIVIDED_CHEAPER: Final = "the divided block takes fewer"
EQUAL: Final = "both take the same"
BLOCKS: Final = 12
_KIND: Final = {JOINT: "joint_space_time", DIVIDED: "divided_space_time", BY_FRAME: "space_only"}


class Attention(Exercise):
    """What the exercises of this file share: a clip of T frames."""

    sections, source = "5.4", "Bertasius et al. 2021, arXiv:2102.05095, eq. 5 to 8"
    measured_on = "TimeSformer's own block at the size of ViT-B, run on torch's meta device"
    libraries = ("torch", "transformers")
    frames = Whole(8, 2, 96, draw=(8, 12, 16, 24, 32), help="frames of the clip")
    image_size = Whole(
        224,
        64,
        512,
        draw=(112, 128, 160, 192, 224, 256),
        multiple_of="patch_size",
        help="side of the square frames in px",
    )
    patch_size = Whole(16, 8, 64, draw=(14, 16), help="side of a patch in px")

    def facts(self) -> Facts:
        size = f"{self.image_size} × {self.image_size} pixels, patches of {self.patch_size} px."
        patches = (self.image_size // self.patch_size) ** 2
        return {"patches": patches, "described": f"A clip has {self.frames} frames of {size}"}

    def clip(self, frames: int = 0) -> tuple[int, int, int]:
        """Frames, side and patch, as the functions below take them."""
        return frames or self.frames, self.image_size, self.patch_size


def one_block(scheme: str, frames: int, side: int, patch: int) -> tuple[Any, Tensor]:
    """A block of TimeSformer-B and its tokens: (1, 1 + T*N, d); frame by frame (T, 1 + N, d)."""
    config = timesformer_config.TimesformerConfig(
        num_frames=frames, image_size=side, patch_size=patch, attention_type=_KIND[scheme]
    )
    with torch.no_grad(), torch.device("meta"):
        tokens: Tensor = timesformer.TimesformerEmbeddings(config)(torch.empty(1, frames, 3, side, side))
        block = timesformer.TimesformerLayer(config, 0)
    nn.Module.eval(block)
    return block, tokens


def attention_maps(block: Any, tokens: Tensor) -> dict[str, Tensor]:
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
    return multiply_adds.count(lambda: block(tokens))


# --- What one token looks at ------------------------------------------------------------------------------------------


class Keys(Attention):
    """How many keys one token is compared with."""

    name, title, sections, covers = "video.keys", "Count what one token looks at", "5.2", "5.2-04 5.2-05 5.1-04"
    scheme = Variants(
        {
            JOINT: {
                "right": "frames × patches + 1",
                "slips": {"frames × patches": "forgot the class token: The class token is one more key."},
            },
            TIME_STEP: {
                "right": "frames",
                "slips": {
                    "frames + 1": "counted the class token: In TimeSformer's time step the class token takes no part "
                    "in this code.",
                },
            },
            SPACE_STEP: {
                "right": "patches + 1",
                "slips": {"patches": "forgot the class token: The class token is one more key."},
            },
            BY_FRAME: {
                "right": "patches + 1",
                "slips": {"patches": "forgot the class token: The class token is one more key."},
            },
        },
        help="whose attention",
    )
    prompt = (
        "{described} In {scheme} of TimeSformer, with how many keys is the query of one patch compared? The class "
        "token counts where it takes part; in the time step it does not."
    )
    unit = "keys"
    hints = (
        "Does the token look at its own place through time, at its own frame, or at everything?",
        "Patches of a frame are rows times columns; one class token joins wherever space is looked at.",
    )
    slips = {
        "patches + frames if apart": "added both steps: That adds both steps; asked is one of them.",
        "patches + frames + 1 if apart": "added both steps: That adds both steps; asked is one of them.",
        "frames × patches if apart": "looked at everything: That is every patch of every frame, as in joint attention.",
        "frames × patches + 1 if apart": "looked at everything: That is every token of the clip, as in joint "
        "attention.",
        "patches + 1 if apart": "looked at one frame: That is one frame alone.",
        "patches if apart": "looked at one frame: That is one frame alone.",
        "frames if apart": "looked through time only: That is one place through time.",
        "frames × (patches + 1)": "a class token a frame: There is one class token for the whole clip.",
        "(frames × patches + 1)²": "gave the pairs: Those are all pairs; asked are the keys of one query.",
    }

    def run(self, show: Show) -> int:
        """How many keys one token is compared with."""
        found: dict[str, Tensor] = {}
        for done, scheme in enumerate((JOINT, DIVIDED, BY_FRAME)):
            show.progress(done / 3, f"running a block with {scheme}")
            maps = attention_maps(*one_block(scheme, *self.clip()))
            if scheme == DIVIDED:
                found[TIME_STEP], found[SPACE_STEP] = maps["temporal_attention"], maps["attention"]
            else:
                found[scheme] = maps["attention"]
        weights = found[self.scheme]
        show.line(f"{self.scheme} -> attention weights {tuple(weights.shape)}: sequences, heads, queries, keys")
        rows = [(name, tuple(one.shape), f"{one.shape[-1]:,}") for name, one in found.items()]
        show.table(f"{self.frames} frames of {self.patches} patches", "attention | weights | keys of a query", rows)
        return int(weights.shape[-1])


# --- What it costs ----------------------------------------------------------------------------------------------------


class JointAgainstDivided(Attention):
    """How many times dearer joint attention is than divided attention."""

    name, title = "video.attention", "Compare joint and divided attention"
    sections, covers = "5.4 5.2", "5.4-03 5.4-04"
    prompt = (
        "{described} Count only the products of attention, QKᵀ and AV, not the learned layers. How many times as many "
        "multiply-adds does joint space-time attention take as divided attention (time step and space step together)?"
    )
    answer_type, unit, tolerance_percent = "number", "times", 4.0
    tolerance_reason = "class tokens may be left out of the estimate"
    hints = (
        "Joint: T·N tokens, each compared with T·N keys.",
        "Divided: each of the T·N tokens is compared with T keys, then with N. So compare T·N with T + N.",
    )
    right = "(frames × patches + 1)² / (patches × frames² + frames × (patches + 1)²)"
    slips = {
        "(frames × patches + 1)² / (frames × (patches + 1)²)": "left the time step out: That compares with the space "
        "step alone; the time step costs as well.",
        "patches": "left the space step out: That compares with the time step alone; the space step costs more.",
        "1 / right": "turned it over: That is divided against joint; asked is joint against divided.",
        "whole": "compared whole blocks: That compares whole blocks, learned layers included; asked are the products "
        "of attention.",
        "frames × patches": "gave the keys: Those are the keys of joint attention; divided attention has some, too.",
        "right²": "squared it: Both have the same number of queries; only the keys differ.",
    }

    def run(self, show: Show) -> float:
        """How many times dearer the products of joint attention are than those of divided attention."""
        costs: dict[str, Count] = {}
        for done, scheme in enumerate((JOINT, DIVIDED, BY_FRAME)):
            show.progress(done / 3, f"counting a block with {scheme}")
            costs[scheme] = cost_of_block(scheme, *self.clip())
        joint, divided = costs[JOINT], costs[DIVIDED]
        show.line(
            f"{self.frames} frames of {self.patches} patches, QKᵀ and AV of one block, in multiply-adds -> "
            f"joint {joint.attention / 1e9:.3f} G, divided {divided.attention / 1e9:.3f} G",
            "FlopCounterMode shows twice as many FLOPs; the ratio is the same",
        )
        show.table(
            f"One block, {self.frames} frames of {self.image_size} × {self.image_size} px, patch {self.patch_size}",
            "attention | G multiply-adds in QKᵀ and AV | in learned layers | in all",
            [
                (name, f"{one.attention / 1e9:.3f}", f"{one.layers / 1e9:.2f}", f"{one.total / 1e9:.2f}")
                for name, one in costs.items()
            ],
        )
        show.fact(whole=joint.total / divided.total)
        return joint.attention / divided.attention


class Cheaper(Attention):
    """Which whole block takes fewer multiply-adds."""

    name, title, covers = "video.cheaper", "Say when divided attention pays", "5.4-03 5.4-04"
    frames = Whole(8, 2, 96, draw=(4, 6, 8, 24, 32, 48, 64), help="frames of the clip")
    prompt = (
        "{described} Tokens have 768 values. Compare one whole block of TimeSformer, learned layers included, with "
        "joint space-time attention and with divided attention. Which takes fewer multiply-adds?"
    )
    answer_type, options = "choice", (JOINT_CHEAPER, DIVIDED_CHEAPER, EQUAL)
    hints = (
        "Divided attention has a second attention layer: about 5 × 768² more multiply-adds a token.",
        "Joint attention takes 2 × 768 multiply-adds a token and key. How many more keys has it than T + N?",
    )

    def known(self) -> Mapping[str, str]:
        measured = "Measured: joint {joint:.2f} G, divided {divided:.2f} G multiply-adds."
        return {
            DIVIDED_CHEAPER: "forgot the second layer: The clip is too short: the matrices of the second attention "
            f"layer cost more than it saves. {measured}",
            JOINT_CHEAPER: "forgot the growth: Joint attention grows with the square of all tokens; here that "
            "outweighs "
            f"the second layer. {measured}",
            EQUAL: f"took them for equal: They differ both in matrices and in keys. {measured}",
        }

    def run(self, show: Show) -> str:
        """Which whole block takes fewer multiply-adds, joint or divided."""
        lengths = sorted({4, 32, self.frames})
        costs: dict[str, list[Count]] = {JOINT: [], DIVIDED: []}
        for done, length in enumerate(lengths):
            show.progress(done / len(lengths), f"counting a clip of {length} frames")
            for scheme, counted in costs.items():
                counted.append(cost_of_block(scheme, *self.clip(length)))
        at = lengths.index(self.frames)
        joint, divided = costs[JOINT][at], costs[DIVIDED][at]
        answer = JOINT_CHEAPER if joint.total < divided.total else DIVIDED_CHEAPER
        for name, one in (("joint", joint), ("divided", divided)):
            show.line(f"{name}: {one.layers / 1e9:.2f} G in learned layers, {one.attention / 1e9:.2f} G in attention")
        show.line(
            f"{joint.total / 1e9:.2f} G against {divided.total / 1e9:.2f} G multiply-adds a block -> {answer}",
            "Divided attention brings a second attention layer with its own matrices; the clip must be long to repay "
            "it.",
        )
        title = f"One block, frames of {self.image_size} × {self.image_size} px, patch {self.patch_size}"
        series = {scheme: [one.total / 1e9 for one in counted] for scheme, counted in costs.items()}
        show.curve(title, "frames", "billion multiply-adds", lengths, series)
        show.fact(joint=joint.total / 1e9, divided=divided.total / 1e9)
        return answer


_LINEAR: Final = {
    "right": "factor",
    "slips": {
        "factor²": "took it as quadratic: Here more frames only make more sequences of the same length; each costs as "
        "before.",
    },
}
_QUADRATIC: Final = {
    "factor": "took it as linear: More frames make each sequence longer here: more queries, and more keys for each.",
}


class Longer(Attention):
    """By what factor attention grows when the clip becomes longer."""

    name, title, covers = "video.longer", "Follow the cost of a longer clip", "5.4-02 5.4-03 6.2-07"
    scheme = Variants(
        {
            JOINT: {
                "right": "((factor × frames × patches + 1) / (frames × patches + 1))²",
                "slips": _QUADRATIC,
            },
            TIME_STEP: {"right": "factor²", "slips": _QUADRATIC},
            SPACE_STEP: _LINEAR,
            BY_FRAME: _LINEAR,
        },
        help="whose attention",
    )
    factor = Whole(2, 2, 6, draw=(2, 3, 4), help="how many times longer the clip becomes")
    frames = Whole(8, 2, 32, draw=(8, 12, 16), help="frames of the clip")
    prompt = (
        "A clip grows from {frames} to {more} frames of {image_size} × {image_size} pixels, patches of {patch_size} "
        "px. By what factor does the number of query-key pairs of a head grow in {scheme}?"
    )
    answer_type, unit, tolerance_percent = "number", "times", 2.0
    tolerance_reason = "the class token does not grow, so the measured ratio can lie a little below the rule"
    hints = (
        "Do the sequences get longer, or are there only more of them?",
        "Longer sequences count twice, as queries and as keys; more sequences count once.",
    )
    slips = {
        "factor⁴": "took it for a larger picture: Only time grows here; the frames keep their patches.",
        "1": "took it as constant: More frames bring more queries in any case.",
    }

    def facts(self) -> Facts:
        return {**super().facts(), "more": self.frames * self.factor}

    def run(self, show: Show) -> float:
        """By what factor the products of attention grow with the length of the clip."""
        scheme = DIVIDED if self.scheme in {TIME_STEP, SPACE_STEP} else self.scheme
        step = "temporal_attention" if self.scheme == TIME_STEP else "attention"
        pairs = []
        for done, length in enumerate((self.frames, self.more)):
            show.progress(done / 2, f"running a clip of {length} frames")
            weights = attention_maps(*one_block(scheme, *self.clip(length)))[step]
            pairs.append(weights[:, 0].numel())
            show.line(f"{length} frames -> attention weights {tuple(weights.shape)}, {pairs[-1]:,} pairs of a head")
        return pairs[1] / pairs[0]


class Memory(Attention):
    """How much memory the attention weights of one block take."""

    name, title, covers = "video.memory", "Weigh a clip's attention weights", "5.4-02 5.4-03"
    prompt = (
        "{described} One block of joint attention with 12 heads writes its attention weights in half precision, 2 "
        "bytes each. How many megabytes (10⁶ bytes) is that?"
    )
    answer_type, unit, tolerance_percent = "number", "MB", 3.0
    tolerance_reason = "the class token may be left out and the result rounded"
    hints = ("How many tokens has the clip?", "Every head keeps tokens × tokens weights of 2 bytes.")
    right = "(frames × patches + 1)² × heads × 2 / 1,000,000"
    slips = {
        "right / heads": "one head only: That is one head; there are 12.",
        "right / 2": "forgot the two bytes: Those are the weights in millions; each takes 2 bytes.",
        "right × 2": "took four bytes: That is single precision; half precision takes 2 bytes.",
        "(frames × patches + 1) × heads × 2 / 1,000,000": "did not square: Every token looks at every token: the "
        "square of them.",
        "right / 1,000": "gave gigabytes: That is in gigabytes; asked are megabytes.",
        "right × 12": "all blocks: That is all twelve blocks; asked is one.",
    }

    def facts(self) -> Facts:
        return {**super().facts(), "heads": 12}

    def run(self, show: Show) -> float:
        """How many megabytes the attention weights of one block take in half precision."""
        block, tokens = one_block(JOINT, *self.clip())
        show.progress(0.4, "running the block in half precision")
        weights = attention_maps(block.half(), tokens.half())["attention"]
        show.shapes(f"attention weights of {weights.element_size()} bytes", tokens, weights)
        show.line(
            f"{BLOCKS} blocks in training keep {BLOCKS * weights.nbytes / 1e9:.2f} GB of them; fused kernels such as "
            "FlashAttention never write them out, but compute as many"
        )
        return weights.nbytes / 1e6


EXERCISES: Final = (Keys, JointAgainstDivided, Cheaper, Longer, Memory)
