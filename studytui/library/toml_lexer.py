"""Where the tables, keys and elements of a TOML text stand, which the standard parser does not tell.

A lexer of TOML 1.0: it knows the tokens, not what may be said with them, and goes as far as the text can be told apart.
Lines end at a line feed and nowhere else, as TOML, editors and compilers count.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from typing import Final

from studytui.library.toml_source import TablePlace, TooMuch

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
