"""Importing transformers' modelling code without what no lab uses: compilers, distributed tensors, scipy, sklearn.

    with lean_imports():
        from transformers.models.clip.modeling_clip import CLIPModel

For as long as the block lasts, this process looks like a supported, smaller installation: a torch built without
distributed, compiler decorators that do nothing, optional packages that are not installed. Libraries must cope with
each of these anyway. `torch._dynamo`, which transformers imports whether or not it is used, is put off: each name taken
from it stands for the real one and fetches it when it is first used. No name inside a library is touched, so that an
upgrade breaks nothing; at worst it imports more.
"""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import FunctionType, ModuleType
from typing import Any, Final

OPTIONAL: Final = ("scipy", "sklearn", "pandas", "accelerate", "torchvision", "torchaudio", "tensorflow", "jax", "flax")
"""Packages that transformers and diffusers import where they find them, and that no lab needs."""
PUT_OFF: Final = "torch._dynamo"
"""The compiler: its modules are imported when something of theirs is used."""


@contextmanager
def lean_imports() -> Iterator[None]:
    """Keep out of the imports of this block what labs do not use; modules already imported stay as they are.

    The garbage collector rests meanwhile: an import makes no garbage, and looking for some takes half a second.
    """
    import torch
    import torch.compiler
    import torch.distributed

    hidden = [name for name in OPTIONAL if name not in sys.modules]
    collecting = gc.isenabled()
    gc.disable()
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None: Python's own sign for “not installed”
    if PUT_OFF not in sys.modules:
        sys.meta_path.insert(0, _FINDER)
    is_available, disable = torch.distributed.is_available, torch.compiler.disable
    setattr(torch.distributed, "is_available", _no)  # noqa: B010  # mypy would compare the signatures
    setattr(torch.compiler, "disable", _as_it_is)  # noqa: B010
    try:
        yield
    finally:
        setattr(torch.distributed, "is_available", is_available)  # noqa: B010
        setattr(torch.compiler, "disable", disable)  # noqa: B010
        _stop_putting_off()
        for name in hidden:
            if sys.modules.get(name, ...) is None:
                del sys.modules[name]
        if collecting:
            gc.enable()


def _no() -> bool:
    return False


def _as_it_is(fn: Callable[..., Any] | None = None, **_: Any) -> Callable[..., Any]:
    """`torch.compiler.disable` for code that is never compiled: the function itself, or a decorator that gives it."""
    return fn if fn is not None else lambda decorated: decorated


class _Later:
    """Stands for a name of a module that was put off; any use of it imports the module and uses the real thing."""

    def __init__(self, module: str, name: str) -> None:
        self._module, self._name = module, name

    def _real(self) -> Any:
        _stop_putting_off()
        return getattr(importlib.import_module(self._module), self._name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if _FINDER in sys.meta_path and len(args) == 1 and isinstance(args[0], FunctionType) and not kwargs:
            return args[0]  # a decorator, met while a module is imported: without the compiler it does nothing
        return self._real()(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what Python itself asks of any object, such as a docstring
            raise AttributeError(name)
        return getattr(self._real(), name)

    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, self._real())

    def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[type, ...]:
        return (self._real(),)


class _StandIn(ModuleType):
    """A module that was put off."""

    __path__: list[str] = []  # it may have submodules  # noqa: RUF012

    def __getattr__(self, name: str) -> _Later:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Later(self.__name__, name)


class _Finder(MetaPathFinder, Loader):
    """Finds a stand-in for each module of PUT_OFF."""

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        if fullname == PUT_OFF or fullname.startswith(f"{PUT_OFF}."):
            return ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


_FINDER: Final = _Finder()


def _stop_putting_off() -> None:
    """From here on the real modules are imported."""
    if _FINDER in sys.meta_path:
        sys.meta_path.remove(_FINDER)
    for name in [name for name, module in sys.modules.items() if isinstance(module, _StandIn)]:
        del sys.modules[name]
        package, _, short = name.rpartition(".")
        parent = sys.modules.get(package)
        if parent is not None and isinstance(vars(parent).get(short), _StandIn):
            delattr(parent, short)
