"""What the command palette finds: screens, sections, cards, settings and labs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from heapq import nlargest

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.fuzzy import Matcher

from studytui.ui.host import host
from studytui.ui.text import safe


@dataclass(frozen=True, slots=True)
class Command:
    """One line of the palette. `discovered` ones are listed before anything is typed."""

    text: str
    help: str
    run: Callable[[], object]
    discovered: bool = False


def _highlighted(matcher: Matcher, text: str) -> Content:
    """The text with what matched made bold. Unlike the matcher's own, it takes brackets in a card as brackets."""
    _, offsets = matcher.fuzzy_search.match(matcher.query, text)
    content = Content(text)
    for offset in offsets:
        content = content.stylize(matcher.match_style, offset, offset + 1)
    return content


class Commands(Provider):
    """Searches the commands its subclasses list."""

    def commands(self) -> Iterator[Command]:
        """All commands of this provider."""
        raise NotImplementedError

    async def startup(self) -> None:
        self._listed = list(self.commands())

    async def discover(self) -> Hits:
        for command in self._listed:
            if command.discovered:
                yield DiscoveryHit(command.text, command.run, help=command.help)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for command in self._listed:
            if (score := matcher.match(command.text)) > 0:
                yield Hit(score, _highlighted(matcher, command.text), command.run, text=command.text, help=command.help)


class ScreenCommands(Commands):
    """The screens, and what the app itself can do."""

    def commands(self) -> Iterator[Command]:
        app, opener = self.app, host(self.screen)
        yield Command("Review", "What is due, then new cards", opener.open_review, True)
        yield Command("Read", "The course, where you left it", opener.open_reader, True)
        yield Command("Cards", "Find, suspend, edit and look at cards", opener.open_browser, True)
        yield Command("Course map", "How far each section, helper and lens is", opener.open_course_map, True)
        yield Command("Extra study", "Beyond what is due; moves no schedule", opener.open_extra, True)
        yield Command("New card", "Write a card of your own", opener.open_new_card, True)
        yield Command("Recall and exercises", "Answer from memory; work a task out", opener.open_recall, True)
        yield Command("Rehearse", "Interview questions, aloud or in writing", opener.open_rehearsal, True)
        yield Command("Earlier answers", "Every answer of the interview rehearsal", opener.open_rehearsal_history, True)
        for head in host(self.screen).workspace.course.gates:
            yield Command(
                f"Audit: {safe(head.title)}",
                f"What {safe(head.unlocks)} takes for granted",
                partial(opener.open_gate, head.id),
                True,
            )
        yield Command("Statistics", "Totals, sections, calibration", opener.open_statistics, True)
        yield Command("Labs", "Choose a lab and try it", opener.choose_lab, True)
        yield Command("Settings", "Limits, order, keys, colours", opener.open_settings, True)
        yield Command("Theme", "Choose the colours", app.action_change_theme, True)
        yield Command("Keys and help", "Every key of this screen", opener.open_help, True)
        yield Command(
            "Picture of the screen", "Save it as SVG", lambda: app.set_timer(0.1, app.deliver_screenshot), True
        )
        yield Command("Quit", "Leave the app; every answer is already saved", app.exit, True)


class SectionCommands(Commands):
    """Sections to read, chapters and sections to review."""

    def commands(self) -> Iterator[Command]:
        for chapter in host(self.screen).workspace.course.chapters:
            for section in chapter.sections:
                title = f"{section.id} {safe(section.title)}"
                yield Command(
                    f"Read {title}", f"Chapter {chapter.number}", partial(host(self.screen).open_reader, section.id)
                )


class CardCommands(Provider):
    """Cards by id and question; read from the database once the palette opens."""

    LIMIT = 40

    async def startup(self) -> None:
        from studytui.services.catalogue import entries
        from studytui.store.errors import StoreError

        try:
            found = await asyncio.to_thread(entries, host(self.screen).workspace)
        except StoreError:
            found = []
        self._lines = [
            (entry.no, f"{entry.card.id}: {safe(entry.title)[:90]}") for entry in found if not entry.archived
        ]

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        scored = []
        for number, (no, line) in enumerate(self._lines):
            if number % 500 == 0:
                await asyncio.sleep(0)
            if (score := matcher.match(line)) > 0:
                scored.append((score, no, line))
        for score, no, line in nlargest(self.LIMIT, scored):
            go = partial(host(self.screen).open_card, no)
            yield Hit(score, _highlighted(matcher, line), go, text=line, help="Card")


class SettingCommands(Commands):
    """Every setting."""

    def commands(self) -> Iterator[Command]:
        from studytui.services.setting_fields import setting_fields

        for field in setting_fields():
            yield Command(f"Setting: {field.title}", field.text, partial(host(self.screen).open_settings, field.name))


class LabCommands(Commands):
    """Every lab exercise."""

    def commands(self) -> Iterator[Command]:
        from labs import catalog

        for exercise in catalog.exercises():
            sections = ", ".join(exercise.sections)
            yield Command(
                f"Lab: {exercise.title}",
                f"{exercise.name} · sections {sections}",
                partial(host(self.screen).open_lab, exercise.name),
            )
