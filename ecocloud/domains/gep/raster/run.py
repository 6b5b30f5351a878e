"""One run: layers checked, routed, every service over the blocks of the grid, sums by zone and class, tables and
rasters written.

Nothing is taken for a result before all of it is there. What is finished is kept under the digest of what went into it
(:mod:`~ecocloud.domains.gep.raster.state`): a run that was stopped or killed goes on from there, and the next run makes
only what changed. Sums of blocks are added in the order of the blocks, whatever thread was first, so that two runs of
the same files give the same bytes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from ecocloud.domains.gep.errors import GepError
from ecocloud.domains.gep.raster import aligning, compiled, memory, outputs, preparing, sediment
from ecocloud.domains.gep.raster.aside import Aside
from ecocloud.domains.gep.raster.blocks import Blocks
from ecocloud.domains.gep.raster.config import Config
from ecocloud.domains.gep.raster.flow import Flow
from ecocloud.domains.gep.raster.half import Half
from ecocloud.domains.gep.raster.keys import Keys
from ecocloud.domains.gep.raster.layers import Grid, Layer, Reader, facts, grid_of, look_through, on_grid
from ecocloud.domains.gep.raster.preparing import Recipe, cover_rules, recipes
from ecocloud.domains.gep.raster.registry import DELIVERED, ROUTED, services
from ecocloud.domains.gep.raster.state import FOLDER, State, stamp
from ecocloud.domains.gep.raster.tables import (
    Classes,
    Zones,
    classes,
    missing_codes,
    missing_values,
    require_land,
    stocks,
    zones,
)

WORTH_SAYING = 0.99  # a layer that knows a smaller share of the land cover's cells is named
Say = Callable[[str, float], None]


class Stopped(GepError):
    """The run was told to stop."""

    code = "gep.stopped"


class Changed(GepError):
    """A file was changed while the run read it."""

    code = "gep.changed"


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
    recipes: dict[str, Recipe] = field(default_factory=dict)  # layers that are made at the start of the run
    stamps: dict[Path, list[int]] = field(default_factory=dict)  # of the files when they were first opened

    def told(self) -> dict[str, Any]:
        """What was found: ``rows`` and ``cols``, ``cell`` (m), ``services``, ``zones``, ``zone_field``,
        ``slope_length``, ``remarks``.
        """
        return {
            "rows": self.grid.rows, "cols": self.grid.cols, "cell": self.grid.cell_size,
            "services": list(self.config.services), "zones": list(self.zones.names),
            "zone_field": self.config.zone_field, "slope_length": self.config.method, "remarks": self.remarks,
        }  # fmt: skip

    def unchanged(self) -> None:
        """Raises :class:`Changed` when a file is not what it was when it was opened: nobody knows which of the two was
        computed with.
        """
        for path, before in self.stamps.items():
            if not path.exists() or stamp(path) != before:
                raise Changed(
                    "文件在核算过程中被改动。", f"{path.name} changed during the run", where={"文件": path.name},
                    remedy_zh="请等文件写完后重新运行。",
                )  # fmt: skip


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
    flow: str = "mfd"  # how water was routed
    ecosystems: dict[str, str] = field(default_factory=dict)  # of each code, where the table says
    zone_hectares: dict[str, tuple[float, float]] = field(default_factory=dict)
    coefficients: dict[str, str] = field(default_factory=dict)  # columns from published coefficients: citation
    reused: tuple[str, ...] = ()  # parts of earlier runs that were taken over

    def totals(self, service: str, column: str) -> np.ndarray:
        """The sum of a column by zone."""
        return self.sums[service][:, :, self.columns[service].index(column)].sum(axis=1)


def prepare(config: Config, every: int = 1) -> Prepared:
    """Open and check everything a run needs; ``every``: of how many blocks one is looked through.

    Raises the first mistake found: :class:`~ecocloud.domains.gep.errors.GepError` of its kind.
    """
    stamps = {path: stamp(path) for path in config.files().values() if path.exists()}
    known = facts()["layers"]
    base = "dem" if "dem" in config.rasters else "lulc"
    grid = grid_of(known[base], config.rasters[base], config.most_cells)
    layers = {name: on_grid(known[name], path, grid, config.align) for name, path in config.rasters.items()}
    layers |= {name: Layer(known[name], Path("配置"), number=value) for name, value in config.numbers.items()}
    needs = config.needs()
    table = classes(config.biophysical_table, needs, any(services()[one].ecosystems for one in config.services))
    carbon = stocks(config.carbon_pools) if config.carbon_pools else None
    found = zones(config.watersheds, config.zone_field, grid)
    with memory.frugal():
        seen = look_through(layers, grid, every, config.threads, hold=True)
    cover = Reader(layers["lulc"], grid)
    try:
        require_land(config.watersheds, found, ((window, cover.read(window)[1]) for window in grid.windows()))
    finally:
        cover.close()
    read = ((table, config.biophysical_table), (carbon, config.carbon_pools))
    for name in ("lulc", "lulc_before"):
        codes = seen[name].codes or {} if name in seen else {}
        for one, path in read:
            if one is not None:
                missing_codes(codes, one, path)
        missing_values(codes, table, config.biophysical_table, needs)
    remarks = [f"{path.name} 按 GB18030 读取" for one, path in read if one is not None and one.encoding == "gb18030"]
    remarks += [aligning.remark(layer, grid) for layer in layers.values() if layer.aligned]
    whole = seen["lulc"].known
    remarks += [
        f"{layers[name].fact.zh} 有值的像元只有土地覆盖的 {one.known / whole:.1%}"
        for name, one in seen.items() if one.known < WORTH_SAYING * whole
    ]  # fmt: skip
    remarks += [f"{name} 取公开系数：{source}" for name, source in table.filled.items()]
    made = recipes(config, grid, config.output / FOLDER)
    if "cover_factor" in made:
        cover_rules(table)  # refuses classes without a rule
    layers |= {name: recipe.layer for name, recipe in made.items()}
    return Prepared(config, grid, layers, table, found, carbon, remarks, made, stamps)


def run(prepared: Prepared, say: Say = lambda text, share: None, stop: Callable[[], bool] = lambda: False) -> Result:
    """Compute and write everything. ``say`` is told the step and the share done, ``stop`` asked between blocks and
    steps.

    Raises :class:`Stopped`; the next run goes on with what was finished.
    """
    config = prepared.config
    config.output.mkdir(parents=True, exist_ok=True)
    with memory.frugal(), State(config.output, prepared.unchanged) as state:
        return _Work(prepared, state, say, stop).all()


class _Work:
    """The state of one run."""

    def __init__(self, prepared: Prepared, state: State, say: Say, stop: Callable[[], bool]) -> None:
        self.prepared, self.config, self.grid, self.state = prepared, prepared.config, prepared.grid, state
        self._say, self.stop = say, stop
        self.seconds: dict[str, float] = {}
        self.reused: list[str] = []
        self.parts: list[str] = []
        self.rasters: dict[str, Path] = {}
        self.told = outputs.told_of(self.config.method)
        self.aside = Aside(self.config.threads)

    def all(self) -> Result:
        if compiled.first_time():
            self.say("首次运行，编译计算内核（约一分钟，只此一次）", 0.0)
        keys = self.keys = self._timed("digests", lambda: Keys(self.prepared))
        self._prepare()
        self.routing = ""
        sums: dict[str, np.ndarray] = {}
        routed = [one for one in self.config.services if services()[one].routed]
        others = [one for one in self.config.services if one not in routed]
        if not routed:
            self._compute(self._due(others, sums), None, sums, self.config.threads, self.say)
            return self._finish(sums)
        with self.aside:  # services and files beside the water's ways, which one thread follows for the most part
            due = self._due(others, sums)
            self.aside.start(lambda: self._compute(due, None, sums, 1, self._quiet))
            self.known = sediment.mask(self.prepared)
            self.routing = keys.routing(self.known)
            self.parts.append("routing")  # kept also when no service asks for it this time
            self._routed_rasters()
            due_routed = self._due(routed, sums)
            if due_routed:
                flow = self.flow
                self.aside.start(lambda: self._compute(due_routed, flow, sums, 1, self._quiet))
            if "soil" in routed:  # what is lost and where it goes belong together
                self._timed("delivery", lambda: self._delivery(sums))
            self.aside.wait()
        return self._finish(sums)

    def _quiet(self, text: str, share: float) -> None:
        """Beside the main thread nothing is told, and only it asks whether to stop."""
        if self.config.threads == 1:
            self.say(text, share)
        elif self.aside.halted:
            raise Stopped("核算已停止。", "stopped")

    def say(self, text: str, share: float) -> None:
        """Tell where the run is, and stop it when it is to be stopped."""
        self._halt()
        self._say(text, share)

    def _timed(self, name: str, what: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        found = what()
        self.seconds[name] = round(self.seconds.get(name, 0.0) + time.perf_counter() - began, 2)
        return found

    def _halt(self) -> None:
        self.aside.check()
        if self.stop():
            raise Stopped("核算已停止。", "stopped", remedy_zh="再次运行会从已完成的部分继续。")

    def _have(self, name: str, key: str, wanted: Iterable[str]) -> Path | None:
        """A part of an earlier run with these files."""
        self.parts.append(name)
        found = self.state.have(name, key, wanted) if self.config.keep else None
        if found:
            self.reused.append(name)
        return found

    def _wanted(self, names: Iterable[str]) -> list[str]:
        return [name for name in names if name in self.config.write]

    def _prepare(self) -> None:
        """Layers made of others, each a part of its own."""
        prepared, table = self.prepared, self.prepared.table
        for name, recipe in prepared.recipes.items():
            part, digest = f"prepared-{name}", self.keys.prepared_layer(name)
            if self._have(part, digest, [f"{name}.tif"]):
                continue
            rules = cover_rules(table) if name == "cover_factor" else None
            blocks = preparing.blocks(recipe, self.grid, prepared.layers["lulc"], table.lookup(), rules)
            with self.state.making(part, digest) as folder:
                with outputs.created(folder, self.grid, name, {"UNIT": recipe.layer.fact.unit}) as out:
                    for window, values, known in blocks:
                        self.say(f"制备{recipe.layer.fact.zh}", window.row_off / self.grid.rows)
                        out.write(np.where(known, values, outputs.NODATA).astype(np.float32), 1, window=window)
                look_through({name: Layer(recipe.layer.fact, folder / f"{name}.tif")}, self.grid)

    @cached_property
    def flow(self) -> Flow:
        """The routing, from an earlier run or made when it is first asked for."""
        return self._timed("routing", self._route)

    def _route(self) -> Flow:
        place = self._have("routing", self.routing, ())
        if place:
            return sediment.loaded(place)
        flow = sediment.routed(self.prepared, self.known, self.say)
        if self.config.keep:
            self.aside.start(lambda: self._keep(flow))
        return flow

    def _keep(self, flow: Flow) -> None:
        with self.state.making("routing", self.routing) as folder:
            sediment.saved(flow, folder)

    def _routed_rasters(self) -> None:
        """Rasters of the routing that are wanted, each a part of its own."""
        for name in self._wanted(ROUTED):
            part = f"raster-{name}"
            place = self._have(part, self.routing, [f"{name}.tif"])
            if place is None:
                flow, place = self.flow, self.state.folder / part
                self.aside.start(partial(self._write_routed, name, part, flow))
            self.rasters[name] = place / f"{name}.tif"

    def _write_routed(self, name: str, part: str, flow: Flow) -> None:
        with self.state.making(part, self.routing) as folder:
            outputs.write_flat(folder, self.grid, flow, {name: sediment.rasters_of(flow)[name]}, self.told)

    def _due(self, codes: list[str], sums: dict[str, np.ndarray]) -> dict[str, str]:
        """Those of the services that were not computed before, with their keys; the sums of the others."""
        due: dict[str, str] = {}
        for code in codes:
            key, rasters = self.keys.service(code, self.routing), self._wanted(services()[code].rasters)
            place = self._have(f"service-{code}", key, ["sums.npy", *(f"{name}.tif" for name in rasters)])
            if place:
                sums[code] = np.load(place / "sums.npy")
                self.rasters |= {name: place / f"{name}.tif" for name in rasters}
            else:
                due[code] = key
        return due

    def _compute(
        self, due: dict[str, str], flow: Flow | None, sums: dict[str, np.ndarray], threads: int, say: Say
    ) -> None:
        """These services over all blocks; their sums."""
        if not due:
            return
        places = {name: self.state.begun(f"service-{code}") for code in due
                  for name in self._wanted(services()[code].rasters)}  # fmt: skip
        sums |= self._timed("services", lambda: self._pass(due, flow, places, threads, say))
        for code, key in due.items():
            np.save(self.state.begun(f"service-{code}") / "sums.npy", sums[code])
            place = self.state.keep(f"service-{code}", key)
            self.rasters |= {name: place / f"{name}.tif" for name in self._wanted(services()[code].rasters)}

    def _pass(
        self, due: dict[str, str], flow: Flow | None, places: dict[str, Path], threads: int, say: Say
    ) -> dict[str, np.ndarray]:
        """These services over all blocks in one pass; their sums. Goes on from the last mark of a pass of the same."""
        half = Half(self.state, due, places, self.config.keep)
        parts, totals = half.found()
        if parts:
            self.reused.append("blocks")
        else:
            for code in due:
                self.state.begin(f"service-{code}")
        first = parts[-1] if parts else 0
        writers = outputs.Writers(places, self.grid, self.told, parts or [0])
        blocks = Blocks(self.prepared, list(due), flow, places)
        count = sum(1 for _ in self.grid.windows())
        try:
            for number, done in enumerate(blocks.all(threads, first), start=first + 1):
                for service, part in done.sums.items():
                    totals[service] = totals[service] + part if service in totals else part
                writers.write(done.window, done.rasters)
                if half.is_due and number < count:
                    writers.cut(number)
                    half.mark(writers.parts, totals)
                if number % 8 == 0 or number == count:
                    say("逐块核算", number / count)
            writers.finish(count, lambda: half.mark([0, count], totals))
        finally:
            writers.close()
            blocks.close()
        return totals

    def _delivery(self, sums: dict[str, np.ndarray]) -> None:
        """Delivery to streams and deposition, which need the whole grid; their sums by zone and class."""
        key, rasters = self.keys.delivery(self.routing), self._wanted(DELIVERED)
        files = [*(f"{name}.npy" for name in sediment.COLUMNS), *(f"{name}.tif" for name in rasters)]
        place = self._have("delivery", key, files)
        if place is None:
            more, found = sediment.delivered(self.prepared, self.flow, rasters, self.say)
            with self.state.making("delivery", key) as folder:
                for name, values in more.items():
                    np.save(folder / f"{name}.npy", values)
                wanted = {name: found[name] for name in rasters}
                outputs.write_flat(folder, self.grid, self.flow, wanted, self.told)
            place = self.state.folder / "delivery"
        sums |= {name: np.load(place / f"{name}.npy") for name in sediment.COLUMNS}
        self.rasters |= {name: place / f"{name}.tif" for name in rasters}

    def _finish(self, sums: dict[str, np.ndarray]) -> Result:
        names, table = self.prepared.zones.names, self.prepared.table
        order = [name for name in (*self.config.services, *sediment.COLUMNS) if name in sums]
        shaped = {name: sums[name].reshape(len(names), len(table.codes), -1) for name in order}
        known = services()
        columns = {name: tuple(known[name].sums) if name in known else sediment.COLUMNS[name] for name in shaped}
        rasters = {name: f"{name}.tif" for name in self.config.write if name in self.rasters}
        ecosystems = {str(code): one for code, one in zip(table.codes, table.ecosystems, strict=False)}
        zones = self.prepared.zones.hectares
        result = Result(self.grid, names, table.codes, shaped, columns, self.config.method, self.keys.run(), rasters,
                        self.seconds, self.config.parameters.flow, ecosystems, zones, table.filled,
                        tuple(sorted(self.reused)))  # fmt: skip
        self.prepared.unchanged()
        outputs.published(result, self.config.output, {name: self.rasters[name] for name in rasters}, self.say)
        self.state.forget(self.parts if self.config.keep else ())
        return result
