"""Cards and the course they belong to, as the app sees them after the authored text was read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal["basic", "cloze", "choice", "order", "match", "numeric", "exercise", "open"]
KINDS: Final[tuple[Kind, ...]] = ("basic", "cloze", "choice", "order", "match", "numeric", "exercise", "open")
MACHINE_CHECKED: Final[frozenset[Kind]] = frozenset({"cloze", "choice", "order", "match", "numeric", "exercise"})
Scalar: TypeAlias = int | float | str | bool


@dataclass(frozen=True, slots=True)
class Source:
    """Where a card stands: file (relative to the course's folder) and line, counted from 1."""

    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class LabLink:
    """The lab exercise of a card: fixed parameters and those drawn anew at every showing."""

    exercise: str
    fixed: dict[str, Scalar] = field(default_factory=dict)
    vary: dict[str, tuple[Scalar, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Blank:
    """One blank of a cloze: every accepted spelling, the author's own first."""

    accepted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a choice; `why` explains what is wrong with a wrong one."""

    text: str
    correct: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong number that is recognised, and what went wrong."""

    value: float
    why: str


@dataclass(frozen=True, slots=True)
class Basic:
    """Read, recall, judge yourself."""


@dataclass(frozen=True, slots=True)
class Cloze:
    """Fill the blanks: `segments` are the texts around them, one more than there are blanks."""

    segments: tuple[str, ...]
    blanks: tuple[Blank, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Pick one; the options are in the author's order, shuffled when shown."""

    options: tuple[Option, ...]

    @property
    def right(self) -> int:
        """Index of the correct option."""
        return next(i for i, option in enumerate(self.options) if option.correct)


@dataclass(frozen=True, slots=True)
class Order:
    """Put the steps in order; they are given in the right one."""

    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """Match each left to its right; `extra` are rights that belong to none."""

    pairs: tuple[tuple[str, str], ...]
    extra: tuple[str, ...] = ()

    @property
    def rights(self) -> tuple[str, ...]:
        """All right sides: those of the pairs in order, then the extra ones."""
        return tuple(right for _, right in self.pairs) + self.extra


@dataclass(frozen=True, slots=True)
class Numeric:
    """Type a number in `unit`; right within `tolerance` (absolute) or `tolerance_percent`."""

    answer: float
    unit: str = ""
    tolerance: float = 0.0
    tolerance_percent: float = 0.0
    accept: tuple[str, ...] = ()
    mistakes: tuple[Mistake, ...] = ()


@dataclass(frozen=True, slots=True)
class Exercise:
    """The linked lab poses with fresh numbers and decides."""


@dataclass(frozen=True, slots=True)
class Open:
    """Answer in words, then tick the points that were said."""

    points: tuple[str, ...]


BODIES: Final[dict[Kind, type]] = dict(
    zip(KINDS, (Basic, Cloze, Choice, Order, Match, Numeric, Exercise, Open), strict=True)
)
Body: TypeAlias = Basic | Cloze | Choice | Order | Match | Numeric | Exercise | Open


@dataclass(frozen=True, slots=True)
class Card:
    """One authored card. `id` is the author's and never changes; the schedule hangs on it."""

    id: str
    section: str
    covers: tuple[str, ...]
    kind: Kind
    front: str
    back: str
    body: Body
    source: Source
    helpers: tuple[str, ...] = ()
    lenses: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    group: str = ""
    lab: LabLink | None = None
    dated: str = ""
    """The day a fact that ages was true, as YYYY-MM-DD; '' for what does not age."""
    note: str = ""
    """The learner's own note, shown with the back."""

    @property
    def chapter(self) -> str:
        """The part of the section number before the dot."""
        return self.section.split(".", 1)[0]

    @property
    def sibling_group(self) -> str:
        """Cards of one group give each other away and are not shown on the same day."""
        return self.group or (self.covers[0] if self.covers else self.id)

    @property
    def is_machine_checked(self) -> bool:
        """True if the app, not the learner, decides whether an answer is right."""
        return self.kind in MACHINE_CHECKED


@dataclass(frozen=True, slots=True)
class Objective:
    """One learning objective of the syllabus: an atomic fact or skill."""

    id: str
    section: str
    kind: str
    text: str
    helpers: tuple[str, ...] = ()
    lenses: tuple[str, ...] = ()
    lab: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered section of a chapter."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter: its number, title, text and cards (paths relative to the content folder) and sections in order."""

    number: int
    title: str
    text: str
    cards: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Helper:
    """One of the course's metaphors and what it stands for."""

    id: str
    name: str
    stands_for: str
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Lens:
    """One of the debugging questions."""

    id: str
    question: str
    summary: str = ""


@dataclass(frozen=True, slots=True)
class GateHead:
    """A gate as course.toml declares it; its items stand in a file of their own, relative to the quizzes folder.

    `module` names what it unlocks on a command line. Recalled on `days` study days, each `apart_days` after the one
    before, an item counts as kept; all its parts right on `test_out_days` days stand in for that.
    """

    id: str
    title: str
    unlocks: str
    module: str
    file: str
    days: int = 2
    apart_days: int = 3
    test_out_days: int = 2


@dataclass(frozen=True, slots=True)
class Course:
    """A course without its cards: what the home screen and the reader need."""

    id: str
    title: str
    version: str
    chapters: tuple[Chapter, ...]
    helpers: tuple[Helper, ...] = ()
    lenses: tuple[Lens, ...] = ()
    gates: tuple[GateHead, ...] = ()

    def section(self, section_id: str) -> Section | None:
        """The section of that number, or None."""
        return next((s for c in self.chapters for s in c.sections if s.id == section_id), None)

    def chapter_of(self, section_id: str) -> Chapter | None:
        """The chapter that holds a section, or None."""
        return next((c for c in self.chapters if any(s.id == section_id for s in c.sections)), None)


# What is recalled and worked out beside the cards: prompts for free recall, and exercises for pen and paper


Level: TypeAlias = Literal["easy", "medium", "hard"]


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question to answer from memory, a model answer, and the points by which the learner judges."""

    id: str
    section: str
    covers: tuple[str, ...]
    ask: str
    answer: str
    points: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class Task:
    """A task to work out, what a strong answer contains, the usual weak moves, and one worked answer."""

    id: str
    section: str
    covers: tuple[str, ...]
    level: Level
    minutes: int
    task: str
    strong: tuple[str, ...]
    traps: tuple[str, ...]
    worked: str
    source: Source
