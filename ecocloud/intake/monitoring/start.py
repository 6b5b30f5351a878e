"""What the room registers when a process starts."""

from __future__ import annotations

from ecocloud.intake.monitoring.alarms import start as alarms
from ecocloud.intake.monitoring.commanding import start as commanding
from ecocloud.intake.monitoring.lake import refs
from ecocloud.intake.monitoring.results import hour_refs, trusting
from ecocloud.intake.monitoring.results import refs as results
from ecocloud.intake.monitoring.stations import start


def register() -> None:
    """References of every part of the room."""
    start.register()
    refs.register()
    commanding.register()
    alarms.register()
    results.register()
    hour_refs.register()
    trusting.register()
