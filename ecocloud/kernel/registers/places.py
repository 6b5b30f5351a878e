"""Geometry of objects: read, checked, measured. Degrees of CGCS2000 (EPSG:4490) in, WKB out. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from struct import Struct
from typing import Any

from shapely import force_2d, from_wkb, from_wkt, get_coordinates, to_wkt
from shapely.errors import ShapelyError
from shapely.geometry import LineString, Point, Polygon, mapping, shape
from shapely.validation import explain_validity

from ecocloud.base import typed
from ecocloud.base.geo import GeoError, polygon_area
from ecocloud.base.geo.coordinates import check_lonlat
from ecocloud.kernel.registers.definition import GeometryRule

_TYPES = {"point": ("Point",), "line": ("LineString", "MultiLineString"), "polygon": ("Polygon",),
          "patch": ("Polygon", "MultiPolygon"), "site": ("Point", "Polygon", "MultiPolygon")}  # fmt: skip
_WKB_POINT = Struct("<BIdd")  # OGC 06-103r4, 8.2.9: byte order, type, coordinates
_WORDS = {"point": "点", "line": "线", "polygon": "面", "patch": "图斑（一个或几个面）",
          "site": "面（一个或几个），或一个点"}  # fmt: skip
_FAULTS = {"Self-intersection": "自相交", "Ring Self-intersection": "自相交", "Hole lies outside": "有洞在面外",
           "Too few points": "点数不够", "Nested": "有嵌套的面", "Duplicate Rings": "有重复的环",
           "Interior is disconnected": "内部断开"}  # fmt: skip
_AT = re.compile(r"\[(-?[\d.]+(?:e-?\d+)?) (-?[\d.]+(?:e-?\d+)?)")
_PAIR = re.compile(r"(-?\d{1,3}(?:\.\d+)?)[\s,]+(-?\d{1,3}(?:\.\d+)?)", re.ASCII)
_DECIMALS = 7  # of a degree: a centimetre
CELL = 32_000  # characters that a cell of a workbook holds


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
    """A geometry from GeoJSON, WKT, WKB, a list of coordinates or a pair of longitude and latitude; None when empty
    and not required.

    Text may be WKT, GeoJSON or ``lon lat; lon lat; ...`` (a ring is closed by itself). Heights are dropped.
    Raises :class:`GeoError`: of another kind than ``rule``, outside the globe, empty, self-crossing.
    """
    if given is None or (isinstance(given, str) and not given.strip()):
        if rule.required:
            raise GeoError("没有标出位置。", "geometry is required", remedy_zh="请在图上标出，或填写坐标。")
        return None
    if rule.kind == "none":
        raise GeoError(
            "本名录的对象没有位置。", "the type has no geometry", value=str(given)[:80], remedy_zh="请删去位置。"
        )
    if rule.kind == "point" and isinstance(given, list | tuple) and len(given) == 2:
        return _point(given)
    found = _shape(given, rule)
    if found.geom_type not in _TYPES[rule.kind] or found.is_empty:
        raise GeoError(f"位置应为{_WORDS[rule.kind]}。", f"{rule.kind} expected, got {found.geom_type}",
                       value=found.geom_type, remedy_zh=f"请标出{_WORDS[rule.kind]}。")  # fmt: skip
    coordinates = get_coordinates(found)
    for lon, lat in coordinates[~(abs(coordinates) <= (180, 90)).all(axis=1)][:1]:
        check_lonlat(float(lon), float(lat))
    if not found.is_valid:
        raise _broken(found)
    west, south, east, north = found.bounds
    area = polygon_area(found).square_meter if found.geom_type.endswith("Polygon") else None
    return Place(found.wkb, west, south, east, north, area)


def text(found: Any) -> str:
    """A shape as WKT for a cell of a workbook, to a centimetre; :func:`too_large` where it does not fit."""
    made = to_wkt(found, rounding_precision=_DECIMALS, trim=True)
    return made if len(made) <= CELL else too_large(found)


def too_large(found: Any) -> str:
    """What stands in a cell in place of a shape that does not fit: taken back, it leaves the shape as it is."""
    return f"图形有 {len(get_coordinates(found))} 个点，一格写不下；保留本格文字则图形不变"


def _broken(found: Any) -> GeoError:
    """Why a shape is not valid, in words, with the place where it is not."""
    said = explain_validity(found)
    at = _AT.search(said)
    where = f"在（{float(at[1]):.5f}，{float(at[2]):.5f}）附近" if at else ""
    word = next((zh for en, zh in _FAULTS.items() if en in said), "有拓扑错误")
    return GeoError(f"图形{where}{word}。", f"invalid geometry: {said}", value=said,
                    remedy_zh="请沿边界依次描点，首尾相接、互不交叉。")  # fmt: skip


def _point(pair: Sequence[Any]) -> Place:
    """A point of a pair of longitude and latitude: the same bytes as any other way, without building a shape."""
    try:
        lon, lat = (float(part) for part in pair)
    except (ValueError, TypeError) as fault:
        raise _unreadable(pair, fault) from fault
    check_lonlat(lon, lat)
    return Place(_WKB_POINT.pack(1, 1, lon, lat), lon, lat, lon, lat, None)


def _unreadable(given: Any, fault: Exception | str) -> GeoError:
    return GeoError("图形读不出来。", f"cannot read geometry: {fault}", value=str(given)[:80],
                    remedy_zh="请用 WKT、GeoJSON，或“经度 纬度; 经度 纬度; …”，经度在前。")  # fmt: skip


def _shape(given: Any, rule: GeometryRule) -> Any:
    try:
        if isinstance(given, str):
            return force_2d(_of_text(given.strip(), rule))
        if isinstance(given, Mapping):
            return force_2d(shape(_bare(given)))
        if isinstance(given, bytes | memoryview):
            return from_wkb(bytes(given))
        if isinstance(given, list | tuple) and len(given) == 2:
            return shape({"type": "Point", "coordinates": [float(part) for part in given]})
    except (ShapelyError, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as fault:
        raise _unreadable(given, fault) from fault
    raise _unreadable(given, type(given).__name__)


def _of_text(given: str, rule: GeometryRule) -> Any:
    if given.startswith("{"):
        return shape(_bare(json.loads(given)))
    pairs = _pairs(given)
    if pairs is None:
        return from_wkt(given)
    if len(pairs) == 1 and rule.kind in ("point", "site"):
        return Point(pairs[0])
    if rule.kind == "point":
        return LineString(pairs)
    return LineString(pairs) if rule.kind == "line" else Polygon(pairs)


def _bare(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The geometry of a GeoJSON feature, or of the only one of a collection."""
    if given.get("type") == "FeatureCollection" and len(given["features"]) == 1:
        given = given["features"][0]
    return given["geometry"] if given.get("type") == "Feature" else given


def _pairs(given: str) -> list[tuple[float, float]] | None:
    """Coordinates as people list them: pairs behind one another, ``;`` or a new line between; None for other text."""
    found = []
    for part in re.split(r"[;\n]+", typed.plain(given.replace("；", ";"))):
        if not part.strip():
            continue
        pair = _PAIR.fullmatch(part.strip())
        if pair is None:
            return None
        found.append((float(pair[1]), float(pair[2])))
    return found or None
