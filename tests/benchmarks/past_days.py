"""Study a course on two days a month ago, through the app's own session: every card `seen` is answered once a day.

python -m tests.benchmarks.past_days COURSE SEEN, with the learner's folder in STUDYTUI_HOME
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path

from studytui.domain.settings import Settings
from studytui.study.review import Answer, open_session
from studytui.study.workspace import SystemClock, Workspace

DAYS_AGO = 30


class PastClock:
    """The machine's clock, set back by some days."""

    def __init__(self, days_ago: int) -> None:
        self.days_ago = days_ago

    def now(self) -> datetime:
        return SystemClock().now() - timedelta(days=self.days_ago)


def study(course: Path, seen: int) -> None:
    """Two days: `seen` new cards on the first; the same, then due, on the second."""
    clock = PastClock(DAYS_AGO)
    settings = Settings(new_per_day=seen, reviews_per_day=9999, bury_siblings=False)
    workspace = Workspace.open(course, clock=clock, settings=settings)
    try:
        for day, expected in enumerate(("new", "due")):
            clock.days_ago = DAYS_AGO - day
            session = open_session(workspace)
            for _ in range(seen):
                turn = session.next()
                assert turn is not None and turn.origin == expected
                session.answer(turn, 4, Answer(duration_ms=1000))
    finally:
        workspace.close()


if __name__ == "__main__":
    study(Path(sys.argv[1]), int(sys.argv[2]))
