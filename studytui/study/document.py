"""What a report says, block by block, and the two files that are made of it: Markdown to keep, HTML to print.

A `str` is data: both renderers show it as it is, with controls as signs. Only what is `Authored` is Markdown, and in it
nothing runs or loads. The page needs no other file, no network and no script.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from studytui.course.markdown import markdown_to_html, without_scripts
from studytui.domain.plain_text import safe
from studytui.domain.rubric import NOT_SURE, SIGNS, Coverage, JudgedPoint, marked
from studytui.errors import ReportError
from studytui.files import write_atomically

if TYPE_CHECKING:
    from jinja2 import Template


@dataclass(frozen=True, slots=True)
class Authored:
    """The Markdown of a course or a lab. As a block it keeps its paragraphs and lists; within a line it is one line."""

    text: str


@dataclass(frozen=True, slots=True)
class Strong:
    """Data in bold."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """A way to the heading of the same document that has this anchor; in Markdown its text alone."""

    text: str | Authored
    anchor: str


Run: TypeAlias = str | Authored | Strong | Link
Inline: TypeAlias = Run | tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """`level` runs from 2; the document's title is the first."""

    level: int
    text: Inline
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph; a quiet one stands back on the page."""

    text: Inline
    is_quiet: bool = False


@dataclass(frozen=True, slots=True)
class BulletList:
    """One line an item."""

    items: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of as many cells as there are heads."""

    heads: tuple[str, ...]
    rows: tuple[tuple[Inline, ...], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a learner said, character by character. The page marks the words that count for one of the points."""

    text: str
    points: tuple[JudgedPoint, ...] = ()

    def parts(self) -> Iterator[tuple[str, Coverage | None, str]]:
        """(words, the verdict they count for, the points it was found for), in order."""
        texts = {point.id: point.text for point in self.points}
        for part, mark in marked(self.text, self.points):
            if mark is None:
                yield part, None, ""
            else:
                yield part, mark.coverage, "; ".join(texts[each] for each in mark.points)


@dataclass(frozen=True, slots=True)
class Points:
    """The points of a rubric with their verdicts and the words these rest on."""

    points: tuple[JudgedPoint, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Lines as they are."""

    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG. In Markdown it is its words."""

    png_base64: str
    caption: str
    alt: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """An SVG that this app drew, put into the page as it is: whoever draws it escapes. Markdown leaves it out."""

    svg: str
    caption: str = ""


Block: TypeAlias = Heading | Paragraph | Authored | BulletList | Table | Answer | Points | Code | Picture | Drawing


@dataclass(frozen=True, slots=True)
class Document:
    """A title and what stands below it, in the order of reading."""

    title: str
    blocks: tuple[Block, ...]


def save(document: Document, folder: Path, stem: str) -> tuple[Path, Path]:
    """Write `stem`.md and `stem`.html, numbered where a report of that name stands already; returns both paths.

    Raises:
        ReportError: the folder cannot be written.
    """
    try:
        number, name = 1, stem
        while (folder / f"{name}.md").exists() or (folder / f"{name}.html").exists():
            number += 1
            name = f"{stem}-{number}"
        files = folder / f"{name}.md", folder / f"{name}.html"
        for path, text in zip(files, (to_markdown(document), to_html(document)), strict=True):
            write_atomically(path, text.encode(errors="replace"))
    except OSError as error:
        raise ReportError(f"{folder.absolute()} cannot be written ({error.strerror or error}).") from error
    return files


# Markdown: data is escaped or stands in a fence


_MARKDOWN: Final = re.compile(r"([\\`*_\[\]#|<>~$&])")
_SPACE: Final = re.compile(r"\s+")


def to_markdown(document: Document) -> str:
    """The document as CommonMark with tables."""
    blocks = (f"# {_line(document.title)}", *filter(None, map(_markdown, document.blocks)))
    return "\n\n".join(blocks) + "\n"


def _markdown(block: Block) -> str:
    match block:
        case Heading():
            return f"{'#' * block.level} {_line(block.text)}"
        case Paragraph():
            return _line(block.text)
        case Authored():
            return without_scripts(block.text)
        case BulletList():
            return "\n".join(f"- {_line(item)}" for item in block.items)
        case Table():
            return "\n".join([_row(block.heads), "|" + "---|" * len(block.heads), *map(_row, block.rows)])
        case Answer() | Code():
            return _fenced(safe(block.text) or "(nothing)")
        case Points():
            return "\n".join(f"- {_line(point_text(point))}" for point in block.points)
        case Picture():
            return f"Picture: {_line(block.caption)} ({_line(block.alt)})"
        case Drawing():
            return ""


def point_text(point: JudgedPoint) -> tuple[Run, ...]:
    """A judged point in one line: its verdict, text and quote, and what the grader said where that was changed."""
    quote = f" — “{point.quote.text}”" if point.quote else ""
    changed = f" (grader: {point.found})" if point.is_changed else ""
    word = NOT_SURE if point.coverage == "unsure" else point.coverage
    bonus = "" if point.must else " (bonus)"
    return f"{SIGNS[point.coverage]} ", Strong(word), ": ", Authored(point.text), bonus + quote + changed


def runs(text: Inline) -> tuple[Run, ...]:
    """The text as runs."""
    return text if isinstance(text, tuple) else (text,)


def _line(text: Inline, *, in_cell: bool = False) -> str:
    return "".join(_run(run, in_cell) for run in runs(text)).strip()


def _row(cells: Iterable[Inline]) -> str:
    return f"| {' | '.join(_line(cell, in_cell=True) for cell in cells)} |"


def _run(run: Run, in_cell: bool) -> str:
    match run:
        case Authored():
            line = without_scripts(_SPACE.sub(" ", run.text).strip())
            return line.replace("|", r"\|") if in_cell else line
        case Strong():
            return f"**{escaped(run.text).strip()}**"
        case Link():
            return _run(run.text, in_cell)
        case str():
            return escaped(run)


def escaped(text: str) -> str:
    """Data in one line that Markdown shows as it is."""
    return _MARKDOWN.sub(r"\\\1", _SPACE.sub(" ", safe(text)))


def _fenced(text: str) -> str:
    """A text in a fence longer than any in it."""
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    return f"{fence}text\n{text}\n{fence}"


# HTML: the page is a template beside this file, in which everything is escaped that is not said to be HTML


_NOT_BASE64: Final = re.compile(r"[^A-Za-z0-9+/=]")


def to_html(document: Document) -> str:
    """The document as one page that needs nothing else. jinja2 and markdown-it are imported here."""
    return _template().render(document=document) + "\n"


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "base64": lambda text: _NOT_BASE64.sub("", text),
        "kind": lambda block: type(block).__name__,
        "line": lambda text: markdown_to_html(text, inline=True),
        "page": markdown_to_html,
        "point": point_text,
        "runs": runs,
    }
    return made.get_template("document.html.jinja")


def _shown(value: Any) -> Any:
    """What an expression of the template puts into the page: data with its controls as signs, HTML as it is."""
    return value if hasattr(value, "__html__") else safe(str(value))
