"""Geometry of objects: read, checked, measured. Degrees of CGCS2000 (EPSG:4490) in, WKB out. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from struct import Struct
from typing import Any

from shapely import from_wkb, from_wkt
from shapely.errors import ShapelyError
from shapely.geometry import mapping, shape
from shapely.validation import explain_validity

from ecocloud.base.geo import GeoError, polygon_area
from ecocloud.base.geo.coordinates import check_lonlat
from ecocloud.kernel.registers.definition import GeometryRule

_TYPES = {"point": ("Point",), "line": ("LineString", "MultiLineString"), "polygon": ("Polygon",),
          "patch": ("Polygon", "MultiPolygon")}  # fmt: skip
_WKB_POINT = Struct("<BIdd")  # OGC 06-103r4, 8.2.9: byte order, type, coordinates
_WORDS = {"point": "点", "line": "线", "polygon": "面", "patch": "图斑（一个或几个面）"}


@dataclass(frozen=True)
class Place:
    """A checked geometry: WKB, its bounding box in degrees, its area in m2 where it has one."""

    wkb: bytes
    west: float
    south: float
    east: float
    north: float
    area: Decimal | None

    def as_geojson(self) -> dict[str, Any]:
        """The geometry as GeoJSON."""
        return geojson(self.wkb)


def geojson(wkb: bytes) -> dict[str, Any]:
    """Stored WKB as GeoJSON."""
    return mapping(from_wkb(bytes(wkb)))


def read(given: Any, rule: GeometryRule) -> Place | None:
    """A geometry from GeoJSON, WKT, WKB or a pair of longitude and latitude; None when empty and not required.

    Raises :class:`GeoError`: of another kind than ``rule``, outside the globe, empty, self-crossing.
    """
    if given is None or given == "":
        if rule.required:
            raise GeoError("没有标出位置。", "geometry is required", remedy_zh="请在图上标出，或填写经纬度。")
        return None
    if rule.kind == "none":
        raise GeoError(
            "本名录的对象没有位置。", "the type has no geometry", value=str(given)[:80], remedy_zh="请删去位置。"
        )
    if rule.kind == "point" and isinstance(given, list | tuple) and len(given) == 2:
        return _point(given)
    found = _shape(given)
    if found.geom_type not in _TYPES[rule.kind] or found.is_empty:
        raise GeoError(f"位置应为{_WORDS[rule.kind]}。", f"{rule.kind} expected, got {found.geom_type}",
                       value=found.geom_type, remedy_zh=f"请标出{_WORDS[rule.kind]}。")  # fmt: skip
    west, south, east, north = found.bounds
    check_lonlat(west, south)
    check_lonlat(east, north)
    if not found.is_valid:
        raise GeoError("图形有自相交等错误。", "invalid geometry", value=explain_validity(found),
                       remedy_zh="请先修复拓扑错误。")  # fmt: skip
    area = polygon_area(found).square_meter if rule.kind in ("polygon", "patch") else None
    return Place(found.wkb, west, south, east, north, area)


def _point(pair: Sequence[Any]) -> Place:
    """A point of a pair of longitude and latitude: the same bytes as any other way, without building a shape."""
    try:
        lon, lat = (float(part) for part in pair)
    except (ValueError, TypeError) as fault:
        raise _unreadable(pair, fault) from fault
    check_lonlat(lon, lat)
    return Place(_WKB_POINT.pack(1, 1, lon, lat), lon, lat, lon, lat, None)


def _unreadable(given: Any, fault: Exception) -> GeoError:
    return GeoError("图形读不出来。", f"cannot read geometry: {fault}", value=str(given)[:80],
                    remedy_zh="请用 GeoJSON、WKT 或“经度,纬度”。")  # fmt: skip


def _shape(given: Any) -> Any:
    try:
        if isinstance(given, Mapping):
            return shape(given)
        if isinstance(given, bytes | memoryview):
            return from_wkb(bytes(given))
        if isinstance(given, list | tuple) and len(given) == 2:
            return shape({"type": "Point", "coordinates": [float(part) for part in given]})
        return from_wkt(str(given))
    except (ShapelyError, ValueError, TypeError, KeyError, IndexError, AttributeError) as fault:
        raise _unreadable(given, fault) from fault
