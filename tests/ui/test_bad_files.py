"""One bad file: the app opens, says on the home screen which file and where, and `e` leads there."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.ui.tiny_course import CARDS_1, COURSE, SYLLABUS, Running, running, write_course

BROKEN = CARDS_1.replace("answer = 196", "answer = ")


async def opened_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch):
        pass


def flat(run: Running) -> str:
    return " ".join(run.text.split())


async def test_a_broken_card_file_is_named_on_home_and_the_review_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await opened_before(tmp_path, monkeypatch)
    async with running(tmp_path, monkeypatch, cards=BROKEN) as run:
        assert "✗ content/cards/01.toml:9: this is not valid TOML" in flat(run)
        assert "Its cards stay as they were. (e opens it)" in flat(run)
        assert "4 new" in run.text
        await run.press("enter")
        assert "How many patches?" in run.text
        await run.type("196")
        await run.press("enter", "3")
        assert run.rows("SELECT count(*) FROM review WHERE action = 'review'") == [(1,)]


async def test_e_opens_the_file_at_its_line_and_what_was_mended_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await opened_before(tmp_path, monkeypatch)
    noted = tmp_path / "noted"
    mend = tmp_path / "vim"
    mend.write_text(
        f"#!{sys.executable}\nimport sys, pathlib\npathlib.Path({str(noted)!r}).write_text(' '.join(sys.argv[1:]))\n"
        "path = pathlib.Path(sys.argv[-1])\n"
        "path.write_text(path.read_text().replace('answer = \\n', 'answer = 197\\n'))\n"
    )
    mend.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(mend))
    async with running(tmp_path, monkeypatch, cards=BROKEN) as run:
        monkeypatch.setattr(run.app, "suspend", nullcontext)
        await run.press("e")
        assert noted.read_text() == f"+9 {tmp_path}/course/content/cards/01.toml"
        assert "✗" not in run.text
        assert "197" in str(run.rows("SELECT payload FROM card_text"))


async def test_without_a_bad_file_there_is_nothing_to_mend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        assert "Mend" not in run.text
        await run.press("e")
        assert run.screen == "HomeScreen"


async def test_two_bad_files_are_counted_and_a_hostile_one_is_only_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await opened_before(tmp_path, monkeypatch)
    own = tmp_path / "home/own/tiny/cards"
    own.mkdir(parents=True)
    (own / "x.toml").write_text("x = ")
    hostile = CARDS_1.replace('"patch-count"', '"[bold]\\u001b]52;c;UFdO\\u0007"')
    async with running(tmp_path, monkeypatch, cards=hostile, size=(120, 30)) as run:
        assert "[bold]␛]52;c;UFdO␇" in flat(run)
        assert "And 1 more." in flat(run)


async def test_a_long_sentence_on_a_small_screen_still_says_how_to_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await opened_before(tmp_path, monkeypatch)
    long = CARDS_1.replace("answer =", "x" * 500 + " =")
    async with running(tmp_path, monkeypatch, cards=long, size=(50, 20)) as run:
        assert "✗ content/cards/01.toml:9: [patch-count] xxx" in flat(run)
        assert "(e opens it)" in flat(run)


async def test_a_start_with_a_review_says_it_in_passing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await opened_before(tmp_path, monkeypatch)
    async with running(tmp_path, monkeypatch, cards=BROKEN, start_with="review") as run:
        assert run.screen == "ReviewScreen"
        assert "content/cards/01.toml:9" in flat(run)


@pytest.mark.parametrize(
    ("name", "text", "key_and_said"),
    [
        ("quizzes/interview.toml", "[[question]]\nid = \n", ("i", "quizzes/interview.toml:2")),
        ("quizzes/wordings/x.toml", "[[wording]]\nx = 1\n", ("i", "quizzes/wordings/x.toml")),
        ("quizzes/recall.toml", "[[prompt]]\nid = \n", ("f", "quizzes/recall.toml:2")),
        ("quizzes/exercises.toml", "[[exercise]]\nid = 1\n", ("f", "quizzes/exercises.toml")),
        ("quizzes/audit.toml", "[[item]]\nid = \n", ("a", "quizzes/audit.toml:2")),
        ("content/chapters/01.md", "\udcff", ("r", "content/chapters/01.md:1")),
        ("content/syllabus.toml", "[[fact]]\nid = \n", ("m", "content/syllabus.toml:2")),
        ("content/syllabus.toml", "x = ", ("s", "Statistics")),
        ("content/syllabus.toml", SYLLABUS + SYLLABUS, ("r", "content/syllabus.toml")),
    ],
)
async def test_a_broken_file_of_a_part_leaves_the_review_and_that_part_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, key_and_said: tuple[str, str]
) -> None:
    key, said = key_and_said
    gate = '[[gate]]\nid = "g"\ntitle = "Gap audit"\nunlocks = "Module 2"\nmodule = "2"\nfile = "audit.toml"\n'
    monkeypatch.setattr("tests.ui.tiny_course.COURSE", COURSE + gate)
    path = write_course(tmp_path / "course") / name
    path.parent.mkdir(exist_ok=True)
    if name == "quizzes/wordings/x.toml":
        (tmp_path / "course/quizzes/interview.toml").write_text("")
    write = path.write_bytes
    monkeypatch.setattr("tests.ui.tiny_course.SYLLABUS", text if "syllabus" in name else SYLLABUS)
    async with running(tmp_path, monkeypatch, size=(140, 40)) as run:
        write(text.encode(errors="surrogateescape"))
        await run.press(key)
        assert said in flat(run)
        await run.press("escape")
        while run.screen != "HomeScreen":
            await run.press("escape")
        await run.press("enter")
        assert "How many patches?" in run.text
