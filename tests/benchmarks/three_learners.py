"""`python -m tests.benchmarks.three_learners`: what three ways of playing the diagnosis earn, measured on posed boards.

python -m tests.benchmarks.three_learners [--rounds N]
Each round is posed as on the screen, and each outcome is that of the round's own boards; the blank, which is free and
decides nothing, is left out. What a system says of a board is computed once. Prints a line a way: the mean score, how
often each score was earned, how often the lens was named, the coins spent and how often a prediction came true. Ends
with 1 unless who follows the rule earns 5 in each round.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache

from labs.inspect.diagnosis import (
    COINS,
    LENSES,
    POOL,
    PRICES,
    Answer,
    Experiment,
    Fault,
    Outcome,
    boards_of,
    diagnose,
    next_experiment,
)
from labs.inspect.game import LIMITS, Posed, Prediction, Round, pose
from labs.inspect.measure import Record, record
from labs.inspect.system import EXPERIMENTS, Bench, System, bench_of, pair, planted, reference


@cache
def system(fault: Fault | None) -> System:
    """The reference, or it with a fault."""
    return planted(fault) if fault else reference()


@cache
def recorded(fault: Fault | None) -> Record:
    """What a system does on each pair of the pool that rounds are posed from."""
    pool = Bench([pair(number) for number in range(POOL)])
    return record(system(fault), pool)


@cache
def value(fault: Fault | None, experiment: Experiment, boards: int) -> float:
    """What an experiment gives with the boards of a round."""
    known = recorded(fault).values(boards_of(boards))
    return (
        known[experiment] if experiment in known else EXPERIMENTS[experiment](system(fault), bench_of(boards))["value"]
    )


def outcome(posed: Posed, experiment: Experiment) -> Outcome:
    """An experiment in a round, beside the reference."""
    return Outcome(value(posed.fault, experiment, posed.boards), value(None, experiment, posed.boards))


def buy(game: Round, experiment: Experiment) -> None:
    """Predict what the reference would do, and pay."""
    found = outcome(game.posed, experiment)
    predicted: Prediction = "above" if found.reference >= LIMITS[experiment] else "below"
    game.enter(experiment, predicted, found)


def follow_the_rule(game: Round, chance: random.Random) -> Answer:
    """Runs what the rule runs next, and says what it says."""
    while (experiment := next_experiment(game.values)) is not None:
        buy(game, experiment)
    return diagnose(game.values)


def guess(game: Round, chance: random.Random) -> Answer:
    """Names a lens without an experiment."""
    return chance.choice(LENSES)


def buy_everything(game: Round, chance: random.Random) -> Answer:
    """Spends all coins on what happens to be on offer, then names one of what is left open."""
    while priced := [experiment for experiment in game.on_offer if PRICES[experiment]]:
        buy(game, chance.choice(priced))
    return chance.choice(sorted(game.open) or LENSES)


WAYS: tuple[Callable[[Round, random.Random], Answer], ...] = (follow_the_rule, guess, buy_everything)


def main() -> int:
    """Play all rounds in each way; 0 if the rule earned 5 in all."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.three_learners", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--rounds", type=int, default=100, help="rounds that are posed, of the seeds from 0 (100)")
    options = parser.parse_args()
    chances = {way.__name__: random.Random(f"{way.__name__}:three learners") for way in WAYS}
    games: dict[str, list[tuple[Round, Answer]]] = {way.__name__: [] for way in WAYS}
    for seed in range(options.rounds):
        for way in WAYS:
            game = Round(pose(seed))
            games[way.__name__].append((game, way(game, chances[way.__name__])))
    for name, played in games.items():
        scores = Counter(game.grade(said) for game, said in played)
        log = [entry for game, _ in played for entry in game.log]
        print(
            f"{name}: {statistics.mean(scores.elements()):.2f} of 5;",
            ", ".join(f"{scores[score]} × {score}" for score in (5, 4, 3, 2, 1)) + ";",
            f"named {sum(said == game.posed.lens for game, said in played)} of {len(played)};",
            f"{statistics.mean(COINS - game.coins for game, _ in played):.1f} coins;",
            f"{sum(entry.came_true for entry in log)} of {len(log)} predictions came true",
        )
    return 0 if all(game.grade(said) == 5 for game, said in games["follow_the_rule"]) else 1


if __name__ == "__main__":
    sys.exit(main())
