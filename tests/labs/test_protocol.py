"""What crosses the border from a lab: each field of its type, size and range, or a ProtocolError."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.checked import LARGEST
from labs.protocol import (
    Advanced,
    Evidence,
    Failed,
    Picture,
    Problem,
    ProtocolError,
    Ready,
    Solved,
    checked_problem,
    event_from_line,
    event_to_line,
    misfit,
)
from tests.examples import examples
from tests.labs.hostile import PNG, as_line, honest, hostile

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8), lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ), max_leaves=12,
)  # fmt: skip
PROBLEM = Problem("x.y", {"a": 1}, 7, "How many?", "integer")


def received(data: dict[str, Any]) -> Evidence:
    event = event_from_line(as_line(data))
    assert isinstance(event, Solved)
    return event.evidence


def is_sound(evidence: Evidence) -> bool:
    """Every field is what the type says, and can be written as strict JSON and as UTF-8."""
    json.dumps(evidence.to_json(), ensure_ascii=False, allow_nan=False).encode()
    return (
        is_value(evidence.value)
        and all(type(text) is str for text in (evidence.unit, *evidence.derivation, evidence.code))
        and all(table.columns and {len(row) for row in table.rows} <= {len(table.columns)} for table in evidence.tables)
        and all(type(cell) is str for table in evidence.tables for row in (table.columns, *table.rows) for cell in row)
        and all(picture.png[:4] == b"\x89PNG" and "/" not in picture.name for picture in evidence.pictures)
        and all(curve.x and curve.series for curve in evidence.curves)
        and all(
            len(ys) == len(curve.x) and all(math.isfinite(y) and abs(y) <= LARGEST for y in (*ys, *curve.x))
            for curve in evidence.curves for ys in curve.series.values()
        )
        and all(type(name) is type(version) is str for name, version in evidence.versions.items())
        and all(type(name) is str and is_value(value) for name, value in evidence.facts.items())
        and math.isfinite(evidence.seconds)
    )  # fmt: skip


def is_value(value: object) -> bool:
    if isinstance(value, list):
        return all(type(each) is str for each in value)
    return type(value) is str or ((type(value) is int or type(value) is float) and abs(value) <= LARGEST)


def repr_of(value: object) -> str:
    return repr(value)[:30]


def test_honest_evidence_comes_through_unchanged() -> None:
    evidence = received(honest())
    assert is_sound(evidence)
    assert json.loads(json.dumps(evidence.to_json())) == json.loads(json.dumps(honest()))
    assert event_from_line(event_to_line(Solved("1", evidence))) == Solved("1", evidence)


def test_hostile_evidence_is_refused_or_sound() -> None:
    refused = 0
    for seed in range(4_000):
        try:
            evidence = received(hostile(seed))
        except ProtocolError as error:
            assert str(error)
            refused += 1
        else:
            assert is_sound(evidence), seed
    assert 1_500 < refused < 3_800


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("tables/0/rows/1", ["1"]), ("tables/0/rows/1", ["1", "2", "3"]), ("tables/0/columns", []),
        ("tables/0/rows/0/0", 224), ("tables/0", {"title": "a", "columns": ["b"]}), ("tables", None),
        ("curves/0/series/a", []), ("curves/0/series/a", [float("nan")] * 3),
        ("curves/0/series/a", [1, 2, float("inf")]),
        ("curves/0/series/a", ["1", "2", "3"]), ("curves/0/series/a", [None, 1, 2]), ("curves/0/series", {}),
        ("curves/0/x", []), ("curves/0/x", [0, 1]), ("curves/0/x", [0, 1, float("nan")]), ("curves/0/title", None),
        ("derivation/0", 3), ("derivation", "text"), ("versions/torch", 2), ("versions", [["torch", "2"]]),
        ("pictures/0/png_base64", 7), ("pictures/0/png_base64", "!!"), ("pictures/0/png_base64", "aGFsbG8="),
        ("pictures/0/name", "../x"), ("pictures/0/name", "a\\b"), ("pictures/0/name", ".bashrc"),
        ("pictures/0/name", ""),
        ("value", 10**400), ("value", [1, 2]), ("value", None), ("value", True), ("value", float("nan")), ("value", {}),
        ("unit", None), ("seconds", "1"), ("seconds", float("inf")), ("facts/rows", None), ("facts/rows", {"a": 1}),
        ("code", 1), ("derivation", ["x"] * 501), ("derivation/0", "x" * 2_001),
    ],
    ids=repr_of,
)  # fmt: skip
def test_a_field_that_is_not_as_it_should_be_is_named(path: str, value: object) -> None:
    data: Any = honest()
    *way, last = path.split("/")
    at = data
    for step in way:
        at = at[int(step) if step.isdigit() else step]
    at[int(last) if last.isdigit() else last] = value
    with pytest.raises(ProtocolError, match=path.split("/", maxsplit=1)[0]):
        received(data)


@pytest.mark.parametrize("size", [(0, 5), (5, 0), (30_000, 30_000), (2**32 - 1, 2**32 - 1), (4_001, 4_000)])
def test_a_picture_of_no_size_or_too_many_pixels_is_refused_by_its_header(size: tuple[int, int]) -> None:
    png = PNG[:16] + size[0].to_bytes(4, "big") + size[1].to_bytes(4, "big") + PNG[24:]
    data = honest() | {"pictures": [asdict(Picture.from_png("a", png, caption="", alt=""))]}
    with pytest.raises(ProtocolError, match=r"PNG|pixels"):
        received(data)


def test_as_much_as_an_evidence_may_hold_is_bounded_as_a_whole() -> None:
    data = honest() | {"tables": [{"title": "", "columns": ["a"], "rows": [["x" * 1_900]] * 400}] * 2}
    with pytest.raises(ProtocolError, match="1,000,000 characters"):
        received(data)


def test_halves_of_characters_become_replacement_characters() -> None:
    assert received(honest() | {"unit": "a\ud800"}).unit == "a�"


@given(JSON)
@settings(max_examples=examples(300), deadline=None)
def test_no_line_does_anything_but_be_an_event_or_be_refused(data: object) -> None:
    for line in (json.dumps(data), json.dumps({"event": "solved", "request_id": "1", "evidence": data})):
        with pytest.raises(ProtocolError):
            event_from_line(line)
    if isinstance(data, dict):
        for kind in ("ready", "advanced", "solved", "failed"):
            with pytest.raises(ProtocolError):
                event_from_line(json.dumps(data | {"event": kind}))


@given(JSON, st.sampled_from(["request_id", "fraction", "text", "kind", "missing", "versions", "seconds"]))
@settings(max_examples=examples(300), deadline=None)
def test_no_field_of_an_event_is_anything_else_than_its_type(value: object, name: str) -> None:
    for event in (Advanced("1", 0.5, "half"), Failed("1", "ValueError", "no", "torch"), Ready({"torch": "2"}, 0.1)):
        data = json.loads(event_to_line(event))
        if name not in data:
            continue
        try:
            found = event_from_line(json.dumps(data | {name: value}))
        except ProtocolError:
            continue
        for field, kept in asdict(found).items():
            assert type(kept) is type(asdict(event)[field])
        if isinstance(found, Advanced):
            assert 0 <= found.fraction <= 1


@pytest.mark.parametrize("line", ["[" * 100_000, '{"event": ' + "9" * 5_000 + "}", "", "\0", "null", '{"event": []}'])
def test_a_line_of_nonsense_is_no_event(line: str) -> None:
    with pytest.raises(ProtocolError, match="not an event"):
        event_from_line(line)


@pytest.mark.parametrize(
    "changes",
    [
        {"prompt": ""}, {"prompt": " \n"}, {"prompt": 3}, {"prompt": "x" * 20_001}, {"answer_type": "number?"},
        {"answer_type": "choice"}, {"answer_type": "choice", "options": ("a", "a")}, {"options": "ab"},
        {"options": (1,)},
        {"tolerance": math.nan}, {"tolerance": math.inf}, {"tolerance": -1}, {"tolerance_percent": "5"},
        {"tolerance": True}, {"params": {"a": [1]}}, {"params": []}, {"params": {"a": math.inf}}, {"seed": "1"},
        {"seed": 1.5},
        {"unit": None}, {"hints": ("a", None)}, {"hints": None}, {"exercise": "other"}, {"tolerance": 10**400},
    ],
)  # fmt: skip
def test_a_problem_with_an_odd_field_is_refused(changes: dict[str, Any]) -> None:
    assert checked_problem(PROBLEM, "x.y") == PROBLEM
    with pytest.raises(ProtocolError):
        checked_problem(replace(PROBLEM, **changes), "x.y")
    with pytest.raises(ProtocolError):
        checked_problem("no problem", "x.y")


@pytest.mark.parametrize(
    ("kind", "options", "value", "fits"),
    [
        ("integer", (), 3, True), ("number", (), "3", False), ("integer", (), ["3"], False),
        ("choice", ("a", "b"), "a", True),
        ("choice", ("a", "b"), "c", False), ("choice", ("a", "b"), 1, False), ("order", ("a", "b"), ["b", "a"], True),
        ("order", ("a", "b"), ["b"], False), ("order", ("a", "b"), "ab", False),
    ],
)  # fmt: skip
def test_a_value_that_answers_another_question_is_a_misfit(kind: Any, options: Any, value: Any, fits: bool) -> None:
    problem = replace(PROBLEM, answer_type=kind, options=options)
    assert (misfit(problem, Evidence(value)) == "") is fits
