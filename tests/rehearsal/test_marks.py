"""Which words of an answer count for which point."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studytui.domain.rubric import COVERAGES, JudgedPoint, Quote, marked


def point(name: str, coverage: str, quote: tuple[int, int] | None) -> JudgedPoint:
    span = Quote(*quote, "") if quote else None
    return JudgedPoint(name, name, True, 1, (), coverage, None, 1.0, span, "", "offline")  # type: ignore[arg-type]


def test_quotes_cut_the_answer_and_the_strongest_verdict_marks_it() -> None:
    found = list(marked("abcdefghij", [point("a", "covered", (0, 4)), point("b", "contradicted", (2, 6))]))
    assert [(part, mark and (mark.points, mark.coverage)) for part, mark in found] == [
        ("ab", (("a",), "covered")),
        ("cd", (("a", "b"), "contradicted")),
        ("ef", (("b",), "contradicted")),
        ("ghij", None),
    ]


def test_a_missed_point_marks_nothing() -> None:
    assert list(marked("abc", [point("a", "missed", (0, 2)), point("b", "covered", None)])) == [("abc", None)]


@given(
    st.text(max_size=40),
    st.lists(st.tuples(st.sampled_from(COVERAGES), st.integers(-3, 50), st.integers(-3, 50)), max_size=6),
)
def test_the_parts_are_the_answer(answer: str, spans: list[tuple[str, int, int]]) -> None:
    points = [point(str(at), coverage, (start, end)) for at, (coverage, start, end) in enumerate(spans)]
    assert "".join(part for part, _ in marked(answer, points)) == answer
