"""The way back in the denoising family: steps equal diffusers', samples and latents are judged as the cards promise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from labs import catalog, diffusion
from labs.denoising import latents, sampling, trained
from labs.denoising.frames import generator_of
from labs.models import weights
from labs.models.digits import TRAINING, DigitDenoiser, digits
from labs.models.scores import sliced_wasserstein
from labs.models.shapes_2d import draw_points
from labs.protocol import Evidence, ParamError, Problem
from tests.examples import examples
from tests.labs import solving
from tests.labs.solving import verdict
from tests.labs.their_schedulers import ddim

SEEDS = range(examples(50))


def solved(name: str, seed: int = 0, **params: Any) -> tuple[Problem, Evidence]:
    return solving.solved(f"denoising.{name}", seed, **params)


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
            made = sampling.sample_points(prediction, "ring", int(middle))
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


@pytest.mark.parametrize(
    ("name", "params", "says"),
    [
        ("guided_prediction", {"unconditional": 0.2, "conditional": 0.2}, "must differ"),
        ("latent_size", {"height": 500, "factor": 8}, "8 does not divide height, 500"),
        ("latent_cost", {"side": 104, "factor": 8}, "even number"),
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
    assert latents.multiply_adds(1, 16) == counter.get_total_flops() // 2  # two FLOPs a multiply-add


def test_the_judge_and_the_autoencoder_are_as_good_as_their_cards_say() -> None:
    pictures, labels = digits()
    scores = weights.card("digits_judge")["scores"]
    with torch.no_grad():
        right = trained.judge()(pictures[TRAINING:]).argmax(1) == labels[TRAINING:]
        model, codes = trained.digit_vae()
        error = float((model.decode(codes[TRAINING:]) - pictures[TRAINING:]).square().mean())
    assert float(right.float().mean()) == pytest.approx(scores["accuracy_held_out"], abs=0.004)
    assert error == pytest.approx(weights.card("digits_vae")["scores"]["error_held_out"], rel=0.01)
    assert np.isfinite(codes.numpy()).all()
