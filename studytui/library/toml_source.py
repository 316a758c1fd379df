"""A TOML file with the lines its tables and keys stand on, which the standard parser does not tell."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from studytui.library.errors import CourseError

LARGEST_BYTES: Final = 200_000_000
_TABLE: Final = re.compile(r"\s*\[\[?\s*([A-Za-z0-9_.-]+)\s*\]\]?\s*(?:#.*)?$")
_KEY: Final = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=")
_PLACE: Final = re.compile(r"(?<!\s)\s*+\(at (?:line (\d+), column (\d+)|end of document)\)")


@dataclass(slots=True)
class TablePlace:
    """Where one table of an array stands, the line of each of its keys, and the tables written inside it by name."""

    line: int
    keys: dict[str, int] = field(default_factory=dict)
    inner: dict[str, list[TablePlace]] = field(default_factory=dict)

    def of(self, key: str) -> int:
        """The line of a key, or of the table where the key has none."""
        return self.keys.get(key, self.line)

    def at(self, path: Sequence[str | int]) -> int:
        """The line of a path such as ("point", 2, "patterns"), or of the nearest table or key around it."""
        match path:
            case [str(name), int(index), *rest] if index < len(self.inner.get(name, ())):
                return self.inner[name][index].at(rest)
            case [first, *_]:
                return self.of(str(first))
        return self.line


@dataclass(frozen=True, slots=True)
class TomlSource:
    """A parsed file: its data, and the places of its tables by name, in order."""

    path: str
    data: dict[str, Any]
    places: dict[str, list[TablePlace]]

    def place(self, table: str, index: int) -> TablePlace:
        """The place of the `index`-th table of that name (its first line if the file writes it in another way)."""
        found = self.places.get(table, [])
        return found[index] if index < len(found) else TablePlace(1)


def read_text(root: Path, path: str) -> str:
    """A course file as text.

    Raises:
        CourseError: it is missing, unreadable, too large or not UTF-8.
    """
    try:
        file = root / path
        if file.stat().st_size > LARGEST_BYTES:
            raise CourseError(f"the file is larger than {LARGEST_BYTES // 1_000_000} MB.", path=path)
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise CourseError("the file is missing.", path=path) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise CourseError("the file is not UTF-8 text.", path=path, line=line) from None
    except OSError as error:
        raise CourseError(f"the file cannot be read ({error.strerror or error}).", path=path) from error


def parse(text: str, path: str) -> dict[str, Any]:
    """The data of a TOML text.

    Raises:
        CourseError: with the line of the mistake.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _PLACE.search(str(error))
        line = int(found[1]) if found and found[1] else text.count("\n") + 1
        reason = _PLACE.sub("", str(error))
        raise CourseError(f"this is not valid TOML: {reason}.", path=path, line=line) from None
    except (RecursionError, ValueError) as error:
        raise CourseError(f"this is not valid TOML: {error}.", path=path, line=1) from None


def read(root: Path, path: str) -> TomlSource:
    """Read and parse a file of the course.

    Raises:
        CourseError: see `read_text` and `parse`.
    """
    text = read_text(root, path)
    return TomlSource(path, parse(text, path), find_places(text))


def find_places(text: str) -> dict[str, list[TablePlace]]:
    """The line of each table and of its keys; text inside multi-line strings is passed over."""
    places: dict[str, list[TablePlace]] = {}
    present = places.setdefault("", [TablePlace(1)])[0]
    quote = ""
    for number, line in enumerate(text.splitlines(), 1):
        if quote:
            if quote in line:
                quote = _open_quote(line.split(quote, 1)[1])
            continue
        if table := _TABLE.match(line):
            present = TablePlace(number)
            places.setdefault(table[1], []).append(present)
            around, _, name = table[1].rpartition(".")
            if around and places.get(around):
                places[around][-1].inner.setdefault(name, []).append(present)
            continue
        if key := _KEY.match(line):
            present.keys.setdefault(key[1], number)
        quote = _open_quote(line)
    return places


def line_starts_in_text(text: str) -> set[int]:
    """The lines, counted from 1, that begin inside a multi-line string."""
    found: set[int] = set()
    quote = ""
    for number, line in enumerate(text.splitlines(), 1):
        if quote:
            found.add(number)
            quote = _open_quote(line.split(quote, 1)[1]) if quote in line else quote
        else:
            quote = _open_quote(line)
    return found


def _open_quote(line: str) -> str:
    """The delimiter of a multi-line string that this line opens and does not close, or ''."""
    at, inside = 0, ""
    while at < len(line):
        if inside:
            if line[at] == "\\" and inside[0] == '"':
                at += 2
                continue
            if line.startswith(inside, at):
                at += len(inside)
                inside = ""
                continue
        elif line[at] == "#":
            return ""
        else:
            for delimiter in ('"""', "'''", '"', "'"):
                if line.startswith(delimiter, at):
                    inside = delimiter
                    at += len(delimiter) - 1
                    break
        at += 1
    return inside if len(inside) == 3 else ""
