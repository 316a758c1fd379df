"""The general part of the help: topics of a few sentences each."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from studytui.ui.keys import HELP, KeyBar, KeyGroup, key_groups
from studytui.ui.widgets.markdown import Block, MarkdownView

TOPICS: Final[tuple[tuple[str, str], ...]] = (
    (
        "A day",
        "Press Enter on the home screen. Due cards come first, then new ones, up to the limits in the settings. A "
        "card graded below Good is one to repeat: it comes back the same day, after 5 other cards, then after 10 "
        "and after 20, until it is Good; after the third time it waits for another day. While others wait, at most "
        "every third card is one to repeat. The day turns at 04:00, unless the settings say otherwise; an answer "
        "counts for the day on which you give it.",
    ),
    (
        "Grading",
        "Again: you did not know it, and it starts over tomorrow. Hard: right, but with effort; you repeat the "
        "card today. Good: right after a thought. Easy: at once. Where the app checks the answer it suggests a "
        "grade; you may give another. The days on the grade buttons are the days until the card is due again.",
    ),
    (
        "The suggested grade",
        "Right at once is Easy, right after a thought Good, right after four times as long Hard. “At once” allows "
        "for reading (200 words a minute, options included) and then 10 seconds to recall, 15 for a blank or a "
        "choice, 20 for a number, 45 for an exercise or an order, 60 for pairs, 180 for an open question. What can "
        "be picked can be guessed, so a choice is never more than Good, nor is a card on the day you first see it. "
        "A hint or a guess makes it Hard. After a long break the time says nothing: Good. Wrong is Again, whatever "
        "the time. An open answer is graded by the share of its points. Point at the suggested grade to see which "
        "rule held.",
    ),
    (
        "Nothing is lost",
        "Each answer is on the disk before the next card appears, so leaving is always safe. u undoes the "
        "last answer; press it again for the one before, also from an earlier day.",
    ),
    (
        "Cards that bother you",
        "- hides a card until tomorrow, @ suspends it until you bring it back under Cards (b), * marks "
        "it, and e opens its source in your editor ($VISUAL or $EDITOR); an edited card keeps its schedule. A "
        "card you miss again and again is a leech and is suspended: rewrite it, then bring it back.",
    ),
    (
        "Practice",
        "x is practice: what you forgot today or this week, the hardest cards, or any part of the course, whatever the "
        "limits. It is logged apart and schedules stay unchanged, unless you let the grades count. m shows your "
        "progress by section, helper and lens; f asks for free recall with the book closed, and has exercises to work "
        "out.",
    ),
    (
        "Interview",
        "i on the home screen asks interview questions under a clock, to be answered in writing or aloud (F3). Escape "
        "leaves the page, and again the interview; what you typed is a draft and waits under “Answers under way”. The "
        "result shows which of your words count for which point: 1 to 4 overrule it, Enter records the grade, and the "
        "question comes back like a card.",
    ),
    (
        "Your own words",
        "n in the list of cards writes a card of your own; on a card it takes a note, or your wording of its front "
        "and back. Both are kept in text files of yours beside the database, are scheduled with the course, and stay "
        "when the course is updated.",
    ),
    (
        "Numbers",
        "Type a number as you would write it: 1,204,224 or 1.204.224, 0,331, 14², √2, ln 20, 2½, 60%, 86 M, 4430 MB, "
        "two thirds, 14 × 14 = 196. How it was read is shown. Counted things (196 tokens) and words such as about do "
        "not matter; measured units do. What is not one number does not count as an answer: a line says what to type.",
    ),
    (
        "Finding cards",
        "In the list of cards, / takes words and filters, all of which must hold: kind:choice, state:due, "
        "section:2.2, chapter:2, helper:eye, lens:reasoner, tag:shapes, id:vit. A minus before one turns it "
        "round: -state:suspended. States are new, lapsed (missed last time), learning, young, mature, due, repeat, "
        'locked, suspended, buried, leech, flagged, archived. Quotes keep words together: "class token". '
        "S saves the filter under a name, f lists those saved, and saved:NAME is one in any filter. "
        "Space marks a card, A all that are listed: @ - * t and x then change every marked card, and one u undoes "
        "it.",
    ),
    (
        "Everywhere",
        "Ctrl+P finds any section, card, lab, setting or screen by a few letters. d switches between dark and "
        "light. The mouse works wherever a key does. For pipes and screen readers there is studytui review "
        "--plain.",
    ),
)


# Every key of the screen below, from its bindings, and how the app is meant to be used


KEY_CELLS = 14


class Keys(MarkdownView):
    """Keys on the left, what they do beside them."""

    def __init__(self, blocks: tuple[Block, ...]) -> None:
        super().__init__()
        self.show_blocks(blocks)


class HelpScreen(ModalScreen[None]):
    """Help over the screen it explains."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(f"escape,q,{HELP}", "dismiss(None)", "Close", id="help.close", tooltip="Back to the screen"),
        Binding("down,j", "scroll(1)", "Down", show=False, id="help.down", tooltip="Scroll down"),
        Binding("up,k", "scroll(-1)", "Up", show=False, id="help.up", tooltip="Scroll up"),
        Binding("pagedown,space", "page(1)", "Next page", id="help.next", tooltip="Scroll a page down"),
        Binding("pageup,b", "page(-1)", "Previous page", show=False, id="help.previous", tooltip="Scroll a page up"),
        Binding("home,g", "top", "Top", show=False, id="help.top", tooltip="To the top"),
        Binding("end,G", "bottom", "End", show=False, id="help.end", tooltip="To the end"),
    ]

    def compose(self) -> ComposeResult:
        below = self.app.screen_stack[-2]
        with VerticalScroll(id="help", can_focus=False):
            for group in key_groups(self.app, below):
                yield Static(Content(group.title), classes="heading")
                yield Keys(_blocks(group))
            for title, text in TOPICS:
                yield Static(Content(title), classes="heading")
                yield Static(text, markup=False, classes="topic")
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one("#help").border_title = "Help"

    def action_scroll(self, lines: int) -> None:
        self.query_one("#help").scroll_relative(y=lines, animate=False)

    def action_page(self, pages: int) -> None:
        """Scroll by what fits on the screen, less two lines to keep the eye's place."""
        area = self.query_one("#help")
        area.scroll_relative(y=pages * max(1, area.size.height - 2), animate=False)

    def action_top(self) -> None:
        self.query_one("#help").scroll_home(animate=False)

    def action_bottom(self) -> None:
        self.query_one("#help").scroll_end(animate=False)


def _blocks(group: KeyGroup) -> tuple[Block, ...]:
    blocks = []
    for key in group.keys:
        text = Content(key.description)
        if key.tooltip:
            text += Content.styled(f"  {key.tooltip}", "$foreground-muted")
        first = key.display.ljust(KEY_CELLS)
        blocks.append(Block(text, first, " " * KEY_CELLS, spaced=False))
    return tuple(blocks)
