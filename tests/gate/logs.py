"""Logs of a gate as hypothesis draws them: what was answered, reviewed and taken back, day by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import strategies as st

from studytui.domain.cards import LabLink
from studytui.domain.gate import Computed, Gate, Item, PartAttempt, Recalled, Spacing, Written
from studytui.domain.rubric import Point, Question

START = date(2026, 3, 2)
REACH = 12
PROBLEMS = ("p", "q", "r")
CARDS = {"card-a": ("1.1-01",), "card-b": ("1.1-01", "1.1-02"), "card-c": ("1.2-01",), "card-d": ("9.9-01",)}


def question(name: str) -> Question:
    return Question(id=name, ask=f"What is {name}?", model="It is.", points=(Point("it", "It is", ("it is",)),))


def small_gate(*, days: int = 2, apart_days: int = 3, test_out_days: int = 2) -> Gate:
    """Two items: the first with all three kinds of part and two objectives, the second with one part and one."""
    return Gate(
        id="g",
        title="The gate",
        unlocks="Module 9",
        module="9",
        path="quizzes/audit.toml",
        items=(
            Item(
                "one",
                "One",
                ("1.1-01", "1.1-02"),
                ("1.1",),
                (
                    Written("tell", "explain", "Tell", question("one/tell")),
                    Computed("count", "Count", LabLink("patches.count"), count=2),
                    Written("why", "reason", "Why", question("one/why")),
                ),
            ),
            Item("two", "Two", ("1.2-01",), ("1.2",), (Computed("sum", "Sum", LabLink("patches.sequence")),)),
        ),
        spacing=Spacing(days, apart_days),
        test_out_days=test_out_days,
    )


@dataclass(frozen=True)
class Review:
    """A scheduled review of a course's card; a grade of None starts the card over."""

    card: str
    day: date
    grade: int | None
    undone: bool = False


@dataclass(frozen=True)
class Log:
    """What was done, oldest first, and the day on which the gate is looked at."""

    gate: Gate
    attempts: tuple[PartAttempt, ...]
    reviews: tuple[Review, ...]
    day: date

    @property
    def cards(self) -> list[Recalled]:
        """The course's cards with the reviews that stand."""
        return [
            Recalled(key, covers, tuple((r.day, r.grade) for r in self.reviews if r.card == key and not r.undone))
            for key, covers in CARDS.items()
        ]


@st.composite
def logs(draw: st.DrawFn) -> Log:
    """Any log: attempts mostly right, so that verdicts of every kind are reached."""
    gate = small_gate(
        days=draw(st.integers(1, 3)), apart_days=draw(st.integers(1, 4)), test_out_days=draw(st.integers(1, 3))
    )
    right = st.sampled_from((True, True, True, True, False))
    undone = st.sampled_from((False, False, False, False, True))
    keys = [item.key(part) for item, part in gate.parts()]
    attempts: list[PartAttempt] = []
    reviews: list[Review] = []
    for offset in range(draw(st.integers(0, REACH))):
        day = START + timedelta(days=offset)
        if draw(st.booleans()):  # a whole audit, in some order
            for key in draw(st.permutations(keys)):
                for _ in range(draw(st.integers(0, 3))):
                    problem = draw(st.sampled_from(PROBLEMS)) if key in ("one/count", "two/sum") else ""
                    attempts.append(
                        PartAttempt(len(attempts), key, day, draw(right), problem=problem, undone=draw(undone))
                    )
        for card in CARDS:
            if draw(st.booleans()):
                grade = draw(st.sampled_from((5, 4, 3, 3, 2, 0, None)))
                reviews.append(Review(card, day, grade, draw(undone)))
    day = max([START, *(a.day for a in attempts), *(r.day for r in reviews)]) + timedelta(days=draw(st.integers(0, 3)))
    return Log(gate, tuple(attempts), tuple(reviews), day)
