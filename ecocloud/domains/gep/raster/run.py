"""One run: layers checked, routed, every service over the blocks of the grid, sums by zone and class, tables and
rasters written.

Nothing is taken for a result before all of it is there: rasters and tables are written beside their names and moved
at the end, ``result.json`` last. Sums of blocks are added in the order of the blocks, whatever thread was first, so
that two runs of the same files give the same bytes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ecocloud.domains.gep.errors import GepError
from ecocloud.domains.gep.raster import outputs, sediment
from ecocloud.domains.gep.raster.blocks import Blocks
from ecocloud.domains.gep.raster.config import Config
from ecocloud.domains.gep.raster.flow import Flow
from ecocloud.domains.gep.raster.layers import Grid, Layer, facts, grid_of, look_through, on_grid
from ecocloud.domains.gep.raster.registry import services
from ecocloud.domains.gep.raster.tables import Classes, Zones, classes, missing_codes, missing_values, stocks, zones

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
    base = "dem" if "dem" in config.rasters else "lulc"
    grid = grid_of(known[base], config.rasters[base])
    layers = {name: on_grid(known[name], path, grid, config.align) for name, path in config.rasters.items()}
    layers |= {name: Layer(known[name], Path("配置"), number=value) for name, value in config.numbers.items()}
    needs = config.needs()
    table = classes(config.biophysical_table, needs, any(services()[one].ecosystems for one in config.services))
    carbon = stocks(config.carbon_pools) if config.carbon_pools else None
    found = zones(config.watersheds, config.zone_field, grid)
    seen = look_through(layers, grid, every)
    read = ((table, config.biophysical_table), (carbon, config.carbon_pools))
    for name in ("lulc", "lulc_before"):
        codes = seen[name].codes or {} if name in seen else {}
        for one, path in read:
            if one is not None:
                missing_codes(codes, one, path)
        missing_values(codes, table, config.biophysical_table, needs)
    remarks = [f"{path.name} 按 GB18030 读取" for one, path in read if one is not None and one.encoding == "gb18030"]
    remarks += [f"{name} 取公开系数：{source}" for name, source in table.filled.items()]
    return Prepared(config, grid, layers, table, found, carbon, remarks)


def run(prepared: Prepared, say: Say = lambda text, share: None, stop: Callable[[], bool] = lambda: False) -> Result:
    """Compute and write everything. ``say`` is told the step and the share done, ``stop`` asked between blocks.

    Raises :class:`Stopped`; what was written before stays beside the names of the results and is replaced
    by the next run.
    """
    return _Work(prepared, say, stop).all()


class _Work:
    """The state of one run."""

    def __init__(self, prepared: Prepared, say: Say, stop: Callable[[], bool]) -> None:
        self.prepared, self.config, self.grid = prepared, prepared.config, prepared.grid
        self.say, self.stop = say, stop
        self.seconds: dict[str, float] = {}
        self.flow: Flow | None = None
        self.config.output.mkdir(parents=True, exist_ok=True)

    def all(self) -> Result:
        routed = any(services()[one].routed for one in self.config.services)
        if routed:
            self._timed("routing", self._route)
        sums = self._timed("services", self._services)
        if routed:
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

    def _route(self) -> None:
        self._halt()
        self.flow = sediment.routed(self.prepared, self.say)
        self._write_flat(sediment.rasters_of(self.flow))

    def _services(self) -> dict[str, np.ndarray]:
        """Every service over all blocks; sums by service."""
        wanted = tuple(
            name for one in self.config.services for name in services()[one].rasters if name in self.config.write
        )
        writers = outputs.Writers(self.config.output, self.grid, wanted)
        blocks = Blocks(self.prepared, self.flow, wanted)
        totals: dict[str, np.ndarray] = {}
        count = sum(1 for _ in self.grid.windows())
        try:
            for number, done in enumerate(blocks.all(self.config.threads, self._halt), start=1):
                for service, part in done.sums.items():
                    totals[service] = totals[service] + part if service in totals else part
                writers.write(done.window, done.rasters)
                if number % 16 == 0 or number == count:
                    self.say("逐块核算", number / count)
        finally:
            writers.close()
            blocks.close()
        return totals

    def _delivery(self, sums: dict[str, np.ndarray]) -> None:
        """Delivery to streams and deposition, which need the whole grid; their sums by zone and class."""
        assert self.flow is not None
        self._halt()
        more, rasters = sediment.delivered(self.prepared, self.flow, self.say)
        sums.update(more)
        self._write_flat(rasters)

    def _write_flat(self, rasters: dict[str, np.ndarray]) -> None:
        assert self.flow is not None
        wanted = {name: values for name, values in rasters.items() if name in self.config.write}
        outputs.write_flat(self.config.output, self.grid, self.flow, wanted)

    def _finish(self, sums: dict[str, np.ndarray]) -> Result:
        names, codes = self.prepared.zones.names, self.prepared.table.codes
        shaped = {name: part.reshape(len(names), len(codes), -1) for name, part in sums.items()}
        known = services()
        columns = {name: tuple(known[name].sums) if name in known else sediment.COLUMNS[name] for name in shaped}
        output = self.config.output
        digest = outputs.digest(self.prepared)
        rasters = outputs.moved(output, self.config.write)
        result = Result(self.grid, names, codes, shaped, columns, self.config.method, digest, rasters, self.seconds)
        outputs.write_tables(result, output)
        return result
