"""The room's part of the sample site, gathered from its parts."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from ecocloud.intake.monitoring.alarms import sample as alarms
from ecocloud.intake.monitoring.results.recalculating import recalculate
from ecocloud.intake.monitoring.stations import sample as stations


def load(context: Any) -> None:
    """Devices with their packets, then their evaluation and what the alarm rules find in them."""
    stations.load(context)
    context.say("环境质量评价")
    recalculate(timezone.now())
    alarms.load(context)
