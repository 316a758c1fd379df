"""Whole Vision Transformers at full size, without weights: what they hold, what they compute, what they give out.

Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words", arXiv:2010.11929, table 1 and equations 1 to 4:

    z_0 = [x_class; x_p^1 E; ...; x_p^N E] + E_pos                                                            (1)
    z'_l = MSA(LN(z_(l-1))) + z_(l-1),    z_l = MLP(LN(z'_l)) + z'_l,    y = LN(z_L^0)                       (2 to 4)

The models are transformers' own, built on torch's meta device: every tensor has its shape, none has numbers, so that
even ViT-L runs in milliseconds. Shapes, parameters and multiply-adds are read off the modules as they run.

Axes: b pictures, c channels, h rows of patches, w columns of patches, n tokens, d values of a token, a heads.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from labs.bench import Exercise, Facts, OneOf, Show, Variants, Whole, later

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn
    from transformers.models.vit import configuration_vit, modeling_vit

    from labs import multiply_adds
    from labs.multiply_adds import Count
else:
    torch, nn = later("torch"), later("torch.nn")
    modeling_vit = later("transformers.models.vit.modeling_vit")
    configuration_vit = later("transformers.models.vit.configuration_vit")
    multiply_adds = later("labs.multiply_adds")


@dataclass(frozen=True, slots=True)
class Architecture:
    """Values of a token, heads, width inside the MLP, blocks."""

    width: int
    heads: int
    hidden: int
    layers: int


ARCHITECTURES: Final = {
    "ViT-S": Architecture(384, 6, 1536, 12),  # of DeiT, Touvron et al. 2021, arXiv:2012.12877, table 1
    "ViT-B": Architecture(768, 12, 3072, 12),
    "ViT-L": Architecture(1024, 16, 4096, 24),
    "ViT-H": Architecture(1280, 16, 5120, 32),
}
STEPS: Final = {
    "cut the picture and project each patch": ("convolution", 0),
    "lay the grid out as one sequence": ("transpose", 0),
    "put the class token in front": ("cat", 0),
    "add the position embeddings": ("add", 0),
    "let the tokens look at one another": ("_softmax", 0),
    "pass every token through the MLP": ("gelu", 0),
    "normalise once after the last block": ("native_layer_norm", -1),
    "pool the class token": ("tanh", -1),
}
"""Each step of a forward pass, torch's name of the operation that marks it, and which of its calls: first or last."""
OUTPUTS: Final = (
    "all tokens of the last layer",
    "its patch tokens alone",
    "its patch tokens laid out as a feature map",
    "the pooled output",
    "the attention weights of one layer",
)


class Encoder(Exercise):
    """What the exercises of this file share."""

    source = "Dosovitskiy et al. 2021, arXiv:2010.11929, table 1 and eq. 1 to 4; ViT-S is DeiT's, arXiv:2012.12877"
    measured_on = "transformers' ViTModel on torch's meta device: every tensor has its shape, none has numbers"
    model = OneOf(
        *("ViT-B", "ViT-S", "ViT-L", "ViT-H"),
        draw=("ViT-S", "ViT-B", "ViT-L"),
        help="which size: B, L and H are those of the ViT paper, S is DeiT's",
    )
    image_size = Whole(
        224,
        56,
        1024,
        draw=(224, 256, 288, 336, 384, 448, 512),
        multiple_of="patch_size",
        help="side of the square picture in px",
    )
    patch_size = Whole(16, 7, 64, draw=(14, 16, 32), help="side of a patch in px")

    def facts(self) -> Facts:
        size, p = ARCHITECTURES[self.model], self.patch_size
        side = self.image_size // p
        return {
            "called": f"{self.model}/{p}",
            "p": p,
            "side": side,
            "patches": side**2,
            "tokens": side**2 + 1,
            "width": size.width,
            "hidden": size.hidden,
            "heads": size.heads,
            "layers": size.layers,
        }


def encoder(name: str, image_size: int, patch: int, layers: int | None = None) -> modeling_vit.ViTModel:
    """A ViT without weights, for square pictures; `layers` makes it shallower than it is."""
    size = ARCHITECTURES[name]
    config = configuration_vit.ViTConfig(
        hidden_size=size.width,
        num_hidden_layers=layers or size.layers,
        num_attention_heads=size.heads,
        intermediate_size=size.hidden,
        image_size=image_size,
        patch_size=patch,
    )
    config._attn_implementation = "eager"  # the products of attention as products, where the counter sees them
    with torch.device("meta"):
        model = modeling_vit.ViTModel(config)
    nn.Module.eval(model)
    return model


def picture(image_size: int) -> Tensor:
    """A picture without pixels: (1, 3, H, W)."""
    return torch.empty(1, 3, image_size, image_size, device="meta")


# --- What it gives out, and in which order ----------------------------------------------------------------------------


class Shapes(Encoder):
    """Which shape one of the encoder's outputs has."""

    name, title = "patches.shapes", "Name the shapes an encoder gives out"
    sections, covers = "2.2 2.5", "2.2-15 2.5-02 6.6-01"
    output = OneOf(*OUTPUTS, help="which output is asked for")
    prompt = (
        "{called} (tokens of {width} values, {heads} heads) reads one picture of {image_size} × {image_size} pixels. "
        "What shape {does} {asked} have?"
    )
    answer_type = "choice"
    hints = ("How many patches are there, and does the class token take part?", "Which axes are left at that point?")

    def facts(self) -> Facts:
        asked = self.output.replace("its patch tokens", "the last layer's patch tokens").replace("laid", "once laid")
        return {**super().facts(), "does": "does" if self.output == OUTPUTS[3] else "do", "asked": asked}

    def shapes(self) -> dict[str, str]:
        """The shapes to choose from; the worker measures which is right."""
        n, d, side = self.patches, self.width, self.side
        shapes = (f"(1, {n + 1}, {d})", f"(1, {n}, {d})", f"(1, {d}, {side}, {side})", f"(1, {d})")
        return dict(zip(OUTPUTS, (*shapes, f"(1, {self.heads}, {n + 1}, {n + 1})"), strict=True))

    def offered(self, chance: random.Random) -> Sequence[str]:
        options = list(self.shapes().values())
        chance.shuffle(options)
        return options

    def known(self) -> Mapping[str, str]:
        return {shape: f"took {what}: That is the shape of {what}." for what, shape in self.shapes().items()}

    def run(self, show: Show) -> str:
        """The shape of one of the things an encoder gives out."""
        model, pixels = encoder(self.model, self.image_size, self.p, layers=2), picture(self.image_size)
        show.progress(0.4, "running the encoder")
        given = outputs(model, pixels)
        show.line(f"Two of the {self.layers} layers were run: no shape depends on how many there are")
        show.shapes(self.output, pixels, given[self.output])
        shapes = {what: str(tuple(tensor.shape)) for what, tensor in given.items()}
        show.table(f"What {self.called} gives out at {self.image_size} px", "output | shape", shapes.items())
        return shapes[self.output]


def outputs(model: modeling_vit.ViTModel, pixels: Tensor) -> dict[str, Tensor]:
    """Everything an encoder can hand on."""
    result = model(pixels, output_attentions=True)
    every = result.last_hidden_state  # (b, 1+n, d)
    patches = every[:, 1:]  # (b, n, d): the class token left out
    _, _, rows, columns = model.embeddings.patch_embeddings.projection(pixels).shape  # (b, d, h, w)
    given = (
        every,
        patches,
        patches.mT.unflatten(2, (rows, columns)),  # (b, d, h, w)
        result.pooler_output,  # (b, d): the class token through one more layer
        result.attentions[0],  # (b, a, 1+n, 1+n)
    )
    return dict(zip(OUTPUTS, given, strict=True))


class Tour(Encoder):
    """Put five steps of a forward pass in order."""

    name, title = "patches.tour", "Put the steps of a forward pass in order"
    sections, covers = "2.2", "2.2-16 2.2-12 6.3-01"
    prompt = (
        "{called} reads a picture of {image_size} × {image_size} pixels. Put five steps of its forward pass in order. "
        "Where a step comes in every block, its first time counts."
    )
    answer_type = "order"
    hints = (
        "Tokens must exist before something is put in front of them or added to them.",
        "Within a block attention comes before the MLP; pooling is the very last step.",
    )

    def offered(self, chance: random.Random) -> Sequence[str]:
        return chance.sample(list(STEPS), 5)

    def run(self, show: Show) -> list[str]:
        """The order in which the steps of one forward pass came."""
        model, pixels = encoder(self.model, self.image_size, self.p, layers=1), picture(self.image_size)
        show.progress(0.4, "tracing one forward pass")
        trace = sorted(take_tour(model, pixels).items(), key=lambda step: step[1][0])
        asked = self.offered(self.chance())
        show.line(f"one of {self.layers} alike blocks was traced, from (1, 3, {self.image_size}, {self.image_size}):")
        show.line(*(f"{step} -> {shape}" for step, (_, _, shape) in trace if step in asked))
        show.table(
            f"One forward pass of {self.called} at {self.image_size} px",
            "tensor operation | step | torch's name for it | shape it gives",
            [(f"no. {at + 1}", step, operation, shape) for step, (at, operation, shape) in trace],
        )
        return [step for step, _ in trace if step in asked]


def take_tour(model: modeling_vit.ViTModel, pixels: Tensor) -> dict[str, tuple[int, str, tuple[int, ...]]]:
    """When each step of the pipeline came: its number in the trace, its operation and the shape it gave."""
    from torch.utils._python_dispatch import TorchDispatchMode

    steps: list[tuple[str, tuple[int, ...]]] = []

    class Trace(TorchDispatchMode):  # type: ignore[no-untyped-call]
        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            result = func(*args, **(kwargs or {}))
            first = result[0] if isinstance(result, tuple) else result
            if isinstance(first, torch.Tensor):
                steps.append((func.overloadpacket.__name__, tuple(first.shape)))
            return result

    with Trace():  # type: ignore[no-untyped-call]
        model(pixels)
    found: dict[str, tuple[int, str, tuple[int, ...]]] = {}
    for step, (operation, which) in STEPS.items():
        at = [number for number, (name, _) in enumerate(steps) if name == operation][which]
        found[step] = (at, operation, steps[at][1])
    return found


# --- What it holds ----------------------------------------------------------------------------------------------------

_PROJECTION: Final = "3 × p² × width + width"
_POSITIONS: Final = "(patches + 1) × width"


class Parameters(Encoder):
    """How many learned numbers the patch projection or the table of positions has."""

    name, title = "patches.parameters", "Count what the embedding learns"
    sections, covers = "2.2", "2.2-09 2.2-12"
    part = Variants(
        {
            "the patch projection": {
                "right": _PROJECTION,
                "counted": "(weights and biases) does",
                "hints": (
                    "How long is one flattened patch in colour?",
                    "One weight for each value in and each value out, then a bias.",
                ),
                "slips": {
                    "3 × p² × width": "forgot the bias: The {width} biases are learned as well.",
                    "p² × width": "forgot the channels: A flattened patch has three values a pixel.",
                    "p² × width + width": "forgot the channels: A flattened patch has three values a pixel.",
                    "3 × p²": "length of a patch: That is the input; each value goes to every output.",
                    f"({_PROJECTION}) × patches if apart": "a projection for each patch: One projection is shared by "
                    "all patches: more patches cost no more parameters.",
                    _POSITIONS: "the other part: Those are the position embeddings.",
                },
            },
            "the position embeddings": {
                "right": _POSITIONS,
                "counted": "(weights) do",
                "hints": (
                    "How many tokens does the first block get?",
                    "Every token of the sequence has a position of its own.",
                ),
                "slips": {
                    "patches × width": "forgot the class token: The class token has a position of its own.",
                    "patches + 1": "one number a position: Each position is a vector as long as a token, {width}.",
                    "2 × side × width": "row and column: ViT learns one vector a place, not one a row and one a "
                    "column.",
                    _PROJECTION: "the other part: That is the patch projection.",
                },
            },
        },
        help="whose parameters are counted",
    )
    prompt = (
        "{called}, tokens of {width} values, reads colour pictures of {image_size} × {image_size} pixels. How many "
        "learned numbers {counted} {part} have?"
    )
    unit = "parameters"
    slips = {"whole": "the whole encoder: That is the whole encoder; asked is one part of it."}

    def facts(self) -> Facts:
        return {**super().facts(), "counted": self.chosen("counted")}

    def run(self, show: Show) -> int:
        """The learned numbers of the patch projection or of the table of positions."""
        model = encoder(self.model, self.image_size, self.p)
        show.progress(0.6, "counting the parameters")
        embeddings: Any = model.embeddings
        projection, positions = embeddings.patch_embeddings.projection, embeddings.position_embeddings
        counted = {
            "the patch projection": multiply_adds.parameters(projection),
            "the position embeddings": positions.numel(),
            "one transformer block": multiply_adds.parameters(multiply_adds.blocks(model)[0]),
            "the whole encoder": without_pooler(model),
        }
        show.line(f"the patch projection -> {tuple(projection.weight.shape)} and {tuple(projection.bias.shape)}")
        show.line(f"the position embeddings -> {tuple(positions.shape)}")
        rows = [(part, f"{number:,}") for part, number in counted.items()]
        show.table(f"{self.called}, {self.image_size} px", "part | parameters", rows)
        show.fact(whole=counted["the whole encoder"])
        return int(counted[self.part])


def without_pooler(model: modeling_vit.ViTModel) -> int:
    """Learned numbers of an encoder but for those of its pooler."""
    pooler: Any = model.pooler
    return multiply_adds.parameters(model) - multiply_adds.parameters(pooler)


class Size(Encoder):
    """How many million parameters a whole encoder has."""

    name, title = "patches.size", "Estimate the parameters of a ViT"
    sections, covers = "2.3", "2.3-03"
    prompt = (
        "{called} for {image_size} × {image_size} pixels: {layers} blocks, tokens of {width} values, an MLP of "
        "{hidden} inside. About how many million parameters has the encoder, without pooler and classifier?"
    )
    answer_type, unit, tolerance_percent = "number", "million parameters", 5.0
    tolerance_reason = "an estimate from the large matrices is asked for; biases, norms and embeddings are small"
    hints = (
        "Attention has four matrices of {width} × {width}; how many has the MLP?",
        "A block has about 12 × {width}² weights; the embeddings add a little.",
    )
    right = "(layers × (attention + mlp) + embeddings + 2 × width) / 1,000,000"
    slips = {
        "(attention + mlp) / 1,000,000": "one block only: That is one block; the encoder stacks all of them.",
        "layers × attention / 1,000,000": "forgot the MLP: That is attention alone; the MLP has twice as many.",
        "layers × mlp / 1,000,000": "forgot attention: That is the MLPs alone; attention has half as many more.",
        "right × 4": "gave bytes: Those are the megabytes of its float32 weights: four bytes each.",
        "right × 2": "gave bytes: Those are the megabytes of its half-precision weights: two bytes each.",
    }

    def facts(self) -> Facts:
        known = super().facts()
        d, m, n, p = (known[name] for name in ("width", "hidden", "patches", "p"))
        return {
            **known,
            "attention": 4 * (d * d + d),
            "mlp": 2 * d * m + m + d + 4 * d,
            "embeddings": 3 * p * p * d + d + (n + 1) * d + d,
        }

    def run(self, show: Show) -> float:
        """The learned numbers of a whole encoder, in millions."""
        model = encoder(self.model, self.image_size, self.p)
        show.progress(0.6, "counting the parameters")
        every = multiply_adds.blocks(model)
        block: Any = every[0]
        one = multiply_adds.parameters(block)
        attention = multiply_adds.parameters(block.attention)
        whole = without_pooler(model)
        show.line(f"one block: attention {attention:,} and MLP and norms {one - attention:,}")
        show.line(f"{len(every)} blocks, embeddings and the last norm -> {whole:,}")
        parts = {
            "embeddings": multiply_adds.parameters(model.embeddings),
            f"attention of {len(every)} blocks": attention * len(every),
            f"MLP and norms of {len(every)} blocks": (one - attention) * len(every),
        }
        rows = [(part, f"{number:,}", f"{number / whole:.1%}") for part, number in parts.items()]
        show.table(f"{self.called}, {self.image_size} px", "part | parameters | share", rows)
        return whole / 1e6


# --- What it computes -------------------------------------------------------------------------------------------------


class Compute(Encoder):
    """How many billion multiply-adds one picture costs."""

    name, title = "patches.compute", "Estimate what a picture costs"
    sections, covers = "2.3", "2.3-07 2.3-08"
    prompt = (
        "{called} ({layers} blocks, tokens of {width} values, MLP {hidden}) reads a picture of {image_size} × "
        "{image_size} pixels. About how many billion multiply-adds does the encoder take?"
    )
    answer_type, unit, tolerance_percent = "number", "billion multiply-adds", 5.0
    tolerance_reason = "an estimate from tokens and matrices is asked for; the patch embedding is small"
    hints = (
        "Every token meets every weight of a block once: about 12 × {width}² multiply-adds each time.",
        "To that, QKᵀ and AV each take tokens² × width in every block.",
    )
    right = (
        "(patches × 3 × p² × width + layers × (tokens × (4 × width² + 2 × width × hidden) + 2 × tokens² × width)) / 1e9"
    )
    slips = {
        "right × 2": "gave FLOPs: Those are FLOPs; a multiply-add is two of them.",
        "(tokens × (4 × width² + 2 × width × hidden) + 2 × tokens² × width) / 1e9": "one block only: That is one "
        "block; the picture passes all of them.",
        "(patches × 3 × p² × width + layers × tokens × (4 × width² + 2 × width × hidden)) / 1e9": "forgot the "
        "products of attention: That is the learned layers alone; QKᵀ and AV come on top and grow with the square of "
        "the tokens.",
        "layers × 2 × tokens² × width / 1e9": "products of attention alone: That is QKᵀ and AV alone.",
        "parameters": "gave the parameters: Those are the parameters; each is used once for every token.",
    }

    def run(self, show: Show) -> float:
        """The multiply-adds of one picture through a whole encoder, in billions."""
        model, pixels = encoder(self.model, self.image_size, self.p), picture(self.image_size)
        show.progress(0.4, "running one block and counting")
        embedding, block = count_encoder(model, pixels)
        depth = len(multiply_adds.blocks(model))
        whole = embedding + block * depth
        show.shapes(f"{self.tokens} tokens", pixels, model.embeddings(pixels))
        show.line(f"one block: {block.layers / 1e9:.3f} G in its layers, {block.attention / 1e9:.3f} G in QKᵀ and AV")
        show.line(f"{depth} blocks alike, and the patch embedding {embedding.total / 1e9:.3f} G")
        show.line(f"torch's FlopCounterMode counts two FLOPs a multiply-add: {2 * whole.total / 1e9:.2f} GFLOPs")
        parts = {
            "patch embedding": embedding.total,
            "learned layers of the blocks": block.layers * depth,
            "attention, QKᵀ and AV": block.attention * depth,
        }
        rows = [(part, f"{number / 1e9:.2f}", f"{number / whole.total:.1%}") for part, number in parts.items()]
        show.table(f"{self.called}, {self.image_size} px", "part | G multiply-adds | share", rows)
        show.fact(parameters=without_pooler(model) / 1e9)
        return whole.total / 1e9


def count_encoder(model: modeling_vit.ViTModel, pixels: Tensor) -> tuple[Count, Count]:
    """Multiply-adds of the patch embedding and of one block; all blocks are alike, so one of them is run."""
    tokens: Tensor = model.embeddings(pixels)  # (b, 1+n, d)
    embedding = multiply_adds.count(lambda: model.embeddings(pixels))  # one product with E a patch
    block = multiply_adds.count(lambda: multiply_adds.blocks(model)[0](tokens))  # Q, K, V, O, MLP; QK^T and AV
    return embedding, block


class Growth(Encoder):
    """How many times more tokens or attention pairs a larger picture makes."""

    name, title = "patches.growth", "Follow the cost of a larger picture"
    sections, covers = "2.3", "2.3-07 2.3-08 2.3-09"
    quantity = Variants(
        {
            "attention pairs": {
                "right": "((factor² × patches + 1) / (patches + 1))²",
                "slips": {
                    "(factor² × patches + 1) / (patches + 1)": "tokens, not pairs: So grow the tokens; every token is "
                    "compared with every token, so pairs grow with their square.",
                    "factor³": "the wrong power: Side to the power of two is the tokens, to the power of four the "
                    "pairs.",
                },
            },
            "tokens": {
                "right": "(factor² × patches + 1) / (patches + 1)",
                "slips": {
                    "((factor² × patches + 1) / (patches + 1))²": "pairs, not tokens: So grow the pairs; asked are "
                    "the tokens themselves.",
                    "factor × 2 if factor ≠ 2": "the wrong power: Side to the power of two is the tokens, to the power "
                    "of four the pairs.",
                },
            },
        },
        draw=("tokens", "attention pairs", "attention pairs"),
        help="what is asked to grow",
    )
    factor = Whole(2, 2, 4, draw=(2, 2, 3, 4), help="how many times the side becomes longer")
    image_size = Whole(
        224,
        224,
        512,
        draw=(224, 256, 288, 336),
        multiple_of="patch_size",
        help="side of the square picture in px",
    )
    patch_size = Whole(16, 7, 16, draw=(14, 16), help="side of a patch in px")
    prompt = (
        "{called} reads a picture of {longer} px a side instead of {image_size} px, in the same patches. By what "
        "factor does {what} grow?"
    )
    answer_type, unit, tolerance_percent = "number", "times", 2.0
    tolerance_reason = "the class token does not grow, so the measured ratio lies up to about 1 % below the rule"
    hints = (
        "By what factor does the number of patches grow when both sides grow?",
        "Pairs are tokens times tokens: the factor of the tokens counts twice.",
    )
    slips = {"factor": "the side's own factor: That is how the side grows; the patches fill an area."}

    def facts(self) -> Facts:
        what = {"tokens": "the number of tokens"}.get(
            self.quantity, "the number of token pairs an attention head compares"
        )
        return {**super().facts(), "longer": self.image_size * self.factor, "what": what}

    def run(self, show: Show) -> float:
        """How tokens and attention pairs grow with the side of the picture."""
        sides = [self.image_size * times for times in range(1, 5)]
        measured: list[tuple[int, int, Count]] = []
        for done, side in enumerate(sides):
            show.progress(done / len(sides), f"a picture of {side} px")
            measured.append(count_pairs(encoder(self.model, side, self.p, layers=1), picture(side)))
        before, after = measured[0], measured[self.factor - 1]
        show.line(f"side {sides[0]} px -> {before[0]:,} tokens; a head compares {before[1]:,} pairs of them")
        show.line(f"side {self.longer} px -> {after[0]:,} tokens, {after[1]:,} pairs")
        show.line("The class token does not grow, which keeps the ratio a little below the rule.")
        show.table(
            f"{self.called}: one block",
            "side | tokens | pairs | G in learned layers | G in attention",
            [
                (f"{side} px", f"{n:,}", f"{pairs:,}", f"{c.layers / 1e9:.2f}", f"{c.attention / 1e9:.2f}")
                for side, (n, pairs, c) in zip(sides, measured, strict=True)
            ],
        )
        show.curve(
            "One block as the picture grows",
            "side in px",
            "billion multiply-adds",
            sides,
            {
                "learned layers": [c.layers / 1e9 for _, _, c in measured],
                "attention, QKᵀ and AV": [c.attention / 1e9 for _, _, c in measured],
            },
        )
        return after[0] / before[0] if self.quantity == "tokens" else after[1] / before[1]


def count_pairs(model: modeling_vit.ViTModel, pixels: Tensor) -> tuple[int, int, Count]:
    """Tokens, pairs of tokens that one head of one block compares, and the multiply-adds of that block."""
    tokens: Tensor = model.embeddings(pixels)  # (b, 1+n, d)
    block: Any = multiply_adds.blocks(model)[0]
    maps: list[Tensor] = []
    block.attention.register_forward_hook(lambda _, __, result: maps.append(result[1]))
    counted = multiply_adds.count(lambda: block(tokens))
    return tokens.shape[1], maps[0][0, 0].numel(), counted  # (b, a, 1+n, 1+n): the cells of its attention matrix


EXERCISES: Final = (Shapes, Tour, Parameters, Size, Compute, Growth)
