"""Shapes in lon/lat: area on a named equal-area projection, bounding box, point in polygon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from shapely import transform
from shapely.errors import ShapelyError
from shapely.geometry import MultiPolygon, Point, Polygon, shape
from shapely.validation import explain_validity

from ecocloud.base.geo.coordinates import GeoError, check_lonlat, transformer
from ecocloud.base.units import convert

_EQUAL_AREA = "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +x_0=0 +y_0=0 +ellps=GRS80 +units=m +no_defs"
EQUAL_AREA_BASIS = "Albers 等积投影（CGCS2000 椭球，标准纬线 25°、47°，中央经线 105°）"
_ONE_SQUARE_DECIMETER = Decimal("0.01")


@dataclass(frozen=True)
class Area:
    """An area: ``square_meter`` (two decimals) and the ``basis`` it was computed on."""

    square_meter: Decimal
    basis: str

    @property
    def mu(self) -> Decimal:
        """In 亩 (15 to the hectare)."""
        return convert(self.square_meter, "m2", "亩")

    @property
    def hectare(self) -> Decimal:
        """In hectares."""
        return convert(self.square_meter, "m2", "公顷")

    @property
    def square_kilometer(self) -> Decimal:
        """In square kilometres."""
        return convert(self.square_meter, "m2", "平方公里")


def as_shape(geometry: Any) -> Polygon | MultiPolygon:
    """A GeoJSON-like mapping or a shapely shape as a valid (multi)polygon in lon/lat.

    Raises :class:`GeoError` naming the fault (not a polygon, self-crossing, coordinates out of range).
    """
    try:
        found = shape(geometry) if isinstance(geometry, Mapping) else geometry
    except (ShapelyError, ValueError, TypeError, KeyError, IndexError, AttributeError) as fault:
        raise GeoError("图形读不出来。", f"cannot read geometry: {fault}", value=str(geometry)[:80]) from fault
    if not isinstance(found, Polygon | MultiPolygon) or found.is_empty:
        raise GeoError(
            "图形应是多边形。", "geometry is not a polygon", value=getattr(found, "geom_type", type(found).__name__)
        )
    west, south, east, north = found.bounds
    check_lonlat(west, south)
    check_lonlat(east, north)
    if not found.is_valid:
        raise GeoError(
            "多边形有自相交等错误。",
            f"invalid polygon: {explain_validity(found)}",
            value=explain_validity(found),
            remedy_zh="请先修复拓扑错误。",
        )
    return found


def project(found: Any, target: str) -> Any:
    """A lon/lat shape in the coordinate system ``target`` (anything pyproj reads)."""
    step = transformer("EPSG:4490", target)
    return transform(found, lambda x, y: step.transform(x, y), interleaved=False)


def polygon_area(geometry: Any) -> Area:
    """Area of a lon/lat polygon on an equal-area projection, rounded to 0.01 m2, with the basis named."""
    metres = project(as_shape(geometry), _EQUAL_AREA).area
    value = Decimal(repr(float(metres))).quantize(_ONE_SQUARE_DECIMETER, rounding=ROUND_HALF_EVEN)
    return Area(value, EQUAL_AREA_BASIS)


def bbox(geometry: Any) -> tuple[float, float, float, float]:
    """(west, south, east, north) in degrees."""
    return as_shape(geometry).bounds


def contains_point(geometry: Any, lon: float, lat: float) -> bool:
    """Whether a point lies in the polygon or on its edge."""
    check_lonlat(lon, lat)
    return as_shape(geometry).covers(Point(lon, lat))
