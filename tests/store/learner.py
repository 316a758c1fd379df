"""A learner at a small store: answers, acts and undoes as the services do, with made-up times and ids."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from studytui.domain import sm2
from studytui.store import CardState, CompiledCard, FileStamp, ReviewRecord, Stamp, Store, StoredCard, Undone
from studytui.store.records import Action, text_sha256

DAY = date(2026, 11, 24)
COURSE = "course"


def compiled(number: int, **changes: Any) -> CompiledCard:
    """The card `card-N` of section 1.1, with no siblings."""
    card = CompiledCard(
        key=f"card-{number}",
        position=number,
        chapter="1",
        section="1.1",
        kind="basic",
        sibling_group=f"group-{number}",
        path="cards/01.toml",
        line=10 * number + 1,
        sha256="",
        payload=f'{{"front": "Question {number}"}}',
    )
    card = replace(card, **changes)
    return replace(card, sha256=text_sha256(card.payload))


def stamp(path: str = "cards/01.toml", content: str = "a") -> FileStamp:
    return FileStamp(path, size=100, mtime_ns=1, sha256=content * 64)


@dataclass(frozen=True)
class CountedStamp(Stamp):
    """Gives uids that can be foretold."""

    numbers: Iterator[int]

    def uid(self) -> str:
        return f"{next(self.numbers):028x}"


@dataclass
class Learner:
    """`day` is the study day on which things happen; set it to travel."""

    store: Store
    course_no: int = 1
    day: date = DAY
    numbers: count[int] = field(default_factory=count)

    @property
    def now(self) -> datetime:
        return datetime(self.day.year, self.day.month, self.day.day, 12, tzinfo=UTC)

    def uid(self) -> str:
        return f"{next(self.numbers):028x}"

    def card(self, number: int) -> StoredCard:
        card = self.store.card(self.course_no, f"card-{number}")
        assert card is not None
        return card

    def stamp(self, at: datetime | None = None, session_uid: str = "session") -> Stamp:
        return CountedStamp(at or self.now, self.day, session_uid, self.numbers)

    def record(
        self, card: StoredCard, grade: int, *, at: datetime | None = None, session_uid: str = "session", **changes: Any
    ) -> ReviewRecord:
        """What a session would record for this grade."""
        schedule = card.state.schedule
        record = ReviewRecord(
            review_uid=self.uid(),
            card=card,
            action="reask" if schedule.is_reask(self.day) else "review",
            stamp=self.stamp(at, session_uid),
            grade=grade,
            after=replace(card.state, schedule=sm2.review(schedule, grade, on=self.day)),
            duration_ms=4000,
            response="an answer",
        )
        return replace(record, **changes)

    def answer(self, number: int, grade: int) -> int:
        return self.store.answer(self.record(self.card(number), grade))

    def cram(self, number: int, grade: int) -> int:
        """Answer beside the schedule."""
        return self.store.answer(self.record(self.card(number), grade, action="cram"))

    def act(self, action: Action, number: int, **marks: Any) -> int:
        """`marks` are fields of the card's state after the act."""
        card = self.card(number)
        (row_id,) = self.store.act(action, {card.no: replace(card.state, **marks)}, self.stamp())
        return row_id

    def undo(self) -> Undone | None:
        return self.store.undo(self.course_no, self.stamp())

    def sleep(self, days: int = 1) -> None:
        self.day += timedelta(days=days)


def log_ids(store: Store) -> list[int]:
    return [row_id for (row_id,) in store.connection.execute("SELECT id FROM review ORDER BY id")]


def new_learner(path: Path, cards: list[CompiledCard]) -> Learner:
    """A learner with an open store at `path` that holds these cards."""
    store = Store.open(path, today=DAY)
    store.sync_course(COURSE, "A course", "1", [stamp()], cards)
    course_no = store.course_no(COURSE)
    assert course_no is not None
    return Learner(store, course_no)


PRISTINE = CardState()
