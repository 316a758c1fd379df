"""The small model that weighs the features: softmax regression over covered, not covered, contradicted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from studytui.services.grader.matching import Array

WEIGHTS_FILE: Final = Path(__file__).with_name("weights.json")
LABELS: Final = ("covered", "not-covered", "contradicted")
_CLIP: Final = 4.0


@dataclass(frozen=True, slots=True)
class Model:
    """Names of the features, their mean and deviation, and (features + 1, 3) weights; thresholds of P(covered)."""

    names: tuple[str, ...]
    mean: Array
    deviation: Array
    weights: Array
    covered_from: float
    partly_from: float

    def probabilities(self, values: Mapping[str, float]) -> tuple[float, float, float]:
        """(covered, not covered, contradicted), which sum to 1."""
        x = np.array([values[name] for name in self.names])
        x = np.clip((x - self.mean) / self.deviation, -_CLIP, _CLIP)
        covered, missed, wrong = softmax(np.append(x, 1.0)[None] @ self.weights)[0]
        return float(covered), float(missed), float(wrong)

    def to_json(self) -> str:
        """The file's text, rounded so that it reads the same on every machine."""
        return json.dumps(
            {
                "names": self.names,
                "mean": [round(float(v), 6) for v in self.mean],
                "deviation": [round(float(v), 6) for v in self.deviation],
                "weights": [[round(float(v), 6) for v in row] for row in self.weights],
                "covered_from": round(self.covered_from, 4),
                "partly_from": round(self.partly_from, 4),
            },
            indent=1,
        )


@lru_cache(maxsize=1)
def model() -> Model:
    """The tuned model, read once."""
    data = json.loads(WEIGHTS_FILE.read_text(encoding="utf-8"))
    return Model(
        names=tuple(data["names"]),
        mean=np.array(data["mean"]),
        deviation=np.array(data["deviation"]),
        weights=np.array(data["weights"]),
        covered_from=data["covered_from"],
        partly_from=data["partly_from"],
    )


def softmax(z: Array) -> Array:
    """Rows of probabilities."""
    e = np.exp(z - z.max(axis=1, keepdims=True))
    result: Array = e / e.sum(axis=1, keepdims=True)
    return result


def fit(x: Array, y: Sequence[int], counts: Array, *, penalty: float, iterations: int = 60) -> Array:
    """(d + 1, 3) weights of softmax regression with an L2 penalty, by Newton's method.

    `counts` is how much each row counts.
    """
    rows, width = x.shape
    kinds = len(LABELS)
    with_one = np.column_stack([x, np.ones(rows)])
    target = np.eye(kinds)[np.asarray(y)]
    ridge = np.append(np.full(width, penalty), 1e-3)
    weights = np.zeros((width + 1, kinds))
    for _ in range(iterations):
        p = softmax(with_one @ weights)
        gradient = with_one.T @ ((p - target) * counts[:, None]) + ridge[:, None] * weights
        hessian = np.zeros(((width + 1) * kinds, (width + 1) * kinds))
        for a in range(kinds):
            for b in range(kinds):
                curvature = counts * p[:, a] * ((a == b) - p[:, b])
                at_a, at_b = a * (width + 1), b * (width + 1)
                hessian[at_a : at_a + width + 1, at_b : at_b + width + 1] = (with_one * curvature[:, None]).T @ with_one
        hessian += np.diag(np.tile(ridge, kinds)) + 1e-6 * np.eye(len(hessian))
        step = np.linalg.solve(hessian, gradient.T.reshape(-1))
        weights -= step.reshape(kinds, width + 1).T
        if np.abs(step).max() < 1e-8:
            break
    return weights
