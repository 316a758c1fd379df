"""Numbers as people type them: what they are read as, what is right, what is sent back, and how long that takes."""

from __future__ import annotations

import math
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from labs.numbers import FormulaError, display, evaluate, literal, values, weigh
from studytui.domain.verdict import format_number
from tests.examples import examples
from tests.quick import quickest

CASES = Path(__file__).parents[1] / "cases"
PAGE = (Path(__file__).parents[2] / "docs" / "answers.md").read_text(encoding="utf-8")
UNITS = ("", "patches", "%", "points", "GB", "million parameters", "times", "px/frame", "hours", "power ratio", "nats")
LONGEST_SECONDS = 0.05


def cases(name: str) -> list[Any]:
    kinds = tomllib.loads((CASES / name).read_text(encoding="utf-8"))["kind"]
    return [pytest.param(case, id=f"{kind['name']}: {case['typed']!r}") for kind in kinds for case in kind["cases"]]


def weighed(typed: str, answer: float, unit: str = "", percent: float = 1.0) -> Any:
    return weigh(typed, right=answer, slack=abs(answer) * percent / 100 + abs(answer) * 1e-9, unit=unit)


@pytest.mark.parametrize("case", [*cases("numbers.toml"), *cases("more_numbers.toml")])
def test_what_people_type_comes_out_as_the_cases_say(case: dict[str, Any]) -> None:
    found = weighed(case["typed"], case["answer"], case.get("unit", ""))
    assert found.says == case["says"], found
    assert bool(found.values) == (found.says != "ask")
    assert bool(found.message) == (found.says == "ask")


@pytest.mark.parametrize(
    ("typed", "answer", "unit", "read_as"),
    [
        ("2,048", 2048, "", "2,048"),
        ("2,048", 2.048, "GB", "2.048 GB"),
        ("86 million", 86, "million parameters", "86,000,000 = 86 million parameters"),
        ("86", 86, "million parameters", "86 million parameters"),
        ("4.43e9 bytes", 4.43, "GB", "4,430,000,000 bytes = 4.43 GB"),
        ("0.6", 60, "%", "0.6 = 60%"),
        ("0.6", 0.6, "%", "0.6"),
        ("11.1%", 0.111, "", "11.1% = 0.111"),
        ("14²", 196, "patches", "196"),
        ("6.0206 dB", 4, "power ratio", "6.0206 dB = 4"),
        ("log 2", math.log10(2), "", "0.30103"),
        ("half", 0.5, "", "0.5"),
    ],
)
def test_how_a_number_was_read_is_said(typed: str, answer: float, unit: str, read_as: str) -> None:
    found = weighed(typed, answer, unit)
    assert (found.says, found.read_as) == ("right", read_as)


@pytest.mark.parametrize(
    ("typed", "unit", "says"),
    [
        ("", "", "No answer yet: type a number, or say that you don't know."),
        ("hhl", "", "No number was found in “hhl”. "),
        ("196 or 197", "", "There is more than one answer. "),
        ("196 197", "", "There is more than one number. "),
        ("190-200", "", "That is a range, not a number. "),
        ("at least 196", "", "That is a bound, not a number. "),
        ("196 foo", "", "“foo” is not understood. "),
        ("196 px", "patches", "The answer is asked for in patches, not in px. "),
        ("4.43 ms", "GB", "The answer is asked for in GB, not in ms. "),
        ("196%", "patches", "The answer is asked for in patches, not in %. "),
        ("53.1 %s", "%", "The answer is asked for in %, not in %s. "),
        ("53.1 s%", "%", "The answer is asked for in %, not in s%. "),
        ("53.1 %%", "%", "There is more than one sign for per cent. "),
        ("1/0", "", "That divides by zero. "),
        ("9^9^9", "", "That is too large a number. "),
        ("√-1", "", "A negative number has no such root. "),
        ("(14*14", "", "A bracket is left open. "),
        ("12,34,5", "", "“12,34,5” is not a number: its commas and points do not fit. "),
        ("5 +", "", "Something is missing at the end. "),
        ("196m", "patches", "Read as 196,000,000, with the “m” for a scale. "),
    ],
)
def test_what_is_sent_back_says_what_is_missing(typed: str, unit: str, says: str) -> None:
    found = weighed(typed, 196, unit)
    assert found.says == "ask"
    assert found.message.startswith(says)
    assert found.message.endswith("or say that you don't know.")


def test_a_reading_that_is_right_wins_and_a_wrong_one_is_the_nearest() -> None:
    assert weighed("2,048", 2048).values[0] == 2048
    assert weighed("2,048", 2.048).values[0] == 2.048
    assert weighed("2,049", 2048, percent=0).values == (2049, 2.049)
    assert weighed("0.7", 60, "%").read_as == "0.7 = 70%"


def test_the_words_of_the_question_may_be_typed_along() -> None:
    asked = "How many *mismatched* image-text combinations does the similarity matrix contain?"
    typed = "56 mismatched combinations"
    assert weigh(typed, right=56, slack=0, question=asked).says == "right"
    assert weigh(typed, right=56, slack=0).says == "ask"
    ratio = "What is the signal-to-noise ratio in power?"
    assert weigh("6.02 dB", right=4, slack=0.04, question=ratio).says == "right"
    assert weigh("6.02 dB", right=4, slack=0.04).says == "ask"


def test_a_unit_is_a_label_where_none_is_asked_for_and_the_question_speaks_of_it() -> None:
    asked = "How many pixels does the picture hold?"
    for typed in ("150528 pixels", "150528 px"):
        assert weigh(typed, right=150528, slack=0, question=asked).says == "right"
        assert weigh(typed, right=150528, slack=0).says == "ask"
    assert weigh("150528 s", right=150528, slack=0, question=asked).says == "ask"


def test_a_question_full_of_numbers_does_not_make_two_answers_one() -> None:
    asked = "Two of three heads see one token: how many is that?"
    assert weigh("196 two", right=196, slack=0, question=asked).says == "ask"


@given(st.floats(allow_nan=False, allow_infinity=False, width=64).filter(lambda x: abs(x) < 1e300))
@example(0.1)
@example(-1e-300)
def test_every_float_is_read_back(value: float) -> None:
    assert value in values(repr(value))
    assert literal(repr(value)) == value


@given(st.integers(min_value=-(10**14), max_value=10**14))
def test_every_whole_number_is_read_back_as_it_is_shown(value: int) -> None:
    assert value in values(format_number(value))
    assert value in values(display(value))
    assert value in values(f"{format_number(value)} tokens", "tokens")


@given(
    st.integers(min_value=0, max_value=10**9),
    st.integers(min_value=0, max_value=999),
    st.sampled_from([",.", ".,", " .", " ,", "\u00a0,", "\u202f.", "\u2009,", "'.", "’,", "_.", "٬٫"]),
)
def test_a_number_is_read_back_in_the_marks_of_every_place(whole: int, thousandths: int, marks: str) -> None:
    value = float(f"{whole}.{thousandths:03}")
    typed = f"{whole:,}".replace(",", marks[0]) + marks[1] + f"{thousandths:03}"
    assert value in values(typed), typed
    negative = f"−{typed}"
    assert -value in values(negative), negative


@given(st.floats(min_value=1e-6, max_value=1e14), st.sampled_from(["", "GB", "px", "hours"]))
def test_what_is_displayed_is_read_back(value: float, unit: str) -> None:
    shown = display(value)
    assert any(math.isclose(read, value, rel_tol=1e-5) for read in values(f"{shown} {unit}", unit)), shown


@given(st.floats(min_value=0.001, max_value=1e6), st.sampled_from(["million parameters", "GB", "%", "cm", "hours"]))
def test_a_unit_typed_along_changes_nothing(value: float, unit: str) -> None:
    assert any(math.isclose(read, value, rel_tol=1e-9) for read in values(f"{value!r} {unit}", unit))


PIECES = (
    *"0123456789()²³⁻√∛½⅔x*/+-^ .,e=≈~ab%‰kMG$'_:;±πln<>…٫|[]\"?!\u202f\x1b",
    *("sqrt", "log", " million", " GB", " px", " one", " and", " or", " hundred", " third", " per", " to", " of"),
    *("**", " half", " a", "10", "times", " min", " s", "1e308", "5e-324", "⁹⁹⁹", "⁻⁹⁹", "^999"),
)


def on_the_page(start: str, end: str) -> list[str]:
    """What stands in code between two places of the page on answers."""
    return re.findall(r"`([^`]+)`", PAGE[PAGE.index(start) : PAGE.index(end)])


@pytest.mark.parametrize(
    "typed",
    sorted(set(on_the_page("| thousands", "What is not one")) - {"=", "log", "about", "roughly", "I think it is"}),
)
def test_what_the_page_says_can_be_typed(typed: str) -> None:
    assert any(values(typed, unit) for unit in UNITS), typed


@pytest.mark.parametrize("typed", on_the_page("What is not one", "An option is picked"))
def test_what_the_page_says_is_sent_back(typed: str) -> None:
    assert weigh(typed, right=196, slack=0).says == "ask"


TYPED = st.lists(st.sampled_from(PIECES), max_size=120).map("".join)


@settings(max_examples=examples(400), deadline=None)
@given(TYPED | st.text(max_size=300), st.sampled_from(UNITS), st.sampled_from((3.0, 0.0, -5.0, 1e9, 1e-9)))
def test_nothing_typed_raises_or_takes_long(text: str, unit: str, right: float) -> None:
    found = weigh(text, right=right, slack=0.1, unit=unit)
    assert found.says in ("right", "wrong", "ask")
    assert quickest(lambda: weigh(text, right=3, slack=0.1, unit=unit), LONGEST_SECONDS) < LONGEST_SECONDS
    assert all(map(math.isfinite, found.values))
    literal(text)
    try:
        assert math.isfinite(evaluate(text, {"a": 1, "b": 2}))
    except FormulaError as error:
        assert 1 <= error.position <= len(text) + 1


@pytest.mark.parametrize(
    "text",
    ["9" * 10_000, "a" * 10_000, "9" * 300, "(" * 300, "-" * 300, "2^" * 150, "√" * 300, "1 " * 150, "1," * 150,
     "ln " * 100, "1(" * 150, "1 (1+" * 60, "1=" * 150, "hundred " * 37, "log 1/" * 50, "9**" * 99 + "9", "ﷺ" * 300,
     "half a " * 42, "1/2 h " * 50],
)  # fmt: skip
def test_what_is_long_or_deep_is_refused_at_once(text: str) -> None:
    assert quickest(lambda: weigh(text, right=3, slack=0.1, unit="GB"), LONGEST_SECONDS) < LONGEST_SECONDS
    found = weigh(text, right=3, slack=0.1, unit="GB")
    assert found.says in ("ask", "wrong")
    assert len(found.message) < 200


@pytest.mark.parametrize(
    ("formula", "names", "value"),
    [
        ("rows × columns", {"rows": 14, "columns": 14}, 196),
        ("rows*columns + 1", {"rows": 14, "columns": 14}, 197),
        ("(size / patch)²", {"size": 224, "patch": 16}, 196),
        ("sqrt(alpha_bar)·x0 + √(1 − alpha_bar)·eps", {"alpha_bar": 0.64, "x0": 0.6, "eps": -0.5}, 0.18),
        ("ln(n)", {"n": 20}, math.log(20)),
        ("min(a, b, 3)", {"a": 1, "b": 2}, 1),
        ("height // patch", {"height": 225, "patch": 16}, 14),
        ("2,048 · x", {"x": 2}, 4096),
        ("e^-n", {"n": 2}, math.exp(-2)),
        ("-n^2", {"n": 3}, -9),
        ("x_t - x_0", {"x_t": 3, "x_0": 1}, 2),
        ("floor(n / 2) + ceil(n / 2)", {"n": 7}, 7),
    ],
)
def test_a_formula_is_worked_out(formula: str, names: dict[str, float], value: float) -> None:
    assert evaluate(formula, names) == pytest.approx(value)


@pytest.mark.parametrize(
    ("formula", "position", "says"),
    [
        ("rows * colums", 8, "“colums” is not known; there are rows"),
        ("rows rows", 6, "“rows” is not expected here"),
        ("foo(3)", 1, "“foo” is no function"),
        ("2 + (3", 5, "A bracket is left open"),
        ("3)", 2, "“)” is not expected here"),
        ("", 1, "Something is missing at the end"),
        ("rows / 0", 6, "That divides by zero"),
        ("ln(0)", 1, "That is no real number"),
        ("10^400", 1, "That is too large a number"),
        ("0,5 + 1", 1, "“0,5” is not a number"),
        ("about 3", 1, "“about” is not known"),
    ],
)
def test_a_formula_that_fails_names_the_place(formula: str, position: int, says: str) -> None:
    with pytest.raises(FormulaError, match=r"at letter \d+ of") as caught:
        evaluate(formula, {"rows": 14})
    assert caught.value.position == position
    assert str(caught.value).startswith(says)


@pytest.mark.parametrize(("text", "value"), [("16", 16), ("1,024", 1024), ("0,5", 0.5), ("-1", -1), ("3.5e-4", 3.5e-4)])
def test_a_plain_number_is_a_literal(text: str, value: float) -> None:
    assert literal(text) == value


@pytest.mark.parametrize("text", ["", "16×16", "16 px", "ten", "x > 1", "1,2,3", "½", "9" * 400])
def test_anything_else_is_no_literal(text: str) -> None:
    assert literal(text) is None
