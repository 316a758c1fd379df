"""Pictures in the terminal: chosen from the environment, never by asking; pixels, half blocks or words."""

from __future__ import annotations

import io
import subprocess
import sys
import textwrap

import pytest
from PIL import Image
from textual.app import App, ComposeResult
from textual.widget import Widget

from studytui.ui.widgets.evidence import PictureView, Way, cell_size, half_blocks, way


def png(width: int = 40, height: int = 20) -> bytes:
    image = Image.new("RGB", (width, height), (255, 0, 0))
    image.paste((0, 0, 255), (0, height // 2, width, height))
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


@pytest.mark.parametrize(
    ("environ", "found"),
    [
        ({}, "cells"),
        ({"TERM": "xterm-256color"}, "cells"),
        ({"TERM": "xterm-kitty"}, "kitty"),
        ({"TERM": "xterm-ghostty"}, "kitty"),
        ({"KITTY_WINDOW_ID": "1"}, "kitty"),
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


class Shown(App[None]):
    def __init__(self, environ: dict[str, str], data: bytes | None = None) -> None:
        super().__init__()
        self.view = PictureView(png() if data is None else data, "A red [b]half[/b].", environ=environ)

    def compose(self) -> ComposeResult:
        yield self.view


def strips_of(app: Shown) -> str:
    """What the picture sends to the terminal."""
    widgets = [app.view, *app.view.walk_children(Widget)]
    return "".join(
        segment.text for widget in widgets for strip in widget.render_lines(widget.size.region) for segment in strip
    )


@pytest.mark.parametrize(
    ("how", "sent"), [("kitty", "\U0010eeee"), ("sixel", "\x1bP"), ("cells", "▀"), ("words", "A red [b]half[/b].")]
)
async def test_each_way_sends_what_its_terminal_reads(how: str, sent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "__stdout__", io.StringIO())
    app = Shown({"STUDYTUI_PICTURES": how})
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.pause()
        assert sent in strips_of(app)
        assert app.view.size.height == (1 if how == "words" else 10)
        await pilot.resize_terminal(20, 20)
        await pilot.pause(0.1)  # Textual waits for a resize to end
        assert app.view.size.height == (1 if how == "words" else 5)
        assert sent[:10] in strips_of(app)


async def test_bytes_that_are_no_picture_become_words() -> None:
    app = Shown({"TERM": "xterm-kitty"}, b"\x89PNG but not really")
    async with app.run_test(size=(40, 20)):
        assert "A red [b]half[/b]." in strips_of(app)


def test_the_terminal_is_asked_nothing() -> None:
    """In a terminal that would answer nothing, importing textual-image neither writes to it nor waits for it."""
    code = """
        import os, pty, sys, time
        child, terminal = pty.fork()
        if child == 0:
            from studytui.ui.widgets import evidence
            assert sys.__stdout__.isatty()
            evidence._quietly()
            from textual_image._terminal import get_cell_size
            import textual_image.renderable.tgp, textual_image.widget.sixel
            assert get_cell_size() == (10, 20), get_cell_size()
            print("done", flush=True)
            os._exit(0)
        said = b""
        while True:
            try:
                chunk = os.read(terminal, 4096)
            except OSError:
                break
            if not chunk:
                break
            said += chunk
        os.waitpid(child, 0)
        sys.stdout.write(repr(said))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True, capture_output=True, text=True)
    assert done.stdout == repr(b"done\r\n")
