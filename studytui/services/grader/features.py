"""What a match says about one point, as numbers for the model that weighs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from studytui.services.grader.matching import Match, Rubric

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from studytui.services.grader.matching import Array


def features(rubric: Rubric, match: Match, point: int) -> dict[str, float]:
    """Likeness to the point's phrasings, to its contradictions, to the other points; negation; numbers.

    Names end in `own`, `wrong` (what contradicts the point) or `other` (the phrasings of other points).
    """
    mine = rubric.point == point
    own = np.flatnonzero(mine & ~rubric.contradicts)
    wrong = np.flatnonzero(mine & rubric.contradicts)
    other = np.flatnonzero(~mine & ~rubric.contradicts)
    both = match.recall + match.precision
    f = 2 * match.recall * match.precision / np.maximum(both, 1e-9)
    opposed = match.opposed_recall / np.maximum(match.recall, 1e-9)
    opposed_words = match.opposed_precision / np.maximum(match.precision, 1e-9)
    net = f * (1 - (opposed + opposed_words))
    blend = 0.5 * f + 0.5 * match.cosine
    found = np.maximum(match.agree, match.deny)
    total = match.weights.sum()

    def union(rows: NDArray[np.intp]) -> Array:
        return found[:, rows].max(axis=1) if len(rows) else np.zeros(len(match.weights))

    on_own, on_wrong, on_other = union(own), union(wrong), union(other)
    agree_own, deny_own = match.agree[:, own].max(axis=1), match.deny[:, own].max(axis=1)
    best_own = own[np.argmax(blend[own])]
    best_wrong = wrong[np.argmax(blend[wrong])] if len(wrong) else None
    negated = float(any(unit.is_negated for unit in match.all_units))
    negated_own = float(np.mean([rubric.is_negated[at] for at in own]))
    numbers = {round(unit.value, 6) for unit in match.units if unit.value is not None}
    numbers_own = set().union(*(rubric.numbers[at] for at in own))
    numbers_wrong: set[float] = set().union(*(rubric.numbers[at] for at in wrong)) if len(wrong) else set()
    result = {
        "f_own": _most(f[own]),
        "f_two_own": _two_most(f[own]),
        "f_mean_own": float(f[own].mean()),
        "net_own": _most(net[own]),
        "net_two_own": _two_most(net[own]),
        "recall_own": _most(match.recall[own]),
        "precision_own": _most(match.precision[own]),
        "cosine_own": _most(match.cosine[own]),
        "cosine_mean_own": float(match.cosine[own].mean()),
        "cosine_two_own": _two_most(match.cosine[own]),
        "f_wrong": _most(f[wrong]),
        "net_wrong": _most(net[wrong]),
        "cosine_wrong": _most(match.cosine[wrong]),
        "f_mean_wrong": float(f[wrong].mean()) if len(wrong) else 0.0,
        "cosine_mean_wrong": float(match.cosine[wrong].mean()) if len(wrong) else 0.0,
        "f_other": _most(f[other]),
        "net_other": _most(net[other]),
        "cosine_other": _most(match.cosine[other]),
        "union_own": float((match.weights * on_own).sum() / total),
        "union_wrong": float((match.weights * on_wrong).sum() / total),
        "union_other": float((match.weights * on_other).sum() / total),
        "lean_wrong": float((match.weights * (on_own - on_wrong)).sum() / total),
        "lean_other": float((match.weights * (on_own - on_other)).sum() / total),
        "denied_own": float((match.weights * np.where(deny_own > agree_own, deny_own, 0)).sum() / total),
        "opposed_best_own": float(opposed[best_own]),
        "opposed_words_best_own": float(opposed_words[best_own]),
        "opposed_best_wrong": float(opposed[best_wrong]) if best_wrong is not None else 0.0,
        "negated": negated,
        "negated_own": negated_own,
        "negation_differs": abs(negated - negated_own),
        "number_hit": float(bool(numbers & (numbers_own - rubric.asked_numbers))),
        "number_wrong": float(bool(numbers & (numbers_wrong - numbers_own))),
        "number_missed": float(
            bool(numbers_own) and bool(numbers - rubric.asked_numbers) and not numbers & numbers_own
        ),
    }
    result |= _surface(rubric, match, point)
    for name in ("f", "net", "cosine"):
        result[f"{name}_own_less_wrong"] = result[f"{name}_own"] - result[f"{name}_wrong"]
    for name in ("f", "cosine"):
        result[f"{name}_own_less_other"] = result[f"{name}_own"] - result[f"{name}_other"]
    return result


def _surface(rubric: Rubric, match: Match, point: int) -> dict[str, float]:
    mine, wrong, near = rubric.surface_point == point, rubric.surface_contradicts, rubric.surface_near
    own_rows, wrong_rows, near_rows = mine & ~wrong & ~near, mine & wrong, mine & near
    own, denied = float(match.vote[own_rows].sum()), float(match.vote[wrong_rows].sum())
    return {
        "vote_own": own,
        "vote_wrong": denied,
        "vote_lean": own - denied,
        "vote_near": float(match.vote[near_rows].sum()),
        "like_own": _most(match.likeness[own_rows]),
        "like_two_own": _two_most(match.likeness[own_rows]),
        "like_wrong": _most(match.likeness[wrong_rows]),
        "like_near": _most(match.likeness[near_rows]),
        "like_other": _most(match.likeness[~mine & ~wrong & ~near]),
    }


def _most(values: Array) -> float:
    return float(values.max()) if len(values) else 0.0


def _two_most(values: Array) -> float:
    return float(np.sort(values)[::-1][:2].mean()) if len(values) else 0.0
