"""The minute's work of flags: values that are new in the lake are flagged."""

from __future__ import annotations

from datetime import datetime

from ecocloud.intake.monitoring.alarms.models import Watch
from ecocloud.intake.monitoring.lake import changes, site
from ecocloud.intake.monitoring.lake.changes import Position
from ecocloud.intake.monitoring.quality import flagging

NAME, FIRST_DAYS = "flags", 10


def run(now: datetime) -> int:
    """Flag what is new; the last days when nobody has looked yet. Returns how many flags came or went."""
    watch = Watch.objects.filter(pk=NAME).first()
    if watch is None:
        position = Position.of(site.store().newest())
        changed = flagging.flag_days(FIRST_DAYS, now)
    else:
        spans, position = changes.since(site.store(), Position.read(watch.position), (flagging.INTERVAL,))
        changed = flagging.flag_new(spans.get(flagging.INTERVAL, {}))
    Watch.objects.update_or_create(pk=NAME, defaults={"position": position.as_json(), "whole": now})
    return changed
