"""API of the room, gathered from its parts."""

from __future__ import annotations

from ninja import Router

from ecocloud.intake.monitoring.alarms.api import router as alarms
from ecocloud.intake.monitoring.commanding.api import router as commands
from ecocloud.intake.monitoring.quality.api import router as quality
from ecocloud.intake.monitoring.results.api import router as results
from ecocloud.intake.monitoring.stations.api import router as stations

router = Router(tags=["monitoring"])
router.add_router("", alarms)
router.add_router("", quality)
router.add_router("", commands)
router.add_router("", results)
router.add_router("", stations)
