"""Boards for inspection: twins that differ in the burn alone, windows that cover the board, labels that are true."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest

from labs.scenes.burns import (
    CAMERAS,
    FULL,
    GRID,
    NINE,
    PARTS,
    SIDE_PX,
    TWENTY_FIVE,
    VIEW_PX,
    Board,
    Placed,
    draw_pair,
    patch_labels,
    share_in,
    views,
)

BURNED = PARTS.index("burned")


def test_twins_differ_where_the_burn_is_and_nowhere_else() -> None:
    for seed in range(4):
        pair = draw_pair(f"twins:{seed}", (24, 24))
        smooth = [board.pixels.reshape(64, 4, 64, 4, 3).mean(axis=(1, 3)) for board in (pair.burned, pair.healthy)]
        changed = np.abs(smooth[0] - smooth[1]).max(axis=2) > 12  # the grain is another in each photograph
        rows, columns = np.nonzero(changed)
        left, top, right, bottom = pair.burn
        reach = 0.25 * 24 + 4  # soot around it, and a block of 4 px
        assert len(rows) > 4
        assert rows.min() * 4 >= top - reach
        assert rows.max() * 4 <= bottom + reach
        assert columns.min() * 4 >= left - reach
        assert columns.max() * 4 <= right + reach
        assert pair.burned.parts[:-1] == pair.healthy.parts
        assert pair.burned.parts[-1] == Placed("burned", pair.burn)
        assert pair.healthy.burn is None


def test_a_burn_sits_on_a_capacitor_and_has_the_diameter_asked_for() -> None:
    for seed in range(6):
        pair = draw_pair(f"sits:{seed}", (8, 16))
        x, y = (pair.burn[0] + pair.burn[2]) / 2, (pair.burn[1] + pair.burn[3]) / 2
        under = [
            part for part in pair.healthy.parts if part.box[0] <= x <= part.box[2] and part.box[1] <= y <= part.box[3]
        ]
        assert "capacitor" in [part.part for part in under]
        assert 8 <= pair.diameter_px <= 16
        assert pair.burn[2] - pair.burn[0] == pytest.approx(pair.diameter_px)


def test_the_same_seed_gives_the_same_pair_and_another_seed_another() -> None:
    first, again, other = (draw_pair(seed) for seed in ("a", "a", "b"))
    assert np.array_equal(first.burned.pixels, again.burned.pixels)
    assert first.burn == again.burn
    assert not np.array_equal(first.healthy.pixels, other.healthy.pixels)


def test_a_burn_that_cannot_be_drawn_is_refused() -> None:
    for diameters in ((1.0, 8.0), (16.0, 8.0), (8.0, 65.0)):
        with pytest.raises(ValueError, match="cannot be drawn"):
            draw_pair("none", diameters)


@pytest.mark.parametrize("windows", [FULL, NINE, TWENTY_FIVE])
def test_windows_cover_the_board_and_show_every_small_burn_whole(windows: tuple[tuple[int, int, int], ...]) -> None:
    seen = np.zeros((SIDE_PX, SIDE_PX), dtype=bool)
    for left, top, side in windows:
        seen[top : top + side, left : left + side] = True
    assert seen.all()
    for x in range(0, SIDE_PX - 16):
        burn = (x, 100.0, x + 16.0, 116.0)
        assert max(share_in(burn, window) for window in windows) == 1


def test_views_are_the_windows_of_the_board() -> None:
    board = draw_pair("views").burned
    close, whole = views(board, [(64, 32, 64), FULL[0]])
    assert np.array_equal(close, board.pixels[32:96, 64:128])
    assert whole.shape == (VIEW_PX, VIEW_PX, 3)
    blocks = board.pixels.reshape(64, 4, 64, 4, 3).mean(axis=(1, 3))
    assert np.abs(whole - blocks).mean() < 12  # a bicubic filter is close to the mean of each block


def test_the_zoom_shows_the_burn() -> None:
    for seed in range(8):
        pair = draw_pair(f"zoom:{seed}")
        left, top, side = pair.zoom
        assert side == VIEW_PX
        assert 0 <= left <= SIDE_PX - side
        assert 0 <= top <= SIDE_PX - side
        assert share_in(pair.burn, pair.zoom) > 0.99


def test_patch_labels_by_hand() -> None:
    pixels = np.zeros((SIDE_PX, SIDE_PX, 3), dtype=np.uint8)
    board = Board(pixels, (Placed("chip", (0, 0, 64, 32)), Placed("burned", (40, 40, 48, 48))), (40, 40, 48, 48), 1.0)
    whole = patch_labels(board, FULL[0])  # patches of 32 px
    assert whole.shape == (GRID, GRID, len(PARTS))
    assert {(int(r), int(c)) for r, c in zip(*np.nonzero(whole[..., PARTS.index("chip")]), strict=True)} == {
        (0, 0),
        (0, 1),
    }
    assert np.argwhere(whole[..., BURNED]).tolist() == [[1, 1]]
    close = patch_labels(board, (32, 32, 64))  # patches of 8 px
    assert np.argwhere(close[..., BURNED]).tolist() == [[1, 1]]
    assert not close[..., PARTS.index("chip")].any()


def test_cameras_take_away_what_they_say() -> None:
    pictures = views(draw_pair("cameras").burned, TWENTY_FIVE[:3])

    def detail(some: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> float:
        return float(np.abs(np.diff(some.astype(float), axis=2)).mean())

    for name, camera in CAMERAS.items():
        seen = camera(pictures)
        assert (seen.shape, seen.dtype) == (pictures.shape, pictures.dtype), name
    assert np.array_equal(CAMERAS["clear"](pictures), pictures)
    assert np.array_equal(CAMERAS["channels"](pictures)[..., 2], pictures[..., 0])
    assert detail(CAMERAS["haze"](pictures)) == pytest.approx(0.3 * detail(pictures), rel=0.15)
    for soft in ("blur", "low resolution"):
        assert detail(CAMERAS[soft](pictures)) < 0.5 * detail(pictures)


def test_healthy_boards_are_no_brighter_than_burned_ones() -> None:
    """What tells a burn must not be the light, the noise or the order of drawing."""
    means = [(p.burned.pixels.mean(), p.healthy.pixels.mean()) for p in (draw_pair(f"means:{i}") for i in range(10))]
    assert all(abs(burned - healthy) < 0.5 for burned, healthy in means)
    assert all(first != second for first, second in pairwise(means))


def test_drawing_needs_no_torch() -> None:
    code = "import sys, labs.scenes.burns as b; b.draw_pair('x'); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
