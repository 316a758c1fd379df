"""What a screen may ask of the app it runs in; lets screens be tested in any app that offers the same."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Protocol, cast

from textual.dom import DOMNode

if TYPE_CHECKING:
    from labs.protocol import Params, Problem
    from studytui.domain.queue import Scope
    from studytui.domain.recall import Prompt, Task
    from studytui.services.cram import CramChoice
    from studytui.services.lab_client import LabClient
    from studytui.services.rehearsal.choice import Choice
    from studytui.services.workspace import Workspace


class StudyHost(Protocol):
    """The app as the screens see it."""

    workspace: Workspace
    lab_client: LabClient | None

    def open_review(self, scope: Scope | None = None) -> None:
        """Review what is due in a scope, then meet new cards."""
        ...

    def open_cram(self, choice: CramChoice) -> None:
        """Study chosen cards beside the schedule."""
        ...

    def open_extra(self, filter_text: str = "") -> None:
        """Choose what to study beside the schedule."""
        ...

    def open_reader(self, section: str | None = None) -> None:
        """Read the course, at a section or where it was left."""
        ...

    def open_browser(self, filter_text: str = "") -> None:
        """Look through the cards."""
        ...

    def open_course_map(self) -> None:
        """How far each part of the course is."""
        ...

    def open_recall(self) -> None:
        """Free recall, and exercises for pen and paper."""
        ...

    def open_prompts(self, prompts: Sequence[Prompt]) -> None:
        """Answer prompts from memory, the first one first."""
        ...

    def open_task(self, task: Task) -> None:
        """Work an exercise out."""
        ...

    def open_settings(self, name: str = "") -> None:
        """Change a setting."""
        ...

    def open_card(self, card_no: int, *, is_asked: bool = False) -> None:
        """All about one card; of one that is just being asked, nothing that answers it."""
        ...

    def open_note(
        self,
        card_no: int,
        then: Callable[[bool | None], None] | Callable[[bool | None], Awaitable[None]],
        *,
        is_asked: bool = False,
    ) -> None:
        """The learner's note on a card and wording of it; `then` is told whether anything was kept."""
        ...

    def open_new_card(self, section: str = "") -> None:
        """A form for a card of the learner's own."""
        ...

    def open_why_due(self, card_no: int) -> None:
        """How a card came to be due when it is."""
        ...

    def open_lab(self, exercise: str, params: Params | None = None, *, problem: Problem | None = None) -> None:
        """The bench of one lab exercise, with some of its knobs set, or at a problem that was posed already."""
        ...

    def choose_lab(self) -> None:
        """A list of all labs to pick one from."""
        ...

    def open_rehearsal(self, begin: Choice | None = None) -> None:
        """Choose interview questions to rehearse, or begin with a set at once."""
        ...

    def open_rehearsal_history(self, question: str = "") -> None:
        """Every earlier answer to interview questions."""
        ...

    def open_statistics(self) -> None:
        """What was learned, and how well confidence fits what is known."""
        ...

    def open_gate(self, gate: str = "") -> None:
        """The board of a gate: of the id or module named, else the course's first."""
        ...

    def open_help(self) -> None:
        """The keys of the screen on top."""
        ...


def host(node: DOMNode) -> StudyHost:
    """The app of a screen or widget."""
    return cast(StudyHost, node.app)
