"""What goes in and out of the store, as plain data; importing this costs nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, TypeAlias

from studytui.domain.sm2 import Schedule

Action: TypeAlias = Literal[
    "review", "reask", "undo", "suspend", "unsuspend", "bury", "unbury", "flag", "unflag", "set_due", "reset", "cram"
]


@dataclass(frozen=True, slots=True)
class CardState:
    """All that may change about a card: its schedule and the learner's marks."""

    schedule: Schedule = field(default_factory=Schedule)
    suspended: bool = False
    buried_on: date | None = None
    flagged: bool = False
    leech: bool = False

    def to_json(self) -> str:
        """The state as the log keeps it."""
        schedule = self.schedule
        # Written by hand: two of these go into every answer, and json.dumps takes twice as long.
        return (
            f'{{"ease_factor":{schedule.ease_factor},"interval_days":{schedule.interval_days},'
            f'"repetitions":{schedule.repetitions},"lapses":{schedule.lapses},"due_on":{_json_day(schedule.due_on)},'
            f'"reviewed_on":{_json_day(schedule.reviewed_on)},"reask_on":{_json_day(schedule.reask_on)},'
            f'"suspended":{_JSON_BOOL[self.suspended]},"buried_on":{_json_day(self.buried_on)},'
            f'"flagged":{_JSON_BOOL[self.flagged]},"leech":{_JSON_BOOL[self.leech]}}}'
        )

    @classmethod
    def from_json(cls, text: str) -> CardState:
        """Raises ValueError or KeyError if the text is no state."""
        data: dict[str, Any] = json.loads(text)
        return cls(
            schedule=Schedule(
                ease_factor=data["ease_factor"],
                interval_days=data["interval_days"],
                repetitions=data["repetitions"],
                lapses=data["lapses"],
                due_on=text_day(data["due_on"]),
                reviewed_on=text_day(data["reviewed_on"]),
                reask_on=text_day(data["reask_on"]),
            ),
            suspended=data["suspended"],
            buried_on=text_day(data["buried_on"]),
            flagged=data["flagged"],
            leech=data["leech"],
        )


_JSON_BOOL = {False: "false", True: "true"}


def _json_day(day: date | None) -> str:
    return "null" if day is None else f'"{day.isoformat()}"'


def day_text(day: date | None) -> str | None:
    """A day as the database keeps it: ISO text, or NULL."""
    return None if day is None else day.isoformat()


def text_day(text: str | None) -> date | None:
    """The day of an ISO text, or None."""
    return None if text is None else date.fromisoformat(text)


@dataclass(frozen=True, slots=True)
class StoredCard:
    """A card's row: `no` is the database's key, `key` the author's id, `payload` the compiled text."""

    no: int
    key: str
    payload: str
    state: CardState
    last_review_id: int | None
    has_siblings: bool
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class CompiledCard:
    """An authored card, ready to be stored."""

    key: str
    position: int
    chapter: str
    section: str
    kind: str
    sibling_group: str
    path: str
    line: int
    sha256: str
    payload: str


@dataclass(frozen=True, slots=True)
class FileStamp:
    """A course file as it was when its cards were compiled."""

    path: str
    size: int
    mtime_ns: int
    sha256: str


@dataclass(frozen=True, slots=True)
class CardPlace:
    """Where a card stood when it was compiled, and the hash of what was made of it."""

    path: str
    line: int
    sha256: str


@dataclass(frozen=True, slots=True)
class CourseCopy:
    """What the database holds of a course's files: the course under its key there, the stamps and the cards."""

    key: str
    title: str
    version: str
    files: tuple[FileStamp, ...]
    cards: tuple[CompiledCard, ...]


@dataclass(frozen=True, slots=True)
class SyncReport:
    """How many cards an update of the course added, changed, archived and brought back."""

    added: int
    changed: int
    archived: int
    restored: int


@dataclass(frozen=True, slots=True)
class Done:
    """Scheduled reviews of a study day: of cards that were new, and of cards that were not."""

    new: int
    reviews: int


@dataclass(frozen=True, slots=True)
class ReviewRecord:
    """One graded answer, complete. `at` is aware; `duration_ms` in milliseconds.

    An answer of action "cram" was given beside the schedule and moves nothing: see `Store.record_cram`.
    `grade` is None where something is noted that no answer was.
    """

    review_uid: str
    card_no: int
    action: Literal["review", "reask", "cram"]
    session_uid: str
    at: datetime
    study_day: date
    grade: int | None
    suggested_grade: int | None
    confidence: int | None
    duration_ms: int
    hints_used: int
    correct: bool | None
    response: str
    evidence: str
    before: CardState
    after: CardState
    expected_last_review_id: int | None


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo took back, and of which card."""

    action: Action
    card_no: int
    grade: int | None
    review_id: int
    key: str
    section: str


@dataclass(frozen=True, slots=True)
class TimedAnswer:
    """How long an answer took, in milliseconds; `grade` is what it got, `was_new` whether the card was."""

    kind: str
    action: Literal["review", "reask"]
    was_new: bool
    grade: int
    duration_ms: int


@dataclass(frozen=True, slots=True)
class ComingCard:
    """A card that is due by some day; `is_hidden` and `gives_way` hold it back on the day that was asked for."""

    no: int
    group: str
    due_on: date
    is_hidden: bool
    gives_way: bool
    chapter: str
    section: str


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One row of the log. `at` is UTC; `undoes` is the row it takes back, `undone` whether a later row took it back.

    `grade` to `correct` are None for what is no answer; `duration_ms` is in milliseconds.
    """

    id: int
    review_uid: str
    session_uid: str
    card_no: int
    key: str
    action: Action
    at: datetime
    utc_offset_minutes: int
    study_day: date
    grade: int | None
    suggested_grade: int | None
    confidence: int | None
    duration_ms: int
    hints_used: int
    correct: bool | None
    response: str
    evidence: str
    before: CardState
    after: CardState
    undoes: int | None
    undone: bool


@dataclass(frozen=True, slots=True)
class SureAnswers:
    """How many answers of a section came with this confidence (1 to 5) and were right, or were not.

    Right is what the machine found right, or what was graded 3 or better where nothing checked it.
    """

    course_no: int
    section: str
    confidence: int
    correct: bool
    count: int


@dataclass(frozen=True, slots=True)
class ListedCard:
    """A card as lists show it."""

    no: int
    key: str
    position: int
    chapter: str
    section: str
    kind: str
    path: str
    line: int
    archived: bool
    state: CardState
    payload: str


@dataclass(frozen=True, slots=True)
class DayTotal:
    """What stands of a study day: scheduled reviews, of them passed (graded 3 or better) and of new cards; re-asks.

    `seconds` is the time spent on reviews and re-asks together.
    """

    day: date
    reviews: int
    passed: int
    new: int
    reasks: int
    seconds: float


@dataclass(frozen=True, slots=True)
class SectionProgress:
    """How far a section's cards are, by `domain.stages`: new + lapsed + learning + young + mature = total.

    `suspended` cards are counted in their stage too.
    """

    chapter: str
    section: str
    total: int
    new: int
    lapsed: int
    learning: int
    young: int
    mature: int
    suspended: int
