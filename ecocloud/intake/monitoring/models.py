"""Tables of the monitoring room, gathered from its parts. Written by their services only."""

from ecocloud.intake.monitoring.stations.models import (
    Channel,
    Device,
    DeviceDay,
    DeviceState,
    Stranger,
    Upkeep,
)

__all__ = ["Channel", "Device", "DeviceDay", "DeviceState", "Stranger", "Upkeep"]
