"""A choropleth on a page: a drawing of ``base.geo.svg_map`` with its words, links, legend and table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from shapely import box
from shapely.geometry.base import BaseGeometry

from ecocloud.base.geo import Boundary, SvgMap, boundaries, svg_map
from ecocloud.base.geo.svg import NO_VALUE_CLASS
from ecocloud.base.pages.figures import group_digits

# Around a shape drawn by itself, in parts of its longer side: the margin, and how much of the other side is shown.
_CLOSE_MARGIN, _CLOSE_LEAST = 0.15, 0.5


@dataclass(frozen=True)
class DrawnArea:
    """A division ready for the template; ``left`` and ``top`` of its label in percent of the drawing."""

    code: str
    name: str
    url: str
    current: bool
    path: str
    css_class: str
    left: str
    top: str
    words: str

    @property
    def known(self) -> bool:
        """Whether it has a value."""
        return self.css_class != NO_VALUE_CLASS


@dataclass(frozen=True)
class Choropleth:
    """One map.

    Parameters
    ----------
    title, unit: what is shown. drawing: the shapes with their values and classes.
    note: scale, datum, layer version, source and approval number, in words.
    urls: where a division leads, by code. current: code of the division that is outlined.
    places: decimal places of values and limits; None keeps what they have.
    """

    title: Any
    drawing: SvgMap
    unit: Any = ""
    note: Any = ""
    urls: Mapping[str, str] = field(default_factory=dict)
    current: str = ""
    places: int | None = None

    @property
    def areas(self) -> list[DrawnArea]:
        """The divisions with their words and links; the outlined one last, so that its edge lies on top."""
        found = [
            DrawnArea(
                shape.code,
                shape.name,
                self.urls.get(shape.code, ""),
                shape.code == self.current,
                shape.d,
                shape.css_class,
                f"{shape.x / self.drawing.width * 100:.2f}%",
                f"{shape.y / self.drawing.height * 100:.2f}%",
                group_digits(shape.value, self.places) if shape.value is not None else _("无数据"),
            )
            for shape in self.drawing.shapes
        ]
        return sorted(found, key=lambda area: area.current)

    @property
    def rows(self) -> list[DrawnArea]:
        """The table: divisions in the order they were given."""
        order = {shape.code: number for number, shape in enumerate(self.drawing.shapes)}
        return sorted(self.areas, key=lambda area: order[area.code])

    @property
    def legend(self) -> list[dict[str, Any]]:
        """Classes from low to high with their limits in words."""
        return [
            {"css_class": step.css_class, "label": self._limits(step.low, step.high)} for step in self.drawing.classes
        ]

    def _limits(self, low: Any, high: Any) -> str:
        if low is None and high is None:
            return _("有数据")
        if low is None:
            return _("低于 %(limit)s") % {"limit": group_digits(high, self.places)}
        if high is None:
            return _("%(limit)s 及以上") % {"limit": group_digits(low, self.places)}
        return f"{group_digits(low, self.places)}–{group_digits(high, self.places)}"

    @property
    def has_gaps(self) -> bool:
        """Whether a division has no value."""
        return self.drawing.missing > 0

    @property
    def sentence(self) -> str:
        """The map in one sentence."""
        known = [(shape.value, shape.name) for shape in self.drawing.shapes if shape.value is not None]
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


def county_choropleth(
    parent: str,
    values: Mapping[str, Decimal | None],
    *,
    title: Any,
    level: str = "county",
    unit: Any = "",
    urls: Mapping[str, str] | None = None,
    current: str = "",
    places: int | None = None,
) -> Choropleth | None:
    """The counties of the division ``parent`` coloured by ``values`` (code -> number or None), for demonstration.

    level: ``city`` draws the cities of a province instead; townships have no boundaries that may be given on.
    Divisions without an entry are drawn as without value; ``None`` where there are no boundaries.
    """
    shapes = boundaries(level, parent=parent)
    if not shapes:
        return None
    drawing = svg_map(shapes, {shape.code: values.get(shape.code) for shape in shapes})
    note = _("界线为示意，仅供内部演示，无审图号")
    return Choropleth(title, drawing, unit=unit, note=note, urls=urls or {}, current=current, places=places)


@dataclass(frozen=True)
class Mark:
    """A place on a locator map: longitude and latitude in degrees, its words, where it leads, how many lie there."""

    lon: float
    lat: float
    label: str
    url: str = ""
    count: int = 1
    tone: str = ""
    x: float = 0
    y: float = 0

    @property
    def radius(self) -> float:
        """Radius of the dot in units of the drawing: its area grows with the number, up to a limit."""
        return min(7 + 2.2 * (self.count - 1) ** 0.5, 22)


@dataclass(frozen=True)
class Locator:
    """Where something lies: divisions as pale shapes, the one it is about outlined, places as dots."""

    title: Any
    drawing: SvgMap
    marks: tuple[Mark, ...]
    note: Any = ""
    current: str = ""

    @property
    def areas(self) -> list[Any]:
        """The divisions, the outlined one last, so that its edge lies on top."""
        return sorted(Choropleth(self.title, self.drawing, current=self.current).areas, key=lambda area: area.current)


def locator(
    parent: str, marks: Sequence[Mark], *, title: Any, current: str = "", outlines: Sequence[BaseGeometry] = ()
) -> Locator | None:
    """The counties of the division ``parent`` with places on them; None where there are no boundaries.

    current: code of the county that is outlined. outlines: lines and areas in degrees, drawn as they are.
    """
    shapes = boundaries("county", parent=parent)
    if not shapes:
        return None
    drawing = svg_map(shapes, {}, points=[(mark.lon, mark.lat) for mark in marks], outlines=outlines)
    placed = tuple(replace(mark, x=x, y=y) for mark, (x, y) in zip(marks, drawing.points, strict=True))
    note = _("界线为示意，仅供内部演示，无审图号；坐标为 CGCS2000")
    return Locator(title, drawing, placed, note, current)


def close_up(shape: BaseGeometry, *, title: Any) -> Locator:
    """A line or an area in degrees by itself, so large that its form is seen; the note says how wide the picture is."""
    west, south, east, north = shape.bounds
    longer = max(east - west, north - south)
    x, y = (max(side, longer * _CLOSE_LEAST) / 2 + longer * _CLOSE_MARGIN for side in (east - west, north - south))
    lon, lat = (west + east) / 2, (south + north) / 2
    frame = Boundary("frame", "", "county", "", box(lon - x, lat - y, lon + x, lat + y))
    drawing = svg_map([frame], {}, outlines=[shape])
    note = _("图宽约 %(width)s；坐标为 CGCS2000") % {"width": _width(drawing.span)}
    return Locator(title, drawing, (), note)


def _width(metres: float) -> str:
    """A distance for reading: two digits of kilometres, or of metres below one."""
    if metres < 1000:
        return _("%(n)s 米") % {"n": round(metres / 10) * 10 if metres >= 100 else round(metres)}
    return _("%(n)s 公里") % {"n": group_digits(Decimal(metres / 1000), 1 if metres < 10_000 else 0)}
