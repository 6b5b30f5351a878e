"""Where it is: the divisions people choose from, the division of a position, whether a position is served here."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any

from shapely import set_precision
from shapely.geometry import Point, mapping

from ecocloud.base.geo.boundaries import Boundary, boundaries
from ecocloud.base.geo.coordinates import GeoError
from ecocloud.kernel.regions import codes
from ecocloud.kernel.regions.models import Region
from ecocloud.kernel.regions.queries import regions_below
from ecocloud.portal.errors import Refused

# The boundaries that come with the platform are simplified: a place on the border is not turned away. Degrees, some
# 1 km.
_TOLERANCE = 0.01
# The map of the form is small: its lines in degrees, some 100 m and 10 m.
_SIMPLER, _GRAIN = 0.001, 0.0001
_LEVELS = ("county", "township")


@dataclass(frozen=True)
class Choices:
    """What the form offers: counties with their townships, and the villages of the chosen township."""

    groups: list[tuple[Region, list[Region]]]
    villages: list[Region]


def choices(served: Region, chosen: str = "") -> Choices:
    """The divisions below ``served``; villages only of the chosen township (or of the one the chosen village is in)."""
    rows = list(regions_below(served).filter(level__in=_LEVELS))
    counties = [row for row in rows if row.level == "county"] or [served]
    groups = [(county, [row for row in rows if row.level == "township" and county.contains(row.code)])
              for county in counties]  # fmt: skip
    township = next((row for row in rows if row.level == "township" and chosen and row.contains(chosen)), None)
    villages = list(regions_below(township, "village")) if township else []
    return Choices(groups, villages)


def chosen_region(served: Region, code: str) -> Region | None:
    """The division with this code when it lies in ``served``; None for '' ; raises :class:`Refused` for another."""
    if not code:
        return None
    found = None
    if code.isascii() and code.isdigit() and len(code) in (6, 9, 12) and codes.contains(served.code, code):
        found = Region.objects.filter(pk=code).first()
    if found is None:
        raise Refused("所选地点不在本平台服务范围内。", "the chosen place is not served here", where={"位置": ""},
                      value=code[:12], remedy_zh="请从列表中选择。")  # fmt: skip
    return found


def position(lon: str, lat: str) -> tuple[float, float] | None:
    """A position out of a form; None where it is not given or cannot be read (the list is always there)."""
    try:
        pair = float(lon), float(lat)
    except ValueError:
        return None
    known = all(map(isfinite, pair)) and abs(pair[0]) <= 180 and abs(pair[1]) <= 90 and pair != (0.0, 0.0)
    return (round(pair[0], 6), round(pair[1], 6)) if known else None


def _counties(served: Region) -> list[Boundary]:
    try:
        return [one for one in boundaries("county") if codes.contains(served.code, one.code)]
    except GeoError:
        return []


def ground(served: Region) -> tuple[dict[str, Any], list[float] | None]:
    """The counties of ``served`` as GeoJSON for a map (name, code, a point inside for the name), made simpler than they
    are kept, and their box (west, south, east, north; degrees). Empty and None where there are no boundaries."""
    near = _counties(served)
    shown = [
        {
            "type": "Feature",
            "geometry": mapping(set_precision(one.geometry.simplify(_SIMPLER), _GRAIN)),
            "properties": {"code": one.code, "name": one.name,
                           "at": [round(x, 4) for x in one.geometry.representative_point().coords[0]]},
        }
        for one in near
    ]  # fmt: skip
    if not near:
        return {"type": "FeatureCollection", "features": []}, None
    edges = [one.geometry.bounds for one in near]
    box = [min(e[0] for e in edges), min(e[1] for e in edges), max(e[2] for e in edges), max(e[3] for e in edges)]
    return {"type": "FeatureCollection", "features": shown}, box


def county_at(served: Region, lon: float, lat: float) -> Region | None:
    """The county of a position inside ``served``; ``served`` itself where there are no boundaries of it.

    Raises :class:`Refused` for a position outside.
    """
    near = _counties(served)
    if not near:
        return served
    point = Point(lon, lat)
    apart = {one.code: one.geometry.distance(point) for one in near}
    nearest = min(apart, key=apart.__getitem__)
    if apart[nearest] > _TOLERANCE:
        raise Refused(
            f"这个位置不在{served.name}范围内。", f"the position is not in {served.name}", where={"位置": ""},
            value=(lon, lat), remedy_zh="请从列表中选择地点；其他地方的问题请向当地反映，或拨打 12369。",
        )  # fmt: skip
    return Region.objects.filter(pk=nearest).first() or served


def settled(served: Region, code: str, place: tuple[float, float] | None) -> tuple[Region, tuple[float, float] | None]:
    """Division and position of a report. What was chosen by hand from the list outranks a position of the device or the
    photo: one that lies in another county is dropped. Raises :class:`Refused`."""
    region = chosen_region(served, code)
    if place is None:
        if region is None:
            raise Refused("还没有说明在哪里。", "no place yet", where={"位置": ""},
                          remedy_zh="请用手机定位，或从列表中选择乡镇（街道）。")  # fmt: skip
        return region, None
    if region is None:
        found = county_at(served, *place)
        return found or served, place
    try:
        county = county_at(served, *place)
    except Refused:
        return region, None
    same = county is None or county.contains(region.code) or region.contains(county.code)
    return region, place if same else None
