"""Screens, one a module, imported when they are pushed; and here what they share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen, Screen, ScreenResultType
from textual.widget import Widget
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from studytui.errors import CourseError, StoreError
from studytui.ui.host import format_error, safe
from studytui.ui.keys import KeyBar, is_typed

if TYPE_CHECKING:
    from studytui.ui.widgets.question_pictures import QuestionPictures

Found = TypeVar("Found")


class Notice(Static):
    """What a screen has to say, above its keys; out of sight while that is nothing."""

    DEFAULT_CSS = """
    Notice { height: auto; max-height: 4; padding: 0 2; background: $boost; display: none; }
    Notice.-shown { display: block; }
    Notice.-problem { color: $text-error; text-style: bold; }
    """

    def __init__(self) -> None:
        super().__init__(id="notice", markup=False)


class StudyScreen(Screen[ScreenResultType]):
    """Base of the screens: a notice, reading off the interface's thread, scrolling, and the way out of a field."""

    SCROLLS: ClassVar[str] = "#sheet"
    """What the scrolling keys scroll, wherever the focus is."""
    ABOUT: ClassVar[str] = ""
    """What the help says of the screen beside its keys: a few sentences, and no key in them."""

    @on(events.ScreenSuspend)
    @on(events.ScreenResume)
    def _show_who_has_the_keys(self) -> None:
        for bar in self.query(KeyBar):
            bar.refresh()

    def say(self, text: str, *, problem: bool = False) -> None:
        """Show a sentence in the screen's notice; '' takes it away. A screen that was left says nothing more."""
        for line in self.query(Notice):
            line.update(safe(text))
            line.set_class(bool(text), "-shown")
            line.set_class(problem, "-problem")

    @work(exclusive=True, group="reading")
    async def read(
        self,
        load: Callable[[], Found],
        show: Callable[[Found], object],
        failed: Callable[[Exception], object] | None = None,
        *,
        expect: tuple[type[Exception], ...] = (StoreError, CourseError),
    ) -> None:
        """Run `load` in a thread and hand what it found to `show`, which may be a coroutine.

        An error that is to be expected goes to `failed`, or is said; any other ends the app. Once the screen is left,
        or reads anew, nothing is shown any more.
        """
        try:
            found = await asyncio.to_thread(load)
        except expect as error:
            self.call_later(failed or self._say_error, error)
        else:
            self.call_later(show, found)

    def _say_error(self, error: Exception) -> None:
        if self.query(Notice):
            self.say(format_error(error), problem=True)
        else:
            self.notify(format_error(error), severity="warning", markup=False)

    def ask_again(self, title: str, error: Exception, retry: Callable[[], object], *, or_leave: bool = False) -> None:
        """Show an error in a screen of its own, and try again if the learner wants to."""

        def answered(again: bool | None) -> None:
            if again:
                retry()
            elif or_leave and self.is_current:  # a second Esc may have left it meanwhile
                self.dismiss(None)

        self.app.push_screen(ProblemScreen(title, error), answered)

    def confirm(self, question: str, yes: str, act: Callable[[], object]) -> None:
        """Ask before something that is not done lightly, and do it if the learner agrees."""

        def answered(agreed: bool | None) -> None:
            if agreed:
                act()

        self.app.push_screen(ConfirmScreen(question, yes), answered)

    def leave_field(self, then: str = "") -> bool:
        """Take the keys away from the field that has them, and say what they do `then`; False if none has them."""
        if not is_typed(self.focused, "x"):
            return False
        self.set_focus(None)
        if then:
            self.say(then)
        return True

    def scrolled(self) -> Sequence[Widget]:
        """What the scrolling keys scroll at this moment."""
        return [self.query_one(self.SCROLLS)]

    def action_scroll_pages(self, pages: float) -> None:
        """Scroll by a share of what fits on the screen."""
        for area in self.scrolled():
            area.scroll_relative(y=round(pages * area.size.height), animate=False)

    def action_scroll_lines(self, lines: int) -> None:
        """Scroll by lines."""
        for area in self.scrolled():
            area.scroll_relative(y=lines, animate=False)

    def action_step_tape(self, frames: int) -> None:
        """Step through the clip of the question."""
        for shown in self._question_pictures():
            shown.step(frames)

    def action_play_tape(self) -> None:
        """Play the clip of the question, or stop it."""
        for shown in self._question_pictures():
            shown.play()

    def _question_pictures(self) -> Iterator[QuestionPictures]:
        from studytui.ui.widgets.question_pictures import QuestionPictures  # only where a question has a picture

        return iter(self.query(QuestionPictures))

    def action_page(self, pages: int) -> None:
        """Scroll by what fits on the screen, less two lines to keep the eye's place."""
        for area in self.scrolled():
            area.scroll_relative(y=pages * max(1, area.size.height - 2), animate=False)


class FilterScreen(StudyScreen[ScreenResultType]):
    """Base of a screen with a list under a line that filters it: `/` goes to the line, Enter and Escape come back."""

    LIST: ClassVar[str] = ""
    """Selects what the line filters."""

    def __init__(self, filter_text: str = "") -> None:
        super().__init__()
        self.first_filter = filter_text

    def on_mount(self) -> None:
        self.query_one(Input).cursor_position = len(self.first_filter)
        self.query_one(self.LIST).focus()

    @on(Input.Submitted)
    def to_list(self) -> None:
        """Give the keys to the list."""
        self.query_one(self.LIST).focus()

    def action_filter(self) -> None:
        """Type into the filter line."""
        # Not Input.focus(), which waits for the next round: keys typed on at once would be taken for commands.
        self.set_focus(self.query_one(Input))

    def action_leave(self) -> None:
        """One step out: from the line to the list, from a filter to the first one, from the screen."""
        line = self.query_one(Input)
        if line.has_focus:
            self.to_list()
        elif line.value and line.value != self.first_filter:
            line.value = self.first_filter
        else:
            self.dismiss(None)


# Questions in a box


class BoxScreen(ModalScreen[ScreenResultType]):
    """Base of a question in a box over the screen it is about."""

    DEFAULT_CSS = """
    BoxScreen { align: center middle; }
    BoxScreen > Vertical {
        width: 72; max-width: 100%; height: auto; max-height: 100%; padding: 1 2;
        border: round $primary; background: $surface;
    }
    BoxScreen .what { text-style: bold; }
    BoxScreen Horizontal { height: auto; margin-top: 1; }
    BoxScreen Button { margin-right: 2; }
    """


class PickScreen(BoxScreen[str | None]):
    """A list under a line that narrows it as it is typed; answers with the id of the line picked.

    With `typed` what stands in the line is an answer too, where no line was moved to.
    """

    DEFAULT_CSS = """
    PickScreen > Vertical { width: 100; }
    PickScreen Input { background: $boost; padding: 0 1; }
    PickScreen OptionList {
        height: auto; max-height: 12;
        border: none; padding: 0; margin-top: 1; background: $surface;
    }
    PickScreen .how { color: $foreground-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "Next", tooltip="To the next line", priority=True),
        Binding("up", "move(-1)", "Previous", tooltip="To the previous line", priority=True),
        Binding("escape", "dismiss(None)", "Cancel", tooltip="Pick none"),
    ]

    def __init__(
        self,
        question: str,
        lines: Mapping[str, Content],
        *,
        how: str = "",
        typed: Callable[[str], object] | None = None,
    ) -> None:
        """`typed` raises ValueError for what is no answer."""
        super().__init__()
        self._question = question
        self._lines = lines
        self._how = how
        self._typed = typed

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(safe(self._question), classes="what", markup=False)
            if self._how:
                yield Static(safe(self._how), classes="how", markup=False)
            yield Input(compact=True, max_length=200)
            yield ProblemLine()
            yield OptionList(markup=False)

    def on_mount(self) -> None:
        self.query_one(OptionList).can_focus = False
        self._narrow()

    @on(Input.Changed)
    def _narrow(self) -> None:
        words = self.query_one(Input).value.casefold().split()
        listed = self.query_one(OptionList)
        listed.clear_options()
        for key, line in self._lines.items():
            if all(word in line.plain.casefold() for word in words):
                listed.add_option(Option(line, id=key))
        listed.highlighted = None if self._typed or not listed.option_count else 0
        listed.display = bool(listed.option_count)
        self.query_one(ProblemLine).complain("")

    def action_move(self, lines: int) -> None:
        """Move in the list while the line keeps the keys."""
        listed = self.query_one(OptionList)
        if listed.option_count:
            at = -1 if listed.highlighted is None else listed.highlighted
            listed.highlighted = max(0, min(listed.option_count - 1, at + lines))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        listed = self.query_one(OptionList)
        if listed.highlighted is not None:
            self.dismiss(listed.get_option_at_index(listed.highlighted).id)
        elif self._typed is None:
            self.query_one(ProblemLine).complain("Nothing is called that.")
        else:
            try:
                self._typed(event.value)
            except ValueError as error:
                self.query_one(ProblemLine).complain(str(error))
                return
            self.dismiss(event.value)

    @on(OptionList.OptionSelected)
    def _picked(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)


class ProblemLine(Static):
    """What is wrong with what was typed; out of sight while nothing is."""

    DEFAULT_CSS = """
    ProblemLine { height: auto; color: $text-error; display: none; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)

    def complain(self, text: str) -> None:
        """Show a sentence; '' when all is well."""
        self.update(f"✗ {safe(text)}" if text else "")
        self.display = bool(text)


class ProblemScreen(BoxScreen[bool]):
    """An error in plain words. Answers True if what failed is to be tried again."""

    DEFAULT_CSS = """
    ProblemScreen > Vertical { border: round $error; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "dismiss(True)", "Try again", tooltip="Retry what failed"),
        Binding("escape,q", "dismiss(False)", "Close", tooltip="Go on without it"),
    ]

    def __init__(self, title: str, error: Exception) -> None:
        super().__init__()
        self._title = title
        self._text = format_error(error)

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(f"✗ {self._title}", classes="what", markup=False)
            yield Static(self._text, markup=False)
            with Horizontal():
                yield Button("Try again (r)", id="retry", variant="primary", compact=True)
                yield Button("Close (Esc)", id="close", compact=True)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "retry")


class ConfirmScreen(BoxScreen[bool]):
    """Asks before something that is not done lightly; Enter and y agree, anything else leaves it."""

    DEFAULT_CSS = """
    ConfirmScreen > Vertical { width: 64; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "dismiss(True)", "Yes", tooltip="Do it"),
        Binding("n,escape,q", "dismiss(False)", "No", tooltip="Leave everything as it is"),
    ]

    def __init__(self, question: str, yes: str) -> None:
        super().__init__()
        self._question = question
        self._yes = yes

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(self._question, markup=False)
            with Horizontal():
                yield Button(f"{self._yes} (y)", id="yes", variant="warning", compact=True)
                yield Button("No (n)", id="no", compact=True)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")
