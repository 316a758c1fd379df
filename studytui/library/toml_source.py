"""A TOML file with the lines its tables and keys stand on."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from studytui.files import read_at_most
from studytui.library.errors import CourseError
from studytui.library.toml_places import TablePlace, TooMuch, find_places

LARGEST_BYTES: Final = 32_000_000
_PLACE: Final = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)")


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
    return decoded(data, path).replace("\r\n", "\n")


def decoded(data: bytes, path: str) -> str:
    """The text of a file, without the mark that some editors put before it.

    Raises:
        CourseError: it is not UTF-8; with the line.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CourseError("the file is not UTF-8 text.", path=path, line=line) from None


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
    """What the parser says is wrong, and in which line."""
    found = _PLACE.search(str(error))
    line = int(found[1]) if found and found[1] else text.count("\n") + 1
    return _PLACE.sub("", str(error)), line


def read(root: Path, path: str) -> TomlSource:
    """Read and parse a file of the course.

    Raises:
        CourseError: see `read_text` and `parse`.
    """
    return parse(read_text(root, path), path)
