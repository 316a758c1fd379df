"""The app: the command palette, the border with the terminal, which screen comes first, and the way to each."""

from __future__ import annotations

import asyncio
import gc
import os
import re
import select
import signal
import traceback
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from heapq import nlargest
from typing import IO, TYPE_CHECKING, Any, ClassVar, Final, Literal

from rich.console import Console
from rich.segment import Segment
from rich.text import Text
from textual import events, work
from textual.app import App
from textual.binding import Binding, BindingType
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.filter import LineFilter
from textual.fuzzy import Matcher
from textual.screen import Screen

from studytui.domain.plain_text import visible
from studytui.domain.queue import Scope
from studytui.errors import CourseError, KeptBeside, LeftOut, Replaced, StoreError
from studytui.study import workspace
from studytui.ui import terminal
from studytui.ui.host import OWN, counterpart, for_few_colours, format_error, host, known, names, safe
from studytui.ui.keys import HELP, KeyRepeats, is_typed

if TYPE_CHECKING:
    from textual.color import Color
    from textual.driver import Driver
    from textual.notifications import SeverityLevel

    from labs.protocol import Params, Problem
    from studytui.domain.cards import Prompt, Task
    from studytui.study.cram import CramChoice
    from studytui.study.diagnosis import Named
    from studytui.study.labs import LabClient
    from studytui.study.rehearsal import QuestionChoice
    from studytui.study.review import Sitting
    from studytui.study.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Command:
    """One line of the palette. `discovered` ones are listed before anything is typed."""

    text: str
    help: str
    run: Callable[[], object]
    discovered: bool = False


def _highlighted(matcher: Matcher, text: str) -> Content:
    """The text with what matched made bold. Unlike the matcher's own, it takes brackets in a card as brackets."""
    _, offsets = matcher.fuzzy_search.match(matcher.query, text)
    content = Content(text)
    for offset in offsets:
        content = content.stylize(matcher.match_style, offset, offset + 1)
    return content


class Commands(Provider):
    """Searches the commands its subclasses list."""

    def commands(self) -> Iterator[Command]:
        """All commands of this provider."""
        raise NotImplementedError

    async def startup(self) -> None:
        self._listed = list(self.commands())

    async def discover(self) -> Hits:
        for command in self._listed:
            if command.discovered:
                yield DiscoveryHit(command.text, command.run, help=command.help)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for command in self._listed:
            if (score := matcher.match(command.text)) > 0:
                yield Hit(score, _highlighted(matcher, command.text), command.run, text=command.text, help=command.help)


class ScreenCommands(Commands):
    """The screens, and what the app itself can do."""

    def commands(self) -> Iterator[Command]:
        app, opener = self.app, host(self.screen)
        yield Command("Review", "What is due, then new cards", opener.open_review, True)
        yield Command("Plan", "What the coming days cost; today alone; after a break", opener.open_plan, True)
        yield Command("Read", "The course, where you left it", opener.open_reader, True)
        yield Command("Cards", "Find, suspend, edit and look at cards", opener.open_browser, True)
        yield Command("Course map", "Progress by section, helper and lens", opener.open_course_map, True)
        yield Command("Practice", "Any cards, due or not; schedules stay unchanged", opener.open_extra, True)
        yield Command("New card", "Write a card of your own", opener.open_new_card, True)
        yield Command("Recall and exercises", "Answer from memory; work out an exercise", opener.open_recall, True)
        yield Command("Interview", "Answer interview questions, aloud or in writing", opener.open_rehearsal, True)
        yield Command("Earlier answers", "Every answer you gave in interviews", opener.open_rehearsal_history, True)
        for head in host(self.screen).workspace.course.gates:
            yield Command(
                f"Gap audit: {safe(head.title)}",
                f"What {safe(head.unlocks)} takes for granted",
                partial(opener.open_gate, head.id),
                True,
            )
        yield Command("Statistics", "Totals, sections, calibration", opener.open_statistics, True)
        yield Command("Labs", "Choose a lab and try it", opener.choose_lab, True)
        yield Command("Settings", "Limits, order, keys, colours", opener.open_settings, True)
        yield Command("Theme", "Choose the colours", app.action_change_theme, True)
        yield Command("Keys and help", "Every key of this screen", opener.open_help, True)
        yield Command(
            "Picture of the screen", "Save it as SVG", lambda: app.set_timer(0.1, app.deliver_screenshot), True
        )
        yield Command("Quit", "Leave the app; every answer is already saved", app.exit, True)


class SectionCommands(Commands):
    """Sections to read, chapters and sections to review."""

    def commands(self) -> Iterator[Command]:
        for chapter in host(self.screen).workspace.course.chapters:
            for section in chapter.sections:
                title = f"{section.id} {safe(section.title)}"
                yield Command(
                    f"Read {title}", f"Chapter {chapter.number}", partial(host(self.screen).open_reader, section.id)
                )


class CardCommands(Provider):
    """Cards by id and question; read from the database once the palette opens."""

    LIMIT = 40

    async def startup(self) -> None:
        from studytui.errors import StoreError
        from studytui.study.cards import card_entries

        try:
            found = await asyncio.to_thread(card_entries, host(self.screen).workspace)
        except StoreError:
            found = []
        self._lines = [
            (entry.no, f"{entry.card.id}: {safe(entry.title)[:90]}") for entry in found if not entry.archived
        ]

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        scored = []
        for number, (no, line) in enumerate(self._lines):
            if number % 500 == 0:
                await asyncio.sleep(0)
            if (score := matcher.match(line)) > 0:
                scored.append((score, no, line))
        for score, no, line in nlargest(self.LIMIT, scored):
            go = partial(host(self.screen).open_card, no)
            yield Hit(score, _highlighted(matcher, line), go, text=line, help="Card")


class SettingCommands(Commands):
    """Every setting."""

    def commands(self) -> Iterator[Command]:
        from studytui.course.settings import setting_fields

        for field in setting_fields():
            yield Command(f"Setting: {field.title}", field.text, partial(host(self.screen).open_settings, field.name))


class LabCommands(Commands):
    """Every lab exercise."""

    def commands(self) -> Iterator[Command]:
        from labs import catalog

        for exercise in catalog.exercises():
            sections = ", ".join(exercise.sections)
            yield Command(
                f"Lab: {exercise.title}",
                f"{exercise.name} · sections {sections}",
                partial(host(self.screen).open_lab, exercise.name),
            )


# The app's border with the terminal: what slipped past `safe` stops here, and bytes that are no text end nothing


_COMMANDS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
NO_TEXT: Final = "What you typed or pasted is not UTF-8 text and was left out. Set the terminal to UTF-8."


class NoCommands(LineFilter):
    """Leaves out what a terminal would obey: it takes no cell. Half a character takes one and becomes a sign."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """The line's segments; those that are the app's own commands (pictures) stay as they are."""
        return [
            segment
            if segment.control or not _COMMANDS.search(segment.text)
            else Segment(_COMMANDS.sub(_left, segment.text), segment.style)
            for segment in segments
        ]


def _left(match: re.Match[str]) -> str:
    return "�" if match[0] >= "\ud800" else ""


class Output:
    """Where the driver's thread writes: a terminal that is gone takes everything and says nothing.

    An error would end the thread, and the app would wait for it for ever once its queue is full.
    """

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, text: str) -> None:
        with suppress(OSError):
            self._file.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._file.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def tolerant(driver: type[Driver]) -> type[Driver]:
    """The driver that asks the terminal what it can, outlives it, and goes on after bytes that are no UTF-8.

    Textual's own ends the app there, or never.
    """
    if not hasattr(driver, "run_input_thread"):  # the drivers of Windows and of tests get characters
        return driver

    class Tolerant(driver):  # type: ignore[misc, valid-type]
        def __init__(self, *args: Any, **more: Any) -> None:
            super().__init__(*args, **more)
            self._file: Any = Output(self._file)

        def run_input_thread(self) -> Any:
            is_to_ask = not self.is_web and terminal.is_askable(os.environ)
            while True:
                try:
                    if is_to_ask:
                        is_to_ask = False
                        terminal.ask(self, lambda answers: self._app.call_later(self._app.hear, answers))
                    return super().run_input_thread()
                except UnicodeDecodeError:
                    app = self._app
                    app.call_later(app.notify, NO_TEXT, severity="warning")

    return Tolerant


# The app: which screen comes first, the keys that work everywhere, and what runs beside the screens


FAILED: Final = 2
HOME: Final = "home"
TERMINAL: Final = 0
"""The descriptor that keys are read from."""
HANG_UP_SECONDS: Final = 1.0


def _home() -> Screen[None]:
    from studytui.ui.screens.home import HomeScreen

    return HomeScreen()


class EntryScreen(Screen[None]):
    """Stands below a screen asked for on the command line; once that is left, the home screen takes over."""

    def __init__(self, enter: Callable[[], None]) -> None:
        super().__init__()
        self._enter: Callable[[], None] | None = enter

    def on_screen_resume(self) -> None:
        if self._enter is not None:
            enter, self._enter = self._enter, None
            enter()
            return
        self.app.switch_mode(HOME)


class StudyApp(App[int]):
    """The study system in the terminal."""

    TITLE = "studytui"
    CSS_PATH = "app.tcss"
    DEFAULT_MODE = "study"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {
        ScreenCommands, SectionCommands, CardCommands, SettingCommands, LabCommands,
    }  # fmt: skip
    _stay: Callable[[], None] | None = None
    answers: terminal.Answers | None = None
    """What the terminal said of itself; None until it has."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(HELP, "help", "Help", key_display="?", id="help", tooltip="Every key of the screen you are on"),
        Binding("q", "leave", "Back", show=False, id="back",
                tooltip="Leave this screen; on the first one, leave the app"),
        Binding("escape", "leave(False)", "Back", show=False, id="escape", tooltip="Leave this screen"),
        Binding("d", "toggle_theme", "Dark/light", show=False, id="theme", tooltip="Switch between dark and light"),
        Binding("ctrl+z", "suspend_process", "To the shell", show=False, id="suspend",
                tooltip="Suspend studytui; fg brings it back"),
    ]  # fmt: skip

    def __init__(
        self,
        workspace: Workspace,
        lab_client: LabClient | None = None,
        *,
        start_with: Literal["home", "review", "rehearsal", "audit", "diagnosis"] = "home",
        scope: Scope | None = None,
        sitting: Sitting | None = None,
        extra: CramChoice | None = None,
        rehearse: QuestionChoice | None = None,
        gate: str = "",
        seed: int | None = None,
        signals: Sequence[int] = (),
    ) -> None:
        """`signals` are exit codes of signals that came before the app stood."""
        super().__init__()
        self._signals = signals
        for theme in OWN:
            self.register_theme(theme)
        # What is printed once the app has ended goes the way of all output, where colours would be shown as signs.
        self.error_console = Console(markup=False, highlight=False, stderr=True, color_system=None)
        self._no_commands = NoCommands()
        # As a mode, not as the default screen: only a mode's screen has its stylesheet loaded.
        self.add_mode(self.DEFAULT_MODE, self._first_screen)
        self.add_mode(HOME, _home)
        self.workspace = workspace
        # Before the app runs: a theme that changes later has every style sheet read once more.
        if known(self, workspace.settings.theme):
            self.theme = workspace.settings.theme
        # All sheets together are more than the 64 that are kept, and each new screen would read all again.
        if (kept := getattr(self.stylesheet, "_parse_cache", None)) is not None:
            kept.maxsize = 512
        self.lab_client = lab_client
        self._start_with = start_with
        self._scope = scope or Scope()
        self._sitting = sitting
        self._extra = extra
        self._rehearse = rehearse
        self._gate = gate
        self._seed = seed
        self._repeats = KeyRepeats()

    def _first_screen(self) -> Screen[None]:
        """The home screen, or what stands below a screen that was asked for on the command line."""
        if self._start_with == "review":
            if self._extra is not None:
                return EntryScreen(partial(self.open_cram, choice=self._extra))
            return EntryScreen(partial(self.open_review, scope=self._scope, sitting=self._sitting))
        if self._start_with == "rehearsal":
            return EntryScreen(partial(self.open_rehearsal, begin=self._rehearse))
        if self._start_with == "audit":
            return EntryScreen(partial(self.open_gate, gate=self._gate))
        if self._start_with == "diagnosis":
            return EntryScreen(partial(self.open_diagnosis, self._seed))
        return _home()

    def get_css_variables(self) -> dict[str, str]:
        """The theme's, or what a terminal of sixteen colours can show of them."""
        variables = super().get_css_variables()
        if self.console.color_system == "standard":
            self.theme_variables = variables = variables | for_few_colours(variables)
        return variables

    async def on_event(self, event: events.Event) -> None:
        """A held key goes through an answer and its grade in a blink: where that could happen, repeats are dropped."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            screen = self.screen
            repeat = self._repeats.is_repeat(event.key, event.time)
            if repeat and getattr(screen, "GUARDS_REPEATS", False) and not is_typed(screen.focused, event.key):
                return
        await super().on_event(event)

    def on_mount(self) -> None:
        theme = self.workspace.settings.theme
        if not known(self, theme):
            self.notify(
                f"There is no theme “{theme}”; choose another in the settings.", severity="warning", markup=False
            )
        arrival = self.workspace.store.arrival
        asked = arrival.sentence() if arrival is not None and arrival.kept is not None else ""
        for notice in self.workspace.notices:
            if notice == asked:  # the question after the first paint says it
                continue
            self.notify(safe(notice), severity="warning", timeout=15, markup=False)
        if self.workspace.problems and self._start_with != "home":
            # The home screen says it itself.
            message = self.workspace.problems[0].message
            self.notify(safe(message), title="A file cannot be read", severity="warning", timeout=15, markup=False)
        self.workspace.store.on_replaced = self._ask_later
        self.workspace.store.back_up_daily(self._backup_failed)
        self.app_resume_signal.subscribe(self, lambda _: self.look_at_file())
        loop = asyncio.get_running_loop()
        self._tell_loop = loop.call_soon_threadsafe
        self._stay = workspace.leave_by(lambda code: self._tell_loop(self.exit, code))
        if self._signals:
            self.exit(self._signals[0])
        if not self.is_headless and hasattr(select, "poll") and os.isatty(TERMINAL):
            self._hang_up = select.poll()
            self._hang_up.register(TERMINAL, 0)
            self.set_interval(HANG_UP_SECONDS, self._leave_if_hung_up)
        self.call_after_refresh(self._after_first_paint)

    def hear(self, answers: terminal.Answers) -> None:
        """Show pictures as the terminal says it can."""
        self.answers = answers
        self.look_at_pictures()

    def on_resize(self) -> None:
        self.look_at_pictures()

    def look_at_pictures(self) -> None:
        """Draw the pictures anew: a cell may have other pixels now."""
        for screen in self.screen_stack:
            for view in screen.query("PictureView"):
                view.look()  # type: ignore[attr-defined]

    def _leave_if_hung_up(self) -> None:
        """The signal of a closed terminal goes to the program that leads the session; `make` keeps it to itself."""
        if any(event & select.POLLHUP for _, event in self._hang_up.poll(0)):
            self.exit(128 + signal.SIGHUP)

    def _offer_missing(self) -> None:
        """Where the file that was found lacks answers of this machine, they are in a file of their own; ask."""
        arrival = self.workspace.store.arrival
        if arrival is None or arrival.kept is None:
            return
        from studytui.ui.screens import ConfirmScreen

        kept = arrival.kept

        def answered(add: bool | None) -> None:
            if not add:
                return
            try:
                self.notify(f"{self.workspace.merge(kept)} added.", markup=False)
            except StoreError as error:
                self.notify(f"Not added: {format_error(error)}", severity="error", timeout=15, markup=False)

        self.push_screen(ConfirmScreen(safe(f"{arrival.sentence()} Add them now?"), "Add them"), answered)

    def _ask_later(self) -> None:
        self.call_later(self.ask_about_file)

    def on_app_focus(self) -> None:
        self.look_at_file()

    def look_at_file(self) -> None:
        """Whether the database is still the file that was opened; if not, the learner chooses what becomes of both."""
        try:
            self.workspace.store.look()
        except Replaced:
            self.ask_about_file()
        except StoreError as error:
            self.notify(format_error(error), severity="warning", markup=False)

    def ask_about_file(self) -> None:
        """Ask what becomes of the new file and of ours, once at a time."""
        from studytui.ui.screens.dialogs import ReplacedScreen

        if any(isinstance(screen, ReplacedScreen) for screen in self.screen_stack):
            return
        try:
            self.workspace.store.look()
        except StoreError as error:
            what = format_error(error)
            has_new_file = self.workspace.new_file_is_database()
            self.push_screen(ReplacedScreen(what, has_new_file=has_new_file), self._settle_file)

    async def _settle_file(self, choice: Literal["go_on", "keep"] | None) -> None:
        if choice is None:
            return
        try:
            if choice == "go_on":
                added = self.workspace.go_on()
                self.notify(f"One database holds all answers now; {added} came from the new file.", markup=False)
                await self._follow_file()
                return
            kept = self.workspace.leave_beside()
        except KeptBeside as error:
            self.exit(FAILED, return_code=FAILED, message=Text(f"studytui: {format_error(error)}"))
        except StoreError as error:
            self.notify(f"Not done: {format_error(error)}", severity="error", timeout=15, markup=False)
            self.call_later(self.ask_about_file)
        else:
            self.notify(f"What your database held is kept in {kept}.", severity="warning", timeout=15, markup=False)
            while len(self.screen_stack) > 1:
                await self.pop_screen()

    async def _follow_file(self) -> None:
        """The card on the table goes on in the new database; other screens show what they read from the one before."""
        for screen in self.screen_stack:
            follow: Callable[[], Awaitable[None]] | None = getattr(screen, "follow_file", None)
            if follow is not None:
                await follow()

    def _backup_failed(self, error: StoreError) -> None:
        """Called in a thread, which the app may be waiting for: so it is not waited for in turn."""
        text = f"Today's backup was not made: {format_error(error)}"
        tell = partial(self.notify, text, severity="warning", timeout=10, markup=False)
        with suppress(RuntimeError):  # the app has ended
            self._tell_loop(self.call_later, tell)

    async def on_unmount(self) -> None:
        if self._stay is not None:
            self._stay()
        if self.lab_client is not None:
            await self.lab_client.close()

    async def _after_first_paint(self) -> None:
        gc.freeze()
        gc.enable()
        self._offer_missing()
        self._back_up()
        client = self._bring_labs()
        if self.workspace.settings.start_labs:
            self._start_labs(client)

    def _bring_labs(self) -> LabClient:
        """The labs' client, made when it is first wanted."""
        if self.lab_client is None:
            from studytui.study.labs import LabClient

            self.lab_client = LabClient(device=self.workspace.settings.lab_device)
        return self.lab_client

    @work(exclusive=True, group="labs")
    async def _start_labs(self, client: LabClient) -> None:
        await client.start()

    @work(thread=True, group="backup")
    def _back_up(self) -> None:
        try:
            self.workspace.store.daily_backup()
        except LeftOut as error:
            self.call_from_thread(self.notify, format_error(error), severity="warning", timeout=10, markup=False)
        except StoreError as error:
            self._backup_failed(error)

    def action_leave(self, may_leave: bool = True) -> None:
        """Leave the screen on top; on the last one leave the app, if the key may."""
        if len(self.screen_stack) > 1:
            self.screen.dismiss(None)
        elif may_leave:
            self.exit(0)

    def action_help(self) -> None:
        """Show the keys of the screen on top."""
        self.open_help()

    def action_toggle_theme(self) -> None:
        """Go from dark to light or back, and remember it."""
        self.choose_theme(counterpart(self, self.theme))

    def search_themes(self) -> None:
        """Choose a theme from a list; unlike the app class's own, the choice is kept."""
        commands = [(name, partial(self.choose_theme, name)) for name in names(self)]
        self.search_commands(commands, placeholder="Which theme?")

    def choose_theme(self, theme: str) -> None:
        """Use a theme now and at the next start."""
        self.theme = theme
        if theme == self.workspace.settings.theme:
            return
        from studytui.course.settings import SettingsError

        try:
            self.workspace.save_settings(theme=theme)
        except SettingsError as error:
            self.notify(str(error), severity="warning", markup=False)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,  # noqa: ARG002  widgets pass True
    ) -> None:
        """Show a sentence for a while; unlike the app class's own, it takes nothing in it for markup."""
        super().notify(safe(message), title=safe(title), severity=severity, timeout=timeout, markup=False)

    def copy_to_clipboard(self, text: str) -> None:
        """Hand a text to the terminal's clipboard, without characters that command what it is pasted into."""
        super().copy_to_clipboard(visible(text))

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), self._no_commands]

    def get_driver_class(self) -> type[Driver]:
        return tolerant(super().get_driver_class())

    def _fatal_error(self) -> None:
        """End with a plain traceback: Textual's own prints every local variable, course text and all."""
        self._exit_renderables.append(Text(traceback.format_exc()))
        self._close_messages_no_wait()

    def _handle_exception(self, error: Exception) -> None:
        """End with a sentence, not a traceback, where the database or the course failed outside a screen's own care."""
        if isinstance(error, StoreError | CourseError):
            self.exit(FAILED, return_code=FAILED, message=Text(f"studytui: {format_error(error)}"))
            return
        super()._handle_exception(error)

    # Navigation, as `StudyHost` describes it: each screen is imported when it is first opened, so that the first paint
    # needs only what it shows.

    def open_review(self, scope: Scope | None = None, sitting: Sitting | None = None) -> None:
        from studytui.ui.screens.review import ReviewScreen

        self.push_screen(ReviewScreen(scope, sitting))

    def open_plan(self) -> None:
        from studytui.ui.screens.plan import PlanScreen

        self.push_screen(PlanScreen())

    def open_cram(self, choice: CramChoice) -> None:
        from studytui.ui.screens.review import CramScreen

        self.push_screen(CramScreen(choice))

    def open_extra(self, filter_text: str = "") -> None:
        from studytui.ui.screens.extra import ExtraScreen

        self.push_screen(ExtraScreen(filter_text))

    def open_reader(self, section: str | None = None) -> None:
        from studytui.ui.screens.reader import ReaderScreen

        self.push_screen(ReaderScreen(section))

    def open_browser(self, filter_text: str = "") -> None:
        from studytui.ui.screens.browser import BrowserScreen

        self.push_screen(BrowserScreen(filter_text))

    def open_course_map(self) -> None:
        from studytui.ui.screens.course_map import CourseMapScreen

        self.push_screen(CourseMapScreen())

    def open_recall(self) -> None:
        from studytui.ui.screens.recall import RecallScreen

        self.push_screen(RecallScreen())

    def open_prompts(self, prompts: Sequence[Prompt]) -> None:
        from studytui.ui.screens.recall import AnswerPromptScreen

        self.push_screen(AnswerPromptScreen(prompts))

    def open_task(self, task: Task) -> None:
        from studytui.ui.screens.recall import WorkOutScreen

        self.push_screen(WorkOutScreen(task))

    def open_settings(self, name: str = "") -> None:
        from studytui.ui.screens.settings import SettingsScreen

        self.push_screen(SettingsScreen(name))

    def open_card(self, card_no: int, *, is_asked: bool = False) -> None:
        from studytui.ui.screens.card_info import CardInfoScreen

        self.push_screen(CardInfoScreen(card_no, is_asked=is_asked))

    def open_note(
        self,
        card_no: int,
        then: Callable[[bool | None], None] | Callable[[bool | None], Awaitable[None]],
        *,
        is_asked: bool = False,
    ) -> None:
        from studytui.ui.screens.card_form import NoteScreen

        self.push_screen(NoteScreen(card_no, is_asked=is_asked), then)

    def open_new_card(self, section: str = "") -> None:
        from studytui.ui.screens.card_form import NewCardScreen

        self.push_screen(NewCardScreen(section))

    def open_why_due(self, card_no: int) -> None:
        from studytui.ui.screens.card_info import WhyDueScreen

        self.push_screen(WhyDueScreen(card_no))

    def open_lab(self, exercise: str, params: Params | None = None, *, problem: Problem | None = None) -> None:
        from labs.inspect.game import NAME

        if exercise == NAME:
            self.open_diagnosis(problem.seed if problem else None)
            return
        from studytui.ui.screens.lab import LabScreen

        self.push_screen(LabScreen(exercise, params, problem=problem))

    def open_diagnosis(self, seed: int | None = None, then: Callable[[Named | None], None] | None = None) -> None:
        from studytui.ui.screens.diagnosis import DiagnosisScreen

        self._bring_labs()
        self.push_screen(DiagnosisScreen(seed, for_card=then is not None), then)

    def choose_lab(self) -> None:
        from labs import catalog

        for package, why in catalog.problems().items():
            self.notify(f"The lab package “{package}” cannot be used: {why}", severity="warning", timeout=10)
        self.search_commands(
            [
                (
                    f"{exercise.title} · {exercise.name}",
                    partial(self.open_lab, exercise.name),
                    f"sections {', '.join(exercise.sections)}",
                )
                for exercise in catalog.exercises()
            ],
            placeholder="Which lab?",
        )

    def open_rehearsal(self, begin: QuestionChoice | None = None) -> None:
        from studytui.ui.screens.rehearsal import ChooserScreen

        self.push_screen(ChooserScreen(begin))

    def open_rehearsal_history(self, question: str = "") -> None:
        from studytui.ui.screens.rehearsal_result import HistoryScreen

        self.push_screen(HistoryScreen(question))

    def open_statistics(self) -> None:
        from studytui.ui.screens.statistics import StatisticsScreen

        self.push_screen(StatisticsScreen())

    def open_gate(self, gate: str = "") -> None:
        from studytui.ui.screens.gate import AuditScreen

        self.push_screen(AuditScreen(gate))

    def open_help(self) -> None:
        from studytui.ui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen())
