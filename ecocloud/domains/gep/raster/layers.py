"""Rasters as they lie on disk: opened, compared with the grid of the run, looked through before anything is computed.

A mistake names the raster, what it has, what is needed, and which share of the area it concerns.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import yaml
from pydantic import BaseModel, ConfigDict
from rasterio.transform import Affine
from rasterio.windows import Window

from ecocloud.base.geo.coordinates import cgcs2000_zone
from ecocloud.domains.gep.errors import GepError
from ecocloud.domains.gep.raster import aligning, kernels

BLOCK = 512  # cells on the side of a window
HELD_AT_MOST = 1_200_000_000  # bytes of layers that are kept in memory once they were read
_ALL_VALID = [rasterio.enums.MaskFlags.all_valid]


class LayerError(GepError):
    """A raster cannot be used as it is."""

    code = "gep.layer"


class LayerFact(BaseModel):
    """What a layer is: words, unit, nature, plausible range."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str
    zh: str
    en: str
    unit: str
    nature: str
    least: float
    most: float
    column: str = ""  # of the table of classes, for which the layer stands
    usual: tuple[float, float] | None = None  # between which the median of a county lies


@cache
def facts() -> dict[str, Any]:
    """``data/layers.yaml``: ``layers`` and ``sources`` by code, ``refused_from``, ``factors``, ``carbon_pools``."""
    told = yaml.safe_load(files("ecocloud.domains.gep").joinpath("data", "layers.yaml").read_text("utf-8"))
    found = {name: [LayerFact.model_validate(one) for one in told[name]] for name in ("layers", "sources")}
    return {**told, **{name: {one.code: one for one in some} for name, some in found.items()}}


@dataclass(frozen=True)
class Grid:
    """The grid of a run: where it lies and how large its cells are (m, square)."""

    crs: str
    transform: Affine
    rows: int
    cols: int

    @property
    def cell_size(self) -> float:
        """Side of a cell, m."""
        return abs(self.transform.a)

    @property
    def hectares(self) -> float:
        """Area of a cell, hm²."""
        return self.cell_size * abs(self.transform.e) / 10_000

    def windows(self, size: int = BLOCK) -> Iterator[Window]:
        """The blocks of the grid, row by row: always in this order."""
        for row in range(0, self.rows, size):
            for col in range(0, self.cols, size):
                yield Window(col, row, min(size, self.cols - col), min(size, self.rows - row))


@dataclass(frozen=True)
class Layer:
    """One raster on the grid of a run, or one number for all of it."""

    fact: LayerFact
    path: Path
    aligned: bool = False  # read through a warp onto the grid
    number: float | None = None
    held: np.ndarray | None = field(default=None, compare=False, repr=False)  # its values, read before


def _wrong(fact: LayerFact, path: Path, zh: str, en: str, remedy: str, value: Any = None) -> LayerError:
    where = {"图层": fact.zh, "文件": path.name}
    return LayerError(zh, f"{fact.code}: {en}", where=where, value=value, remedy_zh=remedy)


def _dataset(fact: LayerFact, path: Path) -> rasterio.DatasetReader:
    try:
        return rasterio.open(path)
    except rasterio.errors.RasterioIOError as error:
        raise _wrong(fact, path, "文件不存在或不是栅格。", f"cannot be opened: {error}",
                     "请检查路径和格式（GeoTIFF）。") from error  # fmt: skip


def grid_of(fact: LayerFact, path: Path, most: int) -> Grid:
    """The grid of the raster all others are brought to, of at most so many cells. Raises :class:`LayerError`: more of
    them, no or geographic coordinates, oblong cells.
    """
    with _dataset(fact, path) as source:
        rows, cols = source.height, source.width
        if rows * cols > most:
            raise _wrong(fact, path, f"有 {rows} 行 {cols} 列，共 {rows * cols} 个像元，上限为 {most} 个。",
                         f"{rows} x {cols} cells, at most {most} are allowed", "请裁剪到核算范围或用较大的像元；"
                         "上限由 most_cells（站点由 ECOCLOUD_RASTER_CELLS）设定。", rows * cols)  # fmt: skip
        if source.crs is None:
            raise _wrong(fact, path, "没有坐标系。", "no coordinate system",
                         "请为栅格定义投影坐标系，如 CGCS2000 高斯—克吕格三度带。")  # fmt: skip
        if not source.crs.is_projected:
            middle = source.xy(source.height // 2, source.width // 2)[0]
            zone = cgcs2000_zone(middle, width=3) if 73 <= middle <= 136 else None
            better = f"EPSG:{zone.epsg}" if zone else "投影坐标系"
            raise _wrong(fact, path, f"坐标以度为单位（{source.crs.to_string()}），面积和坡度无法以米计算。",
                         f"in degrees ({source.crs.to_string()}), metres are needed", f"请投影到 {better}。",
                         source.crs.to_string())  # fmt: skip
        metre = source.crs.linear_units_factor[1]
        transform = source.transform
        if abs(metre - 1) > 1e-9 or transform.b or transform.d or abs(abs(transform.a) - abs(transform.e)) > 1e-6:
            raise _wrong(fact, path, f"像元须为以米计的正方形，现为 {transform.a} × {transform.e}（单位 {metre} 米）。",
                         "cells must be squares in metres", "请重采样为正方形像元。",
                         (transform.a, transform.e))  # fmt: skip
        if abs(transform.a) < facts()["least_cell"] or max(map(abs, source.bounds)) <= 360:
            raise _wrong(fact, path, f"像元 {transform.a:g} 米，坐标 {source.bounds.left:g}、{source.bounds.top:g}："
                         "像是以度为单位的栅格被标成了投影坐标系。",
                         f"cells of {transform.a:g} m: degrees that are called metres",
                         "请改正坐标系（如 EPSG:4490）后再投影。", transform.a)  # fmt: skip
        return Grid(source.crs.to_wkt(), transform, rows, cols)


def on_grid(fact: LayerFact, path: Path, grid: Grid, align: bool) -> Layer:
    """The raster as a layer of the run. Raises :class:`LayerError` when it lies on another grid and is not aligned."""
    with _dataset(fact, path) as source:
        if source.crs is None:
            raise _wrong(fact, path, "没有坐标系。", "no coordinate system", "请为栅格定义坐标系。")
        if source.crs != rasterio.crs.CRS.from_wkt(grid.crs):
            if align:
                return Layer(fact, path, True)
            told = source.crs.to_string()
            raise _wrong(fact, path, f"坐标系为 {told}，与基准图层不同。",
                         f"coordinate system {told} differs from the base",
                         "请投影到基准图层的坐标系，或在配置中写 align: true。", told)  # fmt: skip
        own, base = source.transform, grid.transform
        size = (source.height, source.width)
        col, row = (own.c - base.c) / base.a, abs(own.f - base.f) / abs(base.e)
        same = all(abs(a - b) < 1e-6 * grid.cell_size for a, b in zip(own[:6], base[:6], strict=True))
        if same and size == (grid.rows, grid.cols):
            return Layer(fact, path, False)
        if align:
            return Layer(fact, path, True)
        raise _wrong(
            fact, path,
            f"栅格与基准图层不重合：像元 {own.a:g}，{size[0]} 行 {size[1]} 列，起点相差 {col:.2f} 列 {row:.2f} 行；"
            f"应为像元 {base.a:g}，{grid.rows} 行 {grid.cols} 列。",
            f"off the grid: cell {own.a:g}, {size[0]} x {size[1]}, shifted by {col:.2f} columns and {row:.2f} rows",
            "请裁剪、重采样到同一格网，或在配置中写 align: true。", (col, row),
        )  # fmt: skip


class Reader:
    """Reads windows of a layer on the grid, with what is known of each cell. Not shared between threads."""

    def __init__(self, layer: Layer, grid: Grid | None) -> None:
        self.layer = layer
        self.source = rasterio.open(layer.path) if layer.number is None else None
        self.nodata = self.source.nodata if self.source else None
        self.band: Any = self.source
        if layer.aligned and grid:
            self.band = aligning.warped(self.source, layer.fact.nature, grid)

    def read(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Values and whether they are known (not nodata, not NaN, not infinite), uint8."""
        if self.layer.number is not None:
            shape = (window.height, window.width)
            return np.full(shape, self.layer.number), np.ones(shape, np.uint8)
        held = self.layer.held
        values = self.band.read(1, window=window) if held is None else held[window.toslices()]
        known = np.isfinite(values) if values.dtype.kind == "f" else np.ones(values.shape, bool)
        nodata = self.nodata
        if nodata is not None and nodata == nodata:
            known &= values != values.dtype.type(nodata)
        elif nodata is None and (self.layer.aligned or self.source.mask_flag_enums[0] != _ALL_VALID):
            known &= self._there(window)
        return values, known.view(np.uint8)

    @property
    def told_by_values(self) -> bool:
        """Whether a cell is known from its value alone."""
        return self.nodata is not None or not self.layer.aligned and self.source.mask_flag_enums[0] == _ALL_VALID

    def read_all(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Every band (bands, rows, cols) and whether a cell is known in all of them, uint8."""
        values = self.band.read(self.source.indexes, window=window)
        known = np.isfinite(values).all(axis=0) if values.dtype.kind == "f" else np.ones(values.shape[1:], bool)
        if self.nodata is not None and self.nodata == self.nodata:
            known &= (values != values.dtype.type(self.nodata)).all(axis=0)
        elif self.layer.aligned:
            known &= self._there(window)
        return values, known.astype(np.uint8)

    def _there(self, window: Window) -> np.ndarray:
        """Where a raster without nodata is at all: by its mask, or by the band that warping added."""
        if self.band.count > self.source.count:
            return self.band.read(self.band.count, window=window) > 0
        return self.band.read_masks(1, window=window) > 0

    def close(self) -> None:
        """Close the files."""
        if self.band is not self.source:
            self.band.close()
        if self.source:
            self.source.close()


@dataclass
class Seen:
    """What was seen of a layer: known cells, extremes, how many lie beyond what is plausible, codes with their
    counts.
    """

    known: int = 0
    low: float = float("inf")
    high: float = float("-inf")
    beyond: int = 0
    sample: list[np.ndarray] | None = None
    codes: dict[int, int] | None = None
    broken: float | None = None  # a code that is no whole number

    def add(self, fact: LayerFact, values: np.ndarray, known: np.ndarray) -> None:
        """Look at one block."""
        values, known = values.ravel(), known.ravel()
        count, low, high, beyond = kernels.survey(values, known, fact.least, fact.most)
        if not count:
            return
        self.known += count
        self.low, self.high = min(self.low, low), max(self.high, high)
        self.beyond += beyond
        if fact.nature == "code":
            counts = np.zeros(1 << 16, np.int64)
            if kernels.tally(values, known, counts):
                codes = np.flatnonzero(counts)
                counts = counts[codes]
            else:
                codes, counts = np.unique(values[known == 1], return_counts=True)
                self.broken = next((float(one) for one in codes if one != int(one)), self.broken)
            kept = self.codes = self.codes or {}
            for code, number in zip(codes.tolist(), counts.tolist(), strict=True):
                kept[int(code)] = kept.get(int(code), 0) + number
        else:
            step = max(values.size // 64, 1)
            self.sample = (self.sample or [])[-63:] + [values[::step][known[::step] == 1].astype(float)]


def _factor(middle: float, usual: tuple[float, float]) -> str:
    """By which factors a unit may be mistaken when the median is this: those that bring it where it usually is."""
    fitting = [f"{one:g}" for one in facts()["factors"] if middle and usual[0] <= middle / one <= usual[1]]
    return f"像是单位差了 {' 或 '.join(fitting)} 倍。" if fitting else ""


def judge(layer: Layer, seen: Seen, nodata: float | None) -> None:
    """Raises :class:`LayerError` for a layer without values, without nodata where something stands for it, or whose
    values are not plausible, with the factor that would make them so.
    """
    fact, path = layer.fact, layer.path
    if not seen.known:
        raise _wrong(fact, path, "没有一个有效值。", "no valid value", "请检查范围和无数据值。")
    if seen.broken is not None:
        raise _wrong(fact, path, f"类型代码应为整数，而有 {seen.broken:g}。", f"{seen.broken:g} is no code",
                     "请用未经插值的分类栅格（重采样用最邻近）。", seen.broken)  # fmt: skip
    told = facts()
    share = seen.beyond / seen.known
    if seen.beyond and nodata is None and seen.low < fact.least:
        raise _wrong(fact, path, f"没有设无数据值，而有 {share:.1%} 的像元低于 {fact.least:g}（最小 {seen.low:g}）。",
                     f"nodata is not set, {share:.1%} of cells are below {fact.least:g} (least {seen.low:g})",
                     f"请把无数据值设为 {seen.low:g}。", seen.low)  # fmt: skip
    if seen.beyond and nodata is None and (seen.high in told["fills"] or seen.high > told["fills_from"]):
        raise _wrong(fact, path, f"没有设无数据值，而最大值 {seen.high:g} 像是无数据的填充值。",
                     f"nodata is not set, the greatest value {seen.high:g} looks like a fill",
                     f"请把无数据值设为 {seen.high:g}。", seen.high)  # fmt: skip
    if fact.nature == "number" and seen.low < 0 <= fact.least:
        raise _wrong(fact, path, f"有负值（最小 {seen.low:g}，{share:.2%} 的像元超出范围）。",
                     f"negative values (least {seen.low:g}, {share:.2%} of cells beyond the range)",
                     f"{fact.zh}应在 {fact.least:g} 到 {fact.most:g} {fact.unit}之间。", seen.low)  # fmt: skip
    sample = np.concatenate(seen.sample or [np.empty(0)])
    middle = float(np.median(np.abs(sample))) if sample.size else 0.0
    if share >= told["refused_from"]:
        hint = _factor(middle, fact.usual or (fact.least, fact.most / 2))
        span = f"{seen.low:g} 到 {seen.high:g}"
        raise _wrong(
            fact, path, f"{share:.1%} 的像元超出 {fact.least:g}—{fact.most:g} {fact.unit}（{span}）。{hint}",
            f"{share:.1%} of cells beyond {fact.least:g} to {fact.most:g} ({seen.low:g} to {seen.high:g})",
            "请核对单位。", (seen.low, seen.high),
        )  # fmt: skip
    if fact.usual and sample.size and not fact.usual[0] <= middle <= fact.usual[1]:
        (low, high), hint = fact.usual, _factor(middle, fact.usual)
        raise _wrong(
            fact, path, f"中位数 {middle:g} {fact.unit}，通常在 {low:g}—{high:g} 之间。{hint}",
            f"the median {middle:g} is not between {low:g} and {high:g}", "请核对单位。", middle,
        )  # fmt: skip


def look_through(
    layers: dict[str, Layer], grid: Grid, every: int = 1, threads: int = 2, hold: bool = False
) -> dict[str, Seen]:
    """Look through all layers block by block (each ``every``-th block) and judge them; what was seen.

    ``hold``: layers that together take at most :data:`HELD_AT_MOST` are kept in memory, in place of those in
    ``layers``, so that they are not decoded again. Raises :class:`LayerError` for the first that cannot be used.
    """
    held = hold and every == 1 and sum(_bytes(layer, grid) for layer in layers.values()) <= HELD_AT_MOST

    def look(layer: Layer) -> tuple[Seen, float | None, np.ndarray | None]:
        seen, reader, kept = Seen(), Reader(layer, grid), None
        try:
            for window in islice(grid.windows(), 0, None, every):
                values, known = reader.read(window)
                seen.add(layer.fact, values, known)
                if held and layer.number is None and reader.told_by_values:
                    kept = np.empty((grid.rows, grid.cols), values.dtype) if kept is None else kept
                    kept[window.toslices()] = values
        finally:
            reader.close()
        return seen, reader.nodata, kept

    with ThreadPoolExecutor(threads) as pool:
        found = dict(zip(layers, pool.map(look, layers.values()), strict=True))
    for name, (seen, nodata, kept) in found.items():
        judge(layers[name], seen, nodata)
        if kept is not None:
            layers[name] = replace(layers[name], held=kept)
    return {name: seen for name, (seen, *_) in found.items()}


def _bytes(layer: Layer, grid: Grid) -> int:
    """What a layer takes in memory."""
    if layer.number is not None:
        return 0
    with rasterio.open(layer.path) as source:
        return grid.rows * grid.cols * np.dtype(source.dtypes[0]).itemsize
