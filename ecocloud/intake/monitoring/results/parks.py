"""Parks as they are now: stations around, outlets against their limits, exceedances, alarms, energy of the day.

What lies in a park is found by place: a device stands at the park itself, or at an object whose place (or whose
enterprise's place) lies in the park's area. Few questions whatever the number of parks and devices; only what the
viewer may see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from django.db.models import Count, QuerySet
from shapely import contains_xy, from_wkb

from ecocloud.intake.monitoring.alarms import queries as alarms
from ecocloud.intake.monitoring.evaluation.facts import facts
from ecocloud.intake.monitoring.lake import schema, site
from ecocloud.intake.monitoring.lake.reading import Wanted
from ecocloud.intake.monitoring.results import emission_lists, outlets
from ecocloud.intake.monitoring.results.reading import Factor, ratio
from ecocloud.intake.monitoring.results.rules import rules
from ecocloud.intake.monitoring.stations import queries as devices
from ecocloud.intake.monitoring.stations.models import Device
from ecocloud.intake.monitoring.stations.readings import Newest
from ecocloud.kernel.regions.permissions import allowed
from ecocloud.kernel.registers import queries as registers
from ecocloud.kernel.registers.models import RegisterObject


@dataclass(frozen=True)
class Member:
    """A device in a park. enterprise: the object it belongs to as a reference, '' for none; at: longitude, latitude."""

    row: Device
    enterprise: str
    at: tuple[float, float] | None


@dataclass
class Found:
    """Devices of parks by the parks' primary keys; names of enterprises by reference."""

    members: Mapping[int, list[Member]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


def parks(viewer: Any) -> QuerySet[RegisterObject]:
    """The parks a person may see, without those that were given up."""
    rule = rules().park
    return registers.reachable(viewer).filter(type__code=rule.of).exclude(state__in=(*rule.gone, "retired"))


def members(viewer: Any, rows: Iterable[RegisterObject]) -> Found:
    """The devices in parks (three queries)."""
    listed = list(rows)
    kinds = rules().park.kinds
    query = devices.devices(viewer).filter(kind__in=kinds, object_ref__isnull=False)
    every = list(query.select_related("region", "state").order_by("name", "pk")) if listed else []
    about = _objects({row.object_ref for row in every if row.object_ref})
    firms = _objects({firm for _name, _at, firm in about.values() if firm} - set(about))
    known = about | firms
    areas = [(park, from_wkb(bytes(park.place))) for park in listed if park.place]
    found: dict[int, list[Member]] = defaultdict(list)
    for row in every:
        ref = row.object_ref or ""
        _name, at, firm = known.get(ref, ("", None, ""))
        if at is None and firm in known:
            at = known[firm][1]
        inside = {park.pk for park in listed if ref == f"obj:{park.pk}"}
        if at is not None and not inside:
            inside = {park.pk for park, area in areas if contains_xy(area, *at)}
        for pk in inside:
            found[pk].append(Member(row, firm, at))
    return Found(found, {ref: name for ref, (name, _at, _firm) in known.items()})


def _objects(refs: Collection[str]) -> dict[str, tuple[str, tuple[float, float] | None, str]]:
    """Name, middle and enterprise of objects."""
    keys = [int(key) for ref in refs if (key := ref.removeprefix("obj:")).isdecimal()]
    rows = RegisterObject.objects.filter(pk__in=keys) if keys else RegisterObject.objects.none()
    fields = ("pk", "name", "west", "south", "east", "north", "type__code", "body")
    found = {}
    for pk, name, west, south, east, north, code, body in rows.values_list(*fields):
        register = rules().emission.registers.get(code)
        firm = str(body.get(register.enterprise) or "") if register and register.enterprise else ""
        at = None if west is None else ((west + east) / 2, (south + north) / 2)
        found[f"obj:{pk}"] = (name, at, firm)
    return found


@dataclass(frozen=True)
class Counts:
    """What a list of parks shows of one."""

    ambient: int
    outlets: int
    meters: int
    online: int
    every: int
    over: int
    alarms: int | None


def counts(viewer: Any, found: Found, now: datetime) -> dict[int, Counts]:
    """Counts of parks: devices, exceedances of the last days, open alarms (two queries)."""
    rule = rules().park
    every = {one.row.pk for own in found.members.values() for one in own}
    over = _per_device(emission_lists.over(viewer).filter(device__in=every, start__gte=first_day(now)))
    may = allowed(viewer, alarms.VIEW)
    going = _per_device(alarms.going(viewer).filter(device__in=every)) if may else {}
    told = {}
    for pk, own in found.members.items():
        kinds = [one.row.kind for one in own]
        told[pk] = Counts(
            sum(kind in rule.ambient for kind in kinds), sum(kind in outlets.media() for kind in kinds),
            kinds.count(rule.energy), sum(devices.standing(one.row) == "online" for one in own), len(own),
            sum(over.get(one.row.pk, 0) for one in own),
            sum(going.get(one.row.pk, 0) for one in own) if may else None,
        )  # fmt: skip
    return told


def _per_device(rows: QuerySet) -> dict[int, int]:
    counted = rows.order_by().values("device").annotate(n_=Count("pk")).values_list("device", "n_")
    return dict(counted)


def first_day(now: datetime) -> Any:
    """The first of the days whose exceedances are shown."""
    return now.astimezone(schema.BEIJING).date() - timedelta(days=rules().park.days - 1)


@dataclass(frozen=True)
class Held:
    """The newest value of a pollutant against the limit of the day. value: as sent; converted: at the reference
    oxygen, None where nothing is converted; over: beyond the limit, None where nobody knows.
    """

    code: str
    newest: Newest
    limit: Any
    converted: Decimal | None
    over: bool | None


def held(one: outlets.Outlet, newest: Mapping[str, Newest], now: datetime) -> list[Held]:
    """The newest values of an outlet beside its limits: of those for an hour, then a day; the strictest first. A single
    value proves no exceedance; it is shown beside the limit.
    """
    found = []
    by_code: dict[str, list[Any]] = defaultdict(list)
    for limit in outlets.held_on(one, now.astimezone(schema.BEIJING).date()):
        if limit.code and limit.averaging != "sampling":
            by_code[limit.code].append(limit)
    order = {"hour": 0, "instant": 1, "day": 2}
    beside = {one.about.flow, one.about.oxygen, one.about.temperature}
    for code in [code for code in newest if code in outlets.items() and code not in beside]:
        limits = sorted(by_code.get(code, ()), key=lambda limit: (order[limit.averaging], limit.most or 0))
        limit = limits[0] if limits else None
        converted, over = _compared(one, code, newest, limit)
        found.append(Held(code, newest[code], limit, converted, over))
    return found


def _compared(one: outlets.Outlet, code: str, newest: Mapping[str, Newest], limit: Any
              ) -> tuple[Decimal | None, bool | None]:  # fmt: skip
    value = _number(newest[code].text)
    if limit is None or value is None or newest[code].flag not in ("", "N"):
        return None, None
    top, bottom = ratio(one.units.get(code, ""), Factor(0, limit.unit))
    amount, converted = Fraction(value) * top / bottom, None
    if limit.oxygen is not None:
        oxygen = newest.get(one.about.oxygen)
        share = _number(oxygen.text) if oxygen and oxygen.at == newest[code].at else None
        air = facts("emission").in_force("gas.oxygen_of_air", newest[code].at.date()).number()
        if share is None or not 0 <= share < air:
            return None, None
        amount = amount * (Fraction(air) - Fraction(limit.oxygen, 10**6)) / (Fraction(air) - Fraction(share))
        converted = Decimal(round(amount * 1000)) / 1000
    units = amount * 10**6
    return converted, (limit.most is not None and units > limit.most) or (
        limit.least is not None and units < limit.least
    )


def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


@dataclass(frozen=True)
class Used:
    """What a meter counted since midnight. by_reading: as the difference of two readings; hours: values it is of."""

    row: Device
    code: str
    amount: Decimal
    unit: str
    by_reading: bool
    hours: int


def energy(meters: Sequence[Device], now: datetime) -> list[Used]:
    """Use of the day: the sum of the amounts of its hours (Cou); of meters that send readings alone the last one less
    the first one of the day.
    """
    if not meters:
        return []
    begin, end = schema.day_bounds(now.astimezone(schema.BEIJING).date())
    late = timedelta(hours=1)
    by_mn = {row.mn: row for row in meters}
    columns = ("mn", "factor", "time", "cou", "rtd", "avg")
    table = site.snapshot(5.0).current(Wanted("hour", begin, end + late, tuple(by_mn)), columns)
    units = outlets.units_of([row.pk for row in meters])
    rows: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for one in table.to_pylist():
        ending = rules().stamp.ends(by_mn[one["mn"]].hour_ending)
        if begin <= one["time"] - (late if ending else timedelta()) < end:
            rows[one["mn"], one["factor"]].append(one)
    found = []
    for (mn, code), own in sorted(rows.items()):
        own.sort(key=lambda one: one["time"])
        amounts = [Decimal(repr(one["cou"])) for one in own if one["cou"] is not None]
        readings = [Decimal(repr(value)) for one in own if (value := one["rtd"] or one["avg"]) is not None]
        if not amounts and len(readings) < 2:
            continue
        amount = sum(amounts, Decimal(0)) if amounts else readings[-1] - readings[0]
        found.append(Used(by_mn[mn], code, amount, units[by_mn[mn].pk].get(code, ""), not amounts,
                          len(amounts) or len(readings)))  # fmt: skip
    return found


def course(mns: Sequence[str], code: str, now: datetime) -> tuple[list[datetime], dict[str, list[float | None]]]:
    """Hourly values of a factor of devices over the last hours: the hours, and the values of each MN, gaps as None."""
    hours = rules().park.trend_hours
    last = now.replace(minute=0, second=0, microsecond=0)
    every = [last - timedelta(hours=back) for back in range(hours - 1, -1, -1)]
    values: dict[str, list[float | None]] = {mn: [None] * hours for mn in mns}
    places = {at: place for place, at in enumerate(every)}
    wanted = Wanted("hour", every[0], last + timedelta(hours=1), tuple(mns), (code,))
    for one in site.snapshot(5.0).current(wanted, ("mn", "time", "avg", "rtd")).to_pylist():
        if one["time"] in places:
            values[one["mn"]][places[one["time"]]] = one["avg"] if one["avg"] is not None else one["rtd"]
    return every, values
