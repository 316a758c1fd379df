"""A report as two files side by side: Markdown to keep and HTML to print; and a course's Markdown made fit for them."""

from __future__ import annotations

import html as markup
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from studytui.domain.plain_text import safe
from studytui.files import write_atomically

SCHEMES: Final = frozenset({"http", "https", "mailto"})
"""What a link in a report may lead to, besides places in the same folder."""
_LEFT_OUT: Final = "(link left out)"
_LONGEST_TARGET: Final = 2_000
_TARGET: Final = re.compile(r"\](?:\(|:)[ \t]{0,99}(?:\n[ \t]{0,99})?")
"""What stands before the address of a link, and of a link's definition."""
_ESCAPE: Final = re.compile(r"\\(?=[!-/:-@\[-`{-~])")
_PASSED_OVER: Final = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_SCHEME: Final = re.compile(r"([^:/?#]{0,2000}):")
_TAG: Final = re.compile(r"(?<!\\)((?:\\\\)*+)<(?=[a-zA-Z/!?])")
"""The beginning of a tag that no backslash stands before; two backslashes are one of the text."""


def write_both(folder: Path, stem: str, *, markdown: str, html: str) -> tuple[Path, Path]:
    """Write `stem`.md and `stem`.html, numbered where a report of that name stands already; returns both paths.

    Raises:
        OSError: the folder cannot be written.
    """
    number, name = 1, stem
    while (folder / f"{name}.md").exists() or (folder / f"{name}.html").exists():
        number += 1
        name = f"{stem}-{number}"
    files = folder / f"{name}.md", folder / f"{name}.html"
    for path, text in zip(files, (markdown, html), strict=True):
        write_atomically(path, text.encode(errors="replace"))
    return files


def authored(text: str) -> str:
    """The Markdown of a course or a lab, in which no tag is one and no link leads to a script or into the page itself.

    A link to anything but a web page, an address or a place nearby loses its address.
    """
    return _TAG.sub(r"\1\\<", "".join(_without_odd_links(safe(text))))


def _without_odd_links(text: str) -> Iterator[str]:
    at = 0
    for opening in _TARGET.finditer(text):
        if opening.start() < at:
            continue
        end = _end_of_target(text, opening.end(), in_brackets=text[opening.start() + 1] == "(")
        if leads_somewhere_safe(text[opening.end() : end]):
            continue
        yield text[at : opening.start() + 1]
        if text[opening.start() + 1] == "(":
            yield f" {_LEFT_OUT}"
            at = end + (text[end : end + 1] == ")")
        else:
            yield ": #"
            at = end
    yield text[at:]


def leads_somewhere_safe(target: str) -> bool:
    """Whether a link's address, as it is written in Markdown, has no scheme or one of `SCHEMES`."""
    for _ in range(3):
        target = markup.unescape(target)
    target = _PASSED_OVER.sub("", _ESCAPE.sub("", target)).lstrip("<")
    scheme = _SCHEME.match(target)
    return scheme is None or scheme[1].lower() in SCHEMES


def _end_of_target(text: str, at: int, *, in_brackets: bool) -> int:
    """Where an address ends: at the bracket that closes the link, or at the end of a definition's word."""
    open_brackets = 0
    for place in range(at, min(len(text), at + _LONGEST_TARGET)):
        letter = text[place]
        if text[place - 1] == "\\":
            continue
        if letter == "(":
            open_brackets += 1
        elif letter == ")" and in_brackets:
            if not open_brackets:
                return place
            open_brackets -= 1
        elif letter == "\n" or (letter in " \t" and not in_brackets):
            return place
    return min(len(text), at + _LONGEST_TARGET)
