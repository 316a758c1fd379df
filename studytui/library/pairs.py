"""Labelled sentences for the grader: quizzes/grader/tune-*.toml to learn from, held-out-*.toml to measure on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from studytui.domain.rubric import Question
from studytui.library.errors import CourseError
from studytui.library.loader import only_tables, validate
from studytui.library.quizzes import load_interview
from studytui.library.schema import CardId, Strict, Text
from studytui.library.toml_source import read, toml_names

FOLDER: Final = "quizzes/grader"
MEASURED: Final = "held-out"
HALVES: Final = ("tune", MEASURED)


class PairModel(Strict):
    """One sentence and what it does to a point."""

    question: CardId
    point: CardId
    says: Text
    label: Literal["covered", "not-covered", "contradicted"]


@dataclass(frozen=True, slots=True)
class Pair:
    """A learner's sentence, and whether it covers, misses or contradicts a point of a question."""

    question: str
    point: str
    says: str
    label: Literal["covered", "not-covered", "contradicted"]
    path: str
    line: int


def load_pairs(root: Path, half: str, questions: Iterable[Question] | None = None) -> list[Pair]:
    """The labelled sentences of a half, in the order of the files; `questions` are the course's, if read already.

    Raises:
        CourseError: a file is wrong, or names a question or point that is not there.
    """
    points = {question.id: {point.id for point in question.points} for question in questions or load_interview(root)}
    found = []
    for name in toml_names(root / FOLDER):
        if not name.startswith(f"{half}-"):
            continue
        source = read(root, f"{FOLDER}/{name}")
        only_tables(source, "pair")
        for index, row in enumerate(source.data.get("pair", [])):
            place = source.place("pair", index)
            model = validate(PairModel, row, source.path, place)
            if model.point not in points.get(model.question, ()):
                wrong = "point" if model.question in points else "question"
                raise CourseError(
                    f"there is no point “{model.point}” of a question “{model.question}”.",
                    path=source.path,
                    line=place.of(wrong),
                    field=wrong,
                )
            found.append(Pair(model.question, model.point, model.says, model.label, source.path, place.line))
    return found
