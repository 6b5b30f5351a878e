"""Periodic jobs of the stations part: counts of today and of days with late data, of the last days each night."""

from __future__ import annotations

from datetime import timedelta

from ecocloud.base.jobs import periodic
from ecocloud.intake.monitoring.stations.services.counting import count_days, count_noted, recent_days
from ecocloud.intake.monitoring.stations.services.late import COUNTED_ANYWAY

# Counted again each night, whether or not anything came: channels and rules may have changed.
NIGHTLY_DAYS = 10


@periodic("monitoring.count", every=timedelta(minutes=20), label_zh="统计数据传输有效率")
def count_today(context) -> None:
    """Today and yesterday, and what is noted of any day."""
    count_days(recent_days(COUNTED_ANYWAY))
    count_noted()


@periodic("monitoring.recount", at="02:10", label_zh="重新统计近日数据传输有效率")
def count_again(context) -> None:
    """The last days."""
    count_days(recent_days(NIGHTLY_DAYS))
