"""A chapter's sections, cut at their headings."""

from __future__ import annotations

from studytui.library.chapters import dated_lines, split_sections

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
