"""Pictures of cards where none can be shown: plain sessions, `try`, lists; and pictures of the learner's own cards."""

from __future__ import annotations

import io
import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.command import Shell
from tests.ui.test_card_pictures import TAPE


@pytest.fixture
def tape(tmp_path: Path, shell: Shell) -> Shell:
    (tmp_path / "course/content/cards/01.toml").write_text(TAPE, encoding="utf-8")
    return shell


def test_a_plain_session_tells_each_frame(tape: Shell) -> None:
    first = tape.run("review", "--section", "1.1", "--plain", stdin=":q\n").out
    frames = re.findall(r"\[picture: frame (\d), a (\w+) ball at mark (\d+), light 100 %\]", first)
    assert [int(number) for number, _, _ in frames] == list(range(7))
    marks = [int(mark) for _, _, mark in frames]
    assert sorted(after - before for before, after in pairwise(marks)) == [1, 1, 1, 1, 1, 4]


def test_try_tells_the_pictures_it_judged_by(tape: Shell) -> None:
    for seed in range(4):
        done = tape.run("try", "tape", "--answer", "3", "--seed", str(seed), "--json")
        told = json.loads(done.out)
        marks = [int(re.search(r"mark (\d+)", line)[1]) for line in told["pictures"]]  # type: ignore[index]
        jumps = [at for at in range(1, 7) if marks[at] - marks[at - 1] > 1]
        assert told["numbers"]["frame"] == jumps[0]
        assert told["says"] == ("right" if jumps == [3] else "wrong")


def test_the_list_says_what_there_is_to_see(tape: Shell) -> None:
    rows = json.loads(tape.run("cards", "id:tape", "--json").out)
    assert len(rows[0]["pictures"]) == 7


def test_a_card_of_ones_own_takes_a_copy_of_a_picture(shell: Shell, tmp_path: Path) -> None:
    data = io.BytesIO()
    Image.new("RGB", (8, 8), (220, 30, 30)).save(data, "JPEG")
    (tmp_path / "photo.jpg").write_bytes(data.getvalue())
    common = ("--kind", "basic", "--section", "1.1", "--covers", "01", "--front", "What is mine?", "--back", "This.")
    done = shell.run("new-card", *common, "--picture", f"{tmp_path / 'photo.jpg'} :: a red field")
    assert done.code == 0, done.err
    own = tmp_path / "home/own/tiny"
    assert (own / "pictures/photo.jpg").read_bytes() == data.getvalue()
    assert "![a red field](pictures/photo.jpg)" in (own / "cards/own.toml").read_text(encoding="utf-8")
    assert "[picture: a red field]" in shell.run("cram", "id:own", "--plain", stdin=":q\n").out
    assert shell.run("check").code == 0
    done = shell.run("new-card", *common, "--picture", str(tmp_path / "photo.jpg"))
    assert done.code == 2
    assert "say what the picture shows" in done.err
