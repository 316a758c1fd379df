"""What the log shows, counted for pictures of it: by week, day, hour, kind and chapter; hardest cards, wrong options.

The figures hold numbers only; the statistics screen, `stats --json` and the page of `stats --html` draw them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from studytui.domain.cards import Choice
from studytui.domain.plain_text import safe
from studytui.domain.sm2 import add_days
from studytui.domain.statistics import STAGES, wilson
from studytui.study.cards import CardEntry, card_entries
from studytui.study.workspace import Workspace

if TYPE_CHECKING:
    from studytui.store.reports import LogFigures, Tally

EASE_STEP: Final = 20
EASE_FROM: Final = 130
EASE_TO: Final = 310
INTERVALS: Final = ((1, "1"), (6, "2–6"), (20, "7–20"), (60, "21–60"), (180, "61–180"), (10**9, "181+"))
"""The longest interval of each group, and its name in days."""
MOST_TEXT: Final = 200


@dataclass(frozen=True, slots=True)
class Recall:
    """Of `count` scheduled reviews of cards seen before `recalled` had grade 3 or better. `of` is what they share."""

    of: str
    count: int
    recalled: int
    answers: int = 0
    seconds: float = 0.0

    @property
    def share(self) -> float | None:
        """None without any."""
        return self.recalled / self.count if self.count else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where the true share lies, at 95 %, after Wilson."""
        return wilson(self.recalled, self.count) if self.count else None

    def to_json(self, name: str) -> dict[str, Any]:
        """Stable keys: `name`, reviews, recalled, share, low, high, answers, seconds."""
        low, high = self.interval or (None, None)
        return {
            name: self.of,
            "reviews": self.count,
            "recalled": self.recalled,
            "share": _rounded(self.share),
            "low": _rounded(low),
            "high": _rounded(high),
            "answers": self.answers,
            "seconds": round(self.seconds),
        }


@dataclass(frozen=True, slots=True)
class StudyDay:
    """A day on which there was any answer."""

    day: date
    answers: int
    seconds: float


@dataclass(frozen=True, slots=True)
class HardCard:
    """A card that was failed often."""

    card_id: str
    section: str
    title: str
    answers: int
    misses: int


@dataclass(frozen=True, slots=True)
class WrongOption:
    """An option chosen by mistake, with the right one."""

    card_id: str
    section: str
    title: str
    option: str
    right: str
    count: int


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures on a study day. Groups without an answer are left out, except hours and bins."""

    day: date
    days: tuple[StudyDay, ...] = ()
    weeks: tuple[Recall, ...] = ()
    """Every week from the first answer to this one, by its Monday."""
    stages: tuple[Recall, ...] = ()
    """By how settled the card was before the review: learning, young, mature."""
    kinds: tuple[Recall, ...] = ()
    chapters: tuple[Recall, ...] = ()
    hours: tuple[Recall, ...] = ()
    """24 of them, local time."""
    buttons: tuple[tuple[int, int, int], ...] = ()
    """(grade, first answers to new cards, reviews of cards seen before)."""
    ease: tuple[tuple[str, int], ...] = ()
    intervals: tuple[tuple[str, int], ...] = ()
    hardest: tuple[HardCard, ...] = ()
    confused: tuple[WrongOption, ...] = ()
    due: tuple[int, ...] = ()
    from_new: tuple[int, ...] = ()
    """What new cards will add to `due`."""

    @property
    def days_studied(self) -> int:
        return len(self.days)

    @property
    def answers(self) -> int:
        return sum(day.answers for day in self.days)

    @property
    def seconds(self) -> float:
        return sum(day.seconds for day in self.days)

    def to_json(self) -> dict[str, Any]:
        """Stable keys, described in docs/statistics.md."""
        return {
            "days_studied": self.days_studied,
            "answers": self.answers,
            "seconds": round(self.seconds),
            "days": [
                {"date": one.day.isoformat(), "answers": one.answers, "seconds": round(one.seconds)}
                for one in self.days
            ],
            "weeks": [one.to_json("week") for one in self.weeks],
            "maturity": [one.to_json("stage") for one in self.stages],
            "kinds": [one.to_json("kind") for one in self.kinds],
            "chapters": [one.to_json("chapter") for one in self.chapters],
            "hours": [one.to_json("hour") for one in self.hours],
            "buttons": [{"grade": grade, "new": new, "seen": seen} for grade, new, seen in self.buttons],
            "ease_factors": [{"from": name, "cards": cards} for name, cards in self.ease],
            "intervals": [{"days": name, "cards": cards} for name, cards in self.intervals],
            "hardest": [
                {"id": one.card_id, "section": one.section, "title": one.title, "answers": one.answers,
                 "misses": one.misses}
                for one in self.hardest
            ],
            "confused": [
                {"id": one.card_id, "section": one.section, "title": one.title, "option": one.option,
                 "right": one.right, "count": one.count}
                for one in self.confused
            ],
            "due": list(self.due),
            "due_from_new": list(self.from_new),
        }  # fmt: skip


def figures(workspace: Workspace, *, due: Sequence[int] = (), from_new: Sequence[int] = ()) -> Figures:
    """Everything at once. `due` are the due cards of the next days, `from_new` what new cards will add.

    Raises:
        StoreError: the database cannot be read.
    """
    from studytui.store import reports

    day = workspace.today()
    log = reports.figures(workspace.store, workspace.course_no)
    entries: dict[int, CardEntry] = {}
    if log.hardest or log.confused:
        entries = {entry.no: entry for entry in card_entries(workspace)}
    spread = reports.spread(workspace.store, workspace.course_no)
    return Figures(
        day=day,
        days=tuple(
            StudyDay(date.fromisoformat(one.of), one.answers, one.seconds)
            for one in sorted(log.days, key=lambda one: one.of)
        ),
        weeks=_weeks(log.days, day),
        stages=_in_order(log.stages, STAGES),
        kinds=tuple(_recall(one) for one in sorted(log.kinds, key=lambda one: (-one.answers, one.of))),
        chapters=_in_order(log.chapters, [str(chapter.number) for chapter in workspace.course.chapters]),
        hours=_hours(log.hours),
        buttons=_buttons(log),
        ease=_ease(spread),
        intervals=_intervals(spread),
        hardest=tuple(
            HardCard(entry.card.id, entry.card.section, safe(entry.title), one.answers, one.misses)
            for one in log.hardest
            if (entry := entries.get(one.card_no)) is not None
        ),
        confused=tuple(_wrong_options(log, entries)),
        due=tuple(due),
        from_new=tuple(from_new),
    )


def _recall(one: Tally) -> Recall:
    return Recall(one.of, one.due, one.recalled, one.answers, one.seconds)


def _in_order(found: Iterable[Tally], names: Iterable[str]) -> tuple[Recall, ...]:
    by_name = {one.of: one for one in found}
    return tuple(_recall(by_name[name]) for name in names if name in by_name)


def _weeks(days: Iterable[Tally], today: date) -> tuple[Recall, ...]:
    found: dict[date, list[Tally]] = {}
    for one in days:
        day = date.fromisoformat(one.of)
        found.setdefault(add_days(day, -day.weekday()), []).append(one)
    if not found:
        return ()
    monday, weeks = min(found), []
    for number in range((max(today, *found) - monday).days // 7 + 1):
        week = add_days(monday, 7 * number)
        here = found.get(week, [])
        weeks.append(
            Recall(
                week.isoformat(),
                sum(one.due for one in here),
                sum(one.recalled for one in here),
                sum(one.answers for one in here),
                sum(one.seconds for one in here),
            )
        )
    return tuple(weeks)


def _hours(found: Iterable[Tally]) -> tuple[Recall, ...]:
    by_hour = {int(one.of): _recall(one) for one in found}
    return tuple(by_hour.get(hour, Recall(str(hour), 0, 0)) for hour in range(24))


def _buttons(log: LogFigures) -> tuple[tuple[int, int, int], ...]:
    counts = {(grade, seen): count for grade, seen, count in log.buttons}
    grades = sorted({grade for grade, _ in counts})
    return tuple((grade, counts.get((grade, False), 0), counts.get((grade, True), 0)) for grade in grades)


def _ease(spread: Iterable[tuple[int, int, int]]) -> tuple[tuple[str, int], ...]:
    bins = dict.fromkeys(range(EASE_FROM, EASE_TO, EASE_STEP), 0)
    for ease, _, cards in spread:
        bins[min(max(bins), EASE_FROM + max(0, ease - EASE_FROM) // EASE_STEP * EASE_STEP)] += cards
    return tuple((f"{start / 100:.1f}", cards) for start, cards in bins.items())


def _intervals(spread: Iterable[tuple[int, int, int]]) -> tuple[tuple[str, int], ...]:
    bins = dict.fromkeys((name for _, name in INTERVALS), 0)
    for _, interval, cards in spread:
        bins[next(name for longest, name in INTERVALS if interval <= longest)] += cards
    return tuple(bins.items())


def _wrong_options(log: LogFigures, entries: dict[int, CardEntry]) -> Iterable[WrongOption]:
    for one in log.confused:
        entry = entries.get(one.card_no)
        if entry is None or not isinstance(entry.card.body, Choice):
            continue
        options = entry.card.body.options
        if one.option < len(options) and not options[one.option].correct:
            right = next((option.text for option in options if option.correct), "")
            yield WrongOption(
                entry.card.id,
                entry.card.section,
                safe(entry.title),
                safe(options[one.option].text)[:MOST_TEXT],
                safe(right)[:MOST_TEXT],
                one.count,
            )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
