"""The knobs of a lab exercise: each its name, a field, and what it takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Label, Static

from labs.protocol import Param
from studytui.services.bench import Bench
from studytui.ui.text import safe
from studytui.ui.widgets.cycle import Cycle

DRAWN = "drawn"
"""What a knob shows that is left to the draw."""


class KnobForm(Vertical):
    """Says Turned when a knob is set; an empty field leaves the knob to the draw."""

    DEFAULT_CSS = """
    KnobForm { height: auto; border-top: solid $panel-lighten-2; }
    KnobForm Horizontal { height: 1; }
    KnobForm .name { width: 18; text-style: bold; }
    KnobForm Input { width: 26; margin-right: 1; }
    KnobForm Cycle { margin-right: 1; }
    KnobForm .meaning { width: 1fr; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    KnobForm .problem { color: $text-error; display: none; height: auto; }
    """

    @dataclass
    class Turned(Message):
        """A knob holds another text."""

        name: str
        text: str

    def compose(self) -> ComposeResult:
        yield Static("Knobs  (k; an empty field is drawn anew each time)", classes="heading", markup=False)
        yield Vertical(id="rows")
        yield Static(classes="problem", markup=False)

    async def offer(self, bench: Bench) -> None:
        """Show the knobs of an exercise."""
        rows = self.query_one("#rows", Vertical)
        rows.styles.height = "auto"
        await rows.remove_children()
        await rows.mount_all(list(_rows(bench)))

    def complain(self, text: str) -> None:
        """Show why the knobs cannot stand as they are; '' when they can."""
        problem = self.query_one(".problem", Static)
        problem.update(f"✗ {safe(text)}" if text else "")
        problem.display = bool(text)

    def focus_first(self) -> None:
        """Give the keys to the first knob."""
        for control in self.query("Input, Cycle"):
            control.focus()
            break

    def focus_knob(self, name: str) -> None:
        """Give the keys to a knob."""
        for control in self.query(f"#knob-{name}"):
            control.focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Turned((event.input.id or "").removeprefix("knob-"), event.value))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()

    @on(Cycle.Turned)
    def _turned(self, event: Cycle.Turned) -> None:
        event.stop()
        text = "" if event.value == DRAWN else event.value
        self.post_message(self.Turned((event.cycle.id or "").removeprefix("knob-"), text))


def _rows(bench: Bench) -> Iterator[Horizontal]:
    for knob in bench.knobs:
        yield Horizontal(
            Label(safe(knob.name.replace("_", " ")), classes="name", markup=False),
            _control(knob, bench.texts.get(knob.name, "")),
            Label(safe(bench.meaning(knob)), classes="meaning", markup=False),
        )


def _control(knob: Param, text: str) -> Input | Cycle:
    if knob.choices:
        return Cycle((DRAWN, *(str(choice) for choice in knob.choices)), text or DRAWN, id=f"knob-{knob.name}")
    placeholder = "path of a picture" if knob.kind == "path" else DRAWN
    return Input(text, compact=True, placeholder=placeholder, id=f"knob-{knob.name}")
