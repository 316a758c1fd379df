"""Authored files are read strictly: what is wrong is named with file, line, card and field."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studytui.course import loader
from studytui.course.loader import card_files, find_course, load_cards, load_course, load_syllabus, read_cards
from studytui.domain.cards import Blank, Choice, Cloze, LabLink
from studytui.errors import CourseError
from tests.ui.tiny_course import CARDS_1, COURSE, SYLLABUS, write_course

CARD = """
[[card]]
id = "one"
section = "1.1"
covers = ["1.1-01"]
kind = "basic"
front = "What?"
back = "That."
"""
FILE = "content/cards/01.toml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_course(tmp_path)


def failure(root: Path, cards: str) -> CourseError:
    (root / FILE).write_text(cards, encoding="utf-8")
    with pytest.raises(CourseError) as caught:
        load_cards(root, FILE)
    return caught.value


@pytest.mark.parametrize(
    ("change", "line", "field", "said"),
    [
        (('back = "That."', 'bakc = "That."'), 8, "bakc", "there is no such field"),
        (('front = "What?"\n', ""), 2, "front", "this field is missing"),
        (('kind = "basic"\n', ""), 2, "kind", "this field is missing"),
        (('kind = "basic"', 'kind = "quiz"'), 6, "kind", "there is no kind 'quiz'"),
        (('section = "1.1"', "section = 1.1"), 4, "section", "valid string"),
        (('covers = ["1.1-01"]', 'covers = ["1.1"]'), 5, "covers.0", "“1.1” is not of the form"),
        (('id = "one"', 'id = "One!"'), 3, "id", "“One!” is not of the form"),
        (('kind = "basic"', 'kind = "numeric"\nanswer = "12"'), 7, "answer", "a formula needs `vary`"),
        (('kind = "basic"', 'kind = "numeric"\nanswer = inf'), 7, "answer", "finite"),
        (('kind = "basic"', 'kind = "cloze"'), 7, "front", "at least one blank"),
        (
            ('kind = "basic"', 'kind = "choice"\noptions = [{ text = "a" }, { text = "b" }]'),
            7,
            "options",
            "exactly one",
        ),
        (
            ('kind = "basic"', 'kind = "match"\npairs = [["a", "b"], ["a", "c"]]'),
            2,
            "",
            "“a” is listed twice",
        ),
        (('kind = "basic"', 'kind = "basic"\ndated = "yesterday"'), 7, "dated", "isoformat"),
        (('kind = "basic"', 'kind = "exercise"'), 2, "lab", "this field is missing"),
        (
            ('kind = "basic"', 'kind = "exercise"\nlab = { exercise = "x", vary = { a = [] } }'),
            7,
            "lab",
            "vary.a is empty",
        ),
    ],
)
def test_each_mistake_is_named(root: Path, change: tuple[str, str], line: int, field: str, said: str) -> None:
    assert change[0] in CARD
    error = failure(root, CARD.replace(*change))
    assert (error.path, error.line, error.field) == (FILE, line, field)
    assert said in error.message


def test_several_mistakes_name_the_first_and_count_the_rest(root: Path) -> None:
    bad = CARD.replace("back", "bakc")
    error = failure(root, bad + bad.replace("one", "two") + CARD)
    assert "And 1 more" in str(error)
    cards, errors = read_cards(root, FILE)
    assert ([card.id for card in cards], len(errors)) == (["one"], 2)


def test_a_doubled_id_names_both_lines(root: Path) -> None:
    error = failure(root, CARD + CARD)
    assert (error.line, error.card) == (11, "one")
    assert "line 3" in error.message


def test_anything_but_cards_in_a_card_file_is_refused(root: Path) -> None:
    assert "unknown key" in failure(root, "title = 1\n" + CARD).message
    assert "[[card]] tables" in failure(root, 'card = "x"').message


def test_cards_become_what_the_app_shows(root: Path) -> None:
    cards = {card.id: card for path in card_files(load_course(root)) for card in load_cards(root, path)}
    cloze, choice = cards["attention-cloze"], cards["latent-choice"]
    assert cloze.body == Cloze(("Attention is ", " of scores."), (Blank(("softmax",)),))
    assert cloze.lenses == ("eye",)
    assert isinstance(choice.body, Choice)
    assert choice.body.right == 0
    assert str(cards["patch-what"].source) == "content/cards/01.toml:13"


def test_every_card_of_the_course_survives_compiling() -> None:
    root = find_course()
    for path in card_files(load_course(root)):
        for card in load_cards(root, path):
            assert loader.decode(loader.encode(card)) == card


def test_a_lab_link_survives_compiling(root: Path) -> None:
    text = CARD.replace(
        'kind = "basic"', 'kind = "exercise"\nlab = { exercise = "a.b", set = { x = 1 }, vary = { y = [1, 2.5] } }'
    )
    (root / FILE).write_text(text, encoding="utf-8")
    (card,) = load_cards(root, FILE)
    assert card.lab == LabLink("a.b", {"x": 1}, {"y": (1, 2.5)})
    assert loader.decode(loader.encode(card)) == card


@pytest.mark.parametrize(
    ("change", "line", "said"),
    [
        (('title = "Tiny course"', 'titel = "Tiny course"'), 3, "titel: there is no such field"),
        (("number = 1", 'number = "1"'), 8, "chapter.0.number"),
        (('id = "1.2"', 'id = "1.1"'), 15, "section 1.1 is also in line 12"),
        (('text = "chapters/01.md"', 'text = "../01.md"'), 10, "must lie inside content/"),
        (('name = "The eye"', 'nme = "The eye"'), 30, "helper.0.nme"),
    ],
)
def test_a_wrong_course_file(root: Path, change: tuple[str, str], line: int, said: str) -> None:
    assert change[0] in COURSE
    (root / "content/course.toml").write_text(COURSE.replace(*change, 1), encoding="utf-8")
    with pytest.raises(CourseError) as caught:
        load_course(root)
    assert caught.value.path == "content/course.toml"
    assert said in str(caught.value)
    assert caught.value.line == line


def test_an_unchanged_course_is_read_from_its_compiled_copy(root: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    course = load_course(root, compiled=kept)
    data = json.loads(kept.read_text())
    data["course"]["title"] = "from the copy"
    kept.write_text(json.dumps(data))
    assert load_course(root, compiled=kept).title == "from the copy"
    (root / "content/course.toml").write_text(COURSE.replace("Tiny", "Large"), encoding="utf-8")
    assert load_course(root, compiled=kept).title == "Large course"
    kept.write_text("{broken")
    assert load_course(root, compiled=kept).chapters == course.chapters


def test_a_syllabus_with_a_doubled_objective(root: Path) -> None:
    (root / "content/syllabus.toml").write_text(SYLLABUS + SYLLABUS, encoding="utf-8")
    with pytest.raises(CourseError, match=r"syllabus\.toml:19: \[1\.1-01\] this objective is listed twice"):
        load_syllabus(root)


def test_where_a_course_is_looked_for(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"--course .*there is no such folder"):
        find_course(tmp_path / "none")
    with pytest.raises(CourseError, match=r"has a file content/course.toml"):
        find_course(tmp_path)
    assert find_course(write_course(tmp_path)) == tmp_path
    assert CARDS_1
