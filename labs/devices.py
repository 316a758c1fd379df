"""Where the labs compute: the CPU, or an accelerator that the learner asked for and the machine has.

The CPU is the default, and the only one whose results are repeatable to the bit. Trained models move to the device;
what a lab draws, measures and shows stays on the CPU, so that the same numbers go in everywhere.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from labs.protocol import DEVICE_VARIABLE

if TYPE_CHECKING:
    import torch

    Model = TypeVar("Model", bound=torch.nn.Module)

_used: set[str] = set()
_depth = 0


@cache
def device() -> torch.device:
    """The device of this process. What was asked for and is not there falls back to the CPU: a lab always answers."""
    import torch

    wanted = os.environ.get(DEVICE_VARIABLE, "cpu")
    if wanted in ("cuda", "auto") and torch.cuda.is_available():
        return torch.device("cuda")
    if wanted in ("mps", "auto") and torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def placed(model: Model, *methods: str) -> Model:
    """The model, moved to the device. Tensors given to it follow it there, and what it returns is on the CPU again.

    `methods` are those it is called by besides `forward`; `part.forward` names a part that is called by itself.
    """
    if device().type == "cpu":
        return model
    model.to(device())
    for path in ("forward", *methods):
        owner, _, name = path.rpartition(".")
        part = model.get_submodule(owner)
        setattr(part, name, _ferried(getattr(part, name)))
    return model


def forget() -> None:
    """Begin to watch which device is used."""
    _used.clear()


def used() -> str:
    """The device that a model ran on since `forget`; `cpu` if none ran elsewhere."""
    return next(iter(_used), "cpu")


def _ferried(call: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(call)
    def there_and_back(*given: Any, **named: Any) -> Any:
        global _depth  # noqa: PLW0603  one worker computes one thing at a time
        if _depth:  # called by a part that is there already
            return call(*given, **named)
        _used.add(str(device()))
        _depth += 1
        try:
            found = call(*_moved(given, device()), **_moved(named, device()))
        finally:
            _depth -= 1
        return _moved(found, "cpu")

    return there_and_back


def _moved(value: Any, where: torch.device | str) -> Any:
    """Tensors in tuples, dictionaries and the output objects of transformers, moved; anything else as it is."""
    import torch

    if isinstance(value, torch.Tensor):
        return value.to(where)
    if isinstance(value, tuple | list):
        return type(value)(_moved(one, where) for one in value)
    if isinstance(value, Mapping):
        for key in list(value):
            value[key] = _moved(value[key], where)  # type: ignore[index]  # an output object must stay one
    return value
