"""A gate's file in quizzes/ into its items and parts. Strict: what is wrong is told with file, line, item and field."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field, field_validator

from studytui.domain.cards import GateHead, LabLink
from studytui.domain.gate_parts import PASS_SCORE, Computed, Gate, Item, Part, Written
from studytui.domain.retention import Spacing
from studytui.domain.rubric import Question
from studytui.library.errors import CourseError
from studytui.library.loader import only_tables, validate
from studytui.library.locate import COURSE_FILE
from studytui.library.quizzes import RubricModel, points_of
from studytui.library.schema import CardId, LabModel, ObjectiveId, SectionId, Strict, Text, no_doubles
from studytui.library.toml_source import TablePlace, TomlSource, is_there, read

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
    objectives: Annotated[list[ObjectiveId], Field(min_length=1)]
    sections: Annotated[list[SectionId], Field(min_length=1)]
    lens: list[Text] = []

    @field_validator("lens", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value

    _apart = field_validator("objectives", "sections")(no_doubles)


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
        message = f"the gate “{head.id}” names {path}, and that file is missing."
        raise CourseError(message, path=COURSE_FILE, line=_declared(root, head), field="file")
    source = read(root, path)
    only_tables(source, "item")
    rows = source.data.get("item", [])
    if not rows:
        raise CourseError("a gate has at least one [[item]].", path=source.path, line=1)
    counted = dict.fromkeys(TABLES, 0)
    items: dict[str, Item] = {}
    for index, row in enumerate(rows):
        place = source.place("item", index)
        item = _item(row, source, place, counted)
        if item.id in items:
            message = f"this id stands in line {items[item.id].line} too."
            raise CourseError(message, path=source.path, line=place.of("id"), card=item.id, field="id")
        items[item.id] = item
    return Gate(
        id=head.id,
        title=head.title,
        unlocks=head.unlocks,
        module=head.module,
        path=source.path,
        items=tuple(items.values()),
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
    model = validate(ItemModel, head, source.path, place, who=who)
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
                message = f"this part stands in line {seen[model.id]} too."
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
