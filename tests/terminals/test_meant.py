"""The comparison of screenshots can fail, and says so loudly where nothing can be tried."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.terminals import __main__ as script
from tests.terminals.meant import BLOCKS, SIDE, picture, wrong_blocks


def on_screen(image: Image.Image) -> Image.Image:
    screen = Image.new("RGB", (900, 700), "black")
    screen.paste(image, (7, 31))
    return screen


def test_the_picture_is_found_and_scaling_forgiven() -> None:
    assert wrong_blocks(on_screen(picture())) == []
    assert wrong_blocks(on_screen(picture().resize((330, 340)))) == []


def test_a_hole_wrong_colours_and_nothing_are_seen() -> None:
    side = SIDE // BLOCKS
    with_hole = picture()
    with_hole.paste((0, 0, 0), (3 * side, 2 * side, 4 * side, 3 * side))
    assert wrong_blocks(on_screen(with_hole)) == [(2, 3)]
    red, green, blue = picture().split()
    assert len(wrong_blocks(on_screen(Image.merge("RGB", (blue, red, green))))) > BLOCKS * BLOCKS // 2
    assert len(wrong_blocks(Image.new("RGB", (900, 700)))) == BLOCKS * BLOCKS


def test_it_says_loudly_that_it_cannot_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert script.main(tmp_path) == 2
    assert "NOTHING WAS TRIED: this machine lacks Xvfb, import, xterm or mlterm or kitty." in capsys.readouterr().err
