"""The lab bench: pose an exercise with the learner's knobs, keep every run beside the earlier ones."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from labs import catalog
from labs.exercise import Exercise, range_text
from labs.protocol import Evidence, Param, ParamError, Params, Problem
from studytui.domain.verdict import Verdict, format_number
from studytui.files import write_atomically
from studytui.study import labs
from studytui.study.attempt import Attempt


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
    def distance(self) -> str:
        """How far off the prediction was: `+3 (1.5 %)`; '' where that has no meaning."""
        from labs.numbers import values

        value = self.evidence.value
        typed = values(self.prediction, self.problem.unit, self.problem.prompt)
        if isinstance(value, str | list) or not typed:
            return ""
        off = min((one - float(value) for one in typed), key=abs)
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

    def compared(self) -> list[dict[str, str]]:
        """The runs side by side, newest first: what differs between their parameters, prediction, measured, off."""
        varying = self._varying()
        rows = []
        for number, run in reversed(list(enumerate(self.runs, 1))):
            row = {"run": str(number)}
            row |= {name: str(run.problem.params.get(name, "")) for name in varying}
            row |= {"predicted": run.prediction or "–", "measured": run.measured, "off": run.distance}
            rows.append(row)
        return rows

    def _varying(self) -> list[str]:
        seen: dict[str, set[str]] = {}
        for run in self.runs:
            for name, value in run.problem.params.items():
                seen.setdefault(name, set()).add(str(value))
        return [name for name, values in seen.items() if len(values) > 1]


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
        path = next(p for p in _numbered(folder, stem) if not p.exists())
        write_atomically(path, picture.png)
        saved.append(path)
    return saved


def _numbered(folder: Path, stem: str) -> list[Path]:
    return [folder / f"{stem}{f'-{n}' if n else ''}.png" for n in range(10_000)]


def knob_texts(params: Mapping[str, object]) -> dict[str, str]:
    """Parameters as the knobs show them."""
    return {name: str(value) for name, value in params.items()}
