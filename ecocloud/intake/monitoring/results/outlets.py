"""Outlets whose emissions are evaluated, and what each is held against on a day: the limits of the standard and grade
its register names, and those of its permit. A fixed number of queries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, NamedTuple

from django.db.models import Q

from ecocloud.intake.monitoring.evaluation.emission.limits import Limit, limits_of
from ecocloud.intake.monitoring.evaluation.facts import Fact, Facts, facts
from ecocloud.intake.monitoring.evaluation.in_force import millionths
from ecocloud.intake.monitoring.evaluation.rounding import half_even
from ecocloud.intake.monitoring.evaluation.scaled import PLACES
from ecocloud.intake.monitoring.results.rules import EmissionRule, Medium, OutletRegister, rules
from ecocloud.intake.monitoring.results.sites import Site, device_rows, units_of
from ecocloud.intake.monitoring.stations.models import Upkeep
from ecocloud.kernel.registers.models import ObjectVersion

WATER, GAS = "water", "gas"
OWN = "own"  # the first part of the name of a limit of the permit
_HOURLY = {GAS: "hour", WATER: "day"}


class Terms(NamedTuple):
    """What a register says of an outlet from ``first`` on. set: of ``rules.yaml``, '' for none; own: limits of the
    permit by factor code, millionths; oxygen: reference oxygen of those, millionths of a percent.
    """

    first: date
    set: str
    built: date | None
    oxygen: int | None
    enterprise: str
    own: tuple[tuple[str, int], ...]


class Pause(NamedTuple):
    """Upkeep from ``start`` to before ``end`` (None while it goes on); code '' for the whole device."""

    start: datetime
    end: datetime | None
    code: str
    kind: str


@dataclass(frozen=True)
class Outlet(Site):
    """A device at an outlet. medium: ``water`` or ``gas``; every: hours from one value to the next; terms: by their
    first day; pauses: its upkeep.
    """

    medium: str = WATER
    every: int = 1
    terms: tuple[Terms, ...] = ()
    pauses: tuple[Pause, ...] = ()

    @property
    def about(self) -> Medium:
        """The factors beside the pollutants."""
        return rules().emission.water if self.medium == WATER else rules().emission.gas

    def terms_on(self, day: date) -> Terms | None:
        """The terms of a day; of days before the first ones those, since a register is often made later."""
        if not self.terms:
            return None
        return next((one for one in reversed(self.terms) if one.first <= day), self.terms[0])


def media() -> dict[str, str]:
    """``water`` or ``gas`` by the kind of device."""
    rule = rules().emission
    return {rule.water.kind: WATER, rule.gas.kind: GAS}


def outlets(devices: Collection[int] | None = None, since: datetime | None = None) -> list[Outlet]:
    """Outlets of water and gas; devices: only these; since: upkeep that ended before is left out."""
    kinds = media()
    rows = device_rows(tuple(kinds), devices)
    terms = _terms({row["object_ref"] for row in rows if row["object_ref"]})
    pauses = _pauses([row["pk"] for row in rows], since)
    units = units_of([row["pk"] for row in rows])
    return [
        Outlet(
            row["pk"], row["mn"], row["name"], row["region_id"], row["department_id"], (), units[row["pk"]],
            medium=kinds[row["kind"]], every=max(1, row["step_minutes"] // 60),
            terms=terms.get(row["object_ref"] or "", ()), pauses=tuple(pauses[row["pk"]]),
            ending=rules().stamp.ends(row["hour_ending"]),
        )
        for row in rows
    ]  # fmt: skip


def _terms(refs: Collection[str]) -> dict[str, tuple[Terms, ...]]:
    """What each object said of its outlet over time (one query)."""
    keys = [int(key) for ref in refs if (key := ref.removeprefix("obj:")).isdecimal()]
    registers = rules().emission.registers
    rows = ObjectVersion.objects.filter(object__in=keys, type__code__in=registers).order_by("object", "number")
    found: dict[str, list[Terms]] = defaultdict(list)
    for key, code, first, body in rows.values_list("object_id", "type__code", "valid_from", "body"):
        listed = found[f"obj:{key}"]
        one = terms_of(registers[code], first, body, f"obj:{key}")
        if listed and listed[-1].first == first:
            listed[-1] = one  # of several versions of a day the last one counts
        elif not listed or listed[-1]._replace(first=first) != one:
            listed.append(one)
    return {ref: tuple(listed) for ref, listed in found.items()}


def terms_of(register: OutletRegister, first: date, body: Mapping[str, Any], ref: str) -> Terms:
    """The terms an object's fields say; ref: the object, which stands for the enterprise where it names none."""
    word = str(body.get(register.set) or "")
    chosen = register.words.get(word, word)
    own = [(one.code, units) for one in register.own if (units := _units(body.get(one.field))) is not None]
    enterprise = body.get(register.enterprise) if register.enterprise else None
    return Terms(first, chosen if chosen in rules().emission.sets else "", _day(body.get(register.built)),
                 _units(body.get(register.oxygen)), str(enterprise or ref), tuple(own))  # fmt: skip


def _units(value: Any) -> int | None:
    """A field's number in millionths; None for none, or one that is none."""
    if value is None or isinstance(value, bool):
        return None
    try:
        return millionths(half_even(Decimal(str(value)), PLACES))
    except (InvalidOperation, ValueError):
        return None


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)) if value else None
    except ValueError:
        return None


def _pauses(devices: Collection[int], since: datetime | None) -> dict[int, list[Pause]]:
    rows = Upkeep.objects.filter(device__in=devices, cancelled_at__isnull=True)
    if since is not None:
        rows = rows.filter(Q(end__isnull=True) | Q(end__gt=since))
    found: dict[int, list[Pause]] = defaultdict(list)
    fields = ("device_id", "start", "end", "channel__code", "kind")
    for device, start, end, code, kind in rows.order_by("device", "start", "pk").values_list(*fields):
        found[device].append(Pause(start, end, code or "", kind))
    return found


@dataclass(frozen=True)
class Item:
    """A pollutant by its factor code. unit: of its limits; fact: one of its limits, for its name."""

    key: str
    code: str
    unit: str
    fact: Fact

    @property
    def by_mass(self) -> bool:
        """Whether a concentration of it times a volume is a mass."""
        return self.unit.startswith("mg/")


@cache
def items() -> dict[str, Item]:
    """The pollutants that have limits, by factor code."""
    found: dict[str, Item] = {}
    for fact in facts("emission"):
        if fact.name.startswith("limit.") and (code := fact.mapping().get("code")):
            found.setdefault(code, Item(fact.mapping()["item"], code, fact.unit, fact))
    return found


def held_on(outlet: Outlet, day: date, source: Facts | None = None) -> tuple[Limit, ...]:
    """The limits that hold for an outlet on a day: of its standard and grade, then those of its permit that are not
    the same as one of them.
    """
    terms = outlet.terms_on(day)
    return () if terms is None else _held(terms._replace(first=date.min), outlet.medium, day, source)


def _held(terms: Terms, medium: str, day: date, source: Facts | None) -> tuple[Limit, ...]:
    rule: EmissionRule = rules().emission
    named = rule.sets.get(terms.set)
    of_standard = limits_of(named.standard, named.levels, day, built=terms.built, source=source) if named else ()
    own = []
    for code, most in terms.own:
        same = [one for one in of_standard if one.code == code]
        if code in items() and all(one.most != most for one in same):
            own.append(_own(items()[code], most, medium, terms.oxygen, same))
    return (*of_standard, *own)


def _own(item: Item, most: int, medium: str, oxygen: int | None, same: list[Limit]) -> Limit:
    """A limit of the permit: for the averaging time of its medium, with the reference oxygen the permit or the standard
    names.
    """
    if oxygen is None:
        oxygen = next((one.oxygen for one in same if one.oxygen is not None), None)
    rule, averaging = rules().emission, _HOURLY[medium]
    return Limit(
        f"{OWN}.{item.key}.{averaging}", item.key, averaging, None, most, item.unit, oxygen if medium == GAS else None,
        None, None, None, None, item.code, item.fact.zh, item.fact.en, "", rule.citation, rule.mark, False,
    )  # fmt: skip


def without_flow(outlet: Outlet) -> bool:
    """Whether the device has no channel for the flow: means cannot be weighted then."""
    return outlet.about.flow not in outlet.units
