"""How the learner answers: one widget a form of answer.

`widget_for` imports the widget's module only when a card of its kind is shown, so that the first card pays for its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from studytui.domain.cards import Choice
from studytui.domain.verdict import Response, Verdict
from studytui.ui.host import safe
from studytui.ui.widgets.markdown import Row, RowList, inline

if TYPE_CHECKING:
    from textual.widgets import TextArea

    from studytui.study.attempt import Attempt


def widget_for(attempt: Attempt) -> AnswerWidget | None:
    """The widget that takes the answer, or None for a card that is only revealed."""
    shown = [option.index for option in attempt.options]
    texts = [option.text for option in sorted(attempt.options, key=lambda option: option.index)]
    match attempt.form:
        case "choice":
            body = attempt.asked.card.body if attempt.asked is not None else None
            if isinstance(body, Choice):
                return Pick(texts, shown, right=body.right, whys=[option.why for option in body.options])
            return Pick(texts, shown)
        case "order":
            return OrderLines(texts, shown)
        case "match":
            return MatchPairs(attempt.lefts, texts, shown)
        case "blanks":
            return Fill(attempt.blanks)
        case "number":
            return Number(attempt.unit)
        case "points":
            return Written()
    return None


# What all answer widgets have in common: they post one response, and show how it was judged


class AnswerWidget(Vertical):
    """Base of the answer widgets. After `settle` it takes no more keys.

    Responses are in the author's order, whatever the shuffle on the screen was.
    """

    DEFAULT_CSS = """
    AnswerWidget { height: auto; }
    """
    is_typed = False
    """True where letters go into a field, so that letter keys are no commands."""
    prompt = ""
    """What to do, in a few words; shown above the grade bar."""

    @dataclass
    class Answered(Message):
        """The learner gave an answer."""

        response: Response

    @dataclass
    class NotYet(Message):
        """What stands in the widget is no answer yet; `what_to_do` says how to give one."""

        what_to_do: str

    @dataclass
    class Changed(Message):
        """What stands in the widget changed before it was handed in."""

        values: list[str]

    settled = False

    def first_focus(self) -> Widget | None:
        """What takes the keys; None if the screen keeps them."""
        return self

    def hand_in(self) -> None:
        """Answer with what stands there now."""
        raise NotImplementedError

    def action_hand_in(self) -> None:
        self.hand_in()

    def digit(self, number: int) -> None:
        """Take a number key that reached the screen."""

    def settle(self, verdict: Verdict | None) -> None:  # noqa: ARG002  for the widgets that show it
        """Stop taking keys and show what was right."""
        self.settled = True
        self.can_focus = False


class AnswerField(Input):
    """A field of an answer. While nothing stands in it, the arrows step through the question's clip."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("cursor_left", "cursor_right") and not self.value:
            return False
        return super().check_action(action, parameters)


# Fill the blanks of a cloze: one field a blank; Enter goes to the next one and hands in at the last


class Fill(AnswerWidget):
    """Fields for `count` blanks; what is typed also appears in the text above."""

    DEFAULT_CSS = """
    Fill > Horizontal { height: 1; margin-bottom: 0; }
    Fill Label { width: 4; }
    Fill Input { width: 1fr; max-width: 60; }
    """
    is_typed = True
    prompt = "Fill in the blanks; Enter goes on"

    def __init__(self, count: int) -> None:
        super().__init__()
        self._fields: list[Input] = [
            AnswerField(compact=True, placeholder="type here", id=f"blank-{i}") for i in range(count)
        ]

    @property
    def values(self) -> list[str]:
        """What stands in the fields."""
        return [field.value for field in self._fields]

    def compose(self) -> ComposeResult:
        for number, field in enumerate(self._fields, 1):
            yield Horizontal(Label(f"{number} ›" if len(self._fields) > 1 else "›"), field)

    def first_focus(self) -> Widget | None:
        return next((field for field in self._fields if not field.value), self._fields[0])

    def hand_in(self) -> None:
        if not self.settled:
            self.post_message(self.Answered(self.values))

    def settle(self, verdict: Verdict | None) -> None:
        super().settle(verdict)
        self.display = False

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(self.values))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        place = self._fields.index(event.input)
        if place + 1 < len(self._fields):
            self._fields[place + 1].focus()
        else:
            self.hand_in()


# Match each left side to a right one: the number of a right goes to the left under the cursor


class MatchPairs(AnswerWidget, RowList, can_focus=True):
    """Lefts in the author's order, rights shuffled and numbered; the response gives each left its right's index."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Previous left side", id="match.up", show=False),
        Binding("down,j", "move(1)", "Next left side", id="match.down", show=False),
        Binding("left", "cycle(-1)", "Previous right side", id="match.left", show=False),
        Binding("right", "cycle(1)", "Next right side", id="match.right", show=False),
        Binding("enter,space", "hand_in", "Check the pairs", id="match.hand_in", show=False),
        Binding("backspace", "clear", "Remove the right side", id="match.clear", show=False),
        *(Binding(str(n % 10), f"assign({n})", f"Right side {n}", id=f"match.{n}", show=False) for n in range(1, 11)),
    ]
    DEFAULT_CSS = """
    MatchPairs > Static { margin: 1 0 0 1; color: $foreground-muted; }
    """
    prompt = "Type the number that belongs to the marked line"

    def __init__(self, lefts: Sequence[str], rights: Sequence[str], permutation: Sequence[int]) -> None:
        super().__init__()
        self._rights_text = [inline(right) for right in rights]
        self.rows = [Row(index, inline(left)) for index, left in enumerate(lefts)]
        self._rights = [Row(index, self._rights_text[index]) for index in permutation]
        self._number = {row.index: place for place, row in enumerate(self._rights, 1)}
        self._given: list[int | None] = [None] * len(lefts)

    def compose(self) -> ComposeResult:
        yield from super().compose()
        yield Static("belongs to", markup=False)
        yield from self._rights

    def action_cycle(self, step: int) -> None:
        given = self._given[self.cursor]
        place = self._number[given] - 1 + step if given is not None else (0 if step > 0 else -1)
        self._assign(self._rights[place % len(self._rights)].index)
        self.draw()

    def action_assign(self, number: int) -> None:
        """Give the right side of that number to the left under the cursor, and go to the next one still without."""
        if self.settled or not 1 <= number <= len(self._rights):
            return
        self._assign(self._rights[number - 1].index)
        places = [(self.cursor + step) % len(self.rows) for step in range(1, len(self.rows))]
        self.cursor = next((place for place in places if self._given[place] is None), self.cursor)
        self.draw()

    def action_clear(self) -> None:
        self._given[self.cursor] = None
        self.draw()

    def hand_in(self) -> None:
        if not self.settled:
            self.post_message(self.Answered(cast(Response, list(self._given))))

    def digit(self, number: int) -> None:
        self.action_assign(number or 10)

    def settle(self, verdict: Verdict | None) -> None:
        super().settle(verdict)
        self.query("Static").remove()
        for row in self._rights:
            row.display = False
        for index, row in enumerate(self.rows):
            right = None if verdict is None else verdict.parts[index].correct
            sign = " " if right is None else "✓" if right else "✗"
            row.content = row.content + " – " + self._rights_text[index]
            given = self._given[index]
            note = ""
            if right is False:
                note = f"you chose: {self._rights_text[given].plain}" if given is not None else "no answer"
            row.mark(f"{sign} ", note=note, right=right)

    def clicked(self, row: Row) -> None:
        if row not in self.rows:
            self.action_assign(self._number[row.index])
        elif not self.settled:
            super().clicked(row)

    def _assign(self, right: int) -> None:
        self._given = [None if given == right else given for given in self._given]
        self._given[self.cursor] = right

    def marker(self, place: int) -> str:  # noqa: ARG002
        return " "

    def note(self, place: int) -> str:
        given = self._given[place]
        return "" if given is None else f"→ {self._number[given]}  {self._rights_text[given].plain}"

    def draw(self) -> None:
        super().draw()
        for row in self._rights:
            used = row.index in self._given
            row.mark(f"{'·' if used else ' '} {self._number[row.index]}  ")


# Type a number, its unit beside the field


class Number(AnswerWidget):
    """A field that takes any spelling of a number: `14 x 14 = 196`, `1,024`, `3.5e-4`, `50 %`."""

    DEFAULT_CSS = """
    Number > Horizontal { height: 1; }
    Number Label { width: auto; margin-right: 1; }
    Number Input { width: 1fr; max-width: 30; margin-right: 1; }
    """
    is_typed = True
    prompt = "Type the number; Enter checks it"

    def __init__(self, unit: str = "") -> None:
        super().__init__()
        self._field = AnswerField(compact=True, placeholder="a number, or 3 x 4", id="number")
        self._unit = unit

    def compose(self) -> ComposeResult:
        yield Horizontal(Label("›"), self._field, Label(safe(self._unit), markup=False))

    def first_focus(self) -> Widget | None:
        return self._field

    def hand_in(self) -> None:
        if not self.settled:
            self.post_message(self.Answered(self._field.value))

    def settle(self, verdict: Verdict | None) -> None:
        super().settle(verdict)
        self.display = False

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.hand_in()


# Put lines in order: move the line under the cursor, pick lines by number one after another, or drag them


class OrderLines(AnswerWidget, RowList, can_focus=True):
    """Steps in the order of this showing; the response is the list of the author's indices, top to bottom.

    Each line keeps the number it was shown with. Typing numbers builds the order from the top: the first one typed
    becomes the first line, and so on; Backspace takes the last one back.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Previous line", id="order.up", show=False),
        Binding("down,j", "move(1)", "Next line", id="order.down", show=False),
        Binding("shift+up,K", "shift(-1)", "Move line up", id="order.raise", show=False),
        Binding("shift+down,J", "shift(1)", "Move line down", id="order.lower", show=False),
        Binding("enter,space", "hand_in", "Check the order", id="order.hand_in", show=False),
        Binding("backspace", "unplace", "Take the last number back", id="order.unplace", show=False),
        *(Binding(str(n), f"place({n})", f"Line {n} comes next", id=f"order.{n}", show=False) for n in range(1, 10)),
    ]
    GOES_ROUND = False
    prompt = "⇧↑ ⇧↓ move a line, or type the numbers in order"

    def __init__(self, steps: Sequence[str], permutation: Sequence[int]) -> None:
        super().__init__()
        self.rows = [Row(index, inline(steps[index])) for index in permutation]
        self._number = {row.index: place for place, row in enumerate(self.rows, 1)}
        self._placed = 0
        self._touched = False
        self._grabbed = False

    @property
    def order(self) -> list[int]:
        """The author's indices from top to bottom."""
        return [row.index for row in self.rows]

    def action_shift(self, step: int) -> None:
        self._move(self.cursor, self.cursor + step)

    def action_place(self, number: int) -> None:
        """The line shown with this number takes the next place from the top."""
        if self.settled:
            return
        place = next((i for i, row in enumerate(self.rows) if self._number[row.index] == number), None)
        if place is None or place < self._placed:
            return
        self._touched = True
        target, self._placed = self._placed, self._placed + 1
        self._move(place, target)

    def action_unplace(self) -> None:
        self._placed = max(0, self._placed - 1)
        self.draw()

    def hand_in(self) -> None:
        if self.settled:
            return
        if self._touched:
            self.post_message(self.Answered(self.order))
        else:
            self.post_message(self.NotYet("Nothing is in order yet: move lines with ⇧↑ ⇧↓, or type their numbers."))

    def digit(self, number: int) -> None:
        self.action_place(number)

    def settle(self, verdict: Verdict | None) -> None:
        super().settle(verdict)
        for place, row in enumerate(self.rows):
            if verdict is None or place >= len(verdict.parts):
                row.mark(f"  {place + 1}  ")
            else:
                right = verdict.parts[place].correct
                note = "" if right else f"belongs in place {row.index + 1}"
                row.mark(f"{'✓' if right else '✗'} {place + 1}  ", note=note, right=right)

    def _move(self, start: int, end: int) -> None:
        if self.settled or not 0 <= end < len(self.rows):
            return
        self._touched = True
        row = self.rows.pop(start)
        self.rows.insert(end, row)
        self.cursor = end
        if end < start:
            self.move_child(row, before=self.children[end])
        else:
            self.move_child(row, after=self.children[end])
        self.draw()

    def marker(self, place: int) -> str:
        done = f"{place + 1}." if place < self._placed else "  "
        return f"{done} {self._number[self.rows[place].index]}  "

    def clicked(self, row: Row) -> None:
        """The mouse button took the line when it went down."""

    @on(events.MouseDown)
    def _grab(self, event: events.MouseDown) -> None:
        place = self._place_at(event.screen_y)
        if place is not None and not self.settled:
            self.cursor, self._grabbed = place, True
            self.capture_mouse()
            self.draw()

    @on(events.MouseMove)
    def _drag(self, event: events.MouseMove) -> None:
        place = self._place_at(event.screen_y)
        if self._grabbed and place is not None and place != self.cursor:
            self._move(self.cursor, place)

    @on(events.MouseUp)
    def _drop(self) -> None:
        if self._grabbed:
            self._grabbed = False
            self.release_mouse()

    def _place_at(self, screen_y: int) -> int | None:
        return next((i for i, row in enumerate(self.rows) if row.region.y <= screen_y < row.region.bottom), None)


# Pick one of several options: by its number, with arrows and Enter, or with the mouse


NOWHERE: Final = -1
"""The place of a cursor before it was moved."""


class Pick(AnswerWidget, RowList, can_focus=True):
    """Options in the order of this showing; the response is the author's index of the one picked."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Previous option", id="pick.up", show=False),
        Binding("down,j", "move(1)", "Next option", id="pick.down", show=False),
        Binding("enter,space", "hand_in", "Pick", id="pick.hand_in", tooltip="Answer with this option", show=False),
        *(Binding(str(n), f"pick({n})", f"Pick option {n}", id=f"pick.{n}", show=False) for n in range(1, 10)),
    ]
    DEFAULT_CSS = "Pick Row.-drawn { margin-bottom: 1; }"
    prompt = "Pick an option by its number"

    def __init__(
        self,
        options: Sequence[str],
        permutation: Sequence[int],
        *,
        right: int | None = None,
        whys: Sequence[str] = (),
    ) -> None:
        """`right` and `whys` (in the author's order) are shown once the answer is judged; a lab tells them later."""
        super().__init__()
        self._right = right
        self._whys = tuple(whys)
        self._shown = tuple(permutation)
        self.rows = [Row(index, inline(options[index])) for index in self._shown]
        for row, index in zip(self.rows, self._shown, strict=True):
            row.set_class("█" in options[index], "-drawn")  # curves of blocks run into each other where they touch
        self.cursor = NOWHERE
        self._picked: int | None = None

    def action_move(self, step: int) -> None:
        super().action_move(0 if self.cursor == NOWHERE and step < 0 else step)

    def action_pick(self, number: int) -> None:
        if not self.settled and 1 <= number <= len(self.rows):
            self.cursor = number - 1
            self.draw()
            self.hand_in()

    def hand_in(self) -> None:
        if self.cursor == NOWHERE and not self.settled:
            self.post_message(self.NotYet("Pick an option: type its number, or move to it with ↓ and press Enter."))
        elif not self.settled:
            self._picked = self._shown[self.cursor]
            self.post_message(self.Answered(self._picked))

    def digit(self, number: int) -> None:
        self.action_pick(number)

    def settle(self, verdict: Verdict | None) -> None:
        """Mark the right option and the picked one, and say what is wrong with the others."""
        super().settle(verdict)
        right = self._right if self._right is not None else self._right_by_words(verdict)
        for place, row in enumerate(self.rows, 1):
            is_right, was_picked = row.index == right, row.index == self._picked
            sign = "✓" if is_right else "✗" if was_picked else " "
            why = self._whys[row.index] if row.index < len(self._whys) and not was_picked else ""
            row.mark(f"{sign} {place}  ", note=why, right=True if is_right else False if was_picked else None)

    def _right_by_words(self, verdict: Verdict | None) -> int | None:
        if verdict is None or not verdict.parts:
            return None
        words = inline(verdict.parts[0].right).plain
        return next((row.index for row in self.rows if row.content.plain == words), None)

    def clicked(self, row: Row) -> None:
        self.action_pick(self.rows.index(row) + 1)

    def marker(self, place: int) -> str:
        return f" {place + 1}  "


# Tick the points of a rubric that were said


class Tick(AnswerWidget, RowList, can_focus=True):
    """The points of an open card; the response is the list of indices that were ticked."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Previous point", id="tick.up", show=False),
        Binding("down,j", "move(1)", "Next point", id="tick.down", show=False),
        Binding("space", "tick_at", "Tick the point", id="tick.toggle", show=False),
        Binding("a", "all", "Tick all points", id="tick.all", show=False),
        Binding("enter", "hand_in", "Done ticking", id="tick.hand_in", show=False),
        *(Binding(str(n), f"tick({n})", f"Tick point {n}", id=f"tick.{n}", show=False) for n in range(1, 10)),
    ]
    prompt = "Tick what you said, by number or with Space"

    def __init__(self, points: Sequence[str]) -> None:
        super().__init__()
        self.rows = [Row(index, inline(point)) for index, point in enumerate(points)]
        self._ticked: set[int] = set()

    def action_tick_at(self) -> None:
        self.action_tick(self.cursor + 1)

    def action_all(self) -> None:
        everything = set(range(len(self.rows)))
        self._ticked = set() if self._ticked == everything else everything
        self.draw()

    def action_tick(self, number: int) -> None:
        if not self.settled and 1 <= number <= len(self.rows):
            self.cursor = number - 1
            self._ticked ^= {self.cursor}
            self.draw()

    def hand_in(self) -> None:
        if not self.settled:
            self.post_message(self.Answered(sorted(self._ticked)))

    def digit(self, number: int) -> None:
        self.action_tick(number)

    def settle(self, verdict: Verdict | None) -> None:
        super().settle(verdict)
        for index, row in enumerate(self.rows):
            said = index in self._ticked
            row.mark("✓ " if said else "✗ ", note="" if said else "not said", right=said)

    def clicked(self, row: Row) -> None:
        self.action_tick(row.index + 1)

    def marker(self, place: int) -> str:
        return f" [{'x' if place in self._ticked else ' '}] {place + 1}  "


# Answer an open question aloud, or write it down first: the editor is imported and mounted when it is asked for


class Written(AnswerWidget):
    """An optional page to write on. Its text goes into the log; the points ticked afterwards are the answer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+d", "hand_in", "Done writing", id="written.done", priority=True, show=False),
    ]
    DEFAULT_CSS = """
    Written > Static { color: $foreground-muted; }
    Written > TextArea { height: 10; }
    """
    prompt = "Say it aloud, or press t to write it down"

    def __init__(self) -> None:
        super().__init__()
        self._area: TextArea | None = None

    @property
    def text(self) -> str:
        """What was written, or ''."""
        return self._area.text if self._area else ""

    def compose(self) -> ComposeResult:
        yield Static("Answer in your own words, aloud or written (t). Then compare.", markup=False)

    def first_focus(self) -> Widget | None:
        return self._area

    async def write(self) -> None:
        """Open the page, or go back to it."""
        if self._area is None:
            from textual.widgets import TextArea

            self._area = TextArea(soft_wrap=True, tab_behavior="focus", id="page")
            await self.mount(self._area)
            self.query_one(Static).update("Write; ctrl+d or Escape and Space when done.")
        self._area.focus()

    def hand_in(self) -> None:
        if not self.settled:
            self.post_message(self.Answered(None))

    def settle(self, verdict: Verdict | None) -> None:
        super().settle(verdict)
        self.query_one(Static).display = False
        if self._area is not None:
            self._area.read_only = True
            self._area.can_focus = False
