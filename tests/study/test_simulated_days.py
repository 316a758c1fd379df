"""The simulation against sixty days that were really studied."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from studytui.domain.queue import Limits
from studytui.domain.simulation import GradeRates, Rules, SimulatedCard, simulate
from studytui.domain.statistics import Pace
from studytui.study.review import QueueItem
from tests.study.learning import Grading, student

RATES = GradeRates()


def learner_of(seed: int) -> Grading:
    """Grades at random in the shares the simulation takes for usual."""
    chance = Random(seed)

    def grade(turn: QueueItem) -> int:
        assert turn.origin != "cram"
        return chance.choices((2, 3, 4, 5), RATES.shares[turn.origin])[0]

    return grade


@pytest.mark.parametrize("new_per_day", [10, 20])
def test_sixty_days_cost_what_was_foreseen(tmp_path: Path, new_per_day: int) -> None:
    """Within 15 %: the answers and the due cards of each stretch of ten days; all were new at the start."""
    groups = Random(1).choices([f"group-{number}" for number in range(300)], k=800)
    groups.sort(key=lambda name: int(name[6:]))
    cards = [SimulatedCard("basic", "1.1", group) for group in groups]
    with student(tmp_path / "study.db", groups, new_per_day=new_per_day) as learner:
        start = learner.day
        grade = learner_of(5)
        for _ in range(60):
            learner.study(grade)
            learner.sleep()
        answers = Counter((day - start).days for day, _, _ in learner.shown)
        came = Counter((day - start).days for day, origin, _ in learner.shown if origin == "due")
        new = sum(origin == "new" for _, origin, _ in learner.shown)
    rules = Rules(lambda _: Limits(new_per_day, 200))
    found = simulate(cards, rules, RATES, Pace(), start=start, days=60)
    assert sum(load.new for load in found.days) == pytest.approx(new, rel=0.05)
    for first in range(0, 60, 10):
        stretch = range(first, first + 10)
        foreseen = sum(found.days[number].answers for number in stretch)
        assert foreseen == pytest.approx(sum(answers[number] for number in stretch), rel=0.15)
        due = sum(found.days[number].due_from_new for number in stretch)
        assert due == pytest.approx(sum(came[number] for number in stretch), rel=0.15)
