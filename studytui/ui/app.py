"""The app: which screen comes first, the keys that work everywhere, and what runs beside the screens."""

from __future__ import annotations

import asyncio
import gc
import traceback
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from rich.console import Console
from rich.text import Text
from textual import events, work
from textual.app import App
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.filter import LineFilter
from textual.screen import Screen

from studytui.domain.plain_text import visible
from studytui.domain.queue import Scope
from studytui.library.errors import CourseError
from studytui.services import farewell
from studytui.store.errors import KeptBeside, LeftOut, Replaced, StoreError
from studytui.ui.commands import CardCommands, LabCommands, ScreenCommands, SectionCommands, SettingCommands
from studytui.ui.keys import HELP, KeyRepeats, is_typed
from studytui.ui.problems import sentence
from studytui.ui.terminal import NoCommands, tolerant
from studytui.ui.text import safe
from studytui.ui.themes import counterpart, known, names

if TYPE_CHECKING:
    from textual.driver import Driver
    from textual.notifications import SeverityLevel

    from labs.protocol import Params, Problem
    from studytui.domain.recall import Prompt, Task
    from studytui.services.cram import CramChoice
    from studytui.services.lab_client import LabClient
    from studytui.services.rehearsal.choice import Choice
    from studytui.services.workspace import Workspace

FAILED: Final = 2
HOME: Final = "home"


def _home() -> Screen[None]:
    from studytui.ui.screens.home import HomeScreen

    return HomeScreen()


class Threshold(Screen[None]):
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
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            HELP,
            "help",
            "Help",
            key_display="?",
            id="help",
            tooltip="Every key of the screen you are on",
        ),
        Binding(
            "q", "leave", "Back", show=False, id="back", tooltip="Leave this screen; on the first one, leave the app"
        ),
        Binding("escape", "leave(False)", "Back", show=False, id="escape", tooltip="Leave this screen"),
        Binding("d", "toggle_theme", "Dark/light", show=False, id="theme", tooltip="Switch between dark and light"),
        Binding(
            "ctrl+z",
            "suspend_process",
            "To the shell",
            show=False,
            id="suspend",
            tooltip="Suspend studytui; fg brings it back",
        ),
    ]

    def __init__(
        self,
        workspace: Workspace,
        lab_client: LabClient | None = None,
        *,
        start_with: Literal["home", "review", "rehearsal", "audit"] = "home",
        scope: Scope | None = None,
        extra: CramChoice | None = None,
        rehearse: Choice | None = None,
        gate: str = "",
    ) -> None:
        super().__init__()
        # What is printed once the app has ended goes the way of all output, where colours would be shown as signs.
        self.error_console = Console(markup=False, highlight=False, stderr=True, color_system=None)
        self._no_commands = NoCommands()
        # As a mode, not as the default screen: only a mode's screen has its stylesheet loaded.
        self.add_mode(self.DEFAULT_MODE, self._first_screen)
        self.add_mode(HOME, _home)
        self.workspace = workspace
        self.lab_client = lab_client
        self._start_with = start_with
        self._scope = scope or Scope()
        self._extra = extra
        self._rehearse = rehearse
        self._gate = gate
        self._repeats = KeyRepeats()

    def _first_screen(self) -> Screen[None]:
        """The home screen, or what stands below a screen that was asked for on the command line."""
        if self._start_with == "review":
            if self._extra is not None:
                return Threshold(partial(self.open_cram, choice=self._extra))
            return Threshold(partial(self.open_review, scope=self._scope))
        if self._start_with == "rehearsal":
            return Threshold(partial(self.open_rehearsal, begin=self._rehearse))
        if self._start_with == "audit":
            return Threshold(partial(self.open_gate, gate=self._gate))
        return _home()

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
        if known(self, theme):
            self.theme = theme
        else:
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
        self._stay = farewell.leave_by(lambda code: self._tell_loop(self.exit, code))
        self.call_after_refresh(self._after_first_paint)

    def _offer_missing(self) -> None:
        """Where the file that was found lacks answers of this machine, they are in a file of their own; ask."""
        arrival = self.workspace.store.arrival
        if arrival is None or arrival.kept is None:
            return
        from studytui.ui.screens.ask import ConfirmScreen

        kept = arrival.kept

        def answered(add: bool | None) -> None:
            if not add:
                return
            try:
                self.notify(f"{self.workspace.merge(kept)} added.", markup=False)
            except StoreError as error:
                self.notify(f"Not added: {sentence(error)}", severity="error", timeout=15, markup=False)

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
            self.notify(sentence(error), severity="warning", markup=False)

    def ask_about_file(self) -> None:
        """Ask what becomes of the new file and of ours, once at a time."""
        from studytui.ui.screens.replaced import ReplacedScreen

        if any(isinstance(screen, ReplacedScreen) for screen in self.screen_stack):
            return
        try:
            self.workspace.store.look()
        except StoreError as error:
            what = sentence(error)
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
            self.exit(FAILED, return_code=FAILED, message=Text(f"studytui: {sentence(error)}"))
        except StoreError as error:
            self.notify(f"Not done: {sentence(error)}", severity="error", timeout=15, markup=False)
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
        text = f"Today's backup was not made: {sentence(error)}"
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
        if self.lab_client is None:
            from studytui.services.lab_client import LabClient

            self.lab_client = LabClient(device=self.workspace.settings.lab_device)
        if self.workspace.settings.start_labs:
            self._start_labs(self.lab_client)

    @work(exclusive=True, group="labs")
    async def _start_labs(self, client: LabClient) -> None:
        await client.start()

    @work(thread=True, group="backup")
    def _back_up(self) -> None:
        try:
            self.workspace.store.daily_backup()
        except LeftOut as error:
            self.call_from_thread(self.notify, sentence(error), severity="warning", timeout=10, markup=False)
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
        from studytui.library.settings_file import SettingsError

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
            self.exit(FAILED, return_code=FAILED, message=Text(f"studytui: {sentence(error)}"))
            return
        super()._handle_exception(error)

    # Navigation: each screen is imported when it is first opened, so that the first paint needs only what it shows.

    def open_review(self, scope: Scope | None = None) -> None:
        """Review what is due in a scope, then meet new cards."""
        from studytui.ui.screens.review import ReviewScreen

        self.push_screen(ReviewScreen(scope))

    def open_cram(self, choice: CramChoice) -> None:
        """Study chosen cards beside the schedule."""
        from studytui.ui.screens.cram import CramScreen

        self.push_screen(CramScreen(choice))

    def open_extra(self, filter_text: str = "") -> None:
        """Choose what to study beside the schedule."""
        from studytui.ui.screens.extra import ExtraScreen

        self.push_screen(ExtraScreen(filter_text))

    def open_reader(self, section: str | None = None) -> None:
        """Read the course, at a section or where it was left."""
        from studytui.ui.screens.reader import ReaderScreen

        self.push_screen(ReaderScreen(section))

    def open_browser(self, filter_text: str = "") -> None:
        """Look through the cards."""
        from studytui.ui.screens.browser import BrowserScreen

        self.push_screen(BrowserScreen(filter_text))

    def open_course_map(self) -> None:
        """How far each part of the course is."""
        from studytui.ui.screens.course_map import CourseMapScreen

        self.push_screen(CourseMapScreen())

    def open_recall(self) -> None:
        """Free recall, and exercises for pen and paper."""
        from studytui.ui.screens.recall import RecallScreen

        self.push_screen(RecallScreen())

    def open_prompts(self, prompts: Sequence[Prompt]) -> None:
        """Answer prompts from memory, the first one first."""
        from studytui.ui.screens.answer_prompt import AnswerPromptScreen

        self.push_screen(AnswerPromptScreen(prompts))

    def open_task(self, task: Task) -> None:
        """Work an exercise out."""
        from studytui.ui.screens.work_out import WorkOutScreen

        self.push_screen(WorkOutScreen(task))

    def open_settings(self, name: str = "") -> None:
        """Change a setting."""
        from studytui.ui.screens.settings import SettingsScreen

        self.push_screen(SettingsScreen(name))

    def open_card(self, card_no: int, *, is_asked: bool = False) -> None:
        """All about one card; of one that is just being asked, nothing that answers it."""
        from studytui.ui.screens.card_info import CardInfoScreen

        self.push_screen(CardInfoScreen(card_no, is_asked=is_asked))

    def open_note(
        self,
        card_no: int,
        then: Callable[[bool | None], None] | Callable[[bool | None], Awaitable[None]],
        *,
        is_asked: bool = False,
    ) -> None:
        """The learner's note on a card and wording of it; `then` is told whether anything was kept."""
        from studytui.ui.screens.note import NoteScreen

        self.push_screen(NoteScreen(card_no, is_asked=is_asked), then)

    def open_new_card(self, section: str = "") -> None:
        """A form for a card of the learner's own."""
        from studytui.ui.screens.new_card import NewCardScreen

        self.push_screen(NewCardScreen(section))

    def open_why_due(self, card_no: int) -> None:
        """How a card came to be due when it is."""
        from studytui.ui.screens.why_due import WhyDueScreen

        self.push_screen(WhyDueScreen(card_no))

    def open_lab(self, exercise: str, params: Params | None = None, *, problem: Problem | None = None) -> None:
        """The bench of one lab exercise, with some of its knobs set, or at a problem that was posed already."""
        from studytui.ui.screens.lab import LabScreen

        self.push_screen(LabScreen(exercise, params, problem=problem))

    def choose_lab(self) -> None:
        """A list of all labs to pick one from."""
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

    def open_rehearsal(self, begin: Choice | None = None) -> None:
        """Choose interview questions to rehearse, or begin with a set at once."""
        from studytui.ui.screens.rehearsal.chooser import ChooserScreen

        self.push_screen(ChooserScreen(begin))

    def open_rehearsal_history(self, question: str = "") -> None:
        """Every earlier answer to interview questions."""
        from studytui.ui.screens.rehearsal.history import HistoryScreen

        self.push_screen(HistoryScreen(question))

    def open_statistics(self) -> None:
        """What was learned, and how well confidence fits what is known."""
        from studytui.ui.screens.statistics import StatisticsScreen

        self.push_screen(StatisticsScreen())

    def open_gate(self, gate: str = "") -> None:
        """The board of a gate: of the id or module named, else the course's first."""
        from studytui.ui.screens.audit.board import AuditScreen

        self.push_screen(AuditScreen(gate))

    def open_help(self) -> None:
        """The keys of the screen on top."""
        from studytui.ui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen())
