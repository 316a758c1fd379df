"""quizzes/recall.toml and quizzes/exercises.toml: prompts for free recall, and exercises with worked answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import Field, field_validator

from studytui.domain.cards import Source
from studytui.domain.recall import Level, Prompt, Task
from studytui.library.errors import CourseError
from studytui.library.loader import only_tables, validate
from studytui.library.schema import CardId, ObjectiveId, SectionId, Strict, Text, no_doubles
from studytui.library.toml_source import is_there, read

RECALL_FILE: Final = "quizzes/recall.toml"
EXERCISES_FILE: Final = "quizzes/exercises.toml"


class PromptModel(Strict):
    """One prompt."""

    id: CardId
    section: SectionId
    covers: Annotated[list[ObjectiveId], Field(min_length=1)]
    ask: Text
    answer: Text
    points: Annotated[list[Text], Field(min_length=2, max_length=10)]

    _points = field_validator("points")(no_doubles)


class TaskModel(Strict):
    """One exercise."""

    id: CardId
    section: SectionId
    covers: Annotated[list[ObjectiveId], Field(min_length=1)]
    level: Level
    minutes: Annotated[int, Field(ge=1, le=240)]
    task: Text
    strong: Annotated[list[Text], Field(min_length=2, max_length=12)]
    traps: Annotated[list[Text], Field(min_length=1, max_length=12)]
    worked: Text

    _lists = field_validator("strong", "traps")(no_doubles)


def load_prompts(root: Path) -> list[Prompt]:
    """The recall prompts in their order; none where a course has no such file.

    Raises:
        CourseError: with file, line, prompt and field.
    """
    return [
        Prompt(
            id=model.id,
            section=model.section,
            covers=tuple(model.covers),
            ask=model.ask.strip(),
            answer=model.answer.strip(),
            points=tuple(model.points),
            source=source,
        )
        for model, source in _read(root, RECALL_FILE, "prompt", PromptModel)
    ]


def load_tasks(root: Path) -> list[Task]:
    """The exercises in their order; none where a course has no such file.

    Raises:
        CourseError: with file, line, exercise and field.
    """
    return [
        Task(
            id=model.id,
            section=model.section,
            covers=tuple(model.covers),
            level=model.level,
            minutes=model.minutes,
            task=model.task.strip(),
            strong=tuple(model.strong),
            traps=tuple(model.traps),
            worked=model.worked.strip(),
            source=source,
        )
        for model, source in _read(root, EXERCISES_FILE, "exercise", TaskModel)
    ]


def _read(root: Path, path: str, table: str, model: type[Strict]) -> list[tuple[Any, Source]]:
    if not is_there(root, path):
        return []
    source = read(root, path)
    only_tables(source, table)
    found: list[tuple[Any, Source]] = []
    seen: dict[str, int] = {}
    for index, row in enumerate(source.data.get(table, [])):
        place = source.place(table, index)
        who = str(row.get("id", ""))[:80]
        one: Any = validate(model, row, path, place, who=who)
        if one.id in seen:
            message = f"this id stands in line {seen[one.id]} too; ids are unique."
            raise CourseError(message, path=path, line=place.of("id"), card=one.id, field="id")
        seen[one.id] = place.of("id")
        found.append((one, Source(path, place.line)))
    return found
