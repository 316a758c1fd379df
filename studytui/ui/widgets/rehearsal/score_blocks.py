"""The scorecard of a rehearsal as tables and lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from textual.content import Content

from studytui.services.rehearsal.export import Report, questions, time_words, used_of_given
from studytui.services.rehearsal.scorecard import Line, Mean, Scorecard, trend_bars, trend_words
from studytui.ui.text import safe
from studytui.ui.widgets.light_markdown import Block, inline
from studytui.ui.widgets.rehearsal.signs import coverage_text

HEADS = ("question", "score", "grade", "time", "trend")
ASK_CELLS = 44
_BAR_CELLS = 20


def score_blocks(card: Scorecard, report: Report) -> tuple[Block, ...]:
    """All of it, from the whole to the single point."""
    return tuple(_blocks(card, report))


def _blocks(card: Scorecard, report: Report) -> Iterator[Block]:
    if not card.lines:
        yield Block(Content("No answer of this rehearsal stands."))
        return
    head = f"{questions(len(card.lines))} · score {card.score:.0%}{time_words(card)}"
    yield Block(Content.styled(head, "bold"))
    titles = tuple(Content.styled(name, "bold") for name in HEADS)
    yield Block(Content(""), kind="table", rows=(titles, *(_row(line) for line in card.lines)))
    yield from _means("By chapter", card.chapters, report.chapter_name)
    yield from _means("By lens", card.lenses, report.lens_name)
    if card.missed:
        yield _heading("Not covered")
        question = None
        for asked, point in card.missed:
            if asked is not question:
                question = asked
                yield Block(Content.styled(safe(asked.id), "$text-muted"), spaced=False)
            bonus = "" if point.must else " (bonus)"
            yield Block(coverage_text(point.coverage) + " " + inline(point.text) + bonus, "  ", " " * 17, spaced=False)
    probes = [(line.question, probe) for line in card.lines for probe in line.attempt.probes]
    if probes:
        yield _heading("Follow-ups")
        for asked, probe in probes:
            text = Content.assemble((f"{probe.score:>4.0%}  ", "bold"), (f"{safe(asked.id)}: ", "$text-muted"))
            yield Block(text + inline(probe.ask), rest="      ", spaced=False)


def _row(line: Line) -> tuple[Content, ...]:
    attempt = line.attempt
    asked = inline(line.question.ask).truncate(ASK_CELLS, ellipsis=True)
    scores = [*line.earlier, attempt.score]
    trend = f"{trend_bars(scores[-6:])} {trend_words(line)}" if line.earlier else trend_words(line)
    return (
        asked,
        Content.styled(f"{attempt.score:.0%}", "bold"),
        Content(str(attempt.grade)),
        Content(used_of_given(attempt)),
        Content(trend),
    )


def _means(title: str, means: Sequence[Mean], name: Callable[[str], str]) -> Iterator[Block]:
    if means:
        yield _heading(title)
    for mean in means:
        bar = "█" * round(mean.score * _BAR_CELLS)
        text = Content.assemble((f"{bar:·<{_BAR_CELLS}}", "$text-primary"), f" {mean.score:>4.0%} ")
        yield Block(
            text + Content(safe(name(mean.name))) + Content.styled(f"  ({mean.count})", "$text-muted"), spaced=False
        )


def _heading(text: str) -> Block:
    return Block(Content.styled(text, "bold $text-primary"))
