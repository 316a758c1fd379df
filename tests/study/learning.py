"""A learner who studies a course of plain cards for weeks: a store, a clock that is set, scripted grades."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

from studytui.course import loader
from studytui.domain.cards import Basic, Card, Source
from studytui.domain.clock import study_day
from studytui.domain.queue import Counts, Origin, Scope
from studytui.domain.settings import Settings
from studytui.store import CompiledCard, Store
from studytui.store.records import text_sha256
from studytui.study.review import Answer, LeftToday, QueueItem, Session, left_today
from tests.ui.tiny_course import TestClock

Grading: TypeAlias = Callable[[QueueItem], int]
START = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


def plain_card(number: int, group: str, section: str = "1.1") -> CompiledCard:
    """The card `card-N`, to be recalled and judged by oneself."""
    card = Card(
        id=f"card-{number}",
        section=section,
        covers=(),
        kind="basic",
        front=f"Question {number}?",
        back="Because.",
        body=Basic(),
        source=Source("cards/01.toml", number + 1),
        group=group,
    )
    return CompiledCard(
        key=card.id,
        position=number,
        chapter=card.chapter,
        section=section,
        kind=card.kind,
        sibling_group=card.sibling_group,
        path=card.source.path,
        line=card.source.line,
        sha256=text_sha256(loader.encode(card)),
        payload=loader.encode(card),
    )


@dataclass
class Student:
    """`shown` is what came, in its order, as (study day, origin, card)."""

    store: Store
    course_no: int
    settings: Settings
    clock: TestClock = field(default_factory=lambda: TestClock(START))
    shown: list[tuple[date, Origin, str]] = field(default_factory=list)

    @property
    def day(self) -> date:
        return study_day(self.clock.now(), self.settings.rollover_hour)

    def set(self, **settings: Any) -> None:
        """Change settings; sessions that are open keep theirs."""
        self.settings = replace(self.settings, **settings)

    def session(self, scope: Scope | None = None) -> Session:
        return Session(self.store, self.course_no, clock=self.clock, settings=self.settings, scope=scope)

    def left(self, scope: Scope | None = None) -> LeftToday:
        return left_today(self.store, self.course_no, self.day, self.settings, scope=scope)

    def answer(self, session: Session, grade: int | Grading) -> QueueItem | None:
        """The next card, answered; None at the end."""
        turn = session.next()
        if turn is not None:
            self.shown.append((self.day, turn.origin, turn.card.id))
            session.answer(turn, grade if isinstance(grade, int) else grade(turn), Answer(duration_ms=5000))
        return turn

    def study(
        self, grade: int | Grading, *, most: int = 10_000, scope: Scope | None = None
    ) -> list[tuple[Origin, str]]:
        """A session to its end, or `most` answers of one; what came."""
        session = self.session(scope)
        before = len(self.shown)
        while len(self.shown) - before < most and self.answer(session, grade) is not None:
            pass
        return [(origin, key) for _, origin, key in self.shown[before:]]

    def came(self, day: date) -> Counts:
        """Cards that came for the first time on a day, new and due, and how often one was asked again."""
        origins = [origin for when, origin, _ in self.shown if when == day]
        return Counts(new=origins.count("new"), due=origins.count("due"), reask=origins.count("reask"))

    def sleep(self, days: int = 1) -> None:
        self.clock.moment += timedelta(days=days)


@contextmanager
def student(path: Path, groups: Sequence[str], *, sections: Sequence[str] = (), **settings: Any) -> Iterator[Student]:
    """A learner before a course with one card for each of `groups`; equal names are siblings."""
    places = sections or ["1.1"] * len(groups)
    store = Store.open(path, today=START.date())
    # A year of study is thousands of commits; what they survive is tested elsewhere.
    store.connection.execute("PRAGMA synchronous = OFF")
    try:
        cards = [plain_card(n, group, place) for n, (group, place) in enumerate(zip(groups, places, strict=True))]
        store.sync_course("course", "A course", "1", [], cards)
        number = store.course_no("course")
        assert number is not None
        yield Student(store, number, replace(Settings(start_labs=False), **settings))
    finally:
        store.close()


def forgetful(seed: int, *, new: float = 0.35, due: float = 0.2, again: float = 0.2) -> Grading:
    """Grades at random, missing so large a share."""
    chance = Random(seed)
    shares = {"new": new, "due": due, "reask": again, "cram": again}

    def grade(turn: QueueItem) -> int:
        if chance.random() < shares[turn.origin]:
            return chance.choice((2, 3))
        return chance.choice((4, 4, 4, 5))

    return grade
