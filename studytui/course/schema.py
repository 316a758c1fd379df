"""What authored files may hold: strict models whose errors name the field. Only loading a changed file imports this."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from itertools import product
from math import prod
from typing import Annotated, Any, Final, Literal, TypeAlias, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from studytui.course.codec import from_json
from studytui.domain.cards import (
    BODIES,
    SLOT,
    Blank,
    Body,
    Cloze,
    Drawn,
    Mistake,
    Numeric,
    SceneLink,
    Template,
    texts_of,
)

Place: TypeAlias = tuple[str | int, ...]
"""The path of a field in an authored table."""
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


class Unworkable(ValueError):
    """A formula of a card cannot be worked out, or its numbers cannot be drawn; `place` is the field's path."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(message)
        self.place = place


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
Formula: TypeAlias = Annotated[int | float | Annotated[str, Field(max_length=400)], AfterValidator(_measured)]
"""A number, or on a card whose numbers vary a formula for it."""
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
    """A wrong number, or a formula for it, and what went wrong."""

    value: Formula
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
    scene: dict[str, Scalar] = {}
    dated: MaybeText = ""

    def body(self) -> Body:
        """What the card's kind has besides."""
        return from_json(BODIES[self.kind], self.model_dump())

    def template(self) -> Template | None:
        """What fresh numbers and scenes are drawn from, on a card that has them.

        Raises:
            Unworkable: a formula cannot be worked out, or nothing can be drawn.
        """
        return self._template(_scenes(self.scene)) if self.scene else None

    def scene_link(self) -> SceneLink | None:
        """The scene, not drawn yet."""
        params = dict(self.scene)
        return SceneLink(str(params.pop("kind", "")), params) if self.scene else None

    def _template(self, draws: list[dict[str, Drawn]]) -> Template:
        """The template over these draws, all of the same names."""
        formulas: dict[str, Place] = {}
        for place, formula in self._formulas():
            formulas.setdefault(formula, place)
        used = " ".join(formulas)
        names = tuple(n for n in draws[0] if not self.scene or n == "scene" or re.search(rf"(?<!\w){n}(?!\w)", used))
        values: dict[str, tuple[Drawn, ...]] = {name: tuple(draw[name] for draw in draws) for name in names}
        for formula, place in formulas.items():
            if formula not in values:
                values[formula] = _worked_out(place, formula, draws)
        answer, mistakes = self._numbers()
        for place, formula in (answer, *mistakes):
            if formula and any(isinstance(value, str) for value in values[formula]):
                raise Unworkable(place, f"“{formula[:60]}” is a word, no number")
        return Template(
            front=self.front.strip(),
            back=self.back.strip(),
            hints=tuple(self.hints),
            texts=tuple(texts_of(self.body())),
            answer=answer[1],
            mistakes=tuple(formula for _, formula in mistakes),
            lab=self.lab.set if self.lab else {},
            names=names,
            draws=values,
        )

    def _asked(self, place: Place, text: str) -> str:  # noqa: ARG002  a cloze's front has other braces besides
        """A text in which braces are formulas."""
        return text

    def _numbers(self) -> tuple[tuple[Place, str], list[tuple[Place, str]]]:
        """The formulas of a numeric card's answer and of its mistakes."""
        return ((), ""), []

    def _formulas(self) -> Iterator[tuple[Place, str]]:
        """Every formula of the card and the field it stands in."""
        answer, mistakes = self._numbers()
        yield from ((place, formula) for place, formula in (answer, *mistakes) if formula)
        for place, text in _strings(self.model_dump(exclude=_NOT_FILLED), ()):
            if place[0] != "lab" or (place[1] == "set" and SLOT.fullmatch(text)):
                yield from ((place, slot[1].strip()) for slot in SLOT.finditer(self._asked(place, text)))

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

    def _asked(self, place: Place, text: str) -> str:
        if place != ("front",):
            return text
        cloze = self.body()
        return " ".join((*cloze.segments, *(spelling for blank in cloze.blanks for spelling in blank.accepted)))

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
    needs_options: bool = False

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
    """A number, right within a tolerance. With `vary` it is a formula, and so are numbers in braces in the texts."""

    kind: Literal["numeric"]
    vary: dict[str, list[Number]] | list[dict[str, Number]] | None = None
    answer: Formula
    unit: MaybeText = ""
    tolerance: Annotated[Number, Field(ge=0)] = 0
    tolerance_percent: Annotated[Number, Field(ge=0, le=100)] = 0
    accept: list[Text] = []
    mistakes: list[MistakeModel] = []

    def template(self) -> Template | None:
        if self.vary is None and self.scene:
            return super().template()
        if self.vary is None:
            for at, value in ((("answer",), self.answer), *self._mistakes()):
                if isinstance(value, str):
                    raise Unworkable(at, f"“{value[:60]}” is not a number; a formula needs `vary` or `scene`")
            return None
        if self.scene:
            raise Unworkable(("vary",), "the scene draws the numbers; a card has one or the other")
        names = _names(self.vary)
        slots = {formula for _, formula in self._formulas()}
        for name in names:
            if not any(re.search(rf"(?<!\w){name}(?!\w)", formula) for formula in slots):
                raise Unworkable(("vary", name), f"nothing on the card uses {name}")
        return self._template(list(_draws(self.vary)))

    def body(self) -> Body:
        """What the card asks for; a formula's value is filled in at each draw."""
        mistakes = [Mistake(0.0 if isinstance(m.value, str) else m.value, m.why) for m in self.mistakes]
        answer = 0.0 if isinstance(self.answer, str) else self.answer
        return from_json(Numeric, self.model_dump() | {"answer": answer, "mistakes": mistakes})

    def _mistakes(self) -> Iterator[tuple[Place, float | str]]:
        for number, mistake in enumerate(self.mistakes):
            yield ("mistakes", number, "value"), mistake.value

    def _numbers(self) -> tuple[tuple[Place, str], list[tuple[Place, str]]]:
        return (("answer",), _formula(self.answer)), [(place, _formula(value)) for place, value in self._mistakes()]


MOST_DRAWS: Final = 500
"""So many sets of numbers a card may have."""
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")


_NOT_FILLED: Final = {
    "id",
    "kind",
    "section",
    "covers",
    "helpers",
    "lens",
    "tags",
    "group",
    "dated",
    "scene",
    "vary",
    "answer",
}
"""Fields in which braces are no formula."""


def _scenes(scene: dict[str, Any]) -> list[dict[str, Drawn]]:
    """What can be asked of each draw of a scene, by name."""
    from labs.protocol import ParamError
    from labs.scenes import asked

    try:
        return asked.draws(scene)
    except ParamError as error:
        raise Unworkable(("scene", error.name), error.reason) from None


def _strings(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    """Every text in a dumped model and the field it stands in; not the value of a mistake, which is a formula."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        yield from (one for name, each in value.items() if name != "value" for one in _strings(each, (*place, name)))
    elif isinstance(value, list):
        yield from (one for at, each in enumerate(value) for one in _strings(each, (*place, at)))


def _formula(value: float | str) -> str:
    return value.strip() if isinstance(value, str) else repr(value)


def _names(vary: dict[str, list[Any]] | list[dict[str, Any]]) -> tuple[str, ...]:
    if isinstance(vary, list):
        names = tuple(vary[0]) if vary else ()
        for number, row in enumerate(vary):
            if set(row) != set(names):
                raise Unworkable(("vary", number), f"every draw has the same names: {', '.join(names)}")
    else:
        names = tuple(vary)
        for name, values in vary.items():
            if not values:
                raise Unworkable(("vary", name), "the list is empty")
    if not names:
        raise Unworkable(("vary",), "nothing varies")
    for name in names:
        if not _NAME.fullmatch(name):
            raise Unworkable(("vary", name), f"“{name[:60]}” is not a name: small letters, digits and _")
    return names


def _draws(vary: dict[str, list[Any]] | list[dict[str, Any]]) -> Iterator[dict[str, Drawn]]:
    """Every set of numbers: all combinations of the lists, or the rows as they are."""
    count = len(vary) if isinstance(vary, list) else prod(map(len, vary.values()))
    if count > MOST_DRAWS:
        raise Unworkable(("vary",), f"there are {count:,} sets of numbers; at most {MOST_DRAWS}")
    if isinstance(vary, list):
        yield from vary
    else:
        yield from (dict(zip(vary, values, strict=True)) for values in product(*vary.values()))


def _worked_out(place: Place, formula: str, draws: list[dict[str, Drawn]]) -> tuple[float, ...]:
    """A formula's value at each draw."""
    from labs import numbers

    values: list[float] = []
    for draw in draws:
        known = {name: value for name, value in draw.items() if not isinstance(value, str)}
        try:
            values.append(numbers.evaluate(formula, known))
        except numbers.FormulaError as error:
            where = ", ".join(f"{name} = {number:g}" for name, number in known.items())
            raise Unworkable(place, f"{str(error).rstrip('.')} (at {where})") from None
    return tuple(values)


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
