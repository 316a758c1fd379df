"""Noise against signal: the forward half of diffusion, measured on pictures that are really noised.

Ho et al. 2020, arXiv:2006.11239, eq. 4: x_t = sqrt(abar_t) x_0 + sqrt(1 - abar_t) eps. The equations live in
`labs.diffusion`; here a picture of variance 1 is noised with them, and its signal is looked for again by least squares.

Axes: b draws of the noise, c channels, h rows, w columns of the picture.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from labs.diffusion import (
    NoiseSchedule,
    from_betas,
    measured_snr,
    noise_schedule,
    q_sample,
)
from labs.evidence import shape_text, source_of, versions
from labs.pictures import open_picture, to_png
from labs.problems.denoising_compare import PICTURE_A, PICTURE_B, noised_pictures, option
from labs.problems.denoising_forward import PIXELS, chain
from labs.problems.denoising_numbers import SCHEDULES
from labs.protocol import Curve, Evidence, Picture, Problem, Progress, Table, Value
from labs.scenes.boards import draw_board

PAPER: Final = "Ho et al. 2020, arXiv:2006.11239, eq. 4"
SIDE: Final = 112
"""Side of the pictures that are noised, in px."""
CURVE_POINTS: Final = 51


# --- The picture ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class View:
    """The picture of a problem: (1, 3, h, w) of mean 0 and variance 1, and what it shows, in words."""

    x0: Tensor
    content: str
    notes: tuple[str, ...]


def see(problem: Problem, side: int = SIDE) -> View:
    """The learner's picture, or a board drawn from the seed, of `side` × `side` px.

    Raises:
        ParamError: the learner's picture cannot be read.
    """
    path = str(problem.params["picture"])
    if path:
        image, (own_width, own_height) = open_picture(Path(path), side, side)
        content = f"Your picture {Path(path).name}"
        notes: tuple[str, ...] = (f"{content}, {own_width} × {own_height} px, resized to {side} × {side}",)
    else:
        image, content, notes = draw_board(side, side, problem.seed).image, "A drawn circuit board", ()
    pixels = torch.from_numpy(np.asarray(image, dtype=np.float32)).permute(2, 0, 1)[None]  # (1, 3, h, w)
    deviation = pixels.std(correction=0).clamp(min=1e-3)
    if float(deviation) < 1:  # a picture of one colour has no signal: give it the faintest
        ramp = torch.linspace(-1, 1, side).expand(pixels.shape)
        pixels, notes = pixels + ramp, (*notes, "it is all one colour, so a faint slope was added to have a signal")
        deviation = pixels.std(correction=0)
    return View((pixels - pixels.mean()) / deviation, content, notes)


def noised(schedule: NoiseSchedule, x0: Tensor, t: int, draws: int, generator: torch.Generator) -> Tensor:
    """The picture noised to t in several draws: (1, c, h, w) -> (b, c, h, w)."""
    noise = torch.randn((draws, *x0.shape[1:]), generator=generator)
    return q_sample(schedule, x0, torch.tensor([t]), noise)


def strip(frames: Tensor, name: str, caption: str, alt: str) -> Picture:
    """Pictures side by side: (b, c, h, w) around 0 with variance about 1 -> a PNG."""
    grey = ((frames / 5 + 0.5).clamp(0, 1) * 255).byte()  # 2.5 deviations either way
    images = [Image.fromarray(frame.permute(1, 2, 0).numpy()) for frame in grey]
    side, gap = images[0].width, 4
    whole = Image.new("RGB", (len(images) * (side + gap) - gap, side), (128, 128, 128))
    for index, image in enumerate(images):
        whole.paste(image, (index * (side + gap), 0))
    return Picture.from_png(name, to_png(whole), caption=caption, alt=alt)


def share_curve(*schedules: NoiseSchedule) -> Curve:
    """alpha-bar against t."""
    picked = torch.linspace(0, len(schedules[0].betas) - 1, CURVE_POINTS).round().long()
    return Curve(
        "Signal left",
        "t",
        "alpha-bar",
        tuple(picked.tolist()),
        {schedule.name: tuple(schedule.alpha_bars[picked].tolist()) for schedule in schedules},
    )


def snr_curve(*schedules: NoiseSchedule) -> Curve:
    """SNR in decibels against t."""
    picked = torch.linspace(0, len(schedules[0].betas) - 1, CURVE_POINTS).round().long()
    return Curve(
        "Signal-to-noise ratio",
        "t",
        "SNR in dB (0: as much noise as signal)",
        tuple(picked.tolist()),
        {schedule.name: tuple((10 * schedule.snr[picked].clamp(min=1e-6).log10()).tolist()) for schedule in schedules},
    )


# --- Solving ----------------------------------------------------------------------------------------------------------


def solve_betas(problem: Problem, _: Progress) -> Evidence:
    """alpha-bar of a chain of given betas."""
    given = chain(problem.params)
    schedule = from_betas("given", torch.tensor(given))
    value = float(schedule.alpha_bars[-1])
    rows = tuple(
        (str(step + 1), f"{beta:g}", f"{1 - beta:g}", f"{abar:.4f}")
        for step, (beta, abar) in enumerate(zip(given, schedule.alpha_bars.tolist(), strict=True))
    )
    return Evidence(
        value=value,
        derivation=(
            f"betas {shape_text(schedule.betas.shape)} -> running product of 1 − beta "
            f"{shape_text(schedule.alpha_bars.shape)}",
            f"{' × '.join(f'{1 - beta:g}' for beta in given)} = {value:.4f}",
            f"so x_{len(given)} = {value**0.5:.3f} · x_0 + {(1 - value) ** 0.5:.3f} · noise",
        ),
        tables=(Table("Step by step", ("step", "beta", "alpha", "alpha-bar"), rows),),
        code=source_of(from_betas),
        facts={"alpha_bar": value},
    )


def solve_alpha_bar(problem: Problem, _: Progress) -> Evidence:
    """alpha-bar of a named schedule at t."""
    t = int(problem.params["t"])
    schedule = noise_schedule(str(problem.params["schedule"]))
    value = float(schedule.alpha_bars[t])
    total = float(schedule.betas[: t + 1].sum())
    return Evidence(
        value=value,
        derivation=(
            f"betas {shape_text(schedule.betas.shape)} -> alpha-bar {shape_text(schedule.alpha_bars.shape)}",
            f"beta at {t} is {float(schedule.betas[t]):.5f}; the betas up to there sum to {total:.4f}",
            f"e^(−{total:.4f}) = {float(np.exp(-total)):.4f} is near; the product itself is {value:.4f}",
        ),
        curves=(share_curve(*(noise_schedule(name) for name in SCHEDULES)),),
        code=source_of(from_betas),
        facts={"alpha_bar": value, "beta": float(schedule.betas[t])},
    )


def solve_weight(problem: Problem, _: Progress) -> Evidence:
    """The weights of x_0 and noise, by sending in one without the other."""
    t = torch.tensor([int(problem.params["t"])])
    schedule = noise_schedule(str(problem.params["schedule"]))
    one, nothing = torch.ones(1, 1), torch.zeros(1, 1)
    signal = float(q_sample(schedule, one, t, nothing))  # x_0 = 1 without noise
    noise = float(q_sample(schedule, nothing, t, one))  # noise = 1 without a picture
    value = signal if problem.params["of"] == "signal" else noise
    abar = float(schedule.alpha_bars[t])
    return Evidence(
        value=value,
        derivation=(
            f"x_0 = 1 and noise = 0 sent in: (1, 1) -> x_t = {signal:.4f}, which is √{abar:.4g}",
            f"x_0 = 0 and noise = 1 sent in: (1, 1) -> x_t = {noise:.4f}, which is √(1 − {abar:.4g})",
            f"{signal:.4f}² + {noise:.4f}² = {signal**2 + noise**2:.4f}; asked was {value:.4f}",
        ),
        curves=(share_curve(schedule),),
        code=source_of(q_sample),
        facts={"alpha_bar": abar, "beta": float(schedule.betas[t])},
    )


def solve_variance(problem: Problem, _: Progress) -> Evidence:
    """The variance of the pixels of a noised picture."""
    t, own = int(problem.params["t"]), float(problem.params["variance"])
    schedule = noise_schedule(str(problem.params["schedule"]))
    view = see(problem)
    x0 = view.x0 * own**0.5
    xt = noised(schedule, x0, t, draws=16, generator=_noise(problem))
    value = float(xt.double().var(correction=0))
    abar = float(schedule.alpha_bars[t])
    return Evidence(
        value=value,
        derivation=(
            *view.notes,
            f"{shape_text(x0.shape)} of variance {float(x0.var(correction=0)):.3f}, "
            f"noised {len(xt)} times -> {shape_text(xt.shape)}",
            f"alpha-bar · {own:g} + (1 − alpha-bar) = {abar * own:.4f} + {1 - abar:.4f} = {abar * own + 1 - abar:.4f}",
            f"measured: {value:.4f}",
        ),
        pictures=(
            strip(
                torch.cat([x0, xt[:1]]),
                "noised",
                f"The picture and the picture at t = {t}",
                f"{view.content}, clean and noised",
            ),
        ),
        code=source_of(q_sample),
        facts={"alpha_bar": abar},
    )


def solve_snr(problem: Problem, progress: Progress) -> Evidence:
    """The SNR of a noised picture, by least squares."""
    t = int(problem.params["t"])
    schedule = noise_schedule(str(problem.params["schedule"]))
    view = see(problem)
    progress(0.3, "noising the picture")
    xt = noised(schedule, view.x0, t, draws=PIXELS // view.x0.numel(), generator=_noise(problem))
    share, ratio = measured_snr(view.x0.expand(xt.shape), xt)
    abar = float(schedule.alpha_bars[t])
    return Evidence(
        value=ratio,
        derivation=(
            *view.notes,
            f"{shape_text(view.x0.shape)} noised {len(xt)} times -> {shape_text(xt.shape)}",
            f"least squares finds x_0 in x_t with the weight {share:.4f} (√alpha-bar is {abar**0.5:.4f})",
            f"its power over that of the rest: {ratio:.4f}, {10 * np.log10(ratio):.1f} dB",
            f"alpha-bar / (1 − alpha-bar) = {abar:.4f} / {1 - abar:.4f} = {abar / (1 - abar):.4f}",
        ),
        pictures=(
            strip(
                torch.cat([view.x0, xt[:1]]),
                "noised",
                f"The picture and the picture at t = {t}: SNR {ratio:.3g}",
                f"{view.content}, clean and noised to an SNR of {ratio:.3g}",
            ),
        ),
        curves=(snr_curve(schedule),),
        code=source_of(measured_snr),
        facts={"alpha_bar": abar, "beta": float(schedule.betas[t]), "share": share},
    )


def solve_crossing(problem: Problem, _: Progress) -> Evidence:
    """The first timestep whose SNR is below 1, with a film of the picture on its way there and beyond."""
    schedule = noise_schedule(str(problem.params["schedule"]), int(problem.params["timesteps"]))
    value = _first(schedule.snr < 1)
    view = see(problem, 72)
    last = len(schedule.betas) - 1
    film = (0, value // 2, value - 1, value, (value + last) // 2, last)
    generator = _noise(problem)
    frames = torch.cat([noised(schedule, view.x0, t, 1, generator) for t in film])  # (6, 3, h, w)
    rows = tuple((str(t), f"{float(schedule.alpha_bars[t]):.4f}", f"{float(schedule.snr[t]):.4g}") for t in film)
    return Evidence(
        value=value,
        derivation=(
            *view.notes,
            f"alpha-bar {shape_text(schedule.alpha_bars.shape)} -> SNR = alpha-bar / (1 − alpha-bar)",
            f"SNR is {float(schedule.snr[value - 1]):.4f} at t = {value - 1} and {float(schedule.snr[value]):.4f} "
            f"at t = {value}",
            f"there the betas have summed to {float(schedule.betas[: value + 1].sum()):.3f} (ln 2 = 0.693)",
        ),
        tables=(Table("Around the crossing", ("t", "alpha-bar", "SNR"), rows),),
        pictures=(
            strip(
                frames,
                "film",
                f"t = {', '.join(map(str, film))}",
                f"{view.content}, ever more noised; from the fourth frame on the noise outweighs it",
            ),
        ),
        curves=(snr_curve(schedule),),
        code=source_of(NoiseSchedule.snr.fget),  # type: ignore[attr-defined]
        facts={
            "weight_half": _first(schedule.alpha_bars < 0.25),
            "noise_half": _first(schedule.alpha_bars < 0.75),
            "tenth": _first(schedule.alpha_bars < 0.1),
        },
    )


def solve_more_signal(problem: Problem, progress: Progress) -> Evidence:
    """The pair is noised and measured."""
    p = problem.params
    pair = [(str(p["schedule_a"]), int(p["t_a"])), (str(p["schedule_b"]), int(p["t_b"]))]
    ratios, evidence = _measured(problem, pair, progress)
    a_or_b = PICTURE_A if ratios[0] > ratios[1] else PICTURE_B
    return replace(
        evidence,
        value=a_or_b,
        derivation=(*evidence.derivation, f"{a_or_b} carries {max(ratios) / min(ratios):.2f} times the SNR"),
        facts={"snr_a": ratios[0], "snr_b": ratios[1]},
    )


def solve_order(problem: Problem, progress: Progress) -> Evidence:
    """The pictures are noised, measured and sorted."""
    pictures = noised_pictures(problem.params, problem.seed)
    ratios, evidence = _measured(problem, pictures, progress)
    order: Value = [option(*picture) for _, picture in sorted(zip(ratios, pictures, strict=True), reverse=True)]
    return replace(evidence, value=order)


def solve_keeps(problem: Problem, progress: Progress) -> Evidence:
    """The same picture noised to the same timestep by the three schedules."""
    t = int(problem.params["t"])
    schedules = [noise_schedule(name) for name in SCHEDULES]
    shares = {schedule.name: float(schedule.alpha_bars[t]) for schedule in schedules}
    pick = max if problem.params["ask"] == "most" else min
    _, evidence = _measured(problem, [(name, t) for name in SCHEDULES], progress)
    return replace(
        evidence,
        value=pick(shares, key=shares.__getitem__),
        derivation=(
            *evidence.derivation,
            f"alpha-bar at t = {t}: {', '.join(f'{name} {share:.4g}' for name, share in shares.items())}",
        ),
        curves=(share_curve(*schedules),),
        facts=dict(shares),
    )


def _measured(problem: Problem, pictures: list[tuple[str, int]], progress: Progress) -> tuple[list[float], Evidence]:
    """Noise the picture of the problem in several ways, measure each SNR, and show them side by side."""
    view = see(problem)
    generator = _noise(problem)
    ratios: list[float] = []
    frames: list[Tensor] = []
    rows: list[tuple[str, ...]] = []
    for index, (name, t) in enumerate(pictures):
        progress(index / len(pictures), "noising the picture")
        schedule = noise_schedule(name)
        xt = noised(schedule, view.x0, t, draws=8, generator=generator)
        ratios.append(measured_snr(view.x0.expand(xt.shape), xt)[1])
        frames.append(xt[:1])
        abar = float(schedule.alpha_bars[t])
        rows.append((name, str(t), f"{abar:.4f}", f"{abar / (1 - abar):.4g}", f"{ratios[-1]:.4g}"))
    shown = "; ".join(option(*picture) for picture in pictures)
    return ratios, Evidence(
        value="",
        derivation=(
            *view.notes,
            f"{shape_text(view.x0.shape)} noised 8 times each -> {shape_text(xt.shape)}, "
            "the SNR measured by least squares",
        ),
        tables=(Table("Signal left", ("schedule", "t", "alpha-bar", "SNR", "SNR measured"), tuple(rows)),),
        pictures=(strip(torch.cat(frames), "noised", f"From the left: {shown}", f"{view.content}, noised: {shown}"),),
        code=source_of(measured_snr),
    )


def _first(condition: Tensor) -> int:
    """The first timestep at which a condition (T,) holds; T where it never does."""
    found = condition.nonzero()
    return int(found[0]) if len(found) else len(condition)


def _noise(problem: Problem) -> torch.Generator:
    """The random stream of a problem's noise, apart from those that drew its picture and numbers."""
    return generator_of(problem.seed, "noise")


def generator_of(seed: int, name: str) -> torch.Generator:
    """A random stream of its own for each seed and name."""
    salt = int.from_bytes(name.encode()[:7], "big")
    return torch.Generator().manual_seed((seed * 1_000_003 + salt) % 2**63)


SOLVE: Final[Mapping[str, Callable[[Problem, Progress], Evidence]]] = {
    "denoising.betas": solve_betas,
    "denoising.alpha_bar": solve_alpha_bar,
    "denoising.signal_weight": solve_weight,
    "denoising.noised_variance": solve_variance,
    "denoising.snr": solve_snr,
    "denoising.crossing": solve_crossing,
    "denoising.more_signal": solve_more_signal,
    "denoising.order_by_signal": solve_order,
    "denoising.keeps_signal": solve_keeps,
}


@torch.no_grad()
def solve(problem: Problem, progress: Progress) -> Evidence:
    """Run the computation of a problem of this half of the lab.

    Raises:
        KeyError: the exercise is not of this lab.
        ParamError: the learner's picture cannot be read.
    """
    return finished(SOLVE[problem.exercise], problem, progress, PAPER)


def finished(
    solve_one: Callable[[Problem, Progress], Evidence], problem: Problem, progress: Progress, paper: str
) -> Evidence:
    """The evidence with source, versions and time, as every solver of the denoising lab hands it out."""
    started = time.perf_counter()
    evidence = solve_one(problem, progress)
    value = evidence.value
    return replace(
        evidence,
        value=float(f"{value:.6g}") if isinstance(value, float) else value,  # what float32 holds, without its tail
        unit=problem.unit,
        derivation=(*evidence.derivation, f"Source: {paper}"),
        versions=versions("torch", "numpy", "pillow"),
        seconds=time.perf_counter() - started,
    )
