"""What every lab's evidence carries besides its value: the code that ran and the versions it ran with."""

from __future__ import annotations

import ast
import inspect
import platform
import sys
import textwrap
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any


@cache
def code_of(exercise: type) -> str:
    """What an exercise computes: its `run` without what it writes down, then the functions of its file it calls."""
    run = vars_of(exercise, "run")
    lines, called = _essential(run)
    module = sys.modules[run.__module__]
    parts, seen = [lines], set()
    while called:
        name = called.pop(0)
        function = getattr(module, name, None)
        if name not in seen and inspect.isfunction(function) and function.__module__ == module.__name__:
            seen.add(name)
            text, more = _essential(function)
            parts.append(text)
            called += more
    return "\n\n\n".join(parts)


def vars_of(cls: type, name: str) -> Any:
    """An attribute as the nearest class has it."""
    return next(vars(base)[name] for base in cls.__mro__ if name in vars(base))


def _essential(function: Callable[..., Any]) -> tuple[str, list[str]]:
    """A function's lines without its docstring and its `show.…` statements, and the names it calls."""
    lines = textwrap.dedent(inspect.getsource(function)).splitlines()
    definition = ast.parse("\n".join(lines)).body[0]
    assert isinstance(definition, ast.FunctionDef)
    dropped: list[ast.stmt] = []
    for block in (part for node in ast.walk(definition) for part in _blocks(node)):
        said = [statement for statement in block if _only_shows(statement)]
        dropped += said if len(said) < len(block) else []
    if ast.get_docstring(definition) is not None:
        dropped.append(definition.body[0])
    gone = {number for one in dropped for number in range(one.lineno, (one.end_lineno or one.lineno) + 1)}
    kept = [line for number, line in enumerate(lines, 1) if number not in gone]
    names = [
        node.func.id for node in ast.walk(definition) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    return "\n".join(kept), names


def _blocks(node: ast.AST) -> list[list[ast.stmt]]:
    return [value for value in (getattr(node, name, None) for name in ("body", "orelse")) if isinstance(value, list)]


def _only_shows(statement: ast.stmt) -> bool:
    call = statement.value if isinstance(statement, ast.Expr) else None
    owner = call.func.value if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) else None
    return isinstance(owner, ast.Name) and owner.id == "show"


@cache
def _version(distribution: str) -> str:
    import importlib.metadata  # in the worker alone

    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def versions(*distributions: str) -> dict[str, str]:
    """The version of Python and of each distribution named; `unknown` where an installation does not say."""
    return {"python": platform.python_version(), **{name: _version(name) for name in distributions}}


def shape_text(shape: Sequence[int]) -> str:
    """`(1, 196, 768)`."""
    return f"({', '.join(str(int(axis)) for axis in shape)}{',' if len(shape) == 1 else ''})"
