"""The lines of tables, keys and elements, whatever the texts in the file look like."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studytui.course.toml_file import TablePlace, TooMuch, comments, find_places


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


def test_a_quote_that_is_escaped_ends_no_text() -> None:
    text = 'a = """\nA docstring opens with \\""" in Python.\n"""\n[[card]]\nid = "b"\n[[card]]\nid = "c"\n'
    assert [card["id"] for card in tomllib.loads(text)["card"]] == ["b", "c"]
    assert [place.line for place in find_places(text)["card"]] == [4, 6]


@pytest.mark.parametrize("ending", ['"""', '""""', '"""""'])
def test_quotes_before_the_closing_ones_belong_to_the_text(ending: str) -> None:
    text = f'a = """x{ending}\n[[card]]\nid = 1\n'
    assert tomllib.loads(text)["a"] == "x" + ending[3:]
    assert find_places(text)["card"][0].line == 2


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\u0085", "\v", "\f", "\x1c", "\x1d", "\x1e"])
def test_only_a_line_feed_ends_a_line(character: str) -> None:
    text = f"a = 'x{character}y'\nb = '''{character}\n{character}'''\n[[card]]\n"
    assert [find_places(text)[""][0].of(key) for key in ("a", "b", "card")] == [1, 2, 4]


def test_tables_written_in_line_have_their_lines() -> None:
    found = find_places(
        "override = [\n  # first\n  { id = 'b', note = '''\n[[override]]\n''' },\n"
        "  { 'id' = \"c\" }, { id = 'd' },\n]\n"
    )["override"]
    assert [place.line for place in found] == [3, 6, 6]
    assert found[0].keys == {"id": 3, "note": 3}


def test_elements_of_an_array_of_several_lines_have_theirs() -> None:
    (card,) = find_places(
        "[[card]]\ncovers = [\n  '1',\n  '2', # [\n]\npairs = [\n  ['a', 'b'],\n  ['c',\n 'd'],\n]\n"
        "lab = { exercise = 'x', set = { y = 1 } }\n[card.more]\nz = 1\n"
    )["card"]
    assert [card.at(("covers", 0)), card.at(("covers", 1)), card.at(("covers", 2))] == [3, 4, 2]
    assert [card.at(("pairs", 0, 1)), card.at(("pairs", 1, 0))] == [7, 8]
    assert card.at(("lab", "set", "y")) == card.at(("lab", "none")) == 11
    assert [card.at(("more", "z")), card.at(("more", "none"))] == [13, 12]


@pytest.mark.parametrize("header", ['[["card"]]', "[['card']]", "[[ card ]]", '[["c\\u0061rd"]]  # one'])
def test_a_name_in_quotes_is_the_same_name(header: str) -> None:
    text = f"a = 1\n{header}\n\"id\" = 'x'\n'front' . \"b\" = 2\n"
    assert set(tomllib.loads(text)) == {"a", "card"}
    (card,) = find_places(text)["card"]
    assert (card.line, card.keys, card.at(("front", "b"))) == (2, {"id": 3, "front": 4}, 4)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 50_000,
        "x = " + "[" * 50_000 + "]" * 50_000,
        "x = " + "{a=" * 50_000,
        "a." * 50_000 + "a = 1",
        "[" + "a." * 50_000 + "a]",
        'x = ["' + "\\" * 100_000,
        'x = """' + '"" ' * 100_000,
        "x = [" + "[],1," * 50_000,
        "x = [" + "#\n" * 100_000,
        "x = " + "1" * 100_000,
        "x = [" + "1" * 100_000 + "]",
        "x = [[" + "1" * 100_000 + "]]",
    ],
    ids=lambda text: text[:12],
)
def test_a_text_made_to_keep_a_reader_busy_does_not(text: str) -> None:
    try:
        find_places(text)
    except TooMuch as error:
        assert error.line == 1


def test_comments_are_told_from_texts() -> None:
    text = (
        'a = \'#\'  # one\n# two\nb = [ # three\n\'\'\'\n# no\n\'\'\', ] # """ four\n[[c]]#five\nd = """\\"""#\n"""\n#'
    )
    assert comments(text) == ["# one", "# two", "# three", '# """ four', "#five", "#"]


# Documents put together from all that TOML allows, with the line of everything in them.

LETTERS = st.text(st.sampled_from("ab \t#[]{}=.,'\u2028\u0085é\U0001f600"), max_size=8)
NAMES = st.sampled_from(["a", "b", "c-d", "1", "é", "x y", "", "[[a]]", "#", 'q"', "q'"])
SPACE = st.sampled_from(["", " ", "\t", "  "])
BLANK = st.lists(st.sampled_from(["", " ", "\n", "\r\n", " # [[a]] = '''\n", '#"""\n']), max_size=3).map("".join)
Places = dict[str, tuple[int, Any]]
"""By name: the line, and what is inside: Places for a table, a list of (line, inside) for an array, None else."""


def basic(text: str) -> str:
    return '"' + "".join(f"\\u{ord(c):04x}" if c in '"\\' or c < " " else c for c in text) + '"'


@st.composite
def written_name(draw: st.DrawFn) -> tuple[str, str]:
    """(a name, the same as TOML)"""
    name = draw(NAMES)
    ways = [basic(name), '"' + "".join(f"\\U{ord(c):08x}" for c in name) + '"']
    if "'" not in name:
        ways.append(f"'{name}'")
    if name and all(c.isascii() and (c.isalnum() or c == "-") for c in name):
        ways.append(name)
    return name, draw(st.sampled_from(ways))


NAMED = st.lists(written_name(), max_size=3, unique_by=lambda each: each[0])


@st.composite
def scalar(draw: st.DrawFn) -> str:
    text = draw(LETTERS)
    no_quote = text.replace("'", "")
    return draw(
        st.sampled_from(
            [
                "1",
                "-1_0.5e3",
                "true",
                "inf",
                "1979-05-27 07:32:00.5-07:00",
                "07:32:00",
                basic(text),
                f"'{no_quote}'",
                f"'''{no_quote}\n\\''''",
                f'"""{text}\r\n\\""" \\\\"""',
                f'"""\n[[a]]\n""\n{text}"""""',
                '""""""',
                '""',
                "''",
            ]
        )
    )


@st.composite
def value(draw: st.DrawFn, at: int, depth: int) -> tuple[str, Any]:
    """(TOML that begins in line `at`, what is inside)"""
    kind = draw(st.sampled_from(["scalar", "scalar", "array", "table"] if depth < 3 else ["scalar"]))
    if kind == "scalar":
        return draw(scalar()), None
    if kind == "table":
        text, found = "{", {}
        for index, (name, written) in enumerate(draw(NAMED)):
            text += ("," if index else "") + draw(SPACE)
            line = at + text.count("\n")
            text += written + draw(SPACE) + "=" + draw(SPACE)
            inner, places = draw(value(at + text.count("\n"), depth + 1))
            text += inner + draw(SPACE)
            found[name] = (line, places)
        return text + "}", found
    text, elements = "[", []
    for index in range(draw(st.integers(0, 3))):
        text += ("," if index else "") + draw(BLANK)
        line = at + text.count("\n")
        inner, places = draw(value(line, depth + 1))
        text += inner + draw(BLANK)
        elements.append((line, places))
    return text + draw(st.sampled_from(["", ","] if elements else [""])) + draw(BLANK) + "]", elements


@st.composite
def document(draw: st.DrawFn) -> tuple[str, list[tuple[str, int, Places]]]:
    """(TOML, its [[tables]] in order: name, line, places of the keys); "" is the top."""
    text = ""
    tables: list[tuple[str, int, Places]] = [("", 1, {})]
    for index in range(draw(st.integers(1, 4))):
        if index:
            text += draw(BLANK)
            name, written = draw(written_name())
            tables.append((name, 1 + text.count("\n"), {}))
            text += f"[[{draw(SPACE)}{written}{draw(SPACE)}]]{draw(SPACE)}\n"
        for name, written in draw(NAMED):
            text += draw(BLANK)
            line = 1 + text.count("\n")
            text += written + draw(SPACE) + "=" + draw(SPACE)
            inner, places = draw(value(1 + text.count("\n"), 0))
            tables[-1][2][name] = (line, places)
            text += inner + draw(SPACE) + draw(st.sampled_from(["\n", "\r\n", "# x\n", "#'''\n"]))
    return text, tables


def agrees(place: TablePlace, expected: Places) -> None:
    assert {name: place.of(name) for name in expected} == {name: line for name, (line, _) in expected.items()}
    for name, (_, inner) in expected.items():
        if isinstance(inner, dict):
            agrees(place.inner[name][0], inner)
        elif isinstance(inner, list) and place.inner.get(name):
            assert [each.line for each in place.inner[name]] == [line for line, _ in inner]
            for each, (_, places) in zip(place.inner[name], inner, strict=True):
                if isinstance(places, dict):
                    agrees(each, places)


@given(document())
def test_every_line_is_right_in_every_document_that_the_parser_takes(
    written: tuple[str, list[tuple[str, int, Places]]],
) -> None:
    text, tables = written
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return  # a name that stands there twice
    top = find_places(text)[""][0]
    assert set(top.keys) == set(data)
    agrees(top, tables[0][2])
    for name in {name for name, _, _ in tables[1:]}:
        expected = [(line, keys) for each, line, keys in tables[1:] if each == name]
        assert [place.line for place in top.inner[name]] == [line for line, _ in expected]
        for place, (_, keys) in zip(top.inner[name], expected, strict=True):
            agrees(place, keys)


@given(st.text(st.sampled_from("ab\n\r \t#[]{}=.,'\"\\1u\u2028"), max_size=60))
def test_any_text_is_read_to_an_end(text: str) -> None:
    found = find_places(text)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert set(found[""][0].keys) == set(data)
