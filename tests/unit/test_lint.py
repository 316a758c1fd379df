"""Each rule of the lint, provoked on a course of a few cards: which rule, which file, which line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from studytui.course.lint import Report, check, wanted
from studytui.course.loader import card_files, load_cards, load_course, load_syllabus
from studytui.errors import CourseError
from tests.ui.tiny_course import CARDS_1, CHAPTER_1, write_course

TODAY = date(2026, 11, 30)
CARDS, CHAPTER, SYLLABUS = "content/cards/01.toml", "content/chapters/01.md", "content/syllabus.toml"
RECALL, EXERCISES = "quizzes/recall.toml", "quizzes/exercises.toml"
END = CARDS_1.count("\n") + 1
"""The line on which an added card begins."""
PROMPT = """[[prompt]]
id = "recall-1"
section = "1.1"
covers = ["1.1-01"]
ask = "What is a patch?"
answer = "A square."
points = ["A square of pixels", "One token"]
"""
TASK = """[[exercise]]
id = "ex-1"
section = "1.1"
covers = ["1.1-01"]
level = "easy"
minutes = 10
task = "Cut a picture."
strong = ["Names the grid", "Names the token"]
traps = ["Forgets the crop"]
worked = "14 by 14."
"""


def card(**fields: str) -> str:
    """A faultless card as TOML, with some fields changed; '' leaves one out."""
    base = {
        "id": '"added"',
        "section": '"1.1"',
        "covers": '["1.1-01"]',
        "kind": '"basic"',
        "front": '"What makes a token of a square?"',
        "back": '"The projection."',
    }
    return "[[card]]\n" + "".join(f"{name} = {value}\n" for name, value in (base | fields).items() if value)


def choice(right: str, *wrong: str, front: str = '"What is it?"', why: str = "no") -> str:
    options = [f'{{ text = "{right}", correct = true }}']
    options += [f'{{ text = "{one}"{f", why = {why!r}" if why else ""} }}' for one in wrong]
    return card(kind='"choice"', front=front, options=f"[{', '.join(options)}]")


def linted(tmp_path: Path, *added: str, **files: str) -> Report:
    """The report on the tiny course with cards added to its first file, or other files written."""
    root = write_course(tmp_path / "course", cards=CARDS_1 + "\n".join(added))
    for path, text in files.items():
        (root / path).write_text(text, encoding="utf-8")
    return check(root, today=TODAY)


def found(report: Report) -> list[tuple[str, int, str]]:
    return [(finding.path, finding.line, finding.rule) for finding in report.findings]


def test_the_tiny_course_is_clean(tmp_path: Path) -> None:
    report = linted(tmp_path, card(), **{RECALL: PROMPT, EXERCISES: TASK})
    assert found(report) == []
    assert (report.cards, report.machine_checked, report.objectives, report.objectives_covered) == (5, 3, 3, 3)


@pytest.mark.parametrize(
    ("text", "rule", "offset", "words"),
    [
        (card(back=""), "empty-back", 0, "it gives the reason"),
        (card(kind='"numeric"', answer="5", unit='"px"', back='"5 px"'), "bare-back", 6, "only repeats the answer"),
        (card(front=f'"{"x" * 601}"'), "long-front", 5, "601 characters; at most 600"),
        (card(front='"Is a patch a token?"'), "yes-no", 5, "answered by a coin"),
        (card(kind='"cloze"', front='"A softmax is a {{softmax}}."'), "answer-in-question", 5, "around the blank"),
        (choice("aa", "bb", why=""), "no-reason", 7, "the wrong option “bb” has no why"),
        (choice("a very long option that says it all", "bb", "cc"), "give-away", 7, "by far the longest"),
        (choice("the image patch", "a word", front='"What is the image patch?"'), "answer-in-question", 5, "is in"),
        (card(section='"1.9"'), "unknown-section", 2, "no section “1.9”"),
        (card(covers='["1.1-77"]'), "unknown-objective", 3, "no objective “1.1-77”"),
        (card(helpers='["ear"]'), "unknown-helper", 7, "no helper “ear”"),
        (card(lens='"nose"'), "unknown-lens", 7, "no lens “nose”"),
        (card(lab='{ exercise = "patches.cuont" }'), "unknown-exercise", 7, "Did you mean patches.count"),
        (card(lab='{ exercise = "patches.count", set = { image_size = "x" } }'), "lab-parameter", 7, "cannot be posed"),
        (card(dated='"2026-05-01"'), "dated", 7, "213 days ago"),
        (card(id='"patch-count"'), "schema", 1, "line 3 has this id, too"),
        (card(id='"latent-choice"'), None, 0, ""),
        (card(kind='"essay"'), "schema", 4, "there is no kind 'essay'"),
        (card(kind=""), "schema", 0, "this field is missing"),
        (card(colour='"red"'), "schema", 7, "there is no such field"),
        (card(front='""'), "schema", 5, "must not be empty"),
        (card(kind='"cloze"'), "schema", 5, "at least one blank"),
        (card(dated='"soon"'), "schema", 7, "dated"),
        (card(kind='"order"', steps='["a", "b", "b"]'), "schema", 7, "is listed twice"),
    ],
)  # fmt: skip
def test_a_rule_about_a_card_names_its_line(
    tmp_path: Path, text: str, rule: str | None, offset: int, words: str
) -> None:
    report = linted(tmp_path, text)
    if rule is None:
        assert found(report) == [("content/cards/02.toml", 3, "duplicate-id")]
        return
    assert found(report) == [(CARDS, END + offset, rule)], [str(finding) for finding in report.findings]
    assert words in str(report.findings[0])


def test_two_cards_that_ask_the_same_are_told_at_the_second(tmp_path: Path) -> None:
    twin = card(id='"twin"', front='"What makes a token of one square?"')
    report = linted(tmp_path, card(), twin)
    assert found(report) == [(CARDS, END + card().count("\n") + 6, "near-duplicate")]
    assert f"nearly the same as added ({CARDS}:{END})" in report.findings[0].message


def test_exercises_told_apart_by_their_labs_are_no_twins(tmp_path: Path) -> None:
    lab = '{{ exercise = "patches.count", set = {{ image_size = {}, patch_size = 14 }} }}'
    cards = [card(id=f'"x{size}"', kind='"exercise"', lab=lab.format(size)) for size in (224, 336)]
    assert found(linted(tmp_path, *cards)) == []


@pytest.mark.parametrize(
    ("chapter", "expected"),
    [
        ("# One\n\n## 1.1 Patches\n\nText.\n", [(CHAPTER, 1, "missing-text")]),
        ("## 1.1 Patches\n\nText.\n\n## 1.2 Attention\n", [(CHAPTER, 1, "missing-text")]),
        ("## 1.1 Pieces\n\nText.\n\n## 1.2 Attention\n\nText.\n", [(CHAPTER, 1, "other-heading")]),
        (
            "## 1.1 Patches\n\nText.\n\n## 1.2 Attention\n\nText.\n\n## 1.3 B\n\nText.\n",
            [(CHAPTER, 9, "unknown-section")],
        ),
        ("## 1.1 Patches\n\n<!-- dated: 2026-05-01 -->\nx\n\n## 1.2 Attention\n\nText.\n", [(CHAPTER, 3, "dated")]),
        ("## 1.1 Patches\n\n<!-- dated: 2026-13-01 -->\nx\n\n## 1.2 Attention\n\nText.\n", [(CHAPTER, 3, "dated")]),
        ("## 1.1 Patches\n\n<!-- dated: 2026-11-01 -->\nx\n\n## 1.2 Attention\n\nText.\n", []),
    ],
)
def test_rules_about_a_chapter(tmp_path: Path, chapter: str, expected: list[tuple[str, int, str]]) -> None:
    assert found(linted(tmp_path, **{CHAPTER: chapter})) == expected


def test_what_grew_old_is_a_warning_and_what_is_wrong_an_error(tmp_path: Path) -> None:
    report = linted(tmp_path, card(dated='"2026-05-01"'))
    assert [finding.level for finding in report.findings] == ["warning"]
    assert report.errors == 0
    assert linted(tmp_path, card(back="")).errors == 1


def test_an_objective_without_a_card_is_told_at_its_line_in_the_syllabus(tmp_path: Path) -> None:
    report = linted(tmp_path, **{CARDS: CARDS_1[: CARDS_1.rindex("[[card]]")]})
    assert found(report) == [(SYLLABUS, 7, "uncovered")]
    assert report.objectives_covered == 2


@pytest.mark.parametrize(
    ("path", "text", "line", "rule"),
    [
        (RECALL, PROMPT.replace('"1.1"', '"7.7"'), 3, "unknown-section"),
        (RECALL, PROMPT.replace("1.1-01", "1.1-77"), 4, "unknown-objective"),
        (RECALL, PROMPT.replace("answer =", "anwser ="), 6, "schema"),
        (RECALL, PROMPT.replace('"One token"', '"A square of pixels"'), 7, "schema"),
        (RECALL, PROMPT.replace('["A square of pixels", "One token"]', '["One"]'), 7, "schema"),
        (RECALL, PROMPT.replace("What is a patch?", "Why a square of pixels?"), 5, "answer-in-question"),
        (RECALL, PROMPT + "\n" + PROMPT, 10, "schema"),
        (RECALL, "[prompt]\nid = 1\n", 1, "schema"),
        (RECALL, "[[prompt]\n", 1, "schema"),
        (EXERCISES, TASK.replace('"easy"', '"tough"'), 5, "schema"),
        (EXERCISES, TASK.replace("minutes = 10", "minutes = 0"), 6, "schema"),
        (EXERCISES, TASK.replace("traps", "trap"), 9, "schema"),
        (EXERCISES, TASK.replace('"1.1"', '"7.7"'), 3, "unknown-section"),
        (EXERCISES, TASK.replace("Cut a picture.", "Write so that it names the token."), 7, "answer-in-question"),
    ],
)
def test_rules_about_prompts_and_exercises(tmp_path: Path, path: str, text: str, line: int, rule: str) -> None:
    assert found(linted(tmp_path, **{path: text})) == [(path, line, rule)]


def test_all_that_is_wrong_in_a_file_is_told_at_once(tmp_path: Path) -> None:
    report = linted(tmp_path, card(kind='"essay"'), card(id='"b"', colour='"red"'), card(id='"c"', back=""))
    assert [rule for _, _, rule in found(report)] == ["schema", "schema", "empty-back"]
    assert [line for _, line, _ in found(report)] == sorted(line for _, line, _ in found(report))


def test_a_file_that_cannot_be_read_hides_no_other(tmp_path: Path) -> None:
    report = linted(tmp_path, **{CARDS: "[[card]\n", CHAPTER: "## 1.1 P\n\nText.\n"})
    assert (CARDS, 1, "schema") in found(report)
    assert (CHAPTER, 1, "missing-text") in found(report)
    root = write_course(tmp_path / "other")
    (root / CARDS).unlink()
    assert (CARDS, 1, "schema") in found(check(root, today=TODAY))


def test_a_course_file_that_cannot_be_read_ends_it(tmp_path: Path) -> None:
    root = write_course(tmp_path / "course")
    text = (root / "content/course.toml").read_text(encoding="utf-8")
    (root / "content/course.toml").write_text(text.replace('title = "Patches"', "titel = 1"), encoding="utf-8")
    with pytest.raises(CourseError) as caught:
        check(root, today=TODAY)
    assert caught.value.where == "content/course.toml:14"


def test_wanted_lists_objectives_with_a_lab_idea(tmp_path: Path) -> None:
    root = write_course(tmp_path / "course", cards=CARDS_1 + card(lab='{ exercise = "patches.count" }'))
    syllabus = (root / SYLLABUS).read_text(encoding="utf-8")
    (root / SYLLABUS).write_text(
        syllabus.replace('text = "Objective of 1.1."', 'text = "Objective of 1.1."\nlab = "Cut a picture."'),
        encoding="utf-8",
    )
    cards = [one for path in card_files(load_course(root)) for one in load_cards(root, path)]
    (only,) = wanted(load_syllabus(root), cards)
    assert (only.objective, only.idea, only.is_served) == ("1.1-01", "Cut a picture.", False)
    assert "no exercise yet" in str(only)


def test_a_word_of_the_field_that_only_a_later_chapter_has_is_a_warning(tmp_path: Path) -> None:
    early = card(front='"What does a resampler do?"')
    (before, after) = CHAPTER, CHAPTER.replace("01", "02")
    later = (Path(write_course(tmp_path / "plain")) / after).read_text(encoding="utf-8")
    texts = {before: CHAPTER_1, after: f"{later}\nSome bridges are resamplers.\n"}
    (finding,) = linted(tmp_path, early, **texts).findings
    assert (finding.rule, finding.card, finding.field, finding.level) == ("early-term", "added", "front", "warning")
    assert "chapter 2" in finding.message
    assert linted(tmp_path, early, **(texts | {before: f"{CHAPTER_1}\nTell of resamplers.\n"})).findings == ()


CLAIM = "A small CLIP told left from right in 57% of pictures."


@pytest.mark.parametrize("source", ["(exercise `clip.breaks`)", "(Radford and colleagues, 2021)"])
def test_a_measured_figure_names_its_exercise_or_its_paper(tmp_path: Path, source: str) -> None:
    back = f'"**The projection.** {CLAIM}"'
    texts = {CHAPTER: f"{CHAPTER_1}\n{CLAIM}\n"}
    report = linted(tmp_path / "bare", card(back=back), **texts)
    assert [(one.rule, one.path, one.line, one.field) for one in report.findings] == [
        ("unsourced", CARDS, END + 6, "back"),
        ("unsourced", CHAPTER, CHAPTER_1.count("\n") + 2, ""),
    ]
    told = {CHAPTER: f"{CHAPTER_1}\n{CLAIM} {source}\n"}
    assert linted(tmp_path / "told", card(back=f'"**The projection.** {CLAIM} {source}"'), **told).findings == ()


def test_an_unknown_name_in_code_is_no_source(tmp_path: Path) -> None:
    (finding,) = linted(tmp_path, card(back=f'"**The projection.** {CLAIM} `clip.nothing`"')).findings
    assert (finding.rule, finding.field) == ("unsourced", "back")
