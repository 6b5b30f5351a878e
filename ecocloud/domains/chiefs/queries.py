"""Read models: offices and patrols in sight, who holds what today, which rule applies, what is owed and done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from ecocloud.domains.chiefs import owing
from ecocloud.domains.chiefs.errors import NoSuchChief
from ecocloud.domains.chiefs.facts import LevelRule, variants, words
from ecocloud.domains.chiefs.models import Handover, Helper, Office, Patrol, RuleChoice, Term
from ecocloud.domains.chiefs.owing import Cover, InForce, Record, Slot
from ecocloud.kernel.regions import codes, scope, terms
from ecocloud.kernel.regions.grids.queries import in_force

VIEW, EDIT, SIGN = "chiefs.office.view", "chiefs.office.edit", "chiefs.handover.sign"
RECORD, PATROLS, RULE = "chiefs.patrol.record", "chiefs.patrol.view", "chiefs.rule.edit"
COUNTING = ("chief", "stand_in", "entered")


def _reach(rows: QuerySet, viewer: Any, units: Sequence[str], permission: str, own: Q) -> QuerySet:
    """Rows of units in reach, of divisions in reach, and the person's own."""
    seen = scope.limit(rows, viewer, units, permission=permission)
    if seen is rows:
        return rows
    placed = scope.limit(rows, viewer, (), "region", permission=permission)
    return rows.filter(Q(pk__in=seen.values("pk")) | Q(pk__in=placed.values("pk")) | own)


def _mine(person: Any, prefix: str = "") -> Q:
    terms_of = Term.objects.filter(person=person).values("office")
    helps = Helper.objects.filter(person=person).values("office")
    takes = Handover.objects.filter(taker=person).values("office")
    name = f"{prefix}pk__in"
    return Q(**{name: terms_of}) | Q(**{name: helps}) | Q(**{name: takes})


def offices(viewer: Any, permission: str = VIEW) -> QuerySet[Office]:
    """The offices ``viewer`` may see: in reach, and those he holds, held, helps in or takes over."""
    own = _mine(viewer) if permission in (VIEW, RECORD, PATROLS) else Q(pk__in=[])
    return _reach(Office.objects.all(), viewer, ["department", "contact"], permission, own)


def office_for(viewer: Any, pk: int, permission: str = VIEW) -> Office:
    """One office; raises NoSuchChief outside the reach."""
    rows = offices(viewer, permission).filter(pk=pk)
    row = rows.select_related("region", "object__type", "department", "contact").first()
    if row is None:
        raise NoSuchChief("没有这个河湖长、林长岗位，或它不在您的数据范围内。", f"no office {pk} in reach", value=pk)
    return row


def patrols(viewer: Any) -> QuerySet[Patrol]:
    """The patrols ``viewer`` may see, and always his own."""
    return _reach(Patrol.objects.all(), viewer, ["department"], PATROLS, Q(by=viewer) | _mine(viewer, "office__"))


def patrol_for(viewer: Any, pk: int) -> Patrol:
    """One patrol; raises NoSuchChief outside the reach."""
    rows = (
        patrols(viewer).filter(pk=pk).select_related("office__object", "office__region", "department", "by", "region")
    )
    row = rows.first()
    if row is None:
        raise NoSuchChief("没有这条巡查记录，或它不在您的数据范围内。", f"no patrol {pk} in reach", value=pk)
    return row


def open_offices(on: date | None = None) -> Q:
    """The condition that an office exists on a day."""
    day = on or timezone.localdate()
    return Q(opened_on__lte=day) & (Q(closed_on__isnull=True) | Q(closed_on__gt=day))


def role_in(person: Any, office: Office, on: date) -> str:
    """What a person is towards an office on a day: chief, stand_in, assistant or ''."""
    if Term.objects.filter(in_force(on), office=office, person=person).exists():
        return Patrol.CountsAs.CHIEF
    roles = set(Helper.objects.filter(in_force(on), office=office, person=person).values_list("role", flat=True))
    return next((role for role in (Helper.Role.STAND_IN, Helper.Role.ASSISTANT) if role in roles), "")


def recordable(person: Any, on: date | None = None) -> QuerySet[Office]:
    """The offices a person may record patrols for: those he holds or helps in on the day, and those of units in his
    reach (entered for the chief)."""
    day = on or timezone.localdate()
    held = Term.objects.filter(in_force(day), person=person).values("office")
    helped = Helper.objects.filter(in_force(day), person=person).values("office")
    rows = Office.objects.filter(open_offices(day))
    seen = scope.limit(rows, person, ["department"], permission=RECORD)
    if seen is rows:
        return rows
    return rows.filter(Q(pk__in=held) | Q(pk__in=helped) | Q(pk__in=seen.values("pk")))


def own_offices(person: Any, on: date | None = None) -> QuerySet[Office]:
    """The offices a person answers for on a day: as chief or as stand-in."""
    day = on or timezone.localdate()
    held = Term.objects.filter(in_force(day), person=person).values("office")
    stands = Helper.objects.filter(in_force(day), person=person, role=Helper.Role.STAND_IN).values("office")
    return Office.objects.filter(open_offices(day)).filter(Q(pk__in=held) | Q(pk__in=stands))


def holders(rows: Iterable[Office], on: date | None = None) -> dict[int, Term]:
    """Who holds each of these offices on a day (one query)."""
    found = Term.objects.filter(in_force(on or timezone.localdate()), office__in=[row.pk for row in rows])
    return {row.office_id: row for row in found.select_related("person").order_by("valid_from")}


# --- which rule -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rules:
    """All chosen rules, read once. A division follows its own choice, else that of the next one above."""

    choices: Mapping[tuple[str, str], tuple[RuleChoice, ...]]

    def chosen(self, region: str, family: str) -> tuple[RuleChoice, ...]:
        """The choices of a division over time: of the nearest division that has any."""
        code: str | None = region
        while code is not None:
            found = self.choices.get((code, family))
            if found:
                return found
            code = codes.parent_of(code)
        return ()

    def timeline(self, office: Office) -> list[InForce]:
        """The rule of an office over time."""
        family = words().kind(office.kind).family
        found = []
        for choice in self.chosen(office.region_id, family):
            rule = level_rule(choice, office.level)
            if rule is not None:
                found.append(InForce(rule, choice.valid_from, choice.valid_to))
        return found


def level_rule(choice: RuleChoice, level: str) -> LevelRule | None:
    """What a choice says of one level; None where it says nothing."""
    if choice.variant:
        variant = variants().get(choice.variant)
        return variant.levels.get(level) if variant else None
    given = choice.levels.get(level)
    return LevelRule.model_validate(given) if given else None


def rules() -> Rules:
    """The chosen rules of all divisions (one query)."""
    found: dict[tuple[str, str], list[RuleChoice]] = defaultdict(list)
    for row in RuleChoice.objects.order_by("valid_from", "pk"):
        if row.valid_to is None or row.valid_to >= row.valid_from:
            found[row.region_id, row.family].append(row)
    return Rules({key: tuple(rows) for key, rows in found.items()})


# --- owed and done ----------------------------------------------------------------------------------------------------


def held_terms(rows: Sequence[Office]) -> dict[int, list[terms.Term]]:
    """The terms of offices, cut to the days the offices existed (one query)."""
    offices_by = {row.pk: row for row in rows}
    found: dict[int, list[terms.Term]] = defaultdict(list)
    for office, start, end in Term.objects.filter(office__in=list(offices_by)).values_list(
        "office", "valid_from", "valid_to"
    ):
        closed = offices_by[office].closed_on
        last = closed - timedelta(days=1) if closed else None
        ends = [day for day in (end, last) if day is not None]
        found[office].append(terms.Term(max(start, offices_by[office].opened_on), min(ends) if ends else None))
    return found


def records_of(rows: Sequence[Office], first: date, last: date) -> dict[int, list[Record]]:
    """The patrols that count for these offices in some days (one query)."""
    found: dict[int, list[Record]] = defaultdict(list)
    wanted = Patrol.objects.filter(office__in=[row.pk for row in rows], day__gte=first, day__lte=last,
                                   counts_as__in=COUNTING)  # fmt: skip
    for office, key, start, minutes, metres in wanted.values_list("office", "key", "start", "minutes", "metres"):
        found[office].append(Record(key, timezone.localtime(start).replace(tzinfo=None), minutes, metres))
    return found


@dataclass(frozen=True)
class Standing:
    """How an office stands in the period that goes on: what is owed, what was done, until when."""

    slot: Slot
    done: int

    @property
    def missing(self) -> int:
        """How many are still owed in this period."""
        return max(self.slot.times - self.done, 0)


def standings(rows: Sequence[Office], on: date | None = None) -> dict[int, Standing]:
    """How offices stand today (three queries); offices that owe nothing are left out."""
    day, chosen = on or timezone.localdate(), rules()
    held = held_terms(rows)
    slots = {row.pk: slot for row in rows if (slot := owing.running(chosen.timeline(row), held[row.pk], day))}
    if not slots:
        return {}
    records = records_of(rows, min(one.first for one in slots.values()), day)
    return {
        pk: Standing(slot, sum(one.counts for one in owing.judged(records[pk], slot))) for pk, slot in slots.items()
    }


def covers(rows: Sequence[Office], first: date, last: date) -> dict[int, Cover]:
    """What offices owed in the periods that ended in some days, and what was done (three queries)."""
    chosen, held = rules(), held_terms(rows)
    slots = {row.pk: owing.slots(chosen.timeline(row), held[row.pk], first, last) for row in rows}
    starts = [slot.first for found in slots.values() for slot in found]
    records = records_of(rows, min(starts, default=first), last)
    return {row.pk: owing.cover(records[row.pk], slots[row.pk]) for row in rows}
