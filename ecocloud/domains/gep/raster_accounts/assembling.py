"""From what a raster account keeps to a configuration of the engine: files under their own names, zones, services."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from shapely.geometry import mapping

from ecocloud.base.errors import EcoError
from ecocloud.base.files.kinds import FileKind
from ecocloud.base.files.services import store_root
from ecocloud.base.geo import GeoError, boundaries
from ecocloud.domains.gep.errors import GepError
from ecocloud.domains.gep.models import Accounting, RasterAccount, RasterFile
from ecocloud.domains.gep.raster import config as engine
from ecocloud.domains.gep.raster import tables
from ecocloud.domains.gep.raster.preparing import DAILY_RAIN
from ecocloud.domains.gep.raster.registry import services
from ecocloud.domains.gep.raster_accounts import roles
from ecocloud.kernel.regions.models import Region

INPUT, CODE = "input", "code"
_FIELD = "ws_id"


def files(row: RasterAccount) -> dict[str, RasterFile]:
    """The files of its layers by role."""
    keys = {role: one["file"] for role, one in row.config.get("layers", {}).items() if "file" in one}
    there = RasterFile.objects.select_related("file").in_bulk(list(keys.values()))
    return {role: there[key] for role, key in keys.items() if key in there}


def assembled(row: RasterAccount) -> engine.Config:
    """The configuration of a run; its files are put into the folder ``input`` of the account (as links). Raises
    :class:`GepError`: something every account needs is not given.
    """
    given = row.config.get("layers", {})
    for role in (roles.COVER, roles.CLASSES):
        if role not in given:
            raise _lacks(role)
    placed = _placed(row)
    told: dict[str, Any] = {"name": row.name, "output": str(row.folder / "result"), "prepare": {},
                            "most_cells": settings.RASTER_CELLS}  # fmt: skip
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


def _link(role: str, file: RasterFile) -> str:
    """The name a file has for the engine. The name it came with may say other things to a reader of files."""
    kind = file.file.kind
    if kind in (FileKind.TIF.value, FileKind.GPKG.value):
        return f"{role}.{kind}"
    return f"{role}.geojson" if role == roles.ZONES else f"{role}.csv"


def _placed(row: RasterAccount) -> dict[str, Path]:
    """Links to the stored files by role."""
    found: dict[str, Path] = {}
    for role, one in files(row).items():
        link = row.folder / INPUT / role / _link(role, one)
        link.parent.mkdir(parents=True, exist_ok=True)
        target = store_root() / one.file.path
        for old in link.parent.iterdir():
            if old != link or not old.is_symlink() or old.readlink() != target:
                old.unlink()
        if not link.is_symlink():
            link.symlink_to(target)
        found[role] = link
    return found


def named(row: RasterAccount, text: str) -> str:
    """A text of the engine with the names that the files came with."""
    names = {_link(role, one): one.file.name for role, one in files(row).items()}
    if not names:
        return text
    some = "|".join(re.escape(one) for one in sorted(names, key=len, reverse=True))
    return re.sub(rf"(?<![\w.-])(?:{some})", lambda found: names[found[0]], text, flags=re.ASCII)


def explained(row: RasterAccount, error: EcoError) -> tuple[EcoError, str]:
    """An error of the engine with the names that the files came with, and the role it speaks of ('' none)."""
    role = role_of(row, error.where)
    where = {key: named(row, value) if isinstance(value, str) else value for key, value in error.where.items()}
    told = EcoError(named(row, error.message_zh), named(row, error.message_en), code=error.code, where=where,
                    value=error.value, remedy_zh=named(row, error.remedy_zh))  # fmt: skip
    return told, role


def role_of(row: RasterAccount, where: Mapping[str, Any]) -> str:
    """The role that an error of the engine speaks of, by its place; '' for none."""
    words = {one.zh: code for code, one in roles.roles().items() if code in row.config.get("layers", {}) or not one.of}
    if where.get("图层") in words:
        return words[where["图层"]]
    return next((role for role, one in files(row).items() if _link(role, one) == where.get("文件")), "")


def zones_of(row: RasterAccount) -> tuple[Path, str]:
    """The file of zones of an account and the field that names them. Raises :class:`GepError`: none is given."""
    path, field = _zones(row, _placed(row).get(roles.ZONES))
    return Path(path), field


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
    try:
        meta, _shapes, values = tables.read_shapes(path, read_geometry=False)
    except tables.TableError:
        return _FIELD  # the check says what is wrong with the file
    wanted = names_of(accounting)
    hits = {
        str(name): sum(tables.label(one) in wanted for one in column.tolist())
        for name, column in zip(meta["fields"], values, strict=True)
    }
    best = max(hits, key=lambda name: hits[name], default=_FIELD)
    return best if hits.get(best) or _FIELD not in hits else _FIELD


def names_of(accounting: Accounting) -> dict[str, Region]:
    """The divisions of an accounting by code and by name."""
    regions = [accounting.region, *accounting.parts.order_by("code")]
    return {**{one.name: one for one in regions}, **{one.code: one for one in regions}}
