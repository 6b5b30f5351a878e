"""What a run writes: rasters block by block or whole, tables.

While ``result.json`` stands in a folder, everything it names stands there whole: it is removed before the first file
of a new result is put in place, and written last.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio

from ecocloud.domains.gep.raster import delivery, joining
from ecocloud.domains.gep.raster.cells import NODATA
from ecocloud.domains.gep.raster.flow import Flow
from ecocloud.domains.gep.raster.keys import VERSION
from ecocloud.domains.gep.raster.layers import BLOCK, Grid
from ecocloud.domains.gep.raster.padding import unpadded
from ecocloud.domains.gep.raster.registry import DELIVERED, ROUTED, services
from ecocloud.domains.gep.raster.state import placed

if TYPE_CHECKING:
    from ecocloud.domains.gep.raster.run import Result, Say


def created(
    folder: Path, grid: Grid, name: str, told: dict[str, str], kind: str = "float32", nodata: float = NODATA
) -> rasterio.io.DatasetWriter:
    """A raster being written, which says what it is (``told``)."""
    out = rasterio.open(
        folder / f"{name}.tif", "w", driver="GTiff", height=grid.rows, width=grid.cols, count=1,
        dtype=kind, crs=grid.crs, transform=grid.transform, nodata=nodata, tiled=True, blockxsize=BLOCK,
        blockysize=BLOCK, compress="zstd", zstd_level=1, predictor=2, bigtiff="if_safer", num_threads=2,
    )  # fmt: skip
    out.update_tags(**told)
    return out


def part_of(folder: Path, name: str, part: int) -> Path:
    """The file of one part of a raster; the first is the raster itself."""
    return folder / (f"{name}.{part}.tif" if part else f"{name}.tif")


class Writers:
    """Rasters that are written block by block, each in the folder of its service.

    ``parts``: of which blocks on a file holds them (:meth:`cut`): the first the raster itself, the others files beside
    it, which :meth:`finish` takes into it.
    """

    def __init__(
        self, places: dict[str, Path], grid: Grid, told: dict[str, dict[str, str]], parts: Iterable[int] = (0,)
    ) -> None:
        self.places, self.grid, self.told, self.parts = places, grid, told, list(parts)
        self._begin()

    def _begin(self) -> None:
        number = len(self.parts) - 1
        self.open = {
            name: created(folder, self.grid, part_of(folder, name, number).stem, self.told[name])
            for name, folder in self.places.items()
        }

    def write(self, window: Any, rasters: dict[str, np.ndarray]) -> None:
        """Write one block."""
        for name, values in rasters.items():
            self.open[name].write(values, 1, window=window)

    def cut(self, blocks: int) -> None:
        """Close the files with the ``blocks`` written so far, so that they are whole on disk; others begin."""
        self.close()
        self.parts.append(blocks)
        self._begin()

    def close(self) -> None:
        """Close the files."""
        for one in self.open.values():
            one.close()

    def finish(self, blocks: int, joined: Callable[[], None]) -> None:
        """Close the files and make each raster one file of all its ``blocks``. ``joined``: called when all of them are
        and the files beside them still stand; they go after it.
        """
        self.close()
        ends = [*self.parts[1:], blocks]
        if ends[1:]:
            for name, folder in self.places.items():
                files = [part_of(folder, name, number) for number in range(len(self.parts))]
                joining.join(files[0], list(zip(files, self.parts, ends, strict=True))[1:])
            joined()
        for name, folder in self.places.items():
            for one in folder.glob(f"{name}.[0-9]*.tif"):
                one.unlink()


def write_flat(
    folder: Path, grid: Grid, flow: Flow, rasters: dict[str, np.ndarray], told: dict[str, dict[str, str]]
) -> None:
    """Write padded arrays; what is not valid or unknown gets the raster's nodata."""
    valid = unpadded(flow.valid, flow.shape)
    for name, values in rasters.items():
        whole = values.dtype.kind == "u"  # codes are written as they are
        kind, nodata = (str(values.dtype), 255 if name == "stream" else 0) if whole else ("float32", NODATA)
        with created(folder, grid, name, told[name], kind, nodata) as out:
            cells = unpadded(values, flow.shape)
            for window in grid.windows():
                part = cells[window.toslices()]
                known = valid[window.toslices()] == 1
                if not whole:
                    known &= part != delivery.UNKNOWN
                out.write(np.where(known, part, nodata).astype(kind), 1, window=window)


def told_of(method: str) -> dict[str, dict[str, str]]:
    """What every raster says of itself: words, unit, source; those that hang on the slope length name its method."""
    found = {name: {"SLOPE_LENGTH": method} for name in (*ROUTED, *DELIVERED)}
    for one in services().values():
        for name, (zh, en, unit) in one.rasters.items():
            found[name] = {"NAME": zh, "NAME_EN": en, "UNIT": unit, "CITATION": one.citation}
            if one.routed:
                found[name]["SLOPE_LENGTH"] = method
    return found


def published(result: Result, output: Path, rasters: dict[str, Path], say: Say) -> None:
    """Put the rasters, ``sums.csv`` (service, zone, class, column, sum) and ``result.json`` in place, in this order.

    Rasters of an earlier result that are not part of this one are removed.
    """
    try:
        before = json.loads((output / "result.json").read_text("utf-8"))["rasters"].values()
    except (OSError, ValueError, KeyError):
        before = []
    (output / "result.json").unlink(missing_ok=True)
    for name in {*before} - {*result.rasters.values()}:
        (output / name).unlink(missing_ok=True)
    for number, (name, path) in enumerate(rasters.items()):
        say("写出结果", number / len(rasters))
        placed(path, output / result.rasters[name])
    _written(output / "sums.csv", _sums(result))
    say("写出结果", 1.0)
    known = services()
    methods = {
        one: {"zh": known[one].zh, "en": known[one].en, "citation": known[one].citation, "mark": known[one].mark}
        for one in result.sums if one in known
    }  # fmt: skip
    told = {
        "version": VERSION, "digest": result.digest, "slope_length": result.method, "flow": result.flow,
        "methods": methods,
        "cell_hectares": result.grid.hectares, "rows": result.grid.rows, "cols": result.grid.cols,
        "zones": result.zones, "zone_hectares": result.zone_hectares, "rasters": result.rasters, 
        "ecosystems": result.ecosystems, "coefficients": result.coefficients,
        "sums_sha256": hashlib.sha256((output / "sums.csv").read_bytes()).hexdigest(),
    }  # fmt: skip
    _written(output / "result.json", json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True))


def _sums(result: Result) -> str:
    stream = io.StringIO()
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
    return stream.getvalue()


def _written(path: Path, text: str) -> None:
    """A text on disk, whole or not at all."""
    part = path.with_name(f".{path.name}")
    with part.open("w", encoding="utf-8", newline="") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(part, path)
