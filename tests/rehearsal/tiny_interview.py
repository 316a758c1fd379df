"""A few interview questions for the tiny course, and the app or a workspace on them."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from studytui.domain.rubric import AnswerGrade, Coverage, Quote, Submission, self_check
from studytui.domain.settings import Settings
from studytui.store import Store
from studytui.study.learner_state import Draft, Drafts
from studytui.study.rehearsal import QuestionChoice, Recorded, Rehearsal, RehearsalStep, select_questions
from studytui.study.submissions import QuestionEntry, question_entries, read_questions, sync_questions
from studytui.study.workspace import Workspace
from tests.ui.tiny_course import Running, TestClock, make_home, running, write_course

INTERVIEW = """
[[question]]
id = "int-patches"
sections = ["1.1"]
covers = ["1.1-01"]
level = "engineer"
kind = "concept"
lens = ["eye"]
seven = true
think_seconds = 20
answer_seconds = 120
ask = "What becomes of an image in a **ViT**?"
model = "It is cut into patches, and a learned layer embeds each of them."

[[question.point]]
id = "split"
text = "The image is cut into square patches"
weight = 2
phrasings = ["the image is cut into square patches"]
contradicts = ["each pixel becomes a token of its own"]
covers = ["1.1-01"]

[[question.point]]
id = "embed"
text = "A learned linear layer embeds each patch"
phrasings = ["a learned linear layer embeds each patch"]
contradicts = ["the embedding is never learned"]
covers = ["1.1-01"]

[[question.point]]
id = "cost"
text = "Smaller patches cost more compute"
need = "bonus"
phrasings = ["smaller patches cost more compute"]
covers = ["2.1-01"]

[[question.mistake]]
says = "Every pixel is a token."
correction = "A token stands for a whole patch."

[[question.probe]]
when_missing = "embed"
ask = "What turns a patch into a vector?"
model = "A learned linear layer."

[[question.probe]]
when_missing = "split"
ask = "Into what is the image cut?"
model = "Into square patches."

[[question]]
id = "int-attention"
sections = ["1.2"]
covers = ["1.2-01"]
level = "senior"
kind = "numbers"
think_seconds = 0
answer_seconds = 60
ask = "What does attention cost?"
model = "It grows with the square of the tokens."

[[question.point]]
id = "square"
text = "Attention grows with the square of the number of tokens"
phrasings = ["attention grows with the square of the number of tokens"]
contradicts = ["attention grows linearly with the tokens"]

[[question]]
id = "int-latents"
sections = ["2.1"]
covers = ["2.1-01"]
level = "lead"
kind = "judgement"
think_seconds = 5
answer_seconds = 60
ask = "Why diffuse latents?"
model = "They are far smaller than pixels."

[[question.point]]
id = "smaller"
text = "A latent is far smaller than the picture"
phrasings = ["a latent is far smaller than the picture"]
"""

FULL_ANSWER = "The image is cut into square patches. A learned linear layer embeds each patch."


def write_interview(root: Path, text: str = INTERVIEW) -> None:
    """The questions' file of a course at `root`."""
    (root / "quizzes").mkdir(parents=True, exist_ok=True)
    (root / "quizzes/interview.toml").write_text(text, encoding="utf-8")


@asynccontextmanager
async def rehearsing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *keys: str,
    interview: str | None = INTERVIEW,
    settings: Settings | None = None,
    size: tuple[int, int] = (80, 24),
    **options: Any,
) -> AsyncIterator[Running]:
    """The app on the chooser of the rehearsal, after more keys."""
    if interview is not None:
        write_interview(tmp_path / "course", interview)
    chosen = settings or Settings(start_labs=False)
    async with running(tmp_path, monkeypatch, settings=chosen, size=size, **options) as run:
        await run.press("i")
        assert run.screen == "ChooserScreen"
        if keys:
            await run.press(*keys)
        yield run


async def until(run: Running, happens: Callable[[], bool], *, seconds: float = 30.0, settle: bool = True) -> None:
    """Wait for something that the screen does by itself, however busy the machine is."""
    end = monotonic() + seconds
    while not happens():
        assert monotonic() < end, f"nothing happened within {seconds:g} s"
        await run.pilot.pause(0.05)
    if settle:
        await run.settle()


def flat(run: Running) -> str:
    """What stands on the screen as one line, without frames and scroll bars."""
    return " ".join(re.sub("[\u2500-\u259f]", " ", run.text).split())


@contextmanager
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, settings: Settings | None = None, interview: str = INTERVIEW
) -> Iterator[Desk]:
    """A workspace on the tiny course with its questions read."""
    monkeypatch.setenv("STUDYTUI_HOME", str(make_home(tmp_path / "home")))
    root = write_course(tmp_path / "course")
    write_interview(root, interview)
    clock = TestClock()
    with Workspace.open(root, clock=clock, settings=settings or Settings()) as workspace:
        number, _ = sync_questions(workspace, read_questions(workspace))
        yield Desk(workspace, number, clock)


def drafts_at(home: Path) -> list[Draft]:
    """The drafts of the tiny course that the database in a folder holds."""
    store = Store.open(home / "study.db", today=TestClock().now().date())
    try:
        return Drafts(store, "tiny").all()
    finally:
        store.close()


class Desk:
    """What a test of the services works on."""

    def __init__(self, workspace: Workspace, course_no: int, clock: TestClock) -> None:
        self.workspace = workspace
        self.course_no = course_no
        self.clock = clock

    @property
    def entries(self) -> dict[str, QuestionEntry]:
        """The questions as they stand now, by id."""
        return {entry.question.id: entry for entry in question_entries(self.workspace, self.course_no)}

    def rehearsal(self, kind: str = "new", value: str = "", **options: Any) -> Rehearsal:
        """A rehearsal of a set."""
        choice = QuestionChoice(kind, value, **options)  # type: ignore[arg-type]
        day = Rehearsal.of(self.workspace, self.course_no, choice, ()).day
        drafts = [draft.question_id for draft in self.drafts.all()]
        found = select_questions(choice, self.entries.values(), day, drafts=drafts)
        return Rehearsal.of(self.workspace, self.course_no, choice, found)

    @property
    def drafts(self) -> Any:
        from studytui.study.rehearsal import drafts_of

        return drafts_of(self.workspace)

    def answer(self, rehearsal: Rehearsal, step: RehearsalStep | None, *coverages: Coverage, **given: Any) -> Recorded:
        """Hand in an answer to this step, which there is, and record these verdicts on its points."""
        assert step is not None
        usual: dict[str, Any] = {"answer": FULL_ANSWER, "seconds_answered": 30.0, "seconds_given": 60}
        rehearsal.hand_in(step.task, Submission(**(usual | given)))
        handed_in = rehearsal.next_step()
        assert handed_in is not None
        assert handed_in.given is not None
        return rehearsal.record(handed_in.task, handed_in.given, graded(handed_in, *coverages))

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.workspace.store.connection.execute(sql, values).fetchall()

    @property
    def evidence(self) -> list[dict[str, Any]]:
        """The evidence of every row of the log, oldest first."""
        return [json.loads(row[0]) for row in self.rows("SELECT evidence FROM review ORDER BY id")]


def graded(step: RehearsalStep, *coverages: Coverage) -> AnswerGrade:
    """A grade with these verdicts, each point found with the answer's first words as its quote."""
    from dataclasses import replace

    answer = step.given.answer if step.given else ""
    grade = self_check(step.task.question, answer)
    quote = Quote(0, min(9, len(answer)), answer[:9]) if answer else None
    found: Sequence[Coverage] = coverages or ["missed"] * len(grade.verdicts)
    verdicts = tuple(
        replace(verdict, found=coverage, quote=quote if coverage != "missed" else None, confidence=0.9)
        for verdict, coverage in zip(grade.verdicts, found, strict=True)
    )
    return replace(grade, verdicts=verdicts, grader="test grader")


__all__ = [
    "FULL_ANSWER", "INTERVIEW", "Desk", "desk", "drafts_at", "flat", "graded", "rehearsing", "until", "write_interview",
]  # fmt: skip
