"""Markdown as authors of cards write it: CommonMark in which formulas stay as they are.

Stars with letters or digits on both sides are stars (14*14*3, T*P), and nothing between dollar signs is markup.
markdown-it does the parsing and is imported at the first text that needs it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Final

from studytui.domain.cards import BLANK
from studytui.domain.plain_text import safe

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token


MARKUP: Final = re.compile(r"[*_`\[\]#>|~<&\\!$]|^ *(?:[-+]|\d+[.)])\s|^ {4}|  $|^ *[-=]{2,} *$", re.MULTILINE)
"""Anything that could be markup; a text without it is read as it stands."""
PLAIN_STARS: Final = re.compile(r"(?<=[^\W_])\*+(?=[^\W_])")
"""Stars that multiply."""
SCHEMES: Final = frozenset({"http", "https", "mailto"})
"""What a link may lead to."""
_LEFT_OUT: Final = "(link left out)"
_LONGEST_TARGET: Final = 2_000
_TARGET: Final = re.compile(r"\](?:\(|:)[ \t]{0,99}(?:\n[ \t]{0,99})?")
"""What stands before the address of a link, and of a link's definition."""
_ESCAPE: Final = re.compile(r"\\(?=[!-/:-@\[-`{-~])")
_PASSED_OVER: Final = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_SCHEME: Final = re.compile(r"([^:/?#]{0,2000}):")
_TAG: Final = re.compile(r"(?<!\\)((?:\\\\)*+)<(?=[a-zA-Z/!?])")
"""The beginning of a tag that no backslash stands before; two backslashes are one of the text."""
_INLINE_MARKUP: Final = re.compile(r"[*_`\[~\\]")
_OPENING: Final = frozenset("([{")
_CLOSING: Final = frozenset(")]}")


@cache
def parser() -> MarkdownIt:
    """The parser of card faces and chapters."""
    from markdown_it import MarkdownIt

    return _with_formulas(MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]))


def plain_markdown(text: str) -> str:
    """The text without emphasis, code marks and escapes, for a reader that speaks or cannot style; lines stay lines."""
    if _INLINE_MARKUP.search(PLAIN_STARS.sub("", text)) is None:
        return text
    lines = text.split("\n")
    for token in parser().parse(text):
        if token.type != "inline" or token.map is None:
            continue
        spoken = _spoken(token.children or []).split("\n")
        written = token.content.split("\n")
        for at, (before, after) in enumerate(zip(written, spoken, strict=False)):
            line = min(token.map[0] + at, len(lines) - 1)
            lines[line] = lines[line].replace(before.strip(), after.strip(), 1)
    return "\n".join(lines)


def markdown_to_html(text: str, *, inline: bool = False) -> str:
    """The text as HTML, with controls as signs; `inline` is one line, without paragraphs, lists and tables.

    Nothing in it loads or runs: tags stand as they were typed, and so do links that lead to no web page and no address
    for letters; a picture is a link to it.
    """
    shown = safe(text)
    return str(_page().renderInline(shown) if inline else _page().render(shown))


@cache
def _page() -> MarkdownIt:
    from markdown_it import MarkdownIt

    made = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")
    made.validateLink = lambda url: scheme_of(url) in SCHEMES  # type: ignore[method-assign]
    return _with_formulas(made)


def _with_formulas(made: MarkdownIt) -> MarkdownIt:
    made.inline.ruler.at("emphasis", _emphasis)
    made.inline.ruler.before("escape", "formula", _formula)
    return made


def _emphasis(state: StateInline, silent: bool) -> bool:
    """As CommonMark's rule, but a star that touches a letter, digit or bracket from the wrong side is a star."""
    marker = state.src[state.pos]
    if silent or marker not in "*_":
        return False
    from markdown_it.rules_inline.state_inline import Delimiter

    run = state.scanDelims(state.pos, canSplitWord=marker == "*")
    left = state.src[state.pos - 1 : state.pos]
    right = state.src[state.pos + run.length : state.pos + run.length + 1]
    may_open = marker == "_" or not (_is_factor(left) or left in _CLOSING)
    may_close = marker == "_" or not (_is_factor(right) or right in _OPENING)
    for _ in range(run.length):
        token = state.push("text", "", 0)
        token.content = marker
        state.delimiters.append(
            Delimiter(
                marker=ord(marker),
                length=run.length,
                token=len(state.tokens) - 1,
                end=-1,
                open=run.can_open and may_open,
                close=run.can_close and may_close,
            )
        )
    state.pos += run.length
    return True


def _is_factor(character: str) -> bool:
    """A letter, a digit, or the blank of a cloze."""
    return character.isalnum() or character == BLANK[0] or "\ue000" <= character <= "\ue0ff"


def _formula(state: StateInline, silent: bool) -> bool:
    """$…$ and $$…$$ as typed. $5 or $6 is money: a formula has no space within its signs and no digit behind them."""
    source, start = state.src, state.pos
    if source[start] != "$":
        return False
    fence = "$$" if source.startswith("$$", start) else "$"
    begin = start + len(fence)
    end = source.find(fence, begin)
    while end > 0 and source[end - 1] == "\\":
        end = source.find(fence, end + 1)
    inside = source[begin:end] if end > begin else ""
    if not inside or inside != inside.strip() or source[end + len(fence) : end + len(fence) + 1].isdigit():
        return False
    if not silent:
        state.pending += source[start : end + len(fence)]
    state.pos = end + len(fence)
    return True


def _spoken(tokens: list[Token]) -> str:
    text, target = "", ""
    for token in tokens:
        match token.type:
            case "text" | "text_special" | "code_inline":
                text += token.content
            case "softbreak" | "hardbreak":
                text += "\n"
            case "image":
                text += f"[picture: {token.content}]"
            case "link_open":
                target = str(token.attrGet("href") or "")
            case "link_close":
                text += f" ({target})"
    return text


# Authored Markdown made fit to be kept in a file that any reader may open


def without_scripts(text: str) -> str:
    """The same Markdown for whatever reads it: controls are signs, no tag is one, and no link leads to a script.

    A link to anything but a web page, an address for letters or a place nearby loses its address.
    """
    return _TAG.sub(r"\1\\<", "".join(_without_odd_links(safe(text))))


def _without_odd_links(text: str) -> Iterator[str]:
    at = 0
    for opening in _TARGET.finditer(text):
        if opening.start() < at:
            continue
        end = _end_of_target(text, opening.end(), in_brackets=text[opening.start() + 1] == "(")
        if scheme_of(text[opening.end() : end]) in {None, *SCHEMES}:
            continue
        yield text[at : opening.start() + 1]
        if text[opening.start() + 1] == "(":
            yield f" {_LEFT_OUT}"
            at = end + (text[end : end + 1] == ")")
        else:
            yield ": #"
            at = end
    yield text[at:]


def scheme_of(target: str) -> str | None:
    """The scheme of a link's address as it is written in Markdown, in small letters; None where it has none."""
    for _ in range(3):
        target = html.unescape(target)
    target = _PASSED_OVER.sub("", _ESCAPE.sub("", target)).lstrip("<")
    scheme = _SCHEME.match(target)
    return scheme[1].lower() if scheme else None


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
