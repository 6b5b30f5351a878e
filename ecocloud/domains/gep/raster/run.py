"""One run: layers checked, routed, every service over the blocks of the grid, sums by zone and class, tables and
rasters written.

Nothing is taken for a result before all of it is there: rasters and tables are written beside their names and moved
at the end, ``result.json`` last. Sums of blocks are added in the order of the blocks, whatever thread was first, so
that two runs of the same files give the same bytes.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import rasterio

from ecocloud.domains.gep.errors import GepError
from ecocloud.domains.gep.raster import delivery, services
from ecocloud.domains.gep.raster.config import Config
from ecocloud.domains.gep.raster.flow import Flow, deliver, deposit, route
from ecocloud.domains.gep.raster.layers import Grid, Layer, Reader, facts, grid_of, look_through, on_grid
from ecocloud.domains.gep.raster.padding import padded, unpadded
from ecocloud.domains.gep.raster.tables import Classes, Zones, classes, missing_codes, stocks, zones

VERSION = "1"
NODATA = -9999.0  # outside the range of every raster that is written
Say = Callable[[str, float], None]


class Stopped(GepError):
    """The run was told to stop."""

    code = "gep.stopped"


@dataclass
class Prepared:
    """A configuration whose files were opened and checked."""

    config: Config
    grid: Grid
    layers: dict[str, Layer]
    table: Classes
    zones: Zones
    carbon: Classes | None
    remarks: list[str] = field(default_factory=list)


@dataclass
class Result:
    """Sums by zone and class for each service, with their columns, and what was written."""

    grid: Grid
    zones: tuple[str, ...]
    codes: tuple[int, ...]
    sums: dict[str, np.ndarray]  # service -> zones x classes x columns
    columns: dict[str, tuple[str, ...]]
    method: str
    digest: str
    rasters: dict[str, str]
    seconds: dict[str, float]

    def totals(self, service: str, column: str) -> np.ndarray:
        """The sum of a column by zone."""
        return self.sums[service][:, :, self.columns[service].index(column)].sum(axis=1)


def prepare(config: Config, every: int = 1) -> Prepared:
    """Open and check everything a run needs; ``every``: of how many blocks one is looked through.

    Raises the first mistake found: :class:`~ecocloud.domains.gep.errors.GepError` of its kind.
    """
    known = facts()["layers"]
    paths = config.layers()
    base = "dem" if config.dem else "lulc"
    grid = grid_of(known[base], paths[base])
    layers = {name: on_grid(known[name], path, grid, config.align) for name, path in paths.items()}
    table = classes(config.biophysical_table, config.services)
    carbon = stocks(config.carbon_pools) if config.carbon_pools else None
    found = zones(config.watersheds, config.zone_field, grid)
    seen = look_through(layers, grid, every)
    read = ((table, config.biophysical_table), (carbon, config.carbon_pools))
    for one, path in read:
        if one is not None:
            missing_codes(seen["lulc"].codes or {}, one, path, grid)
    remarks = [f"{path.name} 按 GB18030 读取" for one, path in read if one is not None and one.encoding == "gb18030"]
    return Prepared(config, grid, layers, table, found, carbon, remarks)


def run(prepared: Prepared, say: Say = lambda text, share: None, stop: Callable[[], bool] = lambda: False) -> Result:
    """Compute and write everything. ``say`` is told the step and the share done, ``stop`` asked between blocks.

    Raises :class:`Stopped`; what was written before stays beside the names of the results and is replaced
    by the next run.
    """
    work = _Work(prepared, say, stop)
    return work.all()


class _Work:
    """The state of one run."""

    def __init__(self, prepared: Prepared, say: Say, stop: Callable[[], bool]) -> None:
        self.prepared, self.config, self.grid = prepared, prepared.config, prepared.grid
        self.say, self.stop = say, stop
        self.seconds: dict[str, float] = {}
        self.lookup = prepared.table.lookup()
        self.kinds = len(prepared.table.codes)
        self.flow: Flow | None = None
        self.config.output.mkdir(parents=True, exist_ok=True)

    def all(self) -> Result:
        services_ = self.config.services
        if "soil" in services_:
            self._timed("routing", self._route)
        sums = self._timed("services", self._services)
        if "soil" in services_:
            self._timed("delivery", lambda: self._delivery(sums))
        return self._finish(sums)

    def _timed(self, name: str, what: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        found = what()
        self.seconds[name] = round(time.perf_counter() - began, 2)
        return found

    def _halt(self) -> None:
        if self.stop():
            raise Stopped("核算已停止。", "stopped", remedy_zh="再次运行会重新开始。")

    def _whole(self, names: list[str]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Whole layers with what is known, read block by block."""
        found = {}
        for name in names:
            reader = Reader(self.prepared.layers[name], self.grid)
            first, _ = reader.read(next(self.grid.windows()))
            values = np.empty((self.grid.rows, self.grid.cols), first.dtype)
            known = np.empty(values.shape, np.uint8)
            for window in self.grid.windows():
                rows, cols = window.toslices()
                values[rows, cols], known[rows, cols] = reader.read(window)
            reader.close()
            found[name] = (values, known)
        return found

    def _route(self) -> None:
        self._halt()
        self.say("读取高程", 0.0)
        heights, known = self._whole(["dem"])["dem"]
        mask = known
        for name in ("lulc", "erosivity", "erodibility"):
            mask &= self._whole([name])[name][1]
        if self.config.mode == "invest":  # cut to the zones before routing, as that model does
            mask &= (self.prepared.zones.cells >= 0).astype(np.uint8)
        steps = iter(range(1, 20))
        self.flow = route(heights, mask, self.grid.cell_size, self.config.method, self.config.parameters,
                          lambda text: self.say(text, next(steps) / 20))  # fmt: skip

    def _services(self) -> dict[str, np.ndarray]:
        """Every service over all blocks; sums by service."""
        windows = list(self.grid.windows())
        writers = _Writers(self)
        local = _Local(self, writers)
        totals: dict[str, np.ndarray] = {}
        done = 0
        with ThreadPoolExecutor(self.config.threads) as pool:
            ahead = self.config.threads * 4
            waiting = [pool.submit(local.block, window) for window in windows[:ahead]]
            for number in range(len(windows)):
                self._halt()
                found = waiting.pop(0).result()
                if number + ahead < len(windows):
                    waiting.append(pool.submit(local.block, windows[number + ahead]))
                for service, part in found.sums.items():
                    totals[service] = totals[service] + part if service in totals else part
                writers.write(windows[number], found.rasters)
                done += 1
                if done % 16 == 0 or done == len(windows):
                    self.say("逐块核算", done / len(windows))
        writers.close()
        local.close()
        return totals

    def _delivery(self, sums: dict[str, np.ndarray]) -> None:
        """Delivery to streams and deposition, which need the whole grid; their sums by zone and class."""
        flow = self.flow
        assert flow is not None
        kind, known = self._kinds()
        table = self.prepared.table.columns
        self._halt()
        self.say("输沙", 0.1)
        cover = np.where(known, table["usle_c"][kind], 0).astype(np.float32)
        ratio = deliver(flow, padded(cover), self.grid.cell_size, self.config.parameters)
        actual = self._actual(kind, known)
        self.say("沉积", 0.6)
        settled = deposit(flow, ratio, actual)
        zone = padded(self.prepared.zones.cells, -1)
        kind_flat = padded(kind.astype(np.int32))
        shape = (len(self.prepared.zones.names) * self.kinds, 2)
        exported = actual * ratio
        for name, values, valid in (
            ("export", exported, (actual >= 0) & (ratio >= 0)), ("deposition", settled, settled >= 0),
        ):  # fmt: skip
            part = np.zeros(shape)
            services.gathered(valid.astype(np.uint8), zone, kind_flat, values, self.kinds, part)
            sums[name] = part
        exported = np.where((actual >= 0) & (ratio >= 0), exported, delivery.UNKNOWN)
        self._write_flat({"sdr": ratio, "sed_export": exported, "sed_deposition": settled})

    def _kinds(self) -> tuple[np.ndarray, np.ndarray]:
        values, known = self._whole(["lulc"])["lulc"]
        place = self.lookup[np.where(known, values, 0).astype(np.int64)]
        return np.maximum(place, 0), (known == 1) & (place >= 0)

    def _actual(self, kind: np.ndarray, known: np.ndarray) -> np.ndarray:
        """Soil loss of each cell off the streams, padded; -1 where unknown."""
        flow, table = self.flow, self.prepared.table.columns
        assert flow is not None
        valid = known & unpadded(flow.valid, flow.shape).astype(bool) & (unpadded(flow.stream, flow.shape) == 0)
        found = np.full(kind.shape, delivery.UNKNOWN, np.float32)
        product = unpadded(flow.ls, flow.shape).astype(np.float32)
        for name in ("erosivity", "erodibility"):
            product = product * self._whole([name])[name][0].astype(np.float32)
        found[valid] = product[valid] * (table["usle_c"] * table["usle_p"])[kind[valid]].astype(np.float32)
        return padded(found, delivery.UNKNOWN)

    def _write_flat(self, rasters: dict[str, np.ndarray]) -> None:
        """Write padded arrays that are wanted; what is not valid or unknown gets the raster's nodata."""
        assert self.flow is not None
        valid = unpadded(self.flow.valid, self.flow.shape)
        for name, values in rasters.items():
            if name not in self.config.write:
                continue
            whole = values.dtype.kind == "u"  # codes are written as they are
            kind, nodata = (str(values.dtype), 255 if name == "stream" else 0) if whole else ("float32", NODATA)
            with _created(self, name, kind, nodata) as out:
                grid = unpadded(values, self.flow.shape)
                for window in self.grid.windows():
                    part = grid[window.toslices()]
                    known = valid[window.toslices()] == 1
                    if not whole:
                        known &= part != delivery.UNKNOWN
                    out.write(np.where(known, part, nodata).astype(kind), 1, window=window)

    def _finish(self, sums: dict[str, np.ndarray]) -> Result:
        names, codes = self.prepared.zones.names, self.prepared.table.codes
        shaped = {name: part.reshape(len(names), len(codes), -1) for name, part in sums.items()}
        columns = {name: COLUMNS[name] for name in shaped}
        digest = _digest(self.prepared)
        output = self.config.output
        rasters = {}
        for name in self.config.write:
            if (output / f".{name}.tif").exists():
                os.replace(output / f".{name}.tif", output / f"{name}.tif")
                rasters[name] = f"{name}.tif"
        result = Result(self.grid, names, codes, shaped, columns, self.config.method, digest, rasters, self.seconds)
        _write_tables(result, output)
        return result


COLUMNS = {
    "soil": services.SOIL, "water": services.WATER, "water_yield": services.YIELD, "carbon": services.STOCK,
    "export": ("cells", "exported"), "deposition": ("cells", "deposited"),
}  # fmt: skip


@dataclass
class _Found:
    sums: dict[str, np.ndarray]
    rasters: dict[str, np.ndarray]


class _Local:
    """The services of single cells, block by block; every thread has its own readers."""

    def __init__(self, work: _Work, writers: _Writers) -> None:
        self.work, self.wanted = work, writers.wanted
        self.readers: dict[int, dict[str, Reader]] = {}
        table = work.prepared.table.columns
        carbon = work.prepared.carbon
        self.table = table
        if carbon is not None:
            order = [carbon.codes.index(code) if code in carbon.codes else -1 for code in work.prepared.table.codes]
            self.density = np.array([carbon.columns["total"][place] if place >= 0 else np.nan for place in order])

    def close(self) -> None:
        """Close the files of all threads."""
        for readers in self.readers.values():
            for reader in readers.values():
                reader.close()

    def _reader(self, name: str) -> Reader:
        own = self.readers.setdefault(threading.get_ident(), {})
        if name not in own:
            own[name] = Reader(self.work.prepared.layers[name], self.work.grid)
        return own[name]

    def block(self, window: Any) -> _Found:
        """All services of one block."""
        work = self.work
        rows, cols = window.toslices()
        zone = np.ascontiguousarray(work.prepared.zones.cells[rows, cols]).ravel()
        cover, known = self._reader("lulc").read(window)
        place = work.lookup[np.minimum(np.where(known, cover, 0).astype(np.int64), work.lookup.size - 1)].ravel()
        if (place[known.ravel() == 1] < 0).any():
            absent = sorted(set(cover.ravel()[(known.ravel() == 1) & (place < 0)].tolist()))
            raise GepError(f"土地覆盖代码 {absent} 在表中没有对应的行。", f"codes {absent} have no row", value=absent)
        found = _Found({}, {})
        base = known.ravel() & (place >= 0)
        for service in work.config.services:
            getattr(self, f"_{service}")(window, zone, place, base.astype(np.uint8), found)
        return found

    def _layers(self, window: Any, base: np.ndarray, *names: str) -> tuple[np.ndarray, list[np.ndarray]]:
        known, values = base.copy(), []
        for name in names:
            one, there = self._reader(name).read(window)
            known &= there.ravel()
            values.append(one.ravel())
        return known, values

    def _sums(self, service: str) -> np.ndarray:
        return np.zeros((len(self.work.prepared.zones.names) * self.work.kinds, len(COLUMNS[service])))

    def _soil(self, window: Any, zone: np.ndarray, place: np.ndarray, base: np.ndarray, found: _Found) -> None:
        flow = self.work.flow
        assert flow is not None
        known, (erosivity, erodibility) = self._layers(window, base, "erosivity", "erodibility")
        ls = unpadded(flow.ls, flow.shape)[window.toslices()].ravel()
        known &= unpadded(flow.valid, flow.shape)[window.toslices()].ravel()
        if self.work.config.mode == "invest":  # streams are left out
            known &= (unpadded(flow.stream, flow.shape)[window.toslices()].ravel() == 0).astype(np.uint8)
        sums = self._sums("soil")
        potential, actual = np.full(known.size, NODATA, np.float32), np.full(known.size, NODATA, np.float32)
        services.soil(known, zone, place, erosivity, erodibility, ls, self.table["usle_c"], self.table["usle_p"],
                      self.work.kinds, sums, potential, actual)  # fmt: skip
        found.sums["soil"] = sums
        shape = (window.height, window.width)
        if "avoided_erosion" in self.wanted:
            found.rasters["avoided_erosion"] = np.where(known, potential - actual, np.float32(NODATA)).reshape(shape)
        found.rasters |= {"rkls": potential.reshape(shape), "usle": actual.reshape(shape)}

    def _water(self, window: Any, zone: np.ndarray, place: np.ndarray, base: np.ndarray, found: _Found) -> None:
        known, (rain, gone) = self._layers(window, base, "precipitation", "evapotranspiration")
        sums, out = self._sums("water"), np.full(known.size, NODATA, np.float32)
        services.water(known, zone, place, rain, gone, self.table["runoff"] / 100, self.work.kinds, sums, out)
        found.sums["water"] = sums
        found.rasters["water_retained"] = out.reshape(window.height, window.width)

    def _water_yield(self, window: Any, zone: np.ndarray, place: np.ndarray, base: np.ndarray, found: _Found) -> None:
        known, (rain, eto, depth, available) = self._layers(
            window, base, "precipitation", "eto", "depth_to_root_restricting_layer", "pawc"
        )
        sums = self._sums("water_yield")
        gone, left = np.full(known.size, NODATA, np.float32), np.full(known.size, NODATA, np.float32)
        root = np.where(self.table["lulc_veg"] == 1, self.table["root_depth"], 1.0)
        services.water_yield(known, zone, place, rain, eto, depth, available, self.table["kc"], root,
                             self.table["lulc_veg"], self.work.config.parameters.seasonality_constant, self.work.kinds,
                             sums, gone, left)  # fmt: skip
        found.sums["water_yield"] = sums
        shape = (window.height, window.width)
        found.rasters |= {"aet": gone.reshape(shape), "wyield": left.reshape(shape)}

    def _carbon(self, window: Any, zone: np.ndarray, place: np.ndarray, base: np.ndarray, found: _Found) -> None:
        absent = np.isnan(self.density[place[base == 1]])
        if absent.any():
            codes = sorted({self.work.prepared.table.codes[one] for one in place[base == 1][absent]})
            raise GepError(
                f"土地覆盖代码 {codes} 在碳库表中没有对应的行。", f"codes {codes} have no carbon", value=codes
            )
        sums, out = self._sums("carbon"), np.full(base.size, NODATA, np.float32)
        services.stock(base, zone, place, self.density, self.work.kinds, sums, out)
        found.sums["carbon"] = sums
        found.rasters["carbon"] = out.reshape(window.height, window.width)


def _created(work: _Work, name: str, kind: str = "float32", nodata: float = NODATA) -> rasterio.io.DatasetWriter:
    """A raster being written, under a hidden name until the run is through."""
    grid = work.grid
    return rasterio.open(
        work.config.output / f".{name}.tif", "w", driver="GTiff", height=grid.rows, width=grid.cols, count=1,
        dtype=kind, crs=grid.crs, transform=grid.transform, nodata=nodata, tiled=True, blockxsize=512, blockysize=512,
        compress="zstd", zstd_level=1, predictor=3 if kind == "float32" else 2, bigtiff="if_safer", num_threads=2,
    )  # fmt: skip


class _Writers:
    """Rasters that are written block by block."""

    BLOCKWISE = ("rkls", "usle", "avoided_erosion", "water_retained", "aet", "wyield", "carbon")

    def __init__(self, work: _Work) -> None:
        self.wanted = [name for name in work.config.write if name in self.BLOCKWISE]
        self.open = {name: _created(work, name) for name in self.wanted}
        if work.flow is not None:
            flow = work.flow
            work._write_flat({"slope": flow.slope, "flow_accumulation": flow.passed, "ls": flow.ls,
                              "stream": flow.stream, "flow_direction": flow.direction})  # fmt: skip

    def write(self, window: Any, rasters: dict[str, np.ndarray]) -> None:
        """Write what is wanted of one block."""
        for name in self.wanted:
            if name in rasters:
                self.open[name].write(rasters[name], 1, window=window)

    def close(self) -> None:
        """Close the files."""
        for one in self.open.values():
            one.close()


def _digest(prepared: Prepared) -> str:
    """SHA-256 of the configuration's choices and of every file that was read."""
    found = hashlib.sha256()
    config = prepared.config
    paths = {*config.layers(), "biophysical_table", "carbon_pools", "watersheds"}
    choices = config.model_dump(mode="json", exclude={"output", "threads", "write", *paths})
    found.update(json.dumps([VERSION, choices], sort_keys=True).encode())
    files = {**config.layers(), "biophysical_table": config.biophysical_table, "watersheds": config.watersheds}
    if config.carbon_pools:
        files["carbon_pools"] = config.carbon_pools
    for name in sorted(files):
        with files[name].open("rb") as stream:
            found.update(f"{name}:{hashlib.file_digest(stream, 'sha256').hexdigest()};".encode())
    return found.hexdigest()


def _write_tables(result: Result, output: Path) -> None:
    """``sums.csv`` (zone, class, service, column, sum, unit area) and ``result.json``, each moved to its name at the
    end.
    """
    part = output / ".sums.csv"
    with part.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["service", "zone", "lucode", "column", "sum"])
        for service, sums in sorted(result.sums.items()):
            for z, zone in enumerate(result.zones):
                for k, code in enumerate(result.codes):
                    if sums[z, k, 0]:
                        rows.writerows(
                            [service, zone, code, column, repr(float(value))]
                            for column, value in zip(result.columns[service], sums[z, k], strict=True)
                        )
    os.replace(part, output / "sums.csv")
    told = {
        "version": VERSION, "digest": result.digest, "slope_length": result.method,
        "cell_hectares": result.grid.hectares, "rows": result.grid.rows, "cols": result.grid.cols,
        "zones": result.zones, "rasters": result.rasters,
        "sums_sha256": hashlib.sha256((output / "sums.csv").read_bytes()).hexdigest(),
    }  # fmt: skip
    (output / ".result.json").write_text(json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True), "utf-8")
    os.replace(output / ".result.json", output / "result.json")
