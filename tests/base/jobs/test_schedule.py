"""Slots worked out by hand on a calendar; Asia/Shanghai is UTC+8 without summer time."""

from datetime import UTC, datetime, timedelta

import pytest

from ecocloud.base.jobs.schedule import Schedule, pause_before_retry


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def test_interval_slots_lie_on_a_fixed_grid():
    schedule = Schedule(every=timedelta(minutes=5))
    assert schedule.last_slot(utc(2026, 3, 1, 10, 7, 30)) == utc(2026, 3, 1, 10, 5)
    assert schedule.last_slot(utc(2026, 3, 1, 10, 5)) == utc(2026, 3, 1, 10, 5)
    assert schedule.last_slot(utc(2026, 3, 1, 10, 4, 59)) == utc(2026, 3, 1, 10, 0)


def test_daily_in_local_time():
    schedule = Schedule(at="02:30")
    assert schedule.last_slot(utc(2026, 2, 28, 18, 30)) == utc(2026, 2, 28, 18, 30)  # 02:30 on 1 March in Shanghai
    assert schedule.last_slot(utc(2026, 2, 28, 18, 29)) == utc(2026, 2, 27, 18, 30)


def test_weekly():
    schedule = Schedule(at="08:00", weekday=1)
    # 24 November 2026 is a Tuesday.
    assert schedule.last_slot(utc(2026, 11, 24, 12)) == utc(2026, 11, 23, 0)
    assert schedule.last_slot(utc(2026, 11, 22, 23, 59)) == utc(2026, 11, 16, 0)


@pytest.mark.parametrize(
    ("day", "now", "slot"),
    [
        (31, utc(2026, 3, 15), utc(2026, 2, 28, 0)),  # February has 28 days
        (31, utc(2026, 5, 1, 5), utc(2026, 4, 30, 0)),
        (5, utc(2026, 3, 4, 23, 59), utc(2026, 2, 5, 0)),
        (5, utc(2026, 3, 5, 0), utc(2026, 3, 5, 0)),
    ],
)
def test_monthly(day, now, slot):
    assert Schedule(at="08:00", day=day).last_slot(now) == slot


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"every": timedelta(seconds=5), "at": "01:00"},
        {"every": timedelta(0)},
        {"at": "25:00"},
        {"at": "01:00", "weekday": 8},
        {"at": "01:00", "weekday": 1, "day": 1},
        {"every": timedelta(hours=1), "day": 1},
    ],
)
def test_nonsense_is_refused(arguments):
    with pytest.raises(ValueError):
        Schedule(**arguments)


def test_pauses_double_up_to_an_hour():
    seconds = [pause_before_retry(n, 10).total_seconds() for n in (1, 2, 3, 9, 10, 100)]
    assert seconds == [10, 20, 40, 2560, 3600, 3600]
