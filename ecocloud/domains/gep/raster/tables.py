"""Tables and zones of a run: classes by land-cover code, stocks, polygons brought onto the grid."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import rasterio
import shapely
from rasterio.features import rasterize

from ecocloud.domains.gep.asking import wider
from ecocloud.domains.gep.errors import GepError
from ecocloud.domains.gep.facts import ParameterFact, load
from ecocloud.domains.gep.raster import geopackage
from ecocloud.domains.gep.raster.layers import Grid, facts


class TableError(GepError):
    """A table or the zones of a run cannot be used."""

    code = "gep.table"


def _wrong(path: Path, zh: str, en: str, remedy: str, **where: object) -> TableError:
    return TableError(zh, f"{path.name}: {en}", where={"文件": path.name, **where}, remedy_zh=remedy)


def read_csv(path: Path) -> tuple[list[dict[str, str]], str]:
    """The rows of a table, with the encoding it was read in: UTF-8, else GB18030. Raises :class:`TableError`."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise _wrong(path, "文件打不开。", f"cannot be opened: {error}", "请检查路径。") from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        rows = csv.DictReader(io.StringIO(text))
        rows.fieldnames = [name.strip().lower() for name in rows.fieldnames or ()]
        return list(rows), encoding
    raise _wrong(path, "编码不是 UTF-8 或 GB18030。", "neither UTF-8 nor GB18030", "请另存为 UTF-8 的 CSV。")


@dataclass(frozen=True)
class Classes:
    """The classes of land cover: their codes in the order of the table, columns of numbers by name, the ecosystem of
    each ('' where the table does not say), and which columns are published coefficients, with their citations.
    """

    codes: tuple[int, ...]
    columns: dict[str, np.ndarray]
    encoding: str
    ecosystems: tuple[str, ...] = ()
    filled: dict[str, str] = field(default_factory=dict)

    def lookup(self) -> np.ndarray:
        """The place of every code, -1 for codes that are not in the table."""
        found = np.full(max(self.codes) + 2, -1, np.int32)
        for place, code in enumerate(self.codes):
            found[code] = place
        return found

    def members(self, parts: tuple[str, ...]) -> np.ndarray:
        """Which classes lie in these ecosystems, uint8; all of them without parts."""
        if not parts:
            return np.ones(len(self.codes), np.uint8)
        return np.array([bool(one) and one.startswith(parts) for one in self.ecosystems], np.uint8)


def classes(path: Path, needs: dict[str, tuple[str, ...]], ecosystems: bool) -> Classes:
    """The table of classes: the columns of ``needs``, each for the ecosystems it is needed for (none for all). What
    is not in the table is the published coefficient of that name for the ecosystem of the class, NaN where there is
    none. ``ecosystems``: whether the table must have that column.

    Raises :class:`TableError` (file, row, column).
    """
    rows, encoding = read_csv(path)
    there = set(rows[0]) if rows else set()
    known = load()
    by_ecosystem = {
        name for name in needs
        if name not in there and name in known.parameters and any(one.part for one in known.parameters[name].values)
    }  # fmt: skip
    published = {name for name in needs if name not in there and name in known.parameters
                 and known.parameters[name].values}  # fmt: skip
    asked = ecosystems or bool(by_ecosystem)
    own = _ecosystems(path, rows) if "ecosystem" in there else ()

    def due(name: str) -> bool:
        """Whether a column must be there: it is, or some class is of the ecosystems that need it."""
        return name in there or not (own and needs[name]) or any(one.startswith(needs[name]) for one in own)

    given = [name for name in needs if name not in published and due(name)]
    codes, columns = _numbers(path, rows, [*given, *(["ecosystem"] if asked and not own else [])],
                              {name: _allowed_blank(own, needs[name]) for name in given})  # fmt: skip
    for name in published:
        columns[name] = np.array([_published(known.parameters[name], one) for one in own or [""] * len(codes)])
    filled = {name: known.parameters[name].citation for name in sorted(published)}
    return Classes(codes, columns, encoding, own, filled)


def _allowed_blank(ecosystems: tuple[str, ...], parts: tuple[str, ...]) -> set[int]:
    """The rows of a column that may be empty: those of ecosystems nobody asks it for."""
    return {n for n, one in enumerate(ecosystems) if parts and not one.startswith(parts)}


def _ecosystems(path: Path, rows: list[dict[str, str]]) -> tuple[str, ...]:
    known = load().classes
    found = tuple((row["ecosystem"] or "").strip() for row in rows)
    for number, one in enumerate(found, start=2):
        if one not in known:
            raise _wrong(path, f"没有生态系统分类 {one}。", f"row {number}: no ecosystem {one!r}",
                         "请按 HJ 1166 填一级或二级代码，如 11 阔叶林。", 行=number, 列="ecosystem")  # fmt: skip
    return found


def _published(fact: ParameterFact, ecosystem: str) -> float:
    """The published coefficient for an ecosystem, the nearest class first; NaN without one."""
    values = {one.part: float(one.value) for one in fact.values}
    return next((values[part] for part in wider(ecosystem) if part in values), float("nan"))


def stocks(path: Path) -> Classes:
    """The carbon of each class, t/hm², with the column ``total``."""
    rows, encoding = read_csv(path)
    names = facts()["carbon_pools"]
    codes, columns = _numbers(path, rows, names, {})
    return Classes(codes, {**columns, "total": np.sum([columns[one] for one in names], axis=0)}, encoding)


def _numbers(
    path: Path, rows: list[dict[str, str]], names: list[str], blank: dict[str, set[int]]
) -> tuple[tuple[int, ...], dict[str, np.ndarray]]:
    """The codes of a table and columns of numbers; ``blank``: places that may be empty (NaN)."""
    needed = ["lucode", *names]
    missing = [name for name in needed if not rows or name not in rows[0]]
    if missing:
        raise _wrong(path, f"缺少列 {'、'.join(missing)}。", f"columns {missing} are missing", "请补上这些列。")
    codes: list[int] = []
    columns: dict[str, list[float]] = {name: [] for name in names}
    for place, row in enumerate(rows):
        number = place + 2
        for name in needed:
            given = (row[name] or "").strip()
            try:
                value = float("nan") if not given and place in blank.get(name, ()) else float(given)
            except ValueError as error:
                raise _wrong(path, f"“{given}”不是数字。", f"row {number}, {name}: {given!r} is no number",
                             "请填数字。", 行=number, 列=name) from error  # fmt: skip
            if name == "lucode":
                if value != int(value) or not 0 <= value <= 65535 or int(value) in codes:
                    raise _wrong(path, f"土地覆盖代码 {given} 重复或不是 0 到 65535 的整数。",
                                 f"row {number}: bad code {given}", "每类一行，代码为整数。",
                                 行=number, 列=name)  # fmt: skip
                codes.append(int(value))
            else:
                columns[name].append(value)
    return tuple(codes), {name: np.array(values) for name, values in columns.items()}


def missing_codes(found: dict[int, int], table: Classes, path: Path) -> None:
    """Raises :class:`TableError` when codes of the raster have no row, naming them and the share of the area they
    cover.
    """
    _refused(path, found, set(found) - set(table.codes), "在表中没有对应的行", "have no row", "请在表中补上这些类型。")


def missing_values(found: dict[int, int], table: Classes, path: Path, needs: dict[str, tuple[str, ...]]) -> None:
    """Raises :class:`TableError` when a class that occurs has neither a number of its own nor a published coefficient
    for a column that is needed of it.
    """
    for name in table.filled:
        members = table.members(needs[name])
        absent = {code for code, value, one in zip(table.codes, table.columns[name], members, strict=True)
                  if one and np.isnan(value)}  # fmt: skip
        _refused(path, found, absent & set(found), f"没有公开的系数 {name}", f"have no published {name}",
                 f"请在表中加列 {name} 并填写。")  # fmt: skip


def _refused(path: Path, found: dict[int, int], absent: set[int], zh: str, en: str, remedy: str) -> None:
    if absent:
        total = sum(found.values())
        order = sorted(absent, key=lambda code: -found[code])
        told = "、".join(f"{code}（占 {found[code] / total:.2%}）" for code in order)
        raise _wrong(path, f"土地覆盖代码 {told}{zh}。", f"land-cover codes {sorted(absent)} {en}", remedy,
                     代码=sorted(absent))  # fmt: skip


@dataclass(frozen=True)
class Zones:
    """Zones of a run: their names, and for each cell the zone it lies in by its centre (-1 none)."""

    names: tuple[str, ...]
    cells: np.ndarray  # int16 or int32, rows x cols
    hectares: dict[str, tuple[float, float]]  # of the shapes of each zone, and of half a cell along their edges, hm²


_SQLITE, _SHAPEFILE = b"SQLite format 3\x00", b"\x00\x00\x27\x0a"  # how a GeoPackage and a shapefile begin


def read_shapes(path: Path, **how: Any) -> tuple[dict[str, Any], Any, list[np.ndarray]]:
    """What pyogrio reads of a GeoPackage, a shapefile or a GeoJSON: about it, shapes (WKB), columns of values.

    Parameters
    ----------
    how: ``columns``, ``read_geometry`` of ``pyogrio.raw.read``.

    The reader is named by what the file begins with. Left to itself GDAL tries all it has, and takes a GeoJSON that
    holds the words of a virtual file for one: a list of other files to be opened.

    Raises :class:`TableError`.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(16)
        reader = "GPKG:" if head == _SQLITE else "" if head.startswith(_SHAPEFILE) else "GeoJSON:"
        if reader == "GPKG:" and ":" in str(path):  # behind which it would look for the name of a layer
            reader = ""
        foreign = geopackage.foreign(path) if head == _SQLITE else ""
        if foreign:
            raise _wrong(path, f"有视图或虚拟表 {foreign}。", f"holds the view or virtual table {foreign}",
                         "请把分区图层另存为一个新的 GeoPackage。")  # fmt: skip
        meta, _, shapes, values = pyogrio.raw.read(f"{reader}{path}", **how)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, sqlite3.Error, OSError, ValueError) as error:
        raise _wrong(
            path, "打不开矢量文件。", f"cannot be opened: {error}", "可用 GeoPackage、Shapefile、GeoJSON。"
        ) from error
    return meta, shapes, values


def zones(path: Path, field: str, grid: Grid) -> Zones:
    """The polygons of a file on the grid; where two overlap the later one holds. Raises :class:`TableError`."""
    meta, shapes, values = read_shapes(path)
    names = [str(one) for one in meta["fields"]]
    if field not in names:
        raise _wrong(path, f"没有字段 {field}。", f"no field {field}", f"现有字段：{'、'.join(names)}。")
    if meta["crs"] is None:
        raise _wrong(path, "没有坐标系。", "no coordinate system", "请为矢量文件定义坐标系。")
    geometries = list(shapely.from_wkb(shapes))
    own, base = rasterio.crs.CRS.from_user_input(meta["crs"]), rasterio.crs.CRS.from_wkt(grid.crs)
    if own != base:
        geometries = [
            shapely.geometry.shape(rasterio.warp.transform_geom(own, base, shapely.geometry.mapping(one)))
            for one in geometries
        ]
    labels = [label(one) for one in values[names.index(field)].tolist()]
    if "" in labels:
        nth = labels.index("") + 1
        raise _wrong(
            path, f"第 {nth} 个图形的字段 {field} 为空。", f"shape {nth} has no {field}", "请补上分区代码或名称。"
        )
    order = tuple(dict.fromkeys(labels))  # shapes of one name are one zone
    place = {name: number for number, name in enumerate(order)}
    pairs = [
        (one, place[name]) for one, name in zip(geometries, labels, strict=True) if one is not None and not one.is_empty
    ]
    kind = "int16" if len(order) < 1 << 15 else "int32"
    cells = (
        rasterize(pairs, out_shape=(grid.rows, grid.cols), fill=-1, transform=grid.transform, dtype=kind)
        if pairs
        else None
    )
    if cells is None or (cells < 0).all():
        raise _wrong(path, "分区与栅格没有重叠。", "the zones do not overlap the rasters", "请核对坐标系和范围。")
    hectares = dict.fromkeys(order, (0.0, 0.0))
    for one, number in pairs:
        area, edge = hectares[order[number]]
        hectares[order[number]] = (area + one.area / 10_000, edge + one.length * grid.cell_size / 2 / 10_000)
    return Zones(order, cells, hectares)


def require_land(path: Path, zones: Zones, cover: Iterable[tuple[Any, np.ndarray]]) -> None:
    """Raises :class:`TableError` when no zone (of the file ``path``) has a cell of known land cover; ``cover``: windows
    with where it is known.
    """
    if not any((known.astype(bool) & (zones.cells[window.toslices()] >= 0)).any() for window, known in cover):
        raise _wrong(path, "各分区内没有一个土地覆盖有值的像元。", "no zone has a cell of known land cover",
                     "请核对分区边界和土地覆盖的范围。")  # fmt: skip


def label(value: object) -> str:
    """The name of a zone as text; '' for none. Whole numbers of a column with gaps are read as 1.0."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
