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
    """Says Turned when a knob may be set: at Enter, and when its field is left. An empty one leaves it to the draw."""

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
        """A knob was turned, or its field left; `texts` says what stands there."""

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

    def texts(self) -> dict[str, str]:
        """What stands in the knobs by name, '' where a knob is left to the draw."""
        fields = {control.id or "": control.value for control in self.query(Input)}
        cycles = {cycle.id or "": "" if cycle.value == DRAWN else cycle.value for cycle in self.query(Cycle)}
        return {name.removeprefix("knob-"): text for name, text in (fields | cycles).items()}

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

    @on(Input.Submitted)
    @on(Input.Blurred)
    @on(Cycle.Turned)
    def _turned(self, event: Message) -> None:
        event.stop()
        self.post_message(self.Turned())

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()


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
