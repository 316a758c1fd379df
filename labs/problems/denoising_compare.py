"""The denoising lab's questions by comparison: which picture, which order, which schedule keeps more of the signal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from labs.checking import Mistake, check_choice, check_order
from labs.exercise import Exercise, fitting, stream
from labs.problems.denoising_numbers import SCHEDULES, TIMESTEPS, alpha_bars, readable, snr
from labs.problems.own_picture import PICTURE
from labs.protocol import Evidence, Param, ParamError, Params, Problem, Scalar, Verdict

MODULE: Final = "labs.denoising"
APART: Final = 1.3
"""Two pictures to tell apart differ in SNR by this factor at least."""
_NOISED: Final = (50, 100, 150, 200, 250, 300, 350, 400, 450, 500, 550, 600, 650, 700, 750)


def _schedule(name: str, default: str) -> Param:
    return Param(name, "text", default, f"{name.replace('_', ' ')}", choices=SCHEDULES, vary=SCHEDULES)


def _timestep(name: str, default: int, vary: tuple[Scalar, ...]) -> Param:
    return Param(name, "integer", default, "timestep, from 0 to 999", low=0, high=TIMESTEPS - 1, vary=vary)


_PAIR: Final = (
    _schedule("schedule_a", "linear"),
    _timestep("t_a", 300, (150, 200, 250, 300, 400, 500)),
    _schedule("schedule_b", "cosine"),
    _timestep("t_b", 400, (200, 250, 300, 350, 400, 600)),
    PICTURE,
)
_ORDER: Final = (Param("count", "integer", 4, "how many pictures", low=3, high=6, vary=(4, 5)), PICTURE)
_KEEPS: Final = (
    _timestep("t", 500, (10, 20, 50, 100, 200, 300, 400, 500, 600, 700, 800, 960, 970, 980, 990)),
    Param(
        "ask",
        "text",
        "most",
        "whether the most or the least is asked",
        choices=("most", "least"),
        vary=("most", "least"),
    ),
    PICTURE,
)
PICTURE_A: Final = "picture A"
PICTURE_B: Final = "picture B"


def pose_more_signal(params: Params, seed: int) -> Problem:
    """Which of two noised pictures carries more signal."""

    def apart(p: Params) -> bool:
        a, b = snr(str(p["schedule_a"]), int(p["t_a"])), snr(str(p["schedule_b"]), int(p["t_b"]))
        return max(a, b) > APART * min(a, b) and min(a, b) > 0.01

    def crossed(p: Params) -> bool:  # the picture at the later timestep is the clearer one
        a, b = snr(str(p["schedule_a"]), int(p["t_a"])), snr(str(p["schedule_b"]), int(p["t_b"]))
        return apart(p) and (a - b) * (int(p["t_a"]) - int(p["t_b"])) > 0

    one_schedule = "schedule_a" in params and params["schedule_a"] == params.get("schedule_b")  # no two of it cross
    wanted: Callable[[Params], bool] = crossed if not one_schedule and stream(seed, "crossed").random() < 0.5 else apart
    full = fitting(_PAIR, params, seed, wanted) or fitting(_PAIR, params, seed, apart)
    if full is None:
        raise ParamError("t_b", "the two pictures are too much alike to tell, or lost in noise; take other timesteps")
    full = readable(full)
    return Problem(
        "denoising.more_signal",
        full,
        seed,
        f"The same picture is noised twice, of 1,000 timesteps: picture A with the {full['schedule_a']} schedule to "
        f"t = {full['t_a']}, picture B with the {full['schedule_b']} schedule to t = {full['t_b']}. "
        "Which of the two carries more signal?",
        "choice",
        options=(PICTURE_A, PICTURE_B),
        hints=(
            "A timestep says nothing by itself: what counts is alpha-bar there.",
            "alpha-bar falls to one half at about t = 259 (linear), 354 (scaled-linear) and 496 (cosine).",
        ),
    )


def check_more_signal(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The clearer picture; names looking at the timestep alone."""
    a, b = int(problem.params["t_a"]), int(problem.params["t_b"])
    wrong = PICTURE_B if evidence.value == PICTURE_A else PICTURE_A
    earlier = PICTURE_A if a < b else PICTURE_B if b < a else ""
    why: str | Mistake = f"Measured, {evidence.value} has the higher signal-to-noise ratio."
    if wrong == earlier:
        why = Mistake(
            0,
            "looked at the timestep alone",
            "Its timestep is earlier, but its schedule has brought more noise by then.",
        )
    return check_choice(problem, answer, evidence, {wrong: why})


def noised_pictures(params: Params, seed: int) -> list[tuple[str, int]]:
    """Schedules and timesteps of the pictures to be put in order, no two of them alike in SNR."""
    pool = [(schedule, t) for schedule in SCHEDULES for t in _NOISED if snr(schedule, t) > 0.01]
    stream(seed, "pictures").shuffle(pool)
    picked: list[tuple[str, int]] = []
    for schedule, t in pool:
        ratios = [snr(schedule, t) / snr(*other) for other in picked]
        if all(max(ratio, 1 / ratio) > 1.6 for ratio in ratios) and len(picked) < int(params["count"]):
            picked.append((schedule, t))
    return picked


def option(schedule: str, t: int) -> str:
    """A noised picture in words."""
    return f"{schedule} at t = {t}"


def pose_order(params: Params, seed: int) -> Problem:
    """Noised pictures in the order of their signal."""
    full = readable(fitting(_ORDER, params, seed, lambda _: True) or params)
    options = tuple(option(schedule, t) for schedule, t in noised_pictures(full, seed))
    return Problem(
        "denoising.order_by_signal",
        full,
        seed,
        f"One picture is noised in {len(options)} ways, of 1,000 timesteps: {'; '.join(options)}. "
        "Order them from the most signal to the least.",
        "order",
        options=options,
        hints=(
            "Within one schedule an earlier timestep has more signal.",
            "At the same timestep linear is the noisiest in the middle of the schedule and cosine the clearest.",
        ),
    )


def check_order_by_signal(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The order; names the reverse and going by timestep alone."""
    judged = check_order(problem, answer, evidence)
    right = evidence.value
    if judged.correct or judged.error is None or not isinstance(right, list):
        return judged
    as_answered = {
        "the other way round": right[::-1],
        "went by the timestep alone": sorted(problem.options, key=lambda text: int(text.rpartition(" ")[2])),
    }
    why = {
        "the other way round": "That is from the least signal to the most.",
        "went by the timestep alone": "That goes by the timestep alone; each schedule has its own alpha-bar there.",
    }
    for name, order in as_answered.items():
        numbers = Evidence(value=order)
        if order != right and check_order(problem, answer, numbers).correct:
            return Verdict(False, why[name], error=judged.error, mistake=name)
    return judged


def pose_keeps(params: Params, seed: int) -> Problem:
    """Which schedule keeps the most or the least signal at a timestep."""
    full = readable(fitting(_KEEPS, params, seed, lambda _: True) or params)
    options = list(SCHEDULES)
    stream(seed, "options").shuffle(options)
    return Problem(
        "denoising.keeps_signal",
        full,
        seed,
        f"Three schedules of 1,000 timesteps: DDPM's linear (beta 0.0001 to 0.02), Stable Diffusion's scaled-linear "
        f"(0.00085 to 0.012) and cosine. Which has left the {full['ask']} signal in the picture at t = {full['t']}?",
        "choice",
        options=tuple(options),
        hints=(
            "Early on it is the first betas that count, in the middle their sum.",
            "Cosine falls evenly and reaches zero; scaled-linear starts with the largest beta and never reaches zero.",
        ),
    )


def check_keeps(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The schedule; names an answer to the opposite question and the rule of thumb where it fails."""
    shares = {name: alpha_bars(name)[int(problem.params["t"])] for name in SCHEDULES}
    most = problem.params["ask"] == "most"
    opposite = min(shares, key=shares.__getitem__) if most else max(shares, key=shares.__getitem__)
    whys: dict[str, str | Mistake] = {
        name: f"At this timestep {name} has alpha-bar {share:.3g}, {evidence.value} {shares[str(evidence.value)]:.3g}."
        for name, share in shares.items()
    }
    whys[opposite] = Mistake(
        0, "answered the opposite", f"That one has left the {'least' if most else 'most'}; read the question again."
    )
    if most and int(problem.params["t"]) > TIMESTEPS / 2:
        whys["cosine"] = Mistake(
            0, "rule of thumb at the end", "Cosine keeps the most in the middle, but it alone falls to zero at the end."
        )
    return check_choice(problem, answer, evidence, whys)


EXERCISES: Final = (
    Exercise(
        name="denoising.more_signal",
        title="Which noised picture carries more signal",
        sections=("4.5", "6.5"),
        covers=("4.5-06", "4.5-07", "6.5-08"),
        params=_PAIR,
        module=MODULE,
        poser=pose_more_signal,
        checker=check_more_signal,
    ),
    Exercise(
        name="denoising.order_by_signal",
        title="Order noised pictures by their signal",
        sections=("4.3", "4.5"),
        covers=("4.3-02", "4.5-06", "4.5-07"),
        params=_ORDER,
        module=MODULE,
        poser=pose_order,
        checker=check_order_by_signal,
    ),
    Exercise(
        name="denoising.keeps_signal",
        title="Which schedule keeps more signal",
        sections=("4.3", "4.5"),
        covers=("4.3-02", "4.5-07"),
        params=_KEEPS,
        module=MODULE,
        poser=pose_keeps,
        checker=check_keeps,
    ),
)
