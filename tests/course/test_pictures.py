"""Pictures in the text of cards: which files are shown, which are refused and why, and where `check` says so."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from studytui.course.loader import cards_in
from studytui.course.pictures import NoPicture, links_in, read_picture, take_over
from studytui.course.toml_file import parse
from studytui.domain.cards import Card
from studytui.study.pictures import front_of
from tests.unit.test_lint import card, linted


def png(side: int = 8) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (side, side), (200, 40, 40)).save(data, "PNG")
    return data.getvalue()


@pytest.fixture
def media(tmp_path: Path) -> Path:
    (tmp_path / "in/pictures").mkdir(parents=True)
    (tmp_path / "in/pictures/a.png").write_bytes(png())
    (tmp_path / "secret.png").write_bytes(png())
    (tmp_path / "in/pictures/out.png").symlink_to(tmp_path / "secret.png")
    (tmp_path / "in/pictures/text.png").write_text("no picture at all, and long enough to be one")
    (tmp_path / "in/pictures/torn.png").write_bytes(png(64)[:90])
    (tmp_path / "in/pictures/huge.png").write_bytes(png() + bytes(2_000_001))
    wide = bytearray(png())
    wide[16:24] = (60_000).to_bytes(4, "big") * 2
    (tmp_path / "in/pictures/wide.png").write_bytes(bytes(wide))
    return tmp_path / "in"


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("../secret.png", "must be a path below pictures/"),
        ("pictures/../../secret.png", "must be a path below pictures/"),
        ("/etc/passwd", "must be a path below pictures/"),
        ("C:\\\\x.png", "must be a path below pictures/"),
        ("file:///etc/passwd", "must be a path below pictures/"),
        ("https://example.org/pictures/a.png", "must be a path below pictures/"),
        ("pictures/out.png", "leads out of its folder"),
        ("pictures/none.png", "there is no file"),
        ("pictures", "must be a path below pictures/"),
        ("pictures/text.png", "neither a PNG nor a JPEG"),
        ("pictures/huge.png", "more than 2 MB"),
        ("pictures/wide.png", "60,000 × 60,000 pixels"),
    ],
)
def test_what_is_no_picture_of_the_course_is_not_read(media: Path, path: str, why: str) -> None:
    with pytest.raises(NoPicture, match=why):
        read_picture(media, path)


def one(front: str) -> Card:
    cards, errors = cards_in(parse(_card(front), "x.toml"))
    assert errors == []
    return cards[0]


def _card(front: str) -> str:
    return f"""
[[card]]
id = "pic"
section = "1.1"
covers = ["1.1-01"]
kind = "basic"
front = '''{front}'''
back = "A board."
"""


def test_a_picture_is_shown_below_the_text_and_a_missing_one_stays_in_it_as_words(media: Path) -> None:
    found = one("What is it?\n\n![a red square](pictures/a.png) ![a lost one](pictures/none.png)")
    side = front_of(found, found.question, media)
    assert [shown.alt for shown in side.pictures] == ["a red square"]
    assert "red square" not in side.text
    assert "![a lost one](pictures/none.png)" in side.text


@pytest.mark.parametrize("name", ["torn", "text", "out", "huge", "wide"])
def test_a_broken_picture_leaves_its_words(media: Path, name: str) -> None:
    found = one(f"What is it? ![a red square](pictures/{name}.png)")
    side = front_of(found, found.question, media)
    assert side.pictures == ()
    assert "a red square" in side.text


def test_a_scene_that_cannot_be_drawn_leaves_its_words(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from labs.scenes import asked

    def no_pillow(*_: object) -> None:
        raise ImportError("No module named 'PIL'")

    text = _card("Which?").replace('kind = "basic"', 'kind = "basic"\nscene = { kind = "burn_boards" }')
    (found,), _ = cards_in(parse(text, "x.toml"))
    monkeypatch.setattr(asked, "pictures", no_pillow)
    side = front_of(found, found.question, media)
    assert side.pictures == ()
    assert "No module named" in side.text
    assert side.text.count("picture: ") == 3


def test_pictures_in_code_are_text() -> None:
    assert links_in("Write `![words](pictures/a.png)` for one.") == []


def test_check_names_line_and_field(tmp_path: Path) -> None:
    first = card(id='"pic"', front='"What is it? ![](pictures/none.png)"')
    second = card(id='"ways"', front='"Why so? ![w](../x.png)"')
    found = [each for each in linted(tmp_path, first, second).findings if each.rule == "picture"]
    assert {(f.card, f.field) for f in found} == {("pic", "front"), ("ways", "front")}
    assert all(f.line > 1 for f in found)
    assert any("say in words" in f.message for f in found)
    assert any("must be a path below" in f.message for f in found)


def test_an_own_picture_is_copied_once(tmp_path: Path) -> None:
    source = tmp_path / "My Photo.PNG"
    source.write_bytes(png())
    first = take_over(source, tmp_path / "own", "a [red] square")
    assert take_over(source, tmp_path / "own", "again").path == first.path == "pictures/my-photo.png"
    assert first.markdown == "![a (red) square](pictures/my-photo.png)"
    assert read_picture(tmp_path / "own", first.path) == png()
    source.write_bytes(png(9))
    assert take_over(source, tmp_path / "own", "another").path == "pictures/my-photo-2.png"
    (tmp_path / "x.png").write_text("nothing of a picture in it")
    with pytest.raises(NoPicture, match="neither"):
        take_over(tmp_path / "x.png", tmp_path / "own", "x")
