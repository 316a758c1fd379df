"""Answer N cards through the app's own session and print the milliseconds each took, next card and durable answer.

python -m tests.benchmarks.answer_cards DATABASE N [--daily-limits]; prints JSON.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Final

from studytui.domain.clock import study_day
from studytui.domain.settings import Settings
from studytui.store import Store
from studytui.study.review import Answer, Session
from studytui.study.workspace import SystemClock
from tests.benchmarks.databases import COURSE

WARM_UP: Final = 20


def answer_cards(path: Path, count: int, *, daily_limits: bool = False) -> list[float]:
    """Milliseconds of each next() + answer(). Without the app's daily limits, as many cards as Anki allows."""
    clock = SystemClock()
    settings = Settings() if daily_limits else Settings(new_per_day=9999, reviews_per_day=9999, new_cards="mixed")
    store = Store.open(path, today=study_day(clock.now(), settings.rollover_hour))
    course_no = store.course_no(COURSE)
    assert course_no is not None
    session = Session(store, course_no, clock=clock, settings=settings)
    milliseconds = []
    for number in range(WARM_UP + count):
        started = time.perf_counter()
        turn = session.next()
        assert turn is not None
        session.answer(turn, 4, Answer(duration_ms=5000))
        if number >= WARM_UP:
            milliseconds.append((time.perf_counter() - started) * 1000)
    store.close()
    return milliseconds


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("count", type=int)
    parser.add_argument("--daily-limits", action="store_true")
    wanted = parser.parse_args()
    print(json.dumps(answer_cards(wanted.database, wanted.count, daily_limits=wanted.daily_limits)))
