"""Tables and zones of a run: classes by land-cover code, stocks, polygons brought onto the grid."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyogrio
import rasterio
import shapely
from rasterio.features import rasterize

from ecocloud.domains.gep.errors import GepError
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
    """The classes of land cover: their codes in the order of the table, and columns of numbers by name."""

    codes: tuple[int, ...]
    columns: dict[str, np.ndarray]
    encoding: str

    def lookup(self) -> np.ndarray:
        """The place of every code, -1 for codes that are not in the table."""
        found = np.full(max(self.codes) + 2, -1, np.int32)
        for place, code in enumerate(self.codes):
            found[code] = place
        return found


def classes(path: Path, columns: tuple[str, ...]) -> Classes:
    """The table of classes with these columns. Raises :class:`TableError` (file, row, column)."""
    return _numbers(path, ["lucode", *columns])


def stocks(path: Path) -> Classes:
    """The carbon of each class, t/hm², with the column ``total``."""
    found = _numbers(path, ["lucode", *facts()["carbon_pools"]])
    pools = [values for name, values in found.columns.items() if name.startswith("c_")]
    return Classes(found.codes, {**found.columns, "total": np.sum(pools, axis=0)}, found.encoding)


def _numbers(path: Path, needed: list[str]) -> Classes:
    rows, encoding = read_csv(path)
    missing = [name for name in needed if not rows or name not in rows[0]]
    if missing:
        raise _wrong(path, f"缺少列 {'、'.join(missing)}。", f"columns {missing} are missing", "请补上这些列。")
    codes: list[int] = []
    columns: dict[str, list[float]] = {name: [] for name in needed if name != "lucode"}
    for number, row in enumerate(rows, start=2):
        for name in needed:
            given = (row[name] or "").strip()
            try:
                value = float(given)
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
    if not codes:
        raise _wrong(path, "表里没有一行。", "no rows", "请填写土地覆盖类型。")
    return Classes(tuple(codes), {name: np.array(values) for name, values in columns.items()}, encoding)


def missing_codes(found: dict[int, int], table: Classes, path: Path, grid: Grid) -> None:
    """Raises :class:`TableError` when codes of the raster have no row, naming them and the share of the area they
    cover.
    """
    absent = {code: count for code, count in found.items() if code not in set(table.codes)}
    if absent:
        total = sum(found.values())
        told = "、".join(
            f"{code}（占 {count / total:.2%}）" for code, count in sorted(absent.items(), key=lambda one: -one[1])
        )
        raise _wrong(path, f"土地覆盖代码 {told}在表中没有对应的行。",
                     f"land-cover codes {sorted(absent)} have no row", "请在表中补上这些类型。",
                     代码=sorted(absent))  # fmt: skip


@dataclass(frozen=True)
class Zones:
    """Zones of a run: their names, and for each cell the zone it lies in by its centre (-1 none)."""

    names: tuple[str, ...]
    cells: np.ndarray  # int32, rows x cols


def zones(path: Path, field: str, grid: Grid) -> Zones:
    """The polygons of a file on the grid; where two overlap the later one holds. Raises :class:`TableError`."""
    try:
        meta, _, shapes, values = pyogrio.raw.read(path)
    except (pyogrio.errors.DataSourceError, ValueError) as error:
        raise _wrong(
            path, "打不开矢量文件。", f"cannot be opened: {error}", "可用 GeoPackage、Shapefile、GeoJSON。"
        ) from error
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
    pairs = [(one, number) for number, one in enumerate(geometries) if one is not None and not one.is_empty]
    cells = (
        rasterize(pairs, out_shape=(grid.rows, grid.cols), fill=-1, transform=grid.transform, dtype="int32")
        if pairs
        else None
    )
    if cells is None or (cells < 0).all():
        raise _wrong(path, "分区与栅格没有重叠。", "the zones do not overlap the rasters", "请核对坐标系和范围。")
    return Zones(tuple(str(one) for one in values[names.index(field)]), cells)
