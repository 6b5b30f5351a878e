"""Background jobs of alarms and quality flags."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from ecocloud.base.jobs.registry import periodic
from ecocloud.intake.monitoring.alarms import linking, running
from ecocloud.intake.monitoring.quality import flagging, watching

EVERY_S = 60
# What comes late within so many days, or of a device admitted late, still gets its flags.
NIGHTLY_DAYS = 10


@periodic("monitoring.alarms", every=EVERY_S, max_attempts=1, label_zh="报警判定与质控标记")
def watch(context: Any) -> dict[str, int]:
    """Evaluate what is new, make the work items that rules want, escalate, flag values."""
    now = timezone.now()
    counts = running.run(now)
    counts |= {"items": linking.make_wanted(now)} | linking.sweep(now)
    return counts | {"flags": watching.run(now)}


@periodic("monitoring.flags", at="02:40", label_zh="重新生成近日质控标记")
def flag_again(context: Any) -> dict[str, int]:
    """Flags of the last days, for what came late."""
    return {"flags": flagging.flag_days(NIGHTLY_DAYS)}
