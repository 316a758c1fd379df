"""The study day turns at an hour on the wall, through travel, daylight saving and a clock set back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studytui.domain.clock import next_turn, study_day

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
