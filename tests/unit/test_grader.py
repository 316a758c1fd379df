"""The offline grader: what counts, what does not, and what it makes of answers that are none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studytui.course.loader import find_course
from studytui.course.quizzes import load_interview, load_pairs
from studytui.domain.rubric import AnswerGrade, Question
from studytui.study.grader import grade, split
from tests.examples import examples
from tests.quick import quickest

ROOT = find_course()
QUESTIONS = {question.id: question for question in load_interview(ROOT)}
FIRST = next(iter(QUESTIONS.values()))


def verdicts(result: AnswerGrade) -> set[str]:
    return {verdict.coverage for verdict in result.verdicts}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_the_model_answer_scores_far_above_nothing(question: Question) -> None:
    result = grade(question, question.model)
    assert result.score >= 0.5, [(v.point_id, v.found, v.confidence) for v in result.verdicts]
    for verdict in result.verdicts:
        if verdict.quote:
            assert question.model[verdict.quote.start : verdict.quote.end] == verdict.quote.text


@pytest.mark.parametrize("said", ["The weather was fine on Sunday, and we went for a walk.", ""])
def test_contradictions_that_nobody_said_weigh_nothing(said: str) -> None:
    """Beside the point, and all that is right: neither is what a rubric names as its contradiction."""
    questions = list(QUESTIONS.values())[::8]
    assert sum(bool(point.contradicts) for question in questions for point in question.points) > 20
    for question in questions:
        result = grade(question, said or question.model)
        assert "contradicted" not in {verdict.found for verdict in result.verdicts}, question.id


def test_an_empty_answer_says_nothing() -> None:
    for text in ("", "  \n", "…!?"):
        result = grade(FIRST, text)
        assert verdicts(result) == {"missed"}
        assert result.score == 0
        assert result.notes


def test_repeating_the_question_earns_nothing() -> None:
    result = grade(FIRST, FIRST.ask)
    assert result.score == 0
    assert "repeating it earns nothing" in " ".join(result.notes)


@pytest.mark.parametrize(
    "text",
    [
        "Ein Bild wird zuerst in Stücke zerlegt, dann werden diese abgebildet und der Reihe nach durch das Netz "
        "geschickt.",
        "Das Bild wird in kleine Quadrate zerlegt und in Vektoren abgebildet, so hat man Tokens.",
        "Le modele decoupe l'image en patchs et chaque patch devient un vecteur par une couche lineaire apprise.",
        "asdf qwer zxcv hjkl uiop bnm ghj rty",
        "".join(chr(33 + (7 * at * at + 13 * at) % 90) + (" " if at % 6 == 5 else "") for at in range(300)),
    ],
    ids=["German", "German with 'in' and 'so'", "French", "keys struck at random", "bytes"],
)
def test_what_is_not_english_is_said_and_not_called_wrong(text: str) -> None:
    result = grade(FIRST, text)
    assert verdicts(result) == {"missed"}
    assert "reads English only" in " ".join(result.notes)


def test_a_row_of_keywords_is_at_most_partly() -> None:
    words = ", ".join(word for point in FIRST.points for word in point.text.split() if len(word) > 5)
    assert "covered" not in verdicts(grade(FIRST, words))


def test_twenty_thousand_words_take_bounded_time() -> None:
    long = "It cuts the picture into pieces and then reads them one after the other. " * 1500
    result = grade(FIRST, long)
    assert quickest(lambda: grade(FIRST, long), 30) < 30
    assert "were read" in " ".join(result.notes)


def test_code_and_escapes_are_data() -> None:
    text = "import torch\ndef f(x):\nreturn x;\nclass A:\n\x1b[31mred\x1b]0;title\x07 " + FIRST.points[0].phrasings[0]
    result = grade(FIRST, text)
    assert result.verdicts[0].coverage == "covered"
    assert all("\x1b" not in v.quote.text for v in result.verdicts if v.quote)


@given(st.text(max_size=400))
def test_the_splitter_loses_nothing(text: str) -> None:
    at = 0
    for sentence in split(text):
        assert sentence.start >= at
        assert text[at : sentence.start].strip() == ""
        inside = sentence.start
        for start, end in sentence.clauses:
            assert text[inside:start].strip() == ""
            inside = end
        assert text[inside : sentence.end].strip() == ""
        at = sentence.end
    assert text[at:].strip() == ""


@settings(max_examples=examples(30), deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_graded(text: str) -> None:
    result = grade(FIRST, text)
    assert 0 <= result.score <= 1
    assert len(result.verdicts) == len(FIRST.points)


def test_held_out_sentences_are_told_apart() -> None:
    """Far above chance on sentences never used to tune; docs/measured.md has the figures and their intervals."""
    pairs = load_pairs(ROOT, "held-out")
    assert len(pairs) >= 150
    scores, counted, labels = [], [], []
    for pair in pairs:
        found = {v.point_id: v for v in grade(QUESTIONS[pair.question], pair.says).verdicts}[pair.point]
        scores.append(found.confidence)
        counted.append(found.coverage == "covered")
        labels.append(pair.label)
    high = [s for s, label in zip(scores, labels, strict=True) if label == "covered"]
    low = [s for s, label in zip(scores, labels, strict=True) if label != "covered"]
    area = sum((a > b) + 0.5 * (a == b) for a in high for b in low) / (len(high) * len(low))
    wrong = [c for c, label in zip(counted, labels, strict=True) if label == "contradicted"]
    assert area >= 0.93
    assert 1 - sum(wrong) / len(wrong) >= 0.85


def test_a_script_grades_one_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from studytui.cli.rehearse import grade_one, list_questions

    file = tmp_path / "answer.txt"
    file.write_text(FIRST.model, encoding="utf-8")
    grade_one(None, FIRST.id, file, as_json=True)
    shown = json.loads(capsys.readouterr().out)
    assert shown["question"] == FIRST.id
    assert 0.5 <= shown["score"] <= 1
    assert {point["id"] for point in shown["points"]} == {point.id for point in FIRST.points}
    assert {"verdict", "quote", "text"} <= set(shown["points"][0])
    list_questions(None, as_json=True)
    assert len(json.loads(capsys.readouterr().out)) == len(QUESTIONS)
