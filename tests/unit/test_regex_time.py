"""No regular expression of ours stands still on a text that somebody else wrote: time grows in a line with length."""

from __future__ import annotations

import ast
import re
import re._constants as codes  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHORT, LONG = 1_000, 20_000
MOST_SECONDS = 0.3
"""CPU time for 20,000 characters. What grows with the square of the length takes seconds."""
ANCHORED = {"match", "fullmatch"}
CALLS = {*ANCHORED, "search", "sub", "subn", "split", "findall", "finditer"}


@dataclass(frozen=True)
class Used:
    """A regular expression in the source and the methods it is called by."""

    where: str
    pattern: str
    flags: int
    calls: frozenset[str]

    def run(self, text: str) -> float:
        """CPU seconds over a text, in the way the source uses it."""
        compiled = re.compile(self.pattern, self.flags)
        started = time.process_time()
        if self.calls <= ANCHORED:
            for call in self.calls:
                getattr(compiled, call)(text)
        else:
            for _ in compiled.finditer(text):
                pass
        return time.process_time() - started


def used() -> Iterator[Used]:
    """Every pattern of the app and the labs that stands in the source as a constant."""
    files = sorted(file for folder in ("studytui", "labs") for file in (ROOT / folder).rglob("*.py"))
    trees = {file: ast.parse(file.read_text(encoding="utf-8")) for file in files}
    methods: dict[str, set[str]] = {}
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in CALLS:
                methods.setdefault(node.value.id, set()).add(node.attr)
    for file, tree in trees.items():
        names = {
            id(node.value): target.id
            for node in ast.walk(tree)
            if isinstance(node, ast.AnnAssign | ast.Assign)
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                continue
            if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "re"):
                continue
            found = pattern_of(node.args[0], tree)
            if found is None or node.func.attr not in {"compile", *CALLS}:
                continue
            calls = (
                methods.get(names.get(id(node), ""), {"search"}) if node.func.attr == "compile" else {node.func.attr}
            )
            yield Used(f"{file.relative_to(ROOT)}:{node.lineno}", found, flags_of(node), frozenset(calls))


def pattern_of(node: ast.expr, tree: ast.Module) -> str | None:
    """A constant pattern, also an f-string of the module's own constants."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        parts = [pattern_of(part.value if isinstance(part, ast.FormattedValue) else part, tree) for part in node.values]
        return None if None in parts else "".join(map(str, parts))
    if isinstance(node, ast.Name):
        for each in tree.body:
            targets = each.targets if isinstance(each, ast.Assign) else [getattr(each, "target", None)]
            if any(isinstance(target, ast.Name) and target.id == node.id for target in targets):
                value = getattr(each, "value", None)
                return pattern_of(value, tree) if value is not None else None
    return None


def flags_of(node: ast.Call) -> int:
    flags = 0
    for argument in [*node.args[1:], *(keyword.value for keyword in node.keywords)]:
        for part in ast.walk(argument):
            if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == "re":
                flags |= int(getattr(re, part.attr))
    return flags


def letters(pattern: str, flags: int) -> list[str]:
    """Characters that the pattern itself names, and one of each kind."""
    found: set[str] = set()

    def walk(nodes: object) -> None:
        for code, value in nodes:  # type: ignore[attr-defined]
            if code in (codes.LITERAL, codes.NOT_LITERAL):
                found.add(chr(value))
            elif code is codes.IN:
                found.update(
                    chr(v if c is codes.LITERAL else v[0]) for c, v in value if c in (codes.LITERAL, codes.RANGE)
                )
            elif code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
                walk(value[2])
            elif code is codes.SUBPATTERN:
                walk(value[3])
            elif code is codes.ATOMIC_GROUP:
                walk(value)
            elif code is codes.BRANCH:
                for branch in value[1]:
                    walk(branch)
            elif code in (codes.ASSERT, codes.ASSERT_NOT):
                walk(value[1])

    walk(parser.parse(pattern, flags))
    named = sorted(found, key=lambda letter: (letter.isalnum(), letter))
    signs, words = [c for c in named if not c.isalnum()][:6], [c for c in named if c.isalnum()][:3]
    return list(dict.fromkeys([*signs, *words, " ", "\n", "a", "1", "!"]))


def texts(alphabet: list[str], size: int) -> Iterator[str]:
    """Long rows of one and of two characters, and of words of them, whose end spoils a match."""
    for a in alphabet:
        yield a * size + "\0"
        for b in alphabet:
            if a != b:
                for unit in (a + b, a + a + b, a + b + " ", a + a + b + " "):
                    yield unit * (size // len(unit))
                yield a + b * size + "\0"
                yield a + a + b * size + "\0"


PATTERNS = list(used())


def test_all_patterns_are_found() -> None:
    assert len(PATTERNS) > 60
    assert any(each.calls <= ANCHORED for each in PATTERNS)


@pytest.mark.parametrize("each", PATTERNS, ids=lambda each: each.where)
def test_time_grows_in_a_line_with_the_text(each: Used) -> None:
    alphabet = letters(each.pattern, each.flags)
    tried = [(each.run(text), number) for number, text in enumerate(texts(alphabet, SHORT))]
    slowest = sorted(tried, reverse=True)[:3]
    long = dict(enumerate(texts(alphabet, LONG)))
    for _, number in slowest:
        seconds = min(each.run(long[number]) for _ in range(2))
        for _ in range(3):
            if seconds >= MOST_SECONDS:
                seconds = min(seconds, each.run(long[number]))
        assert seconds < MOST_SECONDS, f"{each.pattern!r} takes {seconds:.1f} s for {long[number][:12]!r} and so on"


@pytest.mark.parametrize(("pattern", "size"), [(r"(a+)+$", 23), (r"\s*\n", LONG), (r"\{\{(.*?)\}\}", LONG)])
def test_a_pattern_that_backtracks_is_caught(pattern: str, size: int) -> None:
    each = Used("here", pattern, 0, frozenset({"search"}))
    assert any(each.run(text) > MOST_SECONDS for text in texts(letters(pattern, 0), size))
