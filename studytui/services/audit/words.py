"""Verdicts on a gate as sentences, the same on the screen, on the command line and in a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Final

from studytui.domain.cards import Course
from studytui.domain.gate import WORDS, GateVerdict, ItemVerdict, PartVerdict, RetentionVerdict, State
from studytui.domain.gate_parts import Computed

if TYPE_CHECKING:
    from studytui.services.audit.standing import Standing

SIGNS: Final[dict[State, str]] = {"ready": "✓", "vague": "◐", "unseen": "○"}
_CARDS_NAMED: Final = 3


def gate_line(standing: Standing) -> str:
    """The state of a gate in one line."""
    verdict = standing.verdict
    gate, count = verdict.gate, len(verdict.items)
    ready = sum(item.state == "ready" for item in verdict.items)
    if verdict.is_ready:
        return f"{gate.unlocks} is open: all {count} items of its audit are ready."
    if standing.log.override is not None:
        on = standing.log.override.day
        return f"{gate.unlocks} was opened on {on} without its audit: {ready} of {count} items ready."
    if verdict.has_faded:
        lapsed = len({key for item in verdict.items for key in item.retention.lapsed})
        return f"The audit for {gate.unlocks} has faded: {cards(lapsed)} lapsed; mended from {verdict.retention_on}."
    if verdict.is_untouched:
        return f"{gate.unlocks} is locked: its audit of {count} items is not begun."
    vague = sum(item.state == "vague" for item in verdict.items)
    parts = [f"{ready} of {count} ready"] + [f"{vague} vague"] * bool(vague)
    when = f"; retention from {verdict.retention_on}" if verdict.retention_on else ""
    return f"{gate.unlocks} is locked: {', '.join(parts)}{when}."


def item_line(item: ItemVerdict) -> str:
    """What an item's verdict rests on."""
    if item.has_faded:
        return f"has faded: {named(item.retention.lapsed)} lapsed"
    if item.state == "ready":
        return WORDS["ready"]
    vague = [part.part.title for part in item.parts if part.state == "vague"]
    vague += ["retention"] * (item.retention.state == "vague")
    if item.state == "vague":
        return f"vague: {', '.join(vague)}"
    left = [part for part in item.parts if part.state == "unseen"]
    if not left:
        return f"{WORDS['unseen']}: only the retention part is left"
    tried = len(item.parts) - len(left)
    return f"{WORDS['unseen']}: {tried} of {len(item.parts)} parts answered" if tried else WORDS["unseen"]


def part_line(part: PartVerdict) -> str:
    """Where a part stands, with the day it was last answered."""
    word = WORDS[part.state]
    if isinstance(part.part, Computed) and part.part.count > 1 and part.counted:
        word += f", {part.right} of {part.wanted} in a row"
    return f"{word}, {part.last.day}" if part.last is not None else word


def retention_line(retention: RetentionVerdict) -> str:
    """Whether an item stayed known, and when that can be shown."""
    if retention.by == "test-out":
        return f"tested out on {' and '.join(str(day) for day in retention.test_out_days)}"
    first = retention.objectives[0].spacing
    rule = f"{first.days} days, {first.apart_days} days apart"
    if retention.by == "recall":
        return f"recalled on {rule}"
    if retention.state == "vague":
        return f"lapsed: {named(retention.lapsed)}; {_when(retention)}"
    met = f"{retention.recalled} of {len(retention.objectives)} objectives recalled on {rule}"
    return f"{met}; {_when(retention)}"


def retention_short(retention: RetentionVerdict) -> str:
    """The same for a narrow place."""
    if retention.by:
        return f"{WORDS['ready']}, {'tested out' if retention.by == 'test-out' else 'recalled'}"
    when = f"; first on {retention.first_on}" if retention.first_on else ""
    if retention.state == "vague":
        return f"{WORDS['vague']}, {cards(len(retention.lapsed))} lapsed{when}"
    return f"{WORDS['unseen']}, {retention.recalled} of {len(retention.objectives)} objectives{when}"


def _when(retention: RetentionVerdict) -> str:
    parts = [f"possible on {retention.first_on}"] if retention.first_on else ["not every objective has a card"]
    if retention.test_out_on is not None:
        parts.append(f"by testing out on {retention.test_out_on}")
    return ", ".join(parts)


def missing_lines(verdict: GateVerdict) -> Iterator[str]:
    """What keeps the gate shut: each item that is not ready, and below it what was said and what was missing."""
    for item in verdict.items:
        if item.state == "ready":
            continue
        yield f"{SIGNS[item.state]} {item.item.title}: {item_line(item)}."
        for part in item.parts:
            if part.state == "ready":
                continue
            yield f"    {SIGNS[part.state]} {part.part.title}: {part_line(part)}."
            if part.state == "vague" and part.last is not None:
                yield f"        You said: {shortened(part.last.said) or 'nothing'}"
                for text in part.last.missing:
                    yield f"        Missing: {text}"
        if item.retention.state != "ready":
            yield f"    {SIGNS[item.retention.state]} Retention: {retention_line(item.retention)}."


def path_lines(standing: Standing, course: Course) -> Iterator[str]:
    """The shortest way to ready, step by step."""
    path, titles = standing.path, dict(part_titles(standing.verdict))
    if path.sections:
        yield f"Read again: {'; '.join(section_name(course, each) for each in path.sections)}."
    if path.answer:
        yield f"Answer: {'; '.join(titles[key] for key in path.answer)}."
    if path.labs:
        yield f"Run: {', '.join(path.labs)}."
    if path.cards:
        by_day = "; ".join(f"{count} on {day}" for day, count in counted_by_day([step.on for step in path.cards]))
        yield f"Recall {cards(len(path.cards))}: {by_day}."
        if path.to_move:
            yield f"Bring forward (f on the audit's board): {', '.join(step.key for step in path.to_move)}."
        if suspended := [step.key for step in path.cards if step.suspended]:
            yield f"Resume in the list of cards: {', '.join(suspended)}."
    if path.without_card:
        yield f"No card covers {', '.join(path.without_card)}: their items can only be tested out."
    if path.retention_on is not None:
        yield f"Recalled enough on {path.retention_on} at the earliest."


def part_titles(verdict: GateVerdict) -> Iterator[tuple[str, str]]:
    """The key and the title of each part."""
    return ((part.key, part.part.title) for item in verdict.items for part in item.parts)


def section_name(course: Course, section_id: str) -> str:
    """`2.2 ViT: an image as a sequence of patches`."""
    section = course.section(section_id)
    return f"{section_id} {section.title}" if section else section_id


def counted_by_day(days: Sequence[date]) -> list[tuple[date, int]]:
    """How often each day occurs, in order."""
    return [(day, list(days).count(day)) for day in sorted(set(days))]


def named(keys: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    more = len(keys) - _CARDS_NAMED
    return ", ".join(keys[:_CARDS_NAMED]) + (f" and {more} more" if more > 0 else "")


def cards(count: int) -> str:
    """`1 card`, `3 cards`."""
    return f"{count} card{'s' * (count != 1)}"


def shortened(text: str, longest: int = 160) -> str:
    """A text in one line, cut with an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"
