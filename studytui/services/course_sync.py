"""Bringing the database's cards in line with the authored files. What did not change is not even read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from studytui.domain.cards import Card, Course
from studytui.library import compiled
from studytui.library.errors import CourseError
from studytui.library.locate import COURSE_FILE
from studytui.library.own import OVERRIDES, PREFIX, own_files, place_of
from studytui.store import CompiledCard, CourseCopy, FileStamp, Store, SyncReport

CARDS_A_FILE: Final = 1_000_000
"""A card's position is its file's place in the course times this, plus its place in the file."""
_FORMAT_PATH: Final = "(compiled format)"
_NONE: Final = "0"


def bring_up_to_date(
    store: Store, root: Path, course: Course, own: Path, *, anew: bool = False
) -> tuple[int, SyncReport | None]:
    """The course's number in the database, and what changed; None if nothing did.

    `own` is the learner's folder for this course. A file whose size and time of change are known is not opened, unless
    everything is to be compiled `anew`.

    Raises:
        CourseError: a changed file is wrong; the database keeps all cards as they were.
        StoreError: the database cannot be written.
    """
    known = {} if anew else store.course_files(course.id)
    course_no = store.course_no(course.id)
    shared, stamps = _stamps(root, course, own, known)
    everything = [*shared, *stamps]
    if course_no is not None and {stamp.path: stamp for stamp in everything} == known:
        return course_no, None
    all_anew = any(known.get(stamp.path, stamp).sha256 != stamp.sha256 for stamp in shared)
    changed = [
        (place, stamp.path)
        for place, stamp in enumerate(stamps)
        if all_anew or stamp.path not in known or known[stamp.path].sha256 != stamp.sha256
    ]
    cards = list(_compile(root, own, changed)) if changed else []
    report = store.sync_course(course.id, course.title, course.version, everything, cards, anew=anew)
    course_no = store.course_no(course.id)
    assert course_no is not None
    return course_no, report if any((report.added, report.changed, report.archived, report.restored)) else None


def copy_of(root: Path, course: Course, own: Path) -> CourseCopy:
    """What the database should hold of the course's files as they are now.

    Raises:
        CourseError: a file is wrong.
    """
    shared, stamps = _stamps(root, course, own, {})
    cards = _compile(root, own, [(place, stamp.path) for place, stamp in enumerate(stamps)])
    return CourseCopy(course.id, course.title, course.version, (*shared, *stamps), tuple(cards))


def _stamps(
    root: Path, course: Course, own: Path, known: Mapping[str, FileStamp]
) -> tuple[list[FileStamp], list[FileStamp]]:
    """Of the files that all cards hang on, and of the files of cards in their order."""
    files = [f"content/{chapter.cards}" for chapter in course.chapters] + own_files(own)
    shared = [_format_stamp(), _stamp(root, own, COURSE_FILE, known), _stamp(root, own, OVERRIDES, known)]
    return shared, [_stamp(root, own, path, known) for path in files]


def load_file(root: Path, own: Path, path: str) -> list[Card]:
    """The cards of a course file, or of the learner's own.

    Raises:
        CourseError: with the path as the course writes it.
    """
    from studytui.library.loader import load_cards

    if not path.startswith(PREFIX):
        return load_cards(root, path)
    from dataclasses import replace

    try:
        cards = load_cards(own, path.removeprefix(PREFIX))
    except CourseError as error:
        raise CourseError(
            error.message, path=f"{own}/{error.path}", line=error.line, card=error.card, field=error.field
        ) from None
    return [replace(card, source=replace(card.source, path=path)) for card in cards]


def _compile(root: Path, own: Path, changed: list[tuple[int, str]]) -> Iterator[CompiledCard]:
    from studytui.library.own import apply, load_overrides

    overrides = load_overrides(own)
    seen: dict[str, Card] = {}
    for place, path in changed:
        for index, card in enumerate(apply(load_file(root, own, path), overrides)):
            if (other := seen.get(card.id)) is not None:
                raise CourseError(
                    f"this id stands in {other.source} too; ids are unique in a course.",
                    path=card.source.path,
                    line=card.source.line,
                    card=card.id,
                    field="id",
                )
            seen[card.id] = card
            payload = compiled.encode(card)
            yield CompiledCard(
                key=card.id,
                position=place * CARDS_A_FILE + index,
                chapter=card.chapter,
                section=card.section,
                kind=card.kind,
                sibling_group=card.sibling_group,
                path=card.source.path,
                line=card.source.line,
                sha256=hashlib.sha256(payload.encode()).hexdigest(),
                payload=payload,
            )


def _format_stamp() -> FileStamp:
    return FileStamp(_FORMAT_PATH, compiled.FORMAT, 0, str(compiled.FORMAT))


def _stamp(root: Path, own: Path, path: str, known: Mapping[str, FileStamp]) -> FileStamp:
    """Size, time and hash of a file; the hash is taken over if size and time are as they were."""
    file = place_of(root, own, path)
    try:
        stat = file.stat()
        before = known.get(path)
        if before is not None and (before.size, before.mtime_ns) == (stat.st_size, stat.st_mtime_ns):
            return before
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
    except FileNotFoundError:
        if path == OVERRIDES:
            return FileStamp(path, 0, 0, _NONE)
        raise CourseError("the file is missing; course.toml names it.", path=path) from None
    except OSError as error:
        raise CourseError(f"the file cannot be read ({error.strerror or error}).", path=path) from error
    return FileStamp(path, stat.st_size, stat.st_mtime_ns, digest)
