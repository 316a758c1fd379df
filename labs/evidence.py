"""What every lab's evidence carries besides its value: the code that ran and the versions it ran with."""

from __future__ import annotations

import ast
import importlib.metadata
import inspect
import platform
import textwrap
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any


@cache
def source_of(function: Callable[..., Any]) -> str:
    """The function as it stands in its file, without its docstring."""
    lines = textwrap.dedent(inspect.getsource(function)).splitlines()
    definition = ast.parse("\n".join(lines)).body[0]
    assert isinstance(definition, ast.FunctionDef)
    if ast.get_docstring(definition) is not None:
        docstring = definition.body[0]
        del lines[docstring.lineno - 1 : docstring.end_lineno]
    return "\n".join(lines)


@cache
def _version(distribution: str) -> str:
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
