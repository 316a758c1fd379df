"""Pictures in the terminal: as it says it can, else as its name tells; pixels, half blocks or words."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.drivers.headless_driver import HeadlessDriver
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widgets import Static

from labs.pictures import draw_grid, to_png
from studytui.ui.terminal import Answers, Listener, Way, is_askable, way
from studytui.ui.widgets.picture import REST_SECONDS, Grid, PictureView, Upload, cell_size, half_blocks, sixels

RED, BLUE = (255, 0, 0), (0, 0, 255)
KITTY = "\x1bP>|kitty(0.41.1)\x1b\\\x1b_Gi=31;OK\x1b\\\x1b[6;18;9t\x1b[?62;c"
OLD_KITTY = KITTY.replace("0.41.1", "0.26.5")
FOOT = "\x1bP>|foot(1.21.0)\x1b\\\x1b[6;20;10t\x1b[?62;4;22c"
WEZTERM = "\x1bP>|WezTerm 20240203\x1b\\\x1b_Gi=31;OK\x1b\\\x1b[?65;4;6;18;22c"
VT220 = "\x1b[?62;22c"


def png(width: int = 40, height: int = 20) -> bytes:
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (0, height // 2, width, height))
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


# What the terminal says, and what its name tells


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (KITTY, "kitty"), (OLD_KITTY, "cells"), (FOOT, "sixel"), (WEZTERM, "sixel"), (VT220, "cells"),
        ("\x1bP>|ghostty 1.2.0\x1b\\\x1b_Gi=31;OK\x1b\\\x1b[?62;22c", "kitty"),
        ("\x1bP>|kitty(0.41.1)\x1b\\\x1b_Gi=31;EINVAL:no\x1b\\\x1b[?62c", "cells"),
        ("\x1b[?4;6c", "cells"),  # a VT132: its first number is no attribute
    ],
)  # fmt: skip
@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_the_answers_decide_and_what_was_typed_passes(said: str, found: Way, chunk: int) -> None:
    listener = Listener()
    typed = "ab\x1b[Aé"
    sent = f"{typed}{said}q"
    passed = "".join(listener.take(sent[at : at + chunk]) for at in range(0, len(sent), chunk)) + listener.give_up()
    assert listener.is_done
    assert passed == f"{typed}q"
    assert way({"TERM": "xterm-kitty", "KITTY_WINDOW_ID": "1"}, listener.answers) == found


def test_the_size_of_a_cell_is_read_where_it_is_told() -> None:
    listener = Listener()
    listener.take(KITTY)
    assert listener.answers == Answers("kitty(0.41.1)", graphics=True, cell_px=(9, 18))
    listener.take("\x1b[6;0;0t")
    assert listener.answers.cell_px is None


def test_what_only_begins_like_an_answer_is_given_back() -> None:
    listener = Listener()
    assert listener.take("x\x1b") == "x"
    assert listener.is_within
    assert listener.give_up() == "\x1b"
    assert not listener.is_done


@pytest.mark.parametrize(
    ("environ", "asked"),
    [
        ({"TERM": "xterm"}, True), ({"STUDYTUI_PICTURES": "nonsense"}, True), ({"STUDYTUI_PICTURES": "sixel"}, False),
        ({"TMUX": "session,1,0"}, False), ({"STY": "1.tty"}, False), ({"TERM": "screen"}, False),
        ({"TERM_PROGRAM": "Apple_Terminal"}, False),
    ],
)  # fmt: skip
def test_it_is_not_asked_where_that_is_known_or_does_harm(environ: dict[str, str], asked: bool) -> None:
    assert is_askable(environ) == asked


@pytest.mark.parametrize(
    ("environ", "found"),
    [
        ({}, "cells"),
        ({"TERM": "xterm-256color"}, "cells"),
        ({"TERM": "xterm-kitty"}, "kitty"),
        ({"TERM": "xterm-ghostty"}, "kitty"),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, "cells"),
        ({"TERM": "foot"}, "sixel"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, "sixel"),
        ({"TERM_PROGRAM": "iTerm.app"}, "sixel"),
        ({"KONSOLE_VERSION": "230805"}, "sixel"),
        ({"KONSOLE_VERSION": "210400"}, "cells"),
        ({"KONSOLE_VERSION": "new"}, "cells"),
        ({"TERM": "tmux-256color", "KITTY_WINDOW_ID": "1"}, "cells"),
        ({"TMUX": "session,1,0", "TERM": "foot"}, "cells"),
        ({"STY": "1.tty", "TERM_PROGRAM": "WezTerm"}, "cells"),
        ({"TERM": "xterm-kitty", "STUDYTUI_PICTURES": "words"}, "words"),
        ({"TMUX": "session,1,0", "STUDYTUI_PICTURES": "sixel"}, "sixel"),
        ({"TERM": "foot", "STUDYTUI_PICTURES": "nonsense"}, "sixel"),
    ],
)
def test_the_environment_says_how(environ: dict[str, str], found: Way) -> None:
    assert way(environ) == found


def test_a_picture_keeps_its_proportions_and_its_place() -> None:
    assert cell_size(40, 20, 40) == (40, 10)
    assert cell_size(20, 400, 40)[1] <= 24
    assert cell_size(400, 1, 40) == (40, 1)


def test_half_blocks_carry_two_pixels_a_cell() -> None:
    strips = half_blocks(Image.open(io.BytesIO(png(4, 4))).convert("RGB"), 4)
    assert [strip.text for strip in strips] == ["▀▀▀▀"] * 2
    (top, *_), (bottom, *_) = strips
    assert str(top.style).startswith("#ff0000 on #ff0000")
    assert str(bottom.style).startswith("#0000ff on #0000ff")


def grid_of(picture: bytes) -> Grid | None:
    with Image.open(io.BytesIO(picture)) as image:
        return Grid.of(image)


@pytest.mark.parametrize(("side", "patch"), [(224, 16), (224, 32), (230, 16)])
def test_every_patch_takes_the_same_cells_and_the_marked_one_stays_marked(side: int, patch: int) -> None:
    """The grid is drawn anew, at the borders of cells: the lines of the file would alias."""
    data = to_png(draw_grid(Image.new("RGB", (side, side), (0, 0, 120)), patch, (1, 2)))
    grid = grid_of(data)
    assert grid == Grid(side / patch, side / patch, (1, 2))
    image = Image.open(io.BytesIO(data)).convert("RGB")
    rows = pixels(half_blocks(image, 70, grid))
    count = side // patch
    step = 47 // (side / patch)
    line = [x for x in range(len(rows[1])) if rows[int(step * 3.5)][x] > (90, 90, 150)][: count + 1]
    assert line == [x * step for x in range(count + 1)]
    marked = {(x, y) for y, row in enumerate(rows) for x, color in enumerate(row) if color == (255, 176, 0)}
    assert {x for x, _ in marked} == set(range(int(2 * step), int(3 * step) + 1))
    assert {y for _, y in marked} == set(range(int(step), int(2 * step) + 1))
    assert rows[1][1] == pytest.approx((0, 0, 120), abs=12)


def test_of_more_patches_than_fit_the_first_are_shown_and_that_is_said() -> None:
    data = to_png(draw_grid(Image.new("RGB", (448, 448), (0, 0, 120)), 16))
    strips = half_blocks(Image.open(io.BytesIO(data)).convert("RGB"), 70, grid_of(data))
    assert strips[-1].text == "The first 23 × 15 of 28 × 28 patches."


@pytest.mark.parametrize("said", ["", "x", "0 0", "99999999 1", "1.2.3 4", "14 14 -1 0", "14 14 3"])
def test_a_grid_that_makes_no_sense_is_none(said: str) -> None:
    image = Image.new("RGB", (64, 64))
    image.info["patches"] = said
    assert Grid.of(image) is None


def test_a_mark_outside_the_picture_harms_nothing() -> None:
    assert half_blocks(Image.new("RGB", (64, 64)), 40, Grid(4, 4, (900, 900)))


def test_with_256_colours_only_those_are_sent() -> None:
    image = Image.linear_gradient("L").resize((40, 40)).convert("RGB")
    shades = {0, 95, 135, 175, 215, 255} | {8 + 10 * grey for grey in range(24)}
    assert {part for row in pixels(half_blocks(image, 40, has_256=True)) for color in row for part in color} <= shades


def pixels(strips: list[Any]) -> list[list[tuple[int, int, int]]]:
    """Two rows of colours a line."""
    rows: list[list[tuple[int, int, int]]] = []
    for strip in strips:
        cells = [segment.style for segment in strip if segment.style is not None]
        rows.append([tuple(style.color.triplet) for style in cells])
        if all(style.bgcolor for style in cells):
            rows.append([tuple(style.bgcolor.triplet) for style in cells])
    return rows


# Sixel data


def decoded(data: str) -> Image.Image:
    """What foot and xterm show: pixels take the colour selected last, and defining one selects none."""
    match = re.fullmatch(r'\x1bP0;1q"1;1;(\d+);(\d+)(.*)\x1b\\', data, re.DOTALL)
    assert match
    image = Image.new("RGB", (int(match[1]), int(match[2])), (1, 2, 3))
    colours: dict[int, tuple[int, int, int]] = {}
    selected, x, top = -1, 0, 0
    for token in re.finditer(r"#(\d+)(?:;2;(\d+);(\d+);(\d+))?|(?:!(\d+))?([?-~])|([$-])", match[3]):
        if token[2]:
            colours[int(token[1])] = tuple(round(int(part) * 2.55) for part in token.group(2, 3, 4))  # type: ignore[assignment]
        elif token[1]:
            selected = int(token[1])
        elif token[6]:
            for _ in range(int(token[5] or 1)):
                for bit in range(6):
                    if ord(token[6]) - 63 >> bit & 1:
                        image.putpixel((x, top + bit), colours[selected])
                x += 1
        else:
            x, top = 0, top + 6 * (token[7] == "-")
    return image


def test_every_pixel_gets_its_own_colour() -> None:
    image = Image.new("RGB", (50, 18), RED)
    for at in range(17):
        image.paste((15 * at, 255 - 15 * at, 10 * at), (at * 2, at, at * 2 + 9, at + 1))
    shown = decoded(sixels(image)).tobytes()
    assert max(abs(one - other) for one, other in zip(shown, image.tobytes(), strict=True)) <= 2


def test_no_colour_is_defined_without_being_selected_before_its_pixels() -> None:
    assert not re.search(r"#\d+;2;\d+;\d+;\d+[!?-~]", sixels(Image.open(io.BytesIO(png())).convert("RGB")))


# On a screen


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What the terminal gets."""
    written: list[str] = []
    monkeypatch.setattr(HeadlessDriver, "write", lambda _, data: written.append(data))
    monkeypatch.setattr("studytui.ui.widgets.picture._cell_px", lambda: CELL[0])
    CELL[0] = (10, 20)
    yield written


CELL = [(10, 20)]


class Shown(App[None]):
    def __init__(self, environ: dict[str, str], data: bytes | None = None) -> None:
        super().__init__()
        self.view = PictureView(png() if data is None else data, "A red [b]half[/b].", environ=environ)

    def on_resize(self) -> None:
        self.view.look()

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield self.view
            yield Static("below\n" * 30)


def strips_of(app: Shown) -> str:
    """What stands in the cells of the picture."""
    return "".join(segment.text for strip in app.view.render_lines(app.view.size.region) for segment in strip)


@pytest.mark.parametrize(
    ("how", "cells"), [("kitty", "\U0010eeee"), ("sixel", "   "), ("cells", "▀"), ("words", "A red [b]half[/b].")]
)
async def test_each_way_fills_the_same_cells(how: str, cells: str, sent: list[str]) -> None:
    app = Shown({"STUDYTUI_PICTURES": how})
    async with app.run_test(size=(42, 20)) as pilot:
        await pilot.pause()
        width = app.view.size.width
        assert cells in strips_of(app)
        assert app.view.size.height == (1 if how == "words" else width // 4)
        await pilot.resize_terminal(22, 20)
        await pilot.pause(0.1)  # Textual waits for a resize to end
        assert app.view.size.height == (1 if how == "words" else app.view.size.width // 4)
        assert cells[:10] in strips_of(app)


def pictures(sent: list[str]) -> list[str]:
    return [data for data in sent if "\x1bP0;1q" in data]


SIXEL = {"STUDYTUI_PICTURES": "sixel"}
REST = REST_SECONDS * 4


async def test_a_sixel_picture_is_sent_once_at_rest_and_again_only_when_its_cells_were_printed(sent: list[str]) -> None:
    app = Shown(SIXEL, png(400, 200))
    async with app.run_test(size=(42, 20)) as pilot:
        await pilot.pause(REST)
        assert len(pictures(sent)) == 1
        await pilot.pause(REST)
        assert len(pictures(sent)) == 1
        await pilot.resize_terminal(32, 20)
        await pilot.pause(0.1 + REST)
        assert len(pictures(sent)) == 2
        app.push_screen(ModalScreen())
        await pilot.pause(REST)
        assert len(pictures(sent)) == 2
        app.pop_screen()
        await pilot.pause(REST)
        assert len(pictures(sent)) == 3
        assert app.view.tooltip is None


async def test_what_lies_over_a_sixel_picture_is_not_painted_over_and_leaves_no_hole(sent: list[str]) -> None:
    app = Shown(SIXEL, png(400, 200))
    async with app.run_test(size=(42, 20), notifications=True) as pilot:
        await pilot.pause(REST)
        app.notify("A toast\n" * 8)
        await pilot.pause(REST)
        assert len(pictures(sent)) == 1
        app.clear_notifications()
        await pilot.pause(REST)
        assert len(pictures(sent)) == 2


async def test_the_size_of_a_cell_is_read_again_at_a_resize(sent: list[str]) -> None:
    app = Shown(SIXEL, png(400, 200))
    async with app.run_test(size=(42, 20)) as pilot:
        await pilot.pause(REST)
        wide = app.view.size.width
        assert f'"1;1;{wide * 10};' in pictures(sent)[-1]
        CELL[0] = (5, 11)
        await pilot.resize_terminal(42, 21)
        await pilot.pause(0.1 + REST)
        assert f'"1;1;{wide * 5};' in pictures(sent)[-1]
        height = int(re.findall(r'"1;1;\d+;(\d+)', pictures(sent)[-1])[0])
        assert app.view.size.height * 11 - 6 < height <= app.view.size.height * 11
        assert height % 6 == 0


async def test_a_sixel_picture_never_reaches_the_last_line_of_the_terminal(sent: list[str]) -> None:
    app = Shown(SIXEL, png(400, 400))
    async with app.run_test(size=(42, 10)) as pilot:
        await pilot.pause(REST)
        assert int(re.findall(r'"1;1;\d+;(\d+)', pictures(sent)[-1])[0]) <= 9 * 20


async def test_kitty_gets_a_picture_once_and_is_told_to_forget_it(sent: list[str]) -> None:
    app = Shown({"STUDYTUI_PICTURES": "kitty"})
    async with app.run_test(size=(42, 20)) as pilot:
        await pilot.pause()
        await pilot.resize_terminal(32, 20)
        await pilot.pause(0.1)
        await pilot.resize_terminal(42, 20)
        await pilot.pause(0.1)
        commands = re.findall(r"\x1b_G([^;\x1b]*)", "".join(sent))
        assert len([command for command in commands if "f=100" in command]) == 1
        assert [command for command in commands if "U=1" in command][-1].endswith(f"c={app.view.size.width},r=10,q=2")
        await app.view.remove()
        number = re.search(r"i=(\d+)", commands[0])
        assert number
        assert sent[-1] == f"\x1b_Ga=d,d=I,i={number[1]},q=2\x1b\\"


@pytest.mark.parametrize("has_256", [False, True])
def test_the_colour_of_the_cells_is_the_picture_s_number(has_256: bool) -> None:
    upload = Upload(has_256=has_256)
    number = re.search(r"i=(\d+)", upload.placed(Size(3, 2)))
    first = next(iter(upload.strips()[0]))
    assert number
    assert first.style is not None
    color = first.style.color
    assert color is not None
    if has_256:
        assert color.downgrade(ColorSystem.EIGHT_BIT).number == int(number[1])
    else:
        assert color.triplet is not None
        assert color.triplet.hex == f"#{int(number[1]):06x}"


async def test_sixteen_colours_get_words(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Shown({"TERM": "linux"})
    app.console._color_system = COLOR_SYSTEMS["standard"]
    async with app.run_test(size=(42, 20)):
        assert "A red [b]half[/b]." in strips_of(app)


async def test_a_browser_gets_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(App, "is_web", property(lambda _: True))
    app = Shown({"TERM": "xterm-kitty"})
    async with app.run_test(size=(42, 20)):
        assert "▀" in strips_of(app)


async def test_an_answer_that_comes_late_still_decides() -> None:
    app = Shown({"TERM": "xterm-256color"})
    async with app.run_test(size=(42, 20)) as pilot:
        assert "▀" in strips_of(app)
        app.answers = Answers("foot(1.21)", sixel=True)  # type: ignore[attr-defined]
        app.view.look()
        await pilot.pause()
        assert "▀" not in strips_of(app)


async def test_bytes_that_are_no_picture_become_words() -> None:
    app = Shown({"TERM": "xterm-kitty"}, b"\x89PNG but not really")
    async with app.run_test(size=(40, 20)):
        assert "A red [b]half[/b]." in strips_of(app)
