"""The interviewer asks back: of each key point three statements of one form, of which one is what the point says.

A wrong choice takes the point away and a right one adds nothing, so that an answer which only sounds right does not
stand by itself.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Final

from studytui.domain.rubric import WORTH, AnswerGrade, AskedBack, Point, PointVerdict, Question, score

OPENING: Final = "So you mean: …?"
DECIDING: Final = 3
"""Points that are asked back in a rehearsal, the weightiest of those that were said."""


def ask_back(points: Iterable[Point], seen: Sequence[str], chance: random.Random) -> tuple[AskedBack, ...]:
    """A set of statements for every point that has one, drawn anew; rather one that was not shown yet.

    `seen` are the right statements of earlier askings, oldest first: if all sets were shown, one of the oldest comes.
    """
    age = {statement: place for place, statement in enumerate(seen)}
    asked = []
    for point in points:
        if not point.contrast:
            continue
        oldest = min(age.get(row[0], -1) for row in point.contrast)
        row = chance.choice([row for row in point.contrast if age.get(row[0], -1) == oldest])
        shown = list(row)
        chance.shuffle(shown)
        asked.append(AskedBack(point.id, tuple(shown), shown.index(row[0])))
    return tuple(asked)


def deciding(grade: AnswerGrade) -> tuple[Point, ...]:
    """The points of a rehearsed answer that are asked back: the weightiest musts that earned something."""
    earned = {verdict.point_id for verdict in grade.verdicts if WORTH[verdict.coverage]}
    points = [point for point in grade.question.points if point.id in earned and point.contrast]
    return tuple(sorted(points, key=lambda point: (not point.must, -point.weight))[:DECIDING])


def answered(grade: AnswerGrade, asked: Sequence[AskedBack]) -> AnswerGrade:
    """The grade once the interviewer has asked back: what was chosen wrongly is missed, whatever the answer said."""
    wrong = {one.point: one for one in asked if not one.is_right}

    def without(verdict: PointVerdict) -> PointVerdict:
        one = wrong.get(verdict.point_id)
        if one is None or not WORTH[verdict.found]:
            return verdict
        why = f"asked back, you chose “{one.said}”" if one.said else "asked back, you chose nothing"
        return replace(verdict, found="missed", quote=None, why=why)

    verdicts = tuple(without(verdict) for verdict in grade.verdicts)
    return replace(grade, verdicts=verdicts, asked_back=grade.asked_back + tuple(asked))


def chance_to_pass(question: Question, pass_score: float, right: float, *, tries: int = 2) -> float:
    """How likely somebody whose answer covers all passes the asking, right with probability `right` at every point.

    Points without statements are not asked. `tries` is how often in a row the whole may be answered.
    """
    asked = [point for point in question.points if point.contrast]
    passed = 0.0
    for picked in range(1 << len(asked)):
        lost: Collection[str] = {point.id for at, point in enumerate(asked) if not picked >> at & 1}
        verdicts = tuple(
            PointVerdict(point.id, "missed" if point.id in lost else "covered", 1.0) for point in question.points
        )
        if score(question, verdicts) >= pass_score:
            passed += right ** (len(asked) - len(lost)) * (1 - right) ** len(lost)
    return 1 - (1 - passed) ** tries
