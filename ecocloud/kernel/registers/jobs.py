"""Background jobs of the registers room: indicators fed by packs every month, changes of many objects."""

from __future__ import annotations

from typing import Any

from ecocloud.base.jobs.registry import periodic
from ecocloud.kernel.journal.services import SYSTEM
from ecocloud.kernel.registers.bulk_jobs import bulk_edit
from ecocloud.kernel.registers.services import packs_in_use

__all__ = ["bulk_edit", "feed"]


@periodic("registers.packs.feed", at="05:00", day=1, max_attempts=3, label_zh="报送专题指标")
def feed(context: Any) -> dict[str, int]:
    """Hand the indicators of packs in for review where a person switched that on; repeating changes nothing."""

    def step(done: int, total: int) -> None:
        context.progress(done, total)
        context.check()

    return packs_in_use.feed_all(SYSTEM, step=step)
