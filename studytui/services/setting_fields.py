"""The settings as a form sees them: name, text and what each may be, read from `domain.settings` itself."""

from __future__ import annotations

import ast
import inspect
from dataclasses import dataclass, fields
from functools import cache
from typing import Literal, get_args, get_origin, get_type_hints

from studytui.domain import settings
from studytui.domain.settings import Settings


@dataclass(frozen=True, slots=True)
class SettingField:
    """One setting. `choices` holds what it may be, where that is a short list; else it is a number or a text."""

    name: str
    text: str
    kind: Literal["switch", "choice", "number", "text"]
    choices: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The name as words: New per day."""
        return self.name.replace("_", " ").capitalize()


@cache
def setting_fields() -> tuple[SettingField, ...]:
    """All settings in their order."""
    texts = _docstrings()
    hints = get_type_hints(Settings, vars(settings))
    found = []
    for field in fields(Settings):
        hint, text = hints[field.name], texts.get(field.name, "")
        if hint is bool:
            found.append(SettingField(field.name, text, "switch"))
        elif get_origin(hint) is Literal:
            found.append(SettingField(field.name, text, "choice", get_args(hint)))
        else:
            found.append(SettingField(field.name, text, "number" if hint is int else "text"))
    return tuple(found)


def _docstrings() -> dict[str, str]:
    body = ast.parse(inspect.getsource(Settings)).body[0]
    texts: dict[str, str] = {}
    name = ""
    for node in body.body if isinstance(body, ast.ClassDef) else ():
        match node:
            case ast.AnnAssign(target=ast.Name(id=found)):
                name = found
            case ast.Expr(value=ast.Constant(value=str(text))) if name:
                texts[name] = " ".join(text.split())
                name = ""
    return texts
