"""What of a run needs the whole grid: routing before the services, delivery to streams and deposition after them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rasterio.windows import Window

from ecocloud.domains.gep.raster import delivery, kernels, routing, services
from ecocloud.domains.gep.raster.blocks import places
from ecocloud.domains.gep.raster.flow import Flow, deliver, deposit, route
from ecocloud.domains.gep.raster.padding import Shape, unpadded
from ecocloud.domains.gep.raster.windows import Readers, in_order

if TYPE_CHECKING:
    from ecocloud.domains.gep.raster.run import Prepared

COLUMNS = {"export": ("cells", "exported"), "deposition": ("cells", "deposited")}
_KEPT = ("valid", "slope", "direction", "stream", "ls")
Say = Callable[[str, float], None]


def mask(prepared: Prepared) -> np.ndarray:
    """Where elevation, land cover, R and K are known (in the mode of InVEST also cut to the zones, as that model
    does): the cells that are routed.
    """
    found = np.empty((prepared.grid.rows, prepared.grid.cols), np.uint8)
    with Readers(prepared.layers, prepared.grid) as readers:

        def one(window: Window) -> None:
            known = readers.read("dem", window)[1]
            for name in ("lulc", "erosivity", "erodibility"):
                known &= readers.read(name, window)[1]
            if prepared.config.mode == "invest":
                known &= prepared.zones.cells[window.toslices()].ravel() >= 0
            found[window.toslices()] = known.reshape(window.height, window.width)

        for _ in in_order(prepared.grid.windows(), one, prepared.config.threads):
            pass
    return found


def _filled(prepared: Prepared, work: Callable[[Window, Readers], np.ndarray]) -> np.ndarray:
    """A padded array, float32, of what ``work`` gives for each block."""
    shape = Shape(prepared.grid.rows, prepared.grid.cols)
    found = np.zeros(shape.size, np.float32)
    grid = unpadded(found, shape)
    with Readers(prepared.layers, prepared.grid) as readers:

        def one(window: Window) -> None:
            grid[window.toslices()] = work(window, readers).reshape(window.height, window.width)

        for _ in in_order(prepared.grid.windows(), one, prepared.config.threads):
            pass
    return found


def routed(prepared: Prepared, known: np.ndarray, say: Say) -> Flow:
    """The routing of the ``known`` cells of the grid."""
    say("读取高程", 0.0)
    config = prepared.config
    steps = iter(range(1, 20))
    return route(_filled(prepared, lambda window, readers: readers.read("dem", window)[0]), known,
                 prepared.grid.cell_size, config.method, config.parameters,
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


def delivered(
    prepared: Prepared, flow: Flow, wanted: Collection[str], say: Say
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Delivery to streams and deposition: sums by zone and class, and the ``wanted`` rasters (padded)."""
    say("输沙", 0.1)
    ground = _Ground(prepared)
    cover = _filled(prepared, ground.cover)
    ratio = deliver(flow, cover, prepared.grid.cell_size, prepared.config.parameters)
    rasters = {"sdr": ratio}
    sums = {name: np.zeros((len(prepared.zones.names) * len(prepared.table.codes), 2)) for name in COLUMNS}
    with Readers(prepared.layers, prepared.grid) as readers:
        staying = np.full(flow.shape.size, delivery.UNKNOWN, np.float32)
        kept = {"staying": unpadded(staying, flow.shape)}
        if "sed_export" in wanted:
            rasters["sed_export"] = np.full(flow.shape.size, delivery.UNKNOWN, np.float32)
            kept["exported"] = unpadded(rasters["sed_export"], flow.shape)
        ground.add(sums["export"], lambda window: ground.exported(window, readers, flow, ratio, kept))
        say("沉积", 0.6)
        deposit(flow, ratio, staying, cover)
        rasters["sed_deposition"] = staying
        ground.add(sums["deposition"], lambda window: ground.settled(window, readers, unpadded(staying, flow.shape)))
    return sums, rasters


class _Ground:
    """What erodes and settles, block by block."""

    def __init__(self, prepared: Prepared) -> None:
        self.prepared, self.table, self.over = prepared, prepared.table, prepared.config.over()
        self.lookup = prepared.table.lookup()

    def add(self, sums: np.ndarray, work: Callable[[Window], np.ndarray]) -> None:
        """Add what ``work`` gives for each block to the sums, in the order of the blocks."""
        for _, part in in_order(self.prepared.grid.windows(), work, self.prepared.config.threads):
            sums += part

    def _kinds(self, window: Window, readers: Readers) -> tuple[np.ndarray, np.ndarray]:
        """The place of each cell's class in the table, and where it is known."""
        codes, known = readers.read("lulc", window)
        return places(self.table, self.lookup, codes, known), known

    def _column(self, name: str, window: Window, readers: Readers, kind: np.ndarray, known: np.ndarray) -> np.ndarray:
        """A column of the table of classes for each cell, or the layer that stands for it, whose gaps are not
        ``known``.
        """
        if name not in self.over:
            return kernels.by_class(self.table.columns[name], kind)
        values, there = readers.read(self.over[name], window)
        known &= there
        return values

    def cover(self, window: Window, readers: Readers) -> np.ndarray:
        """The factor C, 0 where it is not known."""
        kind, known = self._kinds(window, readers)
        values = self._column("usle_c", window, readers, kind, known)
        return kernels.masked(known, values, 0.0)

    def exported(
        self, window: Window, readers: Readers, flow: Flow, ratio: np.ndarray, kept: dict[str, np.ndarray]
    ) -> np.ndarray:
        """Sums of what reaches streams; what does not is put into ``kept``."""
        kind, known = self._kinds(window, readers)
        share = self._column("usle_c", window, readers, kind, known)
        share = (share * self._column("usle_p", window, readers, kind, known)).astype(np.float32)
        place = window.toslices()
        valid, stream, ls, part = (
            unpadded(one, flow.shape)[place].ravel() for one in (flow.valid, flow.stream, flow.ls, ratio)
        )
        erosivity, erodibility = (
            readers.read(name, window)[0].astype(np.float32, copy=False) for name in ("erosivity", "erodibility")
        )
        zone, sums = self.prepared.zones.cells[place].ravel(), self._sums()
        found = {"exported": np.empty(kind.size, np.float32), "staying": np.empty(kind.size, np.float32)}
        delivery.export(known & valid, stream, ls, erosivity, erodibility, share, part, zone, kind,
                        len(self.table.codes), sums, found["exported"], found["staying"])  # fmt: skip
        for name, values in kept.items():
            values[place] = found[name].reshape(window.height, window.width)
        return sums

    def settled(self, window: Window, readers: Readers, settled: np.ndarray) -> np.ndarray:
        """Sums of what is deposited."""
        kind, _ = self._kinds(window, readers)
        values, sums = settled[window.toslices()].ravel(), self._sums()
        zone = self.prepared.zones.cells[window.toslices()].ravel()
        known = (values >= 0).view(np.uint8)
        services.gathered(known, zone, kind, values, len(self.table.codes), sums)
        return sums

    def _sums(self) -> np.ndarray:
        return np.zeros((len(self.prepared.zones.names) * len(self.table.codes), 2))
