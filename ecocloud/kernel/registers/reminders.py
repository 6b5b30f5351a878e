"""What runs out and what should have been inspected: objects of all registers at once, in a fixed number of queries.

An object is due by a rule of its definition: its expiry date comes near (``remind_days``) or is over, or a kind of
inspection was not done within its cycle. An object that was never inspected is due one cycle after it was taken into
the register.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Case, Count, DateField, Exists, F, Max, OuterRef, Q, QuerySet, When
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.base.pages.figures import group_digits
from ecocloud.kernel.regions import scope
from ecocloud.kernel.registers import outlines, queries, showing
from ecocloud.kernel.registers.definition import FieldSpec, Inspection
from ecocloud.kernel.registers.models import ObjectInspection, RegisterObject, RegisterType

EXPIRY, INSPECTION = "expiry", "inspection"


@dataclass(frozen=True)
class Rule:
    """One reason why objects of a register are due. ``slot``: of the expiry date; ``months``: of the inspection."""

    type: int
    register: str
    zh: str
    en: str
    kind: str
    part: FieldSpec | Inspection
    ahead: int
    finals: tuple[str, ...]
    slot: str = ""
    months: int = 0


def rules() -> list[Rule]:
    """The rules of all registers, by register (one query; outlines of definitions are kept)."""
    found = []
    rows = list(RegisterType.objects.order_by("code"))
    known = outlines.outlines(rows)
    for row in rows:
        outline = known[row.pk]
        own, slots = (row.pk, row.code, row.zh, row.en), outlines.ready(row, outline)
        if outline.expires is not None and outline.expires.code in slots:
            found.append(Rule(*own, EXPIRY, outline.expires, outline.expiry.remind_days, outline.finals,
                              slot=slots[outline.expires.code]))  # fmt: skip
        found += [Rule(*own, INSPECTION, one, one.remind_days, outline.finals, months=one.every_months)
                  for one in outline.cycles]  # fmt: skip
    return found


def months_before(day: date, months: int) -> date:
    """The same day ``months`` earlier; the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for last in (31, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def _last_due(day: date, months: int) -> date:
    """The latest day ``months`` or more before ``day``: 29 February 2024 is a year before 28 February 2025."""
    last = months_before(day, months)
    while months_before(last + timedelta(days=1), -months) <= day:
        last += timedelta(days=1)
    return last


def condition(rule: Rule, today: date, types: Sequence[int] = ()) -> Q:
    """The objects that are due by one rule on ``today``; ``types``: all registers that have the same rule."""
    own = Q(type__in=types or [rule.type]) & ~Q(state__in=rule.finals)
    if rule.kind == EXPIRY:
        return own & Q(**{f"{rule.slot}__lte": today + timedelta(days=rule.ahead)})
    last = _last_due(today + timedelta(days=rule.ahead), rule.months)
    after = timezone.make_aware(datetime.combine(last + timedelta(days=1), time.min))
    done = ObjectInspection.objects.filter(object=OuterRef("pk"), kind=rule.part.code, on__gt=last)
    return own & Q(created_at__lt=after) & ~Exists(done)


def _alike(found: Sequence[Rule]) -> list[tuple[Rule, list[int]]]:
    """Rules that differ in their register only, together: two hundred registers are asked in a few conditions."""
    groups: dict[tuple, tuple[Rule, list[int]]] = {}
    for rule in found:
        shape = (rule.kind, rule.slot, rule.months, rule.ahead, rule.finals, rule.part.code if rule.months else "")
        groups.setdefault(shape, (rule, []))[1].append(rule.type)
    return list(groups.values())


def due(viewer: Any, today: date, found: Sequence[Rule], *, mine: bool = False) -> QuerySet[RegisterObject]:
    """The objects that are due by any of the rules, within the viewer's reach; ``until`` is their expiry date.

    mine: only those the viewer's own unit answers for.
    """
    rows = scope.limit(RegisterObject.objects.all(), viewer, ["department"], "region", "created_by", queries.VIEW)
    if mine:
        rows = rows.filter(department=viewer.department_id) if viewer.department_id else rows.none()
    wanted, dates = Q(pk__in=[]), []
    for rule, types in _alike(found):
        fits = condition(rule, today, types)
        wanted |= fits
        dates += [When(fits, then=F(rule.slot))] if rule.kind == EXPIRY else []
    return rows.filter(wanted).annotate(until=Case(*dates, default=None, output_field=DateField()))


@dataclass(frozen=True)
class Reason:
    """Why one object is due: the rule, the day it falls or fell due, light and words."""

    rule: Rule
    day: date
    light: showing.Light


class Reasons:
    """Why objects are due; the last inspections of all of them are read at once."""

    def __init__(self, objects: Any, today: date, found: Sequence[Rule]) -> None:
        """``objects``: a list of keys, or a query of them."""
        self.today = today
        self.by_type: dict[int, list[Rule]] = defaultdict(list)
        for rule in found:
            self.by_type[rule.type].append(rule)
        rows = ObjectInspection.objects.filter(object__in=objects).order_by().values_list("object", "kind")
        self.last = {(pk, kind): on for pk, kind, on in rows.annotate(last=Max("on"))}

    def of(self, row: RegisterObject) -> list[Reason]:
        """The reasons of one object, the most urgent first."""
        mine = [_reason(one, row, self.last.get((row.pk, one.part.code)), self.today)
                for one in self.by_type[row.type_id]]  # fmt: skip
        return sorted((one for one in mine if one is not None), key=lambda one: (one.day, one.rule.part.code))


def _reason(rule: Rule, row: RegisterObject, inspected: date | None, today: date) -> Reason | None:
    if row.state in rule.finals:
        return None
    if rule.kind == EXPIRY:
        day = getattr(row, rule.slot)
    else:
        day = months_before(inspected or timezone.localdate(row.created_at), -rule.months)
    if day is None or (day - today).days > rule.ahead:
        return None
    return Reason(rule, day, _light(rule, (day - today).days))


def _light(rule: Rule, left: int) -> showing.Light:
    told = {"name": showing.pick(rule.part), "days": group_digits(abs(left))}
    if left < 0:
        words = _("%(name)s已过 %(days)s 天") if rule.kind == EXPIRY else _("%(name)s超期 %(days)s 天")
        return showing.Light("red", words % told)
    return showing.Light("yellow", (_("%(name)s还有 %(days)s 天") if left else _("%(name)s今天到期")) % told)


def by_unit(today: date, found: Sequence[Rule]) -> dict[tuple[int, str], list[tuple[Rule, int]]]:
    """How many objects each unit has due, by (unit, register) and rule; one query for each rule. No data scope."""
    told: dict[tuple[int, str], list[tuple[Rule, int]]] = defaultdict(list)
    for rule in found:
        rows = RegisterObject.objects.filter(condition(rule, today), department__isnull=False).order_by()
        for unit, n in rows.values_list("department").annotate(n=Count("pk")):
            told[unit, rule.register].append((rule, n))
    return told
