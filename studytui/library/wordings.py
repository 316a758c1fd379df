"""quizzes/wordings/*.toml: many more ways in which learners say a key point, deny it, or only come near it.

They stand apart from the rubrics, which are read by people; the grader compares answers with both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias

from studytui.domain.rubric import Question
from studytui.library.errors import CourseError
from studytui.library.loader import only_tables, validate
from studytui.library.schema import CardId, Strict, Text
from studytui.library.toml_source import TablePlace, read, toml_names

FOLDER: Final = "quizzes/wordings"


class WordingModel(Strict):
    """The further wordings of one key point."""

    question: CardId
    point: CardId
    says: list[Text] = []
    denies: list[Text] = []
    near: list[Text] = []


@dataclass(frozen=True, slots=True)
class Wording:
    """A point's further wordings, and where they stand."""

    says: tuple[str, ...]
    denies: tuple[str, ...]
    near: tuple[str, ...]
    path: str
    place: TablePlace


Wordings: TypeAlias = Mapping[tuple[str, str], Wording]
"""By the question's id and the point's."""


def load_wordings(root: Path) -> Wordings:
    """All wordings of the course; none where it has no such folder.

    Raises:
        CourseError: with file, line and field.
    """
    found: dict[tuple[str, str], Wording] = {}
    for name in toml_names(root / FOLDER):
        source = read(root, f"{FOLDER}/{name}")
        only_tables(source, "wording")
        for index, row in enumerate(source.data.get("wording", [])):
            place = source.place("wording", index)
            model = validate(WordingModel, row, source.path, place)
            key = (model.question, model.point)
            if key in found:
                before = found[key]
                message = f"the wordings of this point stand in {before.path}:{before.place.line} too."
                raise CourseError(message, path=source.path, line=place.of("point"), field="point")
            found[key] = Wording(tuple(model.says), tuple(model.denies), tuple(model.near), source.path, place)
    return found


def with_wordings(question: Question, wordings: Wordings) -> Question:
    """The question, each point with its further wordings."""
    points = (
        replace(point, says=more.says, denies=more.denies, near=more.near)
        if (more := wordings.get((question.id, point.id)))
        else point
        for point in question.points
    )
    return replace(question, points=tuple(points))


def no_strangers(wordings: Wordings, questions: Mapping[str, Question]) -> None:
    """Every wording belongs to a point.

    Raises:
        CourseError: one names a question or point that is not there.
    """
    for (question_id, point_id), wording in wordings.items():
        question = questions.get(question_id)
        if question is not None and any(point.id == point_id for point in question.points):
            continue
        field = "question" if question is None else "point"
        message = f"there is no point “{point_id}” of a question “{question_id}”."
        raise CourseError(message, path=wording.path, line=wording.place.of(field), field=field)
