"""The services of single cells: what each needs, what it sums, what it can write, and how it is computed over a block.

A service is added by one declaration at the end of this module. Its function takes a :class:`Block` and the sums to
add to, and gives its rasters; whatever it asks of the block it has declared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ecocloud.domains.gep.errors import GepError
from ecocloud.domains.gep.raster import services
from ecocloud.domains.gep.raster.padding import unpadded

if TYPE_CHECKING:
    from ecocloud.domains.gep.raster.config import Config
    from ecocloud.domains.gep.raster.flow import Flow

NODATA = -9999.0  # outside the range of every raster that is written
# Rasters of what needs the whole grid (sediment.py).
ROUTED = ("slope", "flow_direction", "flow_accumulation", "stream", "ls")
DELIVERED = ("sdr", "sed_export", "sed_deposition")
Rasters = dict[str, np.ndarray]


@dataclass
class Block:
    """One block of a run as a service sees it; cells in one row after the other."""

    config: Config
    window: Any
    zone: np.ndarray  # of each cell, -1 none
    kind: np.ndarray  # place of each cell's class in the table
    known: np.ndarray  # 1 where the class is known
    codes: tuple[int, ...]
    table: dict[str, np.ndarray]  # columns by class
    layer: Callable[[str], tuple[np.ndarray, np.ndarray]]  # values and what is known of a layer
    flow: Flow | None

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return len(self.codes)

    def layers(self, *names: str) -> tuple[np.ndarray, list[np.ndarray]]:
        """Where all of these layers are known, and their values."""
        known, values = self.known.copy(), []
        for name in names:
            one, there = self.layer(name)
            known &= there
            values.append(one)
        return known, values

    def empty(self) -> np.ndarray:
        """A raster of this block in which nothing is known."""
        return np.full(self.known.size, NODATA, np.float32)

    def routed(self, name: str) -> np.ndarray:
        """A part of the routing (``ls``, ``valid``, ``stream``) in this block."""
        assert self.flow is not None
        return unpadded(getattr(self.flow, name), self.flow.shape)[self.window.toslices()].ravel()


@dataclass(frozen=True)
class Service:
    """One service: the layers without which it is not computed, columns of the table of classes, sums, rasters."""

    code: str
    layers: tuple[str, ...]
    table: tuple[str, ...]
    sums: tuple[str, ...]
    rasters: tuple[str, ...]
    compute: Callable[[Block, np.ndarray], Rasters]
    pools: bool = False  # needs the table of carbon
    routed: bool = False  # needs flow routing before


def _soil(block: Block, sums: np.ndarray) -> Rasters:
    known, (erosivity, erodibility) = block.layers("erosivity", "erodibility")
    known &= block.routed("valid")
    if block.config.mode == "invest":  # streams are left out
        known &= (block.routed("stream") == 0).astype(np.uint8)
    potential, actual = block.empty(), block.empty()
    table = block.table
    services.soil(known, block.zone, block.kind, erosivity, erodibility, block.routed("ls"), table["usle_c"],
                  table["usle_p"], block.classes, sums, potential, actual)  # fmt: skip
    found = {"rkls": potential, "usle": actual}
    if "avoided_erosion" in block.config.write:
        found["avoided_erosion"] = np.where(known, potential - actual, np.float32(NODATA))
    return found


def _water(block: Block, sums: np.ndarray) -> Rasters:
    known, (rain, gone) = block.layers("precipitation", "evapotranspiration")
    out = block.empty()
    services.water(known, block.zone, block.kind, rain, gone, block.table["runoff"] / 100, block.classes, sums, out)
    return {"water_retained": out}


def _water_yield(block: Block, sums: np.ndarray) -> Rasters:
    known, (rain, eto, depth, available) = block.layers(
        "precipitation", "eto", "depth_to_root_restricting_layer", "pawc"
    )
    gone, left = block.empty(), block.empty()
    table = block.table
    root = np.where(table["lulc_veg"] == 1, table["root_depth"], 1.0)
    services.water_yield(known, block.zone, block.kind, rain, eto, depth, available, table["kc"], root,
                         table["lulc_veg"], block.config.parameters.seasonality_constant, block.classes, sums, gone,
                         left)  # fmt: skip
    return {"aet": gone, "wyield": left}


def _carbon(block: Block, sums: np.ndarray) -> Rasters:
    density = block.table["carbon"]
    absent = np.isnan(density[block.kind[block.known == 1]])
    if absent.any():
        codes = sorted({block.codes[one] for one in block.kind[block.known == 1][absent]})
        raise GepError(f"土地覆盖代码 {codes} 在碳库表中没有对应的行。", f"codes {codes} have no carbon", value=codes)
    out = block.empty()
    services.stock(block.known, block.zone, block.kind, density, block.classes, sums, out)
    return {"carbon": out}


SERVICES = {
    one.code: one
    for one in (
        Service("soil", ("dem", "erosivity", "erodibility"), ("usle_c", "usle_p"), services.SOIL,
                ("rkls", "usle", "avoided_erosion"), _soil, routed=True),
        Service("water", ("precipitation", "evapotranspiration"), ("runoff",), services.WATER, ("water_retained",),
                _water),
        Service("water_yield", ("precipitation", "eto", "depth_to_root_restricting_layer", "pawc"),
                ("kc", "root_depth", "lulc_veg"), services.YIELD, ("aet", "wyield"), _water_yield),
        Service("carbon", (), (), services.STOCK, ("carbon",), _carbon, pools=True),
    )
}  # fmt: skip
