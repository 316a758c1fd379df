"""All about one card: where it stands, what it covers, its state, its text and its whole log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from studytui.domain.cards import Objective
from studytui.errors import CourseError, StoreError
from studytui.study import learner_state
from studytui.study.cards import CRAMMED, CardStory, HistoryEvent, card_story
from studytui.ui.host import format_error, host, safe
from studytui.ui.keys import KeyBar, line_keys
from studytui.ui.screens import StudyScreen
from studytui.ui.widgets.card_table import CardPreview
from studytui.ui.widgets.markdown import Block, MarkdownView


class CardInfoScreen(StudyScreen[None]):
    """Opened from a review, the list of cards, the reader and the palette."""

    CSS_PATH = "why_due.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,i,enter", "dismiss(None)", "Back", key_display="esc", id="info.back", tooltip="Back"),
        Binding("w", "why", "Why due", id="info.why", tooltip="How SM-2 worked out its due day"),
        Binding("s", "section", "Section", id="info.section", tooltip="Read the section it belongs to"),
        Binding("l", "lab", "Lab", id="info.lab", tooltip="Open the card's lab"),
        Binding("n", "note", "Note", id="info.note", tooltip="Your note on it, and your wording of front and back"),
        Binding("e", "edit", "Edit", id="info.edit", tooltip="Open the card's source in $EDITOR"),
        *line_keys("info"),
    ]

    def __init__(self, card_no: int, *, is_asked: bool = False) -> None:
        """Of a card that `is_asked` in a review, what would answer it stays covered."""
        super().__init__()
        self._card_no = card_no
        self._is_asked = is_asked
        self._story: CardStory | None = None

    def compose(self) -> ComposeResult:
        yield Static("Card", classes="title", markup=False)
        with VerticalScroll(id="sheet"):
            yield CardPreview()
            yield MarkdownView(id="facts")
            yield MarkdownView(id="log")
        yield KeyBar()

    def on_mount(self) -> None:
        self._load()

    def action_why(self) -> None:
        host(self).open_why_due(self._card_no)

    def action_section(self) -> None:
        if self._story is not None:
            host(self).open_reader(self._story.entry.card.section)

    def action_lab(self) -> None:
        if self._story is not None and self._story.entry.card.lab is not None:
            link = self._story.entry.card.lab
            host(self).open_lab(link.exercise, dict(link.fixed))

    def action_note(self) -> None:
        """Write a note on the card, or word it anew."""

        def answered(saved: bool | None) -> None:
            if saved:
                self.notify("Saved; the schedule is unchanged.", timeout=3)
                self._load()

        host(self).open_note(self._card_no, answered, is_asked=self._is_asked)

    def action_edit(self) -> None:
        """Edit the card's source, then show the card as it now is."""
        if self._story is None:
            return
        from studytui.ui.editing import edit_source

        source = self._story.entry.card.source
        problem = edit_source(self.app, host(self).workspace, source.path, source.line)
        if problem:
            self.notify(problem, severity="error", markup=False, timeout=10)
        self._load()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """The lab key is shown where there is a lab."""
        return action != "lab" or (self._story is not None and self._story.entry.card.lab is not None)

    def _load(self) -> None:
        self.read(self._story_and_objectives, self._show, self._failed, expect=(StoreError, LookupError))

    def _story_and_objectives(self) -> tuple[CardStory, dict[str, Objective]]:
        workspace = host(self).workspace
        found = card_story(workspace, self._card_no)
        try:
            return found, {one.id: one for rows in learner_state.objectives(workspace).values() for one in rows}
        except CourseError:
            return found, {}

    def _failed(self, error: Exception) -> None:
        self.query_one(CardPreview).say(format_error(error))

    def _show(self, story: tuple[CardStory, dict[str, Objective]]) -> None:
        found, objectives = story
        self._story = found
        self.refresh_bindings()
        self.query_one(".title", Static).update(safe(f"Card {found.entry.card.id}"))
        self.query_one(CardPreview).show(found.entry, found.day, is_asked=self._is_asked)
        self.query_one("#facts", MarkdownView).show_blocks(tuple(_facts(found, {} if self._is_asked else objectives)))
        self.query_one("#log", MarkdownView).show_blocks(tuple(_log(found)))


def _facts(found: CardStory, objectives: dict[str, Objective]) -> Iterator[Block]:
    card = found.entry.card
    yield Block(Content.styled("Objectives", "bold $text-primary"))
    for one in card.covers:
        text = objectives[one].text if one in objectives else "" if not objectives else "not in the syllabus"
        yield Block(Content(safe(f"{one}  {text}")), rest="         ", spaced=False)
    marks = {"section": card.section, "kind": card.kind, "tags": ", ".join(found.entry.tags), "file": str(card.source)}
    if card.lab is not None:
        marks["lab"] = card.lab.exercise
    for name, value in marks.items():
        if value:
            yield Block(Content.assemble((f"{name:<9}", "$foreground-muted"), safe(value)), spaced=name == "section")


def _log(found: CardStory) -> Iterator[Block]:
    yield Block(Content.styled("History", "bold $text-primary"))
    if not found.events:
        yield Block(Content("Nothing yet."), spaced=False)
        return
    head = tuple(Content.styled(name, "bold") for name in ("day", "what", "grade", "seconds", "interval", "due on"))
    rows = [head]
    for event in found.events:
        due = event.after.due_on
        cells = (
            f"{event.day:%Y-%m-%d}",
            event.what,
            "" if event.grade is None else str(event.grade),
            f"{event.seconds:.0f}" if event.grade is not None else "",
            f"{event.after.interval_days} d",
            f"{due:%Y-%m-%d}" if due else "new",
        )
        style = "strike $foreground-muted" if event.undone else ""
        rows.append(tuple(Content.styled(cell, style) if style else Content(cell) for cell in cells))
    yield Block(Content(""), kind="table", rows=tuple(rows), spaced=False)


# Why a card is due when it is: the derivation of its schedule, step by step, from its own history


COLUMNS = ("day", "grade", "ease before", "ease after", "interval", "due on")


class WhyDueScreen(StudyScreen[None]):
    """The same columns as `studytui schedule` prints, with the rule that gave each interval below."""

    CSS_PATH = "why_due.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,w,enter", "dismiss(None)", "Back", key_display="esc", id="why.back", tooltip="Back"),
        *line_keys("why"),
    ]

    def __init__(self, card_no: int) -> None:
        super().__init__()
        self._card_no = card_no

    def compose(self) -> ComposeResult:
        yield Static("Why is this due today?", classes="title", markup=False)
        with VerticalScroll(id="sheet"):
            yield Static(id="card", classes="muted", markup=False)
            yield Static(id="why", markup=False)
            yield MarkdownView(id="steps")
            yield Static(
                "SM-2: ease + 0.10 − (5−q)(0.08 + 0.02 (5−q)) for grades 3 to 5, never below 1.30.  "
                "I(1) = 1 d, I(2) = 6 d, I(n) = ⌈I(n−1) × ease⌉. You repeat a card graded below 4 the same day.",
                classes="muted", markup=False,
            )  # fmt: skip
        yield KeyBar()

    def on_mount(self) -> None:
        self._load()

    def _load(self) -> None:
        self.read(
            lambda: card_story(host(self).workspace, self._card_no),
            self._show,
            self._failed,
            expect=(StoreError, LookupError),
        )

    def _failed(self, error: Exception) -> None:
        self.query_one("#why", Static).update(format_error(error))

    def _show(self, found: CardStory) -> None:
        self.query_one("#card", Static).update(safe(f"{found.entry.card.id} · {found.entry.title}"))
        self.query_one("#why", Static).update(safe(found.why))
        self.query_one("#steps", MarkdownView).show_blocks(tuple(steps(found.events)))


def steps(events: tuple[HistoryEvent, ...]) -> list[Block]:
    """A table of what moved the schedule, each row followed by its rule."""
    if not events:
        return [Block(Content("No answer yet. After the first one, each step of the calculation is here."))]
    head = tuple(Content.styled(name, "bold") for name in COLUMNS)
    rows, notes = [head], []
    for event in events:
        due = event.after.due_on
        cells = (
            f"{event.day:%Y-%m-%d}",
            f"{event.grade}" if event.grade is not None and event.what != CRAMMED else event.what,
            f"{event.before.ease_factor / 100:.2f}",
            f"{event.after.ease_factor / 100:.2f}",
            f"{event.after.interval_days} d",
            f"{due:%Y-%m-%d}" if due else "new",
        )
        style = "strike $foreground-muted" if event.undone else ""
        rows.append(tuple(Content.styled(cell, style) if style else Content(cell) for cell in cells))
        if event.undone:
            notes.append(f"{event.day:%Y-%m-%d}: undone.")
        elif event.what == "repeated":
            notes.append(f"{event.day:%Y-%m-%d}: repeated on the same day; the schedule stays unchanged.")
        elif event.what == CRAMMED:
            notes.append(f"{event.day:%Y-%m-%d}: practice, graded {event.grade}; the schedule stays unchanged.")
        elif event.reason:
            notes.append(f"{event.day:%Y-%m-%d}: {event.reason}")
    return [Block(Content(""), kind="table", rows=tuple(rows))] + [
        Block(Content.styled(note, "$foreground-muted"), spaced=not at) for at, note in enumerate(notes)
    ]
