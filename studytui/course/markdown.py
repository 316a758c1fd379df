"""Markdown as authors of cards write it: CommonMark in which formulas stay as they are.

Stars with letters or digits on both sides are stars (14*14*3, T*P), and nothing between dollar signs is markup.
markdown-it does the parsing and is imported at the first text that needs it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from studytui.domain.cards import BLANK

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token


MARKUP: Final = re.compile(r"[*_`\[\]#>|~<&\\!$]|^ *(?:[-+]|\d+[.)])\s|^ {4}|  $|^ *[-=]{2,} *$", re.MULTILINE)
"""Anything that could be markup; a text without it is read as it stands."""
PLAIN_STARS: Final = re.compile(r"(?<=[^\W_])\*+(?=[^\W_])")
"""Stars that multiply."""
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


def emphasis_to_html(text: str) -> str:
    """The text escaped for HTML, with emphasis and code as elements and all other markup as it was typed."""
    return str(_emphasis_alone().renderInline(text))


@cache
def _emphasis_alone() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return _with_formulas(
        MarkdownIt("zero").enable(["emphasis", "balance_pairs", "fragments_join", "backticks", "escape"])
    )


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
