"""Recall and exercises: what to answer with the book closed, and what to work out on paper."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from studytui.domain.recall import Prompt, Task
from studytui.library.errors import CourseError
from studytui.services import recall
from studytui.services.recall import Quizzes, Result
from studytui.store.errors import StoreError
from studytui.ui.host import host
from studytui.ui.problems import sentence
from studytui.ui.text import safe
from studytui.ui.widgets.key_bar import KeyBar


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
        Binding("enter,space", "select", "Begin", tooltip="Answer the prompt, or work the exercise out"),
        Binding("j", "cursor_down", "Down", show=False, tooltip="To the next line"),
        Binding("k", "cursor_up", "Up", show=False, tooltip="To the line before"),
    ]


class RecallScreen(Screen[None]):
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

    @work(thread=True, exclusive=True, group="quizzes")
    def _load(self) -> None:
        try:
            found = recall.quizzes(host(self).workspace)
        except (CourseError, StoreError) as error:
            self.app.call_from_thread(self._failed, error)
        else:
            self.app.call_from_thread(self._show, found)

    def _failed(self, error: Exception) -> None:
        self.app.notify(sentence(error), severity="error", timeout=15, markup=False)
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
        """Read the section that is asked about."""
        listed = self.query_one(Quizlist)
        if listed.highlighted is None:
            return
        key = listed.get_option_at_index(listed.highlighted).id
        everything: tuple[Prompt | Task, ...] = (*self._found.prompts, *self._found.tasks)
        section = next((one.section for one in everything if one.id == key), "")
        host(self).open_reader(section or None)


def _heading(text: str) -> Option:
    return Option(Content.styled(text, "bold $text-primary"), disabled=True)


def _prompt_line(prompt: Prompt, result: Result | None) -> Content:
    last = f"{result.said} of {result.of}, {result.on}" if result else ""
    return Content.styled(f"{prompt.section:<5}{last:<19}", "$text-muted") + Content(_first_line(prompt.ask))


def _task_line(task: Task) -> Content:
    about = f"{task.level}, {task.minutes} min"
    return Content.styled(f"{task.section:<5}{about:<19}", "$text-muted") + Content(_first_line(task.task))


def _first_line(text: str) -> str:
    return safe(text.split("\n", 1)[0]).replace("**", "").replace("*", "")
