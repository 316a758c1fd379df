"""One prompt of free recall: think, reveal, tick the points that were said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.events import DescendantBlur
from textual.widgets import OptionList, Static, TextArea
from textual.widgets.option_list import Option

from studytui.domain.cards import Prompt, Task
from studytui.errors import StoreError
from studytui.study import learner_state
from studytui.study.learner_state import Quizzes, RecallResult
from studytui.ui.host import format_error, host, safe
from studytui.ui.keys import KeyBar
from studytui.ui.screens import StudyScreen
from studytui.ui.widgets.answers import AnswerWidget, Tick, Written
from studytui.ui.widgets.markdown import MarkdownView


class AnswerPromptScreen(StudyScreen[None]):
    """`prompts` are those from the chosen one on; the next comes when one is done."""

    CSS_PATH = "quiz.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "reveal", "Show answer", id="prompt.reveal", tooltip="Compare with the model answer"),
        Binding("t", "write", "Write", id="prompt.write", tooltip="Write your answer down first"),
        Binding("n,enter", "next", "Next", key_display="n", id="prompt.next", tooltip="Go on to the next prompt"),
        Binding("r", "read", "Read", id="prompt.read", tooltip="Read the section it asks about"),
        Binding("escape", "leave", "Back", key_display="esc", id="prompt.back", tooltip="Out of the page, or leave"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="prompt.down", tooltip="Scroll down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="prompt.up", tooltip="Scroll up"),
    ]

    def __init__(self, prompts: Sequence[Prompt]) -> None:
        super().__init__()
        self._prompts = list(prompts)
        self._at = 0
        self._revealed = self._done = False

    @property
    def _prompt(self) -> Prompt:
        return self._prompts[self._at]

    def compose(self) -> ComposeResult:
        yield Static(classes="title", markup=False)
        with VerticalScroll(id="sheet", can_focus=False):
            yield MarkdownView(id="ask")
            yield Vertical(id="own")
            yield MarkdownView(id="model")
            yield Vertical(id="points")
            yield Static(id="verdict", markup=False)
        yield KeyBar()

    async def on_mount(self) -> None:
        await self._show()

    async def _show(self) -> None:
        prompt = self._prompt
        self._revealed = self._done = False
        section = host(self).workspace.course.section(prompt.section)
        self.query_one(".title", Static).update(safe(f"Recall {prompt.section} {section.title if section else ''}"))
        self.query_one("#ask", MarkdownView).show(prompt.ask)
        self.query_one("#model", MarkdownView).show("")
        self.query_one("#verdict", Static).update("")
        await self.query_one("#points").remove_children()
        own = self.query_one("#own")
        await own.remove_children()
        await own.mount(Written())
        self.query_one("#sheet").scroll_home(animate=False)
        self.set_focus(None)
        self.refresh_bindings()

    async def action_reveal(self) -> None:
        """Show the model answer, and its points to tick."""
        if self._revealed:
            return
        self._revealed = True
        self.query_one(Written).settle(None)
        self.query_one("#model", MarkdownView).show(f"**A model answer.** {self._prompt.answer}")
        ticks = Tick(self._prompt.points)
        await self.query_one("#points").mount(ticks)
        ticks.focus()
        self.query_one("#verdict", Static).update(
            Content.styled("Tick what you said: a number or Space; Enter when done.", "$foreground-muted")
        )
        self.refresh_bindings()

    async def action_write(self) -> None:
        await self.query_one(Written).write()

    async def action_next(self) -> None:
        self._at = (self._at + 1) % len(self._prompts)
        await self._show()

    def action_read(self) -> None:
        host(self).open_reader(self._prompt.section)

    def action_leave(self) -> None:
        """Out of the page one writes on, else out of the prompt."""
        if not self.leave_field():
            self.dismiss(None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Before the answer is shown one may write; after the points are ticked one goes on."""
        match action:
            case "reveal" | "write":
                return not self._revealed
            case "next":
                return self._done
        return True

    @on(AnswerWidget.Answered)
    async def _answered(self, event: AnswerWidget.Answered) -> None:
        if not isinstance(event.response, list):
            await self.action_reveal()
            return
        said = [int(index) for index in event.response]
        try:
            learner_state.save_recall_result(host(self).workspace, self._prompt, said)
        except StoreError as error:
            self.notify(f"The result is not saved: {format_error(error)}", severity="warning", markup=False)
        ticks = self.query_one(Tick)
        ticks.settle(None)
        self.set_focus(None)
        self._done = True
        share = f"{len(said)} of {len(self._prompt.points)} points said."
        missed = "" if len(said) == len(self._prompt.points) else " What you missed is above; r opens the section."
        self.query_one("#verdict", Static).update(Content.styled(share, "bold") + Content(missed))
        self.query_one("#verdict").scroll_visible(animate=False)
        self.refresh_bindings()


# Recall and exercises: what to answer with the book closed, and what to work out on paper


class Quizlist(OptionList):
    """Prompts first, then exercises."""

    DEFAULT_CSS = """
    Quizlist {
        height: 1fr; border: none; padding: 1 1; background: transparent;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    Quizlist:focus { border: none; background-tint: transparent 0%; }
    """
    KEYS_OF = "list of prompts and exercises"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "select", "Begin", tooltip="Answer the prompt, or work out the exercise"),
        Binding("j", "cursor_down", "Down", show=False, tooltip="To the next line"),
        Binding("k", "cursor_up", "Up", show=False, tooltip="To the previous line"),
    ]


class RecallScreen(StudyScreen[None]):
    """The list; each line opens a screen of its own."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "read", "Read", id="recall.read", tooltip="Read the section of the line under the cursor"),
        Binding("escape,q,f", "dismiss(None)", "Back", key_display="esc", id="recall.back", tooltip="Leave the list"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._found = Quizzes((), (), {})

    def compose(self) -> ComposeResult:
        yield Static("Recall and exercises", classes="title", markup=False)
        yield Quizlist(id="list", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(Quizlist).focus()

    def on_screen_resume(self) -> None:
        self._load()

    def _load(self) -> None:
        self.read(lambda: learner_state.read_quizzes(host(self).workspace), self._show, self._failed)

    def _failed(self, error: Exception) -> None:
        self.app.notify(format_error(error), severity="error", timeout=15, markup=False)
        self.dismiss(None)

    def _show(self, found: Quizzes) -> None:
        self._found = found
        listed = self.query_one(Quizlist)
        at = listed.highlighted
        listed.clear_options()
        if found.prompts:
            listed.add_option(_heading("Free recall: answer aloud or in writing, then tick what you said"))
        for prompt in found.prompts:
            listed.add_option(Option(_prompt_line(prompt, found.results.get(prompt.id)), id=prompt.id))
        if found.tasks:
            listed.add_option(_heading("Exercises: work them out, then compare"))
        for task in found.tasks:
            listed.add_option(Option(_task_line(task), id=task.id))
        if not listed.option_count:
            listed.add_option(_heading("This course has no prompts yet: quizzes/recall.toml, quizzes/exercises.toml."))
        listed.highlighted = at if at is not None else 1 if listed.option_count > 1 else None

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        found = self._found
        if task := next((one for one in found.tasks if one.id == event.option_id), None):
            host(self).open_task(task)
            return
        at = next((at for at, one in enumerate(found.prompts) if one.id == event.option_id), None)
        if at is not None:
            host(self).open_prompts(found.prompts[at:] + found.prompts[:at])

    def action_read(self) -> None:
        listed = self.query_one(Quizlist)
        if listed.highlighted is None:
            return
        key = listed.get_option_at_index(listed.highlighted).id
        everything: tuple[Prompt | Task, ...] = (*self._found.prompts, *self._found.tasks)
        section = next((one.section for one in everything if one.id == key), "")
        host(self).open_reader(section or None)


def _heading(text: str) -> Option:
    return Option(Content.styled(text, "bold $text-primary"), disabled=True)


def _prompt_line(prompt: Prompt, result: RecallResult | None) -> Content:
    last = f"{result.said} of {result.of}, {result.on}" if result else ""
    return Content.styled(f"{prompt.section:<5}{last:<19}", "$foreground-muted") + Content(_first_line(prompt.ask))


def _task_line(task: Task) -> Content:
    about = f"{task.level}, {task.minutes} min"
    return Content.styled(f"{task.section:<5}{about:<19}", "$foreground-muted") + Content(_first_line(task.task))


def _first_line(text: str) -> str:
    return safe(text.split("\n", 1)[0]).replace("**", "").replace("*", "")


# One exercise: the task, the learner's own notes, and part by part what a strong answer contains


PARTS: Final = (("strong", "What a strong answer contains"), ("traps", "Usual traps"), ("worked", "One worked answer"))


class WorkOutScreen(StudyScreen[None]):
    """Notes are kept in a file of the learner's as soon as the page is left."""

    CSS_PATH = "quiz.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "reveal", "Show more", id="task.reveal",
                tooltip="What a strong answer contains, then usual traps, then one worked answer"),
        Binding("t", "write", "Notes", id="task.write", tooltip="Write your notes; they are kept"),
        Binding("r", "read", "Read", id="task.read", tooltip="Read the section it belongs to"),
        Binding("escape", "leave", "Back", key_display="esc", id="task.back", tooltip="Out of the notes, or leave"),
        Binding("down", "scroll_lines(1)", "Down", show=False, id="task.line_down", tooltip="Scroll down"),
        Binding("up", "scroll_lines(-1)", "Up", show=False, id="task.line_up", tooltip="Scroll up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="task.down", tooltip="Scroll a page down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="task.up", tooltip="Scroll a page up"),
    ]  # fmt: skip

    def __init__(self, task: Task) -> None:
        super().__init__()
        self._exercise = task
        self._shown = 0

    def compose(self) -> ComposeResult:
        task = self._exercise
        title = f"Exercise {task.id}  ·  {task.level}, about {task.minutes} minutes"
        yield Static(safe(title), classes="title", markup=False)
        with VerticalScroll(id="sheet", can_focus=False):
            yield MarkdownView(task.task, id="ask")
            yield Static("Your notes  (t writes, Esc leaves the page)", classes="muted", markup=False)
            yield TextArea(
                learner_state.load_notes(host(self).workspace, task), soft_wrap=True, tab_behavior="focus", id="notes"
            )
            for name, _ in PARTS:
                yield MarkdownView(id=name)
        yield KeyBar()

    def action_write(self) -> None:
        self.query_one(TextArea).focus()

    def action_reveal(self) -> None:
        if self._shown == len(PARTS):
            return
        self._keep()
        name, title = PARTS[self._shown]
        self._shown += 1
        part = getattr(self._exercise, name)
        text = part if isinstance(part, str) else "\n".join(f"- {one}" for one in part)
        face = self.query_one(f"#{name}", MarkdownView)
        face.show(f"### {title}\n\n{text}")
        self.call_after_refresh(face.scroll_visible, animate=False, top=True)
        self.refresh_bindings()

    def action_read(self) -> None:
        host(self).open_reader(self._exercise.section)

    def action_leave(self) -> None:
        """Out of the notes, else out of the exercise."""
        if not self.leave_field() and self._keep():
            self.dismiss(None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """There is something to show until all is shown."""
        return action != "reveal" or self._shown < len(PARTS)

    @on(DescendantBlur)
    def _left_notes(self) -> None:
        self._keep()

    def _keep(self) -> bool:
        """Keep the notes; False, with a sentence, if they cannot be."""
        try:
            learner_state.save_notes(host(self).workspace, self._exercise, self.query_one(TextArea).text)
        except OSError as error:
            text = f"Your notes are not saved ({error.strerror or error}). Copy them, or make room and try again."
            self.notify(text, severity="error", timeout=15, markup=False)
            return False
        return True
