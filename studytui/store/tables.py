"""The tables, as SQLModel classes: the one description of the schema, which the migrations must arrive at.

Only migrations and tests import it; queries are plain SQL.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, String, UniqueConstraint, text
from sqlmodel import Field, SQLModel

ACTIONS = (
    "review", "reask", "undo", "suspend", "unsuspend", "bury", "unbury", "flag", "unflag", "set_due", "reset", "cram",
    "tag", "untag", "move",
)  # fmt: skip


def _digest() -> Any:
    """A column for a digest of the row; see `records.seal`."""
    return Field(default="", sa_column=Column("digest", String, nullable=False, server_default=""))


class CourseRow(SQLModel, table=True):
    """A course that was opened with this database."""

    __tablename__ = "course"

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    title: str
    version: str
    digest: str = _digest()


class SourceFileRow(SQLModel, table=True):
    """A course file as it was when its cards were compiled."""

    __tablename__ = "source_file"

    course_id: int = Field(foreign_key="course.id", primary_key=True)
    path: str = Field(primary_key=True)
    size: int
    mtime_ns: int
    sha256: str
    digest: str = _digest()


class CardRow(SQLModel, table=True):
    """Identity, place in the course and schedule of a card."""

    __tablename__ = "card"
    __table_args__ = (
        UniqueConstraint("course_id", "key"),
        CheckConstraint("ease_factor >= 130", name="ease_factor_floor"),
        CheckConstraint("interval_days >= 0 AND repetitions >= 0 AND lapses >= 0", name="counts_not_negative"),
        Index(
            "ix_card_due", "course_id", "due_on", "position",
            sqlite_where=text("due_on IS NOT NULL AND suspended = 0 AND archived = 0"),
        ),
        Index(
            "ix_card_new", "course_id", "position",
            sqlite_where=text("due_on IS NULL AND suspended = 0 AND archived = 0"),
        ),
        Index(
            "ix_card_reask", "course_id", "reask_on", "last_review_id",
            sqlite_where=text("reask_on IS NOT NULL AND suspended = 0 AND archived = 0"),
        ),
        Index("ix_card_siblings", "course_id", "sibling_group", sqlite_where=text("has_siblings = 1")),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True)
    course_id: int = Field(foreign_key="course.id")
    key: str
    position: int
    chapter: str
    section: str
    kind: str
    sibling_group: str
    has_siblings: bool = False
    archived: bool = False
    ease_factor: int = 250
    interval_days: int = 0
    repetitions: int = 0
    lapses: int = 0
    due_on: date | None = None
    reviewed_on: date | None = None
    reask_on: date | None = None
    suspended: bool = False
    buried_on: date | None = None
    flagged: bool = False
    leech: bool = False
    last_review_id: int | None = None
    tags: str = Field(default="", sa_column=Column("tags", String, nullable=False, server_default=""))


class CardTextRow(SQLModel, table=True):
    """The compiled text of a card: a copy that can be rebuilt from the course's files.

    `sha256` is of the payload; `digest` covers what else the files say of the card, in this table and in `card`.
    """

    __tablename__ = "card_text"

    card_id: int = Field(foreign_key="card.id", primary_key=True)
    path: str
    line: int
    sha256: str
    payload: str
    digest: str = _digest()


class ReviewRow(SQLModel, table=True):
    """One line of the log. Rows are only ever added, so ids grow; an undo is a row of its own."""

    __tablename__ = "review"
    __table_args__ = (
        CheckConstraint(f"action IN ({', '.join(repr(action) for action in ACTIONS)})", name="known_action"),
        CheckConstraint("grade BETWEEN 0 AND 5", name="grade_0_to_5"),
        CheckConstraint("suggested_grade BETWEEN 0 AND 5", name="suggested_grade_0_to_5"),
        CheckConstraint("confidence BETWEEN 1 AND 5", name="confidence_1_to_5"),
        CheckConstraint("duration_ms >= 0 AND hints_used >= 0", name="durations_not_negative"),
        CheckConstraint("(action = 'undo') = (undoes IS NOT NULL)", name="undo_names_its_row"),
        Index("ix_review_card", "card_id"),
        Index(
            "ix_review_answers",
            "study_day",
            "action",
            "card_id",
            "confidence",
            "grade",
            "correct",
            sqlite_where=text("grade IS NOT NULL"),
        ),
        Index("ux_review_undoes", "undoes", unique=True, sqlite_where=text("undoes IS NOT NULL")),
    )

    id: int | None = Field(default=None, primary_key=True)
    review_uid: str = Field(unique=True)
    card_id: int = Field(foreign_key="card.id")
    action: str
    undoes: int | None = Field(default=None, foreign_key="review.id")
    session_uid: str
    at_utc: str
    utc_offset_minutes: int
    study_day: date
    grade: int | None = None
    suggested_grade: int | None = None
    confidence: int | None = None
    duration_ms: int = 0
    hints_used: int = 0
    correct: bool | None = None
    response: str = "null"
    evidence: str = "{}"
    state_before: str
    state_after: str
    digest: str = _digest()


class IdentityRow(SQLModel, table=True):
    """The one row that tells this database from every other: a random name given when its schema was made."""

    __tablename__ = "identity"

    id: int | None = Field(default=None, primary_key=True)
    uid: str
    digest: str = _digest()


class LearnerStateRow(SQLModel, table=True):
    """A small state of the learner's that is no schedule: a bookmark, a draft, a consent; `value` is JSON."""

    __tablename__ = "learner_state"

    scope: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    value: str
    changed_at: str
    digest: str = _digest()


class OwnFileRow(SQLModel, table=True):
    """A file of the learner's own (cards, notes) as it was last read or written, so that one backup holds all."""

    __tablename__ = "own_file"

    path: str = Field(primary_key=True)
    sha256: str
    content: bytes
