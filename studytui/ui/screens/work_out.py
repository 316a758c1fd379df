"""One exercise: the task, the learner's own notes, and part by part what a strong answer contains."""

from __future__ import annotations

from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.events import DescendantBlur
from textual.screen import Screen
from textual.widgets import Static, TextArea

from studytui.domain.recall import Task
from studytui.services import recall
from studytui.ui.host import host
from studytui.ui.text import safe
from studytui.ui.widgets.card_face import Face
from studytui.ui.widgets.key_bar import KeyBar

PARTS: Final = (("strong", "What a strong answer contains"), ("traps", "Usual traps"), ("worked", "One worked answer"))


class WorkOutScreen(Screen[None]):
    """Notes are kept in a file of the learner's as soon as the page is left."""

    CSS_PATH = "quiz.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "reveal", "Show more", id="task.reveal",
                tooltip="What a strong answer contains, then usual traps, then one worked answer"),
        Binding("t", "write", "Notes", id="task.write", tooltip="Write your notes; they are kept"),
        Binding("r", "read", "Read", id="task.read", tooltip="Read the section it belongs to"),
        Binding("escape", "leave", "Back", key_display="esc", id="task.back", tooltip="Out of the notes, or leave"),
        Binding("down", "lines(1)", "Down", show=False, id="task.line_down", tooltip="Scroll down"),
        Binding("up", "lines(-1)", "Up", show=False, id="task.line_up", tooltip="Scroll up"),
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
            yield Face(task.task, id="ask")
            yield Static("Your notes  (t writes, Esc leaves the page)", classes="muted", markup=False)
            yield TextArea(
                recall.load_notes(host(self).workspace, task), soft_wrap=True, tab_behavior="focus", id="notes"
            )
            for name, _ in PARTS:
                yield Face(id=name)
        yield KeyBar()

    def action_write(self) -> None:
        """Write notes."""
        self.query_one(TextArea).focus()

    def action_reveal(self) -> None:
        """Show the next part."""
        if self._shown == len(PARTS):
            return
        self._keep()
        name, title = PARTS[self._shown]
        self._shown += 1
        part = getattr(self._exercise, name)
        text = part if isinstance(part, str) else "\n".join(f"- {one}" for one in part)
        face = self.query_one(f"#{name}", Face)
        face.show(f"### {title}\n\n{text}")
        self.call_after_refresh(face.scroll_visible, animate=False, top=True)
        self.refresh_bindings()

    def action_read(self) -> None:
        """Read what the exercise belongs to."""
        host(self).open_reader(self._exercise.section)

    def action_leave(self) -> None:
        """Out of the notes, else out of the exercise."""
        if self.focused is not None:
            self.set_focus(None)
        elif self._keep():
            self.dismiss(None)

    def action_lines(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one("#sheet").scroll_relative(y=lines, animate=False)

    def action_page(self, pages: int) -> None:
        """Scroll by a page."""
        area = self.query_one("#sheet")
        area.scroll_relative(y=pages * max(1, area.size.height - 2), animate=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """There is something to show until all is shown."""
        return action != "reveal" or self._shown < len(PARTS)

    @on(DescendantBlur)
    def _left_notes(self) -> None:
        self._keep()

    def _keep(self) -> bool:
        """Keep the notes; False, with a sentence, if they cannot be."""
        try:
            recall.save_notes(host(self).workspace, self._exercise, self.query_one(TextArea).text)
        except OSError as error:
            text = f"Your notes are not kept ({error.strerror or error}). Copy them, or make room and try again."
            self.notify(text, severity="error", timeout=15, markup=False)
            return False
        return True
