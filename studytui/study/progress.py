"""The state of a day's study for the home screen and `studytui due`; what a session achieved for its last screen."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from studytui.domain import statistics as maths
from studytui.domain.cards import Course, Objective
from studytui.domain.plain_text import counted, safe
from studytui.domain.queue import Counts, Limits
from studytui.domain.sm2 import PASSING_GRADE, add_days
from studytui.domain.statistics import (
    STAGES,
    SURE_WORDS,
    ConfidenceLevel,
    Judged,
    Partition,
    Stage,
    Topic,
    stage,
    strength,
)
from studytui.domain.statistics import weakest as weakest_stage
from studytui.errors import CourseError
from studytui.store import reports
from studytui.study import cards
from studytui.study.cards import CardEntry, parse_filter
from studytui.study.course_lock import lock_of
from studytui.study.figures import Figures, figures
from studytui.study.reading import Reading, Unread, next_unread, readings, unread_sections
from studytui.study.review import DayPace, kinds_left, left_today, outlook, own_pace
from studytui.study.workspace import Workspace

if TYPE_CHECKING:
    from studytui.study.plan import Forecast

MOST_QUESTIONS_DUE = 9999


@dataclass(frozen=True, slots=True)
class TodayOverview:
    """What is left and done on the study day; cheap, for the first paint."""

    day: date
    counts: Counts
    new_done: int
    reviews_done: int
    overdue: int = 0
    """All cards that are due, also those beyond the day's limit or kept for another day by a sibling."""
    minutes: int = 0
    """What is left takes about so long at the learner's own pace, with the re-asks that will come of it."""
    questions_due: int = 0
    """Interview questions that wait to be rehearsed again."""
    lock: str = ""
    """Why the course's cards are locked, and what to do; "" if they are not."""
    unread: tuple[str, ...] = ()
    """Sections that bring no new cards until they are read or declared known."""
    to_read: Unread | None = None
    """The next of them."""
    room: int = 0
    """New cards that the day could still bring beside `counts.new`, were there more to take them from."""

    @property
    def brings_new(self) -> int:
        """New cards that reading the next section brings today."""
        return min(self.room, self.to_read.new) if self.to_read else 0


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """A finished session: scheduled reviews and re-asks, share passed, time, and what comes tomorrow.

    `crammed` answers were given beside the schedule and moved nothing; `crammed_passed` of them were recalled.
    """

    reviews: int
    reasks: int
    new: int
    passed: int
    seconds: float
    grades: dict[int, int] = field(default_factory=dict)
    due_tomorrow: int = 0
    leeches: tuple[str, ...] = ()
    crammed: int = 0
    crammed_passed: int = 0

    @property
    def accuracy(self) -> float | None:
        """Share of scheduled reviews graded 3 or better, or None without any."""
        return self.passed / self.reviews if self.reviews else None


def today_overview(workspace: Workspace) -> TodayOverview:
    """What will still come today, within the daily limits, and what was done so far."""
    store, course_no, settings = workspace.store, workspace.course_no, workspace.settings
    day = workspace.today()
    lock = lock_of(workspace)
    unread = unread_sections(workspace)
    left = left_today(store, course_no, day, settings, locked=lock is not None, unread=unread)
    if lock is not None:
        return TodayOverview(day, left.counts, left.new_done, left.reviews_done, lock=str(lock))
    kinds = kinds_left(store, course_no, day, left.counts, bury_siblings=settings.bury_siblings, unread=unread)
    return TodayOverview(
        day,
        left.counts,
        left.new_done,
        left.reviews_done,
        overdue=store.overdue(course_no, day),
        minutes=DayPace(own_pace(store, course_no), kinds).minutes(left.counts),
        questions_due=_questions_due(workspace, day),
        unread=unread,
        to_read=next_unread(workspace, unread),
        room=max(0, left.limits.new_per_day - left.counts.new),
    )


def _questions_due(workspace: Workspace, day: date) -> int:
    number = workspace.interview_no
    if number is None:
        return 0
    waiting = workspace.store.counts(number, day, limits=Limits(0, MOST_QUESTIONS_DUE), bury_siblings=False)
    return waiting.due + waiting.reask


def session_summary(workspace: Workspace, session_uid: str) -> SessionSummary:
    """What a session achieved, taken-back answers left out. It reads much: call it in a thread.

    Raises:
        StoreError: the database cannot be read.
    """
    from studytui.study.plan import forecast

    day = workspace.today()
    rows = [row for row in reports.session_rows(workspace.store, session_uid) if not row.undone]
    scheduled = [row for row in rows if row.action == "review" and row.grade is not None]
    reasks = [row for row in rows if row.action == "reask"]
    crammed = [row for row in rows if row.action == "cram" and row.grade is not None]
    with workspace.store.reading() as store:
        left = left_today(
            store, workspace.course_no, day, workspace.settings,
            locked=lock_of(workspace) is not None, unread=unread_sections(workspace),
        )  # fmt: skip
    ahead = forecast(workspace, left.counts, days=2)
    return SessionSummary(
        reviews=len(scheduled),
        reasks=len(reasks),
        new=sum(row.before.schedule.is_new for row in scheduled),
        passed=sum((row.grade or 0) >= PASSING_GRADE for row in scheduled),
        seconds=sum(row.duration_ms for row in [*scheduled, *reasks, *crammed]) / 1000,
        grades=grade_counts([row.grade for row in [*scheduled, *crammed] if row.grade is not None]),
        due_tomorrow=ahead.total[1],
        leeches=tuple(row.key for row in scheduled if row.after.leech and not row.before.leech),
        crammed=len(crammed),
        crammed_passed=sum((row.grade or 0) >= PASSING_GRADE for row in crammed),
    )


def due_words(due: int, overdue: int) -> str:
    """How many cards are due: `12 due`, or `200 today of 454 overdue` where not all of them come today."""
    return f"{due} today of {overdue} overdue" if overdue > due else f"{due} due"


def waiting_words(state: TodayOverview) -> str:
    """All that waits on a day, in a line."""
    counts = state.counts
    return f"{due_words(counts.due, state.overdue)}, {counts.new} new, {counts.reask} to repeat ({state.day:%Y-%m-%d})."


def prompt_words(state: TodayOverview) -> str:
    """What waits in a few letters, as `12 due`; "" where nothing is due or to be repeated."""
    waiting = state.counts.due + state.counts.reask
    return f"{waiting} due" if waiting else ""


def advice(state: TodayOverview, *, worst_section: str = "") -> str:
    """One sentence on what to do next."""
    if state.lock:
        return state.lock
    counts = state.counts
    then = f", then {counts.new} new" if counts.new else ""
    minutes = f" (about {_count(state.minutes, 'minute')})" if state.minutes else ""
    if counts.due:
        return f"Review what is due first{then}{minutes}."
    if counts.reask:
        return f"Repeat the {_count(counts.reask, 'card')} you missed{then}{minutes}."
    if counts.new:
        return f"Start {_count(counts.new, 'new card')}{minutes}{'' if state.unread else ', or read a section first'}."
    if state.to_read is not None and state.brings_new:
        return f"Read {state.to_read.name} ({state.to_read.minutes} min): it brings {_count(state.brings_new, 'card')}."
    if worst_section:
        return f"Done for today. Section {worst_section} is your weakest: read it again or open one of its labs."
    return "Done for today. Read ahead, or try a lab."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def grade_counts(grades: list[int]) -> dict[int, int]:
    """How often each grade was given."""
    return dict(sorted(Counter(grades).items()))


# What home shows beyond the counts: forecast, progress, days studied. Statistics, so not for the first paint


STAGE_COUNTS: Final = ("total", "new", "lapsed", "learning", "young", "mature")
MOST_WEAK: Final = 3
FEWEST_BEGUN: Final = 3
"""A section with fewer cards begun says nothing about its strength."""


@dataclass(frozen=True, slots=True)
class Share:
    """How far some cards are; the five stages add up to `total`. `due` is what a review of them would bring today."""

    total: int = 0
    new: int = 0
    lapsed: int = 0
    learning: int = 0
    young: int = 0
    mature: int = 0
    due: int = 0

    def __add__(self, other: Share) -> Share:
        return Share(*(getattr(self, name) + getattr(other, name) for name in (*STAGE_COUNTS, "due")))

    @property
    def weakest(self) -> Stage | None:
        """The stage of the weakest card; None without cards."""
        return weakest_stage(name for name in STAGES if getattr(self, name))

    @property
    def strength(self) -> float | None:
        """0 (nothing learned) to 1 (all mature); None without cards."""
        return strength({name: getattr(self, name) for name in STAGES})


@dataclass(frozen=True, slots=True)
class Streak:
    """Study days in a row up to today (or yesterday, while today is still open)."""

    days: int
    studied_today: bool


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The learner's standing on a study day.

    Attributes:
        forecast: due cards that will come on each of the next days, today first; none in a locked course.
        shares: the share of each section and chapter by its number, and of the course under "".
        weakest: of the sections begun, the one with the largest share of cards still at short intervals, or "".
    """

    forecast: Forecast
    shares: dict[str, Share]
    streak: Streak
    weakest: str
    answered: Mapping[date, int] = field(default_factory=dict)
    """Answers on each study day that had any."""
    weak: tuple[str, ...] = ()
    """The sections with the largest shares of cards still at short intervals, the weakest first."""


def dashboard(workspace: Workspace) -> Dashboard:
    """Everything at once. It reads much: call it in a thread.

    Raises:
        StoreError: the database cannot be read.
    """
    from studytui.study.plan import forecast

    course_no, settings = workspace.course_no, workspace.settings
    day = workspace.today()
    courses = [number for number in (course_no, workspace.interview_no) if number is not None]
    locked = lock_of(workspace) is not None
    with workspace.store.reading() as store:
        today = outlook(store, course_no, day, settings, locked=locked, unread=unread_sections(workspace))
        streak = Streak(*store.days_in_a_row(courses, day))
    rows = reports.progress(workspace.store, course_no)
    shares = _shares((row.section, Share(*(getattr(row, name) for name in STAGE_COUNTS))) for row in rows)
    weak = weakest_sections({row.section: shares[row.section] for row in rows})
    return Dashboard(
        forecast=forecast(workspace, today.left),
        shares={place: replace(share, due=today.due.get(place, 0)) for place, share in shares.items()},
        streak=streak,
        weakest=next(iter(weak), ""),
        answered=reports.answered(workspace.store, date.min),
        weak=weak,
    )


def weakest_sections(sections: Mapping[str, Share]) -> tuple[str, ...]:
    """Of the sections with enough cards begun, some with the largest share still learning, the weakest first."""
    begun = {section: share for section, share in sections.items() if share.total - share.new >= FEWEST_BEGUN}
    short = {section: share.learning + share.lapsed for section, share in begun.items()}
    order = sorted(
        begun, key=lambda section: short[section] / (begun[section].total - begun[section].new), reverse=True
    )
    return tuple(section for section in order if short[section])[:MOST_WEAK]


def _shares(sections: Iterable[tuple[str, Share]]) -> dict[str, Share]:
    """Sections, their chapters and the course: each the sum of its sections."""
    shares: dict[str, Share] = {}
    for section, share in sections:
        for key in ("", section.split(".", 1)[0], section):
            shares[key] = shares.get(key, Share()) + share
    return shares


# Mastery: how far the cards of each section and of each learning objective are


WEAKEST_COUNTS = "An objective counts as its weakest card."


@dataclass(frozen=True, slots=True)
class ObjectiveStatus:
    """An objective with the standing of the cards that cover it."""

    objective: Objective
    share: Share

    @property
    def state(self) -> Stage | None:
        """The stage of its weakest card; None if no card covers it."""
        return self.share.weakest

    def to_json(self) -> dict[str, Any]:
        """Keys: id, section, text, state and the shares."""
        one = self.objective
        return {"id": one.id, "section": one.section, "text": one.text, "state": self.state, **asdict(self.share)}


@dataclass(frozen=True, slots=True)
class Mastery:
    """The live cards of the course on a study day, and every objective in the order of the syllabus.

    `today` are the numbers of the due cards that come today; `readings` is how each section stands.
    """

    day: date
    entries: tuple[CardEntry, ...]
    objectives: dict[str, ObjectiveStatus]
    today: frozenset[int] = frozenset()
    readings: Mapping[str, Reading] = field(default_factory=dict)


def mastery(workspace: Workspace) -> Mastery:
    """Everything at once. It reads much: call it in a thread.

    Raises:
        CourseError: the syllabus cannot be read.
        StoreError: the database cannot be read.
    """
    from studytui.course.loader import load_syllabus

    day = workspace.today()
    with workspace.store.reading() as store:
        locked = lock_of(workspace) is not None
        ahead = outlook(
            store, workspace.course_no, day, workspace.settings,
            locked=locked, unread=unread_sections(workspace),
        )  # fmt: skip
    found = mastery_of(cards.card_entries(workspace), load_syllabus(workspace.root), day, ahead.cards)
    return replace(found, readings=readings(workspace))


def mastery_of(
    entries: Iterable[CardEntry], objectives: Sequence[Objective], day: date, today: frozenset[int] = frozenset()
) -> Mastery:
    """The standing of objectives from the cards that cover them; archived cards count for nothing."""
    live = tuple(entry for entry in entries if not entry.archived)
    covering: defaultdict[str, list[CardEntry]] = defaultdict(list)
    for entry in live:
        for covered in entry.card.covers:
            covering[covered].append(entry)
    standing = {one.id: ObjectiveStatus(one, share_of(covering.get(one.id, ()), today)) for one in objectives}
    return Mastery(day, live, standing, today)


def share_of(entries: Iterable[CardEntry], today: Container[int]) -> Share:
    """How far some cards are; those whose numbers are in `today` come today. Suspended ones have a stage, too."""
    counts: defaultdict[str, int] = defaultdict(int)
    for entry in entries:
        counts["total"] += 1
        counts[stage(entry.state.schedule)] += 1
        counts["due"] += entry.no in today
    return Share(**counts)


# The course as a map of cells: chapter by section, or helper or lens by chapter, with how far its cards are


View: TypeAlias = Literal["section", "helper", "lens"]
MAP_VIEWS: Final[tuple[View, ...]] = ("section", "helper", "lens")
ALL_VIEWS: Final = "all"


@dataclass(frozen=True, slots=True)
class MapCell:
    """Some cards of the course: what they have in common, how to find them, how far they and their objectives are."""

    title: str
    filter_text: str
    share: Share
    objectives: tuple[ObjectiveStatus, ...]
    section: str
    """Where to read about them: a section's number, one that is not read before others."""
    reading: Reading | None = None
    """How that section stands, where the cell is a section or a chapter."""
    parts: tuple[MapCell, ...] = ()
    """The sections of a chapter."""

    @property
    def is_waited_for(self) -> bool:
        """Whether new cards wait until its section is read."""
        return self.reading is not None and self.reading.is_waited_for


@dataclass(frozen=True, slots=True)
class MapRow:
    """A line of the map; None where the course has nothing. `short` stands for the title where that has no room."""

    title: str
    cells: tuple[MapCell | None, ...]
    short: str = ""


@dataclass(frozen=True, slots=True)
class CourseMap:
    """The cells under their headings; the first column sums up the row."""

    view: View
    columns: tuple[str, ...]
    rows: tuple[MapRow, ...]


def course_map(course: Course, mastery: Mastery, view: View) -> CourseMap:
    """The map of a course, seen in one of the ways of `VIEWS`."""
    match view:
        case "section":
            return _by_section(course, mastery)
        case "helper":
            return _by_mark(course, mastery, view, [(one.id, one.name, one.name) for one in course.helpers])
        case "lens":
            return _by_mark(course, mastery, view, [(one.id, one.id, one.question) for one in course.lenses])


def _by_mark(course: Course, mastery: Mastery, view: View, marks: Iterable[tuple[str, str, str]]) -> CourseMap:
    """A row for each (id, name, title) of the helpers or lenses, a column for each chapter."""
    rows = []
    for key, name, title in marks:
        cells = [_cell(mastery, title, f"{view}:{key}", "")]
        for chapter in course.chapters:
            first = chapter.sections[0].id if chapter.sections else ""
            wanted = f"{view}:{key} chapter:{chapter.number}"
            cells.append(_cell(mastery, f"{title}  in chapter {chapter.number}", wanted, first))
        rows.append(MapRow(name, tuple(cell if cell.share.total else None for cell in cells)))
    return CourseMap(view, (ALL_VIEWS, *(str(chapter.number) for chapter in course.chapters)), tuple(rows))


def _by_section(course: Course, mastery: Mastery) -> CourseMap:
    places = sorted({_place(section.id) for chapter in course.chapters for section in chapter.sections})
    rows = []
    for chapter in course.chapters:
        here = {
            _place(one.id): replace(
                _cell(mastery, f"{one.id}  {one.title}", f"section:{one.id}", one.id),
                reading=mastery.readings.get(one.id),
            )
            for one in chapter.sections
        }
        parts = tuple(here.values())
        first = next((one for one in parts if one.is_waited_for), parts[0] if parts else None)
        title = f"Chapter {chapter.number}  {chapter.title}"
        whole = _cell(mastery, title, f"chapter:{chapter.number}", first.section if first else "")
        whole = replace(whole, reading=first.reading if first else None, parts=parts)
        cells = (whole, *(here.get(place) for place in places))
        rows.append(MapRow(f"{chapter.number}  {chapter.title}", cells, str(chapter.number)))
    return CourseMap("section", (ALL_VIEWS, *(f".{place}" for place in places)), tuple(rows))


def _cell(mastery: Mastery, title: str, filter_text: str, section: str) -> MapCell:
    """The cards a filter finds; the objectives of its sections, or of its cards where it names no section."""
    wanted = parse_filter(filter_text)
    entries = [entry for entry in mastery.entries if wanted.matches(entry, mastery.day)]
    belongs = _belongs(filter_text, entries)
    objectives = tuple(one for one in mastery.objectives.values() if belongs(one))
    return MapCell(title, filter_text, share_of(entries, mastery.today), objectives, section)


def _belongs(filter_text: str, entries: Iterable[CardEntry]) -> Callable[[ObjectiveStatus], bool]:
    key, _, value = filter_text.partition(":")
    if key == "section":
        return lambda one: one.objective.section == value
    if key == "chapter":
        return lambda one: one.objective.section.partition(".")[0] == value
    covered = {objective for entry in entries for objective in entry.card.covers}
    return lambda one: one.objective.id in covered


def _place(section: str) -> int:
    return int(section.partition(".")[2])


# Confidence against real correctness, over reviews and rehearsals together


MOST_TOPICS: Final = 5


@dataclass(frozen=True, slots=True)
class Calibration:
    """How well belief fits knowledge. `brier` and `parts` are None without an answer that came with a confidence.

    Attributes:
        reviews: answers of reviews among them; right as the machine checked it, else as graded 3 or better.
        rehearsals: answers of rehearsals and their follow-ups, right from grade 3 on.
        unsure: answers of rehearsals that turn on a point of which the grader is not sure; counted nowhere else.
        overconfident: sections in which clearly more was believed than known, the widest gap first.
    """

    reviews: int
    rehearsals: int
    brier: float | None
    parts: Partition | None
    levels: tuple[ConfidenceLevel, ...]
    overconfident: tuple[Topic, ...]
    titles: dict[str, str]
    unsure: int = 0

    @property
    def answers(self) -> int:
        return self.reviews + self.rehearsals

    @property
    def counted(self) -> str:
        """How many, in words."""
        what = f"{self.answers} answer{'s' * (self.answers != 1)}"
        return f"{what} ({self.reviews} in reviews, {self.rehearsals} in interviews)"

    def title(self, section: str) -> str:
        """A section with its title."""
        return f"{section} {self.titles.get(section, '')}".strip()

    def to_json(self) -> dict[str, Any]:
        """Stable keys: answers, reviews, rehearsals, unsure, brier, reliability, resolution, uncertainty, levels
        (confidence, said, answers, correct, share, low, high), overconfident (section, title, answers, said, share,
        gap).
        """
        parts = self.parts
        return {
            "answers": self.answers,
            "reviews": self.reviews,
            "rehearsals": self.rehearsals,
            "unsure": self.unsure,
            "brier": _rounded(self.brier),
            "reliability": _rounded(parts.reliability if parts else None),
            "resolution": _rounded(parts.resolution if parts else None),
            "uncertainty": _rounded(parts.uncertainty if parts else None),
            "levels": [
                {
                    "confidence": level.confidence,
                    "said": level.said,
                    "answers": level.count,
                    "correct": level.correct,
                    "share": _rounded(level.share),
                    "low": _rounded(level.interval[0]),
                    "high": _rounded(level.interval[1]),
                }
                for level in self.levels
            ],
            "overconfident": [
                {
                    "section": topic.topic,
                    "title": self.titles.get(topic.topic, ""),
                    "answers": topic.count,
                    "said": _rounded(topic.said),
                    "share": _rounded(topic.share),
                    "gap": _rounded(topic.gap),
                }
                for topic in self.overconfident
            ],
        }

    def lines(self) -> Iterator[str]:
        """The same for the eye."""
        if self.brier is None or self.parts is None:
            yield "Calibration: no confidence ratings yet. Interviews ask; turn on “Ask confidence” for reviews."
            return
        yield f"Calibration: {self.counted} with a confidence rating."
        if self.unsure:
            yield f"Of {counted(self.unsure, 'more answer')} the grader is not sure, and you did not judge them."
        yield (
            f"Brier score {self.brier:.3f} (0 is perfect; always saying your average would score "
            f"{self.parts.uncertainty:.3f}, a coin 0.250)."
        )
        for level in self.levels:
            low, high = level.interval
            yield (
                f"  sure {level.confidence} {SURE_WORDS[level.confidence]:<9} means {level.said:>4.0%}; "
                f"right {level.share:>4.0%} of {level.count} ({low:.0%} to {high:.0%})"
            )
        if not self.overconfident:
            yield "Too sure in no section with enough answers."
        for topic in self.overconfident[:MOST_TOPICS]:
            yield (
                f"Too sure in {self.title(topic.topic)}: said {topic.said:.0%}, right {topic.share:.0%} "
                f"of {topic.count}."
            )


def calibration(workspace: Workspace) -> Calibration:
    """Everything that came with a confidence. It reads much: call it in a thread.

    Raises:
        StoreError: the database cannot be read.
    """
    store, course = workspace.store, workspace.course
    rows = reports.sure_answers(store, workspace.course_no, workspace.interview_no)
    known = [row for row in rows if row.correct is not None]
    judged = [Judged(row.confidence, bool(row.correct), row.section, row.count) for row in known]
    return Calibration(
        reviews=sum(row.count for row in known if row.course_no == workspace.course_no),
        rehearsals=sum(row.count for row in known if row.course_no != workspace.course_no),
        unsure=sum(row.count for row in rows if row.correct is None),
        brier=maths.brier(judged),
        parts=maths.partition(judged),
        levels=maths.levels(judged),
        overconfident=maths.overconfident(judged),
        titles={section.id: section.title for chapter in course.chapters for section in chapter.sections},
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


# Statistics for `studytui stats`: totals, streak, forecast, chapters, sections and objectives


RETENTION_DAYS: Final = 30
_NAME_CELLS: Final = 44


@dataclass(frozen=True, slots=True)
class Statistics:
    """The learner's standing. `retention` is the share of reviews of the last 30 days graded 3 or better, or None."""

    day: date
    now: TodayOverview
    board: Dashboard
    reviews: int
    seconds: float
    retention: float | None
    sections: tuple[tuple[str, str], ...]
    """(number, title) of chapters and their sections, in the order of the course."""
    calibration: Calibration
    figures: Figures
    """What the log shows, counted for pictures."""
    objectives: tuple[ObjectiveStatus, ...] = ()
    """Every objective of the syllabus, in its order."""
    problem: str = ""
    """Why there are none: the syllabus cannot be read."""

    def to_json(self) -> dict[str, Any]:
        """Stable keys: day, due, overdue, new, reasks, minutes, streak_days, studied_today, reviews_30_days,
        seconds_30_days, retention_30_days, forecast, totals, sections (each with id, title and the shares), objectives
        (each with id, section, text, state and the shares), calibration and figures (see there). Shares are total, new,
        lapsed, learning, young, mature, due."""
        shares = self.board.shares
        return {
            "day": self.day.isoformat(),
            "due": self.now.counts.due,
            "overdue": self.now.overdue,
            "new": self.now.counts.new,
            "reasks": self.now.counts.reask,
            "minutes": self.now.minutes,
            "streak_days": self.board.streak.days,
            "studied_today": self.board.streak.studied_today,
            "reviews_30_days": self.reviews,
            "seconds_30_days": round(self.seconds),
            "retention_30_days": None if self.retention is None else round(self.retention, 4),
            "forecast": list(self.board.forecast.total),
            "calibration": self.calibration.to_json(),
            "figures": self.figures.to_json(),
            "totals": asdict(shares.get("", Share())),
            "sections": [
                {"id": number, "title": title, **asdict(self._share(number))} for number, title in self.sections
            ],
            "objectives": [one.to_json() for one in self.objectives],
        }

    def lines(self, *, objectives: bool = True) -> Iterator[str]:
        """The same for the eye, with a line for each objective or without; `calibration` has lines of its own."""
        streak = self.board.streak
        yield waiting_words(self.now)
        still_open = "" if streak.studied_today else ", not studied yet today"
        yield f"Streak: {streak.days} day{'s' * (streak.days != 1)}{still_open}."
        kept = "no repeat reviews yet" if self.retention is None else f"{self.retention:.0%} recalled"
        yield f"Last {RETENTION_DAYS} days: {_count(self.reviews, 'answer')}, {self.seconds / 60:.0f} minutes, {kept}."
        ahead = self.board.forecast.total
        yield f"Due in the next {len(ahead)} days: {' '.join(str(count) for count in ahead)}"
        yield ""
        yield _heading("")
        for number, title in (("", "The whole course"), *self.sections):
            name = f"  {number} {title}" if "." in number else f"{number} {title}".strip()
            yield _line(name, self._share(number))
        if objectives and self.objectives:
            yield ""
            yield WEAKEST_COUNTS
            yield _heading("objective", "state")
            for one in self.objectives:
                name = f"{one.objective.id} {one.objective.text}"
                yield f"{_line(name, one.share)}  {one.state or 'no card'}"

    def _share(self, number: str) -> Share:
        return self.board.shares.get(number, Share())


def statistics(workspace: Workspace) -> Statistics:
    """Everything at once.

    Raises:
        StoreError: the database cannot be read.
    """
    day = workspace.today()
    days = reports.daily(workspace.store, workspace.course_no, add_days(day, 1 - RETENTION_DAYS))
    seen_before = sum(each.reviews - each.new for each in days)
    passed = sum(each.passed for each in days)
    reviews = sum(each.reviews for each in days)
    numbered = []
    for chapter in workspace.course.chapters:
        numbered.append((str(chapter.number), chapter.title))
        numbered += [(section.id, section.title) for section in chapter.sections]
    objectives: tuple[ObjectiveStatus, ...] = ()
    problem = ""
    try:
        objectives = tuple(mastery(workspace).objectives.values())
    except CourseError as error:
        problem = f"{error} The objectives are left out."
    with workspace.store.reading() as store:
        now = today_overview(replace(workspace, store=store))
    board = dashboard(workspace)
    return Statistics(
        day=day,
        now=now,
        board=board,
        reviews=reviews,
        seconds=sum(each.seconds for each in days),
        retention=passed / reviews if reviews and seen_before else None,
        sections=tuple(numbered),
        objectives=objectives,
        calibration=calibration(workspace),
        figures=figures(workspace, due=board.forecast.due, from_new=board.forecast.from_new),
        problem=problem,
    )


def _heading(name: str, state: str = "") -> str:
    return (
        f"{name:<{_NAME_CELLS}} {'cards':>6} {'new':>5} {'lapsed':>7} {'learning':>9} {'young':>6} {'mature':>7}"
        f" {'due':>5}  {state}"
    ).rstrip()


def _line(name: str, share: Share) -> str:
    name = safe(name)
    if len(name) > _NAME_CELLS:
        name = f"{name[: _NAME_CELLS - 1]}…"
    return (
        f"{name:<{_NAME_CELLS}} {share.total:>6} {share.new:>5} {share.lapsed:>7} {share.learning:>9} {share.young:>6}"
        f" {share.mature:>7} {share.due:>5}"
    )
