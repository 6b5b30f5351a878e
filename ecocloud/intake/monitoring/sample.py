"""The room's part of the sample site, gathered from its parts."""

from __future__ import annotations

from typing import Any

from ecocloud.intake.monitoring.alarms import sample as alarms
from ecocloud.intake.monitoring.stations import sample as stations


def load(context: Any) -> None:
    """Devices with their packets, then what the alarm rules find in them."""
    stations.load(context)
    alarms.load(context)
