"""What of a run needs the whole grid: routing before the services, delivery to streams and deposition after them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ecocloud.domains.gep.raster import delivery, routing, services
from ecocloud.domains.gep.raster.flow import Flow, deliver, deposit, route
from ecocloud.domains.gep.raster.layers import Reader
from ecocloud.domains.gep.raster.padding import Shape, padded, unpadded

if TYPE_CHECKING:
    from ecocloud.domains.gep.raster.run import Prepared

COLUMNS = {"export": ("cells", "exported"), "deposition": ("cells", "deposited")}
_KEPT = ("valid", "slope", "direction", "stream", "ls")
Say = Callable[[str, float], None]


def whole(prepared: Prepared, name: str) -> tuple[np.ndarray, np.ndarray]:
    """A whole layer with what is known of it, read block by block."""
    reader = Reader(prepared.layers[name], prepared.grid)
    first, _ = reader.read(next(prepared.grid.windows()))
    values = np.empty((prepared.grid.rows, prepared.grid.cols), first.dtype)
    known = np.empty(values.shape, np.uint8)
    for window in prepared.grid.windows():
        rows, cols = window.toslices()
        values[rows, cols], known[rows, cols] = reader.read(window)
    reader.close()
    return values, known


def mask(prepared: Prepared) -> np.ndarray:
    """Where elevation, land cover, R and K are known (in the mode of InVEST also cut to the zones, as that model
    does): the cells that are routed.
    """
    found = np.ones((prepared.grid.rows, prepared.grid.cols), np.uint8)
    readers = [Reader(prepared.layers[name], prepared.grid) for name in ("dem", "lulc", "erosivity", "erodibility")]
    for window in prepared.grid.windows():
        for reader in readers:
            found[window.toslices()] &= reader.read(window)[1]
    for reader in readers:
        reader.close()
    if prepared.config.mode == "invest":
        found &= (prepared.zones.cells >= 0).astype(np.uint8)
    return found


def routed(prepared: Prepared, known: np.ndarray, say: Say) -> Flow:
    """The routing of the ``known`` cells of the grid."""
    say("读取高程", 0.0)
    heights, config = whole(prepared, "dem")[0], prepared.config
    steps = iter(range(1, 20))
    return route(heights, known, prepared.grid.cell_size, config.method, config.parameters,
                 lambda text: say(text, next(steps) / 20))  # fmt: skip


def saved(flow: Flow, folder: Path) -> None:
    """The routing as files; what follows from the directions quickly is not among them."""
    for name in _KEPT:
        np.save(folder / f"{name}.npy", getattr(flow, name))
    np.save(folder / "shape.npy", np.array([flow.shape.rows, flow.shape.cols]))


def loaded(folder: Path) -> Flow:
    """The routing from its files, to the last bit what was saved."""
    kept = {name: np.load(folder / f"{name}.npy") for name in _KEPT}
    shape = Shape(*np.load(folder / "shape.npy").tolist())
    above = routing.sources(kept["direction"], shape.width)
    order = routing.flow_order(kept["direction"], above, kept["valid"], shape.width)
    passed = np.zeros(shape.size)
    routing.accumulate(kept["direction"], above, order, shape.width, np.empty(0, np.float32), passed)
    return Flow(shape=shape, above=above, order=order, passed=passed, **kept)


def rasters_of(flow: Flow) -> dict[str, np.ndarray]:
    """The rasters of the routing, padded."""
    return {"slope": flow.slope, "flow_accumulation": flow.passed, "ls": flow.ls, "stream": flow.stream,
            "flow_direction": flow.direction}  # fmt: skip


def delivered(prepared: Prepared, flow: Flow, say: Say) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Delivery to streams and deposition: sums by zone and class, rasters (padded)."""
    kind, known = _kinds(prepared)
    classes = len(prepared.table.codes)
    say("输沙", 0.1)
    cover = np.where(known, _column(prepared, "usle_c", kind, known), 0).astype(np.float32)
    ratio = deliver(flow, padded(cover), prepared.grid.cell_size, prepared.config.parameters)
    actual = _actual(prepared, flow, kind, known)
    say("沉积", 0.6)
    settled = deposit(flow, ratio, actual)
    zone = padded(prepared.zones.cells, -1)
    kind_flat = padded(kind.astype(np.int32))
    exported = actual * ratio
    sums = {}
    for name, values, valid in (
        ("export", exported, (actual >= 0) & (ratio >= 0)), ("deposition", settled, settled >= 0),
    ):  # fmt: skip
        sums[name] = np.zeros((len(prepared.zones.names) * classes, 2))
        services.gathered(valid.astype(np.uint8), zone, kind_flat, values, classes, sums[name])
    exported = np.where((actual >= 0) & (ratio >= 0), exported, delivery.UNKNOWN)
    return sums, {"sdr": ratio, "sed_export": exported, "sed_deposition": settled}


def _kinds(prepared: Prepared) -> tuple[np.ndarray, np.ndarray]:
    """The place of each cell's class in the table, and where it is known."""
    values, known = whole(prepared, "lulc")
    place = prepared.table.lookup()[np.where(known, values, 0).astype(np.int64)]
    return np.maximum(place, 0), (known == 1) & (place >= 0)


def _column(prepared: Prepared, name: str, kind: np.ndarray, known: np.ndarray) -> np.ndarray:
    """A column of the table of classes for each cell, or the layer that stands for it, whose gaps are not ``known``."""
    over = prepared.config.over()
    if name not in over:
        return prepared.table.columns[name][kind]
    values, there = whole(prepared, over[name])
    known &= there == 1
    return values


def _actual(prepared: Prepared, flow: Flow, kind: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Soil loss of each cell off the streams, padded; -1 where unknown."""
    table = prepared.table.columns
    if {"usle_c", "usle_p"} & set(prepared.config.over()):
        share = _column(prepared, "usle_c", kind, known) * _column(prepared, "usle_p", kind, known)
    else:
        share = (table["usle_c"] * table["usle_p"]).astype(np.float32)[kind]
    valid = known & unpadded(flow.valid, flow.shape).astype(bool) & (unpadded(flow.stream, flow.shape) == 0)
    found = np.full(kind.shape, delivery.UNKNOWN, np.float32)
    product = unpadded(flow.ls, flow.shape).astype(np.float32)
    for name in ("erosivity", "erodibility"):
        product = product * whole(prepared, name)[0].astype(np.float32)
    found[valid] = product[valid] * share[valid].astype(np.float32)
    return padded(found, delivery.UNKNOWN)
