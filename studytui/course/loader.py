"""Cards as the database keeps them: JSON that is read back without schemas, for the first card must not wait."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any, Final, TypeVar

from studytui.course.codec import from_json, to_json
from studytui.course.toml_file import LARGEST_BYTES, TablePlace, TomlSource, is_there, parse, read, read_text
from studytui.domain.cards import BODIES, Card, Chapter, Course, GateHead, Helper, Lens, Objective, Section, Source
from studytui.errors import CourseError, DoubledId, all_or_none
from studytui.files import read_at_most, write_atomically

if TYPE_CHECKING:
    from pydantic import ValidationError

    from studytui.course.schema import GateModel


T = TypeVar("T")
FORMAT: Final = 5
"""Part of each file's fingerprint: a new format makes every file be compiled again."""


def encode(card: Card) -> str:
    """The card as one line of JSON; what is empty is left out."""
    data = {name: value for name, value in to_json(card).items() if value not in ("", (), None, {})}
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def decode(payload: str) -> Card:
    """The card of a payload.

    Raises:
        KeyError, ValueError, TypeError: the payload was not made by `encode`.
    """
    data: dict[str, Any] = {"covers": [], "front": "", "back": ""} | json.loads(payload)
    return from_json(Card, data | {"body": from_json(BODIES[data["kind"]], data.get("body", {}))})


# Where the course is: a folder that was named, the repository's root, or inside the installed package


COURSE_FILE: Final = "content/course.toml"
_PACKAGE: Final = Path(__file__).resolve().parent.parent
_PLACES: Final = (_PACKAGE.parent, _PACKAGE / "builtin")
"""An editable checkout has content/ beside the package, a wheel inside it."""


def find_course(folder: Path | None = None) -> Path:
    """The folder that holds content/ and quizzes/.

    Raises:
        CourseError: there is no course; the text says where it was looked for.
    """
    if folder is not None:
        try:
            root = folder.expanduser()
            if not root.is_dir():
                raise CourseError(f"--course {folder}: there is no such folder.")
            if not is_there(root, COURSE_FILE):
                raise CourseError(f"--course {folder}: a course has a file {COURSE_FILE}, and this folder has none.")
            return root.resolve()
        except RuntimeError:
            raise CourseError(f"--course {folder}: there is no such user.") from None
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", "") or "no folder can have this name"
            raise CourseError(f"--course {str(folder)[:200]}: the folder cannot be read ({why}).") from None
    for place in _PLACES:
        if (place / COURSE_FILE).is_file():
            return place
    raise CourseError(
        f"The course is missing: no {COURSE_FILE} in {' or '.join(str(place) for place in _PLACES)}. "
        "Install studytui again, or name a course with --course FOLDER."
    )


# Reading a course: course.toml, the syllabus and the cards, into the domain


SYLLABUS_FILE: Final = "content/syllabus.toml"
CONTENT: Final = "content"
LONGEST_PATH: Final = 200


def last_course(compiled: Path) -> Course | None:
    """The course as it was kept in `compiled` when it could last be read; None if it never was."""
    return _read_compiled(compiled)


def load_course(root: Path, *, compiled: Path | None = None) -> Course:
    """The course without its cards. `compiled` is a file that keeps the validated course for the next start.

    Raises:
        CourseError: course.toml is missing or wrong.
    """
    text = read_text(root, COURSE_FILE)
    digest = hashlib.sha256(text.encode()).hexdigest()
    if compiled is not None and (kept := _read_compiled(compiled, digest)):
        return kept
    course = _course(text)
    if compiled is not None:
        _write_compiled(compiled, digest, course)
    return course


def load_syllabus(root: Path) -> list[Objective]:
    """The learning objectives in their order.

    Raises:
        CourseError: the syllabus is missing or wrong, or an id stands in it twice.
    """
    from studytui.course.schema import FactModel

    source = read(root, SYLLABUS_FILE)

    def objective(row: object, place: TablePlace) -> Objective:
        fact = validate(FactModel, row, source.path, place)
        return from_json(Objective, fact.model_dump(by_alias=True))

    return tables(source, "fact", objective, twice="this objective is listed twice.", at="")


def load_cards(root: Path, path: str) -> list[Card]:
    """The cards of one file (`path` relative to the course's root), in its order.

    Raises:
        CourseError: the first thing that is wrong, and how many more there are.
    """
    return all_or_none(*read_cards(root, path))


def read_cards(root: Path, path: str) -> tuple[list[Card], list[CourseError]]:
    """The cards of one file that can be read, and an error for each that cannot.

    Raises:
        CourseError: the file as a whole cannot be read.
    """
    return cards_in(read(root, path))


def cards_in(source: TomlSource) -> tuple[list[Card], list[CourseError]]:
    """The cards of a file that can be read, and an error for each that cannot.

    Raises:
        CourseError: it holds something else than cards.
    """
    errors: list[CourseError] = []
    return tables(source, "card", lambda row, place: read_card(row, source.path, place), errors=errors), errors


def tables(
    source: TomlSource,
    name: str,
    read: Callable[[Any, TablePlace], T],
    *,
    twice: str = "line {0} has this id, too; ids are unique.",
    at: str | None = "id",
    errors: list[CourseError] | None = None,
) -> list[T]:
    """What `read` makes of each [[name]] table of a file that holds nothing else, in order.

    No two have the same id: `twice` says so, with the lines of the first one's field and table, at the line of the
    field `at`, or of the table where that is ""; with None ids are not looked at. What is wrong is added to `errors`,
    if they are given, and the other tables are read.

    Raises:
        CourseError: the file holds something else, or without `errors` the first thing that is wrong.
    """
    only_tables(source, name)
    found: list[T] = []
    seen: dict[str, tuple[int, int]] = {}
    for index, row in enumerate(source.data.get(name, [])):
        place = source.place(name, index)
        try:
            one: Any = read(row, place)
            if at is not None:
                line = place.of(at)
                if one.id in seen:
                    message = twice.format(*seen[one.id])
                    raise DoubledId(message, path=source.path, line=line, card=one.id, field=at)
                seen[one.id] = line, place.line
        except CourseError as error:
            if errors is None:
                raise
            errors.append(error)
        else:
            found.append(one)
    return found


def card_files(course: Course) -> list[str]:
    """The course's card files in its order, relative to its root."""
    return [f"{CONTENT}/{chapter.cards}" for chapter in course.chapters]


def only_tables(source: TomlSource, *names: str) -> None:
    """Raises CourseError if the file holds anything but arrays of these tables."""
    for key, value in source.data.items():
        if key not in names:
            wanted = " and ".join(f"[[{name}]]" for name in names)
            message = f"unknown key; this file holds {wanted} tables."
            raise CourseError(message, path=source.path, line=source.top.of(key), field=key)
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            message = f"must be written as [[{key}]] tables."
            raise CourseError(message, path=source.path, line=source.top.of(key), field=key)


def validate(model: type[Any], row: object, path: str, place: TablePlace, *, who: str | None = None) -> Any:
    """A row as a model; `who` is what errors call it, else its id.

    Raises:
        CourseError: with the line and the name of the first wrong field.
    """
    from pydantic import ValidationError

    try:
        return model.model_validate(row)
    except ValidationError as error:
        first = _telling(error)
        raise CourseError(
            f"{_reason(first)}.",
            path=path,
            line=place.at(first["loc"]),
            card=who if who is not None else _who(row),
            field=".".join(str(part) for part in first["loc"]),
        ) from None


def _telling(error: ValidationError) -> Any:
    """The error to name: a misspelled field before the one that is missing because of it."""
    errors = error.errors(include_url=False)
    return next((one for one in errors if one["type"] == "extra_forbidden"), errors[0])


def _reason(error: Any) -> str:
    """Pydantic's message in the words of somebody who wrote the file."""
    match error["type"]:
        case "extra_forbidden":
            return "there is no such field"
        case "missing":
            return "this field is missing"
        case "string_pattern_mismatch":
            return f"“{str(error['input'])[:60]}” is not of the form {error['ctx']['pattern']}"
        case "model_type" | "dict_type":
            return "must be a table: { name = value }"
        case "string_too_short":
            return "must not be empty"
        case "value_error":
            return str(error["ctx"]["error"])
    message = str(error["msg"])
    given = error.get("input")
    shown = f", not {str(given)[:60]!r}" if isinstance(given, str | int | float | bool) else ""
    return message[0].lower() + message[1:] + shown


def _who(row: object) -> str:
    return str(row.get("id", ""))[:80] if isinstance(row, dict) else ""


def _course(text: str) -> Course:
    from studytui.course.schema import CourseModel

    source = parse(text, COURSE_FILE)
    model = validate(CourseModel, source.data, source.path, source.top, who="")
    seen: dict[str, int] = {}
    for at, chapter in enumerate(model.chapter):
        for index, section in enumerate(chapter.section):
            _only_once(seen, f"section {section.id}", source.top.at(("chapter", at, "section", index)))
        _only_once(seen, f"chapter {chapter.number}", source.top.at(("chapter", at, "number")))
        _only_once(seen, f"the file {Path(chapter.cards)}", source.top.at(("chapter", at, "cards")))
        for field, path in (("text", chapter.text), ("cards", chapter.cards)):
            if not _lies_inside(path):
                line = source.top.at(("chapter", at, field))
                raise CourseError(f"“{path}” must lie inside content/.", path=COURSE_FILE, line=line, field=field)
    return Course(
        id=model.id,
        title=model.title,
        version=model.version,
        chapters=tuple(
            Chapter(c.number, c.title, c.text, c.cards, tuple(Section(s.id, s.title) for s in c.section))
            for c in model.chapter
        ),
        helpers=tuple(Helper(h.id, h.name, h.stands_for, h.summary) for h in model.helper),
        lenses=tuple(Lens(one.id, one.question, one.summary) for one in model.lens),
        gates=tuple(_gates(model.gate, source)),
    )


def _only_once(seen: dict[str, int], what: str, line: int) -> None:
    if what in seen:
        raise CourseError(f"{what} is also in line {seen[what]}.", path=COURSE_FILE, line=line)
    seen[what] = line


def _lies_inside(path: str) -> bool:
    """True for a relative path that leads nowhere else, on any system."""
    return (
        path.isprintable()
        and not any(kind(path).anchor or ".." in kind(path).parts for kind in (PurePosixPath, PureWindowsPath))
        and len(path) <= LONGEST_PATH
    )


def _gates(models: list[GateModel], source: TomlSource) -> Iterator[GateHead]:
    seen: set[str] = set()
    for index, model in enumerate(models):
        place = source.place("gate", index)
        if twice := seen & {model.id, model.module}:
            name = sorted(twice)[0]
            raise CourseError(f"another gap audit is called “{name}”.", path=COURSE_FILE, line=place.line, field="gate")
        seen |= {model.id, model.module}
        if not _lies_inside(model.file):
            line = place.of("file")
            raise CourseError(f"“{model.file}” must lie inside quizzes/.", path=COURSE_FILE, line=line, field="file")
        yield GateHead(
            id=model.id,
            title=model.title,
            unlocks=model.unlocks,
            module=model.module,
            file=model.file,
            days=model.retention.days,
            apart_days=model.retention.apart_days,
            test_out_days=model.test_out.days,
        )


def read_card(row: object, path: str, place: TablePlace) -> Card:
    """One `[[card]]` table as a card.

    Raises:
        CourseError: with line, card and field.
    """
    from studytui.course.schema import MODELS, Unworkable

    who = _who(row)
    kind = row.get("kind") if isinstance(row, dict) else None
    if kind is None:
        raise CourseError("this field is missing.", path=path, line=place.line, card=who, field="kind")
    if not isinstance(kind, str) or kind not in MODELS:
        known = ", ".join(MODELS)
        raise CourseError(
            f"there is no kind {kind!r}; there are {known}.", path=path, line=place.of("kind"), card=who, field="kind"
        )
    model = validate(MODELS[kind], row, path, place)
    try:
        template = model.template()
    except Unworkable as error:
        field = ".".join(map(str, error.place))
        raise CourseError(f"{error}.", path=path, line=place.at(error.place), card=who, field=field) from None
    fields = model.model_dump(by_alias=True)
    fields |= {"front": model.front.strip(), "back": model.back.strip()}
    body, source = model.body(), Source(path, place.line)
    built = {"body": body, "source": source, "template": template, "scene": model.scene_link()}
    card = from_json(Card, fields | built)
    return card.drawn(0)


def _read_compiled(path: Path, digest: str = "") -> Course | None:
    """The course that was kept; only if it was made of a text of this digest, where one is given."""
    try:
        kept = json.loads(read_at_most(path, LARGEST_BYTES))
        if kept["sha256"] != (digest or kept["sha256"]) or kept["format"] != _FORMAT:
            return None
        return from_json(Course, kept["course"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _write_compiled(path: Path, digest: str, course: Course) -> None:
    """Keep the course for the next start; a folder that cannot be written costs a little time and nothing else."""
    kept = json.dumps({"format": _FORMAT, "sha256": digest, "course": to_json(course)})
    with contextlib.suppress(OSError):
        write_atomically(path, kept.encode())


_FORMAT: Final = 2


# A chapter's text, cut into its sections by the headings `## 2.1 Title`


LARGEST_CHAPTER_BYTES: Final = 1_000_000
_HEADING: Final = re.compile(r"## +([0-9]{1,4}\.[0-9]{1,4})[ \t]+(\S.*)")
_FENCE: Final = re.compile(r"\s*(`{3,}|~{3,})")
DATED: Final = re.compile(r"<!--\s*dated:\s*(\d{4}-\d{2}-\d{2})\s*-->")


@dataclass(frozen=True, slots=True)
class SectionText:
    """One section: its number, its heading, the Markdown below it and the heading's line."""

    id: str
    title: str
    markdown: str
    line: int


def load_chapter(root: Path, chapter: Chapter) -> tuple[str, list[SectionText]]:
    """(the text before the first section, the sections in the order of the file).

    Raises:
        CourseError: the file cannot be read.
    """
    return split_sections(chapter_text(root, chapter))


def chapter_text(root: Path, chapter: Chapter) -> str:
    """The Markdown of a chapter.

    Raises:
        CourseError: the file cannot be read.
    """
    return read_text(root, f"content/{chapter.text}", largest=LARGEST_CHAPTER_BYTES)


def split_sections(text: str) -> tuple[str, list[SectionText]]:
    """Cut at the section headings; headings inside fenced code are text."""
    intro: list[str] = []
    found: list[tuple[str, str, int, list[str]]] = []
    fence = ""
    for number, line in enumerate(text.split("\n"), 1):
        if mark := _FENCE.match(line):
            fence = "" if fence and mark[1].startswith(fence) else fence or mark[1]
        heading = None if fence else _HEADING.match(line)
        if heading:
            title = heading[2].rstrip()
            found.append((heading[1], title.rstrip("#").rstrip() or title, number, []))
        elif not DATED.fullmatch(line.strip()):
            (found[-1][3] if found else intro).append(line)
    return "\n".join(intro).strip(), [
        SectionText(section, title, "\n".join(lines).strip(), number) for section, title, number, lines in found
    ]


def dated_lines(text: str) -> list[tuple[int, str]]:
    """(line, day) of each list that ages, as its author dated it."""
    return [(number, match[1]) for number, line in enumerate(text.split("\n"), 1) if (match := DATED.search(line))]


__all__ = ["CourseError", "SectionText", "dated_lines", "load_chapter", "split_sections"]
