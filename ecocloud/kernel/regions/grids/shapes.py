"""The area of a grid: read from WKT or GeoJSON, written the same way back. Degrees of CGCS2000 or WGS-84. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from shapely import force_2d, from_wkt, get_coordinates, set_precision, to_wkt, transform
from shapely.errors import ShapelyError
from shapely.geometry import mapping, shape

from ecocloud.base.geo import GeoError
from ecocloud.base.geo.coordinates import gcj02_to_wgs84, transformer
from ecocloud.base.geo.shapes import as_shape
from ecocloud.kernel.regions.grids.facts import grid_facts

_DECIMALS = 7  # of a degree: a centimetre
_STEP = 1e-7
_PLAIN = {4326, 4490, 84}
# CGCS2000 Gauss-Krüger zones: 6 degrees 4491-4512, 3 degrees 4513-4554, with and without the number of the zone.
_ZONES = range(4491, 4555)
LONLAT, GCJ02 = "lonlat", "gcj02"


def of_text(text: str) -> Any:
    """A polygon from WKT or GeoJSON text, checked. Raises :class:`GeoError`."""
    try:
        found = json.loads(text) if text.lstrip().startswith("{") else from_wkt(text)
    except (ShapelyError, ValueError, RecursionError) as fault:
        raise GeoError("范围读不出来。", f"cannot read the area: {fault}", value=text[:60],
                       remedy_zh="请用 WKT（POLYGON ((经度 纬度, …))）或 GeoJSON。") from fault  # fmt: skip
    return clean(found)


def clean(given: Any, turn: Any = None) -> Any:
    """A valid (multi)polygon to a centimetre, in degrees; ``turn`` moves coordinates there first."""
    try:
        found = force_2d(shape(given) if isinstance(given, Mapping) else given)
    except (ShapelyError, ValueError, TypeError, KeyError, IndexError, AttributeError) as fault:
        raise GeoError("范围读不出来。", f"cannot read the area: {fault}", value=str(given)[:60]) from fault
    if len(get_coordinates(found)) > grid_facts().most_points.value:
        raise GeoError("范围的点太多。", "too many points", value=len(get_coordinates(found)),
                       remedy_zh=f"最多 {grid_facts().most_points.value} 个点，请先简化。")  # fmt: skip
    if turn is not None:
        found = transform(found, turn, interleaved=False)
    as_shape(found)
    return as_shape(set_precision(found, _STEP)).normalize()


def as_text(found: Any) -> str:
    """WKT to a centimetre; the same area always gives the same text."""
    return to_wkt(found, rounding_precision=_DECIMALS, trim=True)


def _turn(epsg: int) -> Any:
    step = transformer(f"EPSG:{epsg}", "EPSG:4490")
    return lambda x, y: step.transform(x, y)


def _from_gcj02(x: Any, y: Any) -> Any:
    pairs = [gcj02_to_wgs84(float(lon), float(lat)) for lon, lat in zip(x, y, strict=True)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def _turn_of(collection: Mapping[str, Any], system: str) -> Any:
    """How coordinates come to degrees of CGCS2000: by the ``crs`` of the file or by what the person said."""
    if system == GCJ02:
        return _from_gcj02
    crs = collection.get("crs") or {}
    name = str(crs.get("properties", {}).get("name", "")) if isinstance(crs, Mapping) else str(crs)
    number = re.search(r"(?:EPSG:+|CRS)(\d+)$", name)
    if not name or (number and int(number[1]) in _PLAIN):
        return None
    if number and int(number[1]) in _ZONES:
        return _turn(int(number[1]))
    raise GeoError(f"不认识坐标系“{name}”。", f"unknown crs {name!r}", value=name,
                   remedy_zh="可用 WGS-84、CGCS2000 经纬度或 CGCS2000 高斯—克吕格投影（EPSG:4491–4554）。")  # fmt: skip


def features(text: str, system: str = LONLAT) -> list[tuple[dict[str, Any], Any]]:
    """``(properties, area or the GeoError that refused it)`` of each feature of a GeoJSON file.

    Raises :class:`GeoError` when the file is no collection of features.
    """
    try:
        collection = json.loads(text)
        given = list(collection["features"])
    except (ValueError, KeyError, TypeError, RecursionError) as fault:
        raise GeoError("不是 GeoJSON 要素集合。", f"no feature collection: {fault}", value=text[:40],
                       remedy_zh="文件应为 FeatureCollection。") from fault  # fmt: skip
    turn = _turn_of(collection, system)
    found: list[tuple[dict[str, Any], Any]] = []
    for one in given:
        properties = dict(one.get("properties") or {}) if isinstance(one, Mapping) else {}
        try:
            geometry = one["geometry"] if isinstance(one, Mapping) else None
            found.append((properties, clean(geometry, turn) if geometry else None))
        except (GeoError, KeyError) as fault:
            found.append((properties, fault if isinstance(fault, GeoError) else GeoError("没有范围。", "no geometry")))
    return found


def collection(rows: Iterable[tuple[Mapping[str, Any], Any]]) -> dict[str, Any]:
    """A GeoJSON collection in degrees of CGCS2000, which :func:`features` reads back as it was."""
    made = [
        {"type": "Feature", "properties": dict(properties), "geometry": mapping(area) if area is not None else None}
        for properties, area in rows
    ]
    return {"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}},
            "features": made}  # fmt: skip
