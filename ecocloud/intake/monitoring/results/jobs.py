"""Background job of results."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from ecocloud.base.jobs import periodic
from ecocloud.intake.monitoring.results.feeding import feed_all
from ecocloud.intake.monitoring.results.recalculating import recalculate


@periodic("monitoring.evaluate", every=timedelta(minutes=10), label_zh="环境质量评价")
def evaluate_new(context: Any) -> dict[str, int]:
    """Evaluate the days that new rows of the lake touch."""
    return recalculate(timezone.now(), context.check)


@periodic("monitoring.results.feed", at="05:20", label_zh="由评价结果报送指标")
def feed_indicators(context: Any) -> dict[str, int]:
    """Hand in values of indicators where a person switched that on; repeating changes nothing."""
    return feed_all()
