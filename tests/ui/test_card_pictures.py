"""Cards that ask about a picture, on the screens: the scene that is judged is the one that is shown, files too."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from PIL import Image

from labs.scenes import asked
from studytui.ui.widgets.picture import PictureView
from studytui.ui.widgets.question_pictures import Tape
from tests.ui.test_review import log, opened
from tests.ui.tiny_course import running

TAPE = """
[[card]]
id = "tape"
section = "1.1"
covers = ["1.1-01"]
kind = "numeric"
front = "Where does it jump?"
scene = { kind = "clip_tape", fault = "teleport" }
answer = "frame"
back = "In frame **{frame}**."
"""
FILE = """
[[card]]
id = "file"
section = "1.1"
covers = ["1.1-01"]
kind = "basic"
front = "What is it?\\n\\n![a red square](pictures/red.png) ![a lost one](pictures/none.png)"
back = "A square: ![the same again](pictures/red.png)"
"""


def put_picture(content: Path) -> None:
    (content / "pictures").mkdir(parents=True)
    data = io.BytesIO()
    Image.new("RGB", (32, 16), (220, 30, 30)).save(data, "PNG")
    (content / "pictures/red.png").write_bytes(data.getvalue())


async def test_a_clip_is_stepped_with_the_arrows_and_judged_by_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch, cards=TAPE) as run:
        await opened(run)
        tape = run.app.screen.query_one(Tape)
        assert tape.at == 0
        await run.press("right", "right", "left")
        assert tape.at == 1
        assert "frame 1, of 0 to 6" in run.text
        scene = run.app.screen.table.turn.card.scene  # type: ignore[attr-defined]
        facts = asked.draws({"kind": scene.kind} | scene.params)[scene.draw]
        await run.type(f"{facts['frame']:g}")
        await run.press("enter")
        assert "✓ Right" in run.text
        assert run.app.screen.query_one(Tape).at == 1, "the question stays where it was"
        await run.press("enter")
        assert log(run) == [("tape", "review", 4, 4, 1, 0)]
        ((evidence,),) = run.rows("SELECT evidence FROM review")
        assert json.loads(evidence)["numbers"] == {"scene": scene.draw, "frame": facts["frame"]}


async def test_a_file_is_shown_on_both_sides_and_a_missing_one_is_told_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_picture(tmp_path / "course/content")
    async with running(tmp_path, monkeypatch, cards=FILE) as run:
        await opened(run)
        assert len(run.app.screen.query(PictureView)) == 1
        assert "[picture: a lost one]" in run.text
        assert "a red square" not in run.text
        await run.press("space")
        assert len(run.app.screen.query(PictureView)) == 2
        assert "the same again" not in run.text


async def test_the_list_of_cards_shows_the_picture_of_the_one_under_the_cursor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch, cards=TAPE, size=(140, 45)) as run:
        await run.press("b")
        assert len(run.app.screen.query(Tape)) == 1
        await run.press("end")
        assert len(run.app.screen.query(Tape)) == 0


async def test_a_card_without_a_picture_loads_nothing_that_shows_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name == "labs.scenes.asked" or name.endswith("question_pictures")]:
        monkeypatch.delitem(sys.modules, name)
    async with running(tmp_path, monkeypatch) as run:
        await opened(run)
        assert "studytui.ui.widgets.question_pictures" not in sys.modules
        assert "labs.scenes.asked" not in sys.modules
