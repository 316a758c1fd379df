"""Golden pictures of each main screen, small and large, dark and light: its text, and the colours of every cell.

A picture is a text file in `golden/`: what stands on the screen, then for each theme the styles and the runs of cells
that have them. `pytest tests/ui/test_golden.py --snapshot-update` draws them anew; look at the difference before it is
committed. One app goes through all screens of a size, and the theme is switched on each.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Final

import pytest
from rich.style import Style
from textual.widgets import Input, TextArea

from studytui.domain.settings import Settings
from studytui.study.labs import LabClient
from studytui.ui.keys import KeyBar
from tests.gate.course import gated
from tests.rehearsal.tiny_interview import write_interview
from tests.ui.test_key_bar import check
from tests.ui.tiny_course import Running

GOLDEN: Final = Path(__file__).with_name("golden")
SIZES: Final = ((80, 24), (140, 45))
THEMES: Final = ("study-dark", "study-light")
STYLES: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


async def _keys(run: Running, *keys: str) -> None:
    await run.press(*keys)


async def _new_card(run: Running) -> None:
    await run.press("n")
    await run.type("mine")


async def _bench(run: Running) -> None:
    run.app.open_lab("patches.count")
    await run.settle()


async def _diagnosis(run: Running) -> None:
    """The boards in words: in cells they have more colours than a picture has letters."""
    run.app.lab_client = LabClient()
    with pytest.MonkeyPatch.context() as shown:
        shown.setenv("STUDYTUI_PICTURES", "words")
        run.app.open_diagnosis(3)
        await run.settle()
    await run.press("3", "a", "1")


async def _summary(run: Running) -> None:
    await run.press("enter", "1", "9", "6", "enter", "3")
    await run.press("escape", "minus")  # out of the field of the last card, and that one another day
    assert run.screen == "SummaryScreen"


def _pressing(*keys: str) -> Callable[[Running], Awaitable[None]]:
    return lambda run: _keys(run, *keys)


WAYS: Final[dict[str, Callable[[Running], Awaitable[None]]]] = {
    "home": _pressing(),
    "statistics": _pressing("s"),
    "browser": _pressing("b", "space"),
    "map": _pressing("m"),
    "settings": _pressing("comma", "down"),
    "new-card": _new_card,
    "help": _pressing("question_mark"),
    "gate": _pressing("a"),
    "interview": _pressing("i"),
    "lab-bench": _bench,
    "diagnosis": _diagnosis,
    "review-question": _pressing("enter"),
    "review-answered": _pressing("enter", "1", "9", "7", "enter"),
    "summary": _summary,
}
"""From home to each screen; the last one leaves an answer in the log."""


def weeks_of_answers(run: Running) -> None:
    """Some weeks of answers, the same at each run."""
    for back in (30, 29, 22, 21, 15, 14, 8, 7, 2, 1):
        run.review("patch-what", 2 if back in (22, 7) else 4, days_ago=back)
        run.review("latent-choice", 2 if back in (29, 8) else 5, days_ago=back)


def drawn(run: Running) -> tuple[list[str], list[list[tuple[Style, int]]]]:
    """The lines on the screen, and the styles of each with the cells they hold."""
    texts, styles = [], []
    for strip in run.app.screen._compositor.render_strips():
        cells = [(segment.style or Style(), segment.cell_length) for segment in strip if not segment.control]
        texts.append("".join(segment.text for segment in strip).rstrip())
        styles.append([(style, sum(n for _, n in same)) for style, same in groupby(cells, key=lambda cell: cell[0])])
    return texts, styles


def named(style: Style) -> str:
    """A style in words: `bold #D8DEE6 on #11161C`."""
    marks = [mark for mark in ("bold", "dim", "italic", "underline", "reverse", "strike") if getattr(style, mark)]
    fore, back = (colour.get_truecolor().hex if colour else "-" for colour in (style.color, style.bgcolor))
    return " ".join([*marks, fore, "on", back])


def coloured(lines: list[list[tuple[Style, int]]]) -> Iterator[str]:
    """A letter for each style, then the runs of each line: `a12 b68`."""
    letters: dict[str, str] = {}
    rows = []
    for line in lines:
        runs = [(letters.setdefault(named(style), STYLES[len(letters)]), cells) for style, cells in line]
        rows.append(" ".join(f"{a}{sum(n for _, n in same)}" for a, same in groupby(runs, key=lambda one: one[0])))
    yield from (f"{letter} = {style}" for style, letter in letters.items())
    yield from rows


async def picture(run: Running) -> str:
    """What the screen shows, in each theme; switching costs the most, so the other one stays for the next screen."""
    found = {run.app.theme: drawn(run)}
    (other,) = set(THEMES) - found.keys()
    run.app.theme = other
    await run.settle()
    found[other] = drawn(run)
    (text, dark), (in_light, light) = (found[theme] for theme in THEMES)
    assert in_light == text, "a theme has other words or signs"
    parts = ["", f"== {THEMES[0]}", *coloured(dark), "", f"== {THEMES[1]}", *coloured(light)]
    return "\n".join([*text, *parts]) + "\n"


async def back_home(run: Running) -> None:
    """Leave whatever is open, without a question."""
    while len(run.app.screen_stack) > 1:
        run.app.pop_screen()
        await run.settle()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_each_screen_looks_as_it_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, size: tuple[int, int]
) -> None:
    monkeypatch.setattr("studytui.study.bench.secrets.randbelow", lambda most: 7 % most)
    monkeypatch.setattr("studytui.study.attempt.Stopwatch.seconds", 4.0)
    monkeypatch.setattr("studytui.ui.screens.review.UNREAD_SECONDS", 0.0)
    for field in (Input, TextArea):
        monkeypatch.setattr(field, "cursor_blink", False)
    monkeypatch.setenv("STUDYTUI_PICTURES", "cells")
    settings = Settings(start_labs=False, show_timer=False)
    write_interview(tmp_path / "course")
    different = []
    async with gated(tmp_path, monkeypatch, size=size, settings=settings) as run:
        run.workspace.settings_path = Path("/home/you/settings.toml")
        weeks_of_answers(run)
        await run.press("f5")
        for name, way in WAYS.items():
            await way(run)
            shown = await picture(run)
            words = shown.partition("\n\n==")[0]
            if name != "help":
                check(run.app.screen.query_one(KeyBar), name)
            if size[0] == 140:
                assert "…" not in words, f"{name} cuts something at 140 columns"
            path = GOLDEN / f"{name}-{size[0]}x{size[1]}.txt"
            if request.config.getoption("update_snapshots"):
                path.parent.mkdir(exist_ok=True)
                path.write_text(shown, encoding="utf-8")
            elif not path.exists() or path.read_text(encoding="utf-8") != shown:
                different.append(name)
                (tmp_path / path.name).write_text(shown, encoding="utf-8")
            await back_home(run)
    assert not different, f"other than in {GOLDEN}: {', '.join(different)}; the new pictures are in {tmp_path}"
