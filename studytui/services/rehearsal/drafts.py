"""Answers under way, one file each beside the database: whatever ends the app, what was typed is there again."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import quote

from studytui.domain.rehearsal import MODES, Given, Mode, word_count

FOLDER: Final = "drafts"
UNREADABLE: Final = ".unreadable"


class DraftError(Exception):
    """A draft cannot be written; the text says why and what to do."""


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
    """The drafts of one course's questions, in a folder of their own."""

    folder: Path

    @classmethod
    def beside(cls, database: Path, course_id: str) -> Self:
        """The drafts that belong to a database and a course."""
        return cls(database.parent / FOLDER / _file_name(course_id))

    def save(self, draft: Draft) -> None:
        """Write a draft whole or not at all.

        Raises:
            DraftError: the disk refuses; the draft before stands.
        """
        path = self._path(draft.question_id)
        new = path.with_suffix(".new")
        data = asdict(draft) | {"saved_at": draft.saved_at.isoformat()}
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with new.open("w", encoding="utf-8", errors="surrogatepass") as file:
                json.dump(data, file, ensure_ascii=False)
                file.flush()
                os.fsync(file.fileno())
            new.replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                new.unlink(missing_ok=True)
            raise DraftError(
                f"The draft cannot be saved in {self.folder} ({error.strerror or error}). "
                "Make room, or hand the answer in."
            ) from error

    def load(self, question_id: str) -> Draft | None:
        """The draft of a question, or None. A file that is none is put aside, not overwritten."""
        path = self._path(question_id)
        try:
            return _read(json.loads(path.read_text(encoding="utf-8", errors="surrogatepass")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            with contextlib.suppress(OSError):
                path.replace(path.with_suffix(UNREADABLE))
            return None

    def all(self) -> list[Draft]:
        """Every draft, the oldest first."""
        found = []
        for path in sorted(self.folder.glob("*.json")) if self.folder.is_dir() else ():
            try:
                found.append(_read(json.loads(path.read_text(encoding="utf-8", errors="surrogatepass"))))
            except (OSError, ValueError, KeyError, TypeError):
                continue
        return sorted(found, key=lambda draft: draft.saved_at)

    def drop(self, question_id: str) -> None:
        """The answer is in the log: its draft may go. One that cannot be deleted stays."""
        with contextlib.suppress(OSError):
            self._path(question_id).unlink(missing_ok=True)

    def _path(self, question_id: str) -> Path:
        return self.folder / f"{_file_name(question_id)}.json"


def _file_name(name: str) -> str:
    """A name for a file, whatever stands in the id; a dot at its start would hide it."""
    return quote(name, safe="").replace(".", "%2E")


def _read(data: dict[str, Any]) -> Draft:
    saved_at = datetime.fromisoformat(data["saved_at"])
    if saved_at.tzinfo is None or data["mode"] not in MODES:
        raise ValueError("not a draft")
    given = data["seconds_given"]
    sure = data["confidence"]
    return Draft(
        question_id=str(data["question_id"]),
        text=str(data["text"]),
        mode=data["mode"],
        saved_at=saved_at,
        seconds_thought=float(data["seconds_thought"]),
        seconds_answered=float(data["seconds_answered"]),
        seconds_given=None if given is None else int(given),
        confidence=None if sure is None else int(sure),
        handed_in=bool(data["handed_in"]),
    )
