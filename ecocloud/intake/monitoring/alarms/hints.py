"""Where an incident may come from: hints, no proof. Pure.

Water: the stretches of the reach register hang together by the names of their ends; what stands at a stretch above is
upstream. Air: what stands within a sector against the mean wind of the last hours, no farther than the air came.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

EARTH_KM = 6371.0088  # mean radius, IUGG
SECTOR = 45.0  # degrees to each side of the wind


class Reach(NamedTuple):
    """A stretch of the register: its water, the names of its upper and lower end, the division it lies in."""

    ref: str
    name: str
    water: str
    upper: str
    lower: str
    region: str = ""


class Upstream(NamedTuple):
    """A stretch above; steps: how many stretches lie between (0: the one the place itself is at)."""

    reach: Reach
    steps: int


def reach_of(reaches: Sequence[Reach], water: str, names: Iterable[str], region: str = "") -> Reach | None:
    """The stretch a place belongs to: of its water the only one, or the one whose lower end its name has in it, or
    whose upper one, or else the lowest one in its division; None where the register does not tell."""
    mine = [one for one in reaches if one.water == water or one.name == water]
    if len(mine) == 1:
        return mine[0]
    for end in ("lower", "upper"):
        for one in mine:
            point = getattr(one, end)
            if point and any(point in name for name in names):
                return one
    near = [one for one in mine if region and one.region == region]
    return next((one for one in near if not any(_flows_into(one, other) for other in near)), None)


def upstream(reaches: Sequence[Reach], start: Reach, most: int = 5) -> list[Upstream]:
    """The stretches above one, nearest first, itself with 0 steps; tributaries join where their lower end is the upper
    end of a stretch. Each once, so that a circle of names ends."""
    found, seen, now = [Upstream(start, 0)], {start.ref}, [start]
    for steps in range(1, most + 1):
        above = [one for one in reaches if one.ref not in seen and any(_flows_into(one, below) for below in now)]
        above.sort(key=lambda one: one.ref)
        found += [Upstream(one, steps) for one in above]
        seen |= {one.ref for one in above}
        now = above
        if not now:
            break
    return found


def _flows_into(one: Reach, below: Reach) -> bool:
    return bool(one.lower) and one.lower == below.upper


@dataclass(frozen=True)
class Wind:
    """Mean wind: the direction it comes from in degrees (north 0, east 90), mean speed in m/s, hours it is the mean of,
    and how steady it was (1: always the same direction, 0: from everywhere)."""

    direction: float
    speed: float
    hours: int
    steady: float


def mean_wind(values: Sequence[tuple[float, float]]) -> Wind | None:
    """The mean of hourly (direction in degrees, speed in m/s), as vectors; None without a direction (calm, or none)."""
    usable = [(direction, speed) for direction, speed in values if 0 <= direction <= 360 and speed >= 0]
    if not usable:
        return None
    east = sum(speed * math.sin(math.radians(direction)) for direction, speed in usable)
    north = sum(speed * math.cos(math.radians(direction)) for direction, speed in usable)
    total, length = sum(speed for _direction, speed in usable), math.hypot(east, north)
    if total == 0 or length / total < 0.1:
        return None
    count = len(usable)
    return Wind(math.degrees(math.atan2(east, north)) % 360, total / count, count, length / total)


class Place(NamedTuple):
    """Something on the map: longitude and latitude in degrees."""

    ref: str
    name: str
    kind: str
    lon: float
    lat: float


class Upwind(NamedTuple):
    """A place against the wind: distance in km, and bearing from the station in degrees."""

    place: Place
    distance: float
    bearing: float


def upwind(station: tuple[float, float], wind: Wind, places: Iterable[Place], most_km: float) -> list[Upwind]:
    """The places the air came over, nearest first. station: longitude and latitude. most_km: no farther than this, nor
    than the wind blew in its hours."""
    reach = min(most_km, wind.speed * wind.hours * 3.6)
    found = []
    for place in places:
        distance, bearing = apart(station, (place.lon, place.lat))
        off = abs((bearing - wind.direction + 180) % 360 - 180)
        if 0 < distance <= reach and off <= SECTOR:
            found.append(Upwind(place, distance, bearing))
    return sorted(found, key=lambda one: (one.distance, one.place.ref))


def apart(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """Distance in km on the sphere and bearing in degrees from one place (longitude, latitude) to another."""
    lon1, lat1, lon2, lat2 = (math.radians(value) for value in (*one, *other))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    east = math.sin(lon2 - lon1) * math.cos(lat2)
    north = math.cos(lat1) * math.sin(lat2) - math.sin(lat1) * math.cos(lat2) * math.cos(lon2 - lon1)
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(half))), math.degrees(math.atan2(east, north)) % 360
