"""What authored files may hold: strict models whose errors name the field. Only loading a changed file imports this."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

CardId: TypeAlias = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=80)]
SectionId: TypeAlias = Annotated[str, Field(pattern=r"^\d+\.\d+$")]
ObjectiveId: TypeAlias = Annotated[str, Field(pattern=r"^\d+\.\d+-\d+$")]
Text: TypeAlias = Annotated[str, Field(min_length=1)]
Scalar: TypeAlias = int | float | str | bool
Number: TypeAlias = int | float


class Strict(BaseModel):
    """No unknown keys, no silent conversions."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class OptionModel(Strict):
    """One option of a choice card."""

    text: Text
    correct: bool = False
    why: str = ""


class MistakeModel(Strict):
    """A wrong number and what went wrong."""

    value: Number
    why: Text


class LabModel(Strict):
    """The lab exercise of a card: `set` fixes parameters, `vary` draws them at every showing."""

    exercise: Text
    set: dict[str, Scalar] = {}
    vary: dict[str, list[Scalar]] = {}

    @model_validator(mode="after")
    def _apart(self) -> LabModel:
        if both := set(self.set) & set(self.vary):
            raise ValueError(f"{sorted(both)[0]} stands in both set and vary")
        if empty := [name for name, values in self.vary.items() if not values]:
            raise ValueError(f"vary.{empty[0]} is empty")
        return self


class CardModel(Strict):
    """What every kind of card has."""

    id: CardId
    section: SectionId
    covers: Annotated[list[ObjectiveId], Field(min_length=1)]
    front: Text
    back: str = ""
    helpers: list[str] = []
    lens: list[str] = []
    tags: list[str] = []
    hints: list[Text] = []
    group: str = ""
    lab: LabModel | None = None
    dated: str = ""

    @field_validator("lens", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value

    @field_validator("dated", mode="before")
    @classmethod
    def _day(cls, value: Any) -> Any:
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, str) and value:
            date.fromisoformat(value)
        return value


class BasicModel(CardModel):
    """Read, recall, judge yourself."""

    kind: Literal["basic"]


class ClozeModel(CardModel):
    """The front has its blanks in `{{answer|other spelling}}`."""

    kind: Literal["cloze"]

    @field_validator("front")
    @classmethod
    def _blanks(cls, front: str) -> str:
        from studytui.library.cloze import parse_cloze

        parse_cloze(front)
        return front


class ChoiceModel(CardModel):
    """Two options or more, one of them correct."""

    kind: Literal["choice"]
    options: Annotated[list[OptionModel], Field(min_length=2, max_length=9)]

    @field_validator("options")
    @classmethod
    def _one_right(cls, options: list[OptionModel]) -> list[OptionModel]:
        if (right := sum(option.correct for option in options)) != 1:
            raise ValueError(f"exactly one option must be correct, not {right}")
        _no_doubles([option.text for option in options])
        return options


class OrderModel(CardModel):
    """Steps in the right order."""

    kind: Literal["order"]
    steps: Annotated[list[Text], Field(min_length=3, max_length=9)]

    @field_validator("steps")
    @classmethod
    def _apart(cls, steps: list[str]) -> list[str]:
        _no_doubles(steps)
        return steps


class MatchModel(CardModel):
    """Pairs of a left and its right, and rights that belong to none."""

    kind: Literal["match"]
    pairs: Annotated[list[Annotated[list[Text], Field(min_length=2, max_length=2)]], Field(min_length=2, max_length=8)]
    extra: list[Text] = []

    @model_validator(mode="after")
    def _apart(self) -> MatchModel:
        _no_doubles([left for left, _ in self.pairs])
        _no_doubles([right for _, right in self.pairs] + self.extra)
        return self


class NumericModel(CardModel):
    """A number, right within a tolerance."""

    kind: Literal["numeric"]
    answer: Number
    unit: str = ""
    tolerance: Annotated[Number, Field(ge=0)] = 0
    tolerance_percent: Annotated[Number, Field(ge=0, le=100)] = 0
    accept: list[Text] = []
    mistakes: list[MistakeModel] = []

    @field_validator("answer")
    @classmethod
    def _finite(cls, answer: float) -> float:
        if not abs(answer) < float("inf"):
            raise ValueError("must be a finite number")
        return answer


class ExerciseModel(CardModel):
    """The linked lab poses and decides."""

    kind: Literal["exercise"]
    front: str = ""
    lab: LabModel


class OpenModel(CardModel):
    """Answered in words, judged point by point."""

    kind: Literal["open"]
    points: Annotated[list[Text], Field(min_length=2, max_length=10)]


AnyCard: TypeAlias = (
    BasicModel | ClozeModel | ChoiceModel | OrderModel | MatchModel | NumericModel | ExerciseModel | OpenModel
)
MODELS: dict[str, type[CardModel]] = {
    "basic": BasicModel,
    "cloze": ClozeModel,
    "choice": ChoiceModel,
    "order": OrderModel,
    "match": MatchModel,
    "numeric": NumericModel,
    "exercise": ExerciseModel,
    "open": OpenModel,
}


class FactModel(Strict):
    """One learning objective."""

    id: ObjectiveId
    section: SectionId
    kind: Text
    text: Text
    helper: list[str] = []
    lens: list[str] = []
    lab: str = ""


class SectionModel(Strict):
    """A section of a chapter."""

    id: SectionId
    title: Text


class ChapterModel(Strict):
    """A chapter with the files of its text and cards, relative to content/."""

    number: Annotated[int, Field(ge=0)]
    title: Text
    text: Text
    cards: Text
    section: Annotated[list[SectionModel], Field(min_length=1)]


class HelperModel(Strict):
    """A metaphor of the course."""

    id: Text
    name: Text
    stands_for: Text
    summary: str = ""


class LensModel(Strict):
    """A debugging question."""

    id: Text
    question: Text
    summary: str = ""


class RetentionModel(Strict):
    """Recalled on so many study days, each so many days after the one before."""

    days: Annotated[int, Field(ge=1, le=30)] = 2
    apart_days: Annotated[int, Field(ge=1, le=365)] = 3


class TestOutModel(Strict):
    """All parts right on so many study days."""

    days: Annotated[int, Field(ge=1, le=30)] = 2


class GateModel(Strict):
    """A gate before another module; its items stand in `file`, in the folder of the quizzes."""

    id: CardId
    title: Text
    unlocks: Text
    module: Text
    file: Text
    retention: RetentionModel = RetentionModel()
    test_out: TestOutModel = TestOutModel()


class CourseModel(Strict):
    """course.toml."""

    id: CardId
    title: Text
    language: Text = "en"
    version: Text
    chapter: Annotated[list[ChapterModel], Field(min_length=1)]
    helper: list[HelperModel] = []
    lens: list[LensModel] = []
    gate: list[GateModel] = []


def _no_doubles(texts: list[str]) -> None:
    seen: set[str] = set()
    for text in texts:
        if text in seen:
            raise ValueError(f"“{text[:40]}” stands there twice")
        seen.add(text)


class OverrideModel(Strict):
    """What the learner says instead of a card of the course."""

    id: CardId
    front: str = ""
    back: str = ""
    note: str = ""
