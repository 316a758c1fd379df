"""The course as a book: contents, text, and beside it what each section is for."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static

from studytui.domain.cards import Chapter, Objective
from studytui.domain.queue import Scope
from studytui.library.errors import CourseError
from studytui.services.card_filter import Entry
from studytui.services.catalogue import entries, of_section
from studytui.services.reading import Bookmark, load_bookmark, objectives, passages, place_of, save_bookmark
from studytui.store.errors import StoreError
from studytui.ui.breakpoints import READER
from studytui.ui.host import host
from studytui.ui.problems import sentence
from studytui.ui.text import safe
from studytui.ui.widgets.chapter_text import ChapterText
from studytui.ui.widgets.contents import Contents
from studytui.ui.widgets.key_bar import KeyBar
from studytui.ui.widgets.section_side import SectionCards, SectionSide

PANELS = ("-contents", "-side")


class ReaderScreen(Screen[None]):
    """Opens at `section`, or where reading was left."""

    CSS_PATH = "reader.tcss"
    HORIZONTAL_BREAKPOINTS = READER
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "panel('-contents')", "Contents", id="reader.contents", tooltip="The table of contents, and back"),
        Binding("o", "panel('-side')", "Cards", id="reader.side", tooltip="Objectives and cards of this section"),
        Binding("slash", "find", "Find", key_display="/", id="reader.find", tooltip="Find words in this chapter"),
        Binding("n", "match(1)", "Next match", show=False, id="reader.next_match", tooltip="To the next place found"),
        Binding(
            "N", "match(-1)", "Last match", show=False, id="reader.last_match", tooltip="To the place found before"
        ),
        Binding(
            "right_square_bracket", "section(1)", "Next", key_display="]", id="reader.next", tooltip="Next section"
        ),
        Binding(
            "left_square_bracket",
            "section(-1)",
            "Prev",
            show=False,
            key_display="[",
            id="reader.prev",
            tooltip="Section before",
        ),
        Binding("r", "review", "Review", id="reader.review", tooltip="Review the cards of this section"),
        Binding(
            "a", "add", "Add card", show=False, id="reader.add", tooltip="Write a card of your own on this section"
        ),
        Binding("c", "cards", "List", show=False, id="reader.cards", tooltip="This section in the list of cards"),
        Binding("escape", "leave", "Back", id="reader.back", tooltip="Out of the search, the panel, the reader"),
        Binding("q", "close", "Close", show=False, id="reader.close", tooltip="Leave the reader; the place is kept"),
    ]

    def __init__(self, section: str | None = None) -> None:
        super().__init__()
        self._asked = section
        self._chapter: Chapter | None = None
        self._section = ""
        self._objectives: dict[str, list[Objective]] = {}
        self._entries: list[Entry] | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="title", classes="title", markup=False)
        with Container(id="body"):
            yield Contents(host(self).workspace.course, id="contents")
            yield ChapterText(id="text")
            yield SectionSide(id="side")
        yield Input(placeholder="Find in this chapter", id="find", compact=True)
        yield KeyBar()

    async def on_mount(self) -> None:
        workspace = host(self).workspace
        place = Bookmark(self._asked) if self._asked else load_bookmark(workspace) or Bookmark("")
        self.query_one(ChapterText).focus()
        await self._open(place)

    def on_screen_resume(self) -> None:
        self._load()

    async def _open(self, place: Bookmark) -> None:
        """Show a place, in this chapter or another."""
        text = self.query_one(ChapterText)
        chapter = place_of(host(self).workspace.course.chapters, place.section)
        if chapter is None:
            self.query_one("#title", Static).update("The course has no chapters yet.")
            return
        if chapter is self._chapter:
            text.call_after_refresh(text.go_to, place)
            return
        try:
            found = passages(host(self).workspace, chapter)
        except CourseError as error:
            self.notify(sentence(error), severity="error", timeout=15, markup=False)
            return
        self._chapter = chapter
        await text.show(found, place)

    @work(thread=True, exclusive=True, group="side")
    def _load(self) -> None:
        workspace = host(self).workspace
        try:
            loaded = objectives(workspace), entries(workspace)
        except (CourseError, StoreError) as error:
            self.app.call_from_thread(self.notify, sentence(error), severity="warning", markup=False)
        else:
            self.app.call_from_thread(self._show_side, *loaded)

    def _show_side(self, found: dict[str, list[Objective]], cards: list[Entry]) -> None:
        self._objectives, self._entries = found, cards
        self._fill_side()

    def _fill_side(self) -> None:
        if self._entries is None or not self._section:
            return
        workspace = host(self).workspace
        day = workspace.today()
        cards = of_section(self._entries, self._section)
        self.query_one(SectionSide).show(self._section, self._objectives.get(self._section, []), cards, day)

    @on(ChapterText.Moved)
    def _moved(self, event: ChapterText.Moved) -> None:
        chapter = self._chapter
        if chapter is None:
            return
        section = event.section or (chapter.sections[0].id if chapter.sections else "")
        if section != self._section:
            self._section = section
            self.query_one(Contents).mark(section)
            self._fill_side()
        known = host(self).workspace.course.section(section)
        left = Content.styled(f"{section} {safe(known.title)}" if known else safe(chapter.title), "bold")
        right = f"Chapter {chapter.number} · {event.percent:>3} %"
        room = self.size.width - 2 - len(right)
        left = left.truncate(max(8, room - 2), ellipsis=True)
        padding = Content(" " * max(1, room - left.cell_length))
        self.query_one("#title", Static).update(left + padding + Content.styled(right, "$text-muted"))

    @on(Contents.Chosen)
    def _chosen(self, event: Contents.Chosen) -> None:
        self._close_panels()
        # The text may have been hidden behind the contents: it has a size again only after the next refresh.
        self.call_after_refresh(self._open, Bookmark(event.section))

    @on(SectionSide.CardChosen)
    def _card_chosen(self, event: SectionSide.CardChosen) -> None:
        host(self).open_card(event.card_no)

    async def action_section(self, step: int) -> None:
        """Go on to a neighbouring section."""
        section = self.query_one(Contents).neighbour(self._section, step)
        if section is None:
            self.notify("This is the last section." if step > 0 else "This is the first section.", timeout=2)
        else:
            await self._open(Bookmark(section))

    def action_panel(self, name: str) -> None:
        """Go to the contents or the objectives, and back to the text."""
        target = self.query_one(Contents) if name == "-contents" else self.query_one(SectionCards)
        if self.has_class(name) or target.has_focus:
            self._close_panels()
            return
        self._close_panels()
        self.add_class(name)
        self.set_focus(target)

    def action_find(self) -> None:
        """Type what to find."""
        self.add_class("-find")
        self.set_focus(self.query_one(Input))

    @on(Input.Submitted)
    def _find(self, event: Input.Submitted) -> None:
        text = self.query_one(ChapterText)
        number, of = text.find(event.value)
        text.focus()
        if event.value.strip() and not of:
            self.notify(f"“{safe(event.value.strip())}” is not in this chapter.", timeout=4, markup=False)
        self._say_match(number, of)

    def action_match(self, step: int) -> None:
        """Go to the next or the last place found."""
        self._say_match(*self.query_one(ChapterText).step(step))

    def _say_match(self, number: int, of: int) -> None:
        self.query_one(Input).border_title = f"{number} of {of}" if of else ""

    def action_review(self) -> None:
        """Review the cards of the section."""
        if self._section:
            host(self).open_review(Scope(section=self._section))

    def action_add(self) -> None:
        """Write a card of one's own on the section."""
        host(self).open_new_card(self._section)

    def action_cards(self) -> None:
        """The section's cards in the list."""
        host(self).open_browser(f"section:{self._section} ")

    def action_leave(self) -> None:
        """One step out."""
        if self.has_class("-find"):
            self.remove_class("-find")
            self.query_one(ChapterText).find("")
            self.query_one(ChapterText).focus()
        elif any(self.has_class(name) for name in PANELS):
            self._close_panels()
        else:
            self.action_close()

    def action_close(self) -> None:
        """Note the place and leave."""
        save_bookmark(host(self).workspace, self.query_one(ChapterText).place)
        self.dismiss(None)

    def _close_panels(self) -> None:
        self.remove_class(*PANELS)
        self.set_focus(self.query_one(ChapterText))
