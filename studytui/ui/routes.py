"""How to reach a screen: each is imported when it is first opened, so that the first paint needs only what it shows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from textual.app import App

from studytui.domain.queue import Scope

if TYPE_CHECKING:
    from labs.protocol import Params, Problem
    from studytui.domain.recall import Prompt, Task
    from studytui.services.cram import CramChoice
    from studytui.services.rehearsal.choice import Choice


def review(app: App[Any], scope: Scope | None = None) -> None:
    """Review what is due in a scope, then meet new cards."""
    from studytui.ui.screens.review import ReviewScreen

    app.push_screen(ReviewScreen(scope))


def cram(app: App[Any], choice: CramChoice) -> None:
    """Study chosen cards beside the schedule."""
    from studytui.ui.screens.cram import CramScreen

    app.push_screen(CramScreen(choice))


def extra(app: App[Any], filter_text: str = "") -> None:
    """Choose what to study beside the schedule."""
    from studytui.ui.screens.extra import ExtraScreen

    app.push_screen(ExtraScreen(filter_text))


def reader(app: App[Any], section: str | None = None) -> None:
    """Read the course, at a section or where it was left."""
    from studytui.ui.screens.reader import ReaderScreen

    app.push_screen(ReaderScreen(section))


def browser(app: App[Any], filter_text: str = "") -> None:
    """Look through the cards."""
    from studytui.ui.screens.browser import BrowserScreen

    app.push_screen(BrowserScreen(filter_text))


def course_map(app: App[Any]) -> None:
    """How far each part of the course is."""
    from studytui.ui.screens.course_map import CourseMapScreen

    app.push_screen(CourseMapScreen())


def recall(app: App[Any]) -> None:
    """Free recall, and exercises for pen and paper."""
    from studytui.ui.screens.recall import RecallScreen

    app.push_screen(RecallScreen())


def answer(app: App[Any], prompts: Sequence[Prompt]) -> None:
    """Answer prompts from memory, the first one first."""
    from studytui.ui.screens.answer_prompt import AnswerPromptScreen

    app.push_screen(AnswerPromptScreen(prompts))


def work_out(app: App[Any], task: Task) -> None:
    """Work an exercise out."""
    from studytui.ui.screens.work_out import WorkOutScreen

    app.push_screen(WorkOutScreen(task))


def settings(app: App[Any], name: str = "") -> None:
    """Change a setting."""
    from studytui.ui.screens.settings import SettingsScreen

    app.push_screen(SettingsScreen(name))


def card_info(app: App[Any], card_no: int, *, is_asked: bool = False) -> None:
    """All about one card; of one that is just being asked, nothing that answers it."""
    from studytui.ui.screens.card_info import CardInfoScreen

    app.push_screen(CardInfoScreen(card_no, is_asked=is_asked))


def note(
    app: App[Any],
    card_no: int,
    then: Callable[[bool | None], None] | Callable[[bool | None], Awaitable[None]],
    *,
    is_asked: bool = False,
) -> None:
    """The learner's note on a card and wording of it; `then` is told whether anything was kept."""
    from studytui.ui.screens.note import NoteScreen

    app.push_screen(NoteScreen(card_no, is_asked=is_asked), then)


def new_card(app: App[Any], section: str = "") -> None:
    """A form for a card of the learner's own."""
    from studytui.ui.screens.new_card import NewCardScreen

    app.push_screen(NewCardScreen(section))


def why_due(app: App[Any], card_no: int) -> None:
    """How a card came to be due when it is."""
    from studytui.ui.screens.why_due import WhyDueScreen

    app.push_screen(WhyDueScreen(card_no))


def lab(app: App[Any], exercise: str, params: Params | None = None, *, problem: Problem | None = None) -> None:
    """The bench of one lab exercise, with some of its knobs set, or at a problem that was posed already."""
    from studytui.ui.screens.lab import LabScreen

    app.push_screen(LabScreen(exercise, params, problem=problem))


def choose_lab(app: App[Any]) -> None:
    """A list of all labs to pick one from."""
    from labs import catalog

    for package, why in catalog.problems().items():
        app.notify(f"The lab package “{package}” cannot be used: {why}", severity="warning", timeout=10)
    app.search_commands(
        [
            (
                f"{exercise.title} · {exercise.name}",
                lambda name=exercise.name: lab(app, name),
                f"sections {', '.join(exercise.sections)}",
            )
            for exercise in catalog.exercises()
        ],
        placeholder="Which lab?",
    )


def rehearsal(app: App[Any], begin: Choice | None = None) -> None:
    """Choose interview questions to rehearse, or begin with a set at once."""
    from studytui.ui.screens.rehearsal.chooser import ChooserScreen

    app.push_screen(ChooserScreen(begin))


def rehearsal_history(app: App[Any], question: str = "") -> None:
    """Every earlier answer to interview questions."""
    from studytui.ui.screens.rehearsal.history import HistoryScreen

    app.push_screen(HistoryScreen(question))


def statistics(app: App[Any]) -> None:
    """What was learned, and how well confidence fits what is known."""
    from studytui.ui.screens.statistics import StatisticsScreen

    app.push_screen(StatisticsScreen())


def audit(app: App[Any], gate: str = "") -> None:
    """The board of a gate: of the id or module named, else the course's first."""
    from studytui.ui.screens.audit.board import AuditScreen

    app.push_screen(AuditScreen(gate))


def help_on(app: App[Any]) -> None:
    """The keys of the screen on top."""
    from studytui.ui.screens.help import HelpScreen

    if not isinstance(app.screen, HelpScreen):
        app.push_screen(HelpScreen())
