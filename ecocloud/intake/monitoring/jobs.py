"""The periodic jobs of the room, gathered from its parts."""

from ecocloud.intake.monitoring.commanding.jobs import settle
from ecocloud.intake.monitoring.lake.jobs import compact, finish, retention

__all__ = ["compact", "finish", "retention", "settle"]
