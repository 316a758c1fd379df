"""The tiny course with a gate before module 9, on the disk and in the app."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from studytui.domain.settings import Settings
from studytui.study.gate import GateRecorder, gate_head, gate_of
from studytui.study.review import open_session
from studytui.study.workspace import Workspace
from tests.ui import tiny_course
from tests.ui.tiny_course import Running, TestClock, running

UNGATED = tiny_course.COURSE
GATE = """
[[gate]]
id = "first"
title = "The small audit"
unlocks = "Module 9"
module = "9"
file = "audit.toml"
retention = { days = 2, apart_days = 3 }
test_out = { days = 2 }
"""

AUDIT = """
[[item]]
id = "patches"
title = "What patches are"
objectives = ["1.1-01"]
sections = ["1.1"]
lens = "eye"

[[item.explain]]
id = "tell"
title = "Explain patches"
ask = "What is a **patch**?"
model = "A small square of the picture. It is flattened and projected."
[[item.explain.point]]
id = "square"
text = "A patch is a small square of the picture"
weight = 3
phrasings = ["a patch is a small square of the picture", "the image is cut into little squares"]
contradicts = ["a patch is a single pixel"]
[[item.explain.point]]
id = "project"
text = "It is projected by a learned linear layer"
phrasings = ["each patch is projected by a learned linear layer", "a trained matrix maps it to an embedding"]

[[item.compute]]
id = "count"
title = "Count patches"
exercise = "patches.count"
vary = { image_size = [224, 256, 288, 320, 336, 384], patch_size = [16] }
count = 2

[[item.reason]]
id = "why"
title = "Why positions"
ask = "Why are positions added?"
model = "Attention treats its input as a set."
[[item.reason.point]]
id = "set"
text = "Attention treats its input as a set"
phrasings = ["attention treats its input as a set", "without positions the order is lost"]

[[item]]
id = "latents"
title = "What latents are"
objectives = ["2.1-01"]
sections = ["2.1"]

[[item.explain]]
id = "tell"
title = "Explain latents"
ask = "What is a latent?"
model = "A compressed code."
[[item.explain.point]]
id = "code"
text = "A latent is a compressed code of the picture"
phrasings = ["a latent is a compressed code of the picture", "it is a short vector that the encoder makes"]
"""

GOOD_PATCHES = "A patch is a small square of the picture. Each patch is projected by a learned linear layer."
GOOD_WHY = "Attention treats its input as a set."
GOOD_LATENTS = "A latent is a compressed code of the picture."
POOR = "I like trains."


def write_gated(root: Path, *, gate: str = GATE, audit: str = AUDIT) -> Path:
    """The tiny course's files with a gate."""
    tiny_course.write_course(root)
    (root / "content/course.toml").write_text(UNGATED + gate, encoding="utf-8")
    (root / "quizzes/audit.toml").write_text(audit, encoding="utf-8")
    return root


@contextmanager
def workspace_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path | None = None) -> Iterator[Workspace]:
    """The gated course, open, with a clock that stands until it is moved."""
    monkeypatch.setenv("STUDYTUI_HOME", str(tiny_course.make_home(tmp_path / "home")))
    root = root or write_gated(tmp_path / "course")
    with Workspace.open(root, clock=TestClock(), settings=Settings(start_labs=False)) as workspace:
        yield workspace


def recorder_of(workspace: Workspace) -> GateRecorder:
    return GateRecorder(workspace, gate_of(workspace.root, gate_head(workspace.course)))


def later(workspace: Workspace, days: int) -> None:
    """Some days pass."""
    assert isinstance(workspace.clock, TestClock)
    workspace.clock.moment += timedelta(days=days)


@asynccontextmanager
async def gated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, declared: str = GATE, audit: str = AUDIT, **options: Any
) -> AsyncIterator[Running]:
    """The app on the gated course."""
    monkeypatch.setattr(tiny_course, "COURSE", UNGATED + declared)
    (tmp_path / "course/quizzes").mkdir(parents=True, exist_ok=True)
    (tmp_path / "course/quizzes/audit.toml").write_text(audit, encoding="utf-8")
    async with running(tmp_path, monkeypatch, **options) as run:
        yield run


def answer(workspace: Workspace, key: str, text: str) -> Any:
    """Hand an answer in words in, as the screen does."""
    from studytui.domain.gate import Written
    from studytui.study.gate import grade_written

    recorder = recorder_of(workspace)
    item, part = next((item, part) for item, part in recorder.gate.parts() if item.key(part) == key)
    assert isinstance(part, Written)
    return recorder.written(item, part, grade_written(part, text))


def compute(workspace: Workspace, key: str, *, right: bool = True) -> Any:
    """Answer a lab's fresh problem; its value is worked out here, so that no worker is needed."""
    from labs.protocol import Evidence, Value
    from studytui.domain.gate import Computed
    from studytui.study import labs
    from studytui.study.gate import LabAnswer, pose_item

    recorder = recorder_of(workspace)
    item, part = next((item, part) for item, part in recorder.gate.parts() if item.key(part) == key)
    assert isinstance(part, Computed)
    problem = pose_item(part, recorder.answers(key))
    side = int(problem.params["image_size"]) // int(problem.params["patch_size"])
    facts: dict[str, Value] = {"rows": side, "columns": side, "embedding_width": 768, "patches": side * side}
    measured = Evidence(side * side, "patches", derivation=(f"{side} x {side} = {side * side}",), facts=facts)
    given = str(side * side) if right else "1"
    return recorder.computed(item, part, LabAnswer(problem, given, measured, labs.judge(problem, given, measured)))


def recall(workspace: Workspace, key: str, grade: int = 4) -> None:
    """Answer a card of the course as a session would, now."""
    from studytui.course.loader import decode
    from studytui.domain.judging import present
    from studytui.study.review import Answer, QueueItem
    from studytui.study.workspace import new_uid

    stored = workspace.store.card(workspace.course_no, key)
    assert stored is not None
    session = open_session(workspace)
    uid = new_uid(workspace.clock)
    turn = QueueItem(present(decode(stored.payload), review_uid=uid, seed=1), stored, "due", session.day)
    session.answer(turn, grade, Answer())


def pass_all(workspace: Workspace) -> None:
    """Every part of the gate right, today."""
    answer(workspace, "patches/tell", GOOD_PATCHES)
    compute(workspace, "patches/count")
    compute(workspace, "patches/count")
    answer(workspace, "patches/why", GOOD_WHY)
    answer(workspace, "latents/tell", GOOD_LATENTS)
