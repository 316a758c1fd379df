"""The system's clock, and identifiers that sort by time."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import FrameType
from typing import Any, Final, NoReturn, Self

from studytui.course import settings as settings_file
from studytui.course.loader import CONTENT, find_course, last_course, load_course
from studytui.course.settings import SettingsError
from studytui.course.user_cards import OWN_FILE_PREFIX, CourseWords, source_path
from studytui.domain.cards import Card, Course
from studytui.domain.clock import Clock, study_day
from studytui.domain.settings import Settings
from studytui.errors import CourseError, KeptBeside, ReadOnly
from studytui.files import cache_folder, data_folder
from studytui.store import Stamp, Store, StoreError, SyncReport
from studytui.store.records import uid_at
from studytui.study import course_sync, moves


class SystemClock:
    """The machine's clock in its present time zone: a change of zone is seen at the next call, where the system tells.

    A clock beyond the years a date can have stands still at their end.
    """

    def now(self) -> datetime:
        # Without it a process keeps the zone it started in. It costs some microseconds; Windows does not have it.
        if hasattr(time, "tzset"):
            time.tzset()
        try:
            return datetime.now().astimezone()
        except (OverflowError, ValueError, OSError):
            return datetime.min.replace(tzinfo=UTC) if time.time() < 0 else datetime.max.replace(tzinfo=UTC)


def new_uid(clock: Clock) -> str:
    """A unique id that sorts by time."""
    return uid_at(clock.now())


def stamp_now(clock: Clock, settings: Settings, session_uid: str) -> Stamp:
    """What dates a row of the log that is written at this moment."""
    now = clock.now()
    return Stamp(now, study_day(now, settings.rollover_hour), session_uid)


# One learner, one course, one database: opened together, kept in step, closed together


DATABASE: Final = "study.db"
COMPILED_BEFORE: Final = "compiled"
"""The folder beside the database that held, before there was a cache folder, what can be made again."""
DEFAULTS: Final = "defaults"
NEW_PER_DAY: Final = "new_per_day"
FORMER_NEW_PER_DAY: Final = 20
"""The default of homes from before it was 10."""
OWN: Final = "own"
OLD_STATE: Final = ("recall.json", "reading.json", "modules.json", "judge-consent.json", "drafts")
"""Beside the database, from before it kept what they hold."""


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A file that people write and that cannot be read as it stands: which, where (0: nowhere in it), and the sentence
    that says so and what holds meanwhile."""

    file: Path
    line: int
    message: str


@dataclass(slots=True)
class Workspace:
    """Everything a screen or a command works on.

    `root` holds the course's content/ and quizzes/, `own` the learner's cards and notes on this course. `problems` are
    the files that cannot be read as they stand, those of the course first; `notices` are further sentences on what
    opening it met, which the learner should read.
    """

    root: Path
    course: Course
    course_no: int
    store: Store
    clock: Clock
    settings: Settings
    settings_path: Path
    own: Path
    words: CourseWords
    problems: tuple[FileProblem, ...] = ()
    notices: list[str] = field(default_factory=list)
    kept: Path | None = None
    """What the database held before another program replaced it, until the learner has chosen what becomes of it."""

    def media(self, card: Card) -> Path:
        """The folder that the pictures of a card are named from: that of the course's texts, or the learner's own."""
        own = card.source.path.startswith(OWN_FILE_PREFIX)
        return self.own if own else self.root / CONTENT

    @classmethod
    def open(
        cls,
        course_dir: Path | None = None,
        *,
        clock: Clock | None = None,
        settings: Settings | None = None,
        to_read: bool = False,
    ) -> Workspace:
        """Find the course, read the settings, open the database and bring the cards up to date.

        A file that cannot be read is one of the `problems`; the rest works with what was read of it before. With
        `to_read` a database that cannot be written is read from a copy, as from a medium to read from.

        Raises:
            CourseError, SettingsError, StoreError: with a sentence that says what to do.
        """
        clock = clock or SystemClock()
        root = find_course(course_dir)
        course, broken = _course(root)
        settings_path = settings_file.location()
        wrong: list[SettingsError] = []
        is_from_file = settings is None
        if settings is None:
            settings, wrong = settings_file.read_what_is_right(settings_path)
        today = study_day(clock.now(), settings.rollover_hour)
        own = own_folder(course.id)
        home = data_folder()
        store = _open_store(home / DATABASE, today, home / OWN, to_read=to_read)
        try:
            synced = course_sync.bring_up_to_date(store, root, course, own)
            notices = _take_in_old_state(store, home, clock)
            if is_from_file and not wrong:
                settings, told = _keep_former_default(store, settings, settings_path, clock)
                notices += told
        except BaseException:
            store.close()
            raise
        store.back_up_daily(_told_at_the_end)
        if store.arrival is not None:
            notices.append(store.arrival.sentence())
        words = CourseWords(root, own)
        workspace = cls(
            root, course, synced.course_no, store, clock, settings, settings_path, own, words, notices=notices
        )
        workspace._note_problems([*broken, *synced.problems], wrong)
        store.recompile, store.move_back = workspace._recompile, workspace._move_back
        return workspace

    @property
    def interview_no(self) -> int | None:
        """The number of the course's interview questions in the database; None before the first rehearsal."""
        return self.store.course_no(interview_key(self.course))

    def reload(self) -> SyncReport | None:
        """Read changed files again, and the settings where they could not be read; None if no card changed.

        Raises:
            StoreError: the database cannot be written.
        """
        course, broken = _course(self.root)
        synced = course_sync.bring_up_to_date(self.store, self.root, course, self.own)
        wrong: list[SettingsError] = []
        if any(problem.file == self.settings_path for problem in self.problems):
            self.settings, wrong = settings_file.read_what_is_right(self.settings_path)
        self.course, self.words = course, CourseWords(self.root, self.own)
        self._note_problems([*broken, *synced.problems], wrong)
        return synced.report

    def _note_problems(self, course: Sequence[CourseError], settings: Sequence[SettingsError]) -> None:
        self.problems = (
            *(FileProblem(self.root / error.path, error.line, str(error)) for error in course),
            *(
                FileProblem(self.settings_path, error.line, f"{error} Until that is fixed, the default holds.")
                for error in settings
            ),
        )

    def _move_back(self, told: Mapping[str, Any]) -> None:
        moves.move_back(self.store, self.course_no, self.own, told)
        self.reload()

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
        return source_path(self.root, self.own, path)

    def today(self) -> date:
        """The study day it is now."""
        return study_day(self.clock.now(), self.settings.rollover_hour)

    def stamp(self, session_uid: str) -> Stamp:
        """What dates a row of the log that is written at this moment."""
        return stamp_now(self.clock, self.settings, session_uid)

    def save_settings(self, **changes: object) -> Settings:
        """Change settings and write them to the learner's file.

        Raises:
            SettingsError: a value is not allowed, or the file cannot be written.
        """
        settings = settings_file.validated(replace(self.settings, **changes))  # type: ignore[arg-type]
        settings_file.write(self.settings_path, settings, *changes)
        self.settings = settings
        return settings

    def backup(self, target: Path | None = None) -> Path:
        """Copy database and own files into one, `target` or one in the backups folder; returns the file written.

        Raises:
            StoreError: the copy cannot be written.
            LeftOut: it is written, but an own file cannot be read.
        """
        return self.store.back_up(target, at=self.clock.now())

    def merge(self, source: Path) -> int:
        """Add what another copy of the database holds and this one lacks; returns how many rows of the log came in.

        Raises:
            StoreError: the copy is damaged or of another program, or the disk refuses; the database stays as it is.
        """
        added = self.store.merge(source, at=self.clock.now())
        self.course_no = course_sync.bring_up_to_date(self.store, self.root, self.course, self.own).course_no
        return added

    def go_on(self) -> int:
        """Where another program replaced the database: put one with all answers, its own and ours, in its place.

        Returns how many rows of the log came from the new file. Where it is no database, ours is put back.

        Raises:
            StoreError: another window has the new file open, it is being written, or the disk refuses. The file stays
                as it is, and the same call may be made again.
        """
        from studytui.store.backup import go_on

        added = go_on(self._keep(), self.store.path)
        self._open_again()
        return added

    def new_file_is_database(self) -> bool:
        """Whether what another program put in the database's place is a database of this app."""
        from studytui.store.backup import is_database

        return is_database(self.store.path)

    def leave_beside(self) -> Path:
        """Where another program replaced the database: go on with the new file; returns where ours is kept.

        Raises:
            KeptBeside: ours is kept, but the new file cannot be opened.
            StoreError: ours cannot be kept; nothing was changed.
        """
        kept, self.kept = self._keep(), None
        try:
            self._open_again()
        except (StoreError, CourseError) as error:
            raise KeptBeside(f"{error} What your database held is kept in {kept}.", hint="") from error
        return kept

    def _keep(self) -> Path:
        if self.kept is None:
            self.kept = self.store.keep_beside()
        return self.kept

    def _open_again(self) -> None:
        self.store.reopen()
        self.kept = None
        self.course_no = course_sync.bring_up_to_date(self.store, self.root, self.course, self.own).course_no

    def close(self) -> None:
        """Put everything on the disk and leave.

        Raises:
            KeptBeside: another program replaced the database; what it held is in a file of its own.
        """
        if self.kept is not None:
            raise KeptBeside(f"What your database held is kept in {self.kept}.", hint=f"`studytui merge {self.kept}`")
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _course(root: Path) -> tuple[Course, list[CourseError]]:
    """The course of a folder; as it could last be read, and why, if it cannot be now.

    Raises:
        CourseError: it never could be read.
    """
    compiled = _compiled_course(root)
    try:
        return load_course(root, compiled=compiled), []
    except CourseError as error:
        if (course := last_course(compiled)) is None:
            raise
        error.message += " The course stays as it was."
        return course, [error]


def _told_at_the_end(error: StoreError) -> None:
    """A backup that failed is no reason for a command to fail, and is told on standard error."""
    import logging

    logging.getLogger("studytui").warning("Today's backup was not made: %s %s", error, error.hint)


def _open_store(path: Path, today: date, own: Path, *, to_read: bool) -> Store:
    try:
        return Store.open(path, today=today, own=own)
    except ReadOnly:
        if not (to_read and os.path.exists(path)):  # noqa: PTH110  Path.exists raises for a name that is too long
            raise
        return Store.open_copy(path, today=today, own=own)


def own_folder(course_id: str) -> Path:
    """Where the learner keeps cards and notes of their own on a course."""
    return data_folder() / OWN / course_id


def interview_key(course: Course) -> str:
    """The key under which the database keeps a course's interview questions: they are a course of their own."""
    return f"{course.id}/interview"


def _keep_former_default(store: Store, settings: Settings, path: Path, clock: Clock) -> tuple[Settings, list[str]]:
    """Let a home that was studied in with the former number of new cards a day keep it, and say so once.

    A home without answers is new, and is noted as one.
    """
    try:
        if store.copied_into is not None or store.state(DEFAULTS, NEW_PER_DAY, bool):
            return settings, []
        is_old = store.has_answers and not settings_file.is_set(path, NEW_PER_DAY)
        if is_old:
            settings = replace(settings, new_per_day=FORMER_NEW_PER_DAY)
            settings_file.write(path, settings, NEW_PER_DAY)
        store.put_state(DEFAULTS, NEW_PER_DAY, True, at=clock.now())
    except (StoreError, SettingsError, ValueError):
        return settings, []
    told = f"You keep {FORMER_NEW_PER_DAY} new cards a day; new homes start with {Settings().new_per_day}."
    return settings, [f"{told} `studytui plan` says what a number of them will mean."] * is_old


def _take_in_old_state(store: Store, home: Path, clock: Clock) -> list[str]:
    if not any(os.path.lexists(home / name) for name in OLD_STATE):
        return []
    from studytui.study.learner_state import import_old_state

    return import_old_state(store, home, at=clock.now())


def _compiled_course(root: Path) -> Path:
    """Where the validated course.toml of this folder is kept for the next start; what stood elsewhere before goes."""
    folder = cache_folder()
    before = data_folder() / COMPILED_BEFORE
    if os.path.lexists(before):
        with suppress(OSError):
            _move_compiled(before, folder)
    return folder / f"{hashlib.sha256(os.fsencode(root)).hexdigest()[:16]}.json"


def _move_compiled(before: Path, folder: Path) -> None:
    """They are moved, not only removed: a course.toml that is broken just now opens as it was last read."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in before.glob("*.json"):
        if not (folder / path.name).exists():
            shutil.copyfile(path, folder / path.name)
        path.unlink()
    before.rmdir()


def require_restorable(source: Path) -> None:
    """Whether a file is there and may take the database's place.

    Raises:
        StoreError: it is damaged, from a newer version, another program's or missing.
    """
    from studytui.store import backup

    backup.require_restorable(source, data_folder() / DATABASE)


def start_afresh(*, clock: Clock | None = None) -> Path:
    """Move all backups, and a database without answers, out of the way; returns the folder they are in.

    Raises:
        StoreError: they cannot be moved.
    """
    from studytui.store import backup

    return backup.start_afresh(data_folder() / DATABASE, at=(clock or SystemClock()).now())


def restore_backup(
    source: Path, *, clock: Clock | None = None, say: Callable[[str], None] = lambda _: None
) -> Path | None:
    """Put a backup in the database's place; returns where the database that was there is kept, if there was one.

    `say` is told in sentences what became of own files.

    Raises:
        StoreError: the backup is damaged, from a newer version or missing; the database stays as it is.
    """
    from studytui.store import backup

    home, now = data_folder(), (clock or SystemClock()).now()
    return backup.restore(source, home / DATABASE, at=now, own=home / OWN, say=say)


# A signal that ends the program (a terminal that is closed, `kill`, a shutdown) ends it as `q` does


SIGNALS: Final = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


def leave_by(way: Callable[[int], object]) -> Callable[[], None]:
    """Call `way` with the exit code when the first signal comes; later ones do not disturb the farewell.

    Only in the main thread; a signal that is ignored (`nohup`) stays so. Returns what undoes it, if none came.
    """

    def told(number: int, _: FrameType | None) -> None:
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        way(128 + number)

    before = {each: signal.getsignal(each) for each in SIGNALS}
    taken = [each for each in SIGNALS if before[each] is not signal.SIG_IGN]
    try:
        for each in taken:
            signal.signal(each, told)
    except ValueError:  # not the main thread
        return lambda: None

    def undo() -> None:
        for each in taken:
            if signal.getsignal(each) is told:
                signal.signal(each, before[each])

    return undo


def by_exit(code: int) -> NoReturn:
    """The way of a command: every `with` on the way out closes what it opened."""
    raise SystemExit(code)
