"""The learner's own pictures: every ordinary kind is read, every damaged one is refused in a sentence."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from labs import catalog
from labs.bench.knobs import LARGEST_BYTES, readable_path
from labs.pictures import MOST_PNG_BYTES, draw_grid, open_picture, to_png
from labs.protocol import ParamError
from tests.labs.solving import solved


def saved(path: Path, image: Image.Image, **options: object) -> Path:
    image.save(path, **options)  # type: ignore[arg-type]
    return path


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds no pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("name", [one.name for one in catalog.exercises() if one.module == "labs.patches.cut"])
@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
def test_every_exercise_runs_on_an_own_picture(tmp_path: Path, name: str, suffix: str) -> None:
    path = saved(tmp_path / f"mine{suffix}", Image.new("RGB", (70, 50), (200, 30, 40)))
    exercise = catalog.exercise(name)
    problem = exercise.pose({"picture": str(path)}, 1)
    evidence = exercise.solve(problem, lambda fraction, text: None)
    assert f"Your picture mine{suffix}, 70 × 50 px, resized to" in evidence.derivation[0]
    assert exercise.check(problem, str(evidence.value), evidence).correct
    without = exercise.pose({}, 1)
    assert evidence.value == exercise.solve(without, lambda fraction, text: None).value


def test_paths_are_found_as_people_write_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path / "my board.png", Image.new("RGB", (8, 8)))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for text in (str(path), "my board.png", "'my board.png'", ' "my board.png" ', "~/my board.png", "./my board.png"):
        assert readable_path(text) == str(path)
    assert readable_path("  ") == ""


def test_files_that_are_no_pictures_are_refused_when_the_problem_is_posed(tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.txt").write_text("hello", encoding="utf-8")
    (tmp_path / "folder.png").mkdir()
    with (tmp_path / "huge.png").open("wb") as huge:
        huge.truncate(LARGEST_BYTES + 1)
    for name, says in (
        ("empty.png", "is empty"),
        ("text.txt", "must be a PNG, JPEG or WebP"),
        ("folder.png", "is not a file"),
        ("huge.png", "at most 50 MB"),
        ("absent.png", "there is no file"),
    ):
        with pytest.raises(ParamError, match=says):
            catalog.exercise("patches.count").pose({"picture": str(tmp_path / name)}, 1)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("noise.png", b"not a picture at all", "cannot be read"),
        ("gif.png", b"GIF89a" + b"\0" * 40, "cannot be read"),
        ("large.png", png_header(10_000, 7_000), "at most 64 million pixels"),
        ("bomb.png", png_header(60_000, 60_000), "at most 64 million pixels"),
        ("wide.png", png_header(2**31 - 1, 1), "at most 64 million pixels"),
        ("hollow.png", png_header(500, 500), "cannot be read"),
        ("header.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF", "cannot be read"),
        ("riff.webp", b"RIFF\x10\0\0\0WEBPVP8 \0\0\0\0", "cannot be read"),
    ],
    ids=lambda value: value if isinstance(value, str) else "content",
)
def test_damaged_files_are_refused_by_name(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    problem = catalog.exercise("patches.count").pose({"picture": str(path)}, 1)
    with pytest.raises(ParamError) as caught:
        catalog.exercise("patches.count").solve(problem, lambda fraction, text: None)
    assert says in str(caught.value)
    assert name in str(caught.value)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
def test_a_truncated_file_is_refused(tmp_path: Path, suffix: str) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (90, 90, 3), dtype=np.uint8))
    path = saved(tmp_path / f"cut{suffix}", noise)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ParamError, match="cannot be read"):
        open_picture(path, 32, 32)


def test_a_file_that_vanished_after_posing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParamError, match="there is no file"):
        open_picture(tmp_path / "gone.png", 32, 32)


def test_a_turned_photograph_is_set_upright(tmp_path: Path) -> None:
    image = Image.new("RGB", (40, 20), "black")
    image.paste((255, 255, 255), (0, 0, 10, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown a quarter turn clockwise
    picture, own_size = open_picture(saved(tmp_path / "turned.png", image, exif=exif), 20, 40)
    assert own_size == (20, 40)
    assert picture.getpixel((10, 2)) == (255, 255, 255)
    assert picture.getpixel((10, 38)) == (0, 0, 0)


def test_the_size_of_a_large_photograph_is_its_own(tmp_path: Path) -> None:
    path = saved(tmp_path / "large.jpg", Image.new("RGB", (2_000, 1_200), "teal"))
    picture, own_size = open_picture(path, 64, 64)
    assert own_size == (2_000, 1_200)
    assert picture.size == (64, 64)


def test_depths_and_modes_become_eight_bit_colour(tmp_path: Path) -> None:
    def centre(path: Path) -> tuple[int, ...]:
        picture, _ = open_picture(path, 8, 8)
        assert picture.mode == "RGB"
        pixel = picture.getpixel((4, 4))
        assert isinstance(pixel, tuple)
        return tuple(int(value) for value in pixel)

    sixteen = Image.fromarray(np.full((9, 9), 32_896, dtype=np.uint16))
    assert centre(saved(tmp_path / "sixteen.png", sixteen)) == (128, 128, 128)
    assert centre(saved(tmp_path / "grey.png", Image.new("L", (9, 9), 77))) == (77, 77, 77)
    assert centre(saved(tmp_path / "bits.png", Image.new("1", (9, 9), 1))) == (255, 255, 255)
    assert centre(saved(tmp_path / "clear.png", Image.new("RGBA", (9, 9), (255, 0, 0, 0)))) == (255, 255, 255)
    assert centre(saved(tmp_path / "half.png", Image.new("LA", (9, 9), (0, 0)))) == (255, 255, 255)
    assert centre(saved(tmp_path / "key.png", Image.new("P", (9, 9), 0), transparency=0)) == (255, 255, 255)
    assert centre(saved(tmp_path / "print.jpg", Image.new("CMYK", (9, 9), (0, 0, 0, 0)))) == (255, 255, 255)
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("red", "blue")]
    moving = saved(tmp_path / "moving.webp", frames[0], save_all=True, append_images=frames[1:], lossless=True)
    assert centre(moving) == (255, 0, 0)
    assert centre(saved(tmp_path / "dot.png", Image.new("RGB", (1, 1), "lime"))) == (0, 255, 0)


def test_shown_pictures_stay_small() -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (1024, 1024, 3), dtype=np.uint8))
    for patch in (4, 16, 63):
        png = to_png(draw_grid(noise, patch))
        assert len(png) <= MOST_PNG_BYTES
        Image.open(io.BytesIO(png)).load()


def test_a_grid_too_fine_to_draw_says_which_lines_it_leaves_out() -> None:
    _, fine = solved("patches.count", image_size=512, patch_size=4)
    assert "one grid line in 2 is drawn" in fine.pictures[0].caption
    _, coarse = solved("patches.count", image_size=512, patch_size=16)
    assert "grid line" not in coarse.pictures[0].caption


def test_pixels_beyond_the_last_whole_patch_are_tinted() -> None:
    white = Image.new("RGB", (40, 40), "white")
    shown = np.asarray(draw_grid(white, 16, marked=None)).astype(int)
    assert shown.shape == (448, 448, 3)
    assert (shown[:350, :350] == 255).all()
    assert (shown[400:, :, 1] < 200).all()
    assert (shown[:, 400:, 1] < 200).all()


WITH_PICTURE = [one.name for one in catalog.exercises() if any(knob.kind == "path" for knob in one.params)]


def of_every_kind(folder: Path) -> Iterator[Path]:
    """A file of each kind people have."""
    noise = np.random.default_rng(1).integers(0, 255, (60, 90, 3), dtype=np.uint8)
    colour = Image.fromarray(noise)
    turned = Image.Exif()
    turned[0x0112] = 6
    yield saved(folder / "colour.png", colour)
    yield saved(folder / "photo.jpg", colour, exif=turned)
    yield saved(folder / "web.webp", colour)
    yield saved(folder / "clear.png", Image.fromarray(np.dstack([noise, noise[..., :1]])))
    yield saved(folder / "grey.png", colour.convert("L"))
    yield saved(folder / "deep.png", Image.fromarray(noise[..., 0].astype(np.uint16) * 257))
    yield saved(folder / "palette.png", colour.convert("P"))
    yield saved(folder / "large.jpg", Image.new("L", (6_000, 4_000), 90))


def test_three_labs_look_at_pictures() -> None:
    assert {name.partition(".")[0] for name in WITH_PICTURE} == {"patches", "clip", "denoising", "inspect"}


@pytest.mark.parametrize("name", WITH_PICTURE)
def test_every_lab_that_looks_at_pictures_takes_every_kind(tmp_path: Path, name: str) -> None:
    exercise = catalog.exercise(name)
    for path in of_every_kind(tmp_path):
        problem = exercise.pose({"picture": str(path)}, 3)
        evidence = exercise.solve(problem, lambda fraction, text: None)
        assert path.name in str((evidence.derivation, evidence.pictures, problem.prompt)), path.name
    damaged = tmp_path / "photo.jpg"
    damaged.write_bytes(damaged.read_bytes()[:900])
    bomb = tmp_path / "bomb.png"
    bomb.write_bytes(png_header(60_000, 60_000))
    for path in (damaged, bomb):
        with pytest.raises(ParamError, match=path.name):
            exercise.solve(exercise.pose({"picture": str(path)}, 3), lambda fraction, text: None)
