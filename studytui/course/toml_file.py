"""A TOML file with the lines its tables and keys stand on."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from studytui.errors import CourseError
from studytui.files import read_at_most

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


# Where the tables, keys and elements of a TOML text stand, which the standard parser does not tell


DEEPEST: Final = 40
"""How far arrays and tables may stand in one another, and how many parts a key may have."""
LONGEST_NUMBER: Final = 400
"""Characters; a number beyond it is no number anybody computes with, and Python refuses to print it."""

_BLANK: Final = re.compile(r"(?:[ \t\r\n]++|#[^\n]*+)*+")
_COMMENT: Final = re.compile(r"#[^\n]*+")
_PART: Final = r"""(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]++|\\.)*+"|'[^'\n]*+')"""
_KEY: Final = rf"({_PART}(?:[ \t]*+\.[ \t]*+{_PART})*+)"
_ONE_PART: Final = re.compile(rf"({_PART})(?:[ \t]*+\.[ \t]*+)?")
_BARE: Final = re.compile(r"[A-Za-z0-9_-]++")
_HEADER: Final = re.compile(rf"(\[\[?)[ \t]*+{_KEY}[ \t]*+\]\]?")
_ASSIGN: Final = re.compile(rf"{_KEY}[ \t]*+=[ \t]*+")
_LONG: Final = (
    r'"""(?:[^"\\]++|\\[\s\S]|"{1,2}(?!"))*+"{3,5}'
    r"|'''(?:[^']++|'{1,2}(?!'))*+'{3,5}"
)
_SHORT: Final = r"""(?:"(?:[^"\\\n]++|\\.)*+"|'[^'\n]*+')"""
_SCALAR: Final = re.compile(
    rf"""(?:{_LONG}|(?!"{{3}}|'{{3}}){_SHORT}|([^\s,\[\]{{}}"'#=]++(?:[ ]\d\d:[^\s,\[\]{{}}"'#=]++)?))"""
)
_FLAT: Final = re.compile(rf"""\[(?:[^\[\]{{}}"'#\n]++|(?!"{{3}}|'{{3}}){_SHORT})*+\]""")
"""An array on one line with no table or array inside: nothing in it needs a line of its own."""
_LONG_BARE: Final = re.compile(rf"""[^\s,\[\]{{}}"'#=]{{{LONGEST_NUMBER},}}""")


def comments(text: str) -> list[str]:
    """The comments of a text, in order, each from its # to what can be seen last in its line.

    Raises:
        TooMuch: see `DEEPEST` and `LONGEST_NUMBER`.
    """
    lexer = Lexer(text, keep_comments=True)
    lexer.run()
    return [comment.rstrip() for comment in lexer.comments]


class Lexer:
    """One pass over a text; stops where it cannot be told apart."""

    def __init__(self, text: str, *, keep_comments: bool = False) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._counted = 0
        self._keep_comments = keep_comments
        self.comments: list[str] = []

    def run(self) -> TablePlace:
        """The text as a table, with all that is inside.

        Raises:
            TooMuch: see `DEEPEST` and `LONGEST_NUMBER`.
        """
        text = self._text
        table = top = TablePlace(1)
        while self._skip_blank():
            if text[self._at] == "[":
                header = _HEADER.match(text, self._at)
                if header is None:
                    break
                table = self._open(top, header)
            else:
                assign = _ASSIGN.match(text, self._at)
                if assign is None or not self._assigned(table, assign, 1):
                    break
        return top

    def _skip_blank(self) -> bool:
        """Go to the next token; False at the end of the text. `_line` is then the token's."""
        text, at = self._text, self._at
        match = _BLANK.match(text, at)
        assert match is not None
        end = match.end()
        if self._keep_comments and end > at:
            self.comments += _COMMENT.findall(text, at, end)
        self._at = end
        self._count_lines()
        return end < len(text)

    def _count_lines(self) -> None:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at

    def _open(self, top: TablePlace, header: re.Match[str]) -> TablePlace:
        self._at = header.end()
        *around, name = parts = self._parts(header[2])
        top.keys.setdefault(parts[0], self._line)
        table = self._inside(top, around)
        opened = TablePlace(self._line)
        if header[1] == "[[" or name not in table.inner:
            table.inner.setdefault(name, []).append(opened)
        return table.inner[name][-1]

    def _assigned(self, table: TablePlace, assign: re.Match[str], depth: int) -> bool:
        """Take `key = value`; False if the value cannot be told."""
        self._at = assign.end()
        key = assign[1]
        name = key
        if _BARE.fullmatch(key) is None:
            *around, name = self._parts(key)
            for part in around:
                table.keys.setdefault(part, self._line)
                table = self._inside(table, [part])
        table.keys.setdefault(name, self._line)
        scalar = _SCALAR.match(self._text, self._at)
        if scalar is not None:
            return self._passed(scalar)
        return self._nested(table, name, depth)

    def _nested(self, table: TablePlace, name: str, depth: int) -> bool:
        """Take an array or an inline table that is the value of `name`."""
        text = self._text
        opening = text[self._at : self._at + 1]
        if opening == "{":
            inside = TablePlace(self._line)
            table.inner.setdefault(name, []).append(inside)
            return self._inline_table(inside, depth)
        if opening != "[":
            return False
        if flat := _FLAT.match(text, self._at):
            self._refuse_long_number(flat.start(), flat.end())
            self._at = flat.end()
            return True
        elements = table.inner.setdefault(name, [])
        return self._array(elements, depth)

    def _array(self, elements: list[TablePlace], depth: int) -> bool:
        self._deeper(depth)
        text = self._text
        self._at += 1
        while self._skip_blank():
            scalar = _SCALAR.match(text, self._at)
            if scalar is not None:
                elements.append(TablePlace(self._line))
                if not self._passed(scalar):
                    return False
            elif text[self._at] == "]":
                self._at += 1
                return True
            elif text[self._at] == "{":
                inside = TablePlace(self._line)
                elements.append(inside)
                if not self._inline_table(inside, depth + 1):
                    return False
            elif text[self._at] == "[":
                elements.append(TablePlace(self._line))
                if not self._array([], depth + 1):
                    return False
            else:
                return False
            if not self._skip_blank():
                return False
            if text[self._at] == ",":
                self._at += 1
            elif text[self._at] != "]":
                return False
        return False

    def _inline_table(self, table: TablePlace, depth: int) -> bool:
        self._deeper(depth)
        text = self._text
        self._at += 1
        while self._skip_blank():
            if text[self._at] == "}":
                self._at += 1
                return True
            assign = _ASSIGN.match(text, self._at)
            if assign is None or not self._assigned(table, assign, depth + 1) or not self._skip_blank():
                return False
            if text[self._at] == ",":
                self._at += 1
            elif text[self._at] != "}":
                return False
        return False

    def _passed(self, scalar: re.Match[str]) -> bool:
        if scalar[1] is not None and scalar.end() - scalar.start() > LONGEST_NUMBER:
            raise TooMuch(f"a number has more than {LONGEST_NUMBER} characters", self._line)
        self._at = scalar.end()
        return True

    def _refuse_long_number(self, start: int, end: int) -> None:
        if end - start > LONGEST_NUMBER and _LONG_BARE.search(_without_strings(self._text[start:end])):
            raise TooMuch(f"a number has more than {LONGEST_NUMBER} characters", self._line)

    def _deeper(self, depth: int) -> None:
        if depth > DEEPEST:
            raise TooMuch(f"it is nested deeper than {DEEPEST} levels", self._line)

    def _inside(self, table: TablePlace, names: Sequence[str]) -> TablePlace:
        """The table of a dotted name: the last one opened under it, or a new one."""
        for name in names:
            if not table.inner.get(name):
                table.inner[name] = [TablePlace(self._line)]
            table = table.inner[name][-1]
        return table

    def _parts(self, key: str) -> list[str]:
        found, at = [], 0
        while part := _ONE_PART.match(key, at):
            found.append(part[1])
            at = part.end()
        if len(found) > DEEPEST:
            raise TooMuch(f"a name has more than {DEEPEST} parts", self._line)
        return [_unquoted(name) if name[0] in "\"'" else name for name in found]


def _without_strings(text: str) -> str:
    return re.sub(r"""\"(?:[^"\\\n]++|\\.)*+"?|'[^'\n]*+'?""", '""', text)


def _unquoted(part: str) -> str:
    try:
        return str(tomllib.loads(f"x = {part}")["x"])
    except tomllib.TOMLDecodeError:
        return part


# Writing TOML as a person would: one field a line, long texts as they read, so that a person can edit the file


Value: TypeAlias = str | bool | int | float | Sequence["Value"] | Mapping[str, "Value"]

_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_WIDEST: Final = 100
"""A list longer than this is written with one element per line."""


def table(name: str, row: Mapping[str, Value]) -> str:
    """An element of an array of tables, `[[name]]` and its fields, ending with a line end."""
    return "\n".join([f"[[{name}]]", *_fields(row)]) + "\n"


def _fields(row: Mapping[str, Value]) -> Iterator[str]:
    for key, value in row.items():
        if isinstance(value, str) and "\n" in value:
            yield f"{key} = {_long(value)}"
        elif isinstance(value, Sequence) and not isinstance(value, str):
            short = f"{key} = {literal(value)}"
            if len(short) <= _WIDEST and not any(isinstance(one, Mapping) for one in value):
                yield short
            else:
                yield "\n".join([f"{key} = [", *(f"  {literal(one)}," for one in value), "]"])
        else:
            yield f"{key} = {literal(value)}"


def literal(value: Value) -> str:
    """A value on one line."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return f'"{"".join(_character(c) for c in value)}"'
        case Mapping():
            return (
                f"{{ {', '.join(f'{_key(key)} = {literal(one)}' for key, one in value.items())} }}" if value else "{}"
            )
    return f"[{', '.join(literal(one) for one in value)}]"


def _long(text: str) -> str:
    """A text of several lines between triple quotes, its lines as they are."""
    text = text.replace("\r\n", "\n")
    rest = text.rstrip('"')
    body = "".join(c if c in '"\n' else _character(c) for c in rest).replace('"""', '\\"\\"\\"')
    ending = '\\"' * (len(text) - len(rest))
    return f'"""\n{body}{ending}"""'


def _character(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _key(key: str) -> str:
    return key if key and all(c.isascii() and (c.isalnum() or c in "_-") for c in key) else literal(key)
