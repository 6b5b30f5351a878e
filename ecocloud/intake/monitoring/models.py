"""Tables of the monitoring room, gathered from its parts. Written by their services only."""

from ecocloud.intake.monitoring.alarms.models import (
    AlarmEvent,
    AlarmIncident,
    AlarmRule,
    AlarmSignal,
    AlarmState,
    Watch,
)
from ecocloud.intake.monitoring.commanding.models import Command, CommandEvent, CommandSetting, StrayAnswer
from ecocloud.intake.monitoring.lake.models import Latest
from ecocloud.intake.monitoring.quality.models import QualityFlag, QualityReview
from ecocloud.intake.monitoring.results.models import Evaluated, Result, ResultFeed
from ecocloud.intake.monitoring.stations.models import (
    Channel,
    DayToCount,
    Device,
    DeviceDay,
    DeviceState,
    Stranger,
    Upkeep,
)

__all__ = [
    "AlarmEvent", "AlarmIncident", "AlarmRule", "AlarmSignal", "AlarmState", "Channel", "Command", "CommandEvent",
    "CommandSetting", "DayToCount", "Device", "DeviceDay", "DeviceState", "Evaluated", "Latest", "QualityFlag",
    "QualityReview", "Result", "ResultFeed", "StrayAnswer", "Stranger", "Upkeep", "Watch",
]  # fmt: skip
