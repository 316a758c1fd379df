"""The keys of a screen, read from the bindings of the screen, its widgets and the app."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from textual.app import App
from textual.binding import Binding
from textual.containers import ScrollableContainer
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

_SKIPPED: Final = (Input,)
"""Their keys are those of every text field."""
_GENERAL: Final = (Screen, ScrollableContainer)
"""Their keys (Tab, copying, scrolling sideways) are those of every screen."""
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One action: its keys as they are drawn, its short name and what it does."""

    display: str
    description: str
    tooltip: str


@dataclass(frozen=True, slots=True)
class KeyGroup:
    """The keys of one part of the screen."""

    title: str
    keys: tuple[KeyLine, ...]


def key_groups(app: App[Any], screen: Screen[Any]) -> list[KeyGroup]:
    """The screen's own keys first, then those of its widgets, then those that work everywhere.

    Keys that are out of place at this moment (grades before the answer) are listed too.
    """
    groups = [KeyGroup("On this screen", _lines(app, type(screen)))]
    seen: set[type[DOMNode]] = set()
    for widget in screen.walk_children(Widget):
        kind = type(widget)
        if kind in seen or not widget.display or not widget.can_focus or isinstance(widget, _SKIPPED):
            continue
        seen.add(kind)
        name = getattr(kind, "KEYS_OF", "") or _CAMEL.sub(" ", kind.__name__).lower()
        groups.append(KeyGroup(f"In the {name}", _lines(app, kind)))
    palette = Binding(app.COMMAND_PALETTE_BINDING, "command_palette", "Command palette")
    found = KeyLine(app.get_key_display(palette), palette.description, "Find any screen, section, card, setting or lab")
    groups.append(KeyGroup("Everywhere", (*_lines(app, type(app)), found)))
    return [group for group in groups if group.keys]


def _lines(app: App[Any], kind: type[DOMNode]) -> tuple[KeyLine, ...]:
    by_action: dict[str, list[Binding]] = {}
    taken: set[str] = set()
    for binding in _bindings(kind):
        if binding.description and binding.key not in taken:
            taken.add(binding.key)
            by_action.setdefault(binding.action, []).append(binding)
    lines = []
    for bindings in by_action.values():
        first = bindings[0]
        shown = dict.fromkeys(app.get_key_display(binding) for binding in bindings)
        lines.append(KeyLine(" ".join(shown), first.description, first.tooltip))
    return tuple(lines)


def _bindings(kind: type[DOMNode]) -> Iterator[Binding]:
    for owner in kind.__mro__:
        if owner not in _GENERAL:
            yield from Binding.make_bindings(vars(owner).get("BINDINGS", ()))
