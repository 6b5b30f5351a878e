"""What a run writes: rasters block by block or whole, the digest of what went in, tables.

Everything is written under hidden names and moved at the end, ``result.json`` last.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio

from ecocloud.domains.gep.raster import delivery
from ecocloud.domains.gep.raster.cells import NODATA
from ecocloud.domains.gep.raster.flow import Flow
from ecocloud.domains.gep.raster.layers import Grid
from ecocloud.domains.gep.raster.padding import unpadded

if TYPE_CHECKING:
    from ecocloud.domains.gep.raster.run import Prepared, Result

VERSION = "2"


def created(
    output: Path, grid: Grid, name: str, kind: str = "float32", nodata: float = NODATA
) -> rasterio.io.DatasetWriter:
    """A raster being written, under a hidden name until the run is through."""
    return rasterio.open(
        output / f".{name}.tif", "w", driver="GTiff", height=grid.rows, width=grid.cols, count=1,
        dtype=kind, crs=grid.crs, transform=grid.transform, nodata=nodata, tiled=True, blockxsize=512, blockysize=512,
        compress="zstd", zstd_level=1, predictor=3 if kind == "float32" else 2, bigtiff="if_safer", num_threads=2,
    )  # fmt: skip


class Writers:
    """Rasters that are written block by block."""

    def __init__(self, output: Path, grid: Grid, names: tuple[str, ...]) -> None:
        self.open = {name: created(output, grid, name) for name in names}

    def write(self, window: Any, rasters: dict[str, np.ndarray]) -> None:
        """Write one block."""
        for name, values in rasters.items():
            self.open[name].write(values, 1, window=window)

    def close(self) -> None:
        """Close the files."""
        for one in self.open.values():
            one.close()


def write_flat(output: Path, grid: Grid, flow: Flow, rasters: dict[str, np.ndarray]) -> None:
    """Write padded arrays; what is not valid or unknown gets the raster's nodata."""
    valid = unpadded(flow.valid, flow.shape)
    for name, values in rasters.items():
        whole = values.dtype.kind == "u"  # codes are written as they are
        kind, nodata = (str(values.dtype), 255 if name == "stream" else 0) if whole else ("float32", NODATA)
        with created(output, grid, name, kind, nodata) as out:
            cells = unpadded(values, flow.shape)
            for window in grid.windows():
                part = cells[window.toslices()]
                known = valid[window.toslices()] == 1
                if not whole:
                    known &= part != delivery.UNKNOWN
                out.write(np.where(known, part, nodata).astype(kind), 1, window=window)


def moved(output: Path, names: tuple[str, ...]) -> dict[str, str]:
    """Give finished rasters their names; the files by raster."""
    found = {}
    for name in names:
        if (output / f".{name}.tif").exists():
            os.replace(output / f".{name}.tif", output / f"{name}.tif")
            found[name] = f"{name}.tif"
    return found


def digest(prepared: Prepared) -> str:
    """SHA-256 of the configuration's choices and of every file that was read."""
    found = hashlib.sha256()
    config = prepared.config
    paths = {"rasters", "biophysical_table", "carbon_pools", "watersheds"}
    choices = config.model_dump(mode="json", exclude={"output", "threads", "write", *paths})
    found.update(json.dumps([VERSION, choices], sort_keys=True).encode())
    files = {**config.rasters, "biophysical_table": config.biophysical_table, "watersheds": config.watersheds}
    if config.carbon_pools:
        files["carbon_pools"] = config.carbon_pools
    for name in sorted(files):
        with files[name].open("rb") as stream:
            found.update(f"{name}:{hashlib.file_digest(stream, 'sha256').hexdigest()};".encode())
    return found.hexdigest()


def write_tables(result: Result, output: Path) -> None:
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
