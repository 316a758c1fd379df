"""The questions of the rehearsal as they were promised: how many, about what, and with what in their rubrics."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

from studytui.course.lint import check
from studytui.course.loader import find_course, load_course, load_syllabus
from studytui.course.quizzes import load_interview
from studytui.domain.rubric import LEVELS, Question
from studytui.domain.spelling import fold
from studytui.study.grader import grade
from studytui.study.submissions import chapter_of
from tests.content.test_authored_files import TODAY

ROOT = find_course()
COURSE = load_course(ROOT)


@cache
def questions() -> tuple[Question, ...]:
    return tuple(load_interview(ROOT))


def asked(*words: str) -> list[str]:
    """The design questions in which all of the words stand."""
    return [one.id for one in questions() if one.kind == "design" and all(word in one.ask.casefold() for word in words)]


def test_the_files_lint_clean() -> None:
    found = [str(one) for one in check(ROOT, today=TODAY).findings if one.path.startswith("quizzes/")]
    assert found == []


def test_the_seven_and_at_least_forty_five_more_over_all_chapters_and_levels() -> None:
    seven = [one for one in questions() if one.is_one_of_seven]
    assert len(seven) == 7
    assert all("6.3" in one.sections for one in seven)
    objectives = {one.id for one in load_syllabus(ROOT) if one.section == "6.3"}
    assert objectives & {objective for one in seven for objective in one.covers}
    rest = [one for one in questions() if not one.is_one_of_seven]
    assert len(rest) >= 45
    assert {chapter_of(one) for one in questions()} == {str(chapter.number) for chapter in COURSE.chapters}
    assert {one.level for one in rest} == set(LEVELS)


def test_every_kind_is_there_and_debugging_goes_through_all_lenses() -> None:
    kinds = Counter(one.kind for one in questions())
    assert set(kinds) == {"concept", "contrast", "numbers", "debugging", "design", "judgement"}
    assert min(kinds.values()) >= 4
    lenses = Counter(lens for one in questions() if one.kind == "debugging" for lens in one.lenses)
    assert set(lenses) == {lens.id for lens in COURSE.lenses}
    assert min(lenses.values()) >= 2


def test_the_four_designs_and_both_judgements_are_asked() -> None:
    assert asked("returns")
    assert asked("board")
    assert asked("catalogue")
    assert asked("video", "evaluat")
    judged = [one.ask for one in questions() if one.kind == "judgement"]
    assert any(re.search(r"refuse to automate|never automate", ask) for ask in judged)
    assert any(re.search(r"number.*weekly|metric.*week", ask) for ask in judged)


def test_every_rubric_is_whole() -> None:
    for one in questions():
        assert 3 <= len(one.points) <= 8, one.id
        assert any(point.must for point in one.points), one.id
        assert len(one.mistakes) >= 2, one.id
        assert 2 <= len(one.probes) <= 3, one.id
        assert one.covers, one.id
        assert one.answer_seconds >= 60 and one.think_seconds >= 10, one.id
        assert 80 <= len(one.model.split()) <= 250, one.id
        for point in one.points:
            assert len(point.phrasings) >= 3, (one.id, point.id)
            assert point.contradicts, (one.id, point.id)
            assert point.covers, (one.id, point.id)
    weights = Counter(point.weight for one in questions() for point in one.points)
    assert set(weights) == {1, 2, 3}
    assert any(not point.must for one in questions() for point in one.points)


def test_a_model_answer_is_nobody_elses_and_no_list_of_its_rubric() -> None:
    """Sentences of a chapter or of the rubric, pasted, would teach reciting and make the model answer grade itself."""
    written = fold(" ".join((ROOT / "content" / chapter.text).read_text("utf-8") for chapter in COURSE.chapters))
    for one in questions():
        own = {fold(text) for point in one.points for text in (point.text, *point.phrasings)}
        for sentence in re.split(r"(?<=[.!?])\s+", one.model):
            said = fold(sentence)
            if len(said.split()) >= 8:
                assert said not in written, (one.id, sentence)
                assert said not in own, (one.id, sentence)


def test_the_answers_to_follow_ups_are_covered_by_the_rubrics_of_their_own() -> None:
    found = Counter(
        grade(question.as_probe(probe), probe.model).verdicts[0].coverage
        for question in questions()[::4]
        for probe in question.probes
    )
    assert found["covered"] >= 0.85 * found.total(), found  # of all of them: the benchmark's row “probes”
    assert found["contradicted"] <= 0.02 * found.total(), found
