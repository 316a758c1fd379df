"""`python -m tests.benchmarks.three_learners`: what three ways of playing the diagnosis earn, measured on posed boards.

python -m tests.benchmarks.three_learners [--rounds N]
Each round is posed as on the screen and each outcome computed with the round's own boards. Prints a line a way: the
mean score, how often each score was earned, how often the lens was named, the coins spent and how often a prediction
came true. Ends with 1 unless who follows the rule earns 5 in each round.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache

from labs.inspect.diagnosis import COINS, LENSES, Answer, Experiment, Outcome, diagnose, next_experiment
from labs.inspect.game import LIMITS, Posed, Prediction, Round, pose
from labs.inspect.system import bench_of, planted, run

bench = cache(bench_of)


@cache
def outcome(posed: Posed, experiment: Experiment) -> Outcome:
    """What an experiment gives in a round."""
    return run(experiment, planted(posed.fault), bench(posed.boards))


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
    while game.on_offer:
        buy(game, chance.choice(game.on_offer))
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
        outcome.cache_clear()
        bench.cache_clear()
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
