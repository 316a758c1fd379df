"""Chosen cards beside the schedule: the review screen with a session of its own."""

from __future__ import annotations

import asyncio

from studytui.services.cram import CramChoice, read, select
from studytui.services.cram_session import cram
from studytui.services.session import Session
from studytui.ui.host import host
from studytui.ui.screens.review import ReviewScreen


class CramScreen(ReviewScreen):
    """Each card of the choice until it is Good."""

    CSS_PATH = "review.tcss"

    def __init__(self, choice: CramChoice) -> None:
        super().__init__()
        self._choice = choice

    async def open_session(self) -> Session:
        workspace = host(self).workspace
        known = await asyncio.to_thread(read, workspace)
        return cram(workspace, self._choice, select(known, self._choice))
