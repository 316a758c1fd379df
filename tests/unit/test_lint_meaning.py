"""Faults of meaning planted in a course: each is found, at its file, line, card and field, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from studytui.course.lint import check
from studytui.course.lint_cards import wrong_sums
from tests.ui.tiny_course import CARDS_1, CARDS_2, CHAPTER_1, write_course
from tests.unit.test_lint import CARDS, CHAPTER, END, SYLLABUS, TODAY, card, choice, linted

CARDS_OF_2 = "content/cards/02.toml"


def numeric(**fields: str) -> str:
    return card(**{"kind": '"numeric"', "answer": "10", "unit": '"px"', "back": '"Half of 20."', **fields})


def cloze(front: str, **fields: str) -> str:
    return card(**{"kind": '"cloze"', "front": front, **fields})


@pytest.mark.parametrize(
    ("text", "rule", "field", "words"),
    [
        (numeric(answer="11", back='"5 + 5 = **10**."'), "answer-not-in-back", "answer", "11 px is not what the back"),
        (numeric(answer="11", back='"20 / 2 = 10."'), "answer-not-in-back", "answer", "the back says: 10"),
        (numeric(answer="0.3", unit='""', back='"It is **1/3**."'), "answer-not-in-back", "answer", "1/3"),
        (numeric(mistakes='[{ value = 10, why = "x" }]'), "mistake-is-right", "mistakes.0.value", "answer itself"),
        (numeric(tolerance="2", mistakes='[{ value = 12, why = "x" }]'), "mistake-is-right", "mistakes.0.value",
         "within the tolerance of 2"),
        (numeric(tolerance_percent="30", mistakes='[{ value = 5, why = "a" }, { value = 8, why = "b" }]'),
         "mistake-is-right", "mistakes.1.value", "within the tolerance of 3"),
        (numeric(mistakes='[{ value = 5, why = "a" }, { value = 5.0, why = "b" }]'),
         "mistake-twice", "mistakes.1.value", "5 stands there before"),
        (numeric(hints='["Halve it.", "It is 10."]'), "answer-in-hint", "hints.1", "“10” is the answer"),
        (numeric(answer="2", hints='["4 / 2 = 2"]', back='"**2**, one half."'), "answer-in-hint", "hints.0", "“2” is"),
        (cloze('"A {{patch|square}} of pixels."', hints='["A square, as on a chess board"]'), "answer-in-hint",
         "hints.0", "“square” is the answer"),
        (choice("the projector", "bb") + 'hints = ["Think of the projector."]\n', "answer-in-hint", "hints.0",
         "projector"),
        (cloze('"A {{c1::patch::square}} of pixels."'), "anki-cloze", "front", "here it is {{patch}}"),
        (card(front='"A {{c12::patch}} of pixels?"'), "anki-cloze", "front", "Anki's way"),
        (card(front='"A {{patch}} of what?"'), "blank-elsewhere", "front", "only the front of a cloze"),
        (card(back='"A {{patch}}."'), "blank-elsewhere", "back", "shown with its braces"),
        (card(back='"The **projection."'), "emphasis", "back", "“**” has no partner"),
        (card(back='"The *projection."'), "emphasis", "back", "“*” has no partner"),
        (card(back='"The `projection."'), "emphasis", "back", "“`” has no partner"),
        (cloze('"A **{{patch}} of pixels."'), "emphasis", "front", "“**” has no partner"),
        (choice("aa", "bb", why="n**o"), None, "", ""),
        (choice("aa", "bb", why="**no"), "emphasis", "options.1.why", "“**” has no partner"),
        (card(back='"So 14 × 14 = 169 patches."'), "wrong-sum", "back", "“14 × 14 = 169” does not come out; it is 196"),
        (card(back='"So 12 / 20 = **55%**."'), "wrong-sum", "back", "it is 0.6"),
        (card(section='"2.1"'), "misfiled", "section", "section 2.1 has its cards in content/cards/02.toml"),
    ],
)  # fmt: skip
def test_a_fault_of_meaning_is_found_at_its_field(
    tmp_path: Path, *, text: str, rule: str | None, field: str, words: str
) -> None:
    found = linted(tmp_path, text).findings
    if rule is None:
        assert found == ()
        return
    (finding,) = found
    name = field.partition(".")[0]
    line = next(number for number, one in enumerate(text.splitlines()) if one.startswith(f"{name} ="))
    assert (finding.rule, finding.field, finding.path, finding.line) == (rule, field, CARDS, END + line)
    assert (finding.card, finding.level) == ("added", "error")
    assert words in finding.message
    assert str(finding).startswith(f"{CARDS}:{END + line}: [added] {field}: ")


@pytest.mark.parametrize(
    "text",
    [
        numeric(back='"Half of 20, **ten**."'),
        numeric(back='"20 / 2 = **10**, not 20."'),
        numeric(answer="196", tolerance="1", mistakes='[{ value = 198, why = "x" }]', back='"14² = **196**."'),
        numeric(answer="60", unit='"%"', back='"12 / 20 = **0.6**."'),
        numeric(answer="0.3333", unit='""', tolerance="0.001", back='"It is **⅓**."'),
        numeric(answer="86.6e6", unit='""', back='"About **86.6 million** weights."'),
        numeric(answer="2", hints='["Divide by 2."]', back='"4 / 2 = **2**."'),
        card(back='"T*P, 14*14*3 and f(x)*g(x), $a*b$ and A* search."'),
        card(back='"10 · 0.693 = 6.93, 3/30 = 10% (in words), 2 × (3 + 4) = 14, ln 64 = 6 · 0.693 = 4.16."'),
        card(back='"1,024 × 1,024 × 3 = 3.1 million and 16 · 196 = 56²."'),
        cloze('"Write {{x\\\\|y}} for it."'),
    ],
)
def test_what_only_looks_like_a_fault_is_none(tmp_path: Path, text: str) -> None:
    assert [str(finding) for finding in linted(tmp_path, text).findings] == []


def test_a_blank_beside_another_word_of_the_course_is_a_warning(tmp_path: Path) -> None:
    near = cloze('"Cut it into one {{patch}}."', back='"One of many in a batch, says the squadron."')
    (finding,) = linted(tmp_path, near).findings
    assert (finding.rule, finding.field, finding.level) == ("near-word", "front", "warning")
    assert "“patch” is one letter from “batch”" in finding.message


@pytest.mark.parametrize(
    ("units", "at", "words"),
    [
        (("GB", "GB", "gigabytes"), 2, "“gigabytes” is spelt “GB” on 2 other cards"),
        (("patches", "patch", "patches"), 1, "“patch” is spelt “patches” on 2 other cards"),
        (("px", "pixels"), 1, "“pixels” is spelt “px” on 1 other card."),
        (("tokens", "tokesn", "tokens"), 1, "“tokesn” looks misspelt; another card has “token”"),
    ],
)
def test_a_unit_spelt_in_two_ways_is_a_warning(tmp_path: Path, units: tuple[str, ...], at: int, words: str) -> None:
    fronts = ("How many are there in the first case of all?", "What did a colleague find?", "Which size has the third?")
    cards = [
        numeric(id=f'"n{number}"', front=f'"{front}"', unit=f'"{unit}"')
        for number, (unit, front) in enumerate(zip(units, fronts, strict=False))
    ]
    (finding,) = linted(tmp_path, *cards).findings
    assert (finding.rule, finding.field, finding.level, finding.card) == ("unit", "unit", "warning", f"n{at}")
    assert words in finding.message


def test_a_wrong_sum_and_a_stray_star_in_a_chapter_are_told_at_their_lines(tmp_path: Path) -> None:
    text = CHAPTER_1.replace("A patch is a square.", "A **patch is a square.\n\nSo 14 × 14 = 169.")
    found = [(one.path, one.line, one.rule) for one in linted(tmp_path, **{CHAPTER: text}).findings]
    assert found == [(CHAPTER, 7, "emphasis"), (CHAPTER, 9, "wrong-sum")]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (CARDS, CARDS_1.replace('answer = 196', "answer = 196 patches")),
        (CARDS_OF_2, CARDS_2.replace("options = [", "options = [[")),
        (CARDS, CARDS_1.replace('kind = "numeric"', 'kind = "nummeric"')),
        (CARDS, CARDS_1.replace("answer = 196", 'answer = "196"')),
        (CARDS_OF_2, CARDS_2.replace("options =", "opitons =")),
        ("quizzes/recall.toml", "[[prompt]\n"),
        ("quizzes/exercises.toml", "[[exercise]\n"),
        ("quizzes/interview.toml", "[[question]\n"),
    ],
)  # fmt: skip
def test_one_error_in_a_file_is_one_finding(tmp_path: Path, path: str, text: str) -> None:
    root = write_course(tmp_path / "course")
    (root / path).write_text(text, encoding="utf-8")
    (finding,) = check(root, today=TODAY).findings
    assert (finding.rule, finding.path) == ("schema", path)


def test_an_objective_of_a_readable_file_stays_uncovered_beside_an_unreadable_one(tmp_path: Path) -> None:
    root = write_course(tmp_path / "course", cards=CARDS_1[: CARDS_1.rindex("[[card]]")])
    (root / CARDS_OF_2).write_text(CARDS_2 + "\n[[card]\n", encoding="utf-8")
    found = [(one.path, one.rule) for one in check(root, today=TODAY).findings]
    assert found == [(CARDS_OF_2, "schema"), (SYLLABUS, "uncovered")]


@pytest.mark.parametrize(
    "text",
    [
        "14 × 14 = 196", "14 x 14 = 196", "2^10 = 1,024", "100 / 3 = 33.3", "100/3 ≈ 33", "6.74 · 14 = 94 GB",
        "see 3-5 = five", "a × 3 = 7", "(2 + 3) × 4 = 20", "3 × 4 = 2 × 6", "0.2 · 0.2 = **4%**",
        "24 · 60 = 1.4 thousand", "0.9^6 = 0.531", "10 − 12 = −2", "9 - 4 = 5", "x = 3 × 4 = 12",
        f"{'9' * 400} × 2 = 4",
    ],
)  # fmt: skip
def test_sums_that_come_out_are_left_alone(text: str) -> None:
    assert list(wrong_sums(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "14 × 14 = 169",
        "2^10 = 1,042",
        "100/3 = 35",
        "1 + 2 + 3 = 7",
        "0.9^6 = 0.351",
        "24 · 60 = 1.6 thousand",
        f"2 × 2 = {'4' * 400}",
    ],
)
def test_sums_that_do_not_come_out_are_found(text: str) -> None:
    assert len(list(wrong_sums(text))) == 1
