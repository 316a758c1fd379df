"""What stands behind a row of the board, in short: what was said, what was missing, the days, the cards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from textual.content import Content

from studytui.domain.cards import Course
from studytui.domain.gate import ItemVerdict, PartVerdict
from studytui.domain.gate_parts import Computed
from studytui.services.audit.standing import Standing
from studytui.services.audit.words import gate_line, path_lines, retention_line, section_name, shortened
from studytui.ui.text import safe
from studytui.ui.widgets.audit.board_list import Line
from studytui.ui.widgets.light_markdown import Block, inline

_MUTED: Final = "$text-muted"


def behind(standing: Standing, line: Line, course: Course) -> tuple[Block, ...]:
    """What to show for a row."""
    if line.what == "gate":
        return tuple(_whole(standing, course))
    item = standing.verdict.item(line.item)
    match line.what:
        case "item":
            return tuple(_item(item, course))
        case "retention":
            return tuple(retention_blocks(standing, item))
    part = next(part for part in item.parts if part.key == line.key)
    return tuple(_part(standing, part))


def _whole(standing: Standing, course: Course) -> Iterator[Block]:
    yield Block(Content.styled(safe(gate_line(standing)), "bold"))
    if (override := standing.log.override) is not None:
        yield Block(Content(safe(f"Opened without passing on {override.day}: {override.reason}")))
    if steps := list(path_lines(standing, course)):
        yield _heading("The shortest way")
        for step in steps:
            yield Block(Content(safe(step)), "· ", "  ", spaced=False)


def _item(item: ItemVerdict, course: Course) -> Iterator[Block]:
    yield Block(Content.styled(safe(item.item.title), "bold"))
    sections = "; ".join(section_name(course, each) for each in item.item.sections)
    yield Block(Content(safe(f"Taught in {sections}. r opens it.")))
    for part in item.parts:
        if part.state == "vague":
            yield from _missing(part)
    if item.retention.state != "ready":
        yield Block(Content(safe(f"Recall: {retention_line(item.retention)}.")))


def _part(standing: Standing, part: PartVerdict) -> Iterator[Block]:
    question = f"{part.part.count} right in a row, each with other numbers" if isinstance(part.part, Computed) else ""
    yield Block(Content.styled(safe(part.part.title), "bold"))
    yield Block(inline(question) if isinstance(part.part, Computed) else inline(part.part.question.ask))
    answers = standing.log.of(part.key)
    if not answers:
        yield Block(Content.styled("Nobody asked you this yet. Enter does.", _MUTED))
        return
    days = ", ".join(f"{answer.day} {'✓' if answer.passed else '✗'}" for answer in answers[-6:])
    yield Block(Content.styled(f"Answered: {days}. e shows it all.", _MUTED))
    if part.state == "vague":
        yield from _missing(part)
    elif part.last is not None:
        yield Block(Content.assemble(("You said: ", "bold"), safe(shortened(part.last.said, 400))))


def _missing(part: PartVerdict) -> Iterator[Block]:
    last = part.last
    assert last is not None
    yield _heading(part.part.title)
    yield Block(Content.assemble(("You said: ", "bold"), safe(shortened(last.said, 300)) or "nothing"), spaced=False)
    for text in last.missing:
        yield Block(inline(text), "○ ", "  ", spaced=False)


def retention_blocks(standing: Standing, item: ItemVerdict) -> Iterator[Block]:
    """The objectives of an item, when each was recalled, and the cards that hold them."""
    retention = item.retention
    yield Block(Content(safe(f"{retention_line(retention)}.")))
    if retention.test_out_days:
        days = ", ".join(map(str, retention.test_out_days))
        yield Block(
            Content(f"All parts right on {days}; {standing.gate.test_out_days} such days stand in for recalling.")
        )
    rows = [tuple(Content.styled(head, "bold") for head in ("objective", "recalled on", "cards"))]
    due = {card.key: card.due_on for card in standing.recalled}
    for one in retention.objectives:
        cards = Content(", ").join(
            Content.styled(f"✗ {safe(key)}", "$text-warning") if key in one.lapsed else Content(safe(key))
            for key in one.cards
        )
        sign = "✓ " if one.is_met else "○ "
        rows.append((Content(sign + one.objective), Content(", ".join(map(str, one.spaced)) or "–"), cards))
    yield Block(Content(""), kind="table", rows=tuple(rows))
    steps = [step for step in standing.path.cards if any(step.key in one.cards for one in retention.objectives)]
    if steps and retention.state != "ready":
        yield _heading("Cards to recall next")
        for step in steps:
            where = "suspended" if step.suspended else f"due {due[step.key]}" if due[step.key] else "new"
            yield Block(Content(safe(f"{step.on}  {step.key} ({where})")), "· ", "  ", spaced=False)
        yield Block(Content.styled("f brings them forward, u takes that back.", _MUTED))


def _heading(text: str) -> Block:
    return Block(Content.styled(safe(text), "bold $text-primary"))
