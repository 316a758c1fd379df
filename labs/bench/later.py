"""Modules that are imported when something of theirs is first used, so that posing and judging load no torch."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any, Final

LEAN: Final = ("transformers", "diffusers")
"""Packages that are imported without what no lab uses."""
_put_off: list[_Later] = []


class _Later(ModuleType):
    """Stands for a module until something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__version__":  # what Python itself asks of any module
            raise AttributeError(name)
        return getattr(_imported(self.__name__), name)


def later(name: str) -> Any:
    """The module of that name, imported when first used. For type checkers, import it under TYPE_CHECKING."""
    module = _Later(name)
    _put_off.append(module)
    return module


def load_all() -> None:
    """Import everything that was put off: in the worker, before the first request."""
    for one in _put_off:
        _imported(one.__name__)


def _imported(name: str) -> ModuleType:
    found = sys.modules.get(name)
    if found is not None:
        return found
    if name.partition(".")[0] in LEAN:
        from labs.lean_imports import lean_imports

        with lean_imports():
            return importlib.import_module(name)
    return importlib.import_module(name)
