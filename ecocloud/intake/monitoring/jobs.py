"""The periodic jobs of the room, gathered from its parts."""

from ecocloud.intake.monitoring.alarms.jobs import flag_again, watch
from ecocloud.intake.monitoring.commanding.jobs import settle
from ecocloud.intake.monitoring.lake.jobs import compact, finish, retention
from ecocloud.intake.monitoring.results.jobs import evaluate_new, feed_indicators
from ecocloud.intake.monitoring.stations.jobs import count_again, count_today

__all__ = [
    "compact", "count_again", "count_today", "evaluate_new", "feed_indicators", "finish", "flag_again", "retention",
    "settle", "watch",
]  # fmt: skip
