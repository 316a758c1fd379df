"""What experiments leave open, what they cost, what an answer is worth: rules of results alone, without a model."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from itertools import chain, combinations

import pytest

from labs.inspect.diagnosis import (
    COINS,
    LENS_OF,
    LENSES,
    POOL,
    PRICES,
    SHOWN,
    Experiment,
    Fault,
    Lens,
    affordable,
    auc,
    boards_of,
    diagnose,
    draw_fault,
    next_experiment,
    score,
    spent,
    still_open,
    threshold_for,
)

TYPICAL: Mapping[Fault, Mapping[Experiment, float]] = {
    "one shot": {"probe": 0.56, "crops": 0.96, "told": 1, "reset": 0.54, "zoom": 1, "asked": 1, "blank": -5},
    "blur": {"probe": 0.66, "crops": 0.61, "told": 1, "reset": 0.61, "zoom": 0.55, "asked": 0.5, "blank": -5},
    "low resolution": {"probe": 0.68, "crops": 0.64, "told": 1, "reset": 0.64, "zoom": 0.67, "asked": 0.7, "blank": -5},
    "haze": {"probe": 0.5, "crops": 0.5, "told": 1, "reset": 0.5, "zoom": 0.53, "asked": 0.3, "blank": -5},
    "channels": {"probe": 0.7, "crops": 0.72, "told": 1, "reset": 0.72, "zoom": 0.77, "asked": 0.8, "blank": -5},
    "one token": {"probe": 0.92, "crops": 0.61, "told": 1, "reset": 0.61, "zoom": 0.8, "asked": 0.8, "blank": 0.2},
    "untrained bridge": {"probe": 0.92, "crops": 0.51, "told": 1, "reset": 0.51, "zoom": 0.02, "asked": 0, "blank": -5},
    "98% healthy": {"probe": 0.92, "crops": 0.96, "told": 1, "reset": 0.96, "zoom": 0.95, "asked": 0.9, "blank": -8},
    "no concept": {"probe": 0.92, "crops": 0.94, "told": 0.02, "reset": 0.94, "zoom": 0.02, "asked": 1, "blank": -10},
}
"""What a first prototype gave; the shipped model's figures are measured elsewhere."""


def some(fault: Fault, bought: tuple[Experiment, ...]) -> dict[Experiment, float]:
    return {experiment: TYPICAL[fault][experiment] for experiment in bought}


def all_purchases() -> list[tuple[Experiment, ...]]:
    every = list(PRICES)
    sets = chain.from_iterable(combinations(every, count) for count in range(len(every) + 1))
    return [bought for bought in sets if spent(bought) <= COINS]


@pytest.mark.parametrize("fault", list(LENS_OF))
def test_the_rule_names_each_fault_and_no_purchase_rules_it_out(fault: Fault) -> None:
    lens = LENS_OF[fault]
    assert diagnose(TYPICAL[fault]) == lens
    for bought in all_purchases():
        assert lens in still_open(some(fault, bought)), bought


@pytest.mark.parametrize("fault", list(LENS_OF))
def test_following_the_rule_costs_no_more_than_full_marks_allow(fault: Fault) -> None:
    known: dict[Experiment, float] = {}
    while (experiment := next_experiment(known)) is not None:
        assert experiment in affordable(known)
        known[experiment] = TYPICAL[fault][experiment]
    assert still_open(known) == {LENS_OF[fault]}
    assert score(diagnose(known), LENS_OF[fault], known) == 5


def test_what_says_nothing_leaves_all_open() -> None:
    assert still_open({}) == set(LENSES)
    assert still_open({"told": 1.0, "zoom": 1.0, "asked": 0.0, "blank": -9.0}) == set(LENSES)
    assert still_open({"told": 0.0}) == {"reasoner"}
    assert still_open({"zoom": 0.1}) == {"eye", "translator", "reasoner"}


def test_the_limit_of_the_ranking_follows_the_probe() -> None:
    assert still_open({"probe": 0.90, "reset": 0.86}) == {"reasoner"}
    assert still_open({"probe": 0.96, "reset": 0.86}) == {"translator"}
    assert diagnose({"probe": 0.96, "told": 1.0, "reset": 0.86}) == "translator"
    with pytest.raises(KeyError, match="crops"):
        diagnose({"probe": 0.5})


def test_an_answer_is_worth_what_was_known() -> None:
    dear = some("blur", ("probe", "crops", "zoom", "asked"))
    assert spent(dear) == COINS
    assert affordable(dear) == ["blank"]
    assert score("eye", "eye", dear) == 4
    assert score("eye", "eye", some("blur", ("probe", "crops"))) == 5
    assert score("workflow", "eye", some("blur", ("probe",))) == 2  # still open
    assert score("reasoner", "eye", some("blur", ("probe",))) == 1  # contradicted
    assert score("not decided", "eye", {}) == 2  # nothing was asked
    vague = some("one shot", ("told", "zoom", "asked", "reset"))
    assert spent(vague) == 4
    assert still_open(vague) == {"eye", "translator", "workflow"}
    assert score("not decided", "workflow", vague) == 3
    assert score("not decided", "eye", some("blur", ("probe", "crops"))) == 2  # it was decided


def test_guessing_is_worth_less_than_knowing() -> None:
    """Over all faults drawn as the game draws them: the rule gets 5, a guess of one lens 2.75 at most."""
    chance = random.Random("guessing")
    guesses = [score(chance.choice(LENSES), LENS_OF[draw_fault(chance)], {}) for _ in range(2000)]
    assert sum(guesses) / len(guesses) < 3


def test_lenses_are_drawn_before_faults() -> None:
    chance = random.Random("drawn")
    drawn = [draw_fault(chance) for _ in range(4000)]
    lenses: Counter[Lens] = Counter(LENS_OF[fault] for fault in drawn)
    assert all(900 < lenses[lens] < 1100 for lens in LENSES)
    assert set(drawn) == set(LENS_OF)


def test_sets_of_boards_are_fixed_and_within_the_pool() -> None:
    assert boards_of(3) == boards_of(3) != boards_of(4)
    assert len(set(boards_of(3))) == SHOWN
    assert set(boards_of(3)) <= set(range(POOL))


def test_auc_and_threshold_by_hand() -> None:
    assert auc([3, 1], [2, 0]) == 0.75
    assert auc([1, 1], [1, 1]) == 0.5
    healthy = [float(value) for value in range(100)]
    level = threshold_for(healthy)
    assert sum(value > level for value in healthy) == 5
    assert threshold_for([0.0], 0.05) == 0.0


def test_judging_needs_nothing_but_the_standard_library() -> None:
    code = "import sys, labs.inspect.diagnosis\nassert not {'torch', 'numpy', 'PIL'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
