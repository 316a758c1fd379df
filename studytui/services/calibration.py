"""Confidence against real correctness, over reviews and rehearsals together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from studytui.domain import calibration as maths
from studytui.domain.calibration import Judged, Level, Partition, Topic
from studytui.services.workspace import Workspace

MOST_TOPICS: Final = 5
WORDS: Final[dict[int, str]] = {1: "guess", 2: "doubtful", 3: "even", 4: "quite", 5: "certain"}


@dataclass(frozen=True, slots=True)
class Calibration:
    """How well belief fits knowledge. `brier` and `parts` are None without an answer that came with a confidence.

    Attributes:
        reviews: answers of reviews among them; right as the machine checked it, else as graded 3 or better.
        rehearsals: answers of rehearsals and their follow-ups, right from grade 3 on.
        overconfident: sections in which clearly more was believed than known, the widest gap first.
    """

    reviews: int
    rehearsals: int
    brier: float | None
    parts: Partition | None
    levels: tuple[Level, ...]
    overconfident: tuple[Topic, ...]
    titles: dict[str, str]

    @property
    def answers(self) -> int:
        return self.reviews + self.rehearsals

    @property
    def counted(self) -> str:
        """How many, in words."""
        what = f"{self.answers} answer{'s' * (self.answers != 1)}"
        return f"{what} ({self.reviews} in reviews, {self.rehearsals} in rehearsals)"

    def title(self, section: str) -> str:
        """A section with its title."""
        return f"{section} {self.titles.get(section, '')}".strip()

    def to_json(self) -> dict[str, Any]:
        """Stable keys: answers, reviews, rehearsals, brier, reliability, resolution, uncertainty, levels (confidence,
        said, answers, correct, share, low, high), overconfident (section, title, answers, said, share, gap)."""
        parts = self.parts
        return {
            "answers": self.answers,
            "reviews": self.reviews,
            "rehearsals": self.rehearsals,
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
            yield "Calibration: no answer came with a confidence yet. Rehearsals ask for it; reviews if set so."
            return
        yield f"Calibration: {self.counted} with a confidence."
        yield (
            f"Brier score {self.brier:.3f} (0 is perfect; always saying your average would score "
            f"{self.parts.uncertainty:.3f}, a coin 0.250)."
        )
        for level in self.levels:
            low, high = level.interval
            yield (
                f"  sure {level.confidence} {WORDS[level.confidence]:<9} means {level.said:>4.0%}; "
                f"right {level.share:>4.0%} of {level.count} ({low:.0%} to {high:.0%})"
            )
        if not self.overconfident:
            yield "Over-confident in no section with enough answers."
        for topic in self.overconfident[:MOST_TOPICS]:
            yield (
                f"Over-confident in {self.title(topic.topic)}: believed {topic.said:.0%}, right {topic.share:.0%} "
                f"of {topic.count}."
            )


def calibration(workspace: Workspace) -> Calibration:
    """Everything that came with a confidence. Statistics code is imported: call it in a thread.

    Raises:
        StoreError: the database cannot be read.
    """
    from studytui.store import reports

    store, course = workspace.store, workspace.course
    rows = reports.sure_answers(store, workspace.course_no, workspace.interview_no)
    judged = [Judged(row.confidence, row.correct, row.section, row.count) for row in rows]
    return Calibration(
        reviews=sum(row.count for row in rows if row.course_no == workspace.course_no),
        rehearsals=sum(row.count for row in rows if row.course_no != workspace.course_no),
        brier=maths.brier(judged),
        parts=maths.partition(judged),
        levels=maths.levels(judged),
        overconfident=maths.overconfident(judged),
        titles={section.id: section.title for chapter in course.chapters for section in chapter.sections},
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
