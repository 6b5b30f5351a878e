"""Tables of the monitoring room, gathered from its parts. Written by their services only."""

from ecocloud.intake.monitoring.commanding.models import Command, CommandEvent, CommandSetting, StrayAnswer
from ecocloud.intake.monitoring.lake.models import Latest
from ecocloud.intake.monitoring.stations.models import (
    Channel,
    Device,
    DeviceDay,
    DeviceState,
    Stranger,
    Upkeep,
)

__all__ = [
    "Channel", "Command", "CommandEvent", "CommandSetting", "Device", "DeviceDay", "DeviceState", "Latest",
    "StrayAnswer",
    "Stranger", "Upkeep",
]  # fmt: skip
