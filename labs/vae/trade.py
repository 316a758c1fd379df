"""What a VAE keeps and what it gives up: the width of its code, the weight of its KL term, the order of its space.

Kingma and Welling 2014, "Auto-Encoding Variational Bayes", arXiv:1312.6114, eq. 10; the weight of the KL term: Higgins
et al. 2017, "beta-VAE", ICLR. Measured on 297 digits that were kept out of the training.

Axes: b pictures, d numbers of a code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Final

from labs.bench import Exercise, Facts, OneOf, Show, Whole, later
from labs.denoising.frames import enlarged, generator_of, strip
from labs.protocol import AnswerType, ParamError

if TYPE_CHECKING:
    import torch

    from labs.models import digits
    from labs.models.digits import DigitVae
    from labs.vae import spaces
else:
    torch = later("torch")
    digits, spaces = later("labs.models.digits"), later("labs.vae.spaces")

SIZES: Final = (1, 2, 4, 8, 16, 32)
KL: Final = 0.35
WIDE: Final = 16
WEIGHTS: Final = ("0", "0.02", "0.35", "1", "4", "10")
SPACES: Final = {
    "VAE": "a VAE of digits (KL weight 0.35)",
    "plain autoencoder": "a plain autoencoder of digits (KL weight 0)",
    "strong KL": "a VAE of digits with a large KL weight (4)",
    "shuffled decoder": "a VAE of digits whose decoder's weights were shuffled within each layer",
}


class Digits(Exercise):
    """What these exercises share."""

    sections, source = "4.2", "Kingma and Welling 2014, arXiv:1312.6114, eq. 10"
    truth, measured_on = "trained model", "autoencoders trained on 8 × 8 digits, and digits they never saw"
    libraries = ("torch", "numpy", "pillow")
    answer_type: ClassVar[AnswerType] = "choice"
    is_shuffled = False


class Width(Digits):
    """Where a wider code stops helping."""

    name, title, covers = "vae.width", "How wide the code must be", "4.2-02 4.2-07 4.2-03"
    size = Whole(8, choices=SIZES[:-1], draw=(2, 8, 16, 16, 16, 16), help="numbers of the narrower code")
    times = Whole(2, choices=(2, 4), draw=(2, 2, 2, 4), help="how many times as many the wider one has")
    prompt = (
        "VAEs of 8 × 8 digits differ in the size of their code alone (KL weight 0.35). What does the error of rebuilt "
        "digits, which none of them saw in training, do from {size} number{s} to {wider}?"
    )
    options = ("it falls by over a quarter", "it falls by 5% to 25%", "it hardly changes, or rises")
    hints = (
        "As long as digits differ in more ways than the code has numbers, one more number pays.",
        "The KL term charges for each number that is used. When is the next one no longer worth it?",
    )

    def facts(self) -> Facts:
        return {"s": "" if self.size == 1 else "s", "wider": self.size * self.times}

    def fits(self) -> None:
        if self.wider not in SIZES:
            raise ParamError("times", f"the widest code has {SIZES[-1]} numbers")

    def known(self) -> Mapping[str, str]:
        measured = "Measured: {before:.4f} with {size}, {after:.4f} with {wider}."
        falls, _, stays = self.options
        over = f"expected ever more: Past the elbow the VAE leaves the new numbers unused. {measured}"
        early = f"stopped too early: Digits differ in more ways than that. {measured}"
        return {
            "*": f": {measured}",
            **{stays: {falls: over}, falls: {stays: early}}.get(str(self.names.get("right")), {}),
        }

    def run(self, show: Show) -> str:
        """Rebuild digits with codes of all sizes and compare the error of two."""
        errors, used, frames = [], [], [spaces.held_out()[:1]]
        for size in SIZES:
            model = spaces.autoencoder(size, KL)
            pictures = spaces.rebuilt(model)
            errors.append(spaces.error(pictures))
            mean, spread = model.encode(spaces.held_out())
            cost = 0.5 * (mean.square() + spread.exp() - 1 - spread).mean(dim=0)  # (d,): nats that each number carries
            used.append(int((cost > 0.1).sum()))
            frames.append(pictures[:1])
        at = SIZES.index(self.size)
        before, after = errors[at], errors[SIZES.index(self.wider)]
        show.shapes("digits, their codes, rebuilt", spaces.held_out(), mean, pictures)
        show.line(f"from {self.size} to {self.wider} numbers the error changes by {after / before - 1:+.0%}")
        rows = [(n, f"{one:.4f}", use) for n, one, use in zip(SIZES, errors, used, strict=True)]
        show.table("The elbow", "numbers of the code | error | numbers in use (over 0.1 nats)", rows)
        show.curve("Error by width", "numbers of the code", "mean squared error", SIZES, {"rebuilt digits": errors})
        caption = "A digit, and rebuilt from 1, 2, 4, 8, 16 and 32 numbers"
        show.picture("widths", strip(enlarged(torch.cat(frames), 5)), caption, caption)
        show.fact(before=before, after=after)
        return self.options[0 if after < 0.75 * before else 1 if after < 0.95 * before else 2]


class Beta(Digits):
    """What the weight of the KL term does to crispness."""

    name, title, covers = "vae.beta", "Reconstruction against blur", "4.2-08 4.2-09"
    source = "Kingma and Welling 2014, arXiv:1312.6114, eq. 10; Higgins et al. 2017, beta-VAE, ICLR"
    weight = OneOf(*WEIGHTS, help="weight of the KL term against the squared error summed over the pixels")
    shown = OneOf(
        "rebuilt", "drawn", draw=("rebuilt", "rebuilt", "drawn"), help="digits rebuilt, or codes drawn from N(0, I)"
    )
    prompt = (
        "A VAE with a code of 16 numbers has learned 8 × 8 digits with the loss squared error + {weight} × KL. {told} "
        "How much high-frequency energy (mean square of the Laplacian) have the pictures, against real digits?"
    )
    options = ("over 80%: nearly as crisp", "40% to 80%: softer", "under 40%: blurred")
    hints = (
        "Where the code does not say which of several pictures it was, the least squared error is their mean.",
        "The KL term limits how much the code may say. At 0 there is no limit; far up the code says nothing.",
    )

    def facts(self) -> Facts:
        rebuilt = "Digits that it never saw are encoded and rebuilt."
        return {"told": rebuilt if self.shown == "rebuilt" else "Codes are drawn from N(0, I) and decoded."}

    def known(self) -> Mapping[str, str]:
        measured = "Measured: {share:.0%}; error of rebuilt digits {error:.4f}."
        crisp, _, blurred = self.options
        soft = f"thought the KL term free: It limits what the code may say, and the rest is averaged. {measured}"
        sharp = f"thought every VAE blurred: With so small a KL weight the code says nearly all. {measured}"
        return {
            "*": f": {measured}",
            **{blurred: {crisp: soft}, crisp: {blurred: sharp}}.get(str(self.names.get("right")), {}),
        }

    def run(self, show: Show) -> str:
        """Rebuild digits, or decode drawn codes, at every KL weight, and measure their high frequencies."""
        shares, errors, frames = {}, {}, [spaces.held_out()[:8]]
        for weight in WEIGHTS:
            model = spaces.autoencoder(WIDE, float(weight))
            rebuilt = spaces.rebuilt(model)
            codes = torch.randn(300, WIDE, generator=generator_of(self.seed, "codes"))
            pictures = rebuilt if self.shown == "rebuilt" else model.decode(codes)
            shares[weight], errors[weight] = spaces.crispness(pictures), spaces.error(rebuilt)
            if weight == self.weight:
                frames.append(pictures[:8])
        share = shares[self.weight]
        show.shapes("digits, and the pictures that were measured", spaces.held_out(), pictures)
        show.line(f"high-frequency energy at KL weight {self.weight}: {share:.0%} of real digits")
        rows = [(weight, f"{errors[weight]:.4f}", f"{shares[weight]:.0%}") for weight in WEIGHTS]
        show.table("Reconstruction against blur", "KL weight | error | high-frequency energy", rows)
        series = {"error": list(errors.values()), "high-frequency energy": list(shares.values())}
        show.curve(
            "Error and crispness by KL weight", "number of the weight", "error; share", range(len(WEIGHTS)), series
        )
        for name, row, caption in zip(
            ("real", "made"), frames, ("Real digits", f"{self.shown}, KL weight {self.weight}"), strict=True
        ):
            show.picture(name, strip(enlarged(row, 5)), caption, caption)
        show.fact(share=share, error=errors[self.weight])
        return self.options[0 if share > 0.8 else 1 if share >= 0.4 else 2]


class Neighbours(Digits):
    """Whether near codes have the same label."""

    name, title, covers = "vae.neighbours", "Whose codes lie near", "4.2-04 4.2-05"
    size = Whole(8, choices=SIZES, draw=(1, 1, 2, 4, 8, 16), help="numbers of the code")
    codes = OneOf(
        "own",
        "dealt out",
        draw=("own", "own", "own", "dealt out"),
        help="each digit's own code, or codes dealt out at random",
    )
    prompt = (
        "A VAE squeezed digits into codes of {size} number{s} and was never told their labels. {told}Of the 10 "
        "training digits whose codes lie nearest to that of a new digit, how many show the same digit (mean of 297)?"
    )
    options = ("over 8 of 10", "4 to 8 of 10", "under 4 of 10")
    hints = (
        "Squeezing keeps together what looks alike, as nearby codes must decode to similar pictures.",
        "Chance is 1 of 10. Has a code so narrow room to keep ten kinds apart?",
    )

    def facts(self) -> Facts:
        dealt = "Then the codes are dealt out among the digits at random. "
        return {"s": "" if self.size == 1 else "s", "told": "" if self.codes == "own" else dealt}

    def known(self) -> Mapping[str, str]:
        measured = "Measured: {share:.0%}; by pixels {by_pixels:.0%}, by chance 10%."
        whys = {"*": f": {measured}"}
        many, _, few = self.options
        if self.codes == "dealt out":
            return whys | {many: f"trusted the numbers: They are good codes, but of other digits. {measured}"}
        if self.names.get("right") == many:
            return whys | {few: f"thought labels were needed: What looks alike mostly is the same digit. {measured}"}
        return whys

    def run(self, show: Show) -> str:
        """Find the nearest codes and compare labels."""
        model = spaces.autoencoder(self.size, KL)
        codes, _ = model.encode(digits.digits()[0])  # (1797, d)
        if self.codes == "dealt out":
            codes = codes[torch.randperm(len(codes), generator=generator_of(self.seed, "dealt"))]
        share, by_pixels = spaces.same_label(codes), spaces.same_label(digits.digits()[0].flatten(1))
        show.shapes("digits and their codes", digits.digits()[0], codes)
        show.line(
            f"{share:.1%} of the 10 nearest codes have the same label; of the 10 nearest pictures {by_pixels:.1%}"
        )
        one = digits.TRAINING + self.seed % (len(codes) - digits.TRAINING)
        near = torch.cdist(codes[one : one + 1], codes[: digits.TRAINING]).topk(9, largest=False).indices[0]
        pictures = digits.digits()[0]
        caption = "A new digit, and the nine whose codes lie nearest"
        show.picture("near", strip(enlarged(torch.cat([pictures[one : one + 1], pictures[near]]), 5)), caption, caption)
        show.fact(share=share, by_pixels=by_pixels)
        return self.options[0 if share > 0.8 else 1 if share >= 0.4 else 2]


class Shuffled(Digits):
    """What random codes decode to, in a good space and in bad ones."""

    name, title, covers = "vae.shuffled", "Random codes in good and bad spaces", "4.2-04 4.2-09 0.9-03"
    sections = "4.2 0.9"
    space = OneOf(*SPACES, help="which autoencoder decodes")
    size = Whole(8, choices=(4, 8, 16), draw=(4, 8, 16), help="numbers of the VAE's code; the others have 16")
    prompt = (
        "300 codes are drawn from N(0, I) and decoded by {told}, with a code of {numbers}. How many of the pictures "
        "lie among real digits, nearer to one than its third neighbour does?"
    )
    options = ("over half of them", "10% to 50%", "under 10%")
    hints = (
        "Did anything in the training make draws from N(0, I) plausible codes?",
        "A decoder answers every code. Whether the answer is a digit depends on where its training put codes.",
    )

    def facts(self) -> Facts:
        numbers = self.size if self.space in ("VAE", "shuffled decoder") else WIDE
        return {"told": SPACES[self.space], "numbers": numbers}

    def known(self) -> Mapping[str, str]:
        measured = "Measured: {share:.0%}."
        over, _, under = self.options
        whys = {
            "shuffled decoder": {over: "took the shape for the map: The same numbers in other places paint noise. "},
            "plain autoencoder": {
                over: "took any code for a code: Nothing made it fill N(0, I); the draws fall into holes. "
            },
            "VAE": {under: "expected holes: The KL term spread the codes over just this cloud. "},
        }.get(self.space, {})
        right = self.names.get("right")
        return {"*": f": {measured}", **{text: why + measured for text, why in whys.items() if text != right}}

    def run(self, show: Show) -> str:
        """Decode draws from the prior and count those that lie among real digits."""
        made = {}
        codes = torch.randn(300, self.numbers, generator=generator_of(self.seed, "codes"))
        weight = {"plain autoencoder": 0.0, "strong KL": 4.0}.get(self.space, KL)
        model = spaces.autoencoder(self.numbers, weight)
        made["as trained"] = model.decode(codes)
        if self.space == "shuffled decoder":
            made["shuffled"] = shuffled(model, generator_of(self.seed, "shuffle")).decode(codes)
        pictures = [*made.values()][-1]
        share = spaces.among_digits(pictures)
        show.shapes("codes drawn from N(0, I), decoded", codes, pictures)
        show.line(
            f"{share:.1%} lie among real digits; of digits never seen {spaces.among_digits(spaces.held_out()):.1%}"
        )
        spread = model.encode(digits.digits()[0])[0].std(dim=0)
        show.line(
            f"the codes of digits have standard deviations of {float(spread.min()):.2f} to {float(spread.max()):.2f}"
        )
        for name, each in made.items():
            caption = f"Random codes decoded, {name}"
            show.picture(name.replace(" ", "-"), strip(enlarged(each[:9], 5)), caption, caption)
        show.fact(share=share)
        return self.options[0 if share > 0.5 else 1 if share >= 0.1 else 2]


def shuffled(model: DigitVae, generator: torch.Generator) -> DigitVae:
    """A copy whose decoder has the same weights in other places of each layer."""
    copied = digits.DigitVae(model.size)
    for name, weights in model.state_dict().items():
        is_decoder = name.startswith(("open", "leave"))
        order = torch.randperm(weights.numel(), generator=generator) if is_decoder else torch.arange(weights.numel())
        copied.get_parameter(name).copy_(weights.cpu().flatten()[order].view_as(weights))
    return copied


EXERCISES: Final = (Width, Beta, Neighbours, Shuffled)
