"""The lines of tables and keys, whatever the texts in the file look like."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studytui.library.errors import CourseError
from studytui.library.toml_source import find_places, read


def test_tables_and_keys_have_their_lines() -> None:
    places = find_places('a = 1\n\n[[card]]\nid = "x"\nfront = "y"\n[[card]]  # second\nid = "z"\n')
    assert places[""][0].of("a") == 1
    assert [place.line for place in places["card"]] == [3, 6]
    assert places["card"][0].of("front") == 5
    assert places["card"][1].of("missing") == 6


def test_a_table_inside_another_has_its_line_by_its_path() -> None:
    (_, second) = find_places(
        '[[card]]\nid = "x"\n[[card.point]]\nid = "p"\n[[card]]\nid = "y"\n[[card.point]]\nid = "q"\n'
        '[[card.point]]\ntext = "z"\n[[card.probe]]\nask = "?"\n'
    )["card"]
    assert second.at(("id",)) == 6
    assert second.at(("point", 0, "id")) == 8
    assert second.at(("point", 1, "text", 0)) == 10
    assert second.at(("point", 1, "missing")) == 9
    assert second.at(("point", 2, "text")) == second.at(("nothing",)) == second.at(()) == 5


def test_what_stands_in_a_long_text_is_no_table() -> None:
    text = (
        'x = """\n[[card]]\nid = 1\n"""\ny = \'\'\'\n[[card]]\n\'\'\'\n[[card]]\nid = "a\\"b # c"\nz = "# [[card]]"\n'
    )
    places = find_places(text)
    assert [place.line for place in places["card"]] == [8]
    assert places["card"][0].keys == {"id": 9, "z": 10}


@given(st.lists(st.text(max_size=60), min_size=1, max_size=6))
def test_any_texts_leave_the_tables_where_they_are(texts: list[str]) -> None:
    lines, expected = [], []
    for text in texts:
        expected.append(len(lines) + 1)
        escaped = "".join(
            c if c.isalnum() or c in " #[]='" else f"\\u{ord(c):04x}" if ord(c) < 0x10000 else "?" for c in text
        )
        lines += ["[[card]]", f'front = "{escaped}"', f'back = """{escaped}"""']
    file = "\n".join(lines)
    try:
        parsed = tomllib.loads(file)
    except tomllib.TOMLDecodeError:
        return  # a lone surrogate
    assert len(parsed["card"]) == len(texts)
    assert [place.line for place in find_places(file)["card"]] == expected


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a = ", "x.toml:1: this is not valid TOML"),
        (b"a = 1\nb = [1,\n", "x.toml:"),
        (b"a = 1\n\xff\xfe = 2", "x.toml:2: the file is not UTF-8"),
    ],
)
def test_a_broken_file_is_named_with_its_line(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "x.toml").write_bytes(content)
    with pytest.raises(CourseError) as caught:
        read(tmp_path, "x.toml")
    assert said in str(caught.value)


def test_a_missing_file_and_a_folder_in_its_place(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"x\.toml: the file is missing"):
        read(tmp_path, "x.toml")
    (tmp_path / "x.toml").mkdir()
    with pytest.raises(CourseError, match=r"x\.toml: the file cannot be read"):
        read(tmp_path, "x.toml")
