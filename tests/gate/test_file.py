"""Gates on the disk: strict reading with file, line and field, and the lint that finds what cannot be passed."""

from __future__ import annotations

import re
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from studytui.course.lint import check
from studytui.course.loader import load_course
from studytui.course.quizzes import load_gate
from studytui.domain.gate import Computed, Gate, Spacing, Written
from studytui.errors import CourseError
from studytui.study.gate import evidence_name, grade_written, passes, pose_item
from tests.gate.course import AUDIT, GATE, write_gated

REPOSITORY = Path(__file__).parents[2]


def gate_at(root: Path) -> Gate:
    return load_gate(root, load_course(root).gates[0])


def wrong(root: Path) -> CourseError:
    with pytest.raises(CourseError) as raised:
        gate_at(root)
    return raised.value


def line_of(text: str, what: str) -> int:
    return text[: text.index(what)].count("\n") + 1


def test_a_gate_is_read_with_its_rule_items_and_parts_in_order(tmp_path: Path) -> None:
    gate = gate_at(write_gated(tmp_path))
    assert (gate.id, gate.unlocks, gate.module) == ("first", "Module 9", "9")
    assert (gate.spacing, gate.test_out_days) == (Spacing(2, 3), 2)
    assert [item.key(part) for item, part in gate.parts()] == [
        "patches/tell", "patches/count", "patches/why", "latents/tell",
    ]  # fmt: skip
    tell, count, why = gate.items[0].parts
    assert isinstance(tell, Written)
    assert isinstance(why, Written)
    assert isinstance(count, Computed)
    assert (tell.kind, why.kind, tell.pass_score) == ("explain", "reason", 0.75)
    assert tell.line == line_of(AUDIT, "[[item.explain]]")
    assert [point.id for point in tell.question.points] == ["square", "project"]
    assert (count.lab.exercise, count.count) == ("patches.count", 2)
    assert gate.items[0].lenses == ("eye",)


def test_the_rule_comes_from_the_file_and_has_defaults(tmp_path: Path) -> None:
    gate = GATE.replace("days = 2, apart_days = 3", "days = 4, apart_days = 7").replace("test_out = { days = 2 }", "")
    read = gate_at(write_gated(tmp_path, gate=gate))
    assert (read.spacing, read.test_out_days) == (Spacing(4, 7), 2)


def test_a_course_may_declare_several_gates_and_none(tmp_path: Path) -> None:
    second = GATE.replace('"first"', '"second"').replace('module = "9"', 'module = "10"')
    root = write_gated(tmp_path, gate=GATE + second)
    assert [head.module for head in load_course(root).gates] == ["9", "10"]
    (root / "content/course.toml").write_text((root / "content/course.toml").read_text().split("[[gate]]")[0])
    assert load_course(root).gates == ()


def test_a_compiled_course_keeps_its_gates(tmp_path: Path) -> None:
    root = write_gated(tmp_path / "course")
    kept = tmp_path / "kept.json"
    first = load_course(root, compiled=kept)
    assert kept.exists()
    assert load_course(root, compiled=kept) == first
    assert first.gates[0].module == "9"


@pytest.mark.parametrize(
    ("old", "new", "said", "field"),
    [
        ("apart_days = 3", "apart_days = 0", "greater than or equal to 1", "gate.0.retention.apart_days"),
        ('module = "9"', "module = 9", "valid string", "gate.0.module"),
        ('file = "audit.toml"', 'file = "../audit.toml"', "must lie inside quizzes/", "file"),
        ("test_out = { days = 2 }", "test_out = 2", "must be a table: { name = value }", "gate.0.test_out"),
        ('unlocks = "Module 9"', 'unlock = "Module 9"', "there is no such field", "gate.0.unlock"),
    ],
)
def test_a_wrong_declaration_is_told_with_its_line(tmp_path: Path, old: str, new: str, said: str, field: str) -> None:
    root = write_gated(tmp_path, gate=GATE.replace(old, new))
    with pytest.raises(CourseError) as raised:
        load_course(root)
    assert said in raised.value.message
    assert raised.value.field == field
    assert raised.value.line == line_of((root / "content/course.toml").read_text(), new)


def test_two_gates_of_one_name_are_refused(tmp_path: Path) -> None:
    root = write_gated(tmp_path, gate=GATE + GATE)
    with pytest.raises(CourseError, match="another gap audit is called"):
        load_course(root)


@pytest.mark.parametrize(
    ("old", "new", "said", "at"),
    [
        ("count = 2", "count = 0", "greater than or equal to 1", "count = 0"),
        ('exercise = "patches.count"', "", "this field is missing", "[[item.compute]]"),
        ("weight = 3", "weight = 9", "less than or equal to 3", "weight = 9"),
        ('ask = "Why are positions added?"', 'asked = "Why?"', "there is no such field", "asked ="),
        ('id = "why"', 'id = "tell"', "this part is also in line", 'id = "tell"\ntitle = "Why positions"'),
        ('id = "latents"', 'id = "patches"', "has this id, too", 'id = "patches"\ntitle = "What latents'),
        ('sections = ["2.1"]', 'sections = ["two"]', "is not of the form", 'sections = ["two"]'),
        ('sections = ["1.1"]', 'sections = ["1.1", "1.1"]', "is listed twice", 'sections = ["1.1", "1.1"]'),
        ("vary = {", "set = { patch_size = 14 }\nvary = {", "both set and vary", "[[item.compute]]"),
        ('model = "A compressed code."', 'model = ""', "must not be empty", 'model = ""'),
        ("objectives = [", "objective = [", "there is no such field", "objective ="),
    ],
)
def test_a_wrong_item_is_told_with_its_line(tmp_path: Path, old: str, new: str, said: str, at: str) -> None:
    text = AUDIT.replace(old, new)
    error = wrong(write_gated(tmp_path, audit=text))
    assert said in error.message
    assert error.path == "quizzes/audit.toml"
    assert error.line == line_of(text, at)


def test_an_item_without_parts_and_a_file_without_items_are_refused(tmp_path: Path) -> None:
    bare = AUDIT.split("[[item.explain]]", maxsplit=1)[0]
    assert "at least one part" in wrong(write_gated(tmp_path / "a", audit=bare)).message
    assert "at least one [[item]]" in wrong(write_gated(tmp_path / "b", audit="")).message
    root = write_gated(tmp_path / "c")
    (root / "quizzes/audit.toml").unlink()
    assert str(wrong(root)).startswith(
        "content/course.toml:44: file: the gap audit “first” names quizzes/audit.toml, and that"
    )


COMPUTED = AUDIT[AUDIT.index('exercise = "patches.count"') : AUDIT.index("\n[[item.reason]]")]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('objectives = ["1.1-01"]', 'objectives = ["1.1-99"]', "unknown-objective"),
        ('sections = ["2.1"]', 'sections = ["7.7"]', "unknown-section"),
        ('lens = "eye"', 'lens = "nose"', "unknown-lens"),
        ('exercise = "patches.count"', 'exercise = "patches.cuont"', "unknown-exercise"),
        ("patch_size = [16]", "patch_size = [2]", "lab-parameter"),
        ("image_size = [224, 256, 288, 320, 336, 384]", "image_size = [224]", "few-problems"),
        (COMPUTED, 'exercise = "patches.shift"\ncount = 4\n', "guessable"),
        ('id = "tell"\ntitle = "Explain latents"', 'title = "Explain latents"', "schema"),
    ],
)  # fmt: skip
def test_lint_finds_what_cannot_be_passed(tmp_path: Path, old: str, new: str, rule: str) -> None:
    root = write_gated(tmp_path, audit=AUDIT.replace(old, new))
    found = [one for one in check(root, today=date(2026, 3, 1)).findings if one.path == "quizzes/audit.toml"]
    assert [one.rule for one in found] == [rule]
    assert found[0].line > 1


def test_lint_finds_an_objective_that_no_card_can_keep(tmp_path: Path) -> None:
    root = write_gated(tmp_path)
    (root / "content/cards/02.toml").write_text("", encoding="utf-8")
    found = [one for one in check(root, today=date(2026, 3, 1)).findings if one.path == "quizzes/audit.toml"]
    assert [(one.rule, one.card) for one in found] == [("no-card", "latents")]


@pytest.mark.usefixtures("real_grader")
def test_each_part_in_words_takes_its_model_answer_and_nothing_beside_the_point() -> None:
    for _, part in gate_at(REPOSITORY).parts():
        if isinstance(part, Written):
            assert passes(part, grade_written(part, part.question.model)), part.id
            for text in ("I like trains.", part.question.ask):
                assert not passes(part, grade_written(part, text)), (part.id, text)


def test_no_code_knows_which_module_or_course_a_gate_is_for() -> None:
    heads = load_course(REPOSITORY).gates
    assert heads
    named = {name for head in heads for name in (head.id, head.unlocks, head.file)}
    for path in (REPOSITORY / "studytui").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not [name for name in named if name in text], path
    about = [path for path in (REPOSITORY / "studytui").rglob("*.py") if "gate" in path.name]
    assert len(about) >= 5
    assert not [path for path in about if re.search(rf"\b{heads[0].module}\b", path.read_text(encoding="utf-8"))]


def test_patches_are_counted_for_as_many_sizes_as_answers_are_asked_for() -> None:
    """Fresh numbers of this part are fresh sizes, enough of them for two days and some mistakes."""
    part = next(part for item, part in gate_at(REPOSITORY).parts() if item.key(part) == "tokens/count")
    assert isinstance(part, Computed)
    sizes, named = set(), {}
    for seed in range(400):
        problem = pose_item(part, (), draw=partial(int, seed))
        sizes.add(problem.params["image_size"])
        named[evidence_name(problem)] = problem.params["image_size"]
    assert len(named) == len(set(named.values())) == len(sizes) >= 12


def test_the_course_has_the_four_foundations_and_nothing_to_find() -> None:
    gate = gate_at(REPOSITORY)
    assert gate.unlocks == "Module 14"
    assert [item.sections for item in gate.items] == [("2.2",), ("2.1", "2.6"), ("4.2",), ("4.3",)]
    asked = {item.id: {part.lab.exercise for part in item.parts if isinstance(part, Computed)} for item in gate.items}
    assert asked == {
        "tokens": {"patches.count", "patches.sequence"},
        "encoder": {"patches.shift", "patches.crop", "patches.shapes"},
        "latent": {"denoising.latent_size", "denoising.latent_neighbours"},
        "noise": {"denoising.snr", "denoising.more_signal"},
    }
    counts = [part.count for _, part in gate.parts() if isinstance(part, Computed) and part.id == "count"]
    assert counts == [3]
    for item in gate.items:
        kinds = [part.kind for part in item.parts]
        assert {"explain", "compute", "reason"} <= set(kinds)
        for part in item.parts:
            if isinstance(part, Written):
                assert 3 <= len(part.question.points) <= 6
                for point in part.question.points:
                    assert 4 <= len(point.phrasings) <= 7
                    assert point.contradicts
                    assert point.covers
    findings = check(REPOSITORY, today=date(2026, 11, 25)).findings
    assert [str(one) for one in findings if one.path in ("quizzes/audit.toml", "content/course.toml")] == []
