"""quizzes/wordings/*.toml: many more ways in which learners say a key point, deny it, or only come near it.

They stand apart from the rubrics, which are read by people; the grader compares answers with both.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeAlias, TypeVar

from pydantic import AfterValidator, Field, field_validator

from studytui.course.codec import from_json
from studytui.course.loader import COURSE_FILE, tables, validate
from studytui.course.schema import APART, CardId, LabModel, Lenses, ObjectiveId, SectionId, Strict, Text
from studytui.course.toml_file import TablePlace, TomlSource, is_there, read, toml_names
from studytui.domain.cards import GateHead, LabLink, Level, Prompt, Source, Task
from studytui.domain.gate import PASS_SCORE, Computed, Gate, Item, Part, Spacing, Written
from studytui.domain.rubric import CommonMistake, FieldWords, Point, Probe, Question
from studytui.errors import CourseError

if TYPE_CHECKING:
    import re


T = TypeVar("T")
TWICE: Final = "line {1} has this id, too."
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

        def wording(row: object, place: TablePlace, source: TomlSource = source) -> None:
            model = validate(WordingModel, row, source.path, place, who="")
            key = (model.question, model.point)
            if key in found:
                before = found[key]
                message = f"the wordings of this point are also in {before.path}:{before.place.line}."
                raise CourseError(message, path=source.path, line=place.of("point"), field="point")
            found[key] = Wording(tuple(model.says), tuple(model.denies), tuple(model.near), source.path, place)

        tables(source, "wording", wording, at=None)
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


# quizzes/lexicon.toml: which words of the course mean the same, the opposite, or exclude one another in an answer


LEXICON_FILE: Final = "quizzes/lexicon.toml"
_SIDES: Final = " / "


def _phrases(line: str) -> str:
    if not all(phrase.strip() for side in line.split(_SIDES) for phrase in side.split(",")):
        raise ValueError("a phrase is empty: write “one, another” and, between sides, “ / ”")
    return line


def _sided(line: str) -> str:
    if _SIDES not in line:
        raise ValueError("its sides are parted by “ / ”")
    return _phrases(line)


def _pair(line: str) -> str:
    if line.count(_SIDES) != 1:
        raise ValueError("a pair of opposites has two sides, parted by “ / ”")
    return _phrases(line)


class SameModel(Strict):
    """Groups of synonyms."""

    groups: list[Annotated[Text, AfterValidator(_phrases)]] = []


class OppositeModel(Strict):
    """Pairs of opposites."""

    pairs: list[Annotated[Text, AfterValidator(_pair)]] = []


class ExclusiveModel(Strict):
    """Sets of what excludes one another."""

    sets: list[Annotated[Text, AfterValidator(_sided)]] = []


class LexiconModel(Strict):
    """The three tables, none of which must be there."""

    same: SameModel = SameModel()
    opposite: OppositeModel = OppositeModel()
    exclusive: ExclusiveModel = ExclusiveModel()


def load_lexicon(root: Path) -> FieldWords:
    """What the course says of its words; nothing where it has no such file.

    Raises:
        CourseError: with file, line and field.
    """
    if not is_there(root, LEXICON_FILE):
        return FieldWords()
    source = read(root, LEXICON_FILE)
    model = validate(LexiconModel, source.data, source.path, source.top, who="")
    return FieldWords(tuple(model.same.groups), tuple(model.opposite.pairs), tuple(model.exclusive.sets))


# Regular expressions of authored rubrics, run by an engine whose time grows in a line with the text (RE2)


MOST_CHARACTERS: Final = 500
"""A longer pattern is no name and no number."""
_MEMORY_BYTES: Final = 1 << 20
_TOO_MUCH: Final = (
    "it uses what RE2 does not have, such as look-around, a back-reference or more than 1,000 repetitions"
)


class PatternError(ValueError):
    """A text is no regular expression, or one that cannot be held to a time; the text is a sentence."""


@lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern in any case of letters.

    Raises:
        PatternError: it cannot be used.
    """
    # Imported at the first rubric with a pattern: most courses have none.
    import re2  # type: ignore[import-untyped]

    shown = f"“{pattern[:60]}{'…' * (len(pattern) > 60)}”"
    if len(pattern) > MOST_CHARACTERS:
        raise PatternError(f"{shown} is longer than {MOST_CHARACTERS} characters.")
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False  # else it writes them to the terminal itself
    options.max_mem = _MEMORY_BYTES
    try:
        found: re.Pattern[str] = re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError) as error:
        raise PatternError(f"{shown} is not a regular expression: {_reason(error)}.") from None
    return found


def _reason(error: Exception) -> str:
    detail = error.args[0] if error.args else ""
    text = detail.decode(errors="replace") if isinstance(detail, bytes) else str(error)
    unknown = text.startswith(("invalid perl operator", "invalid escape sequence", "invalid repetition size"))
    return f"{text} ({_TOO_MUCH})" if unknown else text


# quizzes/interview.toml into questions with rubrics. A gate's questions are read in the same way


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
    contrast: Annotated[list[Annotated[list[Text], Field(min_length=3, max_length=3), APART]], Field(max_length=9)] = []

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
    lens: Lenses = []
    seven: bool = False
    think_seconds: Annotated[int, Field(ge=0, le=600)]
    answer_seconds: Annotated[int, Field(ge=10, le=3600)]
    mistake: list[MistakeModel] = []
    probe: list[ProbeModel] = []


def load_interview(root: Path) -> list[Question]:
    """The questions of the rehearsal in their order; none where a course has no interview.toml.

    Raises:
        CourseError: with file, line, question and field.
    """
    if not is_there(root, INTERVIEW_FILE):
        return []
    source = read(root, INTERVIEW_FILE)
    wordings = load_wordings(root)

    def question(row: object, place: TablePlace) -> Question:
        return with_wordings(_question(row, source.path, place), wordings)

    found = tables(source, "question", question, twice=TWICE)
    no_strangers(wordings, {each.id: each for each in found})
    return found


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
            contrast=tuple(tuple(row) for row in model.contrast),
        )
        for model in models
    )


def _question(row: object, path: str, place: TablePlace) -> Question:
    model = validate(QuestionModel, row, path, place)
    ids = {point.id for point in model.point}
    for index, probe in enumerate(model.probe):
        if probe.when_missing not in ids:
            raise CourseError(
                f"the question has no point “{probe.when_missing}”.",
                path=path,
                line=place.at(("probe", index, "when_missing")),
                card=model.id,
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


# Labelled sentences for the grader: quizzes/grader/tune-*.toml to learn from, held-out-*.toml to measure on


PAIRS_FOLDER: Final = "quizzes/grader"
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
    found: list[Pair] = []
    for name in toml_names(root / PAIRS_FOLDER):
        if not name.startswith(f"{half}-"):
            continue
        source = read(root, f"{PAIRS_FOLDER}/{name}")

        def pair(row: object, place: TablePlace, source: TomlSource = source) -> Pair:
            model = validate(PairModel, row, source.path, place, who="")
            if model.point not in points.get(model.question, ()):
                wrong = "point" if model.question in points else "question"
                raise CourseError(
                    f"there is no point “{model.point}” of a question “{model.question}”.",
                    path=source.path,
                    line=place.of(wrong),
                    field=wrong,
                )
            return Pair(model.question, model.point, model.says, model.label, source.path, place.line)

        found += tables(source, "pair", pair, at=None)
    return found


# quizzes/recall.toml and quizzes/exercises.toml: prompts for free recall, and exercises with worked answers


RECALL_FILE: Final = "quizzes/recall.toml"
EXERCISES_FILE: Final = "quizzes/exercises.toml"


class PromptModel(Strict):
    """One prompt."""

    id: CardId
    section: SectionId
    covers: Annotated[list[ObjectiveId], Field(min_length=1)]
    ask: Text
    answer: Text
    points: Annotated[list[Text], Field(min_length=2, max_length=10), APART]


class TaskModel(Strict):
    """One exercise."""

    id: CardId
    section: SectionId
    covers: Annotated[list[ObjectiveId], Field(min_length=1)]
    level: Level
    minutes: Annotated[int, Field(ge=1, le=240)]
    task: Text
    strong: Annotated[list[Text], Field(min_length=2, max_length=12), APART]
    traps: Annotated[list[Text], Field(min_length=1, max_length=12), APART]
    worked: Text


def load_prompts(root: Path) -> list[Prompt]:
    """The recall prompts in their order; none where a course has no such file.

    Raises:
        CourseError: with file, line, prompt and field.
    """
    return _read(root, RECALL_FILE, "prompt", PromptModel, Prompt)


def load_tasks(root: Path) -> list[Task]:
    """The exercises in their order; none where a course has no such file.

    Raises:
        CourseError: with file, line, exercise and field.
    """
    return _read(root, EXERCISES_FILE, "exercise", TaskModel, Task)


def _read(root: Path, path: str, table: str, model: type[Strict], kind: type[T]) -> list[T]:
    if not is_there(root, path):
        return []

    def one(row: object, place: TablePlace) -> T:
        found = validate(model, row, path, place).model_dump()
        stripped = {name: text.strip() for name, text in found.items() if isinstance(text, str)}
        return from_json(kind, found | stripped | {"source": Source(path, place.line)})

    return tables(read(root, path), table, one)


# A gate's file in quizzes/ into its items and parts. Strict: what is wrong is told with file, line, item, field


QUIZZES: Final = "quizzes"
WRITTEN: Final[tuple[Literal["explain", "reason"], ...]] = ("explain", "reason")
TABLES: Final = ("explain", "compute", "reason")
"""The parts of an item in the order in which they are asked, whatever their order in the file."""
RESERVED: Final = ("override",)
"""Names the log gives to what is no part."""


class ItemModel(Strict):
    """One foundation, without its parts."""

    id: CardId
    title: Text
    objectives: Annotated[list[ObjectiveId], Field(min_length=1), APART]
    sections: Annotated[list[SectionId], Field(min_length=1), APART]
    lens: Lenses = []


class WrittenModel(RubricModel):
    """A part answered in words."""

    id: CardId
    title: Text
    pass_score: Annotated[float, Field(gt=0, le=1)] = PASS_SCORE


class ComputedModel(LabModel):
    """A part answered with numbers that a lab measures."""

    id: CardId
    title: Text
    count: Annotated[int, Field(ge=1, le=20)] = 1


def load_gate(root: Path, head: GateHead) -> Gate:
    """The gate that a course declares.

    Raises:
        CourseError: its file is missing or wrong, with line, item and field.
    """
    path = gate_file(head)
    if not is_there(root, path):
        message = f"the gap audit “{head.id}” names {path}, and that file is missing."
        raise CourseError(message, path=COURSE_FILE, line=_declared(root, head), field="file")
    source = read(root, path)
    counted = dict.fromkeys(TABLES, 0)
    items = tables(source, "item", lambda row, place: _item(row, source, place, counted), twice=TWICE)
    if not items:
        raise CourseError("a gap audit has at least one [[item]].", path=source.path, line=1)
    return Gate(
        id=head.id,
        title=head.title,
        unlocks=head.unlocks,
        module=head.module,
        path=source.path,
        items=tuple(items),
        spacing=Spacing(head.days, head.apart_days),
        test_out_days=head.test_out_days,
    )


def gate_file(head: GateHead) -> str:
    """The path of a gate's file, relative to the course's root."""
    return f"{QUIZZES}/{head.file}"


def _declared(root: Path, head: GateHead) -> int:
    """The line in course.toml that names the gate's file; 0 if course.toml has changed since."""
    with contextlib.suppress(CourseError):
        source = read(root, COURSE_FILE)
        rows = source.data.get("gate")
        for index, row in enumerate(rows if isinstance(rows, list) else ()):
            if isinstance(row, dict) and row.get("id") == head.id:
                return source.top.at(("gate", index, "file"))
    return 0


def _item(row: Mapping[str, Any], source: TomlSource, place: TablePlace, counted: dict[str, int]) -> Item:
    who = str(row.get("id", ""))[:80]
    head = {key: value for key, value in row.items() if key not in TABLES}
    model = validate(ItemModel, head, source.path, place)
    if model.id in RESERVED:
        raise CourseError(f"no item can be called “{model.id}”.", path=source.path, line=place.of("id"), card=who)
    parts = tuple(_parts(row, model, source, counted))
    if not parts:
        raise CourseError(
            "an item has at least one part: [[item.explain]], [[item.compute]] or [[item.reason]].",
            path=source.path,
            line=place.line,
            card=who,
        )
    return Item(
        id=model.id,
        title=model.title,
        objectives=tuple(model.objectives),
        sections=tuple(model.sections),
        parts=parts,
        lenses=tuple(model.lens),
        line=place.line,
    )


def _parts(row: Mapping[str, Any], item: ItemModel, source: TomlSource, counted: dict[str, int]) -> Iterator[Part]:
    """The item's parts; `counted` says how many of each table earlier items had, which is where theirs begin."""
    seen: dict[str, int] = {}
    for table in TABLES:
        rows = row.get(table, [])
        if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
            line = source.place(f"item.{table}", counted[table]).line
            message = f"must be written as [[item.{table}]] tables."
            raise CourseError(message, path=source.path, line=line, card=item.id, field=table)
        for one in rows:
            place = source.place(f"item.{table}", counted[table])
            counted[table] += 1
            who = f"{item.id}/{one.get('id', '')}"[:80]
            model = validate(ComputedModel if table == "compute" else WrittenModel, one, source.path, place, who=who)
            if model.id in seen:
                message = f"this part is also in line {seen[model.id]}."
                raise CourseError(message, path=source.path, line=place.of("id"), card=who, field="id")
            seen[model.id] = place.of("id")
            yield _part(table, model, item, source.path, place.line)


def _part(table: str, model: Any, item: ItemModel, path: str, line: int) -> Part:
    if isinstance(model, ComputedModel):
        vary = {name: tuple(values) for name, values in model.vary.items()}
        return Computed(model.id, model.title, LabLink(model.exercise, dict(model.set), vary), model.count, line)
    question = Question(
        id=f"{item.id}/{model.id}",
        ask=model.ask.strip(),
        model=model.model.strip(),
        points=points_of(model.point),
        sections=tuple(item.sections),
        covers=tuple(item.objectives),
        lenses=tuple(item.lens),
        path=path,
        line=line,
    )
    kind = next(one for one in WRITTEN if one == table)
    return Written(model.id, kind, model.title, question, model.pass_score, line)
