"""Answers under way, kept in the database while they are typed: whatever ends the app, they are there again."""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, Self

from studytui.domain.rehearsal import MODES, Given, Mode, word_count
from studytui.store import Store, StoreError

SCOPE: Final = "drafts/"
"""Before a course's key: where the database keeps its drafts."""
LONGEST_SECONDS: Final = 1_000_000_000
SURE: Final = range(1, 6)


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer as it stood when it was saved. `question_id` is the follow-up's own for a probe.

    `handed_in` answers wait only for their grade: those of a mock interview that was cut short, for instance.
    """

    question_id: str
    text: str
    mode: Mode
    saved_at: datetime
    seconds_thought: float = 0.0
    seconds_answered: float = 0.0
    seconds_given: int | None = None
    confidence: int | None = None
    handed_in: bool = False

    @classmethod
    def of(cls, question_id: str, given: Given, saved_at: datetime, *, handed_in: bool = False) -> Self:
        """The draft of an answer."""
        return cls(
            question_id,
            given.answer,
            given.mode,
            saved_at,
            given.seconds_thought,
            given.seconds_answered,
            given.seconds_given,
            given.confidence,
            handed_in,
        )

    @classmethod
    def read(cls, data: Any) -> Self:
        """A draft from its JSON; raises one of `learner_state.UNREADABLE` if it is none."""
        given, sure = data["seconds_given"], data["confidence"]
        draft = cls(
            question_id=str(data["question_id"]),
            text=str(data["text"]),
            mode=data["mode"],
            saved_at=datetime.fromisoformat(data["saved_at"]),
            seconds_thought=float(data["seconds_thought"]),
            seconds_answered=float(data["seconds_answered"]),
            seconds_given=None if given is None else int(given),
            confidence=None if sure is None else int(sure),
            handed_in=bool(data["handed_in"]),
        )
        times = (draft.seconds_thought, draft.seconds_answered, draft.seconds_given or 0)
        is_right = draft.saved_at.tzinfo is not None and draft.mode in MODES and draft.confidence in {None, *SURE}
        if not is_right or not all(0 <= seconds < LONGEST_SECONDS for seconds in times):
            raise ValueError("not a draft")
        return draft

    def to_json(self) -> dict[str, Any]:
        """What `read` reads."""
        return asdict(self) | {"saved_at": self.saved_at.isoformat()}

    @property
    def given(self) -> Given:
        """The draft as an answer."""
        return Given(
            self.text, self.mode, self.seconds_thought, self.seconds_answered, self.seconds_given, self.confidence
        )

    @property
    def words(self) -> int:
        return word_count(self.text)


@dataclass(frozen=True, slots=True)
class Drafts:
    """The drafts of the questions of a course, or of a gate, that the database knows under `course_key`."""

    store: Store
    course_key: str

    @property
    def scope(self) -> str:
        """Under which the database keeps them."""
        return f"{SCOPE}{self.course_key}"

    def save(self, draft: Draft) -> None:
        """Keep a draft, durably.

        Raises:
            StoreError: the database refuses; the draft before stands.
        """
        self.store.put_state(self.scope, draft.question_id, draft.to_json(), at=draft.saved_at)

    def load(self, question_id: str) -> Draft | None:
        """The draft of a question, or None. What cannot be read is set aside, not overwritten.

        Raises:
            StoreError: the database refuses.
        """
        try:
            return self.store.state(self.scope, question_id, Draft.read)
        except ValueError:
            self.store.set_state_aside(self.scope, question_id)
            return None

    def all(self) -> list[Draft]:
        """Every draft that can be read, the oldest first. Raises StoreError."""
        return sorted(self.store.states(self.scope, Draft.read).values(), key=lambda draft: draft.saved_at)

    def drop(self, question_id: str) -> None:
        """The answer is in the log: its draft may go. One that cannot be deleted stays."""
        with contextlib.suppress(StoreError):
            self.store.delete_state(self.scope, question_id)
