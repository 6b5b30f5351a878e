"""From what a raster account keeps to a configuration of the engine: files under their own names, zones, services."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from shapely.geometry import mapping

from ecocloud.base.files.services import store_root
from ecocloud.base.geo import GeoError, boundaries
from ecocloud.domains.gep.errors import GepError
from ecocloud.domains.gep.models import Accounting, RasterAccount, RasterFile
from ecocloud.domains.gep.raster import config as engine
from ecocloud.domains.gep.raster.preparing import DAILY_RAIN
from ecocloud.domains.gep.raster.registry import services
from ecocloud.domains.gep.raster_accounts import roles
from ecocloud.kernel.regions.models import Region

INPUT, CODE = "input", "code"
_FIELD = "ws_id"
_POINTS = 1000  # parts of the width of a zone that its line keeps


def outlines(row: RasterAccount) -> dict[str, Any]:
    """The zones of an account as GeoJSON in degrees, their lines drawn with no more points than a map shows."""
    import pyogrio
    import shapely
    from pyproj import Transformer

    path, field = _zones(row, _placed(row).get(roles.ZONES))
    meta, _index, shapes, values = pyogrio.raw.read(Path(path), columns=[field])
    turned = Transformer.from_crs(meta["crs"], "EPSG:4326", always_xy=True)
    names = names_of(row.accounting)
    features = []
    for shape, label in zip(shapely.from_wkb(shapes), values[0].tolist(), strict=True):
        if shape is None:
            continue
        west, south, east, north = shape.bounds
        drawn = shape.simplify(max(east - west, north - south) / _POINTS)
        drawn = shapely.transform(drawn, lambda at: np.column_stack(turned.transform(at[:, 0], at[:, 1])))
        name = names[str(label)].name if str(label) in names else str(label)
        at = drawn.representative_point()
        features.append({"type": "Feature", "geometry": mapping(drawn),
                         "properties": {"name": name, "at": [at.x, at.y]}})  # fmt: skip
    return {"type": "FeatureCollection", "features": features}


def files(row: RasterAccount) -> dict[str, RasterFile]:
    """The files of its layers by role."""
    keys = {role: one["file"] for role, one in row.config.get("layers", {}).items() if "file" in one}
    there = RasterFile.objects.select_related("file").in_bulk(list(keys.values()))
    return {role: there[key] for role, key in keys.items() if key in there}


def assembled(row: RasterAccount) -> engine.Config:
    """The configuration of a run; its files are put under the names people know into the folder ``input`` of the
    account (as links). Raises :class:`GepError`: something every account needs is not given.
    """
    given = row.config.get("layers", {})
    for role in (roles.COVER, roles.CLASSES):
        if role not in given:
            raise _lacks(role)
    placed = _placed(row)
    told: dict[str, Any] = {"name": row.name, "output": str(row.folder / "result"), "prepare": {}}
    told |= {name: value for name, value in row.config.items() if name in ("services", "parameters", "align")}
    for role, one in given.items():
        value = str(placed[role]) if role in placed else float(one["number"])
        layer, _dot, source = role.partition(".")
        if not source:
            told[role] = value
        elif layer in roles.prepared(given):
            told["prepare"].setdefault(layer, {})[source] = {row.year: value} if source == DAILY_RAIN else value
    told[roles.ZONES], told["zone_field"] = _zones(row, placed.get(roles.ZONES))
    if row.config.get("also") and not row.config.get("services"):
        there = [one.service.code for one in roles.possible(given, roles.parameters(row.config))
                 if not one.lacks and not one.asked]  # fmt: skip
        told["services"] = list(dict.fromkeys([*there, *row.config["also"]]))
    made = engine.checked(told, row.folder)
    return engine.checked({**told, "write": offered(made)}, row.folder)


def offered(config: engine.Config) -> list[str]:
    """The rasters that the services of a configuration can write, and the slope factor where it is made."""
    chosen = [services()[one] for one in config.services]
    return [*(name for one in chosen for name in one.rasters), *(["ls"] if any(one.routed for one in chosen) else [])]


def _lacks(role: str) -> GepError:
    one = roles.roles()[role]
    return GepError(f"没有给出{one.zh}。", f"no {role}", where={"图层": one.zh}, remedy_zh="请上传或选择文件。")


def _placed(row: RasterAccount) -> dict[str, Path]:
    """Links to the stored files by role: what is read is told by the name it came with."""
    found: dict[str, Path] = {}
    for role, one in files(row).items():
        link = row.folder / INPUT / role / one.file.name
        link.parent.mkdir(parents=True, exist_ok=True)
        target = store_root() / one.file.path
        for old in link.parent.iterdir():
            if old != link or not old.is_symlink() or old.readlink() != target:
                old.unlink()
        if not link.is_symlink():
            link.symlink_to(target)
        found[role] = link
    return found


def role_of(row: RasterAccount, where: Mapping[str, Any]) -> str:
    """The role that an error of the engine speaks of, by its place; '' for none."""
    words = {one.zh: code for code, one in roles.roles().items() if code in row.config.get("layers", {}) or not one.of}
    if where.get("图层") in words:
        return words[where["图层"]]
    return next((role for role, one in files(row).items() if one.file.name == where.get("文件")), "")


def _zones(row: RasterAccount, path: Path | None) -> tuple[str, str]:
    """The file of zones and its field. Without one, the known boundaries of the accounting's parts."""
    if path is not None:
        return str(path), row.config.get("zone_field") or field_of(path, row.accounting)
    known = boundaries_of(row.accounting)
    if not known:
        raise _lacks(roles.ZONES)
    made = row.folder / INPUT / "zones.geojson"
    made.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({
        "type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}},
        "features": [{"type": "Feature", "properties": {CODE: code}, "geometry": one} for code, one in known.items()],
    })  # fmt: skip
    if not made.exists() or made.read_text("utf-8") != text:
        made.write_text(text, "utf-8")
    return str(made), CODE


def boundaries_of(accounting: Accounting) -> dict[str, Any]:
    """The boundaries of the parts (without parts, of the region) that the package knows, by code; none unless all."""
    regions: list[Region] = list(accounting.parts.order_by("code")) or [accounting.region]
    known: dict[str, Any] = {}
    for level in {one.level for one in regions}:
        try:
            known |= {one.code: one.geometry for one in boundaries(level)}
        except GeoError:  # a level without boundaries
            return {}
    found = {one.code: mapping(known[one.code]) for one in regions if one.code in known}
    return found if len(found) == len(regions) else {}


def field_of(path: Path, accounting: Accounting) -> str:
    """The field of a file of zones that names most divisions of the accounting, by code or name; else ``ws_id``."""
    import pyogrio

    try:
        meta, _index, _shapes, values = pyogrio.raw.read(path, read_geometry=False)
    except (pyogrio.errors.DataSourceError, ValueError):
        return _FIELD  # the check says what is wrong with the file
    wanted = names_of(accounting)
    hits = {
        str(name): sum(str(one).strip() in wanted for one in column.tolist())
        for name, column in zip(meta["fields"], values, strict=True)
    }
    best = max(hits, key=lambda name: hits[name], default=_FIELD)
    return best if hits.get(best) or _FIELD not in hits else _FIELD


def names_of(accounting: Accounting) -> dict[str, Region]:
    """The divisions of an accounting by code and by name."""
    regions = [accounting.region, *accounting.parts.order_by("code")]
    return {**{one.name: one for one in regions}, **{one.code: one for one in regions}}
