"""From verdicts to a score, a grade, and the follow-up to what is most worth asking."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studytui.domain.rubric import (
    COVERAGES,
    AnswerGrade,
    Coverage,
    Point,
    PointVerdict,
    Probe,
    Question,
    as_found,
    by_whom,
    grade_of,
    nothing_said,
    percent,
    self_check,
)

QUESTION = Question(
    id="q",
    ask="Why?",
    model="Because.",
    points=(
        Point("light", "light", ("so",), weight=1),
        Point("heavy", "heavy", ("so",), weight=3),
        Point("extra", "extra", ("so",), weight=3, must=False),
        Point("other", "other", ("so",), weight=3, covers=("1.1-02",)),
    ),
    covers=("1.1-01",),
    think_seconds=30,
    answer_seconds=150,
    probes=(
        Probe("light", "light?", "light."),
        Probe("extra", "extra?", "extra."),
        Probe("heavy", "heavy?", "heavy."),
        Probe("other", "other?", "other."),
    ),
)
LETTERS: dict[str, Coverage] = {coverage[0]: coverage for coverage in COVERAGES} | {"x": "contradicted", "c": "covered"}


def graded(letters: str) -> AnswerGrade:
    """c, p, m or x for each point: covered, partly, missed or contradicted."""
    verdicts = tuple(
        PointVerdict(point.id, LETTERS[letter], 1.0) for point, letter in zip(QUESTION.points, letters, strict=True)
    )
    return AnswerGrade(QUESTION, "so", verdicts, "offline")


@pytest.mark.parametrize(
    ("letters", "score", "grade"),
    [
        ("ccmc", 1.0, 5),  # what is a bonus need not be said
        ("cccc", 1.0, 5),
        ("mmmm", 0.0, 0),
        ("mmcm", 0.1, 1),
        ("mcmc", 6 / 7, 4),
        ("cpmc", 5.5 / 7, 4),
        ("cmmc", 4 / 7, 3),
        ("cxmc", 2.5 / 7, 2),  # said wrong is worse than not said
        ("xxxx", 0.0, 0),
    ],
)
def test_the_score_is_the_weight_of_the_musts_less_what_is_wrong(letters: str, score: float, grade: int) -> None:
    found = graded(letters)
    assert found.score == pytest.approx(score)
    assert found.grade == grade


def test_the_grades_begin_where_they_say() -> None:
    begins = [0.0, 0.1, 0.35, 0.55, 0.75, 0.9]
    assert [grade_of(bound) for bound in begins] == [0, 1, 2, 3, 4, 5]
    assert [grade_of(bound - 1e-9) for bound in begins[1:]] == [0, 1, 2, 3, 4]


@given(st.text(alphabet="cpmx", min_size=4, max_size=4), st.integers(0, 3))
def test_saying_more_never_costs_and_the_score_stays_in_bounds(letters: str, at: int) -> None:
    order = "xmpc"
    scores = [graded(letters[:at] + letter + letters[at + 1 :]).score for letter in order]
    assert scores == sorted(scores)
    assert all(0 <= score <= 1 for score in scores)


@pytest.mark.parametrize(
    ("letters", "missed", "asked"),
    [
        ("mmmm", ["heavy", "other", "light", "extra"], "heavy?"),
        ("mpmm", ["other", "heavy", "light", "extra"], "other?"),  # half said comes after not said
        ("mmmx", ["other", "heavy", "light", "extra"], "other?"),  # said wrong comes first
        ("mcmc", ["light", "extra"], "light?"),
        ("ccmc", ["extra"], "extra?"),
        ("cccc", [], None),
    ],
)
def test_the_follow_up_is_for_the_most_important_missed_point(
    letters: str, missed: list[str], asked: str | None
) -> None:
    found = graded(letters)
    assert [point.id for point in found.missed] == missed
    assert (found.probe.ask if found.probe else None) == asked


def test_a_follow_up_is_a_short_question_about_its_point_alone() -> None:
    probe = QUESTION.as_probe(QUESTION.probes[3])
    assert (probe.id, probe.ask, probe.model) == ("q/other", "other?", "other.")
    assert ([point.id for point in probe.points], probe.covers) == (["other"], ("1.1-02",))
    assert (probe.think_seconds, probe.answer_seconds, probe.probes) == (10, 60, ())
    assert QUESTION.as_probe(QUESTION.probes[1]).points[0].must
    assert QUESTION.as_probe(QUESTION.probes[0]).covers == ("1.1-01",)


def test_the_learners_word_counts_and_the_graders_is_kept() -> None:
    changed = graded("mmmm").choose("heavy", "covered")
    assert changed.score > graded("mmmm").score
    verdict = next(verdict for verdict in changed.verdicts if verdict.point_id == "heavy")
    assert (verdict.found, verdict.chosen, verdict.coverage) == ("missed", "covered", "covered")
    assert as_found(changed).score == graded("mmmm").score
    assert changed.choose("heavy", None).score == graded("mmmm").score
    assert [point.is_changed for point in changed.points] == [point.id == "heavy" for point in changed.points]
    assert not any(point.is_changed for point in replace(changed, grader="yourself").points)
    assert not any(point.is_changed for point in changed.choose("heavy", "missed").points)


def test_who_graded_is_said_in_words() -> None:
    assert by_whom(graded("mmmm").grader) == "graded offline"
    assert by_whom(self_check(QUESTION, "").grader) == "judged by you"
    assert by_whom(nothing_said(QUESTION).grader) == "nothing was said"
    assert by_whom("tiny at localhost:1") == "by tiny at localhost:1"


def test_the_real_grader_is_the_one_named_so() -> None:
    from studytui.study.grader import grade

    assert by_whom(grade(QUESTION, "It is so.").grader) == "graded offline"


def test_a_score_is_not_rounded_across_the_bound_of_a_grade() -> None:
    assert (percent(0.5454), grade_of(0.5454)) == ("54%", 2)
    assert (percent(0.55), percent(1.0), percent(0.0), percent(0.29)) == ("55%", "100%", "0%", "29%")
