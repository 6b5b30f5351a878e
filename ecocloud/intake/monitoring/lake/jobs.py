"""Periodic jobs of the lake: compaction each hour, retention each night."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from ecocloud.base.jobs import periodic
from ecocloud.intake.monitoring.lake import site
from ecocloud.intake.monitoring.lake.compact import Compactor
from ecocloud.intake.monitoring.lake.services import end_retention


@periodic("lake.compact", every=timedelta(hours=1), label_zh="测量库：合并数据文件")
def compact(context) -> None:
    """Put fresh files together and delete those that no reader can still be reading."""
    store = site.store()
    with store.lock("compact"):
        Compactor(store).run(timezone.now())
        store.clean()


@periodic("lake.retention", at="03:40", label_zh="测量库：按保存期限清理")
def retention(context) -> None:
    """End what has been kept long enough."""
    end_retention(timezone.now())
