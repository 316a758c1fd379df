"""Writing TOML as a person would: one field a line, long texts as they read, so that the file can be edited by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

Value: TypeAlias = str | bool | int | float | Sequence["Value"] | Mapping[str, "Value"]

_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_WIDEST: Final = 100
"""A list longer than this is written with one element a line."""


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
