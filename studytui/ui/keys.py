"""The keys that many screens share, in one table; and the keys of a screen, read from its bindings."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.containers import ScrollableContainer
from textual.content import Content
from textual.dom import DOMNode
from textual.keys import key_to_character
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from studytui.ui.host import safe

HELP: Final = "question_mark,f1"
HINT: Final = "h,f2"
ALOUD: Final = "a,f3"
KNOBS: Final = "k,f4"
PAUSE: Final = "p,f4"
RUN: Final = "r,f5"
DONT_KNOW: Final = "x,f6"
PLAY: Final = "m,f7"
"""Each a letter, and a function key that works in a field too, where the letter is typed."""
HELP_ACTION: Final = "help"


def line_keys(screen: str) -> list[BindingType]:
    """The keys that scroll a screen by lines; see `StudyScreen.action_scroll_lines`."""
    return [
        Binding("down,j", "scroll_lines(1)", "Down", show=False, id=f"{screen}.down", tooltip="Scroll down"),
        Binding("up,k", "scroll_lines(-1)", "Up", show=False, id=f"{screen}.up", tooltip="Scroll up"),
    ]


def page_keys(screen: str, by: str = "scroll_pages(0.9)", down: str = "pagedown") -> list[BindingType]:
    """The keys that scroll a screen by pages; `by` is the action for the way down."""
    name, _, amount = by.rstrip(")").partition("(")
    return [
        Binding(down, by, "Page down", show=False, id=f"{screen}.page_down", tooltip="Scroll a page down"),
        Binding(
            "pageup", f"{name}(-{amount})", "Page up", show=False, id=f"{screen}.page_up", tooltip="Scroll a page up"
        ),
    ]


def tape_keys(screen: str) -> list[BindingType]:
    """The keys that step and play the tape of a question; see `StudyScreen.action_step_tape`."""
    return [
        Binding(
            "left", "step_tape(-1)", "Frame back", show=False, id=f"{screen}.frame_back", tooltip="The frame before"
        ),
        Binding("right", "step_tape(1)", "Frame on", show=False, id=f"{screen}.frame_on", tooltip="The next frame"),
        Binding(
            PLAY, "play_tape", "Play", show=False, id=f"{screen}.play", tooltip="Play the question's clip; stop it"
        ),
    ]


REPEAT_SECONDS: float = 0.12
"""A key that comes again within this time is being held: terminals repeat it every 33 ms or so."""
_MAY_REPEAT: Final = frozenset(
    [
        "up",
        "down",
        "left",
        "right",
        "pageup",
        "pagedown",
        "home",
        "end",
        "tab",
        "shift+tab",
        "shift+up",
        "shift+down",
        "backspace",
        "delete",
        "j",
        "k",
        "J",
        "K",
    ]
)
"""Keys that only move; holding them is meant."""
MOVING: Final = _MAY_REPEAT - {"tab", "shift+tab", "backspace", "delete"} | {"home", "end"}
_DIGITS: Final = re.compile(r"\d+")

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
    moves: bool = False
    """It only moves: what each list and page has."""


@dataclass(frozen=True, slots=True)
class KeyGroup:
    """The keys of one part of the screen."""

    title: str
    keys: tuple[KeyLine, ...]


def key_groups(app: App[Any], screen: Screen[Any]) -> list[KeyGroup]:
    """The keys that work on a screen at this moment: its own, those of the widget that has them, those of the app."""
    focused = screen.focused
    working = {
        (id(active.node), key)
        for key, active in screen.active_bindings.items()
        if active.enabled and not is_typed(focused, key)
    }
    groups = [KeyGroup("On this screen", _lines(app, screen, working))]
    for widget in focused.ancestors_with_self if focused is not None else ():
        if isinstance(widget, Screen | App):
            break
        if not isinstance(widget, _SKIPPED):
            name = getattr(widget, "KEYS_OF", "") or _CAMEL.sub(" ", type(widget).__name__).lower()
            groups.append(KeyGroup(f"In the {name}", _lines(app, widget, working)))
    palette = Binding(app.COMMAND_PALETTE_BINDING, "command_palette", "Command palette")
    found = KeyLine(app.get_key_display(palette), palette.description, "Find any screen, section, card, setting or lab")
    groups.append(KeyGroup("Everywhere", (*_lines(app, app, working), found)))
    return [group for group in groups if group.keys]


class KeyRepeats:
    """Tells a key that is held down, or bounces, from one that is pressed again."""

    def __init__(self) -> None:
        self._key = ""
        self._at = float("-inf")

    def is_repeat(self, key: str, at: float) -> bool:
        """Whether this press (`at`: monotonic seconds) follows one of the same key too soon to be meant."""
        again = key == self._key and at - self._at < REPEAT_SECONDS
        self._key, self._at = key, at
        return again and key not in _MAY_REPEAT


def is_typed(focused: Widget | None, key: str) -> bool:
    """Whether the widget that has the focus takes the key as text."""
    return focused is not None and focused.check_consume_key(key, key_to_character(key))


def key_name(app: App[Any], binding: Binding) -> str:
    """A key as it is drawn: `x`, `F6`, `esc`. A display name of the author's is that of the binding's first key."""
    if binding.key.startswith("f") and binding.key[1:].isdecimal():
        return binding.key.upper()
    return app.get_key_display(binding)


def _lines(app: App[Any], node: DOMNode, working: Collection[tuple[int, str]]) -> tuple[KeyLine, ...]:
    """A line for each action; one for actions that differ in a number, as the options of a question do."""
    by_action: dict[str, list[Binding]] = {}
    taken: set[str] = set()
    for binding in _bindings(type(node)):
        if binding.description and binding.key not in taken and (id(node), binding.key) in working:
            taken.add(binding.key)
            is_numbered = binding.key.isdecimal()
            by_action.setdefault(binding.action.partition("(")[0] if is_numbered else binding.action, []).append(
                binding
            )
    lines = []
    for bindings in by_action.values():
        first = bindings[0]
        shown = list(dict.fromkeys(key_name(app, binding) for binding in bindings))
        keys = f"{shown[0]} … {shown[-1]}" if len(shown) > 2 and first.key.isdecimal() else " ".join(shown)
        said = _DIGITS.sub("n", first.description) if len(bindings) > 2 else first.description
        lines.append(KeyLine(keys, said, first.tooltip, first.key in MOVING))
    return tuple(lines)


def _bindings(kind: type[DOMNode]) -> Iterator[Binding]:
    for owner in kind.__mro__:
        if owner not in _GENERAL:
            yield from Binding.make_bindings(vars(owner).get("BINDINGS", ()))


# The last line of every screen: the keys that work now, whole pairs only, with help always in view


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


def fitted(pairs: Sequence[tuple[str, Pair]], width: int) -> tuple[Content, tuple[tuple[int, Pair], ...]]:
    """As many pairs as `width` cells hold, by (action, pair), and help at the right; with the place of each."""
    help_pair = next((pair for action, pair in pairs if action == HELP_ACTION), None)
    room = width - (help_pair.cells + GAP if help_pair else 0)
    line, shown, at = Content(""), [], 0
    for action, pair in pairs:
        if action == HELP_ACTION:
            continue
        if at + pair.cells > room:
            break
        shown.append((at, pair))
        line += pair.content + " " * GAP
        at += pair.cells + GAP
    if help_pair is not None:
        place = max(at, width - help_pair.cells)
        shown.append((place, help_pair))
        line += Content(" " * (place - at)) + help_pair.content
    return line, tuple(shown)


class KeyBar(Widget, can_focus=False):
    """Pairs that do not fit are left out from the right. While a field takes the letters, keys that are letters are not
    shown: they would be typed. Under a box the keys are the box's."""

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
        line, self._shown = fitted(self.pairs(), self.size.width)
        return line

    def pairs(self) -> list[tuple[str, Pair]]:
        """The actions that can be taken now, each with the first of its keys that works."""
        top = self.app.screen
        screen = top if top.is_modal else self.screen
        focused = screen.focused
        found: dict[str, Pair] = {}
        for active in screen.active_bindings.values():
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
