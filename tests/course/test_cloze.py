"""The text of a cloze: blanks, spellings, braces and strokes that are meant as such."""

from __future__ import annotations

from collections.abc import Container

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs import numbers
from studytui.course.schema import parse_cloze
from studytui.domain.cards import Cloze
from studytui.domain.verdict import Reading, Verdict


def check_cloze(body: Cloze, typed: list[str], course_words: Container[str] = frozenset()) -> Verdict:
    return body.check(typed, Reading(numbers, course_words))


@pytest.mark.parametrize(
    ("front", "segments", "accepted"),
    [
        ("A {{patch}}.", ("A ", "."), [("patch",)]),
        ("A {{patch|image patch}}, {{b}}", ("A ", ", ", ""), [("patch", "image patch"), ("b",)]),
        (r"{{q(x_t\|x_0)}}", ("", ""), [("q(x_t|x_0)",)]),
        (r"{{p(a\|b)|P(a\|b)}}", ("", ""), [("p(a|b)", "P(a|b)")]),
        (r"{{\frac{q}{d}}}", ("", ""), [(r"\frac{q}{d}",)]),
        (r"{{\frac{q k}{\sqrt{d}}}} is it", ("", " is it"), [(r"\frac{q k}{\sqrt{d}}",)]),
        (r"{{\frac{a|b}{d}|other}}", ("", ""), [(r"\frac{a|b}{d}", "other")]),
        ("{{{name}}}", ("", ""), [("{name}",)]),
        ("{{{a}, {b}}}", ("", ""), [("{a}, {b}",)]),
        (r"Write \{{x\}} for {{this}}", ("Write {{x}} for ", ""), [("this",)]),
        (r"$\sqrt{\frac{a}{b}}$ is {{this}}", (r"$\sqrt{\frac{a}{b}}$ is ", ""), [("this",)]),
        ("{a} and {{b}} and {c}", ("{a} and ", " and {c}"), [("b",)]),
        ("{{a}}{{b}}", ("", "", ""), [("a",), ("b",)]),
        ("two\n{{lines\nlong}}", ("two\n", ""), [("lines\nlong",)]),
        ("{{c1::patch::hint}}", ("", ""), [("c1::patch::hint",)]),
    ],
)
def test_a_front_becomes_texts_and_blanks(
    front: str, segments: tuple[str, ...], accepted: list[tuple[str, ...]]
) -> None:
    body = parse_cloze(front)
    assert body.segments == segments
    assert [blank.accepted for blank in body.blanks] == accepted
    assert check_cloze(body, [spellings[-1] for spellings in accepted]).correct


@pytest.mark.parametrize(
    ("front", "says"),
    [
        ("no blank", "at least one blank"),
        (r"only \{{text\}}", "at least one blank"),
        ("{{open", "not closed"),
        ("{{open {{twice}}", "not closed"),
        ("shut}} {{a}}", "not closed"),
        ("{{a}} shut}}", "not closed"),
        (r"{{\frac{q}{d}}", "not closed"),
        ("{{{a}}", "not closed"),
        ("{{a}}}", "closing brace too many"),
        ("{{}}", "empty spelling"),
        ("{{a| }}", "empty spelling"),
        ("{{|a}}", "empty spelling"),
    ],
)
def test_what_is_no_cloze_says_why(front: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_cloze(front)


@given(st.lists(st.text(alphabet="ab |\\{}", max_size=8), min_size=1, max_size=4).map("{{a}}".join))
def test_any_front_is_a_cloze_or_says_why_not(front: str) -> None:
    try:
        body = parse_cloze(front)
    except ValueError as error:
        assert str(error)
    else:
        assert len(body.segments) == len(body.blanks) + 1
        assert all(spelling.strip() for blank in body.blanks for spelling in blank.accepted)
