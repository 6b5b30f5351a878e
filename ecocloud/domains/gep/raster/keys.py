"""Digests of a run and its parts: of every file, number, choice and version that goes into each."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from ecocloud.domains.gep.raster.registry import services
from ecocloud.domains.gep.raster.state import files_digest, key

if TYPE_CHECKING:
    from ecocloud.domains.gep.raster.layers import Layer
    from ecocloud.domains.gep.raster.run import Prepared

VERSION = "2"  # of the engine: changes whenever the same input gives another output
_ROUTING = {"flow", "slope_length", "slope_limit", "threshold_flow_accumulation", "trace_threshold_proportion"}
_DELIVERY = {"k_param", "ic_0_param", "sdr_max"}


class Keys:
    """The digests of one run; the bytes of every file are read once."""

    def __init__(self, prepared: Prepared) -> None:
        self.prepared, self.config = prepared, prepared.config
        config = self.config
        self.files = config.files()
        self.digests = files_digest(self.files.values(), config.threads)
        grid = prepared.grid
        self.grid = [grid.crs, list(grid.transform)[:6], grid.rows, grid.cols]
        self.zones = [self.digests[config.watersheds], config.zone_field]
        for name, recipe in prepared.recipes.items():
            self.digests[recipe.layer.path] = self.prepared_layer(name)

    def run(self) -> str:
        """The whole: the configuration's choices and every file. Names of files, threads, limits and what is written
        do not matter.
        """
        files = {"rasters", "biophysical_table", "carbon_pools", "watersheds", "prepare"}
        aside = {"output", "threads", "most_cells", "write", "keep", *files}
        choices = self.config.model_dump(mode="json", exclude=aside)
        made = {name: self.digests[recipe.layer.path] for name, recipe in self.prepared.recipes.items()}
        return key(VERSION, choices, {name: self.digests[path] for name, path in self.files.items()}, made)

    def _layer(self, layer: Layer) -> Any:
        return layer.number if layer.number is not None else [self.digests[layer.path], layer.aligned]

    def _layers(self, names: Any) -> dict[str, Any]:
        return {name: self._layer(self.prepared.layers[name]) for name in sorted({*names})}

    def prepared_layer(self, name: str) -> str:
        """A layer that is prepared: its sources, and for C the land cover and the classes."""
        table = self.prepared.table
        sources = {one: self._layer(layer) for one, layer in self.prepared.recipes[name].sources.items()}
        classes = [self._layers(["lulc"]), table.codes, table.ecosystems, self._columns(("paddy", "usle_c"))]
        return key(VERSION, "prepared", name, self.grid, sources, classes if name == "cover_factor" else [])

    def _columns(self, names: Any) -> dict[str, list[float]]:
        """Columns of the table of classes; NaN, which is no JSON number, as text."""
        table = self.prepared.table
        found = {name: table.columns[name] for name in sorted({*names}) if name in table.columns}
        return {name: [repr(float(one)) for one in values] for name, values in found.items()}

    def routing(self, mask: np.ndarray) -> str:
        """The routing: elevation, which cells are known, method and thresholds."""
        known = hashlib.sha256(np.ascontiguousarray(mask)).hexdigest()
        parameters = self.config.parameters.model_dump(include=_ROUTING)
        return key(VERSION, "routing", self.grid, self._layers(["dem"]), known, self.config.method, parameters)

    def service(self, code: str, routing: str) -> str:
        """One service of single cells: its layers and columns, the classes, the zones, the routing it needs."""
        one, config = services()[code], self.config
        over = {layer for column, layer in config.over().items() if column in one.table}
        parameters = config.parameters.model_dump(exclude=_ROUTING | _DELIVERY)
        pools = [self.digests[config.carbon_pools]] if one.pools and config.carbon_pools else []
        table = self.prepared.table
        classes = [table.codes, table.members(one.ecosystems).tolist(), self._columns(one.table), pools]
        flow = [routing, config.mode] if one.routed else []
        layers = self._layers([*one.layers, *over, "lulc"])
        return key(VERSION, code, self.grid, self.zones, layers, classes, parameters, flow)

    def delivery(self, routing: str) -> str:
        """Delivery to streams and deposition."""
        over = {layer for column, layer in self.config.over().items() if column in ("usle_c", "usle_p")}
        layers = self._layers(["lulc", "erosivity", "erodibility", *over])
        classes = [self.prepared.table.codes, self._columns(("usle_c", "usle_p"))]
        parameters = self.config.parameters.model_dump(include=_DELIVERY)
        return key(VERSION, "delivery", self.grid, self.zones, layers, classes, parameters, routing)
