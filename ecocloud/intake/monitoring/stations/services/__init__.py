"""The only code that writes devices and what belongs to them: permission, change and journal in one transaction."""

from ecocloud.intake.monitoring.stations.services.devices import (
    ChannelGiven,
    add_device,
    edit_device,
    set_channels,
    set_password,
    turn_device,
)
from ecocloud.intake.monitoring.stations.services.reporting import take_report
from ecocloud.intake.monitoring.stations.services.strangers import admit, readmit, refuse
from ecocloud.intake.monitoring.stations.services.upkeep import add_upkeep, cancel_upkeep, end_upkeep

__all__ = ["ChannelGiven", "add_device", "add_upkeep", "admit", "cancel_upkeep", "edit_device", "end_upkeep",
           "readmit", "refuse", "set_channels", "set_password", "take_report", "turn_device"]  # fmt: skip
