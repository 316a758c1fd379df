"""A field that holds one of a few values and is turned with the arrow keys or the mouse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from studytui.domain.sm2 import grade_label
from studytui.domain.statistics import SURE_WORDS
from studytui.study.review import Preview


class Cycle(Widget, can_focus=True):
    """Shows `◂ value ▸`; says Turned at every step, so that what it sets can be seen at once."""

    DEFAULT_CSS = """
    Cycle { height: 1; width: auto; padding: 0 1; background: $boost; pointer: pointer; }
    Cycle:focus { background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,space,enter", "turn(1)", "Next value", tooltip="The next value"),
        Binding("left", "turn(-1)", "Previous value", tooltip="The previous value"),
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


# The bar at the bottom of a review: one button to go on, or one button a grade with what it would do


MOST_BUTTONS = 6


@dataclass(frozen=True, slots=True)
class Offer:
    """One button: the value it stands for, its key, its label and a detail below."""

    value: int
    key: str
    label: str
    detail: str = ""
    suggested: bool = False
    tone: str = ""
    reason: str = ""
    """Why it is suggested; the mouse shows it."""


def interval_text(days: int) -> str:
    """Days as a person says them: today, 6 d, 4.1 mo, 2.5 y."""
    if days < 100:
        return f"{days} d" if days else "today"
    return f"{days / 30.44:.1f} mo" if days < 730 else f"{days / 365.25:.1f} y"


def preview_text(preview: Preview) -> str:
    """What a grade would do: `6 d`, `1 d ↻`, or that the schedule stays."""
    days = interval_text(preview.interval_days) if preview.moves else "no change"
    return f"{days} ↻" if preview.asks_again else days


def grade_offers(
    grades: Sequence[int], previews: Mapping[int, Preview], suggested: int, *, reason: str = ""
) -> list[Offer]:
    """One button a grade with the interval it gives, `↻` where the card is asked again today first."""
    four = len(grades) == 4
    tones = {0: "error", 1: "error", 2: "error", 3: "warning", 4: "success", 5: "primary"}
    return [
        Offer(
            value=grade,
            key=str(place if four else grade),
            label=grade_label(grade, four=four),
            detail=preview_text(previews[grade]),
            suggested=grade == suggested,
            tone=tones[grade],
            reason=reason if grade == suggested else "",
        )
        for place, grade in enumerate(grades, 1)
    ]


def sure_offers() -> list[Offer]:
    """One button for each answer to "how sure are you?"."""
    return [Offer(n, str(n), word, "how sure?" if n == 3 else "") for n, word in SURE_WORDS.items()]


class BarButton(Static):
    """A button two lines tall; the suggested one is marked with arrows and a stronger colour."""

    @dataclass
    class Pressed(Message):
        """The button was clicked."""

        value: int

    def __init__(self) -> None:
        super().__init__(markup=False)
        self.offer = Offer(0, "", "")

    def show(self, offer: Offer) -> None:
        self.offer = offer
        left, right = ("▸ ", " ◂") if offer.suggested else ("", "")
        key = f"{offer.key} " if offer.key else ""
        text = Content.assemble(left, (key, "bold"), offer.label, right)
        self.update(text + Content(f"\n{offer.detail}") if offer.detail else text)
        self.set_classes([name for name in (f"-{offer.tone}", "-suggested" * offer.suggested) if len(name) > 1])
        self.tooltip = offer.reason or None

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.post_message(self.Pressed(self.offer.value))


class GradeBar(Horizontal):
    """Buttons side by side; which ones, `offer` decides. The buttons are made once and reused."""

    DEFAULT_CSS = """
    GradeBar { height: 2; background: $panel; }
    GradeBar BarButton { width: 1fr; height: 2; text-align: center; margin: 0 1 0 0; background: $surface; }
    GradeBar BarButton:hover { background: $boost; text-style: underline; }
    GradeBar BarButton.-suggested { text-style: bold; }
    GradeBar BarButton.-error { color: $text-error; }
    GradeBar BarButton.-warning { color: $text-warning; }
    GradeBar BarButton.-success { color: $text-success; }
    GradeBar BarButton.-primary { color: $text-primary; }
    GradeBar BarButton.-error.-suggested { background: $error-muted; }
    GradeBar BarButton.-warning.-suggested { background: $warning-muted; }
    GradeBar BarButton.-success.-suggested { background: $success-muted; }
    GradeBar BarButton.-primary.-suggested { background: $primary-muted; }
    """

    @dataclass
    class Chosen(Message):
        """A button was pressed."""

        value: int

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._buttons = [BarButton() for _ in range(MOST_BUTTONS)]
        self.offers: tuple[Offer, ...] = ()

    def compose(self) -> ComposeResult:
        yield from self._buttons

    def offer(self, offers: Iterable[Offer]) -> None:
        """Show these buttons, at most six."""
        self.offers = tuple(offers)
        for at, button in enumerate(self._buttons):
            button.display = at < len(self.offers)
            if at < len(self.offers):
                button.show(self.offers[at])

    @on(BarButton.Pressed)
    def _pressed(self, event: BarButton.Pressed) -> None:
        event.stop()
        self.post_message(self.Chosen(event.value))
