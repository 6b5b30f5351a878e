"""Background jobs of commands: what time decides when no gateway asks, clocks that drift."""

from __future__ import annotations

from typing import Any

from ecocloud.base.jobs.registry import periodic
from ecocloud.intake.monitoring.commanding import delivery

EVERY_S = 60


@periodic("monitoring.commands", every=EVERY_S, max_attempts=1, label_zh="设备指令超时与自动校时")
def settle(context: Any) -> dict[str, int]:
    """Settle commands whose time has passed, and ask for 1012 where a clock drifts."""
    return {"moved": delivery.sweep(), "clocks": delivery.set_clocks()}
