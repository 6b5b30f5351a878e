"""What the evidence room hands over with a post: values the person has not handed in, or got back."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_noop

from ecocloud.kernel.evidence.models import Observation
from ecocloud.kernel.regions.handing.parts import Handing, Thing

DRAFTS = gettext_noop("未报送或退回的数据")


def _drafts(person: Any) -> Any:
    rows = Observation.objects.filter(entered_by=person.pk, status__in=("draft", "returned"))
    return rows.select_related("indicator", "region").order_by("pk")


def open_things(person: Any, on: date) -> list[Thing]:
    """Drafts and returned values."""
    return [
        Thing(DRAFTS, f"obs:{row.pk}", f"{row.indicator.zh} {row.region.name} {row.span.label_zh()}",
              reverse("evidence:observation", args=[row.pk]))
        for row in _drafts(person)
    ]  # fmt: skip


def hand(tx: Any, giver: Any, taker: Any, on: date, reason: str) -> None:
    """The successor hands them in; he cannot confirm them, as whoever hands in never confirms."""
    for row in _drafts(giver):
        tx.log("evidence.observation.hand", f"obs:{row.pk}", {"by": f"user:{giver.pk}"}, {"by": f"user:{taker.pk}"},
               reason)  # fmt: skip
    _drafts(giver).update(entered_by=taker)


HANDING = Handing(open_things, hand)
