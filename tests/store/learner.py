"""A learner at a small store: answers, acts and undoes as the services do, with made-up times and ids."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from studytui.domain import sm2
from studytui.store import CardState, CompiledCard, FileStamp, ReviewRecord, Store, StoredCard, Undone
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

    def record(self, card: StoredCard, grade: int, **changes: Any) -> ReviewRecord:
        """What a session would record for this grade."""
        schedule = card.state.schedule
        record = ReviewRecord(
            review_uid=self.uid(),
            card_no=card.no,
            action="reask" if schedule.is_reask(self.day) else "review",
            session_uid="session",
            at=self.now,
            study_day=self.day,
            grade=grade,
            suggested_grade=None,
            confidence=None,
            duration_ms=4000,
            hints_used=0,
            correct=None,
            response='"an answer"',
            evidence="{}",
            before=card.state,
            after=replace(card.state, schedule=sm2.review(schedule, grade, on=self.day)),
            expected_last_review_id=card.last_review_id,
        )
        return replace(record, **changes)

    def answer(self, number: int, grade: int) -> int:
        return self.store.record_review(self.record(self.card(number), grade))

    def cram(self, number: int, grade: int) -> int:
        """Answer beside the schedule."""
        card = self.card(number)
        return self.store.record_cram(self.record(card, grade, action="cram", after=card.state))

    def act(self, action: Action, number: int, **marks: Any) -> int:
        """`marks` are fields of the card's state after the act."""
        card = self.card(number)
        return self.store.act(
            action,
            card.no,
            after=replace(card.state, **marks),
            at=self.now,
            study_day=self.day,
            session_uid="session",
            review_uid=self.uid(),
        )

    def undo(self) -> Undone | None:
        return self.store.undo_last(
            course_no=self.course_no,
            at=self.now,
            study_day=self.day,
            session_uid="session",
            review_uid=self.uid(),
        )

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
