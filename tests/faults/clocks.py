"""Clocks that are wrong, that jump and that turn: cards are reviewed by them, then the clock is right again.

No try may end in a traceback, put an act on another day than the one on which it was done, leave what `doctor` calls an
error, promise other cards than come, or lose a card in the future without saying so.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from studytui.domain.clock import study_day
from studytui.domain.queue import Counts
from studytui.domain.settings import Settings
from studytui.store.doctor import examine
from studytui.study.card_actions import CardActions, bring_back, clock_ahead, take_back
from studytui.study.progress import advice, dashboard, session_summary, statistics, today_overview
from studytui.study.review import Answer, Session, open_session
from studytui.study.workspace import SystemClock, Workspace
from tests.faults.attack import Attack
from tests.ui.tiny_course import write_course

RIGHT: Final = datetime(2026, 3, 10, 9, 0, tzinfo=timezone(timedelta(hours=1)))
BERLIN: Final = ZoneInfo("Europe/Berlin")
CARDS: Final = 30
MOST_ANSWERS: Final = 200
"""A session that shows more has lost its way."""


def at(year: int, month: int = 6, day: int = 1, hour: int = 9, minute: int = 0, *, offset: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=timezone(timedelta(hours=offset)))


def steps(start: datetime, *minutes: int) -> tuple[datetime, ...]:
    return tuple(start + timedelta(minutes=each) for each in minutes)


# What the clock shows from one act to the next: a card is shown at one moment and answered at the next.
SCRIPTS: Final[dict[str, tuple[datetime, ...]]] = {
    "one hour is left out": (
        datetime(2026, 3, 29, 1, 59, tzinfo=BERLIN), datetime(2026, 3, 29, 3, 1, tzinfo=BERLIN),
        datetime(2026, 3, 29, 3, 59, tzinfo=BERLIN), datetime(2026, 3, 29, 4, 1, tzinfo=BERLIN),
    ),
    "one hour comes twice": (
        datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN), datetime(2026, 10, 25, 2, 10, fold=1, tzinfo=BERLIN),
        datetime(2026, 10, 25, 3, 59, tzinfo=BERLIN), datetime(2026, 10, 25, 4, 0, tzinfo=BERLIN),
    ),
    "far east and far west": (at(2026, 3, 11, offset=14), at(2026, 3, 9, 19, offset=-12), at(2026, 3, 10, offset=1)),
    "leap day": (at(2028, 2, 28, 23), at(2028, 2, 29, 1), at(2028, 2, 29, 9), at(2028, 3, 1, 9)),
    "2038": steps(datetime(2038, 1, 19, 3, 14, 7, tzinfo=UTC), 0, 1, 120),
    "a year back": (at(2025, 3, 10), at(2025, 3, 10, 10)),
    "ten years back": (at(2016, 3, 10), at(2016, 3, 10, 10), at(2016, 3, 11)),
    "a day back": (at(2026, 3, 9), at(2026, 3, 8)),
    "a day ahead": (at(2026, 3, 11), at(2026, 3, 11, 10)),
    "a year ahead": (at(2027, 3, 10), at(2027, 3, 11)),
    "ten years ahead": (at(2036, 3, 10), at(2036, 3, 17), at(2036, 9, 1)),
    "year 1": (at(1, 1, 1, 0, offset=14), at(1, 1, 1, 0, offset=-12), at(1, 1, 1, 5), at(1, 1, 2)),
    "1970": (at(1970, 1, 1, 0), at(1970, 1, 1, 0, 1), at(1970, 1, 1, 1, offset=14), at(1970, 1, 2)),
    "before 1970": (at(1969, 12, 31, 23, offset=-12), at(1901, 12, 13), at(1900, 1, 1)),
    "9900": (at(9900), at(9900, 6, 2)),
    "9998": (at(9998, 12, 31, 3), at(9998, 12, 31, 5), at(9999, 1, 1)),
    "9999": (
        at(9999, 12, 30), at(9999, 12, 31, 3), at(9999, 12, 31, 23, 59, offset=-12), at(9999, 12, 31, 23, offset=14),
    ),
    "the turn between showing and answering": steps(RIGHT.replace(hour=3, minute=58), 0, 4, 24 * 60, 24 * 60 + 4),
    "asleep over the turn": steps(RIGHT.replace(hour=23), 0, 9 * 60, 4 * 24 * 60, 9 * 24 * 60),
    "to and fro": (at(2036), at(2016), at(2026, 3, 10, 10), at(1970, 1, 1), at(2099), at(2026, 3, 10, 11)),
}  # fmt: skip
ZONES: Final = ("Pacific/Kiritimati", "Etc/GMT+12", "Europe/Berlin", "America/St_Johns", "UTC")


@dataclass
class Hands:
    """A clock that shows what it is set to."""

    moment: datetime = RIGHT
    read: Callable[[], datetime] | None = None

    def now(self) -> datetime:
        return self.read() if self.read else self.moment


@dataclass
class Try:
    """One learner before one clock; `days` is the study day of each act, in the order of the log."""

    workspace: Workspace
    clock: Hands
    chance: random.Random
    days: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def note(self) -> None:
        """All that was written since the last act was written on the study day of this moment."""
        (count,) = self.workspace.store.connection.execute("SELECT count(*) FROM review").fetchone()
        day = study_day(self.clock.now(), self.workspace.settings.rollover_hour).isoformat()
        self.days += [day] * (count - len(self.days))

    def act(self, session: Session, *, answer_at: datetime | None = None) -> bool:
        """A card is shown, and answered or put aside at another moment; False at the end."""
        turn = session.next()
        if turn is None:
            return False
        if answer_at is not None:
            self.clock.moment = answer_at
        kind = self.chance.random()
        if kind < 0.08:
            session.bury(turn)
        elif kind < 0.12:
            session.suspend(turn)
        elif kind < 0.2:
            session.flag(turn)
            self.note()
            session.undo()
        else:
            if self.chance.random() < 0.5:
                turn = session.refresh(turn)
            session.answer(turn, self.chance.choice((2, 2, 3, 4, 4, 5)), Answer(duration_ms=4000))
            if kind > 0.9:
                self.note()
                session.undo()
        self.note()
        return True

    def look(self, session: Session) -> None:
        """Everything that screens and commands read."""
        state = today_overview(self.workspace)
        advice(state)
        board = dashboard(self.workspace)
        list(statistics(self.workspace).lines())
        session_summary(self.workspace, session.uid)
        clock_ahead(self.workspace)
        self.expect(board.forecast.total[0] == state.counts.due == board.shares[""].due, "the counts of a day differ")

    def study_to_the_end(self) -> None:
        """What the day promises comes, and no more."""
        session = open_session(self.workspace)
        promised = session.counts
        self.expect(promised == today_overview(self.workspace).counts, "review and home promise different cards")
        new = due = shown = 0
        while (turn := session.next()) is not None and shown < MOST_ANSWERS:
            shown += 1
            new += turn.origin == "new"
            due += turn.origin == "due"
            session.answer(turn, self.chance.choice((2, 4, 4)), Answer())
            self.note()
        self.expect(shown < MOST_ANSWERS, "a session does not end")
        self.expect((new, due) == (promised.new, promised.due), f"{promised} promised, {new} new and {due} due came")
        self.expect(today_overview(self.workspace).counts == Counts(), "something is left of a day that is over")

    def expect(self, holds: bool, what: str) -> None:
        if not holds:
            self.wrong.append(f"{what} ({self.clock.now().isoformat()})")


def survive(tries: int, seed: int) -> list[str]:
    """Each script in its turn, with other grades and acts each time."""
    failures = []
    names = [*SCRIPTS, "the zone changes while the app runs"]
    for number in range(tries):
        name = names[number % len(names)]
        chance = random.Random(f"{seed}:{number}")
        try:
            with _learner(chance) as attempt:
                _wrong_then_right(attempt, name)
                failures += [f"{name}, try {number}: {what}" for what in attempt.wrong]
        except Exception as error:  # the attack is on exceptions, too
            failures.append(f"{name}, try {number}: {type(error).__name__}: {error}")
    return failures


def _wrong_then_right(attempt: Try, name: str) -> None:
    session = open_session(attempt.workspace)
    for _ in range(8):
        attempt.act(session)
    if name in SCRIPTS:
        _follow(attempt, session, SCRIPTS[name])
    else:
        _travel(attempt, session)
    attempt.clock.moment, attempt.clock.read = RIGHT + timedelta(hours=2), None
    # The app that stayed open goes on; then it is opened anew.
    for _ in range(5):
        attempt.act(session)
    attempt.look(session)
    attempt.study_to_the_end()
    _bring_back(attempt)
    _is_sound(attempt)


def _follow(attempt: Try, session: Session, moments: Sequence[datetime]) -> None:
    for number in range(14):
        attempt.clock.moment = moments[number % len(moments)]
        if number % 5 == 4:
            session = open_session(attempt.workspace)
            attempt.look(session)
        attempt.act(session, answer_at=moments[(number + 1) % len(moments)])
    attempt.study_to_the_end()


def _travel(attempt: Try, session: Session) -> None:
    """The system's own clock, which is somewhere else at each card."""
    before = os.environ.get("TZ")
    attempt.clock.read = SystemClock().now
    try:
        for number in range(15):
            os.environ["TZ"] = ZONES[number % len(ZONES)]
            attempt.act(session)
            shown = attempt.clock.now().utcoffset()
            there = datetime.now(ZoneInfo(os.environ["TZ"])).utcoffset()
            attempt.expect(shown == there, "the zone of before still holds")
        attempt.look(session)
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()


def _bring_back(attempt: Try) -> None:
    """What waits for a day far ahead is named, due today on one key, and gets its day back on another."""
    workspace = attempt.workspace
    day = study_day(attempt.clock.now(), workspace.settings.rollover_hour)
    rows = workspace.store.connection.execute(
        "SELECT count(*) FROM card WHERE due_on > ? AND reviewed_on > ?",
        (day.isoformat(), (day + timedelta(days=1)).isoformat()),
    ).fetchone()
    found = clock_ahead(workspace)
    attempt.expect(len(found.cards) >= rows[0] if found else not rows[0], "cards far ahead are not named")
    if found is None:
        return
    uid = bring_back(workspace, found)
    attempt.note()
    attempt.expect(clock_ahead(workspace) is None, "cards brought to today are still named")
    _is_sound(attempt)
    attempt.expect(take_back(workspace, uid) == len(found.cards), "not all cards got their days back")
    attempt.note()
    bring_back(workspace, found)
    attempt.note()
    attempt.study_to_the_end()
    CardActions(workspace).undo()
    attempt.note()


def _is_sound(attempt: Try) -> None:
    store = attempt.workspace.store
    attempt.wrong += [f"doctor: {finding.what}" for finding in examine(store) if finding.level == "error"]
    days = [day for (day,) in store.connection.execute("SELECT study_day FROM review ORDER BY id")]
    attempt.expect(days == attempt.days, "an act is on another day than the one on which it was done")


@contextmanager
def _learner(chance: random.Random) -> Iterator[Try]:
    groups = [f"group-{chance.randrange(24)}" for _ in range(CARDS)]
    cards = "".join(
        f'[[card]]\nid = "card-{n}"\nsection = "1.1"\ncovers = ["1.1-01"]\ngroup = {json.dumps(group)}\n'
        f'kind = "basic"\nfront = "Question {n}?"\nback = "Because {n}."\n\n'
        for n, group in enumerate(groups)
    )
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDYTUI_HOME", str(Path(folder) / "home"))
        root = write_course(Path(folder) / "course", cards=cards)
        settings = Settings(start_labs=False, new_per_day=12, rollover_hour=chance.choice((0, 4, 4, 4, 23)))
        clock = Hands()
        with Workspace.open(root, clock=clock, settings=settings) as workspace:
            workspace.store.connection.execute("PRAGMA synchronous = OFF")
            yield Try(workspace, clock, chance)


ATTACKS: Final = (Attack("clocks: wrong, turning, in other zones", tries=210, quick=len(SCRIPTS) + 1, run=survive),)
