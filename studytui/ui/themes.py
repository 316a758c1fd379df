"""Themes by name: which there are, and which is the other of a dark and light pair."""

from __future__ import annotations

from typing import Any, Final

from textual.app import App

_PAIRS: Final = (
    ("textual-dark", "textual-light"),
    ("catppuccin-mocha", "catppuccin-latte"),
    ("solarized-dark", "solarized-light"),
    ("rose-pine", "rose-pine-dawn"),
    ("atom-one-dark", "atom-one-light"),
    ("ansi-dark", "ansi-light"),
)
_OTHER: Final = {a: b for pair in _PAIRS for a, b in (pair, pair[::-1])}


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
    return "textual-light" if app.available_themes[name].dark else "textual-dark"
