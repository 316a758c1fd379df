"""Reading a course: course.toml, the syllabus and the cards, into the domain.

Reading is strict: an unknown key, a wrong type or a duplicate id is an error with file, line, card and field. The
course file is validated once for each of its versions; unchanged, it is read from a compiled copy without the schemas.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any, Final

from studytui.domain.cards import (
    Basic,
    Body,
    Card,
    Chapter,
    Choice,
    Course,
    Exercise,
    GateHead,
    Helper,
    LabLink,
    Lens,
    Match,
    Mistake,
    Numeric,
    Objective,
    Open,
    Option,
    Order,
    Section,
    Source,
)
from studytui.files import read_at_most, write_atomically
from studytui.library.errors import CourseError, DoubledId, all_or_none
from studytui.library.locate import COURSE_FILE
from studytui.library.toml_source import LARGEST_BYTES, TablePlace, TomlSource, parse, read, read_text

if TYPE_CHECKING:
    from pydantic import ValidationError

    from studytui.library.schema import CardModel, GateModel

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
    from studytui.library.schema import FactModel

    source = read(root, SYLLABUS_FILE)
    only_tables(source, "fact")
    found: dict[str, Objective] = {}
    for index, row in enumerate(source.data.get("fact", [])):
        place = source.place("fact", index)
        fact = validate(FactModel, row, source.path, place, who=_who(row))
        if fact.id in found:
            raise CourseError("this objective stands there twice.", path=source.path, line=place.line, card=fact.id)
        found[fact.id] = Objective(
            id=fact.id,
            section=fact.section,
            kind=fact.kind,
            text=fact.text,
            helpers=tuple(helper.replace(" ", "-") for helper in fact.helper),
            lenses=tuple(fact.lens),
            lab=fact.lab,
        )
    return list(found.values())


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
    only_tables(source, "card")
    cards: list[Card] = []
    errors: list[CourseError] = []
    seen: dict[str, int] = {}
    for index, row in enumerate(source.data.get("card", [])):
        place = source.place("card", index)
        try:
            card = read_card(row, source.path, place)
        except CourseError as error:
            errors.append(error)
            continue
        if card.id in seen:
            message = f"this id stands in line {seen[card.id]} too; ids are unique."
            errors.append(DoubledId(message, path=source.path, line=place.of("id"), card=card.id, field="id"))
            continue
        seen[card.id] = place.of("id")
        cards.append(card)
    return cards, errors


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


def validate(model: type[Any], row: object, path: str, place: TablePlace, *, who: str = "") -> Any:
    """A row as a model.

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
            card=who,
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
    from studytui.library.schema import CourseModel

    source = parse(text, COURSE_FILE)
    model = validate(CourseModel, source.data, source.path, source.top)
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
        raise CourseError(f"{what} stands in line {seen[what]} too.", path=COURSE_FILE, line=line)
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
            raise CourseError(f"another gate is called “{name}”.", path=COURSE_FILE, line=place.line, field="gate")
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
    from studytui.library.schema import MODELS

    who = _who(row)
    kind = row.get("kind") if isinstance(row, dict) else None
    if kind is None:
        raise CourseError("this field is missing.", path=path, line=place.line, card=who, field="kind")
    if not isinstance(kind, str) or kind not in MODELS:
        known = ", ".join(MODELS)
        raise CourseError(
            f"there is no kind {kind!r}; there are {known}.", path=path, line=place.of("kind"), card=who, field="kind"
        )
    model = validate(MODELS[kind], row, path, place, who=who)
    return Card(
        id=model.id,
        section=model.section,
        covers=tuple(model.covers),
        kind=model.kind,
        front=model.front.strip(),
        back=model.back.strip(),
        body=_body(model),
        source=Source(path, place.line),
        helpers=tuple(model.helpers),
        lenses=tuple(model.lens),
        tags=tuple(model.tags),
        hints=tuple(model.hints),
        group=model.group,
        lab=model.lab
        and LabLink(model.lab.exercise, dict(model.lab.set), {k: tuple(v) for k, v in model.lab.vary.items()}),
        dated=model.dated,
    )


def _body(model: CardModel) -> Body:
    from studytui.library import schema
    from studytui.library.cloze import parse_cloze

    match model:
        case schema.ClozeModel():
            return parse_cloze(model.front.strip())
        case schema.ChoiceModel():
            return Choice(tuple(Option(o.text, o.correct, o.why) for o in model.options))
        case schema.OrderModel():
            return Order(tuple(model.steps))
        case schema.MatchModel():
            return Match(tuple((left, right) for left, right in model.pairs), tuple(model.extra))
        case schema.NumericModel():
            return Numeric(
                answer=model.answer,
                unit=model.unit,
                tolerance=model.tolerance,
                tolerance_percent=model.tolerance_percent,
                accept=tuple(model.accept),
                mistakes=tuple(Mistake(m.value, m.why) for m in model.mistakes),
            )
        case schema.ExerciseModel():
            return Exercise()
        case schema.OpenModel():
            return Open(tuple(model.points))
    return Basic()


def _read_compiled(path: Path, digest: str = "") -> Course | None:
    """The course that was kept; only if it was made of a text of this digest, where one is given."""
    try:
        kept = json.loads(read_at_most(path, LARGEST_BYTES))
        if kept["sha256"] != (digest or kept["sha256"]) or kept["format"] != _FORMAT:
            return None
        data = kept["course"]
        return Course(
            id=data["id"],
            title=data["title"],
            version=data["version"],
            chapters=tuple(
                Chapter(c["number"], c["title"], c["text"], c["cards"], tuple(Section(**s) for s in c["sections"]))
                for c in data["chapters"]
            ),
            helpers=tuple(Helper(**h) for h in data["helpers"]),
            lenses=tuple(Lens(**one) for one in data["lenses"]),
            gates=tuple(GateHead(**one) for one in data["gates"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _write_compiled(path: Path, digest: str, course: Course) -> None:
    """Keep the course for the next start; a folder that cannot be written costs a little time and nothing else."""
    kept = json.dumps({"format": _FORMAT, "sha256": digest, "course": asdict(course)})
    with contextlib.suppress(OSError):
        write_atomically(path, kept.encode())


_FORMAT: Final = 2


def iter_options(card: Card) -> Iterator[Option]:
    """The options of a choice card; none for any other kind."""
    if isinstance(card.body, Choice):
        yield from card.body.options
