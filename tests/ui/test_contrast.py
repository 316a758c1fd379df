"""Every text on a screen can be read: measured on what the screens draw, in both of the app's themes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.color import Color
from textual.widgets import TextArea, Tooltip
from textual.widgets._toast import ToastRack

from studytui.domain.settings import Settings
from studytui.ui.app import StudyApp
from studytui.ui.host import OWN, for_few_colours
from studytui.ui.screens.review import ReviewScreen, Stage
from tests.gate.course import AUDIT, GATE, UNGATED, answer, compute
from tests.gate.test_screens import to
from tests.rehearsal.tiny_interview import write_interview
from tests.ui import tiny_course
from tests.ui.test_colours import LEAST, LEAST_OF_SIXTEEN, contrast, of_sixteen
from tests.ui.test_key_bar import OPENED
from tests.ui.test_review import CHOICE, MATCH, NUMERIC, OPEN, ORDER, card
from tests.ui.tiny_course import CARDS_1, Running, running

LEAST_OF_SIGNS = 3.0
DRAWN = set("─│╭╮╰╯┌┐└┘├┤┬┴┼━┃╸╺╌▌▐█▇▆▅▄▃▂▁▀▔▕▎▊░▒▓·▰▱") | {chr(dots) for dots in range(0x2800, 0x2900)}
"""Frames, bars and curves: they are seen as areas, and beside them stands what they mean."""

CHAPTER = """# Chapter 1

## 1.1 Patches

Some *words*, **strong ones**, `code`, a [link](https://example.org) and $x^2$.

### A heading

> A quotation.

1. one
2. two

| what | how many |
|---|---|
| patches | 196 |

```text
a diagram
```

## 1.2 Attention

Scores.
"""


def pieces(app: StudyApp) -> Iterator[tuple[str, Color, Color]]:
    """Each piece of text on the screen, with its colour and its ground, as the terminal gets them.

    Of what lies below a box only the box is read: the rest is dimmed on purpose.
    """
    screen = app.screen
    parts = [part.region for part in screen.children if part.display and not isinstance(part, ToastRack | Tooltip)]
    areas = parts if screen.is_modal else [screen.region]
    for y, strip in enumerate(screen._compositor.render_strips(screen.size)):
        x = 0
        for text, style, _ in strip:
            x += cell_len(text)
            if not text.strip() or style is None or not any(area.contains(x - 1, y) for area in areas):
                continue
            assert style.color is not None, text
            assert style.bgcolor is not None, text
            color, ground = Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)
            if style.dim:
                color = ground.blend(color, 0.5)
            yield (text.strip(), ground, color) if style.reverse else (text.strip(), color, ground)


class Reader:
    """Looks at what is on the screen, and keeps what can hardly be read."""

    def __init__(self, run: Running) -> None:
        self.run = run
        self.faint: dict[str, str] = {}
        self.screens: set[str] = set()

    def look(self) -> None:
        for text, color, ground in pieces(self.run.app):
            signs = set(text) - DRAWN - {" "}
            is_text = any(sign.isalnum() for sign in signs)
            if signs and contrast(color, ground) < (LEAST if is_text else LEAST_OF_SIGNS):
                self._tell(text, color, ground)
            few = self._few(ground, ground)
            few_color = self._few(color, ground)
            if is_text and contrast(of_sixteen(few_color), of_sixteen(few)) < LEAST_OF_SIXTEEN:
                self._tell(text, few_color, few)
        self.screens.add(self.run.screen)

    def _few(self, color: Color, ground: Color) -> Color:
        """What a colour is where there are sixteen."""
        variables = self.run.app.theme_variables
        for name, other in for_few_colours(variables).items():
            if color == ground + Color.parse(variables[name]):
                return Color.parse(other)
        return color

    def _tell(self, text: str, color: Color, ground: Color) -> None:
        where = f"{self.run.screen}: {text!r} {contrast(color, ground):.2f}"
        self.faint.setdefault(f"{color.hex} on {ground.hex}", where)

    async def press(self, *keys: str) -> None:
        """Press keys, and look after the last."""
        await self.run.press(*keys)
        self.look()


async def screens(reader: Reader) -> None:
    """Every screen that is opened from others, and what lies over them."""
    run, app = reader.run, reader.run.app
    for back in (30, 29, 22, 15, 8, 2):
        run.review("patch-count", 2 if back == 22 else 4, days_ago=back)
        run.review("latent-choice", 2 if back in (29, 8) else 5, days_ago=back)
    await reader.press("f5")
    opened: dict[str, Callable[[StudyApp], object]] = OPENED | {
        "reader": lambda app: app.open_reader("1.1"),
        "new card": lambda app: app.open_new_card("1.1"),
    }
    for name, open_it in opened.items():
        open_it(app)
        await run.settle()
        reader.look()
        if name == "browser":
            await reader.press("space", "at")
            await reader.press("x")
            await run.press("escape")
        if name == "home":
            await reader.press("question_mark")
        while len(app.screen_stack) > 1:
            app.pop_screen()
        await run.settle()
    await reader.press("ctrl+p", "l")
    await run.press("escape", "escape")
    await reader.press("p")
    await reader.press("b")
    for severity in ("information", "warning", "error"):
        app.notify("It is so.", title="So", severity=severity)
    await run.settle()
    reader.look()


async def reviews(reader: Reader) -> None:
    """A review of every kind of card, right and wrong, to its summary."""
    await reader.press("enter", "1", "9", "7")
    await reader.press("enter")
    await reader.press("3", "f2")
    while isinstance(screen := reader.run.app.screen, ReviewScreen):
        match screen.stage, screen.table.turn.card.kind:
            case Stage.GRADING, _:
                await reader.press("3")
            case Stage.TICKING, _:
                await reader.press("enter")
            case _, "basic" | "open":
                await reader.press("space")
            case _:
                await reader.press("f6")
    assert reader.run.screen == "SummaryScreen"


async def interview(reader: Reader) -> None:
    """A question from the list to the scorecard."""
    await reader.press("i")
    await reader.press("down", "down", "enter")
    await reader.press("enter")
    reader.run.app.screen.query_one(TextArea).text = "The image is cut into square patches. Each pixel is a token."
    await reader.press("ctrl+d")
    await reader.press("3")
    await reader.press("1", "down")
    for _ in range(8):
        await reader.run.press(*"111", "enter")
        reader.look()
        if reader.run.screen == "EndScreen":
            return
        if reader.run.screen == "QuestionScreen":
            await reader.run.press("escape", "s")


async def audit(reader: Reader) -> None:
    """The gap audit, with parts that are answered."""
    run = reader.run
    answer(run.workspace, "patches/tell", "A patch is a single pixel. I like trains.")
    compute(run.workspace, "patches/count", right=False)
    await reader.press("f5")
    await reader.press("a")
    for part in ("explain  Explain patches", "compute  Count patches"):  # their own rows, not the item that names them
        await to(run, part)
        reader.look()
        for key in ("enter", "e"):  # the part asked again, and what was said to it
            await reader.press(key)
            while run.screen != "AuditScreen":
                await reader.press("escape")


SEEN = {
    "screens": {
        "HomeScreen", "HelpScreen", "ReaderScreen", "BrowserScreen", "ConfirmScreen", "CourseMapScreen", "ExtraScreen",
        "LabScreen", "ChooserScreen", "AuditScreen", "StatisticsScreen", "SettingsScreen", "PlanScreen",
    },
    "reviews": {"ReviewScreen", "SummaryScreen"},
    "interview": {"ChooserScreen", "QuestionScreen", "ResultScreen"},
    "audit": {"AuditScreen", "WrittenScreen", "ComputedScreen", "EvidenceScreen"},
}  # fmt: skip
WAYS = {"screens": screens, "reviews": reviews, "interview": interview, "audit": audit}


@pytest.mark.parametrize("theme", [theme.name for theme in OWN])
@pytest.mark.parametrize("way", WAYS)
async def test_what_is_drawn_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str, theme: str) -> None:
    monkeypatch.setattr(tiny_course, "COURSE", UNGATED + GATE)
    write_interview(tmp_path / "course")
    (tmp_path / "course/quizzes/audit.toml").write_text(AUDIT, encoding="utf-8")
    cards = NUMERIC + CHOICE + ORDER + MATCH + OPEN + card("cloze") if way == "reviews" else CARDS_1
    settings = Settings(start_labs=False, theme=theme)
    async with running(tmp_path, monkeypatch, cards=cards, chapter=CHAPTER, settings=settings, size=(112, 36)) as run:
        reader = Reader(run)
        reader.look()
        await WAYS[way](reader)
        assert reader.faint == {}
        assert SEEN[way] <= reader.screens


async def test_a_terminal_of_sixteen_colours_gets_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("textual.constants.COLOR_SYSTEM", "standard")
    async with running(tmp_path, monkeypatch) as run:
        for theme in OWN:
            run.app.theme = theme.name
            await run.settle()
            variables = run.app.theme_variables
            assert variables["foreground-muted"] == variables["foreground"]
            assert variables["error-muted"] == variables["background"]
