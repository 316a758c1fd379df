"""How what a noise schedule does is spread over its timesteps.

Ho et al. 2020, "Denoising Diffusion Probabilistic Models", arXiv:2006.11239, eq. 4; the cosine schedule: Nichol and
Dhariwal 2021, arXiv:2102.09672, eq. 17.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from labs.bench import Facts, OneOf, Show, later
from labs.denoising.schedules import SCHEDULES, Noising

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from labs import diffusion
    from labs.diffusion import NoiseSchedule
else:
    torch, diffusion = later("torch"), later("labs.diffusion")

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
QUARTERS: Final = (249, 499, 749)
_CLOSE: Final = 0.03
"""A curve no farther than this from its chord, in shares of the whole way, is called straight."""


def option(shape: str, *, falling: bool) -> str:
    """A shape drawn and in words."""
    return f"{SHAPES[shape].translate(_UPSIDE_DOWN) if falling else SHAPES[shape]}  {shape}"


class Curve(Noising):
    """Which shape a schedule's curve has over its timesteps."""

    name, title = "denoising.curve", "Which shape a schedule's curve has"
    sections, covers = "4.3 4.5", "4.3-02 4.5-06"
    source = "Ho et al. 2020, arXiv:2006.11239, eq. 4; Nichol and Dhariwal 2021, arXiv:2102.09672, eq. 17"
    truth, measured_on = "formula", "the schedule's own tensors"
    quantity = OneOf(*QUANTITIES, help="what is drawn over the timesteps")
    schedule = OneOf("cosine", "linear", "scaled-linear", help="schedule")
    prompt = (
        "Draw {drawn} of the {schedule} schedule over its 1,000 timesteps. It {goes} from one end to the other: in "
        "which shape?"
    )
    answer_type = "choice"
    hints = (
        "Think of three places: is a quarter of the way done after 250 steps, half after 500, the rest at 750?",
        "Alpha-bar is a product of all 1 − beta so far; a square root moves what is near 0 up more than the rest.",
    )

    def facts(self) -> Facts:
        is_falling = self.quantity in FALLING
        return {
            "is_falling": is_falling,
            "drawn": QUANTITIES[self.quantity],
            "goes": "falls" if is_falling else "rises",
        }

    def offered(self, chance: random.Random) -> Sequence[str]:
        options = [option(shape, falling=self.is_falling) for shape in SHAPES]
        chance.shuffle(options)
        return options

    def known(self) -> Mapping[str, str]:
        right = str(self.names.get("right", ""))
        whys: dict[str, str] = {}
        for name, shape in self.measured.items():
            drawn = option(str(shape), falling=self.is_falling)
            if drawn != right:
                words = right.partition("  ")[2]
                whys.setdefault(drawn, f"took it for {name}: So looks {name}; here it goes {words}.")
        return whys

    def run(self, show: Show) -> str:
        """Read the curve off the schedule's own tensors and see how far it is after each quarter."""
        curves = {each: curve_of(diffusion.noise_schedule(each), self.quantity) for each in SCHEDULES}
        found = {each: shape_of(curve) for each, curve in curves.items()}
        shape, gone = found[self.schedule]
        curve = curves[self.schedule]
        others = {f"the {each} schedule": found[each][0] for each in SCHEDULES}
        schedule = diffusion.noise_schedule(self.schedule)
        others |= {f"the {what}": shape_of(curve_of(schedule, what))[0] for what in QUANTITIES}
        show.fact(**others)
        show.shapes(f"{self.quantity}, from {float(curve[0]):.4g} to {float(curve[-1]):.4g}", curve)
        ways = ", ".join(f"{float(share):.0%}" for share in gone)
        show.line(f"after 250, 500, 750 steps -> {ways} of the way: {shape}")
        rows = [(each, one, *(f"{float(share):.0%}" for share in way)) for each, (one, way) in found.items()]
        show.table(f"Of the way gone: {self.quantity}", "schedule | shape | t = 250 | 500 | 750", rows)
        places = range(0, 1_000, 27)
        series = {each: [float(one[t]) for t in places] for each, one in curves.items()}
        show.curve(f"{self.quantity} over the timesteps", "timestep", self.quantity, places, series)
        return option(shape, falling=self.is_falling)


def curve_of(schedule: NoiseSchedule, quantity: str) -> Tensor:
    """A quantity at every timestep: (T,)."""
    return {
        "signal share": schedule.alpha_bars,
        "picture weight": schedule.alpha_bars.sqrt(),
        "noise weight": (1 - schedule.alpha_bars).sqrt(),
        "beta": schedule.betas,
    }[quantity]


def shape_of(curve: Tensor) -> tuple[str, Tensor]:
    """Its shape, and the share of the way it has gone after each quarter of the steps: (T,) -> (3,)."""
    gone = (curve[list(QUARTERS)] - curve[0]) / (curve[-1] - curve[0])  # (3,), 0 to 1 whether it rises or falls
    ahead = gone - torch.tensor([0.25, 0.5, 0.75])  # (3,)
    if ahead.abs().max() <= _CLOSE:
        return STRAIGHT, gone
    if ahead[0] < 0 < ahead[2]:
        return BOTH, gone
    return EARLY if ahead[1] > 0 else LATE, gone


EXERCISES: Final = (Curve,)
