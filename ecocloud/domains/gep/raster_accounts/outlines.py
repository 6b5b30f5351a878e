"""The lines of the zones of a raster account as a map draws them: made once, when the account is computed, and kept
beside its result. Making them needs the engine.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ecocloud.domains.gep.models import RasterAccount

FILE = "outlines.json"
_POINTS = 1000  # parts of the width of a zone that its line keeps


def outlines(row: RasterAccount) -> dict[str, Any]:
    """The zones of an account that is done as a FeatureCollection (GeoJSON, degrees): ``name``, and ``at``, a point
    inside. Those of an account that has none kept are made and kept. Raises :class:`GepError`: the zones are gone.
    """
    try:
        told = json.loads(_place(row).read_text("utf-8"))
    except (OSError, ValueError):
        told = {}
    return told if told.get("digest") == row.digest else keep(row, row.digest)


def keep(row: RasterAccount, digest: str) -> dict[str, Any]:
    """Make the outlines of the result of this digest and keep them beside it."""
    told = {"type": "FeatureCollection", "digest": digest, "features": _features(row)}
    text = json.dumps(told, ensure_ascii=False)
    place = _place(row)
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(f".{FILE}.{os.getpid()}")
    part.write_text(text, "utf-8")
    os.replace(part, place)
    return json.loads(text)


def _place(row: RasterAccount) -> Path:
    return row.folder / "result" / FILE


def _features(row: RasterAccount) -> list[dict[str, Any]]:
    import numpy as np
    import shapely
    from pyproj import Transformer

    from ecocloud.domains.gep.raster import tables
    from ecocloud.domains.gep.raster_accounts import assembling

    path, field = assembling.zones_of(row)
    meta, shapes, values = tables.read_shapes(path, columns=[field])
    turned = Transformer.from_crs(meta["crs"], "EPSG:4326", always_xy=True)
    names = assembling.names_of(row.accounting)
    found = []
    for shape, value in zip(shapely.from_wkb(shapes), values[0].tolist(), strict=True):
        if shape is None or shape.is_empty:
            continue
        west, south, east, north = shape.bounds
        drawn = shape.simplify(max(east - west, north - south) / _POINTS)
        drawn = shapely.transform(drawn, lambda at: np.column_stack(turned.transform(at[:, 0], at[:, 1])))
        label, at = tables.label(value), drawn.representative_point()
        name = names[label].name if label in names else label
        found.append({"type": "Feature", "geometry": shapely.geometry.mapping(drawn),
                      "properties": {"name": name, "at": [at.x, at.y]}})  # fmt: skip
    return found
