"""A screen with a page to write on, whose text is kept as a draft."""

from __future__ import annotations

from typing import Final

from textual import on
from textual.screen import ScreenResultType

from studytui.domain.rubric import Submission
from studytui.errors import StoreError
from studytui.study.learner_state import Draft, Drafts
from studytui.ui.host import format_error, host
from studytui.ui.screens import StudyScreen
from studytui.ui.widgets.judged_answer import AnswerArea

DRAFT_SECONDS: Final = 2.0
"""How often what was typed is saved while it changes."""


class PageScreen(StudyScreen[ScreenResultType]):
    """Base of a screen with a page to write on. What stands there is a draft until it is handed in.

    Args:
        key: what the draft is of.
    """

    def __init__(self, drafts: Drafts, key: str) -> None:
        super().__init__()
        self._drafts = drafts
        self._key = key
        self._area = AnswerArea(id="page")
        self._unsaved = False

    @property
    def given(self) -> Submission:
        """What stands on the page, and how it came there."""
        return Submission(self._area.text)

    @property
    def is_kept(self) -> bool:
        """Whether what was written is safe elsewhere, so that no draft is needed any more."""
        raise NotImplementedError

    def count(self) -> None:
        """Say how much there is."""
        raise NotImplementedError

    def action_hand_in(self) -> None:
        raise NotImplementedError

    def on_mount(self) -> None:
        self.set_interval(DRAFT_SECONDS, self.save)

    def on_unmount(self) -> None:
        self.save()

    def on_screen_suspend(self) -> None:
        self.save()

    @on(AnswerArea.Changed)
    def _changed(self) -> None:
        self._unsaved = True
        self.count()

    @on(AnswerArea.HandedIn)
    def _handed_in(self) -> None:
        self.action_hand_in()

    def save(self) -> None:
        """Save what was typed since the last time."""
        if self._unsaved and not self.is_kept:
            self.keep()

    def keep(self) -> bool:
        """Write the draft now, or drop it if the page is empty. True if nothing can be lost any more."""
        given = self.given
        if given.answer.strip():
            try:
                self._drafts.save(Draft.of(self._key, given, host(self).workspace.clock.now()))
            except StoreError as error:
                self.say(f"The draft is not saved: {format_error(error)}", problem=True)
                return False
        else:
            self._drafts.drop(self._key)
        self._unsaved = False
        return True
