"""What the chiefs room hands over with a post: offices of chiefs with the patrols they owe, help given to chiefs,
handover lists that wait for the person's signature."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_noop

from ecocloud.base import search
from ecocloud.domains.chiefs.models import Handover, Helper, Office, Term
from ecocloud.kernel.regions import terms
from ecocloud.kernel.regions.handing.parts import Handing, Thing

OFFICES = gettext_noop("河湖长、林长岗位及其巡查任务")
HELPS, LISTS = gettext_noop("助理或代巡"), gettext_noop("待签收的交接单")


def _going_on(on: date) -> Q:
    return Q(valid_to__isnull=True) | Q(valid_to__gte=on)


def _terms(person: Any, on: date) -> Any:
    rows = Term.objects.filter(_going_on(on), person=person.pk).exclude(office__closed_on__lte=on)
    return rows.select_related("office__object", "office__region").order_by("pk")


def _helps(person: Any, on: date) -> Any:
    rows = Helper.objects.filter(_going_on(on), person=person.pk)
    return rows.select_related("office__object", "office__region").order_by("pk")


def _lists(person: Any) -> Any:
    rows = Handover.objects.filter(taker=person.pk, taken_at__isnull=True)
    return rows.select_related("office__object", "office__region").order_by("pk")


def _thing(kind: str, office: Office) -> Thing:
    return Thing(kind, office.ref, f"{office.place} {office.post}", reverse("chiefs:office", args=[office.pk]))


def open_things(person: Any, on: date) -> list[Thing]:
    """Offices held, help going on, lists to sign (three queries)."""
    return [
        *(_thing(OFFICES, row.office) for row in _terms(person, on)),
        *(_thing(HELPS, row.office) for row in _helps(person, on)),
        *(_thing(LISTS, row.office) for row in _lists(person)),
    ]


def hand(tx: Any, giver: Any, taker: Any, on: date, reason: str) -> None:
    """The successor holds the offices from the day on, without gap or overlap, and helps until the same day. Raises
    TermFault where somebody else's term follows already."""
    for row in _terms(giver, on):
        office = Office.objects.select_for_update().get(pk=row.office_id)
        before, end, basis = row.name, row.valid_to, f"岗位交接：{reason}"[:200]
        if row.valid_from >= on:  # not begun: it is the successor's from the beginning
            row.name, row.person, row.basis = taker.name[:40], taker, basis
            row.save(update_fields=["name", "person", "basis"])
        else:
            standing = list(office.terms.order_by("valid_from", "pk"))
            terms.appended([terms.Term(one.valid_from, one.valid_to) for one in standing], on, end)
            row.valid_to = on - terms.DAY
            row.save(update_fields=["valid_to"])
            Term.objects.create(office=office, name=taker.name[:40], person=taker, valid_from=on, valid_to=end,
                                basis=basis)  # fmt: skip
        office.version += 1
        office.save(update_fields=["version"])
        after = {"name": taker.name, "from": max(on, row.valid_from), "until": end}
        tx.log("chiefs.term.appoint", office.ref, {"name": before}, after, reason)
        search.index_later(office.ref, created_by=tx.actor.id)
    for row in _helps(giver, on):
        made = Helper(office=row.office, role=row.role, name=taker.name[:40], post=row.post, person=taker,
                      valid_from=max(on, row.valid_from), valid_to=row.valid_to, reason=row.reason)  # fmt: skip
        if row.valid_from >= on:
            row.delete()
        else:
            row.valid_to = on - terms.DAY
            row.save(update_fields=["valid_to"])
        made.save()
        after = {"role": made.role, "name": made.name, "from": made.valid_from, "to": made.valid_to}
        tx.log("chiefs.helper.add", row.office.ref, {"name": giver.name}, after, reason)
    for row in _lists(giver):
        tx.log("chiefs.handover.taker", row.office.ref, {"taker": row.taker_name}, {"taker": taker.name}, reason)
    _lists(giver).update(taker=taker, taker_name=taker.name[:40])


HANDING = Handing(open_things, hand)
