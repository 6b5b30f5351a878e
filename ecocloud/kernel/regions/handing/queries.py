"""What was handed to whom: the desk says it beside the row, pages list it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from ecocloud.kernel.regions import scope
from ecocloud.kernel.regions.handing.models import HandedThing, PostHandover

HAND = "regions.post.hand"


def handed_to(person: Any, refs: Sequence[str]) -> dict[str, str]:
    """For those of ``refs`` that came to the person by a handover: from whom and when (one query; none without
    refs)."""
    if not refs or not takes_over(person):
        return {}
    rows = HandedThing.objects.filter(handover__taker=person.pk, ref__in=refs).select_related("handover__giver")
    return {
        row.ref: _("%(day)s 自%(name)s交接") % {"day": row.handover.on, "name": row.handover.giver.name}
        for row in rows.order_by("pk")
    }


def takes_over(person: Any) -> bool:
    """Whether anything was ever handed to the person."""
    return scope.remembered(person, "regions.takes_over", lambda: PostHandover.objects.filter(taker=person.pk).exists())


def handovers(viewer: Any) -> QuerySet[PostHandover]:
    """The handovers ``viewer`` may see: those of units in reach, and always his own."""
    rows = PostHandover.objects.select_related("giver", "taker", "department", "post", "by")
    seen = scope.reach(viewer, HAND)
    if seen.everything:
        return rows
    mine = rows.filter(giver=viewer.pk) | rows.filter(taker=viewer.pk)
    return mine | rows.filter(department__in=sorted(seen.departments))
