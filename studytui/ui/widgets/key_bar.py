"""The last line of every screen: the keys that work now, whole pairs only, with help always in view."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from studytui.ui.keys import HELP_ACTION, is_typed, key_name
from studytui.ui.text import safe

GAP = 3
"""Cells between two pairs, so that no colour is needed to tell which word belongs to which key."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A key as it is drawn, its word, and the key that a click on it stands for."""

    name: str
    word: str
    key: str

    @property
    def cells(self) -> int:
        """Its width on the screen."""
        return self.content.cell_length

    @property
    def content(self) -> Content:
        """As it is drawn."""
        return Content.assemble((safe(self.name), "bold $text-primary"), f" {safe(self.word)}")


class KeyBar(Widget, can_focus=False):
    """Pairs that do not fit are left out from the right. While a field takes the letters, keys that are letters are not
    shown: they would be typed."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    KeyBar { dock: bottom; height: 1; padding: 0 1; background: $panel; color: $foreground; text-wrap: nowrap; }
    """

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._changed)
        self._shown: tuple[tuple[int, Pair], ...] = ()

    def on_unmount(self) -> None:
        self.screen.bindings_updated_signal.unsubscribe(self)

    def _changed(self, screen: Screen[object]) -> None:
        if self.is_attached and screen is self.screen:
            self.refresh()

    def render(self) -> Content:
        pairs = self.pairs()
        help_pair = next((pair for action, pair in pairs if action == HELP_ACTION), None)
        rest = [pair for action, pair in pairs if action != HELP_ACTION]
        room = self.size.width - (help_pair.cells + GAP if help_pair else 0)
        line, shown, at = Content(""), [], 0
        for pair in rest:
            if at + pair.cells > room:
                break
            shown.append((at, pair))
            line += pair.content + " " * GAP
            at += pair.cells + GAP
        if help_pair is not None:
            place = max(at, self.size.width - help_pair.cells)
            shown.append((place, help_pair))
            line += Content(" " * (place - at)) + help_pair.content
        self._shown = tuple(shown)
        return line

    def pairs(self) -> list[tuple[str, Pair]]:
        """The actions that can be taken now, each with the first of its keys that works."""
        focused = self.screen.focused
        found: dict[str, Pair] = {}
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if not active.enabled or binding.action in found or not (binding.show or binding.action == HELP_ACTION):
                continue
            if not is_typed(focused, binding.key):
                found[binding.action] = Pair(key_name(self.app, binding), binding.description, binding.key)
        return list(found.items())

    def on_click(self, event: events.Click) -> None:
        """A click on a pair is its key."""
        for at, pair in self._shown:
            if at <= event.x - self.styles.padding.left < at + pair.cells:
                self.app.simulate_key(pair.key)
