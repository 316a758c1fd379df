"""The page: text as long as anybody pastes stays quick to edit, and none of it is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studytui.ui.widgets.judged_answer import LONGEST_LINE, unwound

words = st.text(st.sampled_from("abc.!? \n"), max_size=60).map(lambda text: text * 200)


@given(words)
def test_only_spaces_become_line_ends(text: str) -> None:
    found = unwound(text)
    assert len(found) == len(text)
    assert all(a == b or (a, b) == (" ", "\n") for a, b in zip(text, found, strict=True))


def test_a_line_ends_after_a_sentence_where_there_is_one() -> None:
    sentence = "This is one sentence of many. "
    found = unwound(sentence * 200).split("\n")
    assert all(len(line) <= LONGEST_LINE for line in found)
    assert all(line.endswith(".") for line in found[:-1])


def test_a_word_is_never_cut() -> None:
    long = "x" * 5 * LONGEST_LINE
    assert unwound(long) == long
    assert unwound(f"a {long} b").split("\n") == ["a", long, "b"]
