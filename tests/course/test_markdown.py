"""Stars of formulas stay stars, dollars keep what is between them, and plain text has no markup left."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studytui.course.markdown import markdown_to_html, plain_markdown
from studytui.ui.widgets.markdown import inline, parse

STAYS = [
    "What is 14*14*3?",
    "T*P tokens, and T*P*Q",
    "f(x)*g(x)*h",
    "(a)*b*(c)",
    "2*(a+b)*3",
    "2**3**4 and 2**10",
    "$a*b*c$ and $x_{t}^{*} * y *z*$",
    "$$a*b*$$ x",
    "x_t and y_t",
    "costs $5*2 or $6*3",
    "A* search",
]


@pytest.mark.parametrize("text", STAYS)
def test_formulas_are_shown_as_they_were_typed(text: str) -> None:
    (block,) = parse(text)
    assert (block.content.plain, list(block.content.spans)) == (text, [])
    assert inline(text).plain == text
    assert plain_markdown(text) == text
    assert markdown_to_html(text, inline=True) == text


@pytest.mark.parametrize(
    ("text", "plain", "html"),
    [
        ("*image classification*", "image classification", "<em>image classification</em>"),
        ("**T*P** is *long*.", "T*P is long.", "<strong>T*P</strong> is <em>long</em>."),
        ("*x*-axis, (**y**)", "x-axis, (y)", "<em>x</em>-axis, (<strong>y</strong>)"),
        ("`a*b*c` of 2*3*4", "a*b*c of 2*3*4", "<code>a*b*c</code> of 2*3*4"),
        (r"\*not so\*", "*not so*", "*not so*"),
        ("*a **b** c* <b>", "a b c <b>", "<em>a <strong>b</strong> c</em> &lt;b&gt;"),
        ("costs $5 *now* or $6", "costs $5 now or $6", "costs $5 <em>now</em> or $6"),
    ],
)
def test_emphasis_is_left_out_where_it_cannot_be_shown(text: str, plain: str, html: str) -> None:
    (block,) = parse(text)
    assert block.content.plain == plain
    assert plain_markdown(text) == plain
    assert markdown_to_html(text, inline=True) == html


def test_plain_text_keeps_its_lines_lists_tables_and_listings() -> None:
    text = "- *a*\n- `b`\n\n1. **c**\n\n| *d* | 2*3*4 |\n|---|---|\n| e | [f](http://g) |\n\n```\n*code*\n```"
    assert plain_markdown(text) == (
        "- a\n- b\n\n1. c\n\n| d | 2*3*4 |\n|---|---|\n| e | f (http://g) |\n\n```\n*code*\n```"
    )


def test_a_blank_beside_a_star_is_a_factor() -> None:
    assert plain_markdown("▁▁▁▁*P*2 and *▁▁▁▁*") == "▁▁▁▁*P*2 and ▁▁▁▁"


@given(st.text(alphabet="ab1 *_`$\\()|#-\n", max_size=40))
def test_any_text_becomes_plain(text: str) -> None:
    assert plain_markdown(text).count("\n") == text.count("\n")
    markdown_to_html(text)
    parse(text)
