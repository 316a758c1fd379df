"""Which commands the palette offers; the providers themselves are imported when it opens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from textual.command import Provider


def _screens() -> type[Provider]:
    from studytui.ui.commands import ScreenCommands

    return ScreenCommands


def _sections() -> type[Provider]:
    from studytui.ui.commands import SectionCommands

    return SectionCommands


def _cards() -> type[Provider]:
    from studytui.ui.commands import CardCommands

    return CardCommands


def _settings() -> type[Provider]:
    from studytui.ui.commands import SettingCommands

    return SettingCommands


def _labs() -> type[Provider]:
    from studytui.ui.commands import LabCommands

    return LabCommands


PROVIDERS: Final[set[type[Provider] | Callable[[], type[Provider]]]] = {_screens, _sections, _cards, _settings, _labs}
