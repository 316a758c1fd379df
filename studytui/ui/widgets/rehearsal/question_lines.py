"""Questions as lines of a list: when they are due, how they went last, what they ask."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from textual.content import Content

from studytui.services.rehearsal.questions import Entry
from studytui.services.rehearsal.scorecard import trend_bars
from studytui.ui.widgets.light_markdown import Block, inline

LONGEST_TREND = 6


def question_blocks(entries: Sequence[Entry], day: date) -> tuple[Block, ...]:
    """One block a question."""
    blocks = []
    for entry in entries:
        head = Content.styled(f"{when_text(entry, day):<11}", "$text-muted") + score_text(entry) + "  "
        blocks.append(Block(head + inline(entry.question.ask), rest=" " * 4, spaced=False))
    return tuple(blocks)


def when_text(entry: Entry, day: date) -> str:
    """When the question comes back, in a word or two."""
    due_on = entry.state.schedule.due_on
    if due_on is None:
        return "new"
    if entry.asks_again(day):
        return "again today"
    days = (due_on - day).days
    return "due" if days == 0 else f"{-days} d late" if days < 0 else f"in {days} d"


def score_text(entry: Entry) -> Content:
    """The last score with the trend before it; blank for a question never answered."""
    standing = entry.standing
    if not standing:
        return Content(" " * 4)
    scores = [attempt.score for attempt in standing[-LONGEST_TREND:]]
    bars = f" {trend_bars(scores)}" if len(scores) > 1 else ""
    return Content.styled(f"{standing[-1].score:>4.0%}", "bold") + Content.styled(bars, "$text-primary")
