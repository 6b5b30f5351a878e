"""What the portal hands over with a post: in whose name cases are made of public reports."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_noop

from ecocloud.kernel.regions.handing.parts import Handing, Thing
from ecocloud.portal.reports.models import ReportDesk

DESK = gettext_noop("公众反映受理")


def _desks(person: Any) -> Any:
    return ReportDesk.objects.filter(person=person.pk).order_by("pk")


def open_things(person: Any, on: date) -> list[Thing]:
    """The desk of reports, where the person stands for it."""
    return [Thing(DESK, f"reportdesk:{row.pk}", row.office.name, reverse("portal:reports")) for row in _desks(person)]


def hand(tx: Any, giver: Any, taker: Any, on: date, reason: str) -> None:
    """The successor stands for it."""
    for row in _desks(giver):
        tx.log("portal.desk.hand", f"reportdesk:{row.pk}", {"by": f"user:{giver.pk}"}, {"by": f"user:{taker.pk}"},
               reason)  # fmt: skip
    _desks(giver).update(person=taker)


HANDING = Handing(open_things, hand)
