"""The noising half of the denoising lab: schedules equal diffusers', measured signal equals the closed form."""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from labs import catalog, denoising, diffusion
from labs.problems import denoising_numbers as numbers
from labs.problems.denoising_forward import EXERCISES, chain, measuring_error
from labs.protocol import Evidence, ParamError, Problem, SolveRequest
from tests.examples import examples
from tests.labs.their_schedulers import ddpm

SEEDS = range(examples(50))
FORWARD = [exercise.name for exercise in EXERCISES]
COMPARE = ["denoising.more_signal", "denoising.order_by_signal", "denoising.keeps_signal"]
THEIRS: dict[str, dict[str, Any]] = {
    "linear": {"beta_schedule": "linear", "beta_start": 0.0001, "beta_end": 0.02},
    "scaled-linear": {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012},
    "cosine": {"beta_schedule": "squaredcos_cap_v2"},
}


def quiet(fraction: float, text: str) -> None:
    """Progress nobody watches."""


def solved(name: str, seed: int = 0, **params: Any) -> tuple[Problem, Evidence]:
    problem = catalog.exercise(name).pose(params, seed)
    return problem, denoising.solve(problem, quiet)


def verdict(answer: str, problem: Problem, evidence: Evidence) -> Any:
    return catalog.exercise(problem.exercise).check(problem, answer, evidence)


def bars(schedule: str, timesteps: int = 1_000) -> np.ndarray[Any, Any]:
    """alpha-bar by diffusers, in double precision."""
    found: np.ndarray[Any, Any] = ddpm(timesteps, **THEIRS[schedule]).alphas_cumprod.double().numpy()
    return found


BARS = {schedule: bars(schedule) for schedule in THEIRS}


def closed_form(problem: Problem) -> float:
    p: dict[str, Any] = dict(problem.params)
    if problem.exercise == "denoising.betas":
        return math.prod(1 - beta for beta in chain(problem.params))
    if problem.exercise == "denoising.crossing":
        shares = bars(p["schedule"], p["timesteps"])
        return float(np.argmax(shares / (1 - shares) < 1))
    abar = float(BARS[p["schedule"]][p["t"]])
    match problem.exercise:
        case "denoising.alpha_bar":
            return abar
        case "denoising.signal_weight":
            return math.sqrt(abar if p["of"] == "signal" else 1 - abar)
        case "denoising.noised_variance":
            return float(abar * p["variance"] + 1 - abar)
        case "denoising.snr":
            return abar / (1 - abar)
    raise AssertionError(problem.exercise)


# --- Schedules and the forward process against diffusers --------------------------------------------------------------


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


@pytest.mark.parametrize("name", FORWARD)
def test_the_measured_value_is_the_closed_form_and_wrong_answers_are_refused(name: str) -> None:
    for seed in SEEDS:
        problem, evidence = solved(name, seed)
        assert isinstance(evidence.value, int | float)
        right = closed_form(problem)
        slack = max(problem.tolerance, problem.tolerance_percent / 100 * right)
        if name in {"denoising.noised_variance", "denoising.snr"}:
            assert evidence.value == pytest.approx(right, abs=slack / 2), problem.params
        else:
            assert evidence.value == pytest.approx(right, rel=1e-4), problem.params
        assert verdict(repr(right), problem, evidence).correct
        assert verdict(f"about {evidence.value}", problem, evidence).correct
        for wrong in (right + 3 * slack, right - 3 * slack, right * 20, -right):
            refused = verdict(repr(float(wrong)), problem, evidence)
            assert not refused.correct, (problem, wrong)
            assert refused.message.endswith(".")


@pytest.mark.parametrize("name", COMPARE)
def test_the_measured_choice_is_that_of_the_closed_form(name: str) -> None:
    values = set()
    for seed in SEEDS:
        problem, evidence = solved(name, seed)
        p: dict[str, Any] = dict(problem.params)
        if name == "denoising.more_signal":
            a, b = BARS[p["schedule_a"]][p["t_a"]], BARS[p["schedule_b"]][p["t_b"]]
            right: Any = "picture A" if a > b else "picture B"
        elif name == "denoising.keeps_signal":
            pick = max if p["ask"] == "most" else min
            right = pick(BARS, key=lambda schedule: BARS[schedule][p["t"]])
        else:
            ratio = {text: BARS[text.split()[0]][int(text.split()[-1])] for text in problem.options}
            right = sorted(ratio, key=ratio.__getitem__, reverse=True)
        assert evidence.value == right, problem.prompt
        answer = "; ".join(right) if isinstance(right, list) else right
        assert verdict(answer, problem, evidence).correct
        values.add(answer)
        for option in problem.options:
            if option != right:
                judged = verdict(option, problem, evidence)
                assert not judged.correct
                assert judged.message.endswith(".")
    assert len(values) >= 2


def test_a_later_timestep_can_have_more_signal_and_half_of_the_pairs_show_it() -> None:
    crossed = 0
    for seed in range(100):
        p: dict[str, Any] = dict(catalog.exercise("denoising.more_signal").pose({}, seed).params)
        a, b = BARS[p["schedule_a"]][p["t_a"]], BARS[p["schedule_b"]][p["t_b"]]
        crossed += (a - b) * (p["t_a"] - p["t_b"]) > 0
    assert crossed > 40


@pytest.mark.parametrize(
    ("name", "params", "typed", "mistake"),
    [
        ("betas", {"steps": 3, "first": 0.1, "rise": 0.1}, "0.4", "summed the betas"),
        ("betas", {"steps": 3, "first": 0.1, "rise": 0.1}, "0.006", "multiplied the betas"),
        ("betas", {"steps": 3, "first": 0.1, "rise": 0.1}, "0.7", "last step only"),
        ("betas", {"steps": 3, "first": 0.1, "rise": 0.1}, "0.496", "gave the noise"),
        ("betas", {"steps": 3, "first": 0.1, "rise": 0.1}, "0.71", "took the root"),
        ("alpha_bar", {"schedule": "linear", "t": 500}, "0.01", "gave beta"),
        ("alpha_bar", {"schedule": "linear", "t": 500}, "99%", "one step only"),
        ("alpha_bar", {"schedule": "linear", "t": 500}, "0.92", "gave the noise"),
        ("alpha_bar", {"schedule": "linear", "t": 500}, "0.279", "took the root"),
        ("alpha_bar", {"schedule": "linear", "t": 500}, "0.5", "took it as a straight line"),
        ("signal_weight", {"schedule": "linear", "t": 500, "of": "signal"}, "0.078", "forgot the root"),
        ("signal_weight", {"schedule": "linear", "t": 500, "of": "signal"}, "0.96", "gave the other weight"),
        ("signal_weight", {"schedule": "linear", "t": 300, "of": "noise"}, "0.371", "weights that add to 1"),
        ("signal_weight", {"schedule": "linear", "t": 500, "of": "noise"}, "0.1", "used beta"),
        ("noised_variance", {"schedule": "linear", "t": 200, "variance": 4.0}, "2.63", "forgot the noise"),
        ("noised_variance", {"schedule": "linear", "t": 200, "variance": 4.0}, "4.34", "did not shrink the signal"),
        ("noised_variance", {"schedule": "linear", "t": 200, "variance": 4.0}, "1", "took it as 1"),
        ("noised_variance", {"schedule": "linear", "t": 200, "variance": 4.0}, "1.72", "gave the deviation"),
        ("snr", {"schedule": "linear", "t": 400}, "123", "used beta, not alpha-bar"),
        ("snr", {"schedule": "linear", "t": 400}, "0.49", "forgot the square"),
        ("snr", {"schedule": "linear", "t": 400}, "4.17", "inverted"),
        ("snr", {"schedule": "linear", "t": 400}, "0.194", "gave the share"),
        ("snr", {"schedule": "linear", "t": 400}, "-6.2", "gave decibels"),
        ("crossing", {"schedule": "linear", "timesteps": 1_000}, "500", "took the middle"),
        ("crossing", {"schedule": "linear", "timesteps": 1_000}, "370", "halved the weight"),
        ("crossing", {"schedule": "linear", "timesteps": 1_000}, "999", "took the end"),
        ("more_signal", {"schedule_a": "linear", "t_a": 250, "schedule_b": "cosine", "t_b": 350}, "1",
         "looked at the timestep alone"),
        ("keeps_signal", {"t": 400, "ask": "most"}, "linear", "answered the opposite"),
        ("keeps_signal", {"t": 990, "ask": "most"}, "cosine", "rule of thumb at the end"),
    ],
)  # fmt: skip
def test_known_mistakes_are_named(name: str, params: dict[str, Any], typed: str, mistake: str) -> None:
    judged = verdict(typed, *solved(f"denoising.{name}", **params))
    assert not judged.correct
    assert judged.mistake == mistake
    assert judged.message.endswith(".")


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


@pytest.mark.parametrize("name", FORWARD + COMPARE)
def test_evidence_shows_how_the_value_came_about(name: str) -> None:
    problem, evidence = solved(name, 4)
    assert "->" in "".join(evidence.derivation)
    assert evidence.derivation[-1].startswith("Source: Ho et al. 2020")
    assert evidence.code.startswith(("def ", "@property"))
    assert '"""' not in evidence.code
    assert {"python", "torch", "numpy"} <= set(evidence.versions)
    for picture in evidence.pictures:
        assert len(picture.png) <= 60_000
        image = Image.open(io.BytesIO(picture.png))
        image.load()
        assert max(image.size) <= 448
        assert picture.alt
        assert picture.caption
    for curve in evidence.curves:
        assert all(len(series) == len(curve.x) for series in curve.series.values())
    assert Evidence.from_json(evidence.to_json()) == evidence
    assert SolveRequest.from_line(SolveRequest("1", problem).to_line()).problem == problem


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
        assert verdict(str(evidence.value), without, denoising.solve(without, quiet)).correct


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
