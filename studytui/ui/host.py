"""What a screen may ask of the app it runs in; lets screens be tested in any app that offers the same."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from textual.app import App
from textual.dom import DOMNode
from textual.theme import Theme

from studytui.domain.plain_text import LONGEST_LINE, safe

if TYPE_CHECKING:
    from labs.protocol import Params, Problem
    from studytui.domain.cards import Prompt, Task
    from studytui.domain.queue import Scope
    from studytui.study.cram import CramChoice
    from studytui.study.diagnosis import Named
    from studytui.study.labs import LabClient
    from studytui.study.rehearsal import QuestionChoice
    from studytui.study.review import Sitting
    from studytui.study.workspace import Workspace


class StudyHost(Protocol):
    """The app as the screens see it."""

    workspace: Workspace
    lab_client: LabClient | None

    def open_review(self, scope: Scope | None = None, sitting: Sitting | None = None) -> None:
        """Review what is due in a scope, then meet new cards; no longer than a sitting."""

    def open_plan(self) -> None:
        """The load of the coming days, and what may be chosen for today."""

    def open_cram(self, choice: CramChoice) -> None:
        """Study chosen cards beside the schedule."""

    def open_extra(self, filter_text: str = "") -> None:
        """Choose what to study beside the schedule."""

    def open_reader(self, section: str | None = None) -> None:
        """Read the course, at a section or where it was left."""

    def open_browser(self, filter_text: str = "") -> None:
        """Look through the cards."""

    def open_course_map(self) -> None:
        """How far each part of the course is."""

    def open_recall(self) -> None:
        """Free recall, and exercises for pen and paper."""

    def open_prompts(self, prompts: Sequence[Prompt]) -> None:
        """Answer prompts from memory, the first one first."""

    def open_task(self, task: Task) -> None:
        """Work an exercise out."""

    def open_settings(self, name: str = "") -> None:
        """Change a setting."""

    def open_card(self, card_no: int, *, is_asked: bool = False) -> None:
        """All about one card; of one that is just being asked, nothing that answers it."""

    def open_note(
        self,
        card_no: int,
        then: Callable[[bool | None], None] | Callable[[bool | None], Awaitable[None]],
        *,
        is_asked: bool = False,
    ) -> None:
        """The learner's note on a card and wording of it; `then` is told whether anything was kept."""

    def open_new_card(self, section: str = "") -> None:
        """A form for a card of the learner's own."""

    def open_why_due(self, card_no: int) -> None:
        """How a card came to be due when it is."""

    def open_lab(self, exercise: str, params: Params | None = None, *, problem: Problem | None = None) -> None:
        """The bench of one lab exercise, with some of its knobs set, or at a problem that was posed already."""

    def open_diagnosis(self, seed: int | None = None, then: Callable[[Named | None], None] | None = None) -> None:
        """A round of the burned capacitor, of a seed or a new one; for a card, which `then` tells how it ended."""

    def choose_lab(self) -> None:
        """A list of all labs to pick one from."""

    def open_rehearsal(self, begin: QuestionChoice | None = None) -> None:
        """Choose interview questions to rehearse, or begin with a set at once."""

    def open_rehearsal_history(self, question: str = "") -> None:
        """Every earlier answer to interview questions."""

    def open_statistics(self) -> None:
        """What was learned, and how well confidence fits what is known."""

    def open_gate(self, gate: str = "") -> None:
        """The board of a gate: of the id or module named, else the course's first."""

    def open_help(self) -> None:
        """The keys of the screen on top."""


def host(node: DOMNode) -> StudyHost:
    """The app of a screen or widget."""
    return cast(StudyHost, node.app)


# Text from cards and learners on the screen; see `studytui.domain.plain_text`


__all__ = ["LONGEST_LINE", "safe"]


# What went wrong, in a sentence


def format_error(error: Exception) -> str:
    """An error's text with what to do about it, where it knows."""
    return safe(f"{error} {getattr(error, 'hint', '')}".strip())


# From how many columns on a screen puts its parts side by side


NARROW_OR_WIDE: Final[list[tuple[int, str]] | None] = [(0, "-narrow"), (110, "-wide")]
SHORT_OR_TALL: Final[list[tuple[int, str]] | None] = [(0, "-short"), (20, "-tall")]
"""From how many lines on there is room for more than what one has to see."""
READER: Final[list[tuple[int, str]] | None] = [(0, "-narrow"), (113, "-middle"), (138, "-wide")]
"""The text keeps 78 columns at every width, enough for a diagram of 76; the rest goes to what stands beside it."""


# Themes by name: which there are, and which is the other of a dark and light pair


DARK: Final = Theme(
    name="study-dark",
    dark=True,
    background="#11161C",
    surface="#171E26",
    panel="#1F2832",  # the lightest that a terminal of sixteen colours takes for black, not for grey
    foreground="#D8DEE6",
    primary="#4FA3E3",
    secondary="#8FA3B8",
    accent="#B79CED",
    success="#5CC489",
    warning="#E3B341",
    error="#F0717B",
    variables={
        "foreground-muted": "#D8DEE6A6",
        "text-disabled": "#D8DEE6A6",
        "block-cursor-background": "#1F3549",
        "block-cursor-foreground": "#D8DEE6",
        "block-cursor-blurred-background": "#1A2733",
    },
)
LIGHT: Final = Theme(
    name="study-light",
    dark=False,
    background="#FBFAF7",
    surface="#F3F1EC",
    panel="#E6E3DB",
    foreground="#1D2329",
    primary="#0A63A8",
    secondary="#4D5B69",
    accent="#6C3FB4",
    success="#1D7A45",
    warning="#8F5F00",
    error="#B3262F",
    variables={
        "foreground-muted": "#1D2329B8",
        "text-disabled": "#1D2329B8",
        "block-cursor-background": "#C6D9E7",
        "block-cursor-foreground": "#1D2329",
        "block-cursor-blurred-background": "#E2E9EC",
    },
)
"""The app's own pair. Text is to be in `$foreground`, `$foreground-muted` and the `$text-` colours, which stand out at
least 4.5 to 1 on every ground the screens draw; `$primary`, `$success`, `$warning` and `$error` fill bars."""
OWN: Final = (DARK, LIGHT)

_PAIRS: Final = (
    (DARK.name, LIGHT.name),
    ("textual-dark", "textual-light"),
    ("catppuccin-mocha", "catppuccin-latte"),
    ("solarized-dark", "solarized-light"),
    ("rose-pine", "rose-pine-dawn"),
    ("atom-one-dark", "atom-one-light"),
    ("ansi-dark", "ansi-light"),
)
_OTHER: Final = {a: b for pair in _PAIRS for a, b in (pair, pair[::-1])}


def for_few_colours(variables: Mapping[str, str]) -> dict[str, str]:
    """What takes the place of some variables where there are sixteen colours.

    Any tint is grey there, on which nothing grey or coloured can be read: text is not muted, and what a tint says is
    said by the sign, the weight or the line that stands beside it.
    """
    tints = ("primary-muted", "success-muted", "warning-muted", "error-muted")
    return {
        **dict.fromkeys(("foreground-muted", "text-disabled"), variables["foreground"]),
        **dict.fromkeys(tints, variables["background"]),
    }


def names(app: App[Any]) -> list[str]:
    """All themes, dark ones first, each group by name."""
    return sorted(app.available_themes, key=lambda name: (not app.available_themes[name].dark, name))


def known(app: App[Any], name: str) -> bool:
    """True if the app has a theme of that name."""
    return name in app.available_themes


def counterpart(app: App[Any], name: str) -> str:
    """The light theme for a dark one and the other way round; the app's own where a theme has no pair."""
    other = _OTHER.get(name, "")
    if known(app, other):
        return other
    return LIGHT.name if app.available_themes[name].dark else DARK.name
