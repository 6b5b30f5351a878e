"""What the monitoring room hands over with a post: indicator values handed in or confirmed in the person's name."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_noop

from ecocloud.intake.monitoring.results.models import ResultFeed
from ecocloud.kernel.regions.handing.parts import Handing, Thing

FEEDS = gettext_noop("以本人名义报送的监测指标")


def _feeds(person: Any) -> Any:
    rows = ResultFeed.objects.filter(Q(by=person.pk) | Q(trusted_by=person.pk), stopped_at__isnull=True)
    return rows.select_related("region").order_by("pk")


def open_things(person: Any, on: date) -> list[Thing]:
    """Feeds that go on."""
    return [Thing(FEEDS, f"region:{row.region_id}", row.region.name) for row in _feeds(person)]


def hand(tx: Any, giver: Any, taker: Any, on: date, reason: str) -> None:
    """They go on in the successor's name. A rule that would then confirm what the same person hands in stops
    confirming: people do, until somebody else is named."""
    for row in _feeds(giver):
        before = {"by": row.by_id, "trusted_by": row.trusted_by_id}
        if row.by_id == giver.pk:
            row.by = taker
        if row.trusted_by_id == giver.pk:
            row.trusted_by = taker
        if row.trusted_by_id == row.by_id:
            row.trusted_by, row.trusted_since = None, None
        row.save(update_fields=["by", "trusted_by", "trusted_since"])
        after = {"by": row.by_id, "trusted_by": row.trusted_by_id}
        tx.log("monitoring.feed.hand", f"region:{row.region_id}", before, after, reason)


HANDING = Handing(open_things, hand)
