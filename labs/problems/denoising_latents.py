"""The denoising lab's questions on latents: how large one is, what it saves, what its neighbours decode to."""

from __future__ import annotations

from typing import Final

from labs.checking import Mistake, check_choice, check_number
from labs.exercise import Exercise, fitting, range_text
from labs.problems.denoising_numbers import check_rounded, fact
from labs.protocol import Evidence, Param, ParamError, Params, Problem, Verdict

MODULE: Final = "labs.denoising_latents"

_FACTOR: Final = Param(
    "factor",
    "integer",
    8,
    "how many times smaller each side of the latent is",
    low=2,
    high=32,
    choices=(2, 4, 8, 16, 32),
    vary=(4, 8, 16),
)
_CHANNELS: Final = Param(
    "channels", "integer", 4, "numbers at each place of the latent", low=1, high=64, vary=(4, 8, 16)
)
_SIZE: Final = (
    Param("height", "integer", 512, "height of the picture in px", low=32, high=1024, vary=(256, 384, 512, 768)),
    Param("width", "integer", 512, "width of the picture in px", low=32, high=1024, vary=(256, 512, 640, 1024)),
    _FACTOR,
    _CHANNELS,
    Param(
        "ask",
        "text",
        "numbers",
        "the latent's numbers, or how many times fewer they are than the picture's",
        choices=("numbers", "times fewer"),
        vary=("numbers", "numbers", "times fewer"),
    ),
)
_COST: Final = (
    Param("side", "integer", 256, "side of the picture in px", low=64, high=1024, vary=(256, 512, 768, 1024)),
    _FACTOR,
    _CHANNELS,
)
_NEIGHBOURS: Final = (
    Param(
        "distance",
        "number",
        0.1,
        "how far from the code of a digit",
        low=0.01,
        high=20,
        vary=(0.05, 0.1, 0.15, 0.2, 1.8, 2.0, 2.2, 5.0, 6.0, 8.0),
    ),
)
_BETWEEN: Final = (
    Param("one", "integer", 3, "a digit", low=0, high=9, vary=tuple(range(10))),
    Param("other", "integer", 0, "another digit", low=0, high=9, vary=tuple(range(10))),
    Param(
        "percent",
        "integer",
        20,
        "how far from the one to the other, in percent",
        low=0,
        high=100,
        vary=(5, 10, 15, 85, 90, 95),
    ),
)
ALL: Final = "nearly all of them (over 85%)"
HALF: Final = "about half of them (40% to 85%)"
FEW: Final = "few of them (under 40%)"
NEITHER: Final = "another digit"


def pose_size(params: Params, seed: int) -> Problem:
    """The size of a latent."""

    def fits(p: Params) -> bool:
        return all(int(p[side]) % int(p["factor"]) == 0 for side in ("height", "width"))

    full = fitting(_SIZE, params, seed, fits)
    if full is None:
        raise ParamError("factor", f"{range_text(_FACTOR)} must divide both sides of the picture")
    numbers = full["ask"] == "numbers"
    question = (
        "How many numbers does the latent of one picture have?"
        if numbers
        else "How many times fewer numbers does the latent have than the RGB picture?"
    )
    return Problem(
        "denoising.latent_size",
        full,
        seed,
        f"An autoencoder makes each side of a picture {full['factor']} times smaller and gives its latent "
        f"{full['channels']} channels. A picture is {full['width']} × {full['height']} px (width × height), RGB. "
        f"{question}",
        "integer" if numbers else "number",
        unit="numbers" if numbers else "",
        tolerance_percent=0 if numbers else 1,
        tolerance_reason="" if numbers else "two digits are enough",
        hints=(
            "How many places does the latent have along each side?",
            "Rows × columns × channels." if numbers else "Each place stands for factor² pixels of 3 values.",
        ),
    )


def check_size(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The latent's size; names one side divided, forgotten or kept channels, the picture's own numbers."""
    p = {name: int(problem.params[name]) for name in ("height", "width", "factor", "channels")}
    pixels, f, c = p["height"] * p["width"], p["factor"], p["channels"]
    places = pixels // f**2
    if problem.params["ask"] != "numbers":
        return check_rounded(
            problem,
            answer,
            evidence,
            (
                Mistake(f**2, "forgot the channels", f"That counts places: a pixel has 3 values, a place {c}."),
                Mistake(3 * f / c, "divided one side", "Both sides are divided, so the factor counts twice."),
                Mistake(f, "gave the factor", "That is for one side; both are divided, and the channels differ."),
                Mistake(f**2 / c, "forgot the colours", "Each pixel has 3 values."),
                Mistake(3 * f**2, "forgot the latent's channels", f"Each place of the latent has {c} numbers."),
                Mistake(c / (3 * f**2), "inverted", "That is latent over picture; asked is picture over latent."),
                Mistake(f**2 * c / 3, "channels the wrong way", "More channels make the latent larger, not smaller."),
            ),
        )
    mistakes = [
        Mistake(places, "forgot the channels", f"Those are the places; each of them has {c} numbers."),
        Mistake(places * 3, "kept three channels", f"The latent has {c} channels, not the picture's 3."),
        Mistake(pixels // f * c, "divided one side", "Both sides are made smaller, so the factor divides twice."),
        Mistake(places * 3 * c, "multiplied by both", "The latent's channels stand in place of the colours."),
        Mistake(pixels * 3 // f, "divided the values", "Each side is divided, and the channels are the latent's."),
        Mistake(pixels * 3, "gave the picture's numbers", "That is the picture; the latent is smaller."),
        Mistake(pixels * c, "did not divide", "That has the latent's channels, but the picture's sides."),
        Mistake(c, "gave the channels", "That is the channels at one place."),
        Mistake(f * f * c, "gave factor² × channels", "That is how many numbers factor² places would have."),
    ]
    return check_number(problem, answer, evidence, mistakes)


def pose_cost(params: Params, seed: int) -> Problem:
    """What a denoising step costs in the latent."""

    def fits(p: Params) -> bool:
        return int(p["side"]) % (2 * int(p["factor"])) == 0

    full = fitting(_COST, params, seed, fits)
    if full is None:
        raise ParamError("factor", "the latent's side must be a whole, even number")
    side, f = int(full["side"]), int(full["factor"])
    return Problem(
        "denoising.latent_cost",
        full,
        seed,
        f"The same convolutional UNet denoises either RGB pictures of {side} × {side} px or their latents of "
        f"{side // f} × {side // f} places with {full['channels']} channels. How many times fewer multiply-adds "
        "does one step in the latent take?",
        "number",
        tolerance_percent=12,
        tolerance_reason="first and last layer, and the timestep's embedding, do not scale with the rest",
        hints=(
            "A convolution does its work once at every place.",
            "How many times fewer places are there? Channels matter only in the first and the last layer.",
        ),
    )


def check_cost(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The saving; names one side, the ratio of numbers, attention's square."""
    f, c = int(problem.params["factor"]), int(problem.params["channels"])
    mistakes = [
        Mistake(f, "one side only", "That is for one side; a picture has two."),
        Mistake(
            3 * f**2 / c,
            "gave the ratio of numbers",
            "That compares the numbers going in; all layers but two have their own widths, so places count.",
        ),
        Mistake(
            f**4, "squared it as for attention", "That is what attention between all places saves, not convolutions."
        ),
        Mistake(2 * f, "added the sides", "Places are rows times columns, so the factor is squared."),
        Mistake(f**3, "cubed it", "A picture has two sides; channels inside the UNet stay as they are."),
        Mistake(1 / f**2, "inverted", "That is latent over picture."),
    ]
    return check_rounded(problem, answer, evidence, mistakes)


def pose_neighbours(params: Params, seed: int) -> Problem:
    """How many neighbours of a code decode to the same digit."""
    full = fitting(_NEIGHBOURS, params, seed, lambda _: True) or params
    return Problem(
        "denoising.latent_neighbours",
        full,
        seed,
        "A VAE has squeezed 8 × 8 digits into codes of 6 numbers, each of about variance 1, so that two random "
        f"codes lie some 3.5 apart. From the code of each of 297 digits we go {full['distance']:g} away in a random "
        "direction and decode there. How many of the pictures does a classifier still call by the same digit?",
        "choice",
        options=(ALL, HALF, FEW),
        hints=(
            "Compare the distance with that of two random codes.",
            "Points near each other decode to similar pictures; as far off as another code lies, to another digit.",
        ),
    )


def check_neighbours(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The share that keeps its digit; names distrust of near neighbours and trust in far ones."""
    measured = f"Measured: {fact(evidence, 'kept'):.0%}."
    whys: dict[str, str | Mistake] = dict.fromkeys(problem.options, measured)
    if evidence.value == ALL:
        whys[FEW] = Mistake(
            0, "near codes are alike", f"So near a code the decoder, being smooth, gives a similar picture. {measured}"
        )
    if evidence.value == FEW:
        whys[ALL] = Mistake(0, "far codes are not alike", f"That is farther than most other digits' codes. {measured}")
    return check_choice(problem, answer, evidence, whys)


def digit_text(digit: int) -> str:
    """An option of `denoising.latent_between`: `a 3`, `an 8`."""
    return f"an {digit}" if digit == 8 else f"a {digit}"


def pose_between(params: Params, seed: int) -> Problem:
    """What a code between two digits decodes to."""
    full = fitting(_BETWEEN, params, seed, lambda p: p["one"] != p["other"])
    if full is None:
        raise ParamError("other", "it must be another digit")
    one, other = int(full["one"]), int(full["other"])
    return Problem(
        "denoising.latent_between",
        full,
        seed,
        f"A VAE has encoded a typical {one} and a typical {other}. From the code of the {one} we go "
        f"{full['percent']}% of the straight way to the code of the {other} and decode there. "
        "What does a classifier see?",
        "choice",
        options=(digit_text(one), digit_text(other), NEITHER),
        hints=(
            "Moving smoothly through the latent space changes the picture smoothly.",
            "Which of the two codes is the nearer one?",
        ),
    )


def check_between(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The digit seen; names the farther one and the fear of a third."""
    sure = f"The classifier is {fact(evidence, 'sure'):.0%} sure of {evidence.value}."
    one, other = digit_text(int(problem.params["one"])), digit_text(int(problem.params["other"]))
    farther = other if int(problem.params["percent"]) < 50 else one
    whys: dict[str, str | Mistake] = {
        farther: Mistake(0, "took the farther code", f"The other code is nearer. {sure}"),
        NEITHER: Mistake(0, "expected a third", f"So near a code it decodes to something like it. {sure}"),
    }
    return check_choice(problem, answer, evidence, {k: v for k, v in whys.items() if k != evidence.value})


EXERCISES: Final = (
    Exercise(
        name="denoising.latent_size",
        title="The size of a latent",
        sections=("4.2", "4.5", "6.1"),
        covers=("4.2-07", "4.5-04", "6.1-10", "6.5-06"),
        params=_SIZE,
        module=MODULE,
        poser=pose_size,
        checker=check_size,
    ),
    Exercise(
        name="denoising.latent_cost",
        title="What a denoising step costs in the latent",
        sections=("4.5", "6.1", "6.5"),
        covers=("4.5-04", "6.1-10", "6.5-06"),
        params=_COST,
        module=MODULE,
        poser=pose_cost,
        checker=check_cost,
    ),
    Exercise(
        name="denoising.latent_neighbours",
        title="What the neighbours of a code decode to",
        sections=("4.2", "6.5"),
        covers=("4.2-02", "4.2-03", "4.2-05", "6.5-07"),
        params=_NEIGHBOURS,
        module=MODULE,
        poser=pose_neighbours,
        checker=check_neighbours,
    ),
    Exercise(
        name="denoising.latent_between",
        title="What lies between two codes",
        sections=("4.2", "6.5"),
        covers=("4.2-03", "4.2-05", "4.2-06", "6.5-07"),
        params=_BETWEEN,
        module=MODULE,
        poser=pose_between,
        checker=check_between,
    ),
)
