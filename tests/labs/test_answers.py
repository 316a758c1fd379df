"""Numbers as people type them beside a lab: brackets, raised digits, units between the factors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs.answers import read_number


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("14²", 196),
        ("14² + 1", 197),
        ("16²·3", 768),
        ("10⁻³", 0.001),
        ("(224/16)^2", 196),
        ("(224 / 16)²", 196),
        ("(14*14)+1", 197),
        ("((224/16)*(224/16))+1", 197),
        ("14 x (7+7)", 196),
        ("3-(-5)", 8),
        ("197 (196 + 1)", 197),
        ("196 (14x14)", 196),
        ("about (196)", 196),
        ("196 patches + 1", 197),
        ("196 patches + 1 class token", 197),
        ("14 rows x 14 columns", 196),
        ("224 px / 16 px", 14),
        ("5 million x 2", 10_000_000),
        ("196 =", 196),
        ("1\u00a0024", 1024),
        ("１９６", 196),
        ("86 patches", 86),
    ],
)
def test_working_is_worked_out(typed: str, value: float) -> None:
    assert read_number(typed) == pytest.approx(value)


@pytest.mark.parametrize("typed", ["()", "(", ")(", "((((", "(a)", "="])
def test_brackets_without_a_number_are_none(typed: str) -> None:
    assert read_number(typed) is None


@given(st.text(alphabet="0123456789()²x*/+-^ .e=ab", max_size=250))
def test_no_chain_of_signs_raises(text: str) -> None:
    value = read_number(text)
    assert value is None or isinstance(value, float)
