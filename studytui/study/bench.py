"""The lab bench: pose an exercise with the learner's knobs, keep every run beside the earlier ones."""

from __future__ import annotations

import re
import secrets
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from labs import catalog
from labs.bench.sweep import curve_of, is_numeric, swept
from labs.exercise import Exercise, range_text
from labs.protocol import Curve, Evidence, Param, ParamError, Params, Problem, Progress, Value
from studytui.domain.verdict import Verdict, format_number
from studytui.files import write_atomically
from studytui.study import labs
from studytui.study.attempt import Attempt

if TYPE_CHECKING:
    from studytui.study.labs import LabClient


@dataclass(frozen=True, slots=True)
class Run:
    """One computation: what was asked and predicted, what came out, and what the prediction is worth."""

    problem: Problem
    prediction: str
    evidence: Evidence
    verdict: Verdict | None
    suggested_grade: int | None

    @property
    def measured(self) -> str:
        """The value as a person writes it."""
        return labs.show_value(self.evidence)

    @property
    def sign(self) -> str:
        """`✓` right, `◐` near, `✗` wrong, '' without a verdict."""
        if self.verdict is None:
            return ""
        return "✓" if self.verdict.correct else "◐" if self.verdict.score > 0 else "✗"

    @property
    def distance(self) -> str:
        """How far off the prediction was: `+3 (1.5 %)`; '' where that has no meaning."""
        value = self.evidence.value
        typed = number_in(self.prediction, self.problem, near=value)
        if isinstance(value, str | list) or typed is None:
            return ""
        off = typed - float(value)
        share = f" ({abs(off / float(value)):.1%})" if value else ""
        return f"{'+' if off > 0 else '−' if off < 0 else '±'}{format_number(abs(off))}{share}"


@dataclass(slots=True)
class Bench:
    """One exercise on the bench. `texts` are the knobs as typed; '' leaves a knob to the draw."""

    exercise: Exercise
    texts: dict[str, str] = field(default_factory=dict)
    problem: Problem | None = None
    trouble: str = ""
    runs: list[Run] = field(default_factory=list)

    @classmethod
    def of(cls, name: str, params: Params | None = None, problem: Problem | None = None) -> Bench:
        """The bench of an exercise, with knobs set, or at a problem posed elsewhere.

        Raises:
            UnknownExercise: with the closest names.
        """
        bench = cls(catalog.exercise(name))
        bench.texts = {key: str(value) for key, value in (params or {}).items()}
        if problem is not None:
            bench.problem = problem
        else:
            bench.pose()
        return bench

    @property
    def knobs(self) -> tuple[Param, ...]:
        """What can be changed."""
        return self.exercise.params

    def meaning(self, knob: Param) -> str:
        """What a knob is and takes, in words."""
        return f"{knob.help}; {range_text(knob)}"

    def pose(self, seed: int | None = None) -> None:
        """Ask anew with the knobs as they stand; `trouble` says why that cannot be, and the old problem stays."""
        texts = {name: text for name, text in self.texts.items() if text.strip()}
        try:
            params = labs.read_params(self.knobs, texts)
            self.problem = self.exercise.pose(params, secrets.randbelow(2**31) if seed is None else seed)
        except ParamError as error:
            self.trouble = str(error)
        else:
            self.trouble = ""

    def turn(self, texts: Mapping[str, str]) -> None:
        """Set knobs and ask anew with the same seed, so that only these change."""
        self.texts |= texts
        self.pose(self.problem.seed if self.problem else None)

    def add(self, attempt: Attempt) -> Run:
        """Keep the run of an attempt that the lab measured, newest last; without an answer it has no verdict."""
        assert attempt.problem is not None
        assert attempt.measured is not None
        prediction = labs.in_words(attempt.problem, attempt.response)
        run = Run(attempt.problem, prediction, attempt.measured, attempt.verdict, attempt.suggested)
        # Only the newest run keeps its pictures: a hundred runs would hold a hundred megabytes.
        self.runs = [replace(old, evidence=replace(old.evidence, pictures=())) for old in self.runs] + [run]
        return run

    def another_picture(self) -> None:
        """Ask with the same numbers, and all that is drawn beside them drawn anew."""
        assert self.problem is not None
        self.problem = self.exercise.pose(self.problem.params, secrets.randbelow(2**31))

    @property
    def command(self) -> str:
        """The command line that asks the same."""
        assert self.problem is not None
        sets = [f"--set {shlex.quote(f'{name}={value}')}" for name, value in self.problem.params.items() if value != ""]
        return " ".join(["studytui lab run", self.exercise.name, *sets, f"--seed {self.problem.seed}"])

    @property
    def sweepable(self) -> list[Param]:
        """The knobs that a sweep can turn."""
        is_number = self.problem is not None and self.problem.answer_type in ("integer", "number")
        return [knob for knob in self.knobs if is_numeric(knob)] if is_number else []

    def sweep(self, knob: str) -> Sweep:
        """A sweep of a knob from the problem as it stands.

        Raises:
            ParamError: fewer than two values of the knob go with the others.
        """
        assert self.problem is not None
        return Sweep(self.exercise, knob, swept(self.exercise, self.problem, knob))

    def compared(self) -> list[dict[str, str]]:
        """The runs side by side, newest first: what differs between their parameters, prediction, measured, off."""
        varying = self._varying()
        rows = []
        for number, run in reversed(list(enumerate(self.runs, 1))):
            row = {"run": str(number)}
            row |= {name: str(run.problem.params.get(name, "")) for name in varying}
            row |= {"predicted": run.prediction or "–", "measured": run.measured, "off": f"{run.sign} {run.distance}"}
            rows.append(row)
        return rows

    def _varying(self) -> list[str]:
        seen: dict[str, set[str]] = {}
        for run in self.runs:
            for name, value in run.problem.params.items():
                seen.setdefault(name, set()).add(str(value))
        return [name for name, values in seen.items() if len(values) > 1]


def number_in(prediction: str, problem: Problem, *, near: Value | None = None) -> float | None:
    """The number that a prediction says, of its readings the one nearest to a value; None where it says none."""
    from labs.numbers import values

    if problem.answer_type in ("choice", "order"):
        return None
    read = values(prediction, problem.unit, problem.prompt)
    if isinstance(near, int | float):
        return min(read, key=lambda one: abs(one - near), default=None)
    return next(iter(read), None)


# A sweep: a knob over its values, after the learner said what will come out


HIGHEST: Final = 9
"""Heights of a drawn curve go from 0 to this; their scale is that of what is measured."""


@dataclass(slots=True)
class Sweep:
    """A knob's values, what was drawn over them, and what was measured. A place without a height is None."""

    exercise: Exercise
    knob: str
    posed: list[Problem]
    drawn: list[int | None] = field(default_factory=list)
    measured: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.drawn = self.drawn or [None] * len(self.posed)

    @property
    def places(self) -> list[float]:
        """The values of the knob."""
        return [float(problem.params[self.knob]) for problem in self.posed]

    @property
    def is_drawn(self) -> bool:
        """Whether there is a curve: two places with a height."""
        return sum(height is not None for height in self.drawn) > 1

    async def run(self, client: LabClient, on_progress: Progress) -> str:
        """Measure at each value: '', or why that stopped. What was measured until then is kept for another try."""
        for at in range(len(self.measured), len(self.posed)):
            words = f"{self.knob.replace('_', ' ')} = {self.places[at]:g}"

            def advanced(fraction: float, _: str, at: int = at, words: str = words) -> None:
                on_progress((at + fraction) / len(self.posed), words)

            advanced(0, "")
            outcome = await client.solve(self.posed[at], on_progress=advanced)
            if not isinstance(outcome, labs.Solved):
                return outcome.message
            value = outcome.evidence.value
            if isinstance(value, str | list):
                return f"The lab measured no number at {self.places[at]:g}."
            self.measured.append(float(value))
        return ""

    @property
    def curve(self) -> Curve:
        """What was measured, and what was drawn on the same scale."""
        curve = curve_of(self.exercise, self.knob, self.posed, self.measured)
        return replace(curve, series={**curve.series, "you": self._on_its_scale()}) if self.is_drawn else curve

    @property
    def agreement(self) -> str:
        """How far the drawn curve goes the way of the measured one, in a sentence; '' where none was drawn."""
        if not self.is_drawn:
            return ""
        ways = [
            (_way(a, b), _way(c, d))
            for (a, b), (c, d) in zip(pairwise(self._on_its_scale()), pairwise(self.measured), strict=True)
        ]
        same = sum(one == other for one, other in ways)
        return f"Your curve goes the way of the measurement in {same} of {len(ways)} steps."

    def _on_its_scale(self) -> tuple[float, ...]:
        """The drawn heights, those left out filled in between, from the least measured value to the greatest."""
        known = [(at, height) for at, height in enumerate(self.drawn) if height is not None]
        heights = [_between(known, at) for at in range(len(self.drawn))]
        least, most = min(self.measured), max(self.measured)
        low, high = min(heights), max(heights)
        if high == low:
            return tuple([sum(self.measured) / len(self.measured)] * len(heights))
        return tuple(least + (height - low) / (high - low) * (most - least) for height in heights)


def _between(known: Sequence[tuple[int, int]], at: int) -> float:
    """The height at a place, on the line between the known ones beside it."""
    before = [one for one in known if one[0] <= at] or known[:1]
    after = [one for one in known if one[0] >= at] or known[-1:]
    (left, low), (right, high) = before[-1], after[0]
    return low if left == right else low + (high - low) * (at - left) / (right - left)


def _way(one: float, other: float) -> int:
    """1 up, -1 down, 0 level to a thousandth."""
    return 0 if abs(other - one) <= 1e-3 * max(abs(one), abs(other)) else 1 if other > one else -1


def save_curve(curve: Curve, folder: Path, name: str) -> list[Path]:
    """Write a curve as a picture (SVG) and as numbers (CSV), neither over an older one; returns the files.

    Raises:
        OSError: the folder cannot be written.
    """
    from studytui.study.reports import plot_svg

    rows = [("x", *curve.series), *zip(curve.x, *curve.series.values(), strict=True)]
    table = "".join(",".join(str(cell) for cell in row) + "\n" for row in rows)
    saved = []
    for kind, text in (("svg", plot_svg(curve, is_even=True)), ("csv", table)):
        path = next(p for p in _numbered(folder, file_stem(name), kind) if not p.exists())
        write_atomically(path, text.encode())
        saved.append(path)
    return saved


def file_stem(name: str) -> str:
    """A name that a lab gave as part of a file's name: one that leads nowhere else."""
    return re.sub(r"[^\w.-]+", "-", name).lstrip(".") or "picture"


def save_pictures(evidence: Evidence, folder: Path, name: str) -> list[Path]:
    """Write the pictures as PNG, none over an older one; returns the files.

    Raises:
        OSError: the folder cannot be written.
    """
    saved = []
    for picture in evidence.pictures:
        stem = file_stem(f"{name}-{picture.name}")
        path = next(p for p in _numbered(folder, stem, "png") if not p.exists())
        write_atomically(path, picture.png)
        saved.append(path)
    return saved


def _numbered(folder: Path, stem: str, kind: str) -> list[Path]:
    return [folder / f"{stem}{f'-{n}' if n else ''}.{kind}" for n in range(10_000)]
