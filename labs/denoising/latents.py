"""Latents: how many numbers one has, what working there saves, and what the neighbourhood of a code decodes to.

Rombach et al. 2022, "High-Resolution Image Synthesis with Latent Diffusion Models", arXiv:2112.10752, section 3.1: an
encoder makes H x W x 3 pictures into h x w x c latents, f = H / h. Kingma and Welling 2014, arXiv:1312.6114: the VAE.

Axes: b pictures, c channels, h rows, w columns, d numbers of a code.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Final

from labs.bench import Facts, Number, Show, Variants, Whole, later
from labs.denoising.frames import enlarged, generator_of, strip
from labs.denoising.schedules import Noising
from labs.exercise import stream
from labs.protocol import AnswerType, ParamError

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from labs.denoising import trained
    from labs.models import digits
else:
    torch, nn = later("torch"), later("torch.nn")
    trained, digits = later("labs.denoising.trained"), later("labs.models.digits")

LATENT: Final = "Rombach et al. 2022, arXiv:2112.10752, section 3.1"
VAE: Final = "Kingma and Welling 2014, arXiv:1312.6114"
TYPICAL: Final = 8
"""A typical digit is one of so many whose codes are nearest to the mean code of their class."""
ALL: Final = "nearly all of them (over 85%)"
HALF: Final = "about half of them (40% to 85%)"
FEW: Final = "few of them (under 40%)"
NEITHER: Final = "another digit"


# --- How large a latent is, and what it saves -------------------------------------------------------------------------


class Latent(Noising):
    """What the first two exercises share."""

    source = LATENT
    factor = Whole(
        8, choices=(2, 4, 8, 16, 32), draw=(4, 8, 16), help="how many times smaller each side of the latent is"
    )


class LatentSize(Latent):
    """The size of a latent."""

    name, title = "denoising.latent_size", "The size of a latent"
    sections, covers = "4.2 4.5 6.1", "4.2-07 4.5-04 6.1-10 6.5-06"
    truth, measured_on = "own model", "an autoencoder of convolutions, each level of which halves both sides"
    height = Whole(512, 32, 1024, draw=(256, 384, 512, 768), multiple_of="factor", help="height of the picture in px")
    width = Whole(512, 32, 1024, draw=(256, 512, 640, 1024), multiple_of="factor", help="width of the picture in px")
    channels = Whole(4, 1, 64, draw=(4, 8, 16), help="numbers at each place of the latent")
    ask = Variants(
        {
            "numbers": {
                "question": "How many numbers does the latent of one picture have?",
                "answer_type": "integer",
                "unit": "numbers",
                "second_hint": "Rows × columns × channels.",
                "right": "height / factor × width / factor × channels",
                "slips": {
                    "height / factor × width / factor": "forgot the channels: Those are the places; each of them has "
                    "{channels} numbers.",
                    "height / factor × width / factor × 3 if channels ≠ 3": "kept three channels: The latent has "
                    "{channels} channels, not the picture's 3.",
                    "height × width / factor × channels": "divided one side: Both sides are made smaller, so the "
                    "factor divides twice.",
                    "height / factor × width / factor × 3 × channels": "multiplied by both: The latent's channels "
                    "stand in place of the colours.",
                    "height × width × 3 / factor": "divided the values: Each side is divided, and the channels are the "
                    "latent's.",
                    "height × width × 3": "gave the picture's numbers: That is the picture; the latent is smaller.",
                    "height × width × channels": "did not divide: That has the latent's channels, but the picture's "
                    "sides.",
                    "channels": "gave the channels: That is the channels at one place.",
                    "factor² × channels if apart": "gave factor² × channels: That is how many numbers factor² places "
                    "would have.",
                },
            },
            "times fewer": {
                "question": "How many times fewer numbers does the latent have than the RGB picture?",
                "tolerance_percent": 1,
                "tolerance_reason": "two digits are enough",
                "second_hint": "Each place stands for factor² pixels of 3 values.",
                "right": "3 × factor² / channels",
                "slips": {
                    "factor²": "forgot the channels: That counts places: a pixel has 3 values, a place {channels}.",
                    "3 × factor / channels": "divided one side: Both sides are divided, so the factor counts twice.",
                    "factor": "gave the factor: That is for one side; both are divided, and the channels differ.",
                    "factor² / channels": "forgot the colours: Each pixel has 3 values.",
                    "3 × factor²": "forgot the latent's channels: Each place of the latent has {channels} numbers.",
                    "channels / (3 × factor²)": "inverted: That is latent over picture; asked is picture over latent.",
                    "factor² × channels / 3": "channels the wrong way: More channels make the latent larger, not "
                    "smaller.",
                },
            },
        },
        draw=("numbers", "numbers", "times fewer"),
        help="the latent's numbers, or how many times fewer they are than the picture's",
    )
    prompt = (
        "An autoencoder makes each side of a picture {factor} times smaller and gives its latent {channels} channels. "
        "A picture is {width} × {height} px (width × height), RGB. {question}"
    )
    hints = ("How many places has the latent along each side?", "{second_hint}")

    def facts(self) -> Facts:
        return {"question": self.chosen("question"), "second_hint": self.chosen("second_hint")}

    def run(self, show: Show) -> float:
        """Encode a picture of that size and count the numbers of its latent."""
        show.progress(0.2, "encoding")
        encode, decode = autoencoder(self.factor, self.channels)
        pixels = torch.zeros(1, 3, self.height, self.width)
        latent = encode(pixels)  # (1, c, h, w)
        rebuilt = decode.to("meta")(latent.to("meta"))  # its shape is all that is asked
        show.shapes("the encoder", pixels, latent)
        show.shapes("the decoder", latent, rebuilt)
        rows = [
            ("picture", tuple(pixels.shape), f"{pixels.numel():,}"),
            ("latent", tuple(latent.shape), f"{latent.numel():,}"),
        ]
        show.table("Numbers", " | shape | numbers", rows)
        numbers = int(latent.numel())
        return numbers if self.ask == "numbers" else pixels.numel() / numbers


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


class LatentCost(Latent):
    """What a denoising step costs in the latent."""

    name, title = "denoising.latent_cost", "What a denoising step costs in the latent"
    sections, covers = "4.5 6.1 6.5", "4.5-04 6.1-10 6.5-06"
    truth, measured_on = "own model", "the UNet of the digits' denoiser, on torch's meta device"
    side = Whole(256, 64, 1024, draw=(256, 512, 768, 1024), multiple_of="factor", help="side of the picture in px")
    channels = Whole(4, 1, 16, draw=(4, 8, 16), help="numbers at each place of the latent")
    prompt = (
        "The same convolutional UNet denoises either RGB pictures of {side} × {side} px or their latents of {places} × "
        "{places} places with {channels} channels. How many times fewer multiply-adds does one step in the latent take?"
    )
    tolerance_percent = 12
    tolerance_reason = "first and last layer, and the timestep's embedding, do not scale with the rest"
    hints = (
        "A convolution does its work once at every place.",
        "How many times fewer places are there? Channels matter only in the first and the last layer.",
    )
    right = "factor²"
    slips = {
        "factor": "one side only: That is for one side; a picture has two.",
        "3 × factor² / channels": "gave the ratio of numbers: That compares the numbers going in; all layers but two "
        "have their own widths, so places count.",
        "factor⁴": "squared it as for attention: That is what attention between all places saves, not convolutions.",
        "2 × factor if apart": "added the sides: Places are rows times columns, so the factor is squared.",
        "factor³": "cubed it: A picture has two sides; channels inside the UNet stay as they are.",
        "1 / factor²": "inverted: That is latent over picture.",
    }

    def facts(self) -> Facts:
        return {"places": self.side // self.factor}

    def fits(self) -> None:
        if self.places % 2:
            raise ParamError("factor", "the latent's side must be a whole, even number")

    def run(self, show: Show) -> float:
        """Count the multiply-adds of the UNet in pixels and in the latent."""
        in_pixels = multiply_adds(3, self.side)
        in_latent = multiply_adds(self.channels, self.side // self.factor)
        shapes = [f"(1, 3, {self.side}, {self.side})", f"(1, {self.channels}, {self.places}, {self.places})"]
        told = [f"{number / 1e6:,.1f} million" for number in (in_pixels, in_latent)]
        show.line(f"in pixels: {shapes[0]} -> {shapes[0]}, {told[0]} multiply-adds a step")
        show.line(f"in the latent: {shapes[1]} -> {shapes[1]}, {told[1]}")
        show.line("attention between all places would save the square of that; the autoencoder itself runs only once")
        rows = zip(("pixels", "latent"), shapes, told, strict=True)
        show.table("One step of the same UNet", "in | shape | multiply-adds", rows)
        return in_pixels / in_latent


@cache
def multiply_adds(channels: int, side: int) -> int:
    """Multiply-adds of one evaluation of the UNet on (1, channels, side, side); shapes only, nothing is computed."""
    counts: list[int] = []

    def count(layer: nn.Module, _: tuple[Tensor, ...], out: Tensor) -> None:
        weight = layer.get_parameter("weight")  # (out, in, …): what one output value is made of
        counts.append(out.numel() * weight[0].numel())

    with torch.device("meta"):
        unet = digits.DigitDenoiser(channels=channels)
        for layer in unet.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                layer.register_forward_hook(count)
        label = torch.zeros(1, dtype=torch.long)
        unet(torch.zeros(1, channels, side, side), label, label)
    return sum(counts)


# --- What lies around and between codes -------------------------------------------------------------------------------


class Code(Noising):
    """What the exercises on a trained VAE share."""

    sections, source = "4.2 6.5", VAE
    truth, measured_on = "trained model", "the trained VAE of digits, and a trained classifier"
    answer_type: ClassVar[AnswerType] = "choice"
    is_shuffled = False


class LatentNeighbours(Code):
    """How many neighbours of a code decode to the same digit."""

    name, title = "denoising.latent_neighbours", "What the neighbours of a code decode to"
    covers = "4.2-02 4.2-03 4.2-05 6.5-07"
    distance = Number(
        0.1,
        0.01,
        20,
        draw=(
            *(twentieths / 20 for twentieths in range(1, 15)),  # nearly all keep their digit up to 0.8
            *(twentieths / 20 for twentieths in range(28, 45)),  # about half from 1.4 to 2.2
            *(quarters / 4 for quarters in range(16, 37)),  # few beyond 3.5
        ),
        help="how far from the code of a digit",
    )
    prompt = (
        "A VAE has squeezed 8 × 8 digits into codes of 6 numbers, each of about variance 1, so that two random codes "
        "lie some 3.5 apart. From the code of each of 297 digits we go {distance:g} away in a random direction and "
        "decode there. How many of the pictures does a classifier still call by the same digit?"
    )
    options = (ALL, HALF, FEW)
    hints = (
        "Compare the distance with that of two random codes.",
        "Points near each other decode to similar pictures; as far off as another code lies, to another digit.",
    )

    def known(self) -> Mapping[str, str]:
        measured = "Measured: {kept:.0%}."
        near = f"near codes are alike: So near a code the decoder, being smooth, gives a similar picture. {measured}"
        far = f"far codes are not alike: That is farther than most other digits' codes. {measured}"
        return {"*": f": {measured}", **{ALL: {FEW: near}, FEW: {ALL: far}}.get(str(self.names.get("right")), {})}

    def run(self, show: Show) -> str:
        """Go away from the codes of digits, decode, and ask the judge."""
        model, codes = trained.digit_vae()
        held_out, pictures = codes[digits.TRAINING :], digits.digits()[0][digits.TRAINING :]  # (297, d)
        rebuilt = model.decode(held_out)
        moved = model.decode(stray(held_out, self.distance, generator_of(self.seed, "direction")))
        seen, before = (trained.judge()(one).argmax(dim=1) for one in (moved, rebuilt))
        kept = float((seen == before).float().mean())
        changed, missed = (float((one - rebuilt).square().mean().sqrt()) for one in (moved, pictures))
        pairs = torch.pdist(held_out)
        show.shapes(f"digits, their codes, and {self.distance:g} away decoded", pictures, held_out, moved)
        show.line(
            f"two codes of these digits lie {float(pairs.mean()):.2f} apart on average, the nearest two "
            f"{float(pairs.min()):.2f}",
            f"decoded where they are, they miss their digits by {missed:.3f} a pixel (root mean square, -1 to 1)",
            f"from there the picture changes by {changed:.3f} a pixel",
            f"{kept:.0%} are still judged to be the digit that the code itself decodes to",
        )
        one = self.seed % len(held_out)
        around = stray(held_out[one].expand(8, -1), self.distance, generator_of(self.seed, "around"))
        frames = enlarged(torch.cat([rebuilt[one : one + 1], model.decode(around)]), 5)
        caption = f"From the left: a code decoded, and eight codes {self.distance:g} away from it"
        show.picture("neighbours", strip(frames), caption, "A decoded digit and what eight codes near it decode to")
        show.fact(kept=kept, changed=changed)
        return ALL if kept > 0.85 else HALF if kept >= 0.4 else FEW


def stray(codes: Tensor, distance: float, generator: torch.Generator) -> Tensor:
    """Go away from each code in a random direction: (b, d) -> (b, d)."""
    direction = torch.randn(codes.shape, generator=generator)
    step: Tensor = distance * direction / direction.norm(dim=1, keepdim=True)
    return codes + step


class LatentBetween(Code):
    """What a code between two digits decodes to."""

    name, title = "denoising.latent_between", "What lies between two codes"
    covers = "4.2-03 4.2-05 4.2-06 6.5-07"
    one = Whole(3, 0, 9, draw=range(10), help="a digit")
    other = Whole(0, 0, 9, draw=range(10), help="another digit")
    percent = Whole(
        20,
        0,
        100,
        draw=(5, 10, 15, 20, 25, 75, 80, 85, 90, 95),
        help="how far from the one to the other, in percent",
    )
    prompt = (
        "A VAE has encoded a typical {one} and a typical {other}. From the code of the {one} we go {percent}% of the "
        "straight way to the code of the {other} and decode there. What does a classifier see?"
    )
    looks_in_worker = True
    hints = (
        "Moving smoothly through the latent space changes the picture smoothly.",
        "Which of the two codes is the nearer one?",
    )

    def fits(self) -> None:
        if self.one == self.other:
            raise ParamError("other", "it must be another digit")

    def chosen(self, name: str) -> object:
        if name == "options":
            return (digit_text(self.one), digit_text(self.other), NEITHER)
        return super().chosen(name)

    def known(self) -> Mapping[str, str]:
        sure = "The classifier is {sure:.0%} sure of {right}."
        farther = digit_text(self.other if self.percent < 50 else self.one)
        return {
            "*": f": {sure}",
            farther: f"took the farther code: The other code is nearer. {sure}",
            NEITHER: f"expected a third: So near a code it decodes to something like it. {sure}",
        }

    def codes(self) -> tuple[digits.DigitVae, Tensor, Tensor]:
        """The VAE and the codes of the two digits, (1, d) each."""
        model, codes = trained.digit_vae()
        a, b = (
            codes[[stream(self.seed, f"typical {digit}").choice(typical(digit))]] for digit in (self.one, self.other)
        )
        return model, a, b

    def look(self, show: Show) -> None:
        model, *codes = self.codes()
        for digit, code in zip((self.one, self.other), codes, strict=True):
            told = f"a typical {digit}"
            show.picture(str(digit), strip(enlarged(model.decode(code), 10)), told, f"{told}, decoded from its code")

    def run(self, show: Show) -> str:
        """Decode on the way from the code of one digit to that of another."""
        share = self.percent / 100
        model, a, b = self.codes()
        picture = model.decode(torch.lerp(a, b, share))
        certainty, seen = trained.judge()(picture).softmax(dim=1).max(dim=1)
        digit = int(seen)
        show.shapes(f"two codes, {float((a - b).norm()):.2f} apart; one {share:.0%} of the way, decoded", a, picture)
        show.line(f"the judge sees {digit_text(digit)} and is {float(certainty):.0%} sure")
        shares = torch.linspace(0, 1, 9)[:, None]  # (9, 1)
        film = model.decode(a + shares * (b - a))
        blend = film[:1] + shares[..., None, None] * (film[-1:] - film[:1])
        one, other = digit_text(self.one), digit_text(self.other)
        show.picture(
            "way",
            strip(enlarged(film, 5)),
            f"Decoded on the way from {one} to {other}, an eighth at a time",
            f"{one} turning into {other} by way of the latent space",
        )
        show.picture(
            "blend",
            strip(enlarged(blend, 5)),
            "The same way between the two pictures' pixels: a double exposure",
            f"{one} blended with {other} pixel by pixel",
        )
        show.fact(sure=float(certainty), seen=digit)
        return digit_text(digit) if digit in {self.one, self.other} else NEITHER


def digit_text(digit: int) -> str:
    """An option: `a 3`, `an 8`."""
    return f"an {digit}" if digit == 8 else f"a {digit}"


@cache
def typical(digit: int) -> tuple[int, ...]:
    """The numbers of some pictures of this digit whose codes are nearest to the mean of its class and decode to it."""
    model, codes = trained.digit_vae()
    of_class = (digits.digits()[1] == digit).nonzero()[:, 0]  # (n,)
    of_class = of_class[trained.judge()(model.decode(codes[of_class])).argmax(dim=1) == digit]
    away = (codes[of_class] - codes[of_class].mean(dim=0)).norm(dim=1)
    nearest: list[int] = of_class[away.argsort()[:TYPICAL]].tolist()
    return tuple(nearest)


EXERCISES: Final = (LatentSize, LatentCost, LatentNeighbours, LatentBetween)
