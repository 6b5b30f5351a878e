"""Administrative boundaries for demonstration, read once when first asked for."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from shapely.geometry import MultiPolygon, Polygon

from ecocloud.base.geo.coordinates import GeoError
from ecocloud.base.geo.shapes import as_shape

BOUNDARY_NOTICE = "示意图，边界仅供演示，无审图号"


@dataclass(frozen=True)
class Boundary:
    """One division: six-digit GB/T 2260 ``code``, ``name``, ``level``, ``parent`` code and lon/lat ``geometry``."""

    code: str
    name: str
    level: str
    parent: str
    geometry: Polygon | MultiPolygon = field(repr=False, compare=False)


def boundaries(level: str, parent: str | None = None) -> tuple[Boundary, ...]:
    """The boundaries of a level (see data/README.md), all or those of one parent code, in order of their codes.

    Raises :class:`GeoError` for a level without data; an unknown parent gives an empty tuple.
    """
    found = _package_level(level)
    return found if parent is None else tuple(entry for entry in found if entry.parent == parent)


@lru_cache(maxsize=8)
def _package_level(level: str) -> tuple[Boundary, ...]:
    found = [entry for entry in (files(__package__) / "data").iterdir() if entry.name.endswith(f"_{level}.geojson")]
    if not found or not level.isalpha():
        raise GeoError(f"没有“{level}”一级的边界数据。", f"no boundaries of level {level!r}", value=level)
    return tuple(sorted((entry for source in found for entry in _read(source)), key=lambda entry: entry.code))


def load_boundaries(path: Path | str) -> tuple[Boundary, ...]:
    """Boundaries from a site's own GeoJSON file with the properties adcode, name, level, parent (WGS-84)."""
    return tuple(sorted(_read(Path(path)), key=lambda entry: entry.code))


def _read(source: Any) -> list[Boundary]:
    try:
        features = json.loads(source.read_text(encoding="utf-8"))["features"]
        return [
            Boundary(
                code=str(feature["properties"]["adcode"]),
                name=feature["properties"]["name"],
                level=feature["properties"]["level"],
                parent=str(feature["properties"].get("parent", "")),
                geometry=as_shape(feature["geometry"]),
            )
            for feature in features
        ]
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError) as fault:
        raise GeoError(
            "边界文件读不出来。",
            f"bad boundary file: {fault}",
            where={"file": source.name},
            remedy_zh="应为 GeoJSON，属性含 adcode、name、level、parent。",
        ) from fault
