"""The shape of a schedule's curve: measured from torch's tensors, against diffusers' schedulers and numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from labs import catalog
from labs.denoising.curves import BOTH, EARLY, FALLING, LATE, QUANTITIES, STRAIGHT, option
from tests.examples import examples
from tests.labs.solving import assert_judged, assert_shown, solved, verdict
from tests.labs.their_schedulers import ddpm

SEEDS = range(examples(50))
THEIRS: dict[str, dict[str, Any]] = {
    "linear": {"beta_schedule": "linear", "beta_start": 0.0001, "beta_end": 0.02},
    "scaled-linear": {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012},
    "cosine": {"beta_schedule": "squaredcos_cap_v2"},
}


def by_hand(quantity: str, schedule: str) -> str:
    """The shape by the area between the curve and its chord, early and late."""
    scheduler = ddpm(1_000, **THEIRS[schedule])
    betas = scheduler.betas.double().numpy()
    bars = np.cumprod(1 - betas)
    curve = {
        "signal share": bars,
        "picture weight": np.sqrt(bars),
        "noise weight": np.sqrt(1 - bars),
        "beta": betas,
    }[quantity]
    ahead = (curve - curve[0]) / (curve[-1] - curve[0]) - np.linspace(0, 1, 1_000)
    if np.abs(ahead).max() < 0.01:
        return STRAIGHT
    early, late = ahead[150:350].mean(), ahead[650:850].mean()
    if early < 0 < late:
        return BOTH
    return EARLY if early > 0 else LATE


def test_the_shape_is_that_of_diffusers_schedules() -> None:
    seen = set()
    for seed in SEEDS:
        problem, evidence = solved("denoising.curve", seed)
        quantity, schedule = str(problem.params["quantity"]), str(problem.params["schedule"])
        right = by_hand(quantity, schedule)
        seen.add(right)
        assert evidence.value == option(right, falling=quantity in FALLING), problem.params
        assert_judged(problem, evidence)
        assert_shown(problem, evidence)
    assert seen >= {EARLY, LATE, BOTH}
    assert solved("denoising.curve", quantity="beta", schedule="linear")[1].value == option(STRAIGHT, falling=False)


def test_options_are_drawn_the_way_the_curve_goes() -> None:
    assert set(FALLING) < set(QUANTITIES)
    for quantity in QUANTITIES:
        problem = catalog.exercise("denoising.curve").pose({"quantity": quantity}, 1)
        assert len(set(problem.options)) == 4
        for drawn in problem.options:
            bars = drawn.partition(" ")[0]
            assert bars == "".join(sorted(bars, reverse=quantity in FALLING))


@pytest.mark.parametrize("falling", [False, True])
@pytest.mark.parametrize(("shape", "ahead"), [(EARLY, True), (LATE, False)])
def test_a_drawing_goes_as_its_words_say(shape: str, *, ahead: bool, falling: bool) -> None:
    bars = ["▁▂▃▄▅▆▇█".index(bar) for bar in option(shape, falling=falling).partition(" ")[0]]
    gone = [(bar - bars[0]) / (bars[-1] - bars[0]) for bar in bars]
    assert (gone[3] > 0.5) is ahead


@pytest.mark.parametrize(
    ("quantity", "schedule", "shape", "mistake"),
    [
        ("signal share", "cosine", EARLY, "took it for the linear schedule"),
        ("signal share", "linear", BOTH, "took it for the cosine schedule"),
        ("signal share", "cosine", LATE, "took it for the picture weight"),
        ("signal share", "linear", STRAIGHT, "took it for the beta"),
        ("beta", "linear", LATE, "took it for the scaled-linear schedule"),
    ],
)
def test_another_curves_shape_is_recognised(quantity: str, schedule: str, shape: str, mistake: str) -> None:
    problem, evidence = solved("denoising.curve", 1, quantity=quantity, schedule=schedule)
    judged = verdict(option(shape, falling=quantity in FALLING), problem, evidence)
    assert (judged.correct, judged.mistake) == (False, mistake)
