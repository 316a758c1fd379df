"""What the grader learns of a course about another field, and what it says where there is too little to learn from."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from studytui.course.loader import find_course
from studytui.course.quizzes import load_interview, load_lexicon, load_pairs
from studytui.domain.rubric import Question
from studytui.errors import CourseError
from studytui.study.grader import grade, own_course
from studytui.study.grader.matching import CharSimilarity, Field, Rubric, idf, tuned
from studytui.study.grader.own_course import Row, adapted, field_of, rows_of
from tests.benchmarks.grader import FLUENT, FOREIGN, area
from tests.rehearsal.tiny_interview import INTERVIEW, write_interview
from tests.ui.tiny_course import write_course

DATABASES, STATISTICS = FOREIGN


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own: what was learned is kept there."""
    monkeypatch.setenv("STUDYTUI_HOME", str(tmp_path / "home"))
    own_course._field.cache_clear()
    return tmp_path / "home"


def questions_of(root: Path) -> dict[str, Question]:
    return {question.id: question for question in load_interview(root)}


def scores(root: Path, field: Field) -> list[tuple[float, bool]]:
    asked, found = questions_of(root), []
    for pair in load_pairs(root, "held-out"):
        verdicts = {one.point_id: one for one in grade(asked[pair.question], pair.says, field).verdicts}
        found.append((verdicts[pair.point].confidence, pair.label == "covered"))
    return found


def test_a_course_is_told_apart_better_by_its_own_words_and_wordings() -> None:
    pooled: dict[str, list[tuple[float, bool]]] = {"as it comes": [], "learned": []}
    for root in FOREIGN:
        pooled["as it comes"] += scores(root, field_of(find_course()))
        pooled["learned"] += scores(root, field_of(root))
    assert len(pooled["learned"]) >= 150
    assert area(pooled["learned"]) >= 0.75
    assert area(pooled["learned"]) > area(pooled["as it comes"])


@pytest.mark.parametrize("root", FOREIGN, ids=lambda root: root.name)
def test_what_sounds_well_and_says_nothing_earns_nothing(root: Path) -> None:
    field = field_of(root)
    for question in load_interview(root):
        for fluent in FLUENT:
            assert grade(question, fluent.replace("QUESTION", question.ask), field).score == 0.0


def test_the_course_that_comes_along_is_taken_as_it_was_tuned() -> None:
    field = field_of(find_course())
    assert field.model == tuned()[1]
    assert field.rarity == idf()
    assert field.terms.entries[("vlm",)].groups
    assert not field.note


def test_what_was_learned_is_kept_until_the_course_changes(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "course"
    shutil.copytree(DATABASES, root)
    first = field_of(root)
    (kept,) = (home / "cache").glob("*-grader.json")
    own_course._field.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(own_course, "learned", None)  # whoever learns again, fails
        again = field_of(root)
    assert (again.model, again.rarity) == (first.model, first.rarity)
    path = root / "quizzes/interview.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("a power failure", "a sudden power failure"), encoding="utf-8"
    )
    assert field_of(root).rarity != first.rarity
    kept.write_text("{", encoding="utf-8")
    own_course._field.cache_clear()
    assert field_of(root).model.weights != tuned()[1].weights


def test_a_course_with_too_few_wordings_says_so(tmp_path: Path) -> None:
    root = write_course(tmp_path / "course")
    write_interview(root, INTERVIEW)
    field = field_of(root)
    assert field.model == tuned()[1]
    result = grade(load_interview(root)[0], "The image is cut into square patches.", field)
    assert result.notes[0].startswith("The grader does not know this course: it has ")
    assert result.notes[0].endswith("learns from 40 and 10. Judge each point yourself.")


def test_a_course_that_cannot_be_read_still_grades_in_plain_english(tmp_path: Path) -> None:
    root = tmp_path / "course"
    shutil.copytree(DATABASES, root)
    question = load_interview(root)[0]
    (root / "quizzes/lexicon.toml").write_text("[same]\ngroups = 1\n", encoding="utf-8")
    field = field_of(root)
    assert "cannot be read" in field.note
    assert grade(question, question.model, field).score > 0.5


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('[opposite]\npairs = [\n  "more, less",\n]\n', 3, "two sides"),
        ('[exclusive]\nsets = [\n  "a / b",\n  "a, b",\n]\n', 4, "parted by"),
        ('[same]\ngroups = ["a,, b"]\n', 2, "empty"),
        ('[same]\ngroup = ["a, b"]\n', 2, "group"),
    ],
)
def test_a_slip_in_a_lexicon_is_named(tmp_path: Path, text: str, line: int, words: str) -> None:
    path = tmp_path / "quizzes/lexicon.toml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CourseError) as error:
        load_lexicon(tmp_path)
    assert error.value.line == line
    assert words in str(error.value)


def test_a_sentence_left_out_is_compared_as_if_it_had_never_been_there() -> None:
    sentences = ["the log comes first", "first the log, then the page", "pages come before the log", "nobody knows"]
    whole = CharSimilarity(sentences)
    for number, twin in ((1, 2), (0, None), (3, 0)):
        out = {number, twin}
        left = [at for at in range(4) if at not in out]
        likeness, vote = whole.compare_own(number, twin)
        expected = CharSimilarity([sentences[at] for at in left]).compare(sentences[number])
        assert [likeness[at] for at in left] == pytest.approx(expected[0])
        assert [vote[at] for at in left] == pytest.approx(expected[1])
        assert all(likeness[at] == vote[at] == 0.0 for at in range(4) if at in out)


def test_each_wording_is_held_against_a_rubric_without_it() -> None:
    field = field_of(find_course())
    question = next(iter(questions_of(STATISTICS).values()))
    rubric = Rubric(question, field)
    rows = rows_of([question], field)
    assert len(rows) == len(rubric.texts) + sum(not wrong for wrong in rubric.contradicts)
    assert all(row.values["like_own"] < 0.99 for row in rows if row.label == 0)


def test_weights_move_towards_the_rows_and_stay_without_any_that_disagree() -> None:
    _, model = tuned()
    high = {
        name: mean + deviation for name, mean, deviation in zip(model.names, model.mean, model.deviation, strict=True)
    }
    before = model.probabilities(high)
    moved = adapted(model, [Row(high, 2, 50.0)])
    assert moved.probabilities(high)[2] > before[2]
    still = adapted(model, [Row(high, label, share) for label, share in enumerate(before)])
    assert still.probabilities(high) == pytest.approx(before)
    assert replace(moved, weights=model.weights) == model
