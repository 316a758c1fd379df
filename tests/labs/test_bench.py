"""The bench itself: formulas, knobs, draws, stated numbers, and a lab that disagrees with its own formula."""

from __future__ import annotations

import math
import random
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs.bench import Disagrees, Exercise, Facts, Number, OneOf, Show, Stated, Variants, Whole, later
from labs.bench.formula import Formula, FormulaError, equation, written
from labs.bench.knobs import complete
from labs.bench.sweep import curve_of, swept
from labs.protocol import Evidence, ParamError, Params
from tests.labs.solving import quiet


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("rows × columns + 1", 14 * 20 + 1),
        ("⌊height / p⌋ × ⌈height / p⌉", 18 * 19),
        ("p² − 2^3^2", 256 - 512),
        ("−p²", -256),
        ("(rows + 1)³", 15**3),
        ("√(p) · √p / 2", 8),
        ("max(rows, columns) − min(rows, columns, 3)", 17),
        ("exp(ln(p)) + log2(8)", 19),
        ("1,024 × 1e3", 1_024_000),
        ("alpha_bar / (1 − alpha_bar)", 0.25 / 0.75),
        ("-rows - -columns", 6),
        ("round(2.5) + abs(−3)", 5),
    ],
)
def test_formulas_are_read_as_papers_write_them(text: str, value: float) -> None:
    names = {"rows": 14, "columns": 20, "p": 16, "height": 300, "alpha_bar": 0.25}
    assert Formula(text).value(names) == pytest.approx(value)


@pytest.mark.parametrize(
    "text", ["", "rows ×", "(rows", "rows columns", "rows ? 2", "__import__('os')", "os.system(1)"]
)
def test_what_is_no_formula_is_refused(text: str) -> None:
    with pytest.raises(FormulaError):
        Formula(text).value({"rows": 1, "columns": 2})


def test_a_condition_says_when_a_slip_is_one() -> None:
    slip = Formula("rows² if rows ≠ columns and kind = 'wide'")
    assert slip.holds({"rows": 1, "columns": 2, "kind": "wide"})
    assert not slip.holds({"rows": 2, "columns": 2, "kind": "wide"})
    assert Formula("rows if apart").holds({})
    with pytest.raises(FormulaError, match="there is no rows, only columns"):
        Formula("rows").value({"columns": 1})


def test_an_equation_is_printed_with_its_numbers() -> None:
    assert equation("rows × columns", {"rows": 14, "columns": 14}) == "rows × columns = 14 × 14 = 196"
    assert equation("p² × x", {"p": 16, "x": -0.5}) == "p² × x = 16² × (−0.5) = −128"
    assert equation("14 × 2", {}) == "14 × 2 = 28"


@given(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6))
def test_an_equation_is_true_as_it_is_printed(a: float, b: float) -> None:
    _, worked, result = equation("a / (a + b)", {"a": a, "b": b}).split(" = ")
    assert written(float(Formula(worked).value({}))) == result


class Boxes(Exercise):
    """An exercise with a divisor, a multiple, two questions and a stated number."""

    name, title, sections, covers = "test.boxes", "Boxes", "1.1", "1.1-01"
    side = Whole(12, 4, 60, draw=(12, 18, 24, 30), multiple_of="box", help="side")
    box = Whole(3, 1, 9, draw=(2, 3, 6), help="side of a box")
    share = Number(0.25, 0, 1, draw=(0.999, 0.5), help="share")
    asked = Variants(
        {"boxes": {"right": "(side / box)²", "slips": {"side / box": "one side: It has two."}}, "rest": {}},
        help="asked",
    )
    prompt = "{side} {box}: {asked}? The share is {left}."
    answer_type, tolerance_percent = "number", 3.0
    right = "side × (1 − left)"
    slips = {"side": "took all: Some are left.", "measured_too if apart": "took the other: That is another."}
    hints = ("first", "second {box}")

    def facts(self) -> Facts:
        return {"left": Stated(self.share)}

    def run(self, show: Show) -> float:
        show.fact(measured_too=100_000.0)
        show.equals("side / box", "boxes a side")
        right = self.expected()
        assert right is not None
        return right * (1.5 if self.seed == 13 else 1.01)


def test_a_draw_takes_divisors_first_and_says_what_does_not_go() -> None:
    knobs = Boxes.knobs
    chance = random.Random(1)
    for _ in range(50):
        drawn = complete(knobs, {}, chance, {}, wide=False)
        assert int(drawn["side"]) % int(drawn["box"]) == 0
        assert int(complete(knobs, {"side": 35}, chance, {}, wide=False)["box"]) in (1, 5, 7)
        assert int(complete(knobs, {"box": 7}, chance, {}, wide=True)["side"]) in (7, 14, 21, 28, 35, 42, 49, 56)
        assert complete(knobs, {}, chance, {"box": [4]}, wide=False)["box"] == 4
    with pytest.raises(ParamError, match="5 does not divide side, 12"):
        complete(knobs, {"side": 12, "box": 5}, chance, {}, wide=False)
    with pytest.raises(ParamError, match="from 4 to 60"):
        complete(knobs, {"side": 61}, chance, {}, wide=False)
    with pytest.raises(ParamError, match="box: the card varies it over an empty list"):
        complete(knobs, {}, chance, {"box": []}, wide=False)


def test_a_stated_number_gets_the_digits_that_the_answer_needs() -> None:
    coarse = Boxes.pose({"side": 12, "box": 3, "share": 0.5, "asked": "rest"}, 1)
    fine = Boxes.pose({"side": 12, "box": 3, "share": 0.99999, "asked": "rest"}, 1)
    assert coarse.prompt.endswith("The share is 0.5000.")
    assert fine.prompt.endswith("The share is 0.99999.") or fine.prompt.endswith("The share is 0.999990.")


def test_a_question_has_its_own_formula_and_slips_beside_the_common_ones() -> None:
    problem = Boxes.pose({"side": 12, "box": 3, "asked": "boxes"}, 1)
    evidence = Boxes.solve(problem, quiet)
    assert Boxes.check(problem, "16", evidence).correct
    assert Boxes.check(problem, "4", evidence).mistake == "one side"
    assert Boxes.check(problem, "12", evidence).message == "Some are left."
    assert Boxes.check(problem, "100000", evidence).mistake == "took the other"
    assert "side / box = 12 / 3 = 4 boxes a side" in evidence.derivation
    assert "(side / box)² = (12 / 3)² = 16" in evidence.derivation
    assert "measured: 16.16" in evidence.derivation
    assert problem.hints[1] == "second 3"


def test_a_lab_that_disagrees_with_its_formula_grades_nobody() -> None:
    with pytest.raises(Disagrees, match=r"measured was 24, but \(side / box\)² = \(12 / 3\)² = 16"):
        Boxes.solve(Boxes.pose({"side": 12, "box": 3, "asked": "boxes"}, 13), quiet)


def test_a_showing_without_a_free_knob_is_posed_even_where_a_slip_is_near() -> None:
    fixed: Params = {"side": 4, "box": 4, "share": 0.5, "asked": "boxes"}
    assert Boxes.pose(fixed, 1).params == fixed
    evidence = Evidence(1.0, facts={"measured_too": 5.0})
    assert Boxes.check(Boxes.pose(fixed, 1), "1", evidence).correct


def test_a_fact_may_not_be_called_as_something_else_is() -> None:
    class Shadowed(Exercise):
        name = "test.shadowed"
        colour = OneOf("red", "blue", help="colour")

        def facts(self) -> Facts:
            return {"run": 1}

    with pytest.raises(TypeError, match="may not be called run"):
        Shadowed.pose({}, 1)


def test_a_module_that_was_put_off_is_imported_when_it_is_used() -> None:
    sys.modules.pop("colorsys", None)
    module: Any = later("colorsys")
    assert "colorsys" not in sys.modules
    assert module.rgb_to_hsv(1, 0, 0) == (0.0, 1.0, 1.0)
    assert "colorsys" in sys.modules


def test_a_sweep_poses_each_value_that_goes_and_gives_the_curve() -> None:
    posed = swept(Boxes.entry(), Boxes.pose({"side": 12, "box": 3, "asked": "boxes"}, 1), "box")
    values = [float(Boxes.solve(problem, quiet).value) for problem in posed]  # type: ignore[arg-type]
    curve = curve_of(Boxes.entry(), "box", posed, values)
    assert curve.x == (1.0, 2.0, 3.0, 4.0, 6.0)
    assert curve.series["measured"] == tuple(1.01 * (12 / box) ** 2 for box in curve.x)
    assert math.isfinite(curve.series["measured"][0])
    with pytest.raises(ParamError, match="asked"):
        swept(Boxes.entry(), Boxes.pose({}, 1), "asked")
