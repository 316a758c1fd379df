"""Simple texts are laid out without the Markdown parser, and come out as if it had read them."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studytui.ui.widgets import markdown
from studytui.ui.widgets.markdown import layout, parse

WORDS = st.sampled_from(
    ["a", "ViT-B/16", "**shape**", "*em*", "**two words**", "(**x**)", "**open", "2**3**4", "*", "**a*b**", "_u_", "x.",
     "**bold**,", "*a* *b*", "`code`", "é", "**é**", "\n\n", "\n", "1. x", "- y", "**a_b**", "***x***", "**x** **y**"]
)  # fmt: skip


def styled(text: str) -> list[tuple[str, list[tuple[int, int, str]]]]:
    return [
        (block.content.plain, sorted((span.start, span.end, str(span.style)) for span in block.content.spans))
        for block in parse(text)
    ]


@given(st.lists(WORDS, min_size=1, max_size=8))
def test_the_short_way_and_the_parser_agree(words: list[str]) -> None:
    text = " ".join(words)
    short = styled(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(markdown, "_EMPHASIS", re.compile(r"(?!x)x"))
        assert short == styled(text)


@pytest.mark.parametrize(("text", "needed"), [("Which **shape** leaves it?", False), ("- a list", True)])
def test_the_parser_is_imported_only_where_it_is_needed(text: str, needed: bool) -> None:
    code = (
        "import sys\nfrom studytui.ui.widgets.markdown import parse\n"
        f"parse({text!r})\nprint('markdown_it' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == str(needed)


def test_lines_fit_the_width() -> None:
    text = layout(parse("A **long** line that has to be wrapped somewhere, with a word of its own."), 20)
    assert all(line.cell_length <= 20 for line in text.split("\n"))
