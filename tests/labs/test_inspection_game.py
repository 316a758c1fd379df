"""A round of the diagnosis: posed without a model, paid for, logged, graded; and what three ways of playing earn."""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
from collections import Counter
from functools import cache

import pytest

from labs.inspect.diagnosis import (
    LENS_OF,
    LENSES,
    PRICES,
    Answer,
    Experiment,
    Fault,
    Outcome,
    diagnose,
    next_experiment,
)
from labs.inspect.game import LIMITS, Posed, Round, pose
from labs.models import weights

COLUMN: dict[Experiment, str] = {
    "probe": "auc_probe",
    "crops": "auc_crops",
    "reset": "auc_answer",
    "told": "told_says_burned",
    "zoom": "zoom_says_burned",
    "asked": "asked_says_burned",
    "blank": "blank_margin",
}


@cache
def card() -> dict[str, float]:
    found: dict[str, float] = weights.card("inspection_faults")["scores"]
    return found


def outcome(fault: Fault, experiment: Experiment) -> Outcome:
    """What the card says the experiment gives on that fault."""
    name = fault.replace(" ", "_").replace("%", "")
    return Outcome(card()[f"{name}_{COLUMN[experiment]}"], card()[f"reference_{COLUMN[experiment]}"])


def follow_the_rule(game: Round, chance: random.Random) -> Answer:
    while (experiment := next_experiment(game.values)) is not None:
        game.enter(experiment, "above", outcome(game.posed.fault, experiment))
    return diagnose(game.values)


def guess(game: Round, chance: random.Random) -> Answer:
    return chance.choice(LENSES)


def buy_everything(game: Round, chance: random.Random) -> Answer:
    """Spends all coins on what happens to be on offer, then names one of what is left open."""
    while game.on_offer:
        experiment = chance.choice(game.on_offer)
        game.enter(experiment, "above", outcome(game.posed.fault, experiment))
    return chance.choice(sorted(game.open))


def test_three_ways_of_playing_earn_what_they_deserve() -> None:
    earned = {}
    for way in (follow_the_rule, guess, buy_everything):
        chance = random.Random("ways")
        games = [Round(pose(seed)) for seed in range(100)]
        earned[way.__name__] = statistics.mean(game.grade(way(game, chance)) for game in games)
    assert earned["follow_the_rule"] == 5
    assert earned["guess"] < 3.2
    assert earned["guess"] < earned["buy_everything"] < 4.2


def test_rounds_are_posed_evenly_and_the_same_each_time() -> None:
    posed = [pose(seed) for seed in range(400)]
    assert posed == [pose(seed) for seed in range(400)]
    assert set(Counter(one.lens for one in posed)) == set(LENSES)
    assert min(Counter(one.lens for one in posed).values()) > 70
    stated = weights.card("inspection_faults")["stated"]["seeds"]
    assert all(one.boards in stated[one.fault] for one in posed)


def test_a_round_is_paid_for_and_logged() -> None:
    game = Round(Posed("haze", 3))
    assert (game.coins, game.on_offer) == (6, list(PRICES))
    assert game.open == set(LENSES)
    entry = game.enter("probe", "below", Outcome(0.5, 0.96))
    assert entry.came_true
    assert not game.enter("told", "below", Outcome(1.0, 1.0)).came_true
    assert game.coins == 3
    assert game.open == {"eye", "workflow"}
    with pytest.raises(ValueError, match="was run already"):
        game.enter("probe", "above", Outcome(0.5, 0.96))
    game.enter("crops", "below", Outcome(0.5, 0.97))
    assert game.on_offer == ["reset", "zoom", "asked", "blank"]
    game.enter("zoom", "above", Outcome(0.2, 0.97))
    assert game.on_offer == ["blank"]
    with pytest.raises(ValueError, match="costs more than 0 coins"):
        game.enter("reset", "above", Outcome(0.5, 0.97))
    assert [game.grade(said) for said in ("eye", "translator", "workflow", "not decided")] == [4, 1, 1, 2]


def test_the_limit_itself_is_above() -> None:
    assert set(LIMITS) == set(PRICES)
    game = Round(Posed("haze", 0))
    assert game.enter("probe", "above", Outcome(0.85, 0.96)).came_true


def test_playing_needs_nothing_but_the_standard_library() -> None:
    code = "import sys, labs.inspect.game as g; g.pose(1); assert not {'torch', 'numpy', 'PIL'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_no_experiment_on_the_card_rules_the_planted_lens_out() -> None:
    for fault, lens in LENS_OF.items():
        for experiment in PRICES:
            game = Round(Posed(fault, 0))
            game.enter(experiment, "above", outcome(fault, experiment))
            assert lens in game.open, (fault, experiment)
