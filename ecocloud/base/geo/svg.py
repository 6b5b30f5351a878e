"""A choropleth map as data for an SVG: path data, classes, label points. Pure; the page writes the markup."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from shapely import force_2d
from shapely.geometry import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import polylabel

from ecocloud.base.geo.boundaries import Boundary
from ecocloud.base.geo.coordinates import GeoError
from ecocloud.base.geo.shapes import project

MAX_CLASSES = 6
NO_VALUE_CLASS = "ramp-none"


@dataclass(frozen=True)
class ValueClass:
    """A class of the legend: ``low <= value < high`` (None: no limit), its CSS class and number of shapes."""

    css_class: str
    low: Decimal | None
    high: Decimal | None
    count: int


@dataclass(frozen=True)
class SvgShape:
    """One division on the map; ``d`` is path data, (x, y) a point inside for the label, value None when missing."""

    code: str
    name: str
    parent: str
    d: str
    css_class: str
    value: Decimal | None
    x: float
    y: float


@dataclass(frozen=True)
class SvgOutline:
    """A line or an area on the map: its path data, whether it is an area, the longer side of its box in user units."""

    d: str
    is_area: bool
    extent: float


@dataclass(frozen=True)
class SvgMap:
    """A drawn map: width and height in user units, its shapes and the legend's classes, low to high; ``points`` and
    ``outlines`` are the given places on it, ``span`` is what its width stands for, in metres."""

    width: int
    height: int
    shapes: tuple[SvgShape, ...]
    classes: tuple[ValueClass, ...]
    missing: int
    points: tuple[tuple[float, float], ...] = ()
    outlines: tuple[SvgOutline, ...] = ()
    span: float = 0

    @property
    def view_box(self) -> str:
        """For the ``viewBox`` attribute."""
        return f"0 0 {self.width} {self.height}"


def equal_count_limits(values: Iterable[Decimal], classes: int = MAX_CLASSES) -> tuple[Decimal, ...]:
    """Inner limits that split the distinct values into at most ``classes`` groups of about equal count."""
    ordered = sorted(set(values))
    count = min(classes, len(ordered))
    return tuple(dict.fromkeys(ordered[len(ordered) * step // count] for step in range(1, count))) if count > 1 else ()


def svg_map(
    features: Sequence[Boundary],
    values: Mapping[str, Decimal | None],
    *,
    width: int = 640,
    limits: Sequence[Decimal] | None = None,
    margin: int = 4,
    points: Sequence[tuple[float, float]] = (),
    outlines: Sequence[BaseGeometry] = (),
) -> SvgMap:
    """Draw ``features`` coloured by ``values`` (code -> number or None).

    width: in user units, the height follows from the shape; limits: inner class limits, ascending, at most five
    (a value equal to a limit belongs to the class above it), else equal counts; margin: empty border; points: pairs of
    longitude and latitude in degrees, drawn as given, also beyond the shapes; outlines: lines and areas, likewise.
    The projection is an equal-area one centred on the features, north up. Raises :class:`GeoError` without features,
    for a code in ``values`` that is not among them, or for wrong limits.
    """
    if not features or width <= 2 * margin:
        raise GeoError("没有可画的边界。", "nothing to draw", value=len(features))
    codes = {feature.code for feature in features}
    if stray := sorted(set(values) - codes):
        raise GeoError(
            "有数值的区划不在图上。", f"values for codes not on the map: {stray[:5]}", value="、".join(stray[:5])
        )
    known = {code: Decimal(value) for code, value in values.items() if value is not None}
    inner = tuple(limits) if limits is not None else equal_count_limits(known.values())
    if len(inner) >= MAX_CLASSES or list(inner) != sorted(set(inner)):
        raise GeoError("分级界限应从小到大、不重复，最多 5 个。", "limits must ascend, at most five", value=inner)
    target = _projection(features)
    projected = [project(force_2d(feature.geometry), target) for feature in features]
    west = min(found.bounds[0] for found in projected)
    south = min(found.bounds[1] for found in projected)
    east = max(found.bounds[2] for found in projected)
    north = max(found.bounds[3] for found in projected)
    scale = (width - 2 * margin) / (east - west)
    offset = margin - west * scale, margin + north * scale
    classes = [bisect_right(inner, known[feature.code]) if feature.code in known else None for feature in features]
    shapes = tuple(
        _shape(feature, found, scale, offset, known.get(feature.code), _css(index))
        for feature, found, index in zip(features, projected, classes, strict=True)
    )
    return SvgMap(
        width=width,
        height=round((north - south) * scale) + 2 * margin,
        shapes=shapes,
        classes=_legend(inner, classes) if known else (),
        missing=classes.count(None),
        points=tuple(_place(project(Point(*pair), target), scale, offset) for pair in points),
        outlines=tuple(_outline(project(force_2d(one), target), scale, offset) for one in outlines),
        span=width / scale,
    )


def _outline(found: BaseGeometry, scale: float, offset: tuple[float, float]) -> SvgOutline:
    west, south, east, north = found.bounds
    parts = list(getattr(found, "geoms", [found]))
    is_area = isinstance(parts[0], Polygon)
    if is_area:
        d = "".join(_path(ring.coords, scale, offset) for part in parts for ring in (part.exterior, *part.interiors))
    else:
        d = "".join(_path(part.coords, scale, offset, closed=False) for part in parts)
    return SvgOutline(d, is_area, max(east - west, north - south) * scale)


def _place(found: Point, scale: float, offset: tuple[float, float]) -> tuple[float, float]:
    return round(found.x * scale + offset[0], 1), round(offset[1] - found.y * scale, 1)


def _css(index: int | None) -> str:
    return NO_VALUE_CLASS if index is None else f"ramp-{index + 1}"


def _legend(inner: tuple[Decimal, ...], classes: list[int | None]) -> tuple[ValueClass, ...]:
    lows, highs = (None, *inner), (*inner, None)
    return tuple(
        ValueClass(_css(index), low, high, classes.count(index))
        for index, (low, high) in enumerate(zip(lows, highs, strict=True))
    )


def _projection(features: Sequence[Boundary]) -> str:
    bounds = [feature.geometry.bounds for feature in features]
    lon = (min(box[0] for box in bounds) + max(box[2] for box in bounds)) / 2
    lat = (min(box[1] for box in bounds) + max(box[3] for box in bounds)) / 2
    return f"+proj=laea +lat_0={lat:.4f} +lon_0={lon:.4f} +ellps=GRS80 +units=m +no_defs"


def _shape(
    feature: Boundary,
    found: Polygon | MultiPolygon,
    scale: float,
    offset: tuple[float, float],
    value: Decimal | None,
    css_class: str,
) -> SvgShape:
    parts = list(found.geoms) if isinstance(found, MultiPolygon) else [found]
    rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
    label = polylabel(max(parts, key=lambda part: part.area), tolerance=2 / scale)
    return SvgShape(
        code=feature.code,
        name=feature.name,
        parent=feature.parent,
        d="".join(_path(ring.coords, scale, offset) for ring in rings),
        css_class=css_class,
        value=value,
        x=round(label.x * scale + offset[0], 1),
        y=round(offset[1] - label.y * scale, 1),
    )


def _path(coords: Iterable[Sequence[float]], scale: float, offset: tuple[float, float], closed: bool = True) -> str:
    """``M x,y L …`` with one decimal, and ``Z`` for a ring; points that fall together are written once."""
    points: list[str] = []
    for x, y in coords:
        text = f"{x * scale + offset[0]:.1f},{offset[1] - y * scale:.1f}"
        if not points or points[-1] != text:
            points.append(text)
    if closed and len(points) > 1 and points[0] == points[-1]:
        points.pop()
    least = 3 if closed else 2
    return f"M{points[0]}L{' '.join(points[1:])}{'Z' if closed else ''}" if len(points) >= least else ""
