"""The way back of the denoising lab: steps equal diffusers', samples and latents are judged as the cards promise."""

from __future__ import annotations

import importlib
import io
import math
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from labs import catalog, denoising_latents, denoising_reverse, denoising_sampling, diffusion
from labs.denoising import generator_of
from labs.models import weights
from labs.models.digits import TRAINING, DigitDenoiser, digits
from labs.models.scores import sliced_wasserstein
from labs.models.shapes_2d import draw_points
from labs.protocol import Evidence, ParamError, Problem, SolveRequest
from tests.examples import examples
from tests.labs.their_schedulers import ddim

SEEDS = range(examples(50))
EXACT = ["recover_x0", "error_in_x0", "posterior_variance", "guided_prediction", "guidance_cost", "same_noise",
         "latent_size", "latent_cost"]  # fmt: skip
SAMPLED = ["steps", "film", "guidance", "guidance_variety", "latent_neighbours", "latent_between"]
FAST = {"guidance_cost": {"pictures": 2, "steps": 6}, "same_noise": {"runs": 3, "steps": 4}}


def quiet(fraction: float, text: str) -> None:
    """Progress nobody watches."""


def solved(name: str, seed: int = 0, **params: Any) -> tuple[Problem, Evidence]:
    exercise = catalog.exercise(f"denoising.{name}")
    problem = exercise.pose(params, seed)
    evidence = importlib.import_module(exercise.module).solve(problem, quiet)
    assert isinstance(evidence, Evidence)
    return problem, evidence


def verdict(answer: str, problem: Problem, evidence: Evidence) -> Any:
    return catalog.exercise(problem.exercise).check(problem, answer, evidence)


# --- One step back against diffusers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("prediction", ["epsilon", "v"])
def test_a_step_back_is_that_of_diffusers_ddim(prediction: diffusion.Prediction, eta: float) -> None:
    theirs = ddim(
        beta_schedule="squaredcos_cap_v2",
        prediction_type="epsilon" if prediction == "epsilon" else "v_prediction",
        clip_sample=True,
        clip_sample_range=1.0,
    )
    theirs.set_timesteps(10)
    schedule = diffusion.noise_schedule("cosine")
    generator = torch.Generator().manual_seed(2)
    for t in (900, 500, 100):
        xt, said = torch.randn(4, 1, 8, 8, generator=generator), torch.randn(4, 1, 8, 8, generator=generator)
        abar, before = schedule.alpha_bars[t], schedule.alpha_bars[t - 100]
        x0 = diffusion.recover_x0(abar, prediction, xt, said).clamp(-1, 1)
        ours = diffusion.step_back(xt, x0, abar, before, eta=eta, generator=torch.Generator().manual_seed(9))
        noise = torch.randn(xt.shape, generator=torch.Generator().manual_seed(9))
        step = theirs.step(said, t, xt, eta=eta, use_clipped_model_output=True, variance_noise=noise if eta else None)
        torch.testing.assert_close(x0, step.pred_original_sample, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(ours, step.prev_sample, rtol=1e-4, atol=1e-4)
        variance = theirs._get_variance(t, t - 100)
        torch.testing.assert_close(diffusion.posterior_variance(abar, before), variance, rtol=1e-4, atol=1e-7)


def test_a_prediction_that_is_right_gives_the_picture_back() -> None:
    schedule = diffusion.noise_schedule("linear")
    generator = torch.Generator().manual_seed(4)
    x0, noise = torch.randn(8, 5, generator=generator), torch.randn(8, 5, generator=generator)
    t = torch.arange(0, 800, 100)
    xt = diffusion.q_sample(schedule, x0, t, noise)
    for prediction in ("epsilon", "v"):
        said = diffusion.target(schedule, prediction, x0, t, noise)
        back = diffusion.recover_x0(schedule.at(t, x0), prediction, xt, said)
        torch.testing.assert_close(back, x0, rtol=1e-3, atol=1e-3)


def test_a_perfect_denoiser_walks_back_to_the_only_picture() -> None:
    schedule = diffusion.noise_schedule("cosine")
    picture = torch.tensor([[0.3, -0.7]])

    def knows(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        abar = schedule.at(t, x)
        noise = (x - abar.sqrt() * picture) / (1 - abar).sqrt()
        return abar.sqrt() * noise - (1 - abar).sqrt() * picture

    for eta in (0.0, 1.0):
        start = torch.randn(3, 2, generator=torch.Generator().manual_seed(1))
        end = diffusion.sample(knows, schedule, "v", start, steps=7, clip=1.0, eta=eta)
        torch.testing.assert_close(end, picture.expand(3, 2), rtol=0, atol=1e-3)


# --- Exercises with an exact answer -----------------------------------------------------------------------------------


def closed_form(problem: Problem, evidence: Evidence) -> float:
    return float(_closed_form(dict(problem.params), problem, evidence))


def _closed_form(p: dict[str, Any], problem: Problem, evidence: Evidence) -> Any:
    match problem.exercise.partition(".")[2]:
        case "recover_x0":
            a, b = math.sqrt(p["alpha_bar"]), math.sqrt(1 - p["alpha_bar"])
            return (p["x_t"] - b * p["said"]) / a if p["prediction"] == "epsilon" else a * p["x_t"] - b * p["said"]
        case "error_in_x0":
            b = math.sqrt(1 - p["alpha_bar"])
            return p["error"] * (b / math.sqrt(p["alpha_bar"]) if p["prediction"] == "epsilon" else b)
        case "posterior_variance":
            bar, before = float(evidence.facts["alpha_bar"]), float(evidence.facts["alpha_bar_before"])  # type: ignore[arg-type]
            return 1 / (bar / before / (1 - bar / before) + 1 / (1 - before))  # precisions of two Gaussians add
        case "guided_prediction":
            return (1 - p["scale"]) * p["unconditional"] + p["scale"] * p["conditional"]
        case "guidance_cost":
            return p["pictures"] * p["steps"] * (1 if p["scale"] == 1 else 2)
        case "same_noise":
            return 1 if p["eta"] == 0 else p["runs"]
        case "latent_size":
            latent = p["height"] // p["factor"] * (p["width"] // p["factor"]) * p["channels"]
            return latent if p["ask"] == "numbers" else 3 * p["height"] * p["width"] / latent
        case "latent_cost":
            return p["factor"] ** 2
    raise AssertionError(problem.exercise)


@pytest.mark.parametrize("name", EXACT)
def test_the_measured_value_is_the_closed_form_and_wrong_answers_are_refused(name: str) -> None:
    for seed in SEEDS:
        problem, evidence = solved(name, seed, **FAST.get(name, {}))
        right = closed_form(problem, evidence)
        assert isinstance(evidence.value, int | float)
        slack = max(problem.tolerance, problem.tolerance_percent / 100 * abs(right))
        assert evidence.value == pytest.approx(right, abs=slack, rel=1e-5), problem.params
        assert verdict(repr(right), problem, evidence).correct
        assert verdict(repr(evidence.value), problem, evidence).correct
        for wrong in (right + 3 * slack + 1, right - 3 * slack - 1, right * 30 + 5):
            refused = verdict(repr(wrong), problem, evidence)
            assert not refused.correct, (problem, wrong)
            assert refused.message.endswith(".")


@pytest.mark.parametrize(
    ("name", "params", "typed", "mistake"),
    [
        ("recover_x0", {"prediction": "epsilon", "alpha_bar": 0.36, "x_t": 0.5, "said": -0.4}, "0.82",
         "forgot to divide"),
        ("recover_x0", {"prediction": "epsilon", "alpha_bar": 0.36, "x_t": 0.5, "said": -0.4}, "0.3", "wrong sign"),
        ("recover_x0", {"prediction": "epsilon", "alpha_bar": 0.36, "x_t": 0.5, "said": -0.4}, "2.1",
         "forgot the roots"),
        ("recover_x0", {"prediction": "epsilon", "alpha_bar": 0.36, "x_t": 0.5, "said": -0.4}, "0.62",
         "took one prediction for the other"),
        ("recover_x0", {"prediction": "v", "alpha_bar": 0.36, "x_t": 0.5, "said": -0.4}, "-0.02", "wrong sign"),
        ("recover_x0", {"prediction": "v", "alpha_bar": 0.36, "x_t": 0.5, "said": -0.4}, "0.16", "gave the noise"),
        ("error_in_x0", {"prediction": "epsilon", "alpha_bar": 0.2, "error": 0.02}, "0.0179",
         "took one prediction for the other"),
        ("error_in_x0", {"prediction": "v", "alpha_bar": 0.0025, "error": 0.01}, "0.2",
         "took one prediction for the other"),
        ("error_in_x0", {"prediction": "epsilon", "alpha_bar": 0.04, "error": 0.01}, "0.24", "forgot the roots"),
        ("guided_prediction", {"unconditional": 0.1, "conditional": 0.5, "scale": 3.0}, "1.7", "the other convention"),
        ("guided_prediction", {"unconditional": 0.1, "conditional": 0.5, "scale": 3.0}, "1.2", "forgot the start"),
        ("guided_prediction", {"unconditional": 0.1, "conditional": 0.5, "scale": 3.0}, "0.3", "averaged"),
        ("guidance_cost", {"pictures": 3, "steps": 5, "scale": 3.0}, "15", "forgot guidance"),
        ("guidance_cost", {"pictures": 3, "steps": 5, "scale": 3.0}, "10", "one picture only"),
        ("guidance_cost", {"pictures": 3, "steps": 5, "scale": 3.0}, "6000", "counted all timesteps"),
        ("guidance_cost", {"pictures": 3, "steps": 5, "scale": 1.0}, "30", "guidance at scale 1"),
        ("same_noise", {"eta": 0.0, "runs": 3, "steps": 3}, "3", "took DDIM as random"),
        ("same_noise", {"eta": 1.0, "runs": 3, "steps": 3}, "1", "took it as deterministic"),
        ("latent_size", {"height": 512, "width": 512, "ask": "numbers"}, "4096", "forgot the channels"),
        ("latent_size", {"height": 512, "width": 512, "ask": "numbers"}, "12288", "kept three channels"),
        ("latent_size", {"height": 512, "width": 512, "ask": "numbers"}, "131072", "divided one side"),
        ("latent_size", {"height": 512, "width": 512, "ask": "times fewer"}, "64", "forgot the channels"),
        ("latent_size", {"height": 512, "width": 512, "ask": "times fewer"}, "6", "divided one side"),
        ("latent_cost", {"side": 256, "factor": 8, "channels": 4}, "8", "one side only"),
        ("latent_cost", {"side": 256, "factor": 8, "channels": 4}, "48", "gave the ratio of numbers"),
        ("latent_cost", {"side": 256, "factor": 8, "channels": 4}, "4096", "squared it as for attention"),
        ("steps", {"prediction": "v", "few": 3, "middle": 20, "many": 150}, "3 steps", "too few steps"),
        ("steps", {"prediction": "v", "few": 3, "middle": 20, "many": 150}, "150 steps", "more steps than needed"),
        ("film", {"seen": "picture", "step": 4}, "3", "took the picture for the guess"),
        ("film", {"seen": "guess", "step": 4}, "1", "took the guess for the picture"),
        ("guidance", {"scale": 0.0, "each": 6}, "3", "scale 0 has no class"),
        ("guidance", {"scale": 1.0, "each": 6}, "1", "scale 1 has the class"),
        ("guidance", {"scale": 0.5, "each": 6}, "1", "half guidance is some"),
        ("latent_neighbours", {"distance": 0.1}, "3", "near codes are alike"),
        ("latent_neighbours", {"distance": 8.0}, "1", "far codes are not alike"),
        ("latent_between", {"one": 3, "other": 0, "percent": 10}, "a 0", "took the farther code"),
        ("latent_between", {"one": 3, "other": 0, "percent": 10}, "3", "expected a third"),
    ],
)  # fmt: skip
def test_known_mistakes_are_named(name: str, params: dict[str, Any], typed: str, mistake: str) -> None:
    if name == "latent_size":
        params = {"factor": 8, "channels": 4, **params}
    judged = verdict(typed, *solved(name, **params))
    assert not judged.correct
    assert judged.mistake == mistake
    assert judged.message.endswith(".")


def test_known_mistakes_about_the_posterior_are_named() -> None:
    problem, evidence = solved("posterior_variance", schedule="cosine", steps=10, step=5)
    bar, before, beta = (float(evidence.facts[name]) for name in ("alpha_bar", "alpha_bar_before", "beta"))  # type: ignore[arg-type]
    right = (1 - before) / (1 - bar) * beta
    for typed, mistake in (
        (beta, "gave beta"),
        (beta * (1 - bar) / (1 - before), "inverted the ratio"),
        (before / bar * beta, "used alpha-bars"),
        (1 - before, "forgot the noisier pixel"),
        (right**0.5, "gave the deviation"),
    ):
        assert verdict(f"{typed:.3f}", problem, evidence).mistake == mistake


# --- Exercises that sample --------------------------------------------------------------------------------------------


def test_v_needs_few_steps_and_epsilon_many_for_every_shape() -> None:
    for shape in ("spiral", "moons", "ring"):
        for prediction, right in (("v", "20 steps"), ("epsilon", "200 steps")):
            params = {"prediction": prediction, "shape": shape, "few": 5, "middle": 20, "many": 200}
            problem, evidence = solved("steps", 1, **params)
            assert evidence.value == right
            assert verdict(right, problem, evidence).correct
            distances = [float(evidence.facts[name]) for name in ("few", "middle", "many")]  # type: ignore[arg-type]
            ratio = distances[1] / distances[2]
            assert ratio < 1.35 if prediction == "v" else ratio > 1.65, "too near to the border to be asked"
            assert distances[0] / distances[2] > 1.8


def test_every_number_of_steps_that_is_asked_is_far_from_the_border() -> None:
    knobs = {knob.name: knob.vary for knob in catalog.exercise("denoising.steps").params}
    for prediction in ("epsilon", "v"):
        _, evidence = solved("steps", prediction=prediction, shape="ring", few=5, middle=30, many=150)
        many = float(evidence.facts["many"])  # type: ignore[arg-type]
        for middle in knobs["middle"]:
            made = denoising_sampling.sample_points(prediction, "ring", int(middle))
            data = draw_points("ring", 3_000, generator_of(0, "data ring"))
            ratio = sliced_wasserstein(made.detach(), data) / many
            assert ratio < 1.35 if prediction == "v" else ratio > 1.65


def test_guidance_turns_chance_into_accuracy() -> None:
    for seed in SEEDS:
        problem, evidence = solved("guidance", seed, each=4)
        scale = float(problem.params["scale"])
        right = problem.options[0 if scale == 0 else 1 if scale == 0.5 else 2]
        assert evidence.value == right, (scale, evidence.facts)
        assert verdict(right, problem, evidence).correct


def test_the_stronger_the_guidance_the_less_variety() -> None:
    for seed in range(5):
        problem, evidence = solved("guidance_variety", seed, each=8)
        by_scale = sorted(problem.options, key=lambda text: float(text.split()[1]))
        right = by_scale if problem.params["first"] == "most" else by_scale[::-1]
        assert evidence.value == right
        assert verdict("; ".join(right), problem, evidence).correct
        assert verdict("; ".join(right[::-1]), problem, evidence).mistake == "the other way round"


def test_the_guess_shows_the_digit_long_before_the_picture_does() -> None:
    for seed in range(12):
        problem, evidence = solved("film", seed)
        early = int(problem.params["step"]) < 10
        right = problem.options[0 if early and problem.params["seen"] == "picture" else 2]
        assert evidence.value == right, (problem.params, evidence.facts)
        assert verdict(right, problem, evidence).correct


def test_near_codes_decode_alike_and_far_ones_do_not() -> None:
    for seed in SEEDS:
        problem, evidence = solved("latent_neighbours", seed)
        distance = float(problem.params["distance"])
        assert evidence.value == problem.options[0 if distance < 1 else 1 if distance < 4 else 2]
        assert verdict(str(evidence.value), problem, evidence).correct


def test_the_nearer_of_two_codes_is_what_is_seen() -> None:
    agree = 0
    for seed in SEEDS:
        problem, evidence = solved("latent_between", seed)
        nearer = problem.options[0 if int(problem.params["percent"]) < 50 else 1]
        agree += evidence.value == nearer
        assert verdict(str(evidence.value), problem, evidence).correct
        for option in problem.options:
            assert verdict(option, problem, evidence).correct == (option == evidence.value)
    assert agree >= 0.96 * len(SEEDS)


def test_sampling_again_gives_the_same_bits() -> None:
    for name in ("guidance", "latent_neighbours", "posterior_variance", "film"):
        (_, first), (_, second) = solved(name, 5), solved(name, 5)
        assert (first.value, first.facts, first.pictures) == (second.value, second.facts, second.pictures)


@pytest.mark.parametrize("name", EXACT + SAMPLED)
def test_evidence_shows_how_the_value_came_about(name: str) -> None:
    problem, evidence = solved(name, 4)
    assert "->" in "".join(evidence.derivation)
    assert evidence.derivation[-1].startswith("Source: ")
    assert evidence.code.startswith(("def ", "@cache"))
    assert '"""' not in evidence.code
    assert evidence.unit == problem.unit
    for picture in evidence.pictures:
        assert len(picture.png) <= 60_000
        image = Image.open(io.BytesIO(picture.png))
        image.load()
        assert max(image.size) <= 448
        assert picture.alt
    for curve in evidence.curves:
        assert all(len(series) == len(curve.x) for series in curve.series.values())
    assert Evidence.from_json(evidence.to_json()) == evidence
    assert SolveRequest.from_line(SolveRequest("1", problem).to_line()).problem == problem


@pytest.mark.parametrize(
    ("name", "params", "says"),
    [
        ("guided_prediction", {"unconditional": 0.2, "conditional": 0.2}, "must differ"),
        ("latent_size", {"height": 500, "factor": 8}, "divide both sides"),
        ("latent_cost", {"side": 100, "factor": 8}, "even number"),
        ("latent_between", {"one": 3, "other": 3}, "another digit"),
        ("posterior_variance", {"steps": 4, "step": 4}, "one of the sampler's steps"),
        ("film", {"step": 25}, "from 1 to 24"),
        ("latent_size", {"factor": 3}, "one of 2, 4, 8, 16, 32"),
    ],
)
def test_parameters_out_of_range_or_at_odds_are_refused(name: str, params: dict[str, Any], says: str) -> None:
    with pytest.raises(ParamError, match=says):
        catalog.exercise(f"denoising.{name}").pose(params, 0)


def test_multiply_adds_are_those_of_torchs_own_counter() -> None:
    from torch.utils.flop_counter import FlopCounterMode

    model = DigitDenoiser()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(torch.zeros(1, 1, 16, 16), torch.zeros(1, dtype=torch.long), torch.zeros(1, dtype=torch.long))
    assert denoising_latents.multiply_adds(1, 16) == counter.get_total_flops() // 2  # two FLOPs a multiply-add


def test_the_judge_and_the_autoencoder_are_as_good_as_their_cards_say() -> None:
    pictures, labels = digits()
    scores = weights.card("digits_judge")["scores"]
    with torch.no_grad():
        right = denoising_reverse.judge()(pictures[TRAINING:]).argmax(1) == labels[TRAINING:]
        model, codes = denoising_latents.digit_vae()
        error = float((model.decode(codes[TRAINING:]) - pictures[TRAINING:]).square().mean())
    assert float(right.float().mean()) == pytest.approx(scores["accuracy_held_out"], abs=0.004)
    assert error == pytest.approx(weights.card("digits_vae")["scores"]["error_held_out"], rel=0.01)
    assert np.isfinite(codes.numpy()).all()
