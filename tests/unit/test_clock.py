"""The study day turns at an hour on the wall, through travel, daylight saving and a clock set back."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studytui.domain import sm2
from studytui.domain.clock import LAST_DAY, next_turn, study_day
from studytui.study import workspace
from studytui.study.workspace import SystemClock, new_uid

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("hour", "minute", "day"), [(3, 59, date(2026, 5, 9)), (4, 0, date(2026, 5, 10)), (23, 59, date(2026, 5, 10))]
)
def test_the_day_turns_at_four(hour: int, minute: int, day: date) -> None:
    assert study_day(datetime(2026, 5, 10, hour, minute, tzinfo=BERLIN)) == day


def test_another_hour_can_be_set() -> None:
    moment = datetime(2026, 5, 10, 1, 0, tzinfo=BERLIN)
    assert study_day(moment, 0) == date(2026, 5, 10)
    assert study_day(moment, 2) == date(2026, 5, 9)


def test_travel_gives_the_day_of_the_wall_clock() -> None:
    moment = datetime(2026, 5, 10, 9, 30, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert study_day(moment) == date(2026, 5, 10)
    assert study_day(moment.astimezone(ZoneInfo("America/Los_Angeles"))) == date(2026, 5, 9)


@pytest.mark.parametrize("night", [date(2026, 3, 29), date(2026, 10, 25)])
def test_daylight_saving_makes_a_day_longer_or_shorter_and_nothing_else(night: date) -> None:
    start = datetime(night.year, night.month, night.day, 0, 0, tzinfo=BERLIN).astimezone(UTC)
    days = [study_day((start + timedelta(minutes=10 * i)).astimezone(BERLIN)) for i in range(26 * 6)]
    assert days == sorted(days)
    assert set(days) == {night - timedelta(days=1), night}
    turn = next(i for i, day in enumerate(days) if day == night)
    assert (start + timedelta(minutes=10 * turn)).astimezone(BERLIN).hour == 4


@given(
    st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.timezones()),  # noqa: DTZ001
    st.integers(0, 23),
)
def test_the_next_turn_starts_the_next_study_day(moment: datetime, hour: int) -> None:
    turn = next_turn(moment, hour)
    assert study_day(turn, hour) == study_day(moment, hour) + timedelta(days=1)


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        study_day(datetime(2026, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize("hour", [-1, 24])
def test_the_hour_is_0_to_23(hour: int) -> None:
    with pytest.raises(ValueError, match="0 to 23"):
        study_day(datetime(2026, 1, 1, tzinfo=UTC), hour)


@pytest.mark.parametrize("hours", [14, 0, -12])
@pytest.mark.parametrize("moment", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_the_first_and_the_last_moment_have_a_study_day_with_a_tomorrow(moment: datetime, hours: int) -> None:
    local = moment.replace(tzinfo=timezone(timedelta(hours=hours)))
    day = study_day(local)
    assert date.min <= day <= LAST_DAY
    for grade in range(6):
        due_on = sm2.review(sm2.Schedule(interval_days=30_000, repetitions=9), grade, on=day).due_on
        assert due_on is not None
        assert due_on > day, "or the card would come again at once, for ever"
    assert len(new_uid(_Stands(local))) == 28


def test_days_are_held_at_both_ends() -> None:
    assert sm2.add_days(date.min, -1) == date.min
    assert sm2.add_days(date.max, 1) == date.max


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system tells no process that its zone changed")
def test_a_change_of_time_zone_is_seen_while_running(monkeypatch: pytest.MonkeyPatch) -> None:
    hours = []
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12", "Europe/Berlin", "UTC"):
        monkeypatch.setenv("TZ", zone)
        offset = SystemClock().now().utcoffset()
        assert offset is not None
        hours.append(offset // timedelta(hours=1))
    monkeypatch.undo()
    time.tzset()
    assert hours[:2] == [14, -12]
    assert hours[2] in (1, 2)
    assert hours[3] == 0


@pytest.mark.parametrize(("seconds", "year"), [(1e18, 9999), (-1e18, 1)])
def test_a_clock_beyond_the_years_stands_at_their_end(
    monkeypatch: pytest.MonkeyPatch, seconds: float, year: int
) -> None:
    class Beyond(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            raise ValueError("year 31688740436 is out of range")

    monkeypatch.setattr(workspace, "datetime", Beyond)
    monkeypatch.setattr(time, "time", lambda: seconds)
    assert SystemClock().now().year == year


class _Stands:
    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment
