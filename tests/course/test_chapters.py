"""A chapter's sections, cut at their headings."""

from __future__ import annotations

from functools import partial

from studytui.course.loader import dated_lines, split_sections
from tests.quick import quickest

TEXT = """# Chapter 1: Things

Before.

## 1.1 First thing

Text.

```
## 1.2 in a fence is no heading
```

<!-- dated: 2026-11-01 -->
- a list

## 1.2 Second ##

More.
"""


def test_sections_are_cut_and_fences_left_alone() -> None:
    intro, sections = split_sections(TEXT)
    assert intro.endswith("Before.")
    assert [(section.id, section.title, section.line) for section in sections] == [
        ("1.1", "First thing", 5),
        ("1.2", "Second", 16),
    ]
    assert "in a fence" in sections[0].markdown
    assert "dated" not in sections[0].markdown


def test_dates_of_lists_are_found() -> None:
    assert dated_lines(TEXT) == [(13, "2026-11-01")]


def test_only_a_line_feed_ends_a_line() -> None:
    odd = "a\u2028b\u0085c\fd\n\n## 1.1 One\n\ntext\n<!-- dated: 2026-11-01 -->\n"
    _, (section,) = split_sections(odd)
    assert (section.line, section.markdown) == (3, "text")
    assert dated_lines(odd) == [(6, "2026-11-01")]


def test_a_heading_of_any_length_is_cut_at_once() -> None:
    for line in ("## 1.1 " + " " * 50_000 + "x", "## 1.1 " + "# " * 50_000 + "x", "## 1.1 x" + " #" * 50_000):
        assert quickest(partial(split_sections, line), 1) < 1


def test_closing_marks_of_a_heading_are_no_title() -> None:
    titles = [section.title for section in split_sections("## 1.1 C# ##\n## 1.2 C#\n## 1.3 ##\n## 1.4  x  \n")[1]]
    assert titles == ["C#", "C", "##", "x"]
