"""What this room itself hands over: grids held by the person; keys of the API end, the successor makes his own."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop

from ecocloud.kernel.regions import terms
from ecocloud.kernel.regions.grids.models import GridTerm
from ecocloud.kernel.regions.handing.parts import Handing, Thing
from ecocloud.kernel.regions.models import ApiKey

GRIDS, KEYS = gettext_noop("网格"), gettext_noop("接口密钥（随交接停用）")


def _grids(person: Any, on: date) -> Any:
    return (
        GridTerm.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on), person=person.pk)
        .select_related("grid")
        .order_by("pk")
    )


def open_things(person: Any, on: date) -> list[Thing]:
    """Grids held on the day and keys in force."""
    found = [
        Thing(GRIDS, f"grid:{row.grid.code}", row.grid.name, reverse("regions:grid", args=[row.grid.code]))
        for row in _grids(person, on)
    ]
    keys = ApiKey.objects.filter(user=person.pk, revoked_at__isnull=True, expires_on__gte=on).order_by("pk")
    return found + [Thing(KEYS, f"user:{person.pk}", row.name) for row in keys]


def hand(tx: Any, giver: Any, taker: Any, on: date, reason: str) -> None:
    """The successor owns the grids from the day on; the keys end."""
    for row in _grids(giver, on):
        if row.valid_from >= on:  # not begun: it is his from the beginning
            row.person, row.holder = taker, taker.name[:40]
            row.save(update_fields=["person", "holder"])
            _told(tx, row, giver, taker, reason)
            continue
        standing = list(GridTerm.objects.filter(grid=row.grid).order_by("valid_from", "pk"))
        terms.appended([terms.Term(one.valid_from, one.valid_to) for one in standing], on, row.valid_to)
        end = row.valid_to
        row.valid_to = on - terms.DAY
        row.save(update_fields=["valid_to"])
        GridTerm.objects.create(grid=row.grid, department=row.department, post=row.post, holder=taker.name[:40],
                                person=taker, valid_from=on, valid_to=end)  # fmt: skip
        _told(tx, row, giver, taker, reason)
    for key in ApiKey.objects.select_for_update().filter(user=giver, revoked_at__isnull=True):
        key.revoked_at, key.revoke_reason = timezone.now(), f"岗位交接：{reason}"[:200]
        key.save(update_fields=["revoked_at", "revoke_reason"])
        tx.log("regions.key.revoke", f"user:{giver.pk}", {"key": key.head}, None, reason)


def _told(tx: Any, row: GridTerm, giver: Any, taker: Any, reason: str) -> None:
    before, after = {"person": f"user:{giver.pk}"}, {"person": f"user:{taker.pk}"}
    tx.log("regions.grid.give", f"grid:{row.grid.code}", before, after, reason)


HANDING = Handing(open_things, hand)
