"""The services of single cells over all blocks of a grid, by several threads, summed in the order of the blocks."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from ecocloud.domains.gep.errors import GepError
from ecocloud.domains.gep.raster import kernels
from ecocloud.domains.gep.raster.cells import Block
from ecocloud.domains.gep.raster.flow import Flow
from ecocloud.domains.gep.raster.registry import services
from ecocloud.domains.gep.raster.tables import Classes
from ecocloud.domains.gep.raster.windows import Readers, in_order

if TYPE_CHECKING:
    from ecocloud.domains.gep.raster.run import Prepared


@dataclass
class Done:
    """What one block gave: sums by service, rasters by name (rows, cols)."""

    window: Any
    sums: dict[str, np.ndarray] = field(default_factory=dict)
    rasters: dict[str, np.ndarray] = field(default_factory=dict)


def places(table: Classes, lookup: np.ndarray, codes: np.ndarray, known: np.ndarray) -> np.ndarray:
    """The place of each code in the table of classes, 0 where it is not known. Refuses codes without a row."""
    place = np.empty(codes.size, np.int32)
    if kernels.places(codes, known, lookup, place):
        absent = sorted({*codes[known == 1].tolist()} - {*table.codes})
        raise GepError(f"土地覆盖代码 {absent} 在表中没有对应的行。", f"codes {absent} have no row", value=absent)
    return place


class Blocks:
    """Services over the blocks of one run. Close it at the end."""

    def __init__(self, prepared: Prepared, codes: list[str], flow: Flow | None, wanted: Collection[str]) -> None:
        self.prepared, self.codes, self.flow, self.wanted = prepared, codes, flow, wanted
        self.lookup = prepared.table.lookup()
        self.over = prepared.config.over()
        self.members = {code: prepared.table.members(services()[code].ecosystems) for code in codes}
        self.readers = Readers(prepared.layers, prepared.grid)
        self.table = dict(prepared.table.columns)
        if prepared.carbon is not None:
            carbon = prepared.carbon
            place = [carbon.codes.index(code) if code in carbon.codes else -1 for code in prepared.table.codes]
            self.table["carbon"] = np.array([carbon.columns["total"][one] if one >= 0 else np.nan for one in place])

    def close(self) -> None:
        """Close the files of all threads."""
        self.readers.close()

    def block(self, window: Any) -> Done:
        """All services of one block; every layer is read once."""
        read: dict[str, tuple[np.ndarray, np.ndarray]] = {}

        def layer(name: str) -> tuple[np.ndarray, np.ndarray]:
            if name not in read:
                read[name] = self.readers.read(name, window)
            return read[name]

        cover, known = layer("lulc")
        place = self.places(cover, known)
        zone = self.prepared.zones.cells[window.toslices()].ravel()
        done = Done(window)
        for code in self.codes:
            of_all = self.members[code].all()
            of_service = known if of_all else known & kernels.by_class(self.members[code], place)
            block = Block(self.prepared.config, window, zone, place, of_service, self.prepared.table.codes,
                          self.table, layer, self.over, self.places, self.flow)  # fmt: skip
            sums = np.zeros((len(self.prepared.zones.names) * block.classes, len(services()[code].sums)))
            rasters = services()[code].compute(block, sums)
            done.sums[code] = sums
            for name, values in rasters.items():
                if name in self.wanted:
                    done.rasters[name] = values.reshape(window.height, window.width)
        return done

    def places(self, codes: np.ndarray, known: np.ndarray) -> np.ndarray:
        """The place of each code in the table of classes."""
        return places(self.prepared.table, self.lookup, codes, known)

    def all(self, threads: int, first: int = 0) -> Iterator[Done]:
        """Every block in the order of the grid, without the ``first`` ones."""
        windows = islice(self.prepared.grid.windows(), first, None)
        return (done for _, done in in_order(windows, self.block, threads))
