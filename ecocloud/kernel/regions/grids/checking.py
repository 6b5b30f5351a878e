"""What is wrong with a set of grids: overlaps, gaps, divisions in two lists or in none. Areas on an equal-area
projection, in m2. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from shapely import STRtree, union_all
from shapely.geometry import MultiPolygon, Polygon

from ecocloud.base.geo import polygon_area
from ecocloud.kernel.regions import codes
from ecocloud.kernel.regions.grids.resolver import Cell


@dataclass(frozen=True)
class Fault:
    """An area that two grids claim (``overlap``) or none does (``gap``): the grids, m2, a point inside in degrees."""

    kind: str
    grids: tuple[Cell, ...]
    square_meter: Decimal
    lon: float
    lat: float
    shape: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class ListFault:
    """A division in several lists of one level (``double``) or in none (``missing``)."""

    kind: str
    region: str
    grids: tuple[Cell, ...] = ()


@dataclass(frozen=True)
class Report:
    """All faults, the largest first; ``checked`` is the number of grids."""

    checked: int
    overlaps: tuple[Fault, ...]
    gaps: tuple[Fault, ...]
    lists: tuple[ListFault, ...]

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.overlaps or self.gaps or self.lists)


def check(cells: Iterable[Cell], least: Decimal, divisions: Collection[str] = ()) -> Report:
    """The faults of a set of grids.

    least: m2; smaller overlaps and gaps are passed over, an equal one is told. divisions: the codes that should be in
    a list where a sister division is.
    """
    given = sorted(cells, key=lambda one: one.code)
    overlaps = sorted(_overlaps(given, least), key=_largest)
    gaps = sorted(_gaps(given, least), key=_largest)
    return Report(len(given), tuple(overlaps), tuple(gaps), (*_doubles(given), *_missing(given, divisions)))


def _largest(fault: Fault) -> tuple:
    return -fault.square_meter, tuple(one.code for one in fault.grids)


def _areal(found: Any) -> MultiPolygon | None:
    """The polygons of a shape; None when it has none (grids that only touch share lines and points)."""
    parts = [one for one in getattr(found, "geoms", [found]) if isinstance(one, Polygon) and not one.is_empty]
    return MultiPolygon(parts) if parts else None


def _fault(kind: str, grids: tuple[Cell, ...], found: Any, least: Decimal) -> Fault | None:
    areal = _areal(found)
    if areal is None or not areal.is_valid:
        areal = _areal(areal.buffer(0)) if areal is not None else None
    if areal is None:
        return None
    measured = polygon_area(areal).square_meter
    if measured < least:
        return None
    point = areal.representative_point()
    return Fault(kind, grids, measured, point.x, point.y, areal)


def _overlaps(cells: list[Cell], least: Decimal) -> Iterable[Fault]:
    levels: dict[int, list[Cell]] = defaultdict(list)
    for one in cells:
        if one.shape is not None:
            levels[one.level].append(one)
    for group in levels.values():
        tree = STRtree([one.shape for one in group])
        for first, second in tree.query([one.shape for one in group], predicate="intersects").T:
            if first < second:
                pair = group[first], group[second]
                found = _fault("overlap", pair, pair[0].shape.intersection(pair[1].shape), least)
                if found is not None:
                    yield found


def _gaps(cells: list[Cell], least: Decimal) -> Iterable[Fault]:
    """What of a drawn grid none of the grids below it covers; not judged where one of them is a list."""
    below: dict[str, list[Cell]] = defaultdict(list)
    for one in cells:
        if one.parent:
            below[one.parent].append(one)
    for one in cells:
        children = below.get(one.code, [])
        if one.shape is None or not children or any(child.shape is None for child in children):
            continue
        found = _fault("gap", (one,), one.shape.difference(union_all([child.shape for child in children])), least)
        if found is not None:
            yield found


def _doubles(cells: list[Cell]) -> Iterable[ListFault]:
    holders: dict[tuple[int, str], list[Cell]] = defaultdict(list)
    for one in cells:
        for member in dict.fromkeys(one.members):
            holders[one.level, member].append(one)
    for (_level, region), found in sorted(holders.items(), key=lambda pair: pair[0]):
        if len(found) > 1:
            yield ListFault("double", region, tuple(found))


def _missing(cells: list[Cell], divisions: Collection[str]) -> Iterable[ListFault]:
    """Divisions in no list though a sister (same division above, same level) is in one."""
    listed = {member for one in cells for member in one.members}
    above = {codes.parent_of(member) for member in listed}
    lengths = {(codes.parent_of(member), len(member)) for member in listed}
    for code in sorted(divisions):
        parent = codes.parent_of(code)
        if parent in above and (parent, len(code)) in lengths and code not in listed:
            yield ListFault("missing", code)
