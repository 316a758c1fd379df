"""Prompts and exercises: whether they can be read, lead where they say, and leave something to recall."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from studytui.domain.cards import Course, Objective
from studytui.domain.recall import Prompt, Task
from studytui.domain.spelling import fold
from studytui.library.errors import CourseError
from studytui.library.lint.report import Finding, finding_of
from studytui.library.recall import load_prompts, load_tasks


def poor_quizzes(root: Path, course: Course, objectives: Sequence[Objective]) -> Iterator[Finding]:
    """Findings in quizzes/recall.toml and quizzes/exercises.toml."""
    known = {objective.id for objective in objectives}
    loaders: tuple[Callable[[Path], Sequence[Prompt | Task]], ...] = (load_prompts, load_tasks)
    for load in loaders:
        try:
            found = load(root)
        except CourseError as error:
            yield finding_of(error)
            continue
        for one in found:
            if course.section(one.section) is None:
                yield _finding(one, "unknown-section", f"the course has no section “{one.section}”.", "section")
            for covered in one.covers:
                if covered not in known:
                    yield _finding(one, "unknown-objective", f"the course has no objective “{covered}”.", "covers")
            is_prompt = isinstance(one, Prompt)
            question, points = (one.ask, one.points) if isinstance(one, Prompt) else (one.task, one.strong)
            asked = fold(question)
            for point in points:
                if len(fold(point).split()) > 2 and fold(point) in asked:
                    yield _finding(
                        one,
                        "answer-in-question",
                        f"“{point[:60]}” stands in what is asked.",
                        "ask" if is_prompt else "task",
                    )


def _finding(one: Prompt | Task, rule: str, message: str, field: str) -> Finding:
    return Finding(rule, message, one.source.path, one.source.line, one.id, field=field)
