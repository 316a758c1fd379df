"""What is written reads back as it was, and stands where the reader of places finds it."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studytui.course.toml_file import Value, find_places, table

texts = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\"\\\n\t#[]={}'")).map(
    lambda text: text.replace("\r\n", "\n")
)
scalars = texts | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False)
keys = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
values = scalars | st.lists(scalars, max_size=4) | st.lists(st.dictionaries(keys, scalars, max_size=3), max_size=3)


@given(st.dictionaries(keys, values | st.dictionaries(keys, scalars | st.lists(scalars, min_size=1)), max_size=5))
def test_every_table_reads_back_as_it_was(row: dict[str, Any]) -> None:
    assert tomllib.loads(table("card", row)) == {"card": [row]}


@given(st.lists(texts, min_size=1, max_size=4))
def test_the_lines_of_tables_and_fields_are_found_whatever_the_texts_hold(fronts: list[str]) -> None:
    rows = [{"id": f"own-{n}", "front": front, "back": "[[card]]\n" + front} for n, front in enumerate(fronts)]
    text = "\n".join(table("card", row) for row in rows)
    found = find_places(text)["card"]
    lines = text.split("\n")
    assert len(found) == len(rows)
    for row, place in zip(rows, found, strict=True):
        assert lines[place.line - 1] == "[[card]]"
        assert lines[place.of("id") - 1] == f'id = "{row["id"]}"'
        assert lines[place.of("back") - 1].startswith("back = ")


def test_a_card_reads_as_a_person_would_write_it() -> None:
    row: dict[str, Value] = {
        "id": "own-x",
        "covers": ["1.1-01"],
        "front": 'Two\nlines, "quoted"',
        "answer": 14.5,
        "options": [{"text": "A", "correct": True}, {"text": "B", "why": "no"}],
        "lab": {"exercise": "patches.count", "vary": {"patch_size": [14, 16]}},
    }
    assert table("card", row) == (
        "[[card]]\n"
        'id = "own-x"\n'
        'covers = ["1.1-01"]\n'
        'front = """\nTwo\nlines, "quoted\\""""\n'
        "answer = 14.5\n"
        "options = [\n"
        '  { text = "A", correct = true },\n'
        '  { text = "B", why = "no" },\n'
        "]\n"
        'lab = { exercise = "patches.count", vary = { patch_size = [14, 16] } }\n'
    )


@pytest.mark.parametrize("text", ['ends in "', '"""', '""""""', "\\", 'a\\"""b\n"', "\x00\x1b\u202e", "\ud800 alone"])
def test_texts_that_try_to_break_out(text: str) -> None:
    for one in (text, f"{text}\n{text}"):
        back = tomllib.loads(table("card", {"front": one, "end": 1}))["card"][0]
        assert back == {"front": one.replace("\ud800", "\ufffd"), "end": 1}
