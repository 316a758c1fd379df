"""A field that holds one of a few values and is turned with the arrow keys or the mouse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget


class Cycle(Widget, can_focus=True):
    """Shows `◂ value ▸`; says Turned at every step, so that what it sets can be seen at once."""

    DEFAULT_CSS = """
    Cycle { height: 1; width: auto; padding: 0 1; background: $boost; pointer: pointer; }
    Cycle:focus { background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,space,enter", "turn(1)", "Next value", tooltip="The next value"),
        Binding("left", "turn(-1)", "Previous value", tooltip="The value before"),
    ]

    KEYS_OF = "fields with arrows"

    @dataclass
    class Turned(Message):
        """Another value is set."""

        cycle: Cycle
        value: str

        @property
        def control(self) -> Cycle:
            return self.cycle

    def __init__(self, values: Sequence[str], value: str, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._values = list(values) if value in values else [value, *values]
        self.value = value

    def action_turn(self, step: int) -> None:
        """Go on by a step, round at the ends."""
        at = (self._values.index(self.value) + step) % len(self._values)
        self.value = self._values[at]
        self.refresh(layout=True)
        self.post_message(self.Turned(self, self.value))

    def reset(self, value: str) -> None:
        """Show a value without saying so."""
        self.value = value
        self.refresh(layout=True)

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.focus()
        self.action_turn(-1 if event.x < self.size.width // 3 else 1)

    def render(self) -> Content:
        return Content(f"◂ {self.value} ▸")
