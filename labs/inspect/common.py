"""What the exercises on the inspection system share: how a way of looking is called, bands, and the cards' numbers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from labs.bench import Exercise
from labs.models import weights

BANDS: Final = ("in fewer than a quarter", "in a quarter to three quarters", "in more than three quarters")


class Look(NamedTuple):
    """A way of looking at a board: in words, the number of views, the side of the smallest window in px."""

    words: str
    views: int
    side_px: int


LOOKS: Final[Mapping[str, Look]] = {
    "one shot": Look("the whole board once", 1, 256),
    "nine crops": Look("the whole board and nine crops of 128 px", 10, 128),
    "25 crops": Look("the whole board and 25 crops of 64 px", 26, 64),
}


class Inspection(Exercise):
    """What all exercises of this family share."""

    sections = "1.4 2.6"
    source = "an eye, a bridge and a reasoner as in LLaVA, Liu et al. 2023, arXiv:2304.08485, section 4.1"
    truth, measured_on = "trained model", "a small inspection system that was trained on drawn boards"
    seconds_allowed = 60


@cache
def card(name: str = "inspection") -> Mapping[str, Any]:
    """The card of the reference, or of the faults.

    Raises:
        WeightsDamaged: it cannot be read.
    """
    return weights.card(name)


def figure(system: str, key: str) -> float:
    """A figure of the faults' card: what a system, or one with that fault, gave on the 60 pairs."""
    return float(card("inspection_faults")["scores"][f"{system.replace(' ', '_').replace('%', '')}_{key}"])


def band(percent: float) -> str:
    """The band that a share lies in."""
    return BANDS[0] if percent < 25 else BANDS[1] if percent <= 75 else BANDS[2]
