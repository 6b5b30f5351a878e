"""Which grid a place belongs to: exactly one, whatever the order the grids come in. Pure.

The lowest level wins; on one level a drawn area before a list of divisions, the longer code of a division before the
shorter, then the smaller code of the grid. So a point on a shared border, or where two grids overlap, always goes to
the same one; that they overlap is told by ``checking``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from shapely import STRtree
from shapely.geometry import Point

from ecocloud.base.geo.coordinates import check_lonlat
from ecocloud.kernel.regions import codes


@dataclass(frozen=True)
class Cell:
    """A grid on a day: an area in degrees (``shape``) or a list of divisions (``members``). ``key`` is the caller's."""

    code: str
    level: int
    region: str
    shape: Any = field(default=None, compare=False)
    members: tuple[str, ...] = ()
    parent: str = ""
    name: str = ""
    key: Any = field(default=None, compare=False)


@dataclass(frozen=True)
class Found:
    """The grid of a place, and how it was found: ``area``, ``list`` or ``none`` (nobody's: the office of the division
    answers)."""

    cell: Cell | None
    by: str


class Resolver:
    """Grids ready to be asked."""

    def __init__(self, cells: Iterable[Cell]) -> None:
        ordered = sorted(cells, key=lambda one: one.code)
        self._drawn = [one for one in ordered if one.shape is not None]
        self._listed = [one for one in ordered if one.shape is None]
        self._tree = STRtree([one.shape for one in self._drawn])

    def at(self, lon: float | None = None, lat: float | None = None, region: str = "") -> Found:
        """The grid of a point in degrees, of a division, or of both. Raises ``GeoError`` for what is no place."""
        ranked: list[tuple[tuple, Cell, str]] = []
        if lon is not None and lat is not None:
            check_lonlat(lon, lat)
            point = Point(lon, lat)
            for index in self._tree.query(point):
                one = self._drawn[index]
                if one.shape.covers(point):
                    ranked.append(((-one.level, 0, 0, one.code), one, "area"))
        if region:
            inner = codes.normalise(region)
            for one in self._listed:
                held = [member for member in one.members if inner.startswith(codes.stem(member))]
                if held:
                    ranked.append(((-one.level, 1, -max(map(len, held)), one.code), one, "list"))
        if not ranked:
            return Found(None, "none")
        _rank, cell, by = min(ranked, key=lambda found: found[0])
        return Found(cell, by)
