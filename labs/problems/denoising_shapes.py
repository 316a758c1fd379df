"""The denoising lab's question about a whole curve: which shape it has between its two ends."""

from __future__ import annotations

from typing import Final

from labs.checking import Mistake, check_choice
from labs.exercise import Exercise, fitting, stream
from labs.problems.denoising_numbers import SCHEDULES
from labs.protocol import Evidence, Param, Params, Problem, Verdict

MODULE: Final = "labs.denoising_shapes"
QUANTITIES: Final = {
    "signal share": "alpha-bar, the share of the signal in the variance,",
    "picture weight": "the square root of alpha-bar, by which the picture is multiplied,",
    "noise weight": "the square root of 1 − alpha-bar, by which the noise is multiplied,",
    "beta": "beta, the noise added in one step,",
}
FALLING: Final = ("signal share", "picture weight")
STRAIGHT: Final = "straight"
EARLY: Final = "fast first, then hardly"
LATE: Final = "hardly at first, then fast"
BOTH: Final = "slowly, fast, slowly"
SHAPES: Final = {STRAIGHT: "▁▂▃▄▅▆▇█", EARLY: "▁▄▆▇████", LATE: "▁▁▁▁▂▃▅█", BOTH: "▁▁▂▄▅▇██"}
"""How a rising curve of that shape looks; a falling one goes the same part of its way at the same time."""
_BARS: Final = "▁▂▃▄▅▆▇█"
_UPSIDE_DOWN: Final = str.maketrans(_BARS, _BARS[::-1])
_KNOBS: Final = (
    Param(
        "quantity", "text", "signal share", "what is drawn over the timesteps", choices=tuple(QUANTITIES),
        vary=tuple(QUANTITIES),
    ),
    Param("schedule", "text", "cosine", "schedule", choices=SCHEDULES, vary=SCHEDULES),
)  # fmt: skip


def option(shape: str, *, falling: bool) -> str:
    """A shape drawn and in words."""
    return f"{SHAPES[shape].translate(_UPSIDE_DOWN) if falling else SHAPES[shape]}  {shape}"


def pose_curve(params: Params, seed: int) -> Problem:
    """Which shape a schedule's curve has over its timesteps."""
    full = fitting(_KNOBS, params, seed, lambda _: True) or params
    quantity = str(full["quantity"])
    falling = quantity in FALLING
    options = [option(shape, falling=falling) for shape in SHAPES]
    stream(seed, "denoising.curve:options").shuffle(options)
    return Problem(
        "denoising.curve",
        full,
        seed,
        f"Draw {QUANTITIES[quantity]} of the {full['schedule']} schedule over its 1,000 timesteps. "
        f"It {'falls' if falling else 'rises'} from one end to the other: in which shape?",
        "choice",
        options=tuple(options),
        hints=(
            "Think of three places: is a quarter of the way done after 250 steps, half after 500, the rest at 750?",
            "Alpha-bar is a product of all 1 − beta so far; a square root moves what is near 0 up more than the rest.",
        ),
    )


def check_curve(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The shape; names the shape of another schedule, and that of another quantity, taken for this one."""
    falling = str(problem.params["quantity"]) in FALLING
    whys: dict[str, str | Mistake] = {}
    for name, shape in evidence.facts.items():
        drawn = option(str(shape), falling=falling)
        if drawn != evidence.value and drawn not in whys:
            whys[drawn] = Mistake(0, f"took it for {name}", f"So looks {name}; here it goes {_words(evidence)}.")
    return check_choice(problem, answer, evidence, whys)


def _words(evidence: Evidence) -> str:
    return str(evidence.value).partition("  ")[2]


EXERCISES: Final = (
    Exercise(
        name="denoising.curve",
        title="Which shape a schedule's curve has",
        sections=("4.3", "4.5"),
        covers=("4.3-02", "4.5-06"),
        params=_KNOBS,
        module=MODULE,
        poser=pose_curve,
        checker=check_curve,
    ),
)
