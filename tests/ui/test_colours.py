"""Every text can be read in both of the app's themes, with sixteen colours too; and screens use variables alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.color import ColorSystem
from textual.color import Color
from textual.theme import Theme

import studytui.ui
from studytui.ui.host import OWN

SOURCES = sorted(path for path in Path(studytui.ui.__file__).parent.rglob("*") if path.suffix in {".py", ".tcss"})
TEXTS = (
    "foreground", "foreground-muted", "text-primary", "text-success", "text-warning", "text-error", "text-accent",
)  # fmt: skip
LEAST = 4.5
LEAST_OF_SIXTEEN = 3.0
CALL = 0.12
VERDICT = 0.10
CURSOR = 0.22


def luminance(color: Color) -> float:
    """Relative luminance after WCAG 2.1."""
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
        for part in (channel / 255 for channel in color.rgb)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    """From 1 (the same) to 21 (black on white), after WCAG 2.1."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def of_sixteen(color: Color) -> Color:
    """What a terminal of sixteen colours shows for it."""
    return Color(*color.rich_color.downgrade(ColorSystem.STANDARD).get_truecolor())


def colour(theme: Theme, name: str) -> Color:
    return Color.parse(theme.to_color_system().generate()[name])


def grounds(theme: Theme) -> dict[str, Color]:
    """What text stands on."""
    page = colour(theme, "background")
    tints = {"call": ("primary", CALL), "cursor": ("primary", CURSOR)}
    tints |= {name: (name, VERDICT) for name in ("success", "warning", "error")}
    return {
        **{name: colour(theme, name) for name in ("background", "surface", "panel", "block-cursor-background")},
        **{name: page.blend(colour(theme, of), share) for name, (of, share) in tints.items()},
    }


@pytest.mark.parametrize("theme", OWN, ids=lambda theme: theme.name)
@pytest.mark.parametrize("text", TEXTS)
def test_text_stands_out_on_every_ground(theme: Theme, text: str) -> None:
    color = colour(theme, text)
    for name, ground in grounds(theme).items():
        assert contrast(ground + color, ground) >= LEAST, name


@pytest.mark.parametrize("theme", OWN, ids=lambda theme: theme.name)
@pytest.mark.parametrize("text", TEXTS)
def test_text_stands_out_with_sixteen_colours(theme: Theme, text: str) -> None:
    color = colour(theme, text)
    for name, ground in grounds(theme).items():
        if "cursor" not in name:  # there bold text and the place of the row tell it
            assert contrast(of_sixteen(ground + color), of_sixteen(ground)) >= LEAST_OF_SIXTEEN, name


@pytest.mark.parametrize("theme", OWN, ids=lambda theme: theme.name)
def test_what_fills_a_bar_stands_out_from_the_page(theme: Theme) -> None:
    for name in ("primary", "success", "warning", "error"):
        assert contrast(colour(theme, name), colour(theme, "background")) >= LEAST_OF_SIXTEEN, name
    assert len({colour(theme, name).hex for name in ("primary", "accent", "success", "warning", "error")}) == 5


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_muted_text_in_content_is_muted(source: Path) -> None:
    """In the text of a widget `$text-muted` is brighter than plain text: it is made for a widget's own colour."""
    assert "text-muted" not in source.read_text(encoding="utf-8")


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_only_variables_are_used(source: Path) -> None:
    if source.name == "host.py":  # where the themes are
        return
    text = source.read_text(encoding="utf-8")
    assert re.findall(r"(?:color|background|border)\w*:[^;\n]*(?:#[0-9a-fA-F]{3,8}|rgb)", text) == []
    assert not re.search(r"\$accent\b", text)
