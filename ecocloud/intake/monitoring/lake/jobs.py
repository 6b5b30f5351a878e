"""Periodic jobs of the lake: compaction every few minutes, so that a reader finds few files; retention each night."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from ecocloud.base.jobs import periodic
from ecocloud.intake.monitoring.lake import site
from ecocloud.intake.monitoring.lake.compact import Compactor
from ecocloud.intake.monitoring.lake.services import end_retention


@periodic("lake.compact", every=timedelta(minutes=5), label_zh="测量库：合并新到的数据文件")
def compact(context) -> None:
    """Put fresh files together and delete those that no reader can still be reading."""
    _compacted(finish=False)


@periodic("lake.finish", at="02:20", label_zh="测量库：已过去的日期各合并成一个文件")
def finish(context) -> None:
    """Make one file of each partition whose period is over."""
    _compacted(finish=True)


@periodic("lake.retention", at="03:40", label_zh="测量库：按保存期限清理")
def retention(context) -> None:
    """End what has been kept long enough."""
    end_retention(timezone.now())


def _compacted(*, finish: bool) -> None:
    store = site.store()
    with store.lock("compact", wait=True):
        try:
            Compactor(store).run(timezone.now(), finish=finish)
        finally:  # all the more when the disk was full
            store.clean()
