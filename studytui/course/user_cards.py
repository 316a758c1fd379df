"""The learner's own cards, notes and rewordings: a folder beside the database, never inside the installed course.

own/COURSE/cards/*.toml     cards in the course's own format
own/COURSE/overrides.toml   [[override]] tables: a note, another front or back for a card of the course
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias

from studytui.course.loader import cards_in, read_card, tables, validate
from studytui.course.toml_file import (
    LARGEST_BYTES,
    TablePlace,
    TomlSource,
    Value,
    comments,
    is_there,
    literal,
    not_text,
    parse,
    read,
    table,
    toml_names,
)
from studytui.domain.cards import Card, Cloze, texts_of
from studytui.errors import CourseError, all_or_none
from studytui.files import change_text, read_at_most

OWN_FILE_PREFIX: Final = "own/"
OVERRIDES: Final = "own/overrides.toml"
"""How paths in the learner's folder are written where course paths are relative to the course's root."""

LARGEST_OWN: Final = 4_000_000
"""Bytes; thousands of notes. Saving one goes through the whole file."""


@dataclass(frozen=True, slots=True)
class CardOverride:
    """What the learner says instead of, or beside, a card of the course; '' leaves it as it is."""

    id: str
    front: str = ""
    back: str = ""
    note: str = ""

    def applied(self, card: Card) -> Card:
        """The card in the learner's words. Its id, answer and schedule stay.

        Raises:
            ValueError: the new front of a cloze has other blanks than the course's, whose answers are checked.
        """
        front = self.front or card.front
        body = card.body
        if self.front and isinstance(body, Cloze):
            from studytui.course.schema import parse_cloze

            new = parse_cloze(front)
            if len(new.blanks) != len(body.blanks):
                raise ValueError(f"the cloze has {len(body.blanks)} blanks; the new front has {len(new.blanks)}")
            body = new
        back, template = self.back or card.back, card.template
        if template is not None:
            texts = tuple(texts_of(body)) if self.front and isinstance(body, Cloze) else template.texts
            template = replace(
                template, front=self.front or template.front, back=self.back or template.back, texts=texts
            )
        return replace(card, front=front, back=back, note=self.note, body=body, template=template).drawn(0)


def own_files(folder: Path) -> list[str]:
    """The learner's card files by name, as `own/cards/NAME.toml`.

    Raises:
        CourseError: the folder cannot be read, or a file in it has a name that cannot be written.
    """
    return [f"{OWN_FILE_PREFIX}cards/{name}" for name in toml_names(folder / "cards")]


def source_path(root: Path, folder: Path, path: str) -> Path:
    """The file that a card's `source.path` means."""
    return folder / path.removeprefix(OWN_FILE_PREFIX) if path.startswith(OWN_FILE_PREFIX) else root / path


def read_own_cards(folder: Path, path: str) -> tuple[list[Card], list[CourseError]]:
    """The cards of one of the `own_files` that can be read, and an error for each that cannot; with whole paths.

    Raises:
        CourseError: the file as a whole cannot be read.
    """
    name = path.removeprefix(OWN_FILE_PREFIX)
    return cards_in(_read(folder, name))


def _read(folder: Path, name: str) -> TomlSource:
    return read(folder, name, shown=str(folder / name), largest=LARGEST_OWN)


def load_overrides(folder: Path) -> dict[str, CardOverride]:
    """The learner's overrides by card id; none if there is no such file.

    Raises:
        CourseError: the file is wrong; with its whole path, line and field.
    """
    name = OVERRIDES.removeprefix(OWN_FILE_PREFIX)
    if not is_there(folder, name):
        return {}
    return overrides_in(_read(folder, name))


def overrides_in(source: TomlSource) -> dict[str, CardOverride]:
    """The overrides of a file by card id.

    Raises:
        CourseError: with line and field.
    """
    from studytui.course.schema import OverrideModel

    def override(row: object, place: TablePlace) -> CardOverride:
        model = validate(OverrideModel, row, source.path, place)
        return CardOverride(model.id, model.front.strip(), model.back.strip(), model.note.strip())

    return {
        each.id: each for each in tables(source, "override", override, twice="this card is overridden twice.", at="")
    }


def apply_overrides(cards: Sequence[Card], overrides: Mapping[str, CardOverride]) -> list[Card]:
    """The cards, each in the learner's words where there are any.

    A front that no longer fits, since the course gave the cloze other blanks, gives way to the course's own.
    """
    result = []
    for card in cards:
        override = overrides.get(card.id, CardOverride(card.id))
        try:
            result.append(override.applied(card))
        except ValueError:
            result.append(replace(override, front="").applied(card))
    return result


# Writing into the learner's own files, which are theirs to edit: what else stands in them stays, comments too


OWN_CARDS: Final = f"{OWN_FILE_PREFIX}cards/own.toml"
_CARDS_HEADER: Final = (
    "# Your own cards, in the course's format. Edit them as you like: a card keeps its schedule as long as its id\n"
    "# stays, and one that is deleted here is archived.\n"
)
_OVERRIDES_HEADER: Final = (
    "# Your notes on cards of the course, and your wording of their fronts and backs. Schedules are not touched.\n"
)
Rows: TypeAlias = list[dict[str, Any]]
Way: TypeAlias = tuple[Rows, Callable[[], str]]
"""The tables that a file is to hold, and what makes a text of it that may hold them."""


def read_draft(row: Mapping[str, Any]) -> Card:
    """A card that stands in no file yet, held against the course's schemas.

    Raises:
        CourseError: with the field that is wrong.
    """
    source = parse(table("card", row), "")
    try:
        return read_card(source.data["card"][0], OWN_CARDS, source.place("card", 0))
    except CourseError as error:
        raise CourseError(error.message, card=error.card, field=error.field) from None


def add_card(folder: Path, row: Mapping[str, Value]) -> Card:
    """Add a card to the learner's file and return it as read back from there.

    Raises:
        CourseError: the card or the file as it stands is wrong, or the file cannot be written; it is left as it was.
    """
    read_draft(row)
    (new,) = parse(table("card", row), "").data["card"]
    path = folder / OWN_CARDS.removeprefix(OWN_FILE_PREFIX)
    added: list[Card] = []

    def edit(text: str) -> str:
        before = parse(text, str(path))
        all_or_none(*cards_in(before))
        whole = _with_row(before, text, "card", row, new, header=_CARDS_HEADER)
        after = parse(whole, str(path))
        at = after.data["card"].index(new)
        added[:] = [read_card(new, OWN_CARDS, after.place("card", at))]
        return whole

    _change(path, edit)
    return added[0]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a card belongs in the course: its section, and the objectives it covers."""

    section: str
    covers: tuple[str, ...]


def place_cards(folder: Path, path: str, places: Mapping[str, Place]) -> None:
    """Let cards of one of the `own_files`, by their ids, belong elsewhere; ids that are not in it are left out.

    Raises:
        CourseError: the file as it stands is wrong, or it cannot be written; it is left as it was.
    """
    target = folder / path.removeprefix(OWN_FILE_PREFIX)

    def edit(text: str) -> str:
        for key, place in places.items():
            before = parse(text, str(target))
            rows: Rows = before.data.get("card", [])
            at = next((at for at, row in enumerate(rows) if row.get("id") == key), None)
            if at is None:
                continue
            new = {"section": place.section, "covers": list(place.covers)}
            wanted = [*rows[:at], rows[at] | new, *rows[at + 1 :]]
            text = _first_sound(before, text, "card", [(wanted, partial(_with_fields, text, "card", at, new))])
        all_or_none(*cards_in(parse(text, str(target))))
        return text

    _change(target, edit)


def save_override(folder: Path, override: CardOverride) -> None:
    """Write what the learner says to one card, where that stands already or at the end of the file.

    An override that says nothing is taken away.

    Raises:
        CourseError: the file as it stands is wrong, or it cannot be written; it is left as it was.
    """
    path = folder / OVERRIDES.removeprefix(OWN_FILE_PREFIX)
    row: dict[str, Value] = {"id": override.id}
    from studytui.course.schema import is_blank

    row |= {name: value for name in ("note", "front", "back") if not is_blank(value := getattr(override, name))}
    alone = parse(table("override", row), "")
    overrides_in(alone)
    (new,) = alone.data["override"]

    def edit(text: str) -> str:
        before = parse(text, str(path))
        known = list(overrides_in(before))
        if override.id not in known:
            return text if len(row) == 1 else _with_row(before, text, "override", row, new, header=_OVERRIDES_HEADER)
        at = known.index(override.id)
        rows: Rows = before.data["override"]
        ways = [([*rows[:at], new, *rows[at + 1 :]], lambda: _exchanged(text, at, row))]
        if len(row) == 1:
            # Where it cannot go, a table that says nothing but its id does no harm.
            ways.insert(0, ([*rows[:at], *rows[at + 1 :]], lambda: _removed(text, at)))
        return _first_sound(before, text, "override", ways)

    _change(path, edit)


def _change(path: Path, edit: Callable[[str], str]) -> None:
    """Put what `edit` makes of the file's text in its place.

    Raises:
        CourseError: the file cannot be read or written; it is as it was.
    """
    try:
        change_text(path, LARGEST_OWN, edit)
    except UnicodeDecodeError as error:
        raise not_text(error, str(path)) from None
    except OSError as error:
        raise CourseError(f"the file cannot be written ({error.strerror or error}).", path=str(path)) from error


def _with_row(
    before: TomlSource, text: str, name: str, row: Mapping[str, Value], new: dict[str, Any], *, header: str
) -> str:
    """The text with one table more: at its end, or inside the brackets in which it writes its tables."""
    rows: Rows = before.data.get(name, [])
    return _first_sound(
        before,
        text,
        name,
        [
            ([*rows, new], lambda: _appended(text or header, name, row)),
            ([*rows, new], lambda: _inserted(text, name, row, len(rows))),
            ([new, *rows], lambda: _inserted(text, name, row, 0)),
        ],
    )


def _first_sound(before: TomlSource, text: str, name: str, ways: Sequence[Way]) -> str:
    """The first new text that holds the tables it is to hold, and every comment of the old one.

    Raises:
        CourseError: none does; nothing may be written.
    """
    others = {key: value for key, value in before.data.items() if key != name}
    old = Counter(comments(text))
    for rows, way in ways:
        try:
            after = way()
            data = parse(after, before.path).data
            if data.pop(name, []) == rows and data == others and not old - Counter(comments(after)):
                return after
        except Exception:  # whatever the editor stumbles over, the learner's file stays as it is
            continue
    raise CourseError(
        "nothing was changed, since this file is written in a way that a change of one table would touch more than it;"
        " write it there by hand.",
        path=before.path,
        line=before.top.of(name),
    )


def _appended(text: str, name: str, row: Mapping[str, Value]) -> str:
    return text + ("" if text.endswith("\n") else "\n") + "\n" + table(name, row)


def _inserted(text: str, name: str, row: Mapping[str, Value], at: int) -> str:
    """The text with one row more in an array of tables that is written in brackets."""
    import tomlkit

    document = tomlkit.parse(text)
    array: Any = document[name]
    array.insert(at, _item(row))
    return document.as_string()


def _with_fields(text: str, name: str, at: int, fields: Mapping[str, Value]) -> str:
    """The text with other values of fields that the table of that number has."""
    import tomlkit

    document = tomlkit.parse(text)
    tables: Any = document[name]
    for key, value in fields.items():
        tables[at][key] = _item(value)
    return document.as_string()


def _exchanged(text: str, at: int, row: Mapping[str, Value]) -> str:
    """The text with other fields in its override of that number; what stays keeps its line, what is new comes last."""
    import tomlkit
    from tomlkit.items import Comment, Table, Trivia

    document = tomlkit.parse(text if text.endswith("\n") else text + "\n")
    overrides: Any = document["override"]
    override = overrides[at]
    body: list[Any] = override.value.body
    end = len(body)
    while end and body[end - 1][0] is None:
        end -= 1
    behind = body[end:]  # comments between the last field and the next table belong to that
    del body[end:]
    for place, (key, item) in enumerate(list(body)):
        if key is not None and key.key not in row:
            comment = item.trivia.comment
            override.remove(key.key)
            if comment:
                body[place] = (None, Comment(Trivia(comment=comment)))
    for key, value in row.items():
        if override.get(key) != value:
            override[key] = _item(value, lines=isinstance(override, Table))
    body += behind
    return document.as_string() if text.endswith("\n") else document.as_string().removesuffix("\n")


def _removed(text: str, at: int) -> str:
    """The text without its override of that number; all comments in it and behind it stay, on lines of their own."""
    import tomlkit
    from tomlkit.items import AoT, Comment, Trivia, Whitespace

    document = tomlkit.parse(text if text.endswith("\n") else text + "\n")
    overrides: Any = document["override"]
    removed = overrides[at]
    kept: list[Any] = [
        (None, each if key is None else Comment(Trivia(comment=each.trivia.comment)))
        for key, each in [(True, removed), *removed.value.body]
        if isinstance(each, Comment | Whitespace) or each.trivia.comment
    ]
    del overrides[at]
    if not isinstance(overrides, AoT):
        return document.as_string()
    if at:
        before = overrides[at - 1].value.body
        put = len(before)
    else:
        before = document.body
        put = next(index for index, (_, each) in enumerate(before) if each is overrides)
    if kept and isinstance(kept[0][1], Whitespace) and (not put or isinstance(before[put - 1][1], Whitespace)):
        del kept[0]
    before[put:put] = kept
    return document.as_string()


def _item(value: Value, *, lines: bool = False) -> Any:
    """A value as the editor's item, in the style of what this app writes; with `lines` a long text may have several."""
    import tomlkit

    written = table("x", {"x": value}).partition("\n")[2] if lines else f"x = {literal(value)}\n"
    item = tomlkit.parse(written)["x"]
    if not lines:
        item.trivia.trail = ""
    return item


# Every word a course writes: what a slip of the finger must not make by chance


_WORD: Final = re.compile(r"[^\W\d_]{3,}")
_READ: Final = ("content/**/*.toml", "content/**/*.md", "quizzes/*.toml")
"""The wordings and labelled sentences of the grader stay out: they hold what learners say, slips included."""


class CourseWords:
    """The words of a course and of the learner's own cards, in lower case; read at the first question, 60 ms once."""

    def __init__(self, root: Path, own: Path | None = None) -> None:
        self._root, self._own = root, own
        self._words: frozenset[str] | None = None

    def __contains__(self, word: object) -> bool:
        return word in self.all()

    def all(self) -> frozenset[str]:
        """Every word once. A file that cannot be read has none."""
        if self._words is None:
            self._words = frozenset(word for text in self._texts() for word in _WORD.findall(text.casefold()))
        return self._words

    def _texts(self) -> Iterator[str]:
        files = [path for pattern in _READ for path in sorted(self._root.glob(pattern))]
        files += sorted(self._own.glob("cards/*.toml")) if self._own else []
        for path in files:
            try:
                yield read_at_most(path, LARGEST_BYTES).decode("utf-8-sig", errors="replace")
            except OSError:
                continue
