"""quizzes/interview.toml into questions with rubrics. A gate's questions are read in the same way."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field, field_validator

from studytui.domain.rubric import CommonMistake, Point, Probe, Question
from studytui.library.errors import CourseError
from studytui.library.loader import only_tables, validate
from studytui.library.patterns import compiled
from studytui.library.schema import CardId, ObjectiveId, SectionId, Strict, Text
from studytui.library.toml_source import TablePlace, is_there, read
from studytui.library.wordings import load_wordings, no_strangers, with_wordings

INTERVIEW_FILE: Final = "quizzes/interview.toml"


class PointModel(Strict):
    """One key point."""

    id: CardId
    text: Text
    weight: Annotated[int, Field(ge=1, le=3)] = 1
    need: Literal["must", "bonus"] = "must"
    phrasings: Annotated[list[Text], Field(min_length=1)]
    contradicts: list[Text] = []
    patterns: Annotated[list[Text], Field(max_length=20)] = []
    covers: list[ObjectiveId] = []

    @field_validator("patterns")
    @classmethod
    def _compile(cls, patterns: list[str]) -> list[str]:
        for pattern in patterns:
            compiled(pattern)
        return patterns


class MistakeModel(Strict):
    """A common mistake."""

    says: Text
    correction: Text


class ProbeModel(Strict):
    """A follow-up."""

    when_missing: CardId
    ask: Text
    model: Text


class RubricModel(Strict):
    """What every question with a rubric has."""

    ask: Text
    model: Text
    point: Annotated[list[PointModel], Field(min_length=1, max_length=10)]

    @field_validator("point")
    @classmethod
    def _apart(cls, points: list[PointModel]) -> list[PointModel]:
        ids = [point.id for point in points]
        if twice := next((one for one in ids if ids.count(one) > 1), ""):
            raise ValueError(f"two points are called “{twice}”")
        return points


class QuestionModel(RubricModel):
    """One question of the rehearsal."""

    id: CardId
    sections: Annotated[list[SectionId], Field(min_length=1)]
    covers: Annotated[list[ObjectiveId], Field(min_length=1)]
    level: Literal["engineer", "senior", "lead"]
    kind: Literal["concept", "contrast", "numbers", "debugging", "design", "judgement"]
    lens: list[Text] = []
    seven: bool = False
    think_seconds: Annotated[int, Field(ge=0, le=600)]
    answer_seconds: Annotated[int, Field(ge=10, le=3600)]
    mistake: list[MistakeModel] = []
    probe: list[ProbeModel] = []

    @field_validator("lens", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value


def load_interview(root: Path) -> list[Question]:
    """The questions of the rehearsal in their order; none where a course has no interview.toml.

    Raises:
        CourseError: with file, line, question and field.
    """
    if not is_there(root, INTERVIEW_FILE):
        return []
    source = read(root, INTERVIEW_FILE)
    only_tables(source, "question")
    wordings = load_wordings(root)
    found: dict[str, Question] = {}
    for index, row in enumerate(source.data.get("question", [])):
        place = source.place("question", index)
        question = with_wordings(_question(row, source.path, place), wordings)
        if question.id in found:
            message = f"this id stands in line {found[question.id].line} too."
            raise CourseError(message, path=source.path, line=place.of("id"), card=question.id, field="id")
        found[question.id] = question
    no_strangers(wordings, found)
    return list(found.values())


def points_of(models: list[PointModel]) -> tuple[Point, ...]:
    """Key points as the domain knows them."""
    return tuple(
        Point(
            id=model.id,
            text=model.text,
            phrasings=tuple(model.phrasings),
            contradicts=tuple(model.contradicts),
            patterns=tuple(model.patterns),
            weight=model.weight,
            must=model.need == "must",
            covers=tuple(model.covers),
        )
        for model in models
    )


def _question(row: object, path: str, place: TablePlace) -> Question:
    who = str(row.get("id", ""))[:80] if isinstance(row, dict) else ""
    model = validate(QuestionModel, row, path, place, who=who)
    ids = {point.id for point in model.point}
    for index, probe in enumerate(model.probe):
        if probe.when_missing not in ids:
            raise CourseError(
                f"the question has no point “{probe.when_missing}”.",
                path=path,
                line=place.at(("probe", index, "when_missing")),
                card=who,
                field=f"probe.{index}.when_missing",
            )
    return Question(
        id=model.id,
        ask=model.ask.strip(),
        model=model.model.strip(),
        points=points_of(model.point),
        sections=tuple(model.sections),
        covers=tuple(model.covers),
        level=model.level,
        kind=model.kind,
        lenses=tuple(model.lens),
        is_one_of_seven=model.seven,
        think_seconds=model.think_seconds,
        answer_seconds=model.answer_seconds,
        mistakes=tuple(CommonMistake(m.says, m.correction) for m in model.mistake),
        probes=tuple(Probe(p.when_missing, p.ask.strip(), p.model.strip()) for p in model.probe),
        path=path,
        line=place.line,
    )
