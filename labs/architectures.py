"""Whole Vision Transformers at full size, without weights: what they hold, what they compute, what they give out.

Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words", arXiv:2010.11929, table 1 and equations 1 to 4:

    z_0 = [x_class; x_p^1 E; ...; x_p^N E] + E_pos                                                            (1)
    z'_l = MSA(LN(z_(l-1))) + z_(l-1),    z_l = MLP(LN(z'_l)) + z'_l,    y = LN(z_L^0)                       (2 to 4)

The models are transformers' own, built on torch's meta device: every tensor has its shape, none has numbers, so that
even ViT-L runs in milliseconds. Shapes, parameters and multiply-adds are read off the modules as they run.

Axes: b pictures, c channels, h rows of patches, w columns of patches, n tokens, d values of a token, a heads.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from transformers.models.vit.configuration_vit import ViTConfig
from transformers.models.vit.modeling_vit import ViTModel

from labs.evidence import shape_text, source_of, versions
from labs.multiply_adds import Count, blocks, count, parameters
from labs.problems.architectures import ARCHITECTURES, STEPS
from labs.protocol import Curve, Evidence, Problem, Progress, Table

PAPER: Final = "Dosovitskiy et al. 2021, arXiv:2010.11929, table 1 and eq. 1 to 4"
META: Final = "Built on torch's meta device: every tensor has its shape, none has numbers"


# --- The models and what is measured of them --------------------------------------------------------------------------


def encoder(name: str, image_size: int, patch: int, layers: int | None = None) -> ViTModel:
    """A ViT of table 1 without weights, for square pictures; `layers` makes it shallower than the paper's."""
    size = ARCHITECTURES[name]
    config = ViTConfig(
        hidden_size=size.width,
        num_hidden_layers=layers or size.layers,
        num_attention_heads=size.heads,
        intermediate_size=size.hidden,
        image_size=image_size,
        patch_size=patch,
    )
    config._attn_implementation = "eager"  # the products of attention as products, where the counter sees them
    with torch.device("meta"):
        model = ViTModel(config)
    nn.Module.eval(model)
    return model


def picture(image_size: int) -> Tensor:
    """A picture without pixels: (1, 3, H, W)."""
    return torch.empty(1, 3, image_size, image_size, device="meta")


def count_encoder(model: ViTModel, pixels: Tensor) -> tuple[Count, Count]:
    """Multiply-adds of the patch embedding and of one block; all blocks are alike, so one of them is run."""
    tokens: Tensor = model.embeddings(pixels)  # (b, 1+n, d)
    embedding = count(lambda: model.embeddings(pixels))  # one product with E a patch
    block = count(lambda: blocks(model)[0](tokens))  # Q, K, V, O and the MLP; then QK^T and AV
    return embedding, block


@torch.no_grad()
def count_pairs(model: ViTModel, pixels: Tensor) -> tuple[int, int, Count]:
    """Tokens, pairs of tokens that one head of one block compares, and the multiply-adds of that block."""
    tokens: Tensor = model.embeddings(pixels)  # (b, 1+n, d)
    block: Any = blocks(model)[0]
    maps: list[Tensor] = []
    block.attention.register_forward_hook(lambda _, __, result: maps.append(result[1]))
    counted = count(lambda: block(tokens))
    return tokens.shape[1], maps[0][0, 0].numel(), counted  # (b, a, 1+n, 1+n): the cells of its attention matrix


@torch.no_grad()
def outputs(model: ViTModel, pixels: Tensor) -> dict[str, Tensor]:
    """Everything an encoder can hand on."""
    result = model(pixels, output_attentions=True)
    every = result.last_hidden_state  # (b, 1+n, d)
    patches = every[:, 1:]  # (b, n, d): the class token left out
    _, _, rows, columns = model.embeddings.patch_embeddings.projection(pixels).shape  # (b, d, h, w)
    return {
        "all tokens of the last layer": every,
        "its patch tokens alone": patches,
        "its patch tokens laid out as a feature map": patches.mT.unflatten(2, (rows, columns)),  # (b, d, h, w)
        "the pooled output": result.pooler_output,  # (b, d): the class token through one more layer
        "the attention weights of one layer": result.attentions[0],  # (b, a, 1+n, 1+n)
    }


class Tour(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Writes down every tensor operation of a forward pass, with the shape it gave."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.steps: list[tuple[str, tuple[int, ...]]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        first = result[0] if isinstance(result, tuple) else result
        if isinstance(first, Tensor):
            self.steps.append((func.overloadpacket.__name__, tuple(first.shape)))
        return result


@torch.no_grad()
def take_tour(model: ViTModel, pixels: Tensor) -> dict[str, tuple[int, str, tuple[int, ...]]]:
    """When each step of the pipeline came: its number in the trace, its operation and the shape it gave."""
    with Tour() as tour:
        model(pixels)
    found: dict[str, tuple[int, str, tuple[int, ...]]] = {}
    for step, (operation, which) in STEPS.items():
        at = [number for number, (name, _) in enumerate(tour.steps) if name == operation][which]
        found[step] = (at, operation, tour.steps[at][1])
    return found


# --- Solving ----------------------------------------------------------------------------------------------------------


def solve_parameters(problem: Problem, progress: Progress) -> Evidence:
    """The learned numbers of the patch projection or of the table of positions."""
    name, size, patch = _model(problem)
    model = encoder(name, size, patch)
    progress(0.6, "counting the parameters")
    embeddings: Any = model.embeddings
    projection = embeddings.patch_embeddings.projection
    counted = {
        "the patch projection": (parameters(projection), _shapes(projection)),
        "the position embeddings": (
            embeddings.position_embeddings.numel(),
            shape_text(embeddings.position_embeddings.shape),
        ),
        "one transformer block": (parameters(blocks(model)[0]), ""),
        "the whole encoder": (_without_pooler(model), ""),
    }
    part = str(problem.params["part"])
    value, shape = counted[part]
    return Evidence(
        value=value,
        unit="parameters",
        derivation=(META, f"{part}: {shape} -> {value:,} learned numbers"),
        tables=(
            Table(
                f"{name}, patch {patch}, {size} px",
                ("part", "parameters"),
                tuple((part, f"{number:,}") for part, (number, _) in counted.items()),
            ),
        ),
        code=source_of(parameters),
        facts={
            "bias": projection.bias.numel(),
            "tokens": embeddings.position_embeddings.shape[1],
            "width": embeddings.position_embeddings.shape[2],
            "projection": counted["the patch projection"][0],
            "positions": counted["the position embeddings"][0],
            "whole": _without_pooler(model),
        },
    )


def solve_size(problem: Problem, progress: Progress) -> Evidence:
    """The learned numbers of a whole encoder, in millions."""
    name, size, patch = _model(problem)
    model = encoder(name, size, patch)
    progress(0.6, "counting the parameters")
    every = blocks(model)
    block: Any = every[0]
    attention, mlp = parameters(block.attention), parameters(block) - parameters(block.attention)
    embeddings, whole = parameters(model.embeddings), _without_pooler(model)
    width = model.config.hidden_size
    return Evidence(
        value=whole / 1e6,
        unit="million parameters",
        derivation=(
            META,
            f"one block: attention {attention:,} + MLP and norms {mlp:,} = {parameters(block):,}, "
            f"which is {parameters(block) / width**2:.2f} × {width}²",
            f"{len(every)} blocks × {parameters(block):,} + embeddings {embeddings:,} + last norm -> {whole:,}",
        ),
        tables=(
            Table(
                f"{name}, patch {patch}, {size} px",
                ("part", "parameters", "share"),
                tuple(
                    (part, f"{number:,}", f"{number / whole:.1%}")
                    for part, number in (
                        ("embeddings", embeddings),
                        (f"attention of {len(every)} blocks", attention * len(every)),
                        (f"MLP and norms of {len(every)} blocks", mlp * len(every)),
                    )
                ),
            ),
        ),
        code=source_of(parameters),
        facts={
            "block": parameters(block) / 1e6,
            "attention": attention * len(every) / 1e6,
            "mlp": mlp * len(every) / 1e6,
        },
    )


def solve_compute(problem: Problem, progress: Progress) -> Evidence:
    """The multiply-adds of one picture through a whole encoder, in billions."""
    name, size, patch = _model(problem)
    model, pixels = encoder(name, size, patch), picture(size)
    progress(0.4, "running one block and counting")
    embedding, block = count_encoder(model, pixels)
    depth = len(blocks(model))
    whole = embedding + block * depth
    tokens = model.embeddings(pixels).shape[1]
    return Evidence(
        value=whole.total / 1e9,
        unit="billion multiply-adds",
        derivation=(
            META,
            f"{shape_text(pixels.shape)} -> (1, {tokens}, {model.config.hidden_size}): {tokens} tokens",
            f"one block: {block.layers / 1e9:.3f} G in its layers + {block.attention / 1e9:.3f} G in QKᵀ and AV",
            f"{depth} blocks alike, and the patch embedding {embedding.total / 1e9:.3f} G -> {whole.total / 1e9:.2f} G",
            f"torch's FlopCounterMode counts two FLOPs a multiply-add: {2 * whole.total / 1e9:.2f} GFLOPs",
        ),
        tables=(
            Table(
                f"{name}, patch {patch}, {size} px",
                ("part", "G multiply-adds", "share"),
                tuple(
                    (part, f"{number / 1e9:.2f}", f"{number / whole.total:.1%}")
                    for part, number in (
                        ("patch embedding", embedding.total),
                        ("learned layers of the blocks", block.layers * depth),
                        ("attention, QKᵀ and AV", block.attention * depth),
                    )
                ),
            ),
        ),
        code=source_of(count_encoder),
        facts={
            "block": block.total / 1e9,
            "layers": (embedding.total + block.layers * depth) / 1e9,
            "attention": block.attention * depth / 1e9,
            "parameters": _without_pooler(model) / 1e9,
        },
    )


def solve_growth(problem: Problem, progress: Progress) -> Evidence:
    """How tokens and attention pairs grow with the side of the picture."""
    name, size, patch = _model(problem)
    factor, quantity = int(problem.params["factor"]), str(problem.params["quantity"])
    sides = [size * times for times in range(1, 5)]
    measured: list[tuple[int, int, Count]] = []
    for done, side in enumerate(sides):
        progress(done / len(sides), f"a picture of {side} px")
        model, pixels = encoder(name, side, patch, layers=1), picture(side)
        measured.append(count_pairs(model, pixels))
    before, after = measured[0], measured[factor - 1]
    what = "tokens" if quantity == "tokens" else "attention pairs of a head"
    old, new = (before[0], after[0]) if quantity == "tokens" else (before[1], after[1])
    ratio = new / old
    return Evidence(
        value=ratio,
        unit="times",
        derivation=(
            META,
            f"side {size} px: {before[0]:,} tokens, a head compares {before[0]} × {before[0]} = {before[1]:,} pairs",
            f"side {sides[factor - 1]} px: {after[0]:,} tokens -> {after[1]:,} pairs",
            f"{what}: {new:,} / {old:,} -> {ratio:.2f} times",
            "The class token does not grow, which keeps the ratio a little below the rule.",
        ),
        tables=(
            Table(
                f"{name}, patch {patch}: one block",
                ("side", "tokens", "pairs", "G in learned layers", "G in attention"),
                tuple(
                    (f"{side} px", f"{n:,}", f"{pairs:,}", f"{c.layers / 1e9:.2f}", f"{c.attention / 1e9:.2f}")
                    for side, (n, pairs, c) in zip(sides, measured, strict=True)
                ),
            ),
        ),
        curves=(
            Curve(
                "One block as the picture grows",
                "side in px",
                "billion multiply-adds",
                tuple(float(side) for side in sides),
                {
                    "learned layers": tuple(c.layers / 1e9 for _, _, c in measured),
                    "attention, QKᵀ and AV": tuple(c.attention / 1e9 for _, _, c in measured),
                },
            ),
        ),
        code=source_of(count_pairs),
        facts={"tokens": after[0] / before[0], "pairs": after[1] / before[1], "factor": factor},
    )


def solve_shapes(problem: Problem, progress: Progress) -> Evidence:
    """The shape of one of the things an encoder gives out."""
    name, size, patch = _model(problem)
    model, pixels = encoder(name, size, patch, layers=2), picture(size)
    progress(0.4, "running the encoder")
    shapes = {what: shape_text(tensor.shape) for what, tensor in outputs(model, pixels).items()}
    asked = str(problem.params["output"])
    return Evidence(
        value=shapes[asked],
        derivation=(
            META,
            f"Two of the {ARCHITECTURES[name].layers} layers were run: no shape depends on how many there are",
            f"{shape_text(pixels.shape)} -> {shapes[asked]}: {asked}",
        ),
        tables=(
            Table(
                f"What {name} gives out, patch {patch}, {size} px",
                ("output", "shape"),
                tuple(shapes.items()),
            ),
        ),
        code=source_of(outputs),
        facts=dict(shapes),
    )


def solve_tour(problem: Problem, progress: Progress) -> Evidence:
    """The order in which the steps of one forward pass came."""
    name, size, patch = _model(problem)
    model, pixels = encoder(name, size, patch, layers=1), picture(size)
    progress(0.4, "tracing one forward pass")
    trace = sorted(take_tour(model, pixels).items(), key=lambda step: step[1][0])
    order = [step for step, _ in trace if step in problem.options]
    return Evidence(
        value=order,
        derivation=(
            META,
            f"{shape_text(pixels.shape)} -> one of {ARCHITECTURES[name].layers} alike blocks was traced",
            *(f"{step} -> {shape_text(shape)}" for step, (_, _, shape) in trace if step in problem.options),
        ),
        tables=(
            Table(
                f"One forward pass of {name}, patch {patch}, {size} px",
                ("tensor operation", "step", "torch's name for it", "shape it gives"),
                tuple((f"no. {at + 1}", step, operation, shape_text(shape)) for step, (at, operation, shape) in trace),
            ),
        ),
        code=source_of(take_tour),
    )


def _model(problem: Problem) -> tuple[str, int, int]:
    p = problem.params
    return str(p["model"]), int(p["image_size"]), int(p["patch_size"])


def _without_pooler(model: ViTModel) -> int:
    pooler: Any = model.pooler
    return parameters(model) - parameters(pooler)


def _shapes(module: nn.Module) -> str:
    return " and ".join(shape_text(parameter.shape) for parameter in module.parameters())


SOLVE: Final[Mapping[str, Callable[[Problem, Progress], Evidence]]] = {
    "patches.parameters": solve_parameters,
    "patches.size": solve_size,
    "patches.compute": solve_compute,
    "patches.growth": solve_growth,
    "patches.shapes": solve_shapes,
    "patches.tour": solve_tour,
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
