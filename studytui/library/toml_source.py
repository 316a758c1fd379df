"""A TOML file with the lines its tables and keys stand on."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from studytui.files import read_at_most
from studytui.library.errors import CourseError

LARGEST_BYTES: Final = 32_000_000


class TooMuch(ValueError):
    """A TOML text is nested too deep or holds a number without end; `line` is where."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(slots=True)
class TablePlace:
    """Where a table, or an element of an array, stands: its line, the line of each of its keys, and what is inside.

    `inner` holds the tables and elements written under a key, in their order; one for a table that is in no array.
    """

    line: int
    keys: dict[str, int] = field(default_factory=dict)
    inner: dict[str, list[TablePlace]] = field(default_factory=dict)

    def of(self, key: str) -> int:
        """The line of a key, or of the table where the key has none."""
        return self.keys.get(key, self.line)

    def at(self, path: Sequence[str | int]) -> int:
        """The line of a path such as ("point", 2, "patterns"), or of the nearest table or key around it."""
        match path:
            case [str(name), int(index), *rest] if 0 <= index < len(self.inner.get(name, ())):
                return self.inner[name][index].at(rest)
            case [str(name), str(), *_] if len(self.inner.get(name, ())) == 1:
                return self.inner[name][0].at(path[1:])
            case [first, *_]:
                return self.of(str(first))
        return self.line


@dataclass(frozen=True, slots=True)
class TomlSource:
    """A parsed file: its data, and the places of its tables by name, in order."""

    path: str
    data: dict[str, Any]
    places: dict[str, list[TablePlace]]

    @property
    def top(self) -> TablePlace:
        """The file itself as a table."""
        return self.places[""][0]

    def place(self, table: str, index: int) -> TablePlace:
        """The place of the `index`-th table of that name (its first line if the file writes it in another way)."""
        found = self.places.get(table, [])
        return found[index] if index < len(found) else TablePlace(1)


def is_there(root: Path, path: str) -> bool:
    """False if there is no such file; one that cannot be looked at is there, and reading it says why."""
    try:
        (root / path).lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError):
        return True
    return True


def toml_names(folder: Path) -> list[str]:
    """The names of the TOML files in a folder, in order; none without it. Hidden ones are left to those who hide them.

    Raises:
        CourseError: the folder cannot be read, or a file in it has a name that cannot be written; with the whole path.
    """
    try:
        names = sorted(path.name for path in folder.iterdir())
        names = [name for name in names if name.endswith(".toml") and not name.startswith(".")]
        "".join(names).encode()
    except FileNotFoundError:
        return []
    except UnicodeEncodeError as error:
        raise CourseError(f"a file has a name that is not UTF-8 ({error.object!a}).", path=str(folder)) from None
    except OSError as error:
        raise CourseError(f"the folder cannot be read ({error.strerror or error}).", path=str(folder)) from error
    return names


def read_text(root: Path, path: str, *, largest: int = LARGEST_BYTES) -> str:
    """A course file as text, its lines ending in a line feed each.

    Raises:
        CourseError: it is missing, unreadable, no file, too large or not UTF-8.
    """
    try:
        data = read_at_most(root / path, largest)
    except FileNotFoundError:
        raise CourseError("the file is missing.", path=path) from None
    except OSError as error:
        raise CourseError(f"the file cannot be read ({error.strerror or error}).", path=path) from error
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise not_text(error, path) from None


def not_text(error: UnicodeDecodeError, path: str) -> CourseError:
    """What to raise for a file that is not UTF-8, with the line of the first byte that is not."""
    line = error.object.count(b"\n", 0, error.start) + 1
    return CourseError("the file is not UTF-8 text.", path=path, line=line)


def find_places(text: str) -> dict[str, list[TablePlace]]:
    """The tables of a TOML text by their dotted names, in order; the text itself is the one named "".

    Raises:
        TooMuch: it is nested too deep, or holds a number without end.
    """
    # Imported here: an unchanged course is not parsed, and the first card must not wait for these patterns.
    from studytui.library.toml_lexer import Lexer

    top = Lexer(text).run()
    found = {"": [top]}
    _gather(found, "", top)
    return found


def _gather(found: dict[str, list[TablePlace]], before: str, table: TablePlace) -> None:
    for name, tables in table.inner.items():
        found.setdefault(before + name, []).extend(tables)
        for inner in tables:
            if inner.inner:
                _gather(found, f"{before}{name}.", inner)


def parse(text: str, path: str) -> TomlSource:
    """A TOML text as data with places.

    Raises:
        CourseError: with the line of the mistake.
    """
    try:
        # First the places: they refuse what would keep the parser busy for minutes, or end it with no line to name.
        places = find_places(text)
        return TomlSource(path, tomllib.loads(text), places)
    except TooMuch as error:
        raise CourseError(f"this is not read: {error}.", path=path, line=error.line) from None
    except tomllib.TOMLDecodeError as error:
        reason, line = told(error, text)
        raise CourseError(f"this is not valid TOML: {reason}.", path=path, line=line) from None
    except (RecursionError, ValueError) as error:
        raise CourseError(f"this is not valid TOML: {error}.", path=path, line=1) from None


def told(error: tomllib.TOMLDecodeError, text: str) -> tuple[str, int]:
    """What the parser says is wrong, and in which line: its message ends in “(at line 2, column 5)”, or at no line."""
    message = str(error)
    reason, found, place = message.rpartition(" (at ")
    words = place.split()
    line = int(words[1].rstrip(",")) if found and words[0] == "line" else text.count("\n") + 1
    return reason or message, line


def read(root: Path, path: str, *, shown: str = "", largest: int = LARGEST_BYTES) -> TomlSource:
    """Read and parse a file of the course, or of another folder, where `shown` is how errors call it.

    Raises:
        CourseError: see `read_text` and `parse`.
    """
    try:
        return parse(read_text(root, path, largest=largest), shown or path)
    except CourseError as error:
        error.path = shown or path
        raise
