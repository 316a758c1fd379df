"""Dataclasses as JSON and back, by the types of their fields. No library of schemas: the first card must not wait."""

from __future__ import annotations

import math
import types
from collections.abc import Callable
from dataclasses import MISSING, asdict, fields, is_dataclass
from datetime import date
from functools import cache
from typing import Any, Literal, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
Reader: TypeAlias = Callable[[Any], Any]


def to_json(value: Any) -> dict[str, Any]:
    """A dataclass as what `json.dumps` takes; days and moments as ISO 8601."""
    return asdict(value, dict_factory=lambda pairs: {name: _plain(each) for name, each in pairs})


def from_json(kind: type[T], data: Any) -> T:
    """A dataclass from decoded JSON; a field that is left out has its default, what is no field is passed over.

    Values that are as they should be already, such as a nested dataclass, are taken as they are.

    Raises:
        ValueError: a field is missing, or of another type than it should be; a number that is not finite is none.
    """
    hint: Any = kind
    found: T = _reader(hint)(data)
    return found


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


@cache
def _reader(hint: Any) -> Reader:
    """What makes a value of a type from its JSON."""
    if is_dataclass(hint):
        return _dataclass(hint)
    arguments = get_args(hint)
    match get_origin(hint):
        case None:
            return (lambda data: data) if hint is Any else _scalar(hint)
        case origin if origin is tuple:
            return _tuple(arguments)
        case origin if origin is dict:
            key, value = map(_reader, arguments)
            return lambda data: {key(name): value(each) for name, each in _a(dict, data).items()}
        case origin if origin is Literal:
            return lambda data: data if data in arguments else _refuse(data, " or ".join(map(repr, arguments)))
        case origin if origin in (Union, types.UnionType):
            return _union(arguments)
    raise NotImplementedError(f"{hint} is not kept as JSON")


def _dataclass(kind: Any) -> Reader:
    hints = get_type_hints(kind)
    # A class may hold itself, so that its readers are made when the first one is read.
    readers: list[tuple[str, Reader, bool]] = []

    def read(data: Any) -> Any:
        if isinstance(data, kind):
            return data
        if not readers:
            readers.extend(
                (each.name, _reader(hints[each.name]), each.default is each.default_factory is MISSING)
                for each in fields(kind)
                if each.init
            )
        given = _a(dict, data)
        values = {}
        for name, reader, is_needed in readers:
            if name in given:
                values[name] = reader(given[name])
            elif is_needed:
                raise ValueError(f"{name} is missing")
        return kind(**values)

    return read


def _tuple(arguments: tuple[Any, ...]) -> Reader:
    readers = [_reader(each) for each in arguments if each is not Ellipsis]
    if len(readers) < len(arguments):
        return lambda data: tuple(map(readers[0], _a((list, tuple), data)))

    def read(data: Any) -> Any:
        return tuple(reader(each) for reader, each in zip(readers, _a((list, tuple), data), strict=True))

    return read


def _union(arguments: tuple[Any, ...]) -> Reader:
    readers = [_reader(each) for each in arguments if each is not types.NoneType]
    may_be_none = len(readers) < len(arguments)

    def read(data: Any) -> Any:
        if data is None and may_be_none:
            return None
        for reader in readers[:-1]:
            try:
                return reader(data)
            except ValueError:
                continue
        return readers[-1](data)

    return read


def _scalar(kind: type[Any]) -> Reader:
    def read(data: Any) -> Any:
        if type(data) is kind or (kind is float and type(data) is int):
            return data if kind is not float or math.isfinite(data) else _refuse(data, kind)
        if issubclass(kind, date) and isinstance(data, str):
            return kind.fromisoformat(data)
        return _refuse(data, kind)

    return read


def _a(kind: Any, data: Any) -> Any:
    return data if isinstance(data, kind) else _refuse(data, kind)


def _refuse(data: Any, wanted: object) -> Any:
    raise ValueError(f"{data!r:.60} is not {wanted}")
