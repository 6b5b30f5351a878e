"""What the registers hand over with a post: monthly figures of packs handed in in the person's name."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext_noop

from ecocloud.kernel.regions.handing.parts import Handing, Thing
from ecocloud.kernel.registers.models import PackFeed

FEEDS = gettext_noop("以本人名义报送的专题指标")


def _feeds(person: Any) -> Any:
    return (
        PackFeed.objects.filter(by=person.pk, stopped_at__isnull=True).select_related("pack", "region").order_by("pk")
    )


def open_things(person: Any, on: date) -> list[Thing]:
    """Feeds that go on."""
    return [Thing(FEEDS, f"pack:{row.pack.code}", f"{row.pack} {row.region.name}") for row in _feeds(person)]


def hand(tx: Any, giver: Any, taker: Any, on: date, reason: str) -> None:
    """The figures go on in the successor's name."""
    for row in _feeds(giver):
        tx.log("registers.feed.hand", f"pack:{row.pack.code}", {"region": row.region_id, "by": f"user:{giver.pk}"},
               {"by": f"user:{taker.pk}"}, reason)  # fmt: skip
    _feeds(giver).update(by=taker)


HANDING = Handing(open_things, hand)
