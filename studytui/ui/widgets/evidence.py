"""What a lab's computation showed: how the value came about, tables, curves and pictures."""

from __future__ import annotations

from collections.abc import Iterator

from textual.containers import Vertical
from textual.content import Content
from textual.highlight import highlight
from textual.widget import Widget
from textual.widgets import Static

from labs.protocol import Curve, Evidence, Table
from studytui.ui.text import safe
from studytui.ui.widgets.card_face import Face
from studytui.ui.widgets.light_markdown import Block

_BARS = "▁▂▃▄▅▆▇█"


def sparkline(values: tuple[float, ...], width: int = 48) -> str:
    """Values as one line of bars, scaled between their least and greatest; thinned to `width` bars."""
    if not values:
        return ""
    step = max(1.0, len(values) / width)
    picked = [values[int(at * step)] for at in range(int(len(values) / step))]
    low, high = min(picked), max(picked)
    span = (high - low) or 1.0
    return "".join(_BARS[int((value - low) / span * (len(_BARS) - 1))] for value in picked)


class EvidenceView(Vertical):
    """Evidence, top to bottom: derivation first, since it answers why, then what there is to look at."""

    DEFAULT_CSS = """
    EvidenceView { height: auto; }
    EvidenceView > * { margin-bottom: 1; }
    EvidenceView .caption { color: $text-muted; }
    EvidenceView .code { padding-left: 2; text-wrap: nowrap; overflow-x: auto; height: auto; }
    """

    async def show(self, evidence: Evidence, *, with_code: bool = False) -> None:
        """Replace what is shown."""
        await self.remove_children()
        await self.mount_all(self._parts(evidence, with_code=with_code))

    def _parts(self, evidence: Evidence, *, with_code: bool) -> Iterator[Widget]:
        if evidence.derivation:
            yield _face([_titled("How it comes about"), *(_line(line) for line in evidence.derivation)])
        for table in evidence.tables:
            yield _face(_table(table))
        for curve in evidence.curves:
            yield _plot(curve)
        if evidence.pictures:
            from studytui.ui.widgets.picture import PictureView

            for picture in evidence.pictures:
                yield PictureView(picture.png, picture.alt)
                yield Static(safe(picture.caption), markup=False, classes="caption")
        if with_code and evidence.code:
            yield _face([_titled("The code that ran")])
            yield Static(highlight(safe(evidence.code).rstrip(), language="python"), classes="code")
        versions = "  ".join(f"{safe(name)} {safe(version)}" for name, version in evidence.versions.items())
        yield Static(f"computed in {evidence.seconds:.2f} s  {versions}", markup=False, classes="caption")


def _plot(curve: Curve) -> Widget:
    """A plot; one line of bars a series where the plotting library is missing."""
    try:
        from studytui.ui.widgets.plot import CurvePlot
    except ImportError:
        return _face(_curve(curve))
    return CurvePlot(curve)


def _face(blocks: list[Block]) -> Face:
    face = Face()
    face.show_blocks(tuple(blocks))
    return face


def _titled(title: str) -> Block:
    return Block(Content.styled(safe(title), "bold $text-primary"))


def _line(line: str) -> Block:
    return Block(Content(safe(line)), "  ", "    ", spaced=False)


def _table(table: Table) -> list[Block]:
    head = tuple(Content.styled(safe(column), "bold") for column in table.columns)
    rows = tuple(tuple(Content(safe(cell)) for cell in row) for row in table.rows)
    return [_titled(table.title), Block(Content(""), kind="table", spaced=False, rows=(head, *rows))]


def _curve(curve: Curve) -> list[Block]:
    blocks = [_titled(curve.title)]
    names = max((len(name) for name in curve.series), default=0)
    for name, values in curve.series.items():
        ends = f"  {min(values):.3g} … {max(values):.3g}" if values else ""
        line = f"{safe(name):<{names}}  {sparkline(values)}{ends}"
        blocks.append(Block(Content(line), spaced=False))
    if curve.x:
        axis = f"{safe(curve.y_label)} over {safe(curve.x_label)} {curve.x[0]:g} … {curve.x[-1]:g}"
        blocks.append(Block(Content.styled(axis, "$text-muted"), spaced=False))
    return blocks
