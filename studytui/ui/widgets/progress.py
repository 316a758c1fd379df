"""A bar that tells five stages apart by shade as well as by colour, so it reads without colours too."""

from __future__ import annotations

from typing import Final

from textual.content import Content

from studytui.services.dashboard import Share

STAGES: Final = (
    ("mature", "█", "$text-success"),
    ("young", "▓", "$text-primary"),
    ("learning", "▒", "$text-warning"),
    ("lapsed", "░", "$text-error"),
    ("new", "·", "$text-muted"),
)


def bar(share: Share | None, width: int) -> Content:
    """The stages as parts of `width` cells; a stage that has any card has at least one cell."""
    if share is None or not share.total or width < len(STAGES):
        return Content.styled("·" * max(0, width), "$text-muted")
    counts = [getattr(share, name) for name, _, _ in STAGES]
    return Content("").join(
        Content.styled(glyph * cells, style)
        for cells, (_, glyph, style) in zip(_split(counts, width), STAGES, strict=True)
        if cells
    )


def legend() -> Content:
    """What the shades mean."""
    return Content("  ").join(
        Content.styled(glyph, style) + Content.styled(f" {name}", "$text-muted") for name, glyph, style in STAGES
    )


def _split(counts: list[int], width: int) -> list[int]:
    """Shares of `width` in whole cells: largest remainders, none that counts left without a cell."""
    total = sum(counts)
    cells = [max(1, count * width // total) if count else 0 for count in counts]
    while sum(cells) > width:
        cells[cells.index(max(cells))] -= 1
    by_remainder = sorted(range(len(counts)), key=lambda i: counts[i] * width % total, reverse=True)
    for index in by_remainder * len(counts):
        if sum(cells) >= width:
            break
        cells[index] += 1 if counts[index] else 0
    return cells
