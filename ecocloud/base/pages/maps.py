"""A choropleth drawn on the server: areas as SVG paths on the six-step ramp with stated breaks."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from ecocloud.base.pages.figures import group_digits

STEPS = 6
WIDTH = 600
Ring = Sequence[Sequence[float]]


@dataclass(frozen=True)
class Area:
    """An area with its value: ``geometry`` GeoJSON Polygon or MultiPolygon in degrees, ``value`` None without data."""

    code: str
    name: str
    geometry: Mapping[str, Any]
    value: Any = None
    url: str = ""
    current: bool = False


@dataclass(frozen=True)
class DrawnArea:
    """An area ready for the template: ``step`` 1 to 6, 0 without data; ``left``, ``top`` of its label in percent."""

    code: str
    name: str
    url: str
    current: bool
    path: str
    left: str
    top: str
    step: int
    words: str


def equal_breaks(values: Sequence[float], steps: int = STEPS) -> list[float]:
    """Inner class limits: quantiles of the values, rounded to three decimals, without repeats."""
    ordered = sorted(values)
    if not ordered:
        return []
    found = [ordered[min(len(ordered) - 1, math.ceil(len(ordered) * i / steps))] for i in range(1, steps)]
    return sorted({round(value, 3) for value in found if value > ordered[0]})


@dataclass(frozen=True)
class Choropleth:
    """One map.

    Parameters
    ----------
    title, unit: what is shown. areas: the areas in drawing order. breaks: inner class limits ascending, at most five
    (a value equal to a limit belongs to the class above); without them quantiles are used.
    note: scale, datum, layer version, source and approval number, in words. tolerance: simplification in drawing units.
    """

    title: Any
    areas_in: Sequence[Area]
    unit: Any = ""
    breaks: Sequence[float] = ()
    note: Any = ""
    width: int = WIDTH
    places: int | None = None
    tolerance: float = 0.6

    def __post_init__(self) -> None:
        if len(self.breaks) > STEPS - 1 or list(self.breaks) != sorted(self.breaks):
            raise ValueError(f"map {self.title}: breaks must ascend and number at most {STEPS - 1}")

    @cached_property
    def _limits(self) -> list[float]:
        return list(self.breaks) or equal_breaks([float(a.value) for a in self.areas_in if a.value is not None])

    @cached_property
    def _frame(self) -> tuple[Callable[[Sequence[float]], tuple[float, float]], int]:
        points = [point for area in self.areas_in for ring in _rings(area.geometry) for point in ring]
        if not points:
            return (lambda point: (0.0, 0.0)), self.width
        west, east = min(p[0] for p in points), max(p[0] for p in points)
        south, north = min(p[1] for p in points), max(p[1] for p in points)
        squeeze = math.cos(math.radians((south + north) / 2))
        scale = (self.width - 20) / max((east - west) * squeeze, 1e-9)
        height = round((north - south) * scale + 20)

        def place(point: Sequence[float]) -> tuple[float, float]:
            return (point[0] - west) * squeeze * scale + 10, (north - point[1]) * scale + 10

        return place, height

    @property
    def height(self) -> int:
        """Height of the drawing in its own units."""
        return self._frame[1]

    def step(self, value: Any) -> int:
        """Class of ``value``, 1 to 6; 0 without a value. Fewer classes are spread over the ramp."""
        if value is None:
            return 0
        return self._spread(bisect_right(self._limits, float(value)))

    def _spread(self, index: int) -> int:
        classes = len(self._limits) + 1
        return index + 1 if classes >= STEPS - 1 else 1 + round(index * (STEPS - 1) / max(classes - 1, 1))

    @cached_property
    def areas(self) -> list[DrawnArea]:
        """The areas with paths and label places."""
        place = self._frame[0]
        drawn = []
        for area in self.areas_in:
            rings = [[place(point) for point in ring] for ring in _rings(area.geometry)]
            x, y = _label_place(rings)
            left, top = f"{x / self.width * 100:.2f}%", f"{y / self.height * 100:.2f}%"
            step = self.step(area.value)
            words = group_digits(area.value, self.places) if area.value is not None else _("无数据")
            path = "".join(_path(ring, self.tolerance) for ring in rings)
            drawn.append(DrawnArea(area.code, area.name, area.url, area.current, path, left, top, step, words))
        return drawn

    @property
    def legend(self) -> list[dict[str, Any]]:
        """Classes from low to high with their limits in words."""
        if all(area.value is None for area in self.areas_in):
            return []
        limits = [group_digits(limit, self.places) for limit in self._limits]
        labels = [_("低于 %(limit)s") % {"limit": limits[0]}] if limits else [_("有数据")]
        labels += [f"{low}–{high}" for low, high in zip(limits, limits[1:], strict=False)]
        if limits:
            labels.append(_("%(limit)s 及以上") % {"limit": limits[-1]})
        return [{"step": self._spread(index), "label": label} for index, label in enumerate(labels)]

    @property
    def has_gaps(self) -> bool:
        """Whether an area has no value."""
        return any(area.value is None for area in self.areas_in)

    @property
    def sentence(self) -> str:
        """The map in one sentence."""
        known = [(float(area.value), area.name) for area in self.areas_in if area.value is not None]
        if not known:
            return _("%(title)s：无数据") % {"title": self.title}
        low, high = min(known), max(known)
        return _("%(title)s：%(count)s 个区域，最低 %(low)s %(low_value)s，最高 %(high)s %(high_value)s") % {
            "title": self.title,
            "count": len(known),
            "low": low[1],
            "low_value": group_digits(low[0], self.places),
            "high": high[1],
            "high_value": group_digits(high[0], self.places),
        }


def _rings(geometry: Mapping[str, Any]) -> list[Ring]:
    kind, coordinates = geometry["type"], geometry["coordinates"]
    if kind == "Polygon":
        return list(coordinates)
    if kind == "MultiPolygon":
        return [ring for polygon in coordinates for ring in polygon]
    raise ValueError(f"a map area is a Polygon or MultiPolygon, not {kind}")


def _path(ring: Sequence[tuple[float, float]], tolerance: float) -> str:
    """Path of a ring; points closer than ``tolerance`` to the last one kept are left out."""
    kept: list[tuple[float, float]] = []
    for point in ring:
        if not kept or math.dist(point, kept[-1]) >= tolerance:
            kept.append(point)
    if len(kept) < 3:
        return ""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in kept) + "Z"


def _label_place(rings: Sequence[Sequence[tuple[float, float]]]) -> tuple[float, float]:
    """Centroid of the largest ring."""
    best, place = -1.0, (0.0, 0.0)
    for ring in rings:
        area = cx = cy = 0.0
        for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
            cross = x1 * y2 - x2 * y1
            area, cx, cy = area + cross, cx + (x1 + x2) * cross, cy + (y1 + y2) * cross
        if abs(area) > best and area:
            best, place = abs(area), (round(cx / (3 * area), 1), round(cy / (3 * area), 1))
    return place
