"""Periodic jobs of the stations part: counts of today each hour, of the last days each night."""

from __future__ import annotations

from datetime import timedelta

from ecocloud.base.jobs import periodic
from ecocloud.intake.monitoring.stations.services.counting import count_days, recent_days

# What comes late within so many days still changes the counts.
NIGHTLY_DAYS = 10


@periodic("monitoring.count", every=timedelta(minutes=20), label_zh="统计数据传输有效率")
def count_today(context) -> None:
    """Today and yesterday."""
    count_days(recent_days(2))


@periodic("monitoring.recount", at="02:10", label_zh="重新统计近日数据传输有效率")
def count_again(context) -> None:
    """The last days, for what came late."""
    count_days(recent_days(NIGHTLY_DAYS))
