"""What the duties room hands over with a post: open items the person started, notices, replies to instructions, open
rounds, recurring duties made in the person's name.

Items lie with units, approvals with roles: the successor is of the same unit and holds the same roles.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop

from ecocloud.kernel.duties.models import Instruction, Notice, Reporter, Round, TemplateUse, WorkItem
from ecocloud.kernel.duties.queries import open_states
from ecocloud.kernel.regions.handing.parts import Handing, Thing

ITEMS, REPORTED = gettext_noop("发起的在办事项"), gettext_noop("反映的在办事件")
NOTICES, REPLIES = gettext_noop("待阅提醒"), gettext_noop("待回复的批示")
ROUNDS, RECURRING = gettext_noop("在办调度"), gettext_noop("循环任务")


def _items(person: Any) -> Any:
    return WorkItem.objects.filter(created_by=person.pk, state__in=open_states()).order_by("pk")


def _reported(person: Any) -> Any:
    rows = Reporter.objects.filter(ref=f"user:{person.pk}", item__state__in=open_states())
    return rows.select_related("item").order_by("pk")


def _replies(person: Any) -> Any:
    mine = Q(leader=person.pk, follower__isnull=True) | Q(follower=person.pk)
    return Instruction.objects.filter(mine, replied_at__isnull=True).select_related("item").order_by("pk")


def _rounds(person: Any) -> Any:
    return Round.objects.filter(created_by=person.pk, state__in=("opening", "open")).order_by("pk")


def _uses(person: Any) -> Any:
    return TemplateUse.objects.filter(by=person.pk, stopped_at__isnull=True).order_by("pk")


def _unread(person: Any) -> Any:
    return Notice.objects.filter(user=person.pk, read_at__isnull=True).order_by("pk")


def _item(kind: str, item: WorkItem) -> Thing:
    return Thing(kind, item.ref, f"{item.code} {item.title}", reverse("duties:item", args=[item.pk]))


def open_things(person: Any, on: date) -> list[Thing]:
    """What waits for the person by name (six queries)."""
    found = [_item(ITEMS, item) for item in _items(person)]
    found += [_item(REPORTED, row.item) for row in _reported(person)]
    found += [_item(REPLIES, row.item) for row in _replies(person)]
    found += [
        Thing(ROUNDS, f"round:{row.pk}", row.title, reverse("duties:round", args=[row.pk])) for row in _rounds(person)
    ]
    found += [
        Thing(RECURRING, f"pack:{row.pack}", f"{row.pack}/{row.task}",
              reverse("duties:template", args=[row.pack, row.task]))
        for row in _uses(person)
    ]  # fmt: skip
    return found + [Thing(NOTICES, f"notice:{row.pk}", row.title) for row in _unread(person)]


def hand(tx: Any, giver: Any, taker: Any, on: date, reason: str) -> None:
    """All of it to the successor. Who wrote, reported or decided something before stays in timeline and journal."""
    to = {"by": f"user:{taker.pk}"}
    for item in _items(giver):
        tx.log("duties.hand.item", item.ref, {"by": f"user:{giver.pk}"}, to, reason)
    _items(giver).update(created_by=taker)
    known = set(Reporter.objects.filter(ref=f"user:{taker.pk}").values_list("item_id", flat=True))
    for row in _reported(giver):
        if row.item_id in known:
            row.delete()
        else:
            row.ref = f"user:{taker.pk}"
            row.save(update_fields=["ref"])
        tx.log("duties.hand.item", row.item.ref, {"reporter": f"user:{giver.pk}"}, {"reporter": to["by"]}, reason)
    for row in _replies(giver):
        tx.log("duties.hand.item", row.item.ref, {"reply": f"user:{giver.pk}"}, {"reply": to["by"]}, reason)
    _replies(giver).order_by().update(follower=taker)
    for row in _rounds(giver):
        tx.log("duties.hand.round", f"round:{row.pk}", {"by": f"user:{giver.pk}"}, to, reason)
    _rounds(giver).update(created_by=taker)
    for row in _uses(giver):
        tx.log("duties.hand.template", f"pack:{row.pack}", {"task": row.task, "by": f"user:{giver.pk}"}, to, reason)
    _uses(giver).update(by=taker)
    told = Notice.objects.filter(user=taker).values_list("event", flat=True)
    twice = _unread(giver).exclude(event="").filter(event__in=list(told))
    # The successor has been told of these already: read by him, they wait for nobody.
    Notice.objects.filter(pk__in=list(twice.values_list("pk", flat=True))).update(read_at=timezone.now(), read_by=taker)
    _unread(giver).update(user=taker)


HANDING = Handing(open_things, hand)
