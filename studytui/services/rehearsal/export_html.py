"""The HTML of a rehearsal: one file with its own style, no script, nothing loaded, everything typed escaped."""

from __future__ import annotations

import html as markup
import re
from collections.abc import Iterator, Sequence
from typing import Final

from studytui.domain.plain_text import safe
from studytui.domain.rehearsal import is_changed
from studytui.services.rehearsal.attempts import Attempt, JudgedPoint
from studytui.services.rehearsal.export import SIGNS, Report, attempt_words, questions, time_words, used_of_given
from studytui.services.rehearsal.marks import Mark, marked
from studytui.services.rehearsal.scorecard import Line, Mean, trend_words

_STYLE: Final = """
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif;
  color-scheme: light dark; }
table { border-collapse: collapse; } td, th { padding: .2rem .6rem; border: 1px solid #8886; text-align: left; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; border-left: 3px solid #8886; padding-left: .8rem; }
mark { border-radius: .2rem; padding: 0 .1rem; } .covered { background: #8f89; } .partly { background: #fd69; }
.contradicted { background: #f889; text-decoration: underline wavy; } .quiet { opacity: .75; } li { margin: .2rem 0; }
"""
_INLINE: Final = (
    (re.compile(r"\*\*(?=\S)(.{1,300}?)(?<=\S)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"(?<!\*)\*(?=[^\s*])([^*]{1,300}?)(?<=\S)\*(?!\*)"), r"<em>\1</em>"),
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
)


def html(report: Report) -> str:
    """The rehearsal as one page."""
    return "\n".join(_page(report)) + "\n"


def _page(report: Report) -> Iterator[str]:
    card = report.card
    title = _plain(report.title)
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    yield f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>"
    yield (
        f"<p>{report.at:%Y-%m-%d %H:%M} · {questions(len(card.lines))} · score {card.score:.0%}"
        f"{_plain(time_words(card))}</p>"
    )
    yield "<table>\n<tr><th>question</th><th>score</th><th>grade</th><th>time</th><th>trend</th></tr>"
    for number, line in enumerate(card.lines, 1):
        attempt = line.attempt
        cells = (f"{attempt.score:.0%}", str(attempt.grade), used_of_given(attempt), trend_words(line))
        row = "".join(f"<td>{_plain(cell)}</td>" for cell in cells)
        yield f'<tr><td><a href="#q{number}">{_authored(line.question.ask)}</a></td>{row}</tr>'
    yield "</table>"
    yield from _means("By chapter", [(report.chapter_name(mean.name), mean) for mean in card.chapters])
    yield from _means("By lens", [(report.lens_name(mean.name), mean) for mean in card.lenses])
    for number, line in enumerate(card.lines, 1):
        yield from _question(number, line)
    yield "</body>\n</html>"


def _means(title: str, means: Sequence[tuple[str, Mean]]) -> Iterator[str]:
    if means:
        rows = "".join(f"<li>{_plain(name)}: {mean.score:.0%} ({mean.count})</li>" for name, mean in means)
        yield f"<h2>{title}</h2>\n<ul>{rows}</ul>"


def _question(number: int, line: Line) -> Iterator[str]:
    question = line.question
    yield f'<h2 id="q{number}">{number}. {_authored(question.ask)}</h2>'
    yield from _answer(line.attempt)
    yield f'<h3>A model answer</h3>\n<p class="text">{_authored(question.model)}</p>'
    if question.mistakes:
        rows = "".join(f"<li>{_authored(each.says)} → {_authored(each.correction)}</li>" for each in question.mistakes)
        yield f"<h3>Common mistakes</h3>\n<ul>{rows}</ul>"
    for probe in line.attempt.probes:
        yield f"<h3>Follow-up: {_authored(probe.ask)}</h3>"
        yield from _answer(probe)


def _answer(attempt: Attempt) -> Iterator[str]:
    yield f'<p class="quiet">Your answer ({_plain(attempt_words(attempt))})</p>'
    text = "".join(_marked(part, mark) for part, mark in marked(attempt.given.answer, attempt.points))
    yield f'<div class="text">{text or "(nothing)"}</div>\n<ul>'
    for point in attempt.points:
        evidence = _evidence(point, attempt.grader)
        yield f"<li>{SIGNS[point.coverage]} <b>{point.coverage}</b>: {_authored(point.text)}{evidence}</li>"
    yield "</ul>"


def _marked(part: str, mark: Mark | None) -> str:
    text = _plain(part)
    if mark is None:
        return text
    return f'<mark class="{mark.coverage}" title="{_plain(", ".join(mark.points))}">{text}</mark>'


def _evidence(point: JudgedPoint, grader: str) -> str:
    quote = f" — “{_plain(point.quote.text)}”" if point.quote else ""
    changed = (
        f' <span class="quiet">(grader: {point.found})</span>' if is_changed(point.found, point.chosen, grader) else ""
    )
    return quote + changed


def _plain(text: str) -> str:
    """A text that a browser shows as it is."""
    return markup.escape(safe(text), quote=True)


def _authored(text: str) -> str:
    """The course's own text: escaped first, so that only its emphasis becomes markup."""
    found = _plain(text)
    for pattern, replacement in _INLINE:
        found = pattern.sub(replacement, found)
    return found
