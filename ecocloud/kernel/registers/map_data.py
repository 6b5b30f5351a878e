"""The objects of a register on a map: a bounded answer for any part of the world and any number of objects.

Few objects in a view come one by one with their shapes; many are counted by cells of a fixed grid in the database, so
that the answer never grows with the register.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Avg, Count, F, FloatField, Max, Min, QuerySet
from django.db.models.functions import Floor
from django.urls import reverse
from shapely import box as rectangle
from shapely import from_wkb
from shapely.geometry import mapping

from ecocloud.base.geo import Boundary, GeoError, boundaries, svg_map
from ecocloud.base.pages.maps import Locator, Mark
from ecocloud.kernel.registers import showing
from ecocloud.kernel.registers.definition import State, TypeDefinition
from ecocloud.kernel.registers.lists import ObjectListing

MOST_SINGLE = 300
CELLS = 16  # across a view, at least; a power of two more at most
MOST_AREAS = 150
_SHAPE_PARTS = 60  # a shape smaller than this part of the view is a point
_STEPS = (10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01)
_SHADES = 4


@dataclass(frozen=True)
class Box:
    """A part of the world in degrees."""

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def read(cls, text: str) -> Box | None:
        """``west,south,east,north``; None for what is no box. Parts beyond the world are cut off."""
        try:
            west, south, east, north = (float(part) for part in text.split(","))
        except ValueError:
            return None
        if not all(map(math.isfinite, (west, south, east, north))) or west >= east or south >= north:
            return None
        cut = cls(max(west, -180.0), max(south, -90.0), min(east, 180.0), min(north, 90.0))
        return cut if cut.west < cut.east and cut.south < cut.north else None

    @property
    def width(self) -> float:
        """Degrees of longitude."""
        return self.east - self.west

    @property
    def text(self) -> str:
        """As :meth:`read` takes it."""
        return f"{self.west:.5f},{self.south:.5f},{self.east:.5f},{self.north:.5f}"

    def wider(self, part: float = 0.06, least: float = 0.02) -> Box:
        """With a margin around it."""
        x, y = max(self.width * part, least), max((self.north - self.south) * part, least)
        return Box(self.west - x, self.south - y, self.east + x, self.north + y)


def tones(definition: TypeDefinition) -> dict[str, str]:
    """The colour of every state on the map: good, warn, bad, done, or for plain progress a darker shade for each step.

    A legend names them, so that no state is told by its colour alone.
    """
    found: dict[str, str] = {}
    plain = 0
    for code, state in definition.state_by_code.items():
        found[code] = _tone(state)
        if not found[code]:
            plain += 1
            found[code] = f"step-{min(plain, _SHADES)}"
    return found


def _tone(state: State) -> str:
    if state.code == "retired" or state.tone == "muted":
        return "muted"
    return {"good": "good", "warn": "warn", "bad": "bad"}.get(state.tone, "done" if state.final else "")


def extent(rows: QuerySet) -> tuple[Box | None, int]:
    """The box around all objects with a place, and how many they are (one query)."""
    found = rows.order_by().aggregate(w=Min("west"), s=Min("south"), e=Max("east"), n=Max("north"), count=Count("west"))
    if not found["count"]:
        return None, 0
    return Box(found["w"], found["s"], found["e"], found["n"]).wider(), found["count"]


def within(rows: QuerySet, box: Box) -> QuerySet:
    """The objects that touch a box, without order."""
    return rows.filter(west__lte=box.east, east__gte=box.west, south__lte=box.north, north__gte=box.south).order_by()


def cell_of(box: Box) -> float:
    """The side of a cell in degrees: a power of two, so that cells stay where they are when the view moves."""
    return 2.0 ** math.floor(math.log2(box.width / CELLS))


@dataclass
class Cluster:
    """Objects of one cell: where they lie on average, how many by state."""

    lon: float
    lat: float
    states: dict[str, int]
    key: int

    @property
    def count(self) -> int:
        """How many."""
        return sum(self.states.values())


def clusters(rows: QuerySet, box: Box) -> list[Cluster]:
    """The objects of a box counted by cells and states (one query); at most (2 * CELLS + 2) cells across."""
    side = cell_of(box)
    lon, lat = (F("west") + F("east")) / 2.0, (F("south") + F("north")) / 2.0
    cells = within(rows, box).annotate(
        cx_=Floor(lon / side, output_field=FloatField()), cy_=Floor(lat / side, output_field=FloatField())
    )
    grouped = cells.values_list("cx_", "cy_", "state").annotate(
        n_=Count("pk"), lon_=Avg(lon), lat_=Avg(lat), key_=Min("pk")
    )
    found: dict[tuple[float, float], Cluster] = {}
    for x, y, state, count, at_lon, at_lat, key in grouped:
        one = found.setdefault((x, y), Cluster(at_lon, at_lat, {}, key))
        share = count / (one.count + count)
        one.lon, one.lat = one.lon + (at_lon - one.lon) * share, one.lat + (at_lat - one.lat) * share
        one.states[state] = count
    return list(found.values())


def objects(listing: ObjectListing, box: Box) -> dict[str, Any]:
    """What a map shows of a box (two or three queries): ``features`` one by one, ``clusters`` with their counts."""
    rows = listing.narrowed()
    keys = list(within(rows, box).values_list("pk", flat=True)[: MOST_SINGLE + 1])
    if len(keys) <= MOST_SINGLE:
        return {"features": _features(listing, rows, keys, box), "clusters": [], "total": len(keys)}
    counted = clusters(rows, box)
    keys = [one.key for one in counted if one.count == 1]
    words = {code: showing.pick(state) for code, state in listing.register.definition.state_by_code.items()}
    groups = [
        {"lon": round(one.lon, 5), "lat": round(one.lat, 5), "count": one.count,
         "words": "，".join(f"{words[code]} {n}" for code, n in one.states.items())}
        for one in counted if one.count > 1
    ]  # fmt: skip
    total = sum(one.count for one in counted)
    return {"features": _features(listing, rows, keys, box), "clusters": groups, "total": total}


def _features(listing: ObjectListing, rows: QuerySet, keys: list[int], box: Box) -> list[dict[str, Any]]:
    definition = listing.register.definition
    colours = tones(definition)
    words = {code: showing.pick(state) for code, state in definition.state_by_code.items()}
    columns = ("pk", "code", "name", "state", "place", "region__name")
    return [
        {
            "type": "Feature",
            "geometry": _geometry(place, box),
            "properties": {"code": code, "name": name, "state": words[state], "tone": colours[state], "where": region,
                           "url": reverse("registers:object", args=[pk])},
        }
        for pk, code, name, state, place, region in rows.filter(pk__in=keys).order_by("code").values_list(*columns)
        if place is not None
    ]  # fmt: skip


def _geometry(place: bytes, box: Box) -> Mapping[str, Any]:
    """The shape as exact as the view can show it; a point where it would be a speck."""
    shape = from_wkb(bytes(place))
    west, south, east, north = shape.bounds
    if max(east - west, north - south) < box.width / _SHAPE_PARTS:
        return mapping(shape.representative_point())
    return mapping(shape.simplify(box.width / 1500, preserve_topology=True))


# --- what lies beneath ------------------------------------------------------------------------------------------------


def areas(box: Box) -> list[Boundary]:
    """The drawn divisions that touch a box: counties, or cities where there would be too many."""
    frame = rectangle(box.west, box.south, box.east, box.north)
    for level in ("county", "city"):
        try:
            found = [one for one in boundaries(level) if one.geometry.intersects(frame)]
        except GeoError:  # a site without boundaries of this level
            continue
        if 0 < len(found) <= MOST_AREAS:
            return found
    return []


def ground(box: Box) -> dict[str, Any]:
    """Divisions and the lines of the graticule beneath the objects of a box."""
    tolerance = box.width / 1500
    shown = [
        {
            "type": "Feature",
            "geometry": mapping(one.geometry.simplify(tolerance, preserve_topology=True)),
            "properties": {"name": one.name, "at": list(one.geometry.representative_point().coords[0])},
        }
        for one in areas(box)
    ]
    return {"areas": {"type": "FeatureCollection", "features": shown}, "lines": _graticule(box.wider(1.0))}


def _graticule(box: Box) -> dict[str, Any]:
    step = next((one for one in _STEPS if box.width / one >= 6), _STEPS[-1])

    def values(low: float, high: float) -> Iterable[float]:
        return (number * step for number in range(math.ceil(low / step), math.floor(high / step) + 1))

    lines = [[[x, box.south], [x, box.north]] for x in values(box.west, box.east)]
    lines += [[[box.west, y], [box.east, y]] for y in values(box.south, box.north)]
    return {"type": "Feature", "properties": {}, "geometry": {"type": "MultiLineString", "coordinates": lines}}


def drawn(listing: ObjectListing, box: Box, title: Any, note: Any) -> Locator:
    """The map as it is without a script: divisions, or a plain frame, with the counted cells as dots (one query)."""
    colours = tones(listing.register.definition)
    marks = [
        Mark(one.lon, one.lat, f"{one.count}", count=one.count,
             tone=f"map-{colours[next(iter(one.states))]}" if len(one.states) == 1 else "")
        for one in clusters(listing.narrowed(), box)
    ]  # fmt: skip
    frame = Boundary("", "", "county", "", rectangle(box.west, box.south, box.east, box.north))
    picture = svg_map(areas(box) or [frame], {}, points=[(mark.lon, mark.lat) for mark in marks])
    placed = tuple(
        Mark(one.lon, one.lat, one.label, count=one.count, tone=one.tone, x=x, y=y)
        for one, (x, y) in zip(marks, picture.points, strict=True)
    )
    return Locator(title, picture, placed, note)
