"""Whether two reports may be about the same thing: distance in metres, category, time. Pure and symmetric."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

_DATA = Path(__file__).parent / "data" / "likeness.yaml"
ANY = "*"
# Mean radius of the earth in metres (IUGG).
RADIUS = 6_371_008.8
_METRES_OF_DEGREE = 111_000


class _Size(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    value: int = Field(gt=0)
    unit: Literal["m", "日"]


class Rule(BaseModel):
    """How near and how soon after each other two items of one kind and category may be the same."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: str
    category: str
    distance: _Size
    days: _Size


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    citation: str
    mark: str
    rows: list[Rule]


@dataclass(frozen=True)
class Report:
    """What is compared of one item. ``lon`` and ``lat`` in degrees (CGCS2000 or WGS 84), None without a place."""

    key: int
    day: date
    category: str = ""
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True)
class Likeness:
    """Two reports that may be the same: how far apart, how many days between them."""

    metres: int
    days: int


@cache
def rules() -> tuple[Rule, ...]:
    """Every row of the data."""
    return tuple(_Table.model_validate(yaml.safe_load(_DATA.read_text("utf-8"))).rows)


def rule_of(kind: str, category: str) -> Rule:
    """The row of kind and category, else of the kind, else the general one."""
    found = [row for row in rules() if row.kind in (kind, ANY) and row.category in (category or ANY, ANY)]
    return max(found, key=lambda row: (row.kind != ANY, row.category != ANY))


def distance(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Metres between two places on the sphere (haversine), within 0.6 % of the ellipsoid."""
    half = sin(radians(lat2 - lat1) / 2) ** 2
    half += cos(radians(lat1)) * cos(radians(lat2)) * sin(radians(lon2 - lon1) / 2) ** 2
    return 2 * RADIUS * asin(min(1.0, sqrt(half)))


def likeness(kind: str, one: Report, other: Report) -> Likeness | None:
    """How two reports may be the same, or None. Equal to the limit counts. Where the categories have rows of their own
    the narrower of both decides, so that the order of the two does not matter."""
    if one.category and other.category and one.category != other.category:
        return None
    if None in (one.lon, one.lat, other.lon, other.lat):
        return None
    pair = rule_of(kind, one.category), rule_of(kind, other.category)
    days = abs((one.day - other.day).days)
    if days > min(rule.days.value for rule in pair):
        return None
    first, second = sorted((one, other), key=lambda report: (report.lon, report.lat))
    metres = distance(first.lon, first.lat, second.lon, second.lat)
    if metres > min(rule.distance.value for rule in pair):
        return None
    return Likeness(round(metres), days)


def like(kind: str, one: Report, others: Iterable[Report]) -> list[tuple[Report, Likeness]]:
    """The reports that may be the same as ``one``, the nearest first, whatever the order of ``others``."""
    found = [(other, alike) for other in others if other.key != one.key and (alike := likeness(kind, one, other))]
    return sorted(found, key=lambda pair: (pair[1].metres, pair[1].days, pair[0].key))


def groups(kind: str, reports: Sequence[Report]) -> list[tuple[int, ...]]:
    """The keys of reports that hang together by likeness, groups of two and more, sorted."""
    left = {report.key: report for report in reports}
    found = []
    while left:
        waiting, group = [left.pop(min(left))], []
        while waiting:
            at = waiting.pop()
            group.append(at.key)
            near = [key for key, other in left.items() if likeness(kind, at, other)]
            waiting += [left.pop(key) for key in near]
        if len(group) > 1:
            found.append(tuple(sorted(group)))
    return sorted(found)


def box(kind: str, category: str, lon: float, lat: float) -> tuple[float, float, float, float]:
    """West, south, east, north in degrees around a place: nothing outside can be like it."""
    metres = max(row.distance.value for row in rules() if row.kind in (kind, ANY) and row.category in (category, ANY))
    if not category:
        metres = max(row.distance.value for row in rules() if row.kind in (kind, ANY))
    high = metres / _METRES_OF_DEGREE
    wide = high / max(0.05, cos(radians(min(89.0, abs(lat) + high))))
    return lon - wide, lat - high, lon + wide, lat + high
