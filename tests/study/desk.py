"""A learner at a small course: the workspace, a clock that stands, and answers given on other days."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from studytui.domain.settings import Settings
from studytui.store import StoredCard
from studytui.store.doctor import Defect
from studytui.study.maintenance import Checkup
from studytui.study.review import Answer
from studytui.study.workspace import Workspace
from tests.ui.tiny_course import CARDS_1, TestClock, make_home, write_course


def examine(workspace: Workspace) -> list[Defect]:
    """What doctor finds in an open workspace's database and files."""
    at = workspace.clock.now()
    return Checkup(workspace.store.path, workspace.root, workspace.course, workspace.own, at).findings()


@dataclass
class Desk:
    """`root` is the course's folder."""

    workspace: Workspace
    clock: TestClock
    root: Path

    def card(self, key: str) -> StoredCard:
        found = self.workspace.store.card(self.workspace.course_no, key)
        assert found is not None
        return found

    def answer(self, key: str, *grades: int, days_ago: int = 0) -> None:
        """Grade a card on days in a row, the last one so many days ago."""
        from studytui.study.cram import CramSession

        now = self.clock.moment
        settings = replace(self.workspace.settings, leech_lapses=99)
        for before, grade in zip(range(len(grades) - 1, -1, -1), grades, strict=True):
            self.clock.moment = now - timedelta(days=days_ago + before)
            session = CramSession(
                self.workspace.store,
                self.workspace.course_no,
                [self.card(key).no],
                clock=self.clock,
                settings=settings,
                counts_grades=True,
            )
            turn = session.next()
            assert turn is not None
            session.answer(turn, grade, Answer(duration_ms=1000))
        self.clock.moment = now

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.workspace.store.connection.execute(sql, values).fetchall()

    def schedules(self) -> list[tuple[Any, ...]]:
        """All that says when a card is due."""
        return self.rows(
            "SELECT key, due_on, interval_days, repetitions, lapses, ease_factor, reviewed_on, reask_on FROM card"
        )


@contextmanager
def open_desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, cards: str = CARDS_1, settings: Settings | None = None
) -> Iterator[Desk]:
    """The tiny course with these cards in its first chapter."""
    monkeypatch.setenv("STUDYTUI_HOME", str(make_home(tmp_path / "home")))
    clock = TestClock()
    root = write_course(tmp_path / "course", cards=cards)
    with Workspace.open(root, clock=clock, settings=settings or Settings(start_labs=False)) as workspace:
        yield Desk(workspace, clock, root)
