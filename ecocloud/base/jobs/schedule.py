"""When a schedule is due: pure date arithmetic."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Schedule:
    """Either ``every`` (an interval) or ``at`` (local time ``HH:MM``), the latter with an optional day.

    ``weekday``: 1 Monday to 7 Sunday. ``day``: 1 to 31 of the month; the last day where the month is shorter.
    """

    every: timedelta | None = None
    at: str = ""
    weekday: int = 0
    day: int = 0
    zone: str = "Asia/Shanghai"

    def __post_init__(self) -> None:
        if (self.every is None) == (not self.at):
            raise ValueError("a schedule needs either every or at")
        if self.every is not None and self.every < timedelta(seconds=1):
            raise ValueError("every must be at least one second")
        if self.at:
            time.fromisoformat(self.at)
        if not 0 <= self.weekday <= 7 or not 0 <= self.day <= 31 or (self.weekday and self.day):
            raise ValueError("weekday is 1 to 7 or day is 1 to 31, not both")
        if self.every is not None and (self.weekday or self.day):
            raise ValueError("weekday and day belong to at")

    def last_slot(self, now: datetime) -> datetime:
        """The latest time at or before ``now`` (aware) when the schedule is due; aware, UTC."""
        if self.every is not None:
            return _EPOCH + (now - _EPOCH) // self.every * self.every
        zone = ZoneInfo(self.zone)
        local = now.astimezone(zone)
        clock = time.fromisoformat(self.at)
        for back in range(0, 63):
            day = local.date() - timedelta(days=back)
            slot = datetime.combine(day, clock, tzinfo=zone)
            if slot <= local and self._is_day(day):
                return slot.astimezone(UTC)
        raise AssertionError("every schedule has a slot within two months")

    def _is_day(self, day) -> bool:
        if self.weekday:
            return day.isoweekday() == self.weekday
        if self.day:
            return day.day == min(self.day, calendar.monthrange(day.year, day.month)[1])
        return True


def pause_before_retry(attempts: int, base: float) -> timedelta:
    """How long to wait after the ``attempts``-th attempt failed: base, 2 base, 4 base ... at most an hour."""
    return timedelta(seconds=min(base * 2 ** min(max(attempts, 1) - 1, 20), 3600))
