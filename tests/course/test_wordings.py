"""quizzes/wordings/: read beside the rubrics, and every slip is named with file, line and field."""

from __future__ import annotations

from pathlib import Path

import pytest

from studytui.course.quizzes import load_interview
from studytui.errors import CourseError
from studytui.study.submissions import decode, encode
from tests.rehearsal.tiny_interview import INTERVIEW

WORDING = """[[wording]]
question = "int-patches"
point = "split"
says = ["chop it into tiles"]
denies = ["it goes in as a whole"]
near = ["a picture has many pixels"]
"""


def course(root: Path, **files: str) -> Path:
    folder = root / "quizzes" / "wordings"
    folder.mkdir(parents=True)
    (root / "quizzes" / "interview.toml").write_text(INTERVIEW, encoding="utf-8")
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return root


def test_wordings_join_their_point_and_no_other(tmp_path: Path) -> None:
    split, embed = load_interview(course(tmp_path, one=WORDING))[0].points[:2]
    assert split.says == ("chop it into tiles",)
    assert split.denies == ("it goes in as a whole",)
    assert split.near == ("a picture has many pixels",)
    assert split.phrasings == ("the image is cut into square patches",)
    assert (embed.says, embed.denies, embed.near) == ((), (), ())


def test_a_question_keeps_its_wordings_in_the_database(tmp_path: Path) -> None:
    question = load_interview(course(tmp_path, one=WORDING))[0]
    assert decode(encode(question)) == question


def test_a_question_kept_before_there_were_wordings_is_read(tmp_path: Path) -> None:
    question = load_interview(course(tmp_path))[0]
    old = encode(question).replace('"says":[],"denies":[],"near":[]', '"x":0').replace(',"x":0', "")
    assert "denies" not in old
    assert decode(old) == question


@pytest.mark.parametrize(
    ("text", "line", "field", "words"),
    [
        (WORDING.replace("int-patches", "int-none"), 2, "question", "no point “split” of a question “int-none”"),
        (WORDING.replace("split", "rim"), 3, "point", "no point “rim”"),
        (WORDING.replace('["chop it into tiles"]', "[1]"), 4, "says.0", "string"),
        (WORDING.replace("near", "far"), 6, "far", "far"),
        (WORDING + "\n" + WORDING, 10, "point", "also in quizzes/wordings/one.toml:1"),
        ("[[wordings]]\n", 1, "wordings", "wordings"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, *, text: str, line: int, field: str, words: str) -> None:
    with pytest.raises(CourseError) as caught:
        load_interview(course(tmp_path, one=text))
    assert caught.value.path == "quizzes/wordings/one.toml"
    assert (caught.value.line, caught.value.field) == (line, field)
    assert words in str(caught.value)
