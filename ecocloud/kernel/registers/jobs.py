"""Background jobs of the registers room: indicators fed by packs every month, changes of many objects, new indexes."""

from __future__ import annotations

from typing import Any

from ecocloud.base.jobs.registry import job, periodic
from ecocloud.kernel.journal.services import SYSTEM
from ecocloud.kernel.registers.bulk_jobs import bulk_edit
from ecocloud.kernel.registers.models import RegisterObject
from ecocloud.kernel.registers.services import packs_in_use, rebuilding

__all__ = ["bulk_edit", "feed", "rebuild"]


@periodic("registers.packs.feed", at="05:00", day=1, max_attempts=3, label_zh="报送专题指标")
def feed(context: Any) -> dict[str, int]:
    """Hand the indicators of packs in for review where a person switched that on; repeating changes nothing."""

    def step(done: int, total: int) -> None:
        context.progress(done, total)
        context.check()

    return packs_in_use.feed_all(SYSTEM, step=step)


@job(rebuilding.JOB, max_attempts=20, backoff=2, label_zh="重建名录索引")
def rebuild(context: Any) -> dict[str, int]:
    """Build slots and keys of a register after its definition changed; goes on where it stopped."""
    pk, done = context.payload["type"], 0
    total = RegisterObject.objects.filter(type=pk).count()
    while chunk := rebuilding.rebuild_chunk(pk):
        done += chunk[0]
        context.progress(done, max(total, done), "重建索引")
        context.check()
    return {"objects": done}
