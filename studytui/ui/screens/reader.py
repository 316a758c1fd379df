"""A section of the course on the screen, with what was searched for marked in it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from studytui.domain.cards import Chapter, Course, Objective
from studytui.domain.queue import Scope
from studytui.errors import CourseError, StoreError
from studytui.study.cards import CardEntry, card_entries, card_states, cards_of_section
from studytui.study.learner_state import Bookmark, Passage, load_bookmark, objectives, passages, place_of, save_bookmark
from studytui.study.reading import How, mark, read_or_known, reading_minutes, unmark
from studytui.study.review import open_session
from studytui.ui.host import READER, format_error, host, safe
from studytui.ui.keys import KeyBar
from studytui.ui.screens import StudyScreen
from studytui.ui.widgets.card_table import SIGNS
from studytui.ui.widgets.markdown import Block, MarkdownView, inline, layout, parse


class Page(Widget):
    """One section's text, laid out for the width it has."""

    DEFAULT_CSS = """
    Page { height: auto; text-wrap: nowrap; text-overflow: clip; padding-bottom: 2; }
    Page:last-of-type { min-height: 100%; }
    """

    def __init__(self, section: str, markdown: str) -> None:
        super().__init__(markup=False)
        self.section = section
        self._blocks = parse(markdown)
        self._laid: tuple[int, Content] | None = None
        self._sought: re.Pattern[str] | None = None
        self._at: int | None = None

    @property
    def end(self) -> int:
        """The line of the chapter below the last one of the text."""
        return self.virtual_region.y + self._content(self.content_size.width).plain.count("\n") + 1

    def seek(self, pattern: re.Pattern[str] | None) -> list[int]:
        """Mark every match; returns the line of each, counted from 0."""
        self._sought, self._at = pattern, None
        self.refresh()
        if pattern is None:
            return []
        text = self._content(self.content_size.width).plain
        ends = [match.start() for match in re.finditer("\n", text)]
        return [bisect_right(ends, match.start()) for match in pattern.finditer(text)]

    def point(self, match: int | None) -> None:
        """Mark one of the matches as the present one."""
        if match != self._at:
            self._at = match
            self.refresh()

    def get_content_width(self, container: Size, viewport: Size) -> int:
        del viewport
        return container.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        del container, viewport
        return self._content(width).plain.count("\n") + 1

    def render(self) -> Content:
        content = self._content(self.content_size.width)
        if self._sought is not None:
            for number, match in enumerate(self._sought.finditer(content.plain)):
                style = "reverse bold" if number == self._at else "underline bold $text-warning"
                content = content.stylize(style, *match.span())
        return content

    def _content(self, width: int) -> Content:
        if self._laid is None or self._laid[0] != width:
            self._laid = (width, layout(self._blocks, width))
        return self._laid[1]


def sought(text: str) -> re.Pattern[str] | None:
    """The pattern of a typed text: any case, and any run of spaces or line end for a space. None for no text."""
    words = text.split()
    return re.compile(r"\s+".join(map(re.escape, words)), re.IGNORECASE) if words else None


# A chapter as one scrolling text, made of its sections


CONTEXT_LINES = 3


class ChapterText(VerticalScroll, can_focus=True):
    """Scrolls through a chapter, says which section is on top, and finds text in it."""

    DEFAULT_CSS = """
    ChapterText { padding: 0 0 0 1; }
    """
    KEYS_OF = "text"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False, tooltip="Scroll down a line, as the arrow does"),
        Binding("k", "scroll_up", "Up", show=False, tooltip="Scroll up a line, as the arrow does"),
        Binding("space,pagedown", "page(1)", "Page down", show=False, tooltip="Scroll a page down"),
        Binding("b,pageup", "page(-1)", "Page up", show=False, tooltip="Scroll a page up"),
        Binding("g,home", "scroll_home", "Top", show=False, tooltip="To the top of the chapter"),
        Binding("G,end", "scroll_end", "End", show=False, tooltip="To the end of the chapter"),
    ]

    @dataclass
    class Moved(Message):
        """Another place is on top of the screen."""

        section: str
        percent: int

    @dataclass
    class Finished(Message):
        """The ends of these sections came in sight by scrolling on, at most a page at a time."""

        sections: tuple[str, ...]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._jumped_to = -1
        self._matches: list[tuple[Page, int, int]] = []
        self._match = 0

    @property
    def place(self) -> Bookmark:
        """The section on top, and how much of it is above the screen."""
        page = self._page_on_top()
        if page is None:
            return Bookmark("")
        region = page.virtual_region
        return Bookmark(page.section, max(0.0, min(1.0, (self.scroll_y - region.y) / max(1, region.height))))

    async def show(self, passages: Sequence[Passage], place: Bookmark) -> None:
        """Show another chapter, at a place."""
        self._matches = []
        with self.app.batch_update():
            await self.remove_children()
            await self.mount_all(Page(passage.section, passage.markdown) for passage in passages)
        self.call_after_refresh(self.go_to, place)

    def go_to(self, place: Bookmark) -> None:
        """Scroll to a place in the chapter shown."""
        for page in self.query(Page):
            if page.section == place.section:
                region = page.virtual_region
                self._jump(region.y + round(place.share * region.height))
                self._tell()
                return
        self._tell()

    def find(self, text: str) -> tuple[int, int]:
        """Mark a text wherever it stands and go to its first place from here on; (which, how many), (0, 0) for none."""
        pattern = sought(text)
        self._matches = [
            (page, number, line) for page in self.query(Page) for number, line in enumerate(page.seek(pattern))
        ]
        here = self.scroll_y
        following = (i for i, (page, _, line) in enumerate(self._matches) if page.virtual_region.y + line >= here)
        self._match = next(following, 0)
        return self.step(0)

    def step(self, by: int) -> tuple[int, int]:
        """Go to another match, round at the ends; returns which of how many."""
        if not self._matches:
            return 0, 0
        self._match = (self._match + by) % len(self._matches)
        page, number, line = self._matches[self._match]
        for each in self.query(Page):
            each.point(number if each is page else None)
        self._jump(max(0, page.virtual_region.y + line - CONTEXT_LINES))
        return self._match + 1, len(self._matches)

    def action_page(self, pages: int) -> None:
        """Scroll by what fits on the screen, less two lines to keep the eye's place."""
        self.scroll_relative(y=pages * max(1, self.size.height - 2), animate=False)

    def action_scroll_home(self) -> None:
        self.scroll_home(animate=False)

    def action_scroll_end(self) -> None:
        self.scroll_end(animate=False)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._tell()
            self._look_for_ends(old_value, new_value)

    def shows_end_of(self, section: str) -> bool:
        """Whether the last line of a section is on the screen, or above it."""
        bottom = self.scroll_y + self.size.height
        return any(page.section == section and page.end <= bottom for page in self.query(Page))

    def _jump(self, y: float) -> None:
        """Go to a line; what is passed on the way was not read."""
        self._jumped_to = round(min(max(0, y), self.max_scroll_y))
        self.scroll_to(y=y, animate=False, force=True)

    def _look_for_ends(self, old: float, new: float) -> None:
        height = self.size.height
        if round(new) == self._jumped_to or not 0 < new - old <= height:
            return
        ends = tuple(page.section for page in self.query(Page) if old + height < page.end <= new + height)
        if any(ends):
            self.post_message(self.Finished(tuple(section for section in ends if section)))

    def _tell(self) -> None:
        page = self._page_on_top()
        if page is not None:
            percent = round(100 * self.scroll_y / self.max_scroll_y) if self.max_scroll_y else 100
            self.post_message(self.Moved(page.section, percent))

    def _page_on_top(self) -> Page | None:
        top = round(self.scroll_y) + 1
        pages = list(self.query(Page))
        above = [page for page in pages if page.virtual_region.y <= top]
        return above[-1] if above else pages[0] if pages else None


# The table of contents: chapters and their sections


class Contents(OptionList):
    """Sections in order, under their chapters."""

    DEFAULT_CSS = """
    Contents { border: none; padding: 0; background: transparent; text-wrap: nowrap; text-overflow: ellipsis; }
    Contents:focus { border: none; background-tint: transparent 0%; }
    """
    KEYS_OF = "table of contents"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "select", "Go there", show=False, tooltip="Read the section under the cursor"),
        Binding("j", "cursor_down", "Down", show=False),
        Binding("k", "cursor_up", "Up", show=False),
    ]

    @dataclass
    class Chosen(Message):
        """A section was chosen."""

        section: str

    def __init__(self, course: Course, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._sections: list[str] = []
        for number, chapter in enumerate(course.chapters):
            if number:
                self.add_option(None)
            title = Content.styled(f"{chapter.number}  {safe(chapter.title)}", "bold $text-primary")
            self.add_option(Option(title, id=f"c{chapter.number}", disabled=True))
            for section in chapter.sections:
                self._sections.append(section.id)
                prompt = Content(f"{section.id}  {safe(section.title)}")
                self.add_option(Option(prompt, id=_id(section.id)))

    def mark(self, section: str) -> None:
        """Put the cursor on the section that is being read."""
        if section in self._sections:
            self.highlighted = self.get_option_index(_id(section))

    def neighbour(self, section: str, step: int) -> str | None:
        """The section `step` places on, across chapters; None past the ends."""
        if section not in self._sections:
            return self._sections[0] if self._sections and step > 0 else None
        at = self._sections.index(section) + step
        return self._sections[at] if 0 <= at < len(self._sections) else None

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Chosen((event.option_id or "")[1:]))


def _id(section: str) -> str:
    return f"s{section}"


# What a section is for: its objectives, and the cards on it with their state


class SectionCards(OptionList):
    """The cards of a section."""

    DEFAULT_CSS = """
    SectionCards {
        height: 1fr; border: none; padding: 0; background: transparent;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    SectionCards:focus { border: none; background-tint: transparent 0%; }
    """
    KEYS_OF = "cards of the section"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "select", "Card info", show=False, tooltip="All about the card under the cursor")
    ]


class SectionSide(Vertical):
    """Objectives above, cards below."""

    DEFAULT_CSS = """
    SectionSide #objectives-scroll { height: 1fr; }
    """

    @dataclass
    class CardChosen(Message):
        """A card of the section was chosen."""

        card_no: int

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown: tuple[str, Sequence[CardEntry], date] | None = None

    def compose(self) -> ComposeResult:
        yield Static("Objectives", classes="heading", markup=False)
        with VerticalScroll(id="objectives-scroll", can_focus=True):
            yield MarkdownView(id="objectives")
        yield Static("Cards", classes="heading", id="cards-heading", markup=False)
        yield SectionCards(id="cards", markup=False)

    def show(self, section: str, objectives: Sequence[Objective], entries: Sequence[CardEntry], day: date) -> None:
        """Show another section, or the same with other states."""
        if self._shown == (section, entries, day):
            return
        self._shown = (section, entries, day)
        blocks = tuple(Block(inline(o.text), "• ", "  ", spaced=False) for o in objectives)
        self.query_one("#objectives", MarkdownView).show_blocks(blocks or (Block(Content("None listed.")),))
        waiting = sum("due" in card_states(e, day) or "repeat" in card_states(e, day) for e in entries)
        heading = f"Cards: {len(entries)}, {waiting} due" if entries else "No cards on this section yet"
        self.query_one("#cards-heading", Static).update(heading)
        cards = self.query_one(SectionCards)
        at = cards.highlighted
        cards.clear_options()
        cards.add_options([Option(_row(entry, day), id=str(entry.no)) for entry in entries])
        cards.highlighted = min(at, len(entries) - 1) if at is not None and entries else None

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_id:
            self.post_message(self.CardChosen(int(event.option_id)))


def _row(entry: CardEntry, day: date) -> Content:
    word = card_states(entry, day)[0]
    return Content.styled(f"{SIGNS.get(word, ' ')} {word:<9} ", "$foreground-muted") + Content(safe(entry.title))


# The course as a book: contents, text, and beside it what each section is for


PANELS = ("-contents", "-side")


class ReaderScreen(StudyScreen[None]):
    """Opens at `section`, or where reading was left."""

    CSS_PATH = "reader.tcss"
    HORIZONTAL_BREAKPOINTS = READER
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "panel('-contents')", "Contents", id="reader.contents", tooltip="The table of contents, and back"),
        Binding("o", "panel('-side')", "Cards", id="reader.side", tooltip="Objectives and cards of this section"),
        Binding("slash", "find", "Find", key_display="/", id="reader.find", tooltip="Find words in this chapter"),
        Binding("n", "match(1)", "Next match", show=False, id="reader.next_match", tooltip="To the next match"),
        Binding("N", "match(-1)", "Previous match", show=False, id="reader.last_match",
                tooltip="To the previous match"),
        Binding("right_square_bracket", "section(1)", "Next", key_display="]", id="reader.next",
                tooltip="Next section"),
        Binding("left_square_bracket", "section(-1)", "Previous", show=False, key_display="[", id="reader.prev",
                tooltip="Previous section"),
        Binding("enter", "go_on", "Read: go on", id="reader.go_on",
                tooltip="Mark this section read, then answer its cards or read on"),
        Binding("i", "know", "I know it", id="reader.know",
                tooltip="Mark this section known: its new cards come without reading; press again to undo"),
        Binding("I", "know_chapter", "I know the chapter", show=False, id="reader.know_chapter",
                tooltip="Mark all sections of this chapter known"),
        Binding("r", "review", "Review", id="reader.review", tooltip="Review the cards of this section"),
        Binding("a", "add", "Add card", show=False, id="reader.add",
                tooltip="Write a card of your own on this section"),
        Binding("c", "cards", "List", show=False, id="reader.cards", tooltip="List the cards of this section"),
        Binding("escape", "leave", "Back", id="reader.back", tooltip="Leave the search, the panel or the reader"),
        Binding("q", "close", "Close", show=False, id="reader.close", tooltip="Leave the reader; your place is kept"),
    ]  # fmt: skip

    def __init__(self, section: str | None = None) -> None:
        super().__init__()
        self._asked = section
        self._chapter: Chapter | None = None
        self._section = ""
        self._objectives: dict[str, list[Objective]] = {}
        self._entries: list[CardEntry] | None = None
        self._done: dict[str, How] = {}
        self._minutes: dict[str, int] = {}
        self._percent = 0

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
        self._look_up_done()
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
            self.notify(format_error(error), severity="error", timeout=15, markup=False)
            return
        self._chapter = chapter
        await text.show(found, place)

    def _load(self) -> None:
        workspace = host(self).workspace
        self.read(lambda: (objectives(workspace), card_entries(workspace)), self._show_side)

    def _show_side(self, found: tuple[dict[str, list[Objective]], list[CardEntry]]) -> None:
        self._objectives, self._entries = found
        self._fill_side()

    def _fill_side(self) -> None:
        if self._entries is None or not self._section:
            return
        workspace = host(self).workspace
        day = workspace.today()
        cards = cards_of_section(self._entries, self._section)
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
        self._percent = event.percent
        self._draw_title()

    def _draw_title(self) -> None:
        chapter, section = self._chapter, self._section
        if chapter is None:
            return
        known = host(self).workspace.course.section(section)
        left = Content.styled(f"{section} {safe(known.title)}" if known else safe(chapter.title), "bold")
        minutes = f"{self._minutes[section]} min · " if section in self._minutes else ""
        done = f"✓ {self._done[section]} · " if section in self._done else ""
        right = f"{done}{minutes}Chapter {chapter.number} · {self._percent:>3} %"
        room = self.size.width - 2 - len(right)
        left = left.truncate(max(8, room - 2), ellipsis=True)
        padding = Content(" " * max(1, room - left.cell_length))
        self.query_one("#title", Static).update(left + padding + Content.styled(right, "$foreground-muted"))

    @on(Contents.Chosen)
    def _chosen(self, event: Contents.Chosen) -> None:
        self._close_panels()
        # The text may have been hidden behind the contents: it has a size again only after the next refresh.
        self.call_after_refresh(self._open, Bookmark(event.section))

    @on(SectionSide.CardChosen)
    def _card_chosen(self, event: SectionSide.CardChosen) -> None:
        host(self).open_card(event.card_no)

    @on(ChapterText.Finished)
    def _finished(self, event: ChapterText.Finished) -> None:
        self._mark(event.sections, "read")

    def _look_up_done(self) -> None:
        workspace = host(self).workspace
        with suppress(StoreError):
            self._done, self._minutes = read_or_known(workspace), reading_minutes(workspace)
        self._draw_title()

    def _mark(self, sections: Sequence[str], how: How) -> tuple[str, ...]:
        """Note sections; returns those that are new."""
        fresh: tuple[str, ...] = ()
        try:
            fresh = mark(host(self).workspace, sections, how)
        except StoreError as error:
            self.notify(f"Not saved: {format_error(error)}", severity="error", markup=False)
        self._look_up_done()
        return fresh

    async def action_go_on(self) -> None:
        """Note the section as read; on to its cards, where the day has some left and no review waits below."""
        from studytui.ui.screens.review import ReviewScreen

        section = self._section
        if not section:
            return
        self._mark([section], "read")
        workspace = host(self).workspace
        is_in_review = any(isinstance(screen, ReviewScreen) for screen in self.app.screen_stack)
        scope = Scope(section=section)
        if not is_in_review and open_session(workspace, scope).counts.total:
            self.action_close()
            host(self).open_review(scope)
        else:
            await self.action_section(1)

    def action_know(self) -> None:
        """Declare the section known, or take that back."""
        if self._section in self._done:
            try:
                unmark(host(self).workspace, [self._section])
            except StoreError as error:
                self.notify(f"Not saved: {format_error(error)}", severity="error", markup=False)
            self._look_up_done()
            self.notify(f"{self._section} is unread again.", timeout=3, markup=False)
        elif self._section and self._mark([self._section], "known"):
            self.notify(f"{self._section} is known: its new cards come without reading.", timeout=3, markup=False)

    def action_know_chapter(self) -> None:
        """Declare all sections of the chapter known."""
        if self._chapter is not None:
            fresh = self._mark([section.id for section in self._chapter.sections], "known")
            number = self._chapter.number
            self.notify(f"Chapter {number} is known ({len(fresh)} more sections).", timeout=3, markup=False)

    async def action_section(self, step: int) -> None:
        if step > 0 and self._section and self.query_one(ChapterText).shows_end_of(self._section):
            self._mark([self._section], "read")
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
        self._say_match(*self.query_one(ChapterText).step(step))

    def _say_match(self, number: int, of: int) -> None:
        self.query_one(Input).border_title = f"{number} of {of}" if of else ""

    def action_review(self) -> None:
        if self._section:
            host(self).open_review(Scope(section=self._section))

    def action_add(self) -> None:
        host(self).open_new_card(self._section)

    def action_cards(self) -> None:
        host(self).open_browser(f"section:{self._section} ")

    def action_leave(self) -> None:
        if self.has_class("-find"):
            self.remove_class("-find")
            self.query_one(ChapterText).find("")
            self.query_one(ChapterText).focus()
        elif any(self.has_class(name) for name in PANELS):
            self._close_panels()
        else:
            self.action_close()

    def action_close(self) -> None:
        save_bookmark(host(self).workspace, self.query_one(ChapterText).place)
        self.dismiss(None)

    def _close_panels(self) -> None:
        self.remove_class(*PANELS)
        self.set_focus(self.query_one(ChapterText))
