"""Latents: how many numbers one has, what working there saves, and what the neighbourhood of a code decodes to.

Rombach et al. 2022, "High-Resolution Image Synthesis with Latent Diffusion Models", arXiv:2112.10752, section 3.1: an
encoder makes H x W x 3 pictures into h x w x c latents, f = H / h. Kingma and Welling 2014, arXiv:1312.6114: the VAE.

Axes: b pictures, c channels, h rows, w columns, d numbers of a code.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

import torch
from torch import Tensor, nn

from labs.denoising import finished, generator_of, strip
from labs.denoising_reverse import enlarged, judge
from labs.devices import placed
from labs.evidence import shape_text, source_of
from labs.exercise import stream
from labs.models import weights
from labs.models.digits import TRAINING, DigitDenoiser, DigitVae, digits
from labs.problems.denoising_latents import ALL, FEW, HALF, NEITHER, digit_text
from labs.protocol import Evidence, Problem, Progress, Table

LATENT: Final = "Rombach et al. 2022, arXiv:2112.10752, section 3.1"
VAE: Final = "Kingma and Welling 2014, arXiv:1312.6114"
TYPICAL: Final = 8
"""A typical digit is one of so many whose codes are nearest to the mean code of their class."""


# --- Models -----------------------------------------------------------------------------------------------------------


def autoencoder(factor: int, channels: int, width: int = 4) -> tuple[nn.Sequential, nn.Sequential]:
    """Encoder and decoder of convolutions: each level halves, or doubles, both sides."""
    levels = int(math.log2(factor))
    down: list[nn.Module] = [nn.Conv2d(3, width, 3, padding=1)]
    up: list[nn.Module] = [nn.Conv2d(channels, width, 3, padding=1)]
    for _ in range(levels):
        down += [nn.SiLU(), nn.Conv2d(width, width, 3, stride=2, padding=1)]
        up += [nn.SiLU(), nn.Upsample(scale_factor=2), nn.Conv2d(width, width, 3, padding=1)]
    down += [nn.SiLU(), nn.Conv2d(width, channels, 3, padding=1)]
    up += [nn.SiLU(), nn.Conv2d(width, 3, 3, padding=1)]
    return nn.Sequential(*down), nn.Sequential(*up)


@cache
def multiply_adds(channels: int, side: int) -> int:
    """Multiply-adds of one evaluation of the UNet on (1, channels, side, side); shapes only, nothing is computed."""
    counts: list[int] = []

    def count(layer: nn.Module, _: tuple[Tensor, ...], out: Tensor) -> None:
        weight = layer.get_parameter("weight")  # (out, in, …): what one output value is made of
        counts.append(out.numel() * weight[0].numel())

    with torch.device("meta"):
        unet = DigitDenoiser(channels=channels)
        for layer in unet.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                layer.register_forward_hook(count)
        label = torch.zeros(1, dtype=torch.long)
        unet(torch.zeros(1, channels, side, side), label, label)
    return sum(counts)


@cache
def digit_vae() -> tuple[DigitVae, Tensor]:
    """The trained VAE and the codes of all digits: (1797, d).

    Raises:
        WeightsDamaged: its weights are not those of its card.
    """
    model = DigitVae()
    model.load_state_dict(weights.load("digits_vae"))
    placed(model.eval(), "encode", "decode")
    codes, _ = model.encode(digits()[0])
    return model, codes


def stray(codes: Tensor, distance: float, generator: torch.Generator) -> Tensor:
    """Go away from each code in a random direction: (b, d) -> (b, d)."""
    direction = torch.randn(codes.shape, generator=generator)
    step: Tensor = distance * direction / direction.norm(dim=1, keepdim=True)
    return codes + step


@cache
def typical(digit: int) -> tuple[int, ...]:
    """The numbers of some pictures of this digit whose codes are nearest to the mean of its class and decode to it."""
    model, codes = digit_vae()
    of_class = (digits()[1] == digit).nonzero()[:, 0]  # (n,)
    of_class = of_class[judge()(model.decode(codes[of_class])).argmax(dim=1) == digit]
    away = (codes[of_class] - codes[of_class].mean(dim=0)).norm(dim=1)
    nearest: list[int] = of_class[away.argsort()[:TYPICAL]].tolist()
    return tuple(nearest)


# --- Solving ----------------------------------------------------------------------------------------------------------


def solve_size(problem: Problem, progress: Progress) -> Evidence:
    """Encode a picture of that size and count the numbers of its latent."""
    height, width, factor, channels = (int(problem.params[name]) for name in ("height", "width", "factor", "channels"))
    progress(0.2, "encoding")
    encode, decode = autoencoder(factor, channels)
    pixels = torch.zeros(1, 3, height, width)
    latent = encode(pixels)  # (1, c, h, w)
    rebuilt = decode.to("meta")(latent.to("meta"))  # its shape is all that is asked
    ratio = pixels.numel() / latent.numel()
    return Evidence(
        value=latent.numel() if problem.params["ask"] == "numbers" else ratio,
        derivation=(
            f"encoder: {shape_text(pixels.shape)} -> {shape_text(latent.shape)}; "
            f"decoder: {shape_text(latent.shape)} -> {shape_text(rebuilt.shape)}",
            f"{height} / {factor} × {width} / {factor} × {channels} = {latent.numel():,} numbers",
            f"the picture has {height} × {width} × 3 = {pixels.numel():,}: {ratio:.4g} times as many",
        ),
        tables=(
            Table(
                "Numbers",
                ("", "shape", "numbers"),
                (
                    ("picture", shape_text(pixels.shape), f"{pixels.numel():,}"),
                    ("latent", shape_text(latent.shape), f"{latent.numel():,}"),
                ),
            ),
        ),
        code=source_of(autoencoder),
        facts={"rows": latent.shape[2], "columns": latent.shape[3]},
    )


def solve_cost(problem: Problem, _: Progress) -> Evidence:
    """Count the multiply-adds of the UNet in pixels and in the latent."""
    side, factor, channels = (int(problem.params[name]) for name in ("side", "factor", "channels"))
    in_pixels, in_latent = multiply_adds(3, side), multiply_adds(channels, side // factor)
    ratio = in_pixels / in_latent
    rows = (
        ("pixels", shape_text((1, 3, side, side)), f"{in_pixels / 1e6:,.1f} million"),
        ("latent", shape_text((1, channels, side // factor, side // factor)), f"{in_latent / 1e6:,.1f} million"),
    )
    return Evidence(
        value=ratio,
        derivation=(
            f"in pixels: {rows[0][1]} -> {rows[0][1]}, {rows[0][2]} multiply-adds a step",
            f"in the latent: {rows[1][1]} -> {rows[1][1]}, {rows[1][2]}",
            f"{ratio:.4g} times fewer; there are {factor}² = {factor**2} times fewer places",
            "attention between all places would save the square of that; the autoencoder itself runs only once",
        ),
        tables=(Table("One step of the same UNet", ("in", "shape", "multiply-adds"), rows),),
        code=source_of(multiply_adds),
        facts={"in_pixels": in_pixels, "in_latent": in_latent},
    )


def solve_neighbours(problem: Problem, _: Progress) -> Evidence:
    """Go away from the codes of digits, decode, and ask the judge."""
    distance = float(problem.params["distance"])
    model, codes = digit_vae()
    held_out = codes[TRAINING:]  # (297, d)
    rebuilt = model.decode(held_out)
    moved = model.decode(stray(held_out, distance, generator_of(problem.seed, "direction")))
    seen, before = judge()(moved).argmax(dim=1), judge()(rebuilt).argmax(dim=1)
    kept = float((seen == before).float().mean())
    pairs = torch.pdist(held_out)
    changed = float((moved - rebuilt).square().mean().sqrt())
    missed = float((rebuilt - digits()[0][TRAINING:]).square().mean().sqrt())
    one = problem.seed % len(held_out)
    around = stray(held_out[one].expand(8, -1), distance, generator_of(problem.seed, "around"))
    return Evidence(
        value=ALL if kept > 0.85 else HALF if kept >= 0.4 else FEW,
        derivation=(
            f"digits {shape_text(digits()[0][TRAINING:].shape)} -> codes {shape_text(held_out.shape)} "
            f"-> {distance:g} away -> {shape_text(moved.shape)}",
            f"two codes of these digits lie {float(pairs.mean()):.2f} apart on average, the nearest two "
            f"{float(pairs.min()):.2f}",
            f"decoded where they are, they miss their digits by {missed:.3f} a pixel (root mean square, -1 to 1)",
            f"from there the picture changes by {changed:.3f} a pixel",
            f"{kept:.0%} are still judged to be the digit that the code itself decodes to",
        ),
        pictures=(
            strip(
                enlarged(torch.cat([rebuilt[one : one + 1], model.decode(around)]), 5),
                "neighbours",
                f"From the left: a code decoded, and eight codes {distance:g} away from it",
                "A decoded digit and what eight codes near it decode to",
            ),
        ),
        code=source_of(stray),
        facts={"kept": kept, "changed": changed},
    )


def solve_between(problem: Problem, _: Progress) -> Evidence:
    """Decode on the way from the code of one digit to that of another."""
    one, other = int(problem.params["one"]), int(problem.params["other"])
    share = int(problem.params["percent"]) / 100
    model, codes = digit_vae()
    a, b = (
        codes[[stream(problem.seed, f"typical {digit}").choice(typical(digit))]] for digit in (one, other)
    )  # (1, d) each
    picture = model.decode(torch.lerp(a, b, share))
    certainty, seen = judge()(picture).softmax(dim=1).max(dim=1)
    shares = torch.linspace(0, 1, 9)[:, None]  # (9, 1)
    film = model.decode(a + shares * (b - a))
    ends = torch.cat([film[:1], film[-1:]])
    blend = ends[0] + shares[..., None, None] * (ends[1] - ends[0])
    digit = int(seen)
    return Evidence(
        value=digit_text(digit) if digit in {one, other} else NEITHER,
        derivation=(
            f"two codes {shape_text(a.shape)}, {float((a - b).norm()):.2f} apart -> one {share:.0%} of the way "
            f"-> {shape_text(picture.shape)}",
            f"the judge sees {digit_text(digit)} and is {float(certainty):.0%} sure",
        ),
        pictures=(
            strip(
                enlarged(film, 5),
                "way",
                f"Decoded on the way from {digit_text(one)} to {digit_text(other)}, an eighth at a time",
                f"{digit_text(one)} turning into {digit_text(other)} by way of the latent space",
            ),
            strip(
                enlarged(blend, 5),
                "blend",
                "The same way between the two pictures' pixels: a double exposure",
                f"{digit_text(one)} blended with {digit_text(other)} pixel by pixel",
            ),
        ),
        code=source_of(solve_between),
        facts={"sure": float(certainty), "seen": digit},
    )


SOLVE: Final[Mapping[str, tuple[Callable[[Problem, Progress], Evidence], str]]] = {
    "denoising.latent_size": (solve_size, LATENT),
    "denoising.latent_cost": (solve_cost, LATENT),
    "denoising.latent_neighbours": (solve_neighbours, VAE),
    "denoising.latent_between": (solve_between, VAE),
}


@torch.no_grad()
def solve(problem: Problem, progress: Progress) -> Evidence:
    """Run the computation of a problem of this part of the lab.

    Raises:
        KeyError: the exercise is not of this lab.
        WeightsDamaged: the weights of a model are not those of its card.
    """
    solve_one, paper = SOLVE[problem.exercise]
    return finished(solve_one, problem, progress, paper)
