"""Bringing the database's cards in line with the authored files. What did not change is not even read."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from studytui.course import loader
from studytui.course.loader import COURSE_FILE
from studytui.course.toml_file import LARGEST_BYTES
from studytui.course.user_cards import (
    LARGEST_OWN,
    OVERRIDES,
    OWN_FILE_PREFIX,
    CardOverride,
    apply_overrides,
    load_overrides,
    own_files,
    read_own_cards,
    source_path,
)
from studytui.domain.cards import Card, Course, Source
from studytui.errors import CourseError, DoubledId, all_or_none
from studytui.files import read_at_most
from studytui.store import CardPlace, CompiledCard, CourseCopy, FileStamp, Store, SyncReport

CARDS_A_FILE: Final = 1_000_000
"""A card's position is its file's place in the course times this, plus its place in the file."""
_FORMAT_PATH: Final = "(compiled format)"
_NONE: Final = "0"
_CARDS_STAY: Final = "Its cards stay as they were."
_CARDS_MISSING: Final = "Its cards are missing until it is fixed."
_NOTES_STAY: Final = "All cards and notes stay as they were."
_LEFT_OUT: Final = "The card is left out until it has another id."


@dataclass(frozen=True, slots=True)
class Synced:
    """The course's number in the database, what changed there (None if nothing did), and what could not be read."""

    course_no: int
    report: SyncReport | None
    problems: tuple[CourseError, ...]


def bring_up_to_date(store: Store, root: Path, course: Course, own: Path, *, anew: bool = False) -> Synced:
    """Take in what changed in the files of the course and in `own`, the learner's folder for it.

    A file whose size and time of change are known is not opened. The cards of one that cannot be read stay as the
    database has them, and so do all that the learner's notes belong to while those cannot be read. A card whose id
    another has is left out. With `anew` every file is read, whatever is known of it.

    Raises:
        CourseError: the database has nothing of this course, and not one of its files can be read.
        StoreError: the database cannot be written.
    """
    known = {} if anew else store.course_files(course.id)
    course_no = store.course_no(course.id)
    update = _Update(root, own, known)
    update.look([f"content/{chapter.cards}" for chapter in course.chapters])
    if course_no is not None and update.stamps == known:
        return Synced(course_no, None, tuple(update.problems))
    cards = update.compile(store.card_places(course_no) if course_no is not None else {})
    if course_no is None and not cards and update.problems:
        raise update.problems[0]
    if course_no is not None and update.stamps == known and update.changes_nothing(cards):
        return Synced(course_no, None, tuple(update.problems))
    report = store.sync_course(
        course.id, course.title, course.version, list(update.stamps.values()), cards, kept=update.kept, anew=anew
    )
    course_no = store.course_no(course.id)
    assert course_no is not None
    changed = any((report.added, report.changed, report.archived, report.restored))
    return Synced(course_no, report if changed else None, tuple(update.problems))


def copy_of(root: Path, course: Course, own: Path) -> CourseCopy:
    """What the database should hold of the course's files as they are now.

    Raises:
        CourseError: a file is wrong.
    """
    update = _Update(root, own, {})
    update.look([f"content/{chapter.cards}" for chapter in course.chapters])
    cards = update.compile({})
    if update.problems:
        raise update.problems[0]
    return CourseCopy(course.id, course.title, course.version, tuple(update.stamps.values()), tuple(cards))


def take_in(store: Store, copy: CourseCopy) -> tuple[int, SyncReport | None]:
    """Bring the database in line with a copy; the number of its course, and what changed, None if nothing did.

    Raises:
        StoreError: the database cannot be written.
    """
    report, number = None, store.course_no(copy.key)
    if number is None or store.course_files(copy.key) != {stamp.path: stamp for stamp in copy.files}:
        report = store.sync_course(copy.key, copy.title, copy.version, copy.files, copy.cards)
        number = store.course_no(copy.key)
        assert number is not None
    return number, report


def load_file(root: Path, own: Path, path: str) -> list[Card]:
    """The cards of a course file, or of the learner's own.

    Raises:
        CourseError: the first thing that is wrong in it.
    """
    return all_or_none(*_read(root, own, path))


def _read(root: Path, own: Path, path: str) -> tuple[list[Card], list[CourseError]]:
    from studytui.course.loader import read_cards

    if not path.startswith(OWN_FILE_PREFIX):
        return read_cards(root, path)
    cards, errors = read_own_cards(own, path)
    return [replace(card, source=replace(card.source, path=path)) for card in cards], errors


class _Update:
    """What is to be done with each file, found out in two steps: which changed, and what can be read of those."""

    def __init__(self, root: Path, own: Path, known: Mapping[str, FileStamp]) -> None:
        self._root = root
        self._own = own
        self._known = known
        form = FileStamp(_FORMAT_PATH, loader.FORMAT, 0, str(loader.FORMAT))
        # What an older version of the app compiled cannot be shown by this one, so it cannot stay either.
        self._may_stay = set(known) if known.get(_FORMAT_PATH) == form else set[str]()
        self._stored: Mapping[str, CardPlace] = {}
        self._changed: list[tuple[int, str]] = []
        self.stamps = {_FORMAT_PATH: form}
        self.kept: set[str] = set()
        self.problems: list[CourseError] = []

    def look(self, course_files: Sequence[str]) -> None:
        """Find out what changed."""
        known, stamps = self._known, self.stamps
        for path in (COURSE_FILE, OVERRIDES):
            try:
                stamps[path] = self._stamp(path)
            except CourseError as error:
                stamps[path] = known.get(path, FileStamp(path, 0, 0, _NONE))
                self._tell(error, _NOTES_STAY if path == OVERRIDES else "")
        all_anew = any(known.get(path, stamp).sha256 != stamp.sha256 for path, stamp in stamps.items())
        for place, path in enumerate([*course_files, *self._own_files()]):
            try:
                stamps[path] = self._stamp(path)
            except CourseError as error:
                self._keep(path, error)
                continue
            if all_anew or path not in known or known[path].sha256 != stamps[path].sha256:
                self._changed.append((place, path))

    def compile(self, stored: Mapping[str, CardPlace]) -> list[CompiledCard]:
        """The cards of the files that changed, as far as they can be read and are to be taken in.

        `stored` tells where the cards stand that the database has.
        """
        self._stored = stored
        notes = self._notes()
        found: list[tuple[int, Card]] = []
        for place, path in self._changed:
            if notes is None and path in self._may_stay:
                self._keep(path)
                continue
            try:
                cards, errors = _read(self._root, self._own, path)
                doubled = [each for each in errors if isinstance(each, DoubledId)]
                cards = apply_overrides(
                    all_or_none(cards, [each for each in errors if each not in doubled]), notes or {}
                )
            except CourseError as error:
                self._keep(path, error)
                continue
            for each in doubled:
                self._tell(each, _LEFT_OUT)
            if doubled or notes is None:
                self._look_again(path)
            found += [(place * CARDS_A_FILE + index, card) for index, card in enumerate(cards)]
        return list(self._without_clashes(found))

    def changes_nothing(self, cards: Sequence[CompiledCard]) -> bool:
        """True if the database has these cards and no other of the files that were read."""
        read = {path for _, path in self._changed} - self.kept
        stored = {key: place for key, place in self._stored.items() if place.path in read}
        return stored == {card.key: CardPlace(card.path, card.line, card.sha256) for card in cards}

    def _own_files(self) -> list[str]:
        """The learner's card files; those that were there before if the folder cannot be read."""
        try:
            return own_files(self._own)
        except CourseError as error:
            self._tell(error)
            return [path for path in self._known if path.startswith(OWN_FILE_PREFIX) and path != OVERRIDES]

    def _notes(self) -> dict[str, CardOverride] | None:
        """The learner's words to cards; None if they cannot be read."""
        if not self._changed and self.stamps[OVERRIDES] == self._known.get(OVERRIDES):
            return {}
        try:
            return load_overrides(self._own)
        except CourseError as error:
            self._tell(error, _NOTES_STAY)
            self.stamps[OVERRIDES] = self._known.get(OVERRIDES, FileStamp(OVERRIDES, 0, 0, _NONE))
            return None

    def _without_clashes(self, found: Sequence[tuple[int, Card]]) -> Iterator[CompiledCard]:
        """Each card whose id no card before it has; the learner's come after the course's."""
        unread = self.stamps.keys() - {path for _, path in self._changed} | self.kept
        seen: dict[str, Source] = {}
        for position, card in found:
            other = seen.get(card.id)
            stored = self._stored.get(card.id)
            if other is None and stored is not None and stored.path in unread and stored.path != card.source.path:
                other = Source(stored.path, stored.line)
                if stored.path.startswith(OWN_FILE_PREFIX) and not card.source.path.startswith(OWN_FILE_PREFIX):
                    self._leave_out(card.id, other, card.source)
                    self.kept.add(stored.path)
                    other = None
            if other is not None:
                self._leave_out(card.id, card.source, other)
                continue
            seen[card.id] = card.source
            yield _compiled(card, position)

    def _leave_out(self, key: str, place: Source, other: Source) -> None:
        path, message = self._shown(place.path), f"this id is also in {other}."
        self._tell(CourseError(message, path=path, line=place.line, card=key, field="id"), _LEFT_OUT)
        self._look_again(place.path)

    def _keep(self, path: str, error: CourseError | None = None) -> None:
        """Leave the cards of a file as the database has them; without any, leave the file out."""
        self.stamps.pop(path, None)
        if path in self._may_stay:
            self.kept.add(path)
            self._look_again(path)
        if error is not None:
            self._tell(error, _CARDS_STAY if path in self._may_stay else _CARDS_MISSING)

    def _look_again(self, path: str) -> None:
        """Read the file at the next start, even if it does not change till then."""
        self.stamps[path] = FileStamp(path, 0, 0, "")

    def _tell(self, error: CourseError, meanwhile: str = "") -> None:
        """Add a problem, once; `meanwhile` says what holds until it is fixed."""
        message = f"{error.message} {meanwhile}".rstrip()
        told = CourseError(message, path=error.path, line=error.line, card=error.card, field=error.field)
        if str(told) not in map(str, self.problems):
            self.problems.append(told)

    def _shown(self, path: str) -> str:
        """How a path is told: the learner's own with its folder."""
        return str(source_path(self._root, self._own, path)) if path.startswith(OWN_FILE_PREFIX) else path

    def _stamp(self, path: str) -> FileStamp:
        """Size, time and hash of a file; the hash is taken over if size and time are as they were."""
        file, shown = source_path(self._root, self._own, path), self._shown(path)
        try:
            stat = file.stat()
            before = self._known.get(path)
            if (
                before is not None
                and before.sha256
                and (before.size, before.mtime_ns) == (stat.st_size, stat.st_mtime_ns)
            ):
                return before
            largest = LARGEST_OWN if path.startswith(OWN_FILE_PREFIX) else LARGEST_BYTES
            digest = hashlib.sha256(read_at_most(file, largest)).hexdigest()
        except FileNotFoundError:
            if path == OVERRIDES and not os.path.lexists(file):
                return FileStamp(path, 0, 0, _NONE)
            why = "" if path.startswith(OWN_FILE_PREFIX) else "; course.toml names it"
            raise CourseError(f"the file is missing{why}.", path=shown) from None
        except OSError as error:
            raise CourseError(f"the file cannot be read ({error.strerror or error}).", path=shown) from error
        return FileStamp(path, stat.st_size, stat.st_mtime_ns, digest)


def _compiled(card: Card, position: int) -> CompiledCard:
    payload = loader.encode(card)
    return CompiledCard(
        key=card.id,
        position=position,
        chapter=card.chapter,
        section=card.section,
        kind=card.kind,
        sibling_group=card.sibling_group,
        path=card.source.path,
        line=card.source.line,
        sha256=hashlib.sha256(payload.encode()).hexdigest(),
        payload=payload,
    )
