"""What a learner can set, with a docstring each and the defaults. Read and written by `course.settings`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal, TypeAlias

from studytui.domain.queue import Limits, NewCards, ReviewOrder

GradeKeys: TypeAlias = Literal["four", "six"]
Options: TypeAlias = Literal["covered", "shown"]
SATURDAY: Final = 5
"""As `date.weekday` counts."""
Device: TypeAlias = Literal["cpu", "auto", "cuda", "mps"]

MOCK_COUNT: Final = 5
MOCK_MINUTES: Final = 15
MOST_QUESTIONS: Final = 50
MOST_MINUTES: Final = 240
"""A mock interview: its size where none is named, and the greatest there is."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings; each field's docstring is the text shown on the settings screen."""

    theme: str = "study-dark"
    """Colour theme, dark or light."""
    new_per_day: int = 10
    """New cards a day (0 to 9999)."""
    reviews_per_day: int = 200
    """Due cards a day (0 to 9999); cards to repeat on the same day are not counted."""
    read_first: bool = True
    """New cards only from sections that you have read or declared known; off: from the whole course."""
    weekend_new: bool = True
    """New cards on Saturdays and Sundays, too."""
    weekend_cards: int = 0
    """Most cards, due and new together, on a Saturday or a Sunday (0 to 9999); 0: as on other days."""
    new_cards: NewCards = "after"
    """New cards after the due ones, before them, or mixed among them."""
    review_order: ReviewOrder = "due"
    """Due cards by due date, hardest first, or shuffled once a day."""
    rollover_hour: int = 4
    """Hour at which the study day turns (0 to 23, local time)."""
    bury_siblings: bool = True
    """Don't show two cards on the same objective on one day."""
    grade_keys: GradeKeys = "four"
    """1-4 for Again, Hard, Good, Easy as in Anki, or 0-5 for SM-2's six grades."""
    options: Options = "covered"
    """Options of a choice covered until you have an answer in mind, and gone once the card is mature; or shown."""
    ask_confidence: bool = False
    """Ask how sure you are (1 to 5) before an answer is checked."""
    ask_confidence_in_rehearsal: bool = True
    """Ask how sure you are (1 to 5) in an interview, before what you covered is shown."""
    ask_back: bool = False
    """Ask back in every interview on the points that decide; a mock interview does so anyway."""
    rehearsal_clock: bool = True
    """Show a clock in interviews, with the seconds to think and to answer."""
    judge_url: str = ""
    """OpenAI-compatible server that grades interview answers, as http://localhost:11434/v1; empty: offline."""
    judge_model: str = ""
    """Model the judge's server is asked for. A key, if it wants one, is read from STUDYTUI_JUDGE_KEY and never kept."""
    judge_timeout_s: int = 30
    """Seconds the judge has (2 to 300) before an answer is graded offline."""
    show_timer: bool = True
    """Show the seconds spent on a card."""
    start_labs: bool = True
    """Start the lab worker in the background when the app opens."""
    lab_device: Device = "cpu"
    """Where labs compute; only the CPU gives the same bits each time. Takes effect at the next start."""
    leech_lapses: int = 8
    """A card missed this many times is a leech (3 to 99)."""
    suspend_leeches: bool = True
    """Take a leech out of reviews; off: it is only named on the home screen."""

    @property
    def limits(self) -> Limits:
        return Limits(new_per_day=self.new_per_day, reviews_per_day=self.reviews_per_day)

    def limits_on(self, day: date) -> Limits:
        """What the settings let a study day bring: less on the easy days of a week."""
        limits = self.limits
        if day.weekday() < SATURDAY:
            return limits
        if not self.weekend_new:
            limits = replace(limits, new_per_day=0)
        return replace(limits, cards_per_day=self.weekend_cards) if self.weekend_cards else limits


RANGES: Final[dict[str, tuple[int, int]]] = {
    "new_per_day": (0, 9999),
    "reviews_per_day": (0, 9999),
    "rollover_hour": (0, 23),
    "leech_lapses": (3, 99),
    "weekend_cards": (0, 9999),
    "judge_timeout_s": (2, 300),
}
"""The least and greatest value of each number."""
