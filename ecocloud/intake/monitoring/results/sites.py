"""Whose values are evaluated: devices of a kind with what the registers say of them. A fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from ecocloud.intake.monitoring.evaluation.scaled import PLACES
from ecocloud.intake.monitoring.results.rules import Rules, rules
from ecocloud.intake.monitoring.stations.models import Channel, Device
from ecocloud.kernel.regions import codes
from ecocloud.kernel.registers.models import RegisterObject

_FIELDS = (
    "pk", "mn", "name", "region_id", "department_id", "object_ref", "hour_ending", "kind", "step_minutes",
)  # fmt: skip


@dataclass(frozen=True)
class Site:
    """A device whose values are evaluated. areas: codes of the divisions it counts for, empty when it counts for none;
    units: unit by factor code as the device sends it; lake: stands at a lake; targets: target class by year; ending:
    its hours are stamped at their end; water: the name of the river or lake.
    """

    device: int
    mn: str
    name: str
    region: str
    department: int | None
    areas: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    lake: bool = False
    targets: Mapping[int, int] = field(default_factory=dict)
    ending: bool = False
    water: str = ""

    @property
    def subject(self) -> str:
        """The device as a reference."""
        return f"device:{self.device}"

    @property
    def stamped(self) -> dict[str, Any]:
        """What a digest says of stamps that are the ends of hours; nothing of the usual ones."""
        return {"ending": True} if self.ending else {}

    def target(self, year: int) -> tuple[int, int]:
        """The target class in a year and the year it was set for: the newest that is not later; (0, 0) for none."""
        known = [one for one in self.targets if one <= year]
        return (self.targets[max(known)], max(known)) if known else (0, 0)


Kind = TypeVar("Kind", bound=Site)


@dataclass(frozen=True)
class Source(Site):
    """A drinking-water source. ground: groundwater; intake: water taken in a year, 10⁴ m³ in millionths, None where
    nobody says; counts: for the rates.
    """

    ground: bool = False
    intake: int | None = None
    counts: bool = True


def air_sites(devices: Collection[int] | None = None) -> list[Site]:
    """Stations of ambient air; devices: only these."""
    rule = rules()
    rows, objects = _rows(rule.air.kind, devices)
    found = []
    for row in rows:
        about = objects.get(row["object_ref"])
        assessed = about is None or about.get(rule.air.field) in rule.air.levels
        found.append(_site(row, areas_of(row["region_id"]) if assessed else ()))
    return _with_units(found)


def plain_sites(rows: Iterable[Device]) -> list[Site]:
    """Devices as stations that count for no area: for what is shown of each by itself (one query)."""
    return _with_units([_site({name: getattr(row, name) for name in _FIELDS}, ()) for row in rows])


def water_sites(devices: Collection[int] | None = None) -> list[Site]:
    """Sections of rivers and points of lakes; devices: only these."""
    rule = rules()
    rows, objects = _rows(rule.water.kind, devices)
    targets = _targets(rule, [row["object_ref"] for row in rows if row["object_ref"]])
    lake = rule.water.lake
    found = []
    for row in rows:
        about = objects.get(row["object_ref"]) or {}
        found.append(_site(row, areas_of(row["region_id"]), lake=about.get(lake.field) == lake.value,
                           water=str(about.get(lake.name) or ""),
                           targets=targets.get(row["object_ref"] or "", {})))  # fmt: skip
    return _with_units(found)


def source_sites(devices: Collection[int] | None = None) -> list[Source]:
    """Drinking-water sources; devices: only these."""
    rule = rules().drinking
    rows, objects = _rows(rule.kind, devices)
    found = []
    for row in rows:
        about = objects.get(row["object_ref"]) or {}
        found.append(Source(
            row["pk"], row["mn"], row["name"], row["region_id"], row["department_id"], areas_of(row["region_id"]),
            lake=about.get(rule.type) == rule.lake, ground=about.get(rule.type) == rule.ground,
            intake=_millionths(about.get(rule.intake)), counts=not about or about.get(rule.level) in rule.levels,
        ))  # fmt: skip
    return _with_units(found)


def _millionths(given: Any) -> int | None:
    """A number of a register in millionths; None where there is none."""
    try:
        return None if given is None else int(Decimal(str(given)).scaleb(PLACES).to_integral_value())
    except InvalidOperation:
        return None


def _rows(kind: str, devices: Collection[int] | None) -> tuple[list[dict[str, Any]], dict[str | None, dict[str, Any]]]:
    rows = device_rows((kind,), devices)
    keys = [int(key) for row in rows if (key := (row["object_ref"] or "").removeprefix("obj:")).isdecimal()]
    bodies = RegisterObject.objects.filter(pk__in=keys).values_list("pk", "body")
    return rows, {f"obj:{pk}": body for pk, body in bodies}


def device_rows(kinds: Collection[str], devices: Collection[int] | None) -> list[dict[str, Any]]:
    """The devices of kinds, with what sites need of them; devices: only these (one query)."""
    query = Device.objects.filter(kind__in=kinds)
    if devices is not None:
        query = query.filter(pk__in=devices)
    return list(query.order_by("pk").values(*_FIELDS))


def _site(row: dict[str, Any], areas: tuple[str, ...], **more: Any) -> Site:
    ending = rules().stamp.ends(row["hour_ending"])
    return Site(row["pk"], row["mn"], row["name"], row["region_id"], row["department_id"], areas, ending=ending, **more)


def areas_of(region: str) -> tuple[str, ...]:
    """The divisions with values of their own that a division lies in, itself included."""
    return tuple(code for code in codes.line(region) if codes.level_of(code) in rules().areas) if region else ()


def _targets(rule: Rules, sections: list[str]) -> dict[str, dict[int, int]]:
    where = rule.water.targets
    found: dict[str, dict[int, int]] = defaultdict(dict)
    rows = RegisterObject.objects.filter(type__code=where.of).exclude(state="retired")
    for body in rows.order_by("pk").values_list("body", flat=True):
        section, year, chosen = body.get(where.section), body.get(where.year), where.classes.get(body.get(where.class_))
        if section in sections and year is not None and chosen:
            found[section][int(year)] = chosen
    return found


def _with_units(found: list[Kind]) -> list[Kind]:
    units = units_of([one.device for one in found])
    return [replace(one, units=units[one.device]) for one in found]


def units_of(devices: Collection[int]) -> dict[int, dict[str, str]]:
    """The unit of each channel of devices as it sends it, by factor code (one query)."""
    units: dict[int, dict[str, str]] = defaultdict(dict)
    for device, code, unit in Channel.objects.filter(device__in=devices).values_list("device", "code", "unit"):
        units[device][code] = unit
    return units
