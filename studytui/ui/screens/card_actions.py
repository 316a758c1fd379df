"""What can be done with the card on the table besides answering it: set it aside, mark it, edit it, look around it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from textual.screen import Screen
from textual.widgets import Static

from studytui.services.attempt import Attempt
from studytui.store.errors import StoreError
from studytui.ui.host import host
from studytui.ui.problems import sentence
from studytui.ui.text import safe

if TYPE_CHECKING:
    from studytui.services.session import Session, Turn


class CardActions(Screen[None]):
    """Base of the review screen: acts on a card that are not answers. One that fails leaves the card as it was."""

    attempt: Attempt | None = None
    session: Session

    async def next_card(self) -> None:
        """Go on to the next card, or to the end."""
        raise NotImplementedError

    async def show_again(self, turn: Turn) -> None:
        """Show the same card as it is now, after it was edited."""
        raise NotImplementedError

    async def show_text(self, turn: Turn) -> None:
        """Show the same card with another back or note, where that is in sight."""
        raise NotImplementedError

    def show_header(self) -> None:
        """Bring the first line up to date."""
        raise NotImplementedError

    def acted(self) -> None:
        """Something other than a grade was written down or taken back."""
        raise NotImplementedError

    def notice(self, text: str, *, problem: bool = False) -> None:
        """One line above the grade bar; '' takes it away."""
        line = self.query_one("#notice", Static)
        line.update(safe(text))
        line.set_class(bool(text), "-shown")
        line.set_class(problem, "-problem")

    async def action_bury(self) -> None:
        await self._set_aside(self.session.bury, "Buried until tomorrow. u takes it back.")

    async def action_suspend(self) -> None:
        await self._set_aside(self.session.suspend, "Suspended until resumed in the browser. u takes it back.")

    def action_flag(self) -> None:
        if self.attempt is None:
            return
        try:
            self.attempt.turn = self.session.flag(self.attempt.turn)
        except StoreError as error:
            self.notice(f"Not flagged: {sentence(error)}", problem=True)
            return
        self.acted()
        self.show_header()
        self.notice("Flagged." if self.attempt.turn.stored.state.flagged else "No longer flagged.")

    async def action_edit(self) -> None:
        if self.attempt is None:
            return
        from studytui.ui.editing import edit_source

        turn = self.attempt.turn
        source = turn.card.source
        self.attempt.watch.pause()
        problem = edit_source(self.app, host(self).workspace, source.path, source.line)
        self.attempt.watch.resume()
        await self._show_edited(turn)
        if problem:
            stays = "The card stays as it was. " if self.attempt.turn.card == turn.card else ""
            self.notice(f"{stays}{problem}", problem=True)

    def action_note(self) -> None:
        if self.attempt is not None:
            turn = self.attempt.turn
            host(self).open_note(turn.stored.no, partial(self._noted, turn), is_asked=not self.attempt.is_answered)

    async def _noted(self, turn: Turn, saved: bool | None) -> None:
        if saved:
            await self._show_edited(turn)

    async def _show_edited(self, turn: Turn) -> None:
        """The card as it now stands; asked anew only if what is asked has changed."""
        try:
            fresh = self.session.refresh(turn)
            self.session.recount()
        except StoreError as error:
            self.notice(f"The edited card cannot be read: {sentence(error)}", problem=True)
            return
        self.notice("")
        if fresh.card == turn.card:
            return
        if (fresh.card.front, fresh.card.body, fresh.card.lab) == (turn.card.front, turn.card.body, turn.card.lab):
            await self.show_text(fresh)
        else:
            await self.show_again(fresh)
        self.notice("Edited; the schedule is kept.")

    def action_section(self) -> None:
        if self.attempt is not None:
            host(self).open_reader(self.attempt.turn.card.section)

    def action_lab(self) -> None:
        if self.attempt is None:
            return
        link = self.attempt.turn.card.lab
        if link is None:
            self.notice("This card has no lab.")
            return
        host(self).open_lab(link.exercise, dict(link.fixed), problem=self.attempt.problem)

    def action_info(self) -> None:
        if self.attempt is not None:
            host(self).open_card(self.attempt.turn.stored.no, is_asked=not self.attempt.is_answered)

    def action_why(self) -> None:
        if self.attempt is not None:
            host(self).open_why_due(self.attempt.turn.stored.no)

    async def _set_aside(self, act: Callable[[Turn], None], done: str) -> None:
        if self.attempt is None:
            return
        try:
            act(self.attempt.turn)
        except StoreError as error:
            self.notice(f"Nothing was changed: {sentence(error)}", problem=True)
            return
        self.acted()
        self.notice(done)
        await self.next_card()
