"""An audit as one HTML page: its own style, no script, nothing loaded, all that was typed escaped, fit to print."""

from __future__ import annotations

import html as markup
import re
from collections.abc import Iterator
from typing import Final

from labs.protocol import Evidence
from studytui.domain.gate import WORDS, ItemVerdict, PartVerdict
from studytui.domain.plain_text import safe
from studytui.library.markdown import emphasis_to_html
from studytui.services.audit.evidence import Answered, JudgedPoint
from studytui.services.audit.figures import timeline_svg
from studytui.services.audit.report import Report, judged
from studytui.services.audit.words import SIGNS, gate_line, item_line, part_line, path_lines, retention_line
from studytui.services.plot_svg import plot_svg
from studytui.services.rehearsal.export import SIGNS as POINT_SIGNS
from studytui.services.rehearsal.marks import marked

_STYLE: Final = """
body { max-width: 52rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; color: #111;
  background: #fff; }
h1, h2, h3 { line-height: 1.2; } h2 { border-bottom: 1px solid #888; margin-top: 2.5rem; }
table { border-collapse: collapse; } td, th { padding: .2rem .6rem; border: 1px solid #999; text-align: left;
  vertical-align: top; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; border-left: 3px solid #999; padding-left: .8rem; }
.quiet { color: #444; } .state { font-weight: bold; } li { margin: .2rem 0; } figure { margin: 1rem 0; }
figcaption { color: #444; font-size: .9rem; } img { image-rendering: pixelated; min-width: 12rem; max-width: 100%; }
svg { max-width: 100%; height: auto; } mark { background: #e7f5e4; } mark.partly { background: #fdf3d0; }
mark.contradicted { background: #fbe0e0; text-decoration: underline wavy; } pre { white-space: pre-wrap; }
@page { margin: 18mm; }
@media print { body { max-width: none; margin: 0; font-size: 10pt; } h2, h3 { break-after: avoid; }
  figure, tr, li { break-inside: avoid; } img { max-height: 12cm; } a { color: inherit; text-decoration: none; }
  mark { print-color-adjust: exact; text-decoration: underline; } }
"""
_NOT_BASE64: Final = re.compile(r"[^A-Za-z0-9+/=]")
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def html(report: Report) -> str:
    """The report as one page."""
    return "\n".join(_page(report)) + "\n"


def _page(report: Report) -> Iterator[str]:
    standing = report.standing
    title = _plain(report.title)
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>"
    yield f'<p class="quiet">{_plain(report.about)}</p>'
    yield f'<p class="state">{_plain(gate_line(standing))}</p>'
    if (override := standing.log.override) is not None:
        reason = _plain(override.reason)
        yield f"<p>Opened without passing on {override.day}. The reason given: {reason}</p>"
    yield "<table>\n<tr><th>item</th><th>verdict</th><th>retention</th></tr>"
    for number, item in enumerate(standing.verdict.items, 1):
        cells = (f"{SIGNS[item.state]} {item_line(item)}", retention_line(item.retention))
        row = "".join(f"<td>{_plain(cell)}</td>" for cell in cells)
        yield f'<tr><td><a href="#item-{number}">{_plain(item.item.title)}</a></td>{row}</tr>'
    yield "</table>"
    if steps := list(path_lines(standing, report.course)):
        rows = "".join(f"<li>{_plain(step)}</li>" for step in steps)
        yield f"<h2>The shortest way to ready</h2>\n<ul>{rows}</ul>"
    for number, item in enumerate(standing.verdict.items, 1):
        yield from _item(report, number, item)
    yield "</body>\n</html>"


def _item(report: Report, number: int, item: ItemVerdict) -> Iterator[str]:
    state = f"{SIGNS[item.state]} {WORDS[item.state]}"
    yield f'<h2 id="item-{number}">{number}. {_plain(item.item.title)}: {state}</h2>'
    yield f'<p class="quiet">Sections {_plain(", ".join(item.item.sections))}</p>'
    if drawing := timeline_svg(report.standing, item):
        yield f"<figure>{drawing}<figcaption>When each part was answered: ● passed, × not.</figcaption></figure>"
    for part in item.parts:
        yield from _part(report, item, part)
    retention = item.retention
    yield f"<h3>Retention: {SIGNS[retention.state]} {WORDS[retention.state]}</h3>"
    yield f"<p>{_plain(retention_line(retention))}</p>"
    yield "<table>\n<tr><th>objective</th><th>recalled on</th><th>in a lapse</th></tr>"
    for one in retention.objectives:
        name, lapsed = _authored(report.objective(one.objective)), _plain(", ".join(one.lapsed))
        yield f"<tr><td>{name}</td><td>{', '.join(map(str, one.spaced))}</td><td>{lapsed}</td></tr>"
    yield "</table>"


def _part(report: Report, item: ItemVerdict, part: PartVerdict) -> Iterator[str]:
    yield f"<h3>{_plain(part.part.title)}: {SIGNS[part.state]} {_plain(part_line(part))}</h3>"
    for answer in report.answers(item, part):
        yield f"<p>{_authored(answer.ask)}</p>"
        yield f'<p class="quiet">Answered on {answer.day} ({_plain(judged(answer))})</p>'
        yield f'<div class="text">{_marked(answer) or "(nothing)"}</div>'
        if answer.points:
            rows = "".join(f"<li>{_point(point)}</li>" for point in answer.points)
            yield f"<ul>{rows}</ul>"
        for dispute in answer.disputes:
            where = f"disputed on {dispute.at:%Y-%m-%d}: {dispute.point_id}: "
            yield f'<p class="quiet">{_plain(where + dispute.note)}</p>'
        if answer.computation is not None:
            yield from _computed(report, answer)


def _computed(report: Report, answer: Answered) -> Iterator[str]:
    computation = answer.computation
    assert computation is not None
    yield f"<p>Measured: <strong>{_plain(computation.right)}</strong>. {_plain(computation.message)}</p>"
    if computation.derivation:
        yield f"<pre>{_plain(chr(10).join(computation.derivation))}</pre>"
    remade = report.figures.get(answer.uid)
    if remade is not None and remade.evidence is not None:
        yield from _figures(remade.evidence)
    elif remade is not None:
        yield f'<p class="quiet">{_plain(remade.message)}</p>'


def _figures(evidence: Evidence) -> Iterator[str]:
    for picture in evidence.pictures:
        source = f"data:image/png;base64,{_NOT_BASE64.sub('', picture.png_base64)}"
        caption = f"<figcaption>{_plain(picture.caption)}</figcaption>"
        yield f'<figure><img alt="{_plain(picture.alt)}" src="{source}">{caption}</figure>'
    for curve in evidence.curves:
        yield f"<figure>{plot_svg(curve)}</figure>"


def _marked(answer: Answered) -> str:
    """The answer with the words that count for a point marked; of several the weightiest verdict."""
    texts = {point.id: point.text for point in answer.points}
    found = []
    for part, mark in marked(answer.answer, answer.points):
        text = _plain(part)
        if mark is not None:
            about = _plain("; ".join(texts[each] for each in mark.points))
            text = f'<mark class="{mark.coverage}" title="{about}">{text}</mark>'
        found.append(text)
    return "".join(found)


def _point(point: JudgedPoint) -> str:
    quote = f" — “{_plain(point.quote.text)}”" if point.quote else ""
    return f"{POINT_SIGNS[point.coverage]} <b>{point.coverage}</b>: {_authored(point.text)}{quote}"


def _plain(text: str) -> str:
    """A text that a browser shows as it is."""
    return markup.escape(safe(text), quote=True)


def _authored(text: str) -> str:
    """The course's own text, of whose markup only the emphasis counts."""
    return emphasis_to_html(safe(text))
