"""One learner, one course, one database: opened together, kept in step, closed together."""

from __future__ import annotations

import hashlib
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from studytui.domain.cards import Course
from studytui.domain.clock import Clock, study_day
from studytui.domain.queue import Scope
from studytui.domain.settings import Settings
from studytui.library import settings_file
from studytui.library.errors import CourseError
from studytui.library.loader import load_course
from studytui.library.locate import find_course
from studytui.library.own import place_of
from studytui.services import course_sync
from studytui.services.clock import SystemClock
from studytui.services.session import Session
from studytui.store import Store, StoreError, SyncReport
from studytui.store.location import data_folder

if TYPE_CHECKING:
    from studytui.services.audit.modules import Lock

DATABASE: Final = "study.db"


@dataclass(slots=True)
class Workspace:
    """Everything a screen or a command works on.

    `root` holds the course's content/ and quizzes/, `own` the learner's cards and notes on this course.
    """

    root: Path
    course: Course
    course_no: int
    store: Store
    clock: Clock
    settings: Settings
    settings_path: Path
    own: Path
    whole_course: Scope = field(default_factory=Scope)

    @classmethod
    def open(
        cls, course_dir: Path | None = None, *, clock: Clock | None = None, settings: Settings | None = None
    ) -> Workspace:
        """Find the course, read the settings, open the database and bring the cards up to date.

        Raises:
            CourseError, SettingsError, StoreError: with a sentence that says what to do.
        """
        clock = clock or SystemClock()
        root = find_course(course_dir)
        course = load_course(root, compiled=_compiled_course(root))
        settings_path = settings_file.location()
        settings = settings or settings_file.read(settings_path)
        today = study_day(clock.now(), settings.rollover_hour)
        own = own_folder(course.id)
        store = Store.open(data_folder() / DATABASE, today=today)
        try:
            course_no, _ = course_sync.bring_up_to_date(store, root, course, own)
        except BaseException:
            store.close()
            raise
        workspace = cls(root, course, course_no, store, clock, settings, settings_path, own)
        store.recompile = workspace._recompile
        return workspace

    @property
    def interview_no(self) -> int | None:
        """The number of the course's interview questions in the database; None before the first rehearsal."""
        return self.store.course_no(interview_key(self.course))

    def reload(self) -> SyncReport | None:
        """Read changed course files again; None if nothing changed.

        Raises:
            CourseError: the files cannot be read; the database keeps the cards as they were.
        """
        course = load_course(self.root, compiled=_compiled_course(self.root))
        _, report = course_sync.bring_up_to_date(self.store, self.root, course, self.own)
        self.course = course
        return report

    def _recompile(self) -> None:
        """Write all texts anew, through a connection of its own, as any thread may have met a damaged one.

        Where the files do not compile or the database does not take them, the damage stays and is told by who met it.
        """
        with (
            suppress(CourseError, StoreError),
            closing(Store.open(self.store.path, today=self.store.opened_on)) as store,
        ):
            course_sync.bring_up_to_date(store, self.root, self.course, self.own, anew=True)

    def source_file(self, path: str) -> Path:
        """The file that a card's `source.path` names, in the course or among the learner's own."""
        return place_of(self.root, self.own, path)

    def session(self, scope: Scope | None = None) -> Session:
        """A new review session; it shows nothing while the course is locked."""
        locked = self.lock() is not None
        return Session(self.store, self.course_no, clock=self.clock, settings=self.settings, scope=scope, locked=locked)

    def lock(self) -> Lock | None:
        """Why the gate of another course keeps this one's cards locked today; None if none does.

        Raises:
            StoreError: the database cannot be read.
        """
        from studytui.services.audit.modules import lock_of

        return lock_of(self.store, self.course, study_day(self.clock.now(), self.settings.rollover_hour))

    def save_settings(self, **changes: object) -> Settings:
        """Change settings and write them to the learner's file.

        Raises:
            SettingsError: a value is not allowed, or the file cannot be written.
        """
        settings = settings_file.validated(replace(self.settings, **changes))  # type: ignore[arg-type]
        settings_file.write(self.settings_path, settings)
        self.settings = settings
        return settings

    def backup(self, target: Path | None = None) -> Path:
        """Copy the database, to `target` or into the backups folder; returns the file written.

        Raises:
            StoreError: the copy cannot be written.
        """
        from studytui.store import backup

        return backup.make(self.store, target, at=self.clock.now())

    def close(self) -> None:
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def own_folder(course_id: str) -> Path:
    """Where the learner keeps cards and notes of their own on a course."""
    return data_folder() / "own" / course_id


def interview_key(course: Course) -> str:
    """The key under which the database keeps a course's interview questions: they are a course of their own."""
    return f"{course.id}/interview"


def _compiled_course(root: Path) -> Path:
    """Where the validated course.toml of this folder is kept for the next start."""
    return data_folder() / "compiled" / f"{hashlib.sha256(str(root).encode()).hexdigest()[:16]}.json"


def restore_backup(source: Path, *, clock: Clock | None = None) -> Path | None:
    """Put a backup in the database's place; returns where the database that was there is kept, if there was one.

    Raises:
        StoreError: the backup is damaged, from a newer version or missing; the database stays as it is.
    """
    from studytui.store import backup

    return backup.restore(source, data_folder() / DATABASE, at=(clock or SystemClock()).now())
