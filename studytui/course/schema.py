"""What authored files may hold: strict models whose errors name the field. Only loading a changed file imports this."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Annotated, Any, Final, Literal, TypeAlias, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from studytui.course.codec import from_json
from studytui.domain.cards import BODIES, Blank, Body, Cloze

LONGEST_TEXT: Final = 100_000
"""Characters; the whole course has a few hundred thousand."""
MOST_BLANKS: Final = 100
LARGEST_NUMBER: Final = 1e100
"""Beyond it the sums and ratios of a number and its tolerance leave what a float holds."""
_UNSEEN_KINDS: Final = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp", "Zs"))
_UNSEEN_LETTERS: Final = frozenset(
    (*"\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0", *map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)
"""Letters and marks by their kind, and yet nothing is drawn for them: fillers, joiners, selectors of a variant."""


def is_blank(text: str) -> bool:
    """True if nothing of a text can be seen."""
    return all(c in _UNSEEN_LETTERS or unicodedata.category(c) in _UNSEEN_KINDS for c in text)


def _seen(text: str) -> str:
    if is_blank(text):
        raise ValueError("must hold something that can be seen")
    return text


def _measured(value: Any) -> Any:
    if not isinstance(value, str) and not abs(value) <= LARGEST_NUMBER:  # nan is on neither side of anything
        raise ValueError(f"must be a finite number, and at most {LARGEST_NUMBER:.0e}")
    return value


def no_doubles(texts: list[str]) -> list[str]:
    """The texts, if no two of them are the same."""
    seen: set[str] = set()
    for text in texts:
        if text in seen:
            raise ValueError(f"“{text[:40]}” is listed twice")
        seen.add(text)
    return texts


def _a_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


CardId: TypeAlias = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=80)]
SectionId: TypeAlias = Annotated[str, Field(pattern=r"^[0-9]{1,4}\.[0-9]{1,4}$")]
ObjectiveId: TypeAlias = Annotated[str, Field(pattern=r"^[0-9]{1,4}\.[0-9]{1,4}-[0-9]{1,4}$")]
Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT), AfterValidator(_seen)]
MaybeText: TypeAlias = Annotated[
    str, Field(max_length=LONGEST_TEXT), AfterValidator(lambda text: "" if is_blank(text) else text)
]
"""A text that may be left out; one in which nothing can be seen is."""
APART: Final = AfterValidator(no_doubles)
"""No text twice."""
Lenses: TypeAlias = Annotated[list[Text], BeforeValidator(_a_list), Field(serialization_alias="lenses")]
"""Written as a list, or as the one that it is."""
Number: TypeAlias = Annotated[int | float, AfterValidator(_measured)]
Scalar: TypeAlias = Annotated[
    int | float | Annotated[str, Field(max_length=LONGEST_TEXT)] | bool, AfterValidator(_measured)
]


class Strict(BaseModel):
    """No unknown keys, no silent conversions."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class OptionModel(Strict):
    """One option of a choice card."""

    text: Text
    correct: bool = False
    why: MaybeText = ""


class MistakeModel(Strict):
    """A wrong number and what went wrong."""

    value: Number
    why: Text


class LabModel(Strict):
    """The lab exercise of a card: `set` fixes parameters, `vary` draws them at every showing."""

    exercise: Text
    set: Annotated[dict[str, Scalar], Field(serialization_alias="fixed")] = {}
    vary: dict[str, list[Scalar]] = {}

    @model_validator(mode="after")
    def _apart(self) -> LabModel:
        if both := set(self.set) & set(self.vary):
            raise ValueError(f"{sorted(both)[0]} is in both set and vary")
        if empty := [name for name, values in self.vary.items() if not values]:
            raise ValueError(f"vary.{empty[0]} is empty")
        return self


class CardModel(Strict):
    """What every kind of card has. A field has the name, or the alias, of one of `Card` or of the kind's body."""

    id: CardId
    kind: Any
    section: SectionId
    covers: Annotated[list[ObjectiveId], Field(min_length=1)]
    front: Text
    back: MaybeText = ""
    helpers: list[Text] = []
    lens: Lenses = []
    tags: list[Text] = []
    hints: list[Text] = []
    group: MaybeText = ""
    lab: LabModel | None = None
    dated: MaybeText = ""

    def body(self) -> Body:
        """What the card's kind has besides."""
        return from_json(BODIES[self.kind], self.model_dump())

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

    def body(self) -> Cloze:
        return parse_cloze(self.front.strip())

    @field_validator("front")
    @classmethod
    def _blanks(cls, front: str) -> str:
        if front.count("{{") > MOST_BLANKS:
            raise ValueError(f"a cloze has at most {MOST_BLANKS} blanks")
        if any(is_blank(spelling) for blank in parse_cloze(front).blanks for spelling in blank.accepted):
            raise ValueError("a blank holds a spelling in which nothing can be seen")
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
        no_doubles([option.text for option in options])
        return options


class OrderModel(CardModel):
    """Steps in the right order."""

    kind: Literal["order"]
    steps: Annotated[list[Text], Field(min_length=3, max_length=9), APART]


class MatchModel(CardModel):
    """Pairs of a left and its right, and rights that belong to none."""

    kind: Literal["match"]
    pairs: Annotated[list[Annotated[list[Text], Field(min_length=2, max_length=2)]], Field(min_length=2, max_length=8)]
    extra: list[Text] = []

    @model_validator(mode="after")
    def _apart(self) -> MatchModel:
        no_doubles([left for left, _ in self.pairs])
        no_doubles([right for _, right in self.pairs] + self.extra)
        return self


class NumericModel(CardModel):
    """A number, right within a tolerance."""

    kind: Literal["numeric"]
    answer: Number
    unit: MaybeText = ""
    tolerance: Annotated[Number, Field(ge=0)] = 0
    tolerance_percent: Annotated[Number, Field(ge=0, le=100)] = 0
    accept: list[Text] = []
    mistakes: list[MistakeModel] = []


class ExerciseModel(CardModel):
    """The linked lab poses and decides."""

    kind: Literal["exercise"]
    front: MaybeText = ""
    lab: LabModel


class OpenModel(CardModel):
    """Answered in words, judged point by point."""

    kind: Literal["open"]
    points: Annotated[list[Text], Field(min_length=2, max_length=10)]


MODELS: Final[dict[str, type[CardModel]]] = {
    get_args(model.model_fields["kind"].annotation)[0]: model for model in CardModel.__subclasses__()
}


def _hyphened(helper: str) -> str:
    return helper.replace(" ", "-")


class FactModel(Strict):
    """One learning objective."""

    id: ObjectiveId
    section: SectionId
    kind: Text
    text: Text
    helper: Annotated[list[Annotated[Text, AfterValidator(_hyphened)]], Field(serialization_alias="helpers")] = []
    lens: Annotated[list[Text], Field(serialization_alias="lenses")] = []
    lab: MaybeText = ""


class SectionModel(Strict):
    """A section of a chapter."""

    id: SectionId
    title: Text


class ChapterModel(Strict):
    """A chapter with the files of its text and cards, relative to content/."""

    number: Annotated[int, Field(ge=0, le=9999)]
    title: Text
    text: Text
    cards: Text
    section: Annotated[list[SectionModel], Field(min_length=1)]


class HelperModel(Strict):
    """A metaphor of the course."""

    id: Text
    name: Text
    stands_for: Text
    summary: MaybeText = ""


class LensModel(Strict):
    """A debugging question."""

    id: Text
    question: Text
    summary: MaybeText = ""


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


class OverrideModel(Strict):
    """What the learner says instead of a card of the course."""

    id: CardId
    front: MaybeText = ""
    back: MaybeText = ""
    note: MaybeText = ""


# A cloze's text: `A {{patch|image patch}} is a token` has one blank with two accepted spellings


_NOT_CLOSED = "a blank is not closed: write {{answer}}"


def parse_cloze(front: str) -> Cloze:
    """The texts around the blanks and what each blank accepts.

    Raises:
        ValueError: there is no blank, one is empty, or its braces do not pair.
    """
    segments: list[str] = []
    blanks: list[Blank] = []
    text, at, depth = "", 0, 0
    while at < len(front):
        if front.startswith(("\\{{", "\\}}"), at):
            text += front[at + 1 : at + 3]
            at += 3
        elif front.startswith("{{", at):
            spellings, at = _blank(front, at + 2)
            segments.append(text)
            blanks.append(Blank(spellings))
            text, depth = "", 0
        elif front.startswith("}}", at) and depth < 2:
            raise ValueError(_NOT_CLOSED)
        else:
            depth = max(0, depth + (front[at] == "{") - (front[at] == "}"))
            text += front[at]
            at += 1
    if not blanks:
        raise ValueError("a cloze needs at least one blank, written {{answer}} or {{answer|other spelling}}")
    return Cloze((*segments, text), tuple(blanks))


def _blank(front: str, at: int) -> tuple[tuple[str, ...], int]:
    """The spellings of the blank that begins at `at`, and where the text goes on behind it."""
    spellings, depth = [""], 0
    while at < len(front):
        if front.startswith("\\|", at):
            spellings[-1] += "|"
            at += 2
            continue
        if front.startswith("{{", at) and depth == 0 and spellings[-1]:
            break
        if front.startswith("}}", at) and depth == 0:
            if front.startswith("}", at + 2):
                raise ValueError("a blank has a closing brace too many: pair the braces inside {{…}}")
            accepted = tuple(spelling.strip() for spelling in spellings)
            if not all(accepted):
                raise ValueError("a blank holds an empty spelling")
            return accepted, at + 2
        character = front[at]
        depth += (character == "{") - (character == "}")
        if depth < 0:
            raise ValueError(_NOT_CLOSED)
        if character == "|" and depth == 0:
            spellings.append("")
        else:
            spellings[-1] += character
        at += 1
    raise ValueError(_NOT_CLOSED)
