"""The noising half of the denoising family: schedules equal diffusers', own pictures, odd parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from labs import catalog, diffusion
from labs.denoising import schedules as numbers
from labs.denoising.noising import measuring_error
from labs.protocol import ParamError
from tests.labs.solving import quiet, solved, verdict
from tests.labs.their_schedulers import ddpm

COMPARE = ["denoising.more_signal", "denoising.order_by_signal", "denoising.keeps_signal"]
THEIRS: dict[str, dict[str, Any]] = {
    "linear": {"beta_schedule": "linear", "beta_start": 0.0001, "beta_end": 0.02},
    "scaled-linear": {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012},
    "cosine": {"beta_schedule": "squaredcos_cap_v2"},
}


def bars(schedule: str, timesteps: int = 1_000) -> np.ndarray[Any, Any]:
    """alpha-bar by diffusers, in double precision."""
    found: np.ndarray[Any, Any] = ddpm(timesteps, **THEIRS[schedule]).alphas_cumprod.double().numpy()
    return found


BARS = {schedule: bars(schedule) for schedule in THEIRS}


@pytest.mark.parametrize("timesteps", [50, 1_000])
@pytest.mark.parametrize("name", list(THEIRS))
def test_schedules_and_noising_are_those_of_diffusers(name: str, timesteps: int) -> None:
    ours = diffusion.noise_schedule(name, timesteps)
    theirs = ddpm(timesteps, **THEIRS[name])
    torch.testing.assert_close(ours.betas, theirs.betas, rtol=1e-6, atol=0)
    torch.testing.assert_close(ours.alpha_bars, theirs.alphas_cumprod, rtol=1e-5, atol=1e-12)
    generator = torch.Generator().manual_seed(1)
    x0, noise = torch.randn(16, 3, 8, 8, generator=generator), torch.randn(16, 3, 8, 8, generator=generator)
    t = torch.randint(0, timesteps, (16,), generator=generator)
    torch.testing.assert_close(diffusion.q_sample(ours, x0, t, noise), theirs.add_noise(x0, noise, t))
    torch.testing.assert_close(diffusion.target(ours, "v", x0, t, noise), theirs.get_velocity(x0, noise, t))


@pytest.mark.parametrize("timesteps", [400, 1_000])
@pytest.mark.parametrize("name", list(THEIRS))
def test_the_numbers_in_prompts_are_those_of_the_lab(name: str, timesteps: int) -> None:
    ours = diffusion.noise_schedule(name, timesteps)
    plain_betas, plain = numbers.betas(name, timesteps), numbers.alpha_bars(name, timesteps)
    np.testing.assert_allclose(plain_betas, ours.betas.numpy(), rtol=2e-3, atol=1e-7)
    np.testing.assert_allclose(plain, ours.alpha_bars.numpy(), rtol=1e-4, atol=1e-9)


def test_known_figures_of_the_schedules() -> None:
    crossings = {}
    for name in THEIRS:
        snr = diffusion.noise_schedule(name).snr
        crossings[name] = int((snr < 1).nonzero()[0])
    assert crossings == {"linear": 259, "scaled-linear": 354, "cosine": 496}
    assert BARS["linear"][500] == pytest.approx(0.0778, abs=1e-4)
    assert BARS["cosine"][500] == pytest.approx(0.492, abs=1e-3)
    assert BARS["scaled-linear"][999] == pytest.approx(0.00466, abs=1e-5)  # never without signal


def test_many_small_steps_are_one_large_one() -> None:
    schedule = diffusion.noise_schedule("linear", 60)
    generator = torch.Generator().manual_seed(3)
    x = torch.full((200_000,), 2.0)
    for t in range(60):
        x = diffusion.q_step(schedule, x, t, torch.randn(x.shape, generator=generator))
    abar = float(schedule.alpha_bars[-1])
    assert float(x.mean()) == pytest.approx(2 * abar**0.5, abs=0.01)
    assert float(x.var()) == pytest.approx(1 - abar, rel=0.02)


@pytest.mark.parametrize(("t", "within"), [(50, 0.005), (250, 0.005), (500, 0.03), (700, 0.15)])
def test_the_error_of_a_measured_snr_grows_as_the_signal_fades(t: int, within: float) -> None:
    for seed in range(5):
        _, evidence = solved("denoising.snr", seed, schedule="linear", t=t)
        right = BARS["linear"][t] / (1 - BARS["linear"][t])
        assert evidence.value == pytest.approx(right, rel=within)
    assert 4 * measuring_error(float(BARS["linear"][t])) < 1.5 * within + 0.01


# --- Exercises --------------------------------------------------------------------------------------------------------


def test_a_later_timestep_can_have_more_signal_and_half_of_the_pairs_show_it() -> None:
    crossed = 0
    for seed in range(100):
        p: dict[str, Any] = dict(catalog.exercise("denoising.more_signal").pose({}, seed).params)
        a, b = BARS[p["schedule_a"]][p["t_a"]], BARS[p["schedule_b"]][p["t_b"]]
        crossed += (a - b) * (p["t_a"] - p["t_b"]) > 0
    assert crossed > 40


def test_orders_the_wrong_way_round_or_by_timestep_are_named() -> None:
    named = set()
    for seed in range(20):
        problem, evidence = solved("denoising.order_by_signal", seed)
        assert isinstance(evidence.value, list)
        named.add(verdict("; ".join(evidence.value[::-1]), problem, evidence).mistake)
        by_time = sorted(problem.options, key=lambda text: int(text.rpartition(" ")[2]))
        if by_time != evidence.value:
            named.add(verdict("; ".join(by_time), problem, evidence).mistake)
    assert named == {"the other way round", "went by the timestep alone"}


def test_percentages_are_shares() -> None:
    assert verdict("7.8 %", *solved("denoising.alpha_bar", schedule="linear", t=500)).correct


@pytest.mark.parametrize("name", ["snr", "noised_variance", "crossing", *(one.partition(".")[2] for one in COMPARE)])
@pytest.mark.parametrize("colour", [None, (200, 30, 40)])
def test_an_own_picture_is_noised(tmp_path: Path, name: str, colour: tuple[int, int, int] | None) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (50, 70, 3), dtype=np.uint8)
    image = Image.new("RGB", (70, 50), colour) if colour else Image.fromarray(noise)
    image.save(tmp_path / "mine.png")
    problem, evidence = solved(f"denoising.{name}", 1, picture=str(tmp_path / "mine.png"))
    assert "Your picture mine.png, 70 × 50 px" in evidence.derivation[0]
    answer = "; ".join(evidence.value) if isinstance(evidence.value, list) else str(evidence.value)
    assert verdict(answer, problem, evidence).correct
    without = catalog.exercise(problem.exercise).pose({}, 1)
    if isinstance(evidence.value, float):
        assert verdict(str(evidence.value), without, catalog.exercise(problem.exercise).solve(without, quiet)).correct


@pytest.mark.parametrize(
    ("name", "params", "says"),
    [
        ("snr", {"t": 1_000}, "from 0 to 999"),
        ("snr", {"t": 990, "schedule": "linear"}, "too little is left"),
        ("snr", {"schedule": "quadratic"}, "one of linear, scaled-linear, cosine"),
        ("snr", {"picture": "/nowhere/at/all.png"}, "there is no file"),
        ("betas", {"first": 0.5, "rise": 0.1, "steps": 6}, "below 1"),
        ("crossing", {"timesteps": 100}, "from 200 to 4000"),
        ("more_signal", {"schedule_a": "linear", "t_a": 300, "schedule_b": "linear", "t_b": 301}, "too much alike"),
        ("order_by_signal", {"count": 9}, "from 3 to 6"),
    ],
)
def test_parameters_out_of_range_or_at_odds_are_refused(name: str, params: dict[str, Any], says: str) -> None:
    with pytest.raises(ParamError, match=says):
        catalog.exercise(f"denoising.{name}").pose(params, 0)


def test_six_pictures_can_always_be_told_apart() -> None:
    for seed in range(200):
        problem = catalog.exercise("denoising.order_by_signal").pose({"count": 6}, seed)
        assert len(set(problem.options)) == 6
